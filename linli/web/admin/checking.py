"""Checking a declaration before it is published: the same strict readers that load it, problem by problem."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from linli.core.calendars import Calendar
from linli.core.words import Words
from linli.matters import declared, reference, steering
from linli.procedures import calendars, categories, lint_routing, routing
from linli.procedures.categories import Body, Category
from linli.procedures.reader import DeclarationError, Problem
from linli.understanding.reading import Limits


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in which line; *field*: the form's field it is about, as far as that is known."""

    line: int
    words: Words
    field: str = ""
    warning: bool = False


def _line(where: str) -> int:
    found = re.search(r":(\d+)$", where)
    return int(found[1]) if found else 1


def _fault(problem: Problem) -> Fault:
    key = re.match(r'(?:keyword )?"(\w+)"', problem.why.en)
    field = key[1] if key else ""
    if problem.why.en.startswith("keyword "):
        field = "keywords"
    return Fault(_line(problem.where), problem.why, field, problem.level == "warning")


def category(ident: str, body: str) -> tuple[list[Fault], Category | None]:
    """Check a category's body on top of all the others; the category as it would be."""
    others = [b for b in declared.bodies("category", "catalogue", []) if b.name != ident]
    base = list(categories.shipped_bodies())
    for other in others:
        if not categories.check([*base, other]):
            base.append(other)
    own = Body(ident, body)
    problems = categories.check([*base, own])
    if problems:
        return [_fault(p) for p in problems], None
    found = categories.load([*base, own]).get(ident)
    if found is None:
        words = Words(f"内容里没有分类“{ident}”", f"the text does not declare the category {ident!r}")
        return [Fault(1, words)], None
    return [], found


def route(ident: str, body: str) -> tuple[list[Fault], routing.Routing | None]:
    """Check routing rules and lint them; a rule that can never win is an error, too."""
    try:
        made = routing.load_routing(body, ident)
    except DeclarationError as error:
        return [_fault(p) for p in error.problems], None
    codes = reference.current().catalogue.by_code
    found = [_fault(p) for p in lint_routing.lint_routing(made, body, ident, codes)]
    return found, made


def calendar(ident: str, body: str) -> tuple[list[Fault], Calendar | None]:
    """Check a calendar."""
    try:
        made = calendars.load(body, ident)
    except calendars.CalendarError as error:
        return [Fault(error.fault.line, error.fault.reason)], None
    if made.id != ident:
        return [Fault(1, Words(f"id 应为 {ident}", f"the id must be {ident}"))], None
    return [], made


def steer(ident: str, body: str) -> tuple[list[Fault], Limits | str | None]:
    """Check thresholds of understanding, or the model that is to be used."""
    try:
        return [], steering.model_of(body) if ident == steering.MODEL else steering.limits_of(body)
    except steering.BadSteering as bad:
        return [Fault(1, bad.words)], None


def of_kind(kind: str, ident: str, body: str) -> list[Fault]:
    """The errors of a body of any kind that can be published here."""
    checkers: Mapping[str, object] = {
        "category": category,
        "routing": route,
        "calendar": calendar,
        steering.KIND: steer,
    }
    checker = checkers[kind]
    faults, _made = checker(ident, body)  # type: ignore[operator]
    return [fault for fault in faults if not fault.warning]
