"""What hangs on the chain besides events: texts and files whose digests the events hold, and the published seals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.core import chain
from linli.matters.models import Evidence, Remark, Seal, Statement


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: *where* is a matter's code or ``seal N``."""

    where: str
    what: str


def texts(codes: Mapping[UUID, str], events: Mapping[UUID, Sequence[chain.Event]]) -> Iterator[Fault]:
    """Whether statements, remarks and files are what the events vouch for; erased ones say nothing. Three queries."""
    statements = {s.matter_id: s for s in Statement.objects.filter(matter__in=list(codes))}
    remarks: dict[tuple[UUID, int], dict[str, Remark]] = {}
    for remark in Remark.objects.filter(matter__in=list(codes)):
        remarks.setdefault((remark.matter_id, remark.seq), {})[remark.field] = remark
    files: dict[tuple[UUID, int], list[str]] = {}
    for matter, seq, digest in Evidence.objects.filter(matter__in=list(codes)).values_list("matter", "seq", "sha256"):
        files.setdefault((matter, seq), []).append(digest)
    for matter, code in codes.items():
        kept = statements.get(matter)
        if kept is None:
            yield Fault(code, "what the resident said is gone")
            continue
        for event in events[matter]:
            held = remarks.pop((matter, event.seq), {})
            yield from (Fault(code, f"Event {event.seq}: {what}") for what in _words(event, kept, held))
            if sorted(files.pop((matter, event.seq), [])) != sorted(map(str, event.data.get("files", ()))):
                yield Fault(code, f"Event {event.seq}: its files are not the ones it was recorded with")
    yield from (Fault(codes[matter], f"a text of event {seq}, which is not there") for matter, seq in remarks)
    yield from (Fault(codes[matter], f"a file of event {seq}, which is not there") for matter, seq in files)


def _words(event: chain.Event, kept: Statement, held: Mapping[str, Remark]) -> Iterator[str]:
    """What is wrong with the texts of one event."""
    salt = bytes(kept.salt)
    if (
        event.step == "open"
        and kept.erased_at is None
        and event.data.get("text") != _digest(salt, kept.part or kept.text)
    ):
        yield "what the resident said was changed"
    vouched: Mapping[str, Any] = event.data.get("texts") or {}
    for field, digest in vouched.items():
        remark = held.get(field)
        if remark is None:
            yield f"its text “{field}” is gone"
        elif remark.erased_at is None and kept.erased_at is None and _digest(salt, remark.text) != digest:
            yield f"its text “{field}” was changed"
    yield from (f"its text “{field}” was added afterwards" for field in held if field not in vouched)


def _digest(salt: bytes, text: str) -> str:
    try:
        return chain.personal_digest(salt, text)
    except ValueError:
        return ""  # a salt that is too short was tampered with: nothing fits it


def line(made: Seal) -> str:
    """A seal as it is published."""
    return f"{made.number} {made.at.isoformat()} {made.until.isoformat()} {made.count} {bytes(made.hash).hex()}"


def published(path: Path) -> dict[int, str]:
    """The published seals by number; empty when there is no such file yet."""
    if not path.exists():
        return {}
    lines = path.read_text("ascii", errors="replace").splitlines()
    return {int(one.split(" ", 1)[0]): one for one in lines if one.split(" ", 1)[0].isdecimal()}


def against_published(path: Path) -> Iterator[Fault]:
    """Whether each published seal still stands in the database as it was published."""
    kept = {made.number: line(made) for made in Seal.objects.order_by("number")}
    for number, said in published(path).items():
        if kept.get(number) != said:
            yield Fault(f"seal {number}", "it is not the one that was published in seals.log")
    for number in range(1, max(kept, default=0) + 1):
        if number not in kept:
            yield Fault(f"seal {number}", "it is gone")
