"""POST requests: a form becomes a matter, through the same intake as every other door."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction

from linli.channels.open311.asking import param
from linli.channels.open311.formats import Several
from linli.channels.open311.shapes import OTHER
from linli.core.refusals import Refusal, Refused
from linli.core.snapshot import Actor
from linli.matters import reference
from linli.matters.drafting import Draft, Request, count, draft
from linli.matters.intake import Receipt, store
from linli.matters.reference import Reference
from linli.parties.access import Viewer
from linli.parties.tokens import viewer_for_token

SCOPE: Final = "matters:create"
DESCRIPTION: Final = 4000  # characters, by the specification
LINK: Final = 2000
ATTRIBUTES: Final = 100


def caller(api_key: str, at: datetime) -> Viewer:
    """The token behind an api_key. One query. Raises Refused("api_key_wrong")."""
    viewer = viewer_for_token(api_key, at) if api_key else None
    if viewer is None or SCOPE not in viewer.scopes:
        raise Refused("api_key_wrong", about="api_key")
    return viewer


def take(form: Any, viewer: Viewer, key: str, body: bytes, at: datetime, language: str) -> Receipt:
    """Understand, place and store a request. Raises Refused and Several, and nothing is stored."""
    ref = reference.current()
    made = draft(
        _request(form, ref, viewer, key, body, language), ref, at, Actor("token", viewer.id, viewer.name, frozenset())
    )
    count(made, ref)
    with transaction.atomic():
        outcome = store([_with_extras(made, form)], at=at)[0]
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


def _request(form: Any, ref: Reference, viewer: Viewer, key: str, body: bytes, language: str) -> Request:
    wrong: list[Refusal] = []
    code, description = param(form, "service_code"), param(form, "description")
    if not code:
        wrong.append(Refusal("field_missing", {"field": "service_code"}, "service_code"))
    elif code != OTHER and code not in ref.terms:
        raise Refused("category_unknown", about="service_code", category=code[:80])
    lat, lon = _degrees(form, "lat", wrong), _degrees(form, "long", wrong)
    address, address_id = param(form, "address_string"), param(form, "address_id")
    if (lat is None) != (lon is None) and not wrong:
        wrong.append(Refusal("field_missing", {"field": "lat" if lat is None else "long"}, "lat"))
    elif lat is None and not address and not address_id and not wrong:
        wrong.append(Refusal("field_missing", {"field": "lat + long | address_string | address_id"}, "lat"))
    if len(description) > DESCRIPTION:
        params = {"field": "description", "limit": DESCRIPTION, "length": len(description)}
        wrong.append(Refusal("field_too_long", params, "description"))
    link = param(form, "media_url")
    if link and not _is_link(link):
        wrong.append(Refusal("field_wrong", {"field": "media_url", "why": "http(s)://…"}, "media_url"))
    if wrong:
        raise Several(wrong)
    name = ref.terms_of("" if code == OTHER else code).labels.said(language)
    where = address if not description else ""
    return Request(
        text=description or f"{name} {where}".strip(),
        channel="open311",
        lon=lon,
        lat=lat,
        area=address_id,
        near=viewer.area,
        category="" if code == OTHER else code,
        contact_name=_name(form),
        contact_phone=param(form, "phone"),
        contact_email=param(form, "email"),
        address=address,
        language=language,
        scope=viewer.actor_id if key else "",
        key=key,
        body=body,
    )


def _degrees(form: Mapping[str, Any], name: str, wrong: list[Refusal]) -> float | None:
    text = param(form, name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    most = 90.0 if name == "lat" else 180.0
    if not -most <= value <= most:
        wrong.append(Refusal("field_wrong", {"field": name, "why": text[:40]}, name))
    return value


def _is_link(text: str) -> bool:
    """Whether it looks like a link. It is kept as a link and never opened from here."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(text) <= LINK and text.isprintable()


def _name(form: Mapping[str, Any]) -> str:
    """The names in the order of their language: 王芳, John Smith."""
    first, last = param(form, "first_name"), param(form, "last_name")
    if (first + last).isascii():
        return f"{first} {last}".strip()
    return last + first


def _with_extras(made: Draft, form: Any) -> Draft:
    """The draft with the link and the answers beside the reading: staff see them, the public does not."""
    given: dict[str, Any] = {}
    if link := param(form, "media_url"):
        given["media_url"] = link
    answers: dict[str, list[str]] = {}
    for name in list(form)[: ATTRIBUTES * 2]:
        if name.startswith("attribute[") and len(answers) < ATTRIBUTES:
            code = name[len("attribute[") :].partition("]")[0][:80]
            answers[code] = [value.replace("\x00", "")[:1000] for value in form.getlist(name)[:50]]
    if answers:
        given["attributes"] = answers
    if not given:
        return made
    matters = [row | {"reading": row["reading"] | {"given": given}} for row in made.rows["m"]]
    return replace(made, rows=made.rows | {"m": matters})
