"""The declarations in force: shipped ones, then the data folder's, then what was published from the administration
pages.

A broken one is left out with a log line and the last good one stays; the administration pages show the problems.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import connection

from linli.core.calendars import Calendar
from linli.core.procedure import Procedure, Terms
from linli.core.refusals import Refusal
from linli.kernel import declarations, settings
from linli.matters.case_models import PinnedProcedure
from linli.procedures import calendars as calendar_files
from linli.procedures import categories, load
from linli.procedures.categories import Body, Catalogue
from linli.procedures.reader import DeclarationError
from linli.procedures.routing import Routing, load_routing

log = logging.getLogger("linli.declarations")


@dataclass(frozen=True)
class Declared:
    """All declarations of one moment. *broken* says which were left out and why, one line each."""

    procedures: Mapping[tuple[str, int], Procedure]
    latest: Mapping[str, Procedure]
    catalogue: Catalogue
    terms: Mapping[str, Terms]
    calendars: Mapping[str, Calendar]
    routing: Routing
    broken: tuple[str, ...]
    bodies: Mapping[tuple[str, int], str] = field(default_factory=dict)
    pinned: frozenset[tuple[str, int]] = frozenset()


def load_all() -> Declared:
    """Read everything; six queries."""
    broken: list[str] = []
    pinned = _pinned()
    procedures, texts = _procedures(pinned, broken)
    latest: dict[str, Procedure] = {}
    for found in sorted(procedures.values(), key=lambda p: p.version):
        latest[found.id] = found
    catalogue = _catalogue(broken)
    terms = MappingProxyType({code: category.terms() for code, category in catalogue.by_code.items()})
    for line in broken:
        log.error("declaration left out: %s", line)
    return Declared(
        MappingProxyType(procedures),
        MappingProxyType(latest),
        catalogue,
        terms,
        _calendars(broken),
        _routing(broken),
        tuple(broken),
        texts,
        frozenset(pinned),
    )


def bodies(kind: str, shipped_kind: load.Kind, broken: list[str]) -> list[Body]:
    """The city's own bodies of one kind: files of the data folder, then published ones."""
    try:
        own = load.overrides(settings.current().data / "declarations", shipped_kind)
    except DeclarationError as error:
        broken.extend(str(p.why.en) for p in error.problems)
        own = {}
    published = {d.ident: d.body for d in declarations.current(kind)}
    return [Body(ident, text) for ident, text in {**own, **published}.items()]


def _pinned() -> dict[tuple[str, int], str]:
    """The bodies that have matters; none before their table is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('matters_pinnedprocedure') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return {}
    return {(p.ident, p.version): p.body for p in PinnedProcedure.objects.all()}


def _procedures(
    pinned: Mapping[tuple[str, int], str], broken: list[str]
) -> tuple[dict[tuple[str, int], Procedure], dict[tuple[str, int], str]]:
    """Every version that has matters or was ever published stays loadable: running matters are pinned to theirs.

    A body that differs from what its version was when its first matter opened is refused.
    """
    found: dict[tuple[str, int], Procedure] = {}
    texts: dict[tuple[str, int], str] = {}
    shipped = [Body(ident, body) for ident, body in load.shipped("procedures").items()]
    published = [Body(f"{d.ident} v{d.version}", d.body) for d in declarations.every("procedure")]
    own = bodies("procedure", "procedures", broken)
    kept = [Body(f"{ident} v{version}", body) for (ident, version), body in pinned.items()]
    for body in (*kept, *shipped, *published, *own):
        try:
            procedure = load.procedure(body.text, body.name)
        except DeclarationError as error:
            broken.extend(f"{p.where} {p.why.en}" for p in error.problems)
            continue
        key = procedure.id, procedure.version
        if pinned.get(key, body.text) != body.text:
            broken.append(Refusal("version_pinned", {"procedure": key[0], "version": key[1]}).words.en)
            continue
        found[key], texts[key] = procedure, body.text
    return found, texts


def _catalogue(broken: list[str]) -> Catalogue:
    good = list(categories.shipped_bodies())
    own = bodies("category", "catalogue", broken)
    if not categories.check([*good, *own]):  # as it should be; each alone only where something is wrong
        return categories.load([*good, *own])
    for body in own:
        problems = categories.check([*good, body])
        if problems:
            broken.extend(p.said("en") for p in problems)
        else:
            good.append(body)
    return categories.load(good)


def _calendars(broken: list[str]) -> Mapping[str, Calendar]:
    own = []
    for body in bodies("calendar", "calendars", broken):
        try:
            own.append(calendar_files.load(body.text, body.name))
        except calendar_files.CalendarError as error:
            broken.append(error.fault.said("en"))
    return calendar_files.merged(own, calendar_files.shipped())


def _routing(broken: list[str]) -> Routing:
    held = load_routing(load.shipped("routing")["default"], "default")
    for body in bodies("routing", "routing", broken):
        try:
            held = load_routing(body.text, body.name)
        except DeclarationError as error:
            broken.extend(f"{p.where} {p.why.en}" for p in error.problems)
    return held
