"""What the public reads of matters through Open311: never anybody's words, names, numbers or exact place.

Description: category and place. Position: the middle of the grid (or of the smallest known place), rounded to 0.001°.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from linli.core.procedure import Procedure
from linli.matters.reference import Reference
from linli.procedures.categories import Catalogue, Category

OTHER: Final = "other"  # a matter whose category a person has still to decide
COLUMNS: Final = (
    *("id", "code", "stage", "category", "area", "opened_at", "closed_at", "updated_at", "outcome", "procedure"),
    *("procedure_version", "merged_into__code", "holder_unit__name", "kind", "promised"),
)
ROUNDED: Final = 3  # decimal places of a degree: about 100 m
# What could point at a person or at whom somebody complains of is told as “other”, and of its place only the county.
SENSITIVE: Final = ("civil", "discipline", "health", "justice", "party")
SENSITIVE_KINDS: Final = ("dispute", "help_in_danger")


def sensitive(category: str, kind: str) -> bool:
    """Whether a matter is told to the public without its subject and its place."""
    return category.partition(".")[0] in SENSITIVE or kind in SENSITIVE_KINDS


def w3(at: datetime | None) -> str | None:
    """An instant in the W3C's subset of ISO 8601, in UTC with Z."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def services(catalogue: Catalogue, language: str) -> list[dict[str, Any]]:
    """All categories as service types, those of streets and surroundings first, and one for everything else."""
    ordered = sorted(catalogue.by_code.values(), key=lambda c: (sensitive(c.code, ""), not c.code.startswith("urban.")))
    found = [_service(category, language) for category in ordered]
    words = ("Other", "Anything else; a person sorts it.", "other") if language == "en" else _OTHER_ZH
    found.append(
        {
            "service_code": OTHER,
            "service_name": words[0],
            "description": words[1],
            "metadata": False,
            "type": "realtime",
            "keywords": words[2],
            "group": words[0],
        }
    )
    return found


_OTHER_ZH = ("其他", "以上都不是，由工作人员研判。", "其他,不知道")


def _service(category: Category, language: str) -> dict[str, Any]:
    tongue = "en" if language == "en" else "zh"
    words = [k.word.replace(",", " ") for k in category.keywords if k.language.startswith(tongue)]
    return {
        "service_code": category.code,
        "service_name": category.label.said(language),
        "description": category.description.said(language),
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(words[:12]),
        "group": category.names[0].said(language),
    }


def definition(code: str) -> dict[str, Any]:
    """The definition of a service. No category asks questions of its own, so there are no attributes."""
    return {"service_code": code, "attributes": []}


def request(got: Mapping[str, Any], ref: Reference, language: str) -> dict[str, Any]:
    """One matter as the public reads it, from ``COLUMNS``."""
    covered = sensitive(got["category"], got["kind"])
    code = OTHER if covered else got["category"] or OTHER
    area = got["area"][:6] if covered else got["area"]
    category = ref.catalogue.by_code.get(code)
    name = category.label.said(language) if category else ("Other" if language == "en" else "其他")
    place = ref.index.full_name(area)
    lat, lon = position(area, ref)
    closed = got["closed_at"]
    return {
        "service_request_id": got["code"],
        "status": "open" if closed is None else "closed",
        "status_notes": notes(got, ref, language),
        "service_name": name,
        "service_code": code,
        "description": f"{name}，{place}" if language != "en" else f"{name}, {place}",
        "agency_responsible": None if covered else got["holder_unit__name"],
        "service_notice": None,
        "requested_datetime": w3(got["opened_at"]),
        "updated_datetime": w3(closed or got["updated_at"]),
        "expected_datetime": None if closed else w3(got["promised"]),
        "address": place,
        "address_id": area or None,
        "zipcode": None,
        "lat": lat,
        "long": lon,
        "media_url": None,
    }


def notes(got: Mapping[str, Any], ref: Reference, language: str) -> str:
    """How it stands, in the words of the procedure."""
    procedure: Procedure = ref.procedure(got["procedure"], got["procedure_version"])
    stage = procedure.stages[got["stage"]].labels.said(language)
    if got["merged_into__code"]:
        return f"{stage}: {got['merged_into__code']}"
    return stage


def position(area: str, ref: Reference) -> tuple[float | None, float | None]:
    """(lat, long) of the smallest known place around a matter; None, None where nothing is drawn."""
    for length in (15, 12, 9, 6, 4):
        entry = ref.index.get(area[:length]) if len(area) >= length else None
        if entry is not None and entry.lon is not None and entry.lat is not None:
            return round(entry.lat, ROUNDED), round(entry.lon, ROUNDED)
    return None, None
