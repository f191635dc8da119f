"""Writing what a step does beside stage and clocks: people, values, papers, extensions, sessions, seals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from linli.core.ids import uuid7
from linli.core.language import Change, Paper
from linli.core.procedure import Procedure
from linli.core.refusals import Refused
from linli.matters import known
from linli.matters.case_models import Extension, Participant, Session, Value
from linli.matters.case_models import Paper as PaperRow
from linli.matters.models import Matter
from linli.matters.tracking import tracking_code, tracking_digest
from linli.parties.models import Unit
from linli.places import queries as places


@dataclass(frozen=True, slots=True)
class Scene:
    """The matter that changes: after its event *seq* was written."""

    matter: UUID
    procedure: Procedure
    area: str
    seq: int
    at: datetime
    zone: ZoneInfo


def apply(scene: Scene, changes: Sequence[Change]) -> None:
    """Write *changes* in the caller's transaction; the sub-matters among them are opened by ``opening``.

    Raises Refused (unit_unknown).
    """
    values = [c.data for c in changes if c.kind == "value"]
    if values:
        _values(scene, values)
    for change in changes:
        write = WRITERS.get(change.kind)
        if write is not None:
            write(scene, change.data)


def _values(scene: Scene, given: Sequence[Any]) -> None:
    """One statement for all fields. The statement and contact of the opening stand elsewhere."""
    rule = scene.procedure.opening
    own = {rule.statement, *known.CONTACT} if rule is not None and scene.seq == 1 else set()
    rows = [
        Value(
            matter_id=scene.matter,
            field=one["field"],
            value=one["value"],
            personal=one["personal"],
            keep=one["keep"],
            seq=scene.seq,
            at=scene.at,
        )
        for one in {v["field"]: v for v in given}.values()
        if one["field"] not in own
    ]
    Value.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["matter", "field"],
        update_fields=["value", "personal", "keep", "seq", "at", "erased_at"],
    )


def _join(scene: Scene, data: Any) -> None:
    ident = uuid7(int(scene.at.timestamp() * 1000))
    unit = data.get("unit") or None
    name = str(data.get("name") or "")
    if data["kind"] == "unit":
        standing = Q(active_to__isnull=True) | Q(active_to__gt=scene.at)
        found = Unit.objects.filter(standing, pk=unit).first() if unit else None
        if found is None:
            raise Refused("unit_unknown", about="unit")
        name = found.name
    own = data["kind"] == "contact"
    Participant.objects.create(
        id=ident,
        matter_id=scene.matter,
        role=data["role"],
        kind=data["kind"],
        post_id=data.get("post") or None,
        unit_id=unit,
        name=name[:60],
        phone=str(data.get("phone") or "")[:30],
        consent=data.get("consent", ""),
        consent_at=scene.at if data.get("consent") == "given" else None,
        opener=data.get("opener", False),
        barred=data.get("barred", False),
        digest=tracking_digest(tracking_code(ident)) if own else None,
        joined_at=scene.at,
    )


def _leave(scene: Scene, data: Any) -> None:
    Participant.objects.filter(pk=data["id"], matter=scene.matter).update(left_at=scene.at)


def _bar(scene: Scene, data: Any) -> None:
    Participant.objects.filter(pk=data["id"], matter=scene.matter).update(left_at=scene.at, barred=True)


def _consent(scene: Scene, data: Any) -> None:
    rows = Participant.objects.filter(pk=data["id"], matter=scene.matter)
    rows.update(consent=data["state"], consent_at=scene.at)


def _session(scene: Scene, data: Any) -> None:
    at = datetime.fromisoformat(data["at"]).astimezone(UTC)
    Session.objects.create(
        matter_id=scene.matter,
        kind=data["kind"],
        at=at,
        place=data["place"][:200],
        post_id=data["post"] or None,
        seq=scene.seq,
    )


def _paper(scene: Scene, data: Any) -> None:
    rule = scene.procedure.papers[data["paper"]]
    number = _numbered(scene, rule) if rule.number else ""
    PaperRow.objects.create(matter_id=scene.matter, paper=rule.id, number=number, seq=scene.seq, at=scene.at)


_DIGITS = {"city": 4, "county": 6, "township": 9, "unit": 15}


def _numbered(scene: Scene, rule: Paper) -> str:
    """The next number of its year and place: numbers of one form and place never repeat."""
    area = scene.area[: _DIGITS[rule.per]]
    names = [entry.name for entry in places.chain(area)]
    year = scene.at.astimezone(scene.zone).year
    scope = f"{rule.number}:{area}:{year}"[:120]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matters_papercounter AS c (scope, n) VALUES (%s, 1)"
            " ON CONFLICT (scope) DO UPDATE SET n = c.n + 1 RETURNING n",
            [scope],
        )
        n = cursor.fetchone()[0]
    return rule.number.format(year=year, n=n, area=area, short=names[-1] if names else area)[:80]


def _extension(scene: Scene, data: Any) -> None:
    Extension.objects.create(
        matter_id=scene.matter,
        rule=data["clock"],
        cycle=data["cycle"],
        extension=data["extension"],
        was=data["was"],
        due=data["due"],
        seq=scene.seq,
        at=scene.at,
    )


def _seal(scene: Scene, data: Any) -> None:
    Matter.objects.filter(pk=scene.matter).update(sealed=data["class"])


WRITERS: dict[str, Callable[[Scene, Any], None]] = {
    "join": _join,
    "leave": _leave,
    "bar": _bar,
    "consent": _consent,
    "session": _session,
    "paper": _paper,
    "extension": _extension,
    "seal": _seal,
}
