"""Small forms: inputs that keep what was typed, with a refusal shown at the field it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from linli.core.refusals import Refusal
from linli.core.words import Words
from linli.web.admin.common import language


@dataclass(frozen=True, slots=True)
class Input:
    """One control. *told*: the Chinese name by which a refusal speaks of it, where that is not the label."""

    name: str
    label: str
    type: str = "text"
    required: bool = True
    options: Sequence[tuple[str, str]] = ()
    help: str = ""
    told: str = ""
    value: str = ""
    chosen: tuple[str, ...] = ()
    error: str = ""


def filled(
    inputs: Iterable[Input], typed: Mapping[str, str] | None = None, refusal: Refusal | None = None
) -> list[Input]:
    """The inputs with what was typed and where it is wrong."""
    found = []
    for each in inputs:
        value = each.value if typed is None else typed.get(each.name, "")
        error = refusal.words.said(language()) if refusal and about(refusal, each) else ""
        found.append(replace(each, value=value, error=error))
    return found


def about(refusal: Refusal, each: Input) -> bool:
    """Whether the refusal speaks of this input."""
    field = refusal.params.get("field")
    names = {each.name, each.told, each.label}
    return refusal.about == each.name or (isinstance(field, Words) and bool({field.zh, field.en} & names - {""}))


def typed(request: HttpRequest, inputs: Iterable[Input]) -> dict[str, str]:
    """What the form held."""
    return {each.name: request.POST.get(each.name, "").replace("\x00", "").strip()[:2000] for each in inputs}


def instant(text: str, *, end: bool = False) -> datetime | None:
    """A day (its first moment, or with *end* its last) or an instant in the city's zone; None when it can't be read."""
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError:
        return None
    if day is not None:
        moment = datetime(day.year, day.month, day.day, 23 if end else 0, 59 if end else 0)  # noqa: DTZ001 (made aware below)
    if moment is None:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)
