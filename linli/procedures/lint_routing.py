"""What is odd about rules of dispatch: those that can never win, and duties that nobody has."""

from collections.abc import Collection, Iterator

from linli.core.routing import RouteRule
from linli.procedures.categories import DUTIES
from linli.procedures.lint import Finding, located
from linli.procedures.reader import Problem, lines_of
from linli.procedures.routing import Routing


def lint_routing(routing: Routing, body: str = "", where: str = "", categories: Collection[str] = ()) -> list[Problem]:
    """All findings; with *categories* (codes) rules for categories that don't exist are found too."""
    lines = lines_of(body) if body else {}
    found = [*_shadowed(routing.rules), *_unknown(routing.rules, categories)]
    return [located(where or routing.id, lines, finding) for finding in found]


def _shadowed(rules: tuple[RouteRule, ...]) -> Iterator[Finding]:
    for n, rule in enumerate(rules):
        earlier = next((e for e in rules[:n] if covers(e, rule)), None)
        if earlier is not None:
            zh = f"永远轮不到：凡此规则能找到人的，前面的“{earlier.id}”已先找到"
            yield f"rules.{n}", "error", zh, f"it can never win: {earlier.id!r} before it always finds somebody first"


def _unknown(rules: tuple[RouteRule, ...], categories: Collection[str]) -> Iterator[Finding]:
    for n, rule in enumerate(rules):
        for duty in rule.duties:
            if duty not in DUTIES:
                yield f"rules.{n}.duties", "error", f"没有职责“{duty}”", f"there is no field of duty {duty!r}"
        for code in rule.categories:
            if categories and not any(c == code or c.startswith(f"{code}.") for c in categories):
                yield f"rules.{n}.categories", "error", f"没有分类“{code}”", f"there is no category {code!r}"


def covers(wide: RouteRule, narrow: RouteRule) -> bool:
    """Whether *wide* fits and finds somebody whenever *narrow* does."""
    finds = (
        wide.level == narrow.level
        and set(wide.roles) >= set(narrow.roles)
        and (wide.below or not narrow.below)
        and (narrow.by_duty or not wide.by_duty)
    )
    return finds and _fits_wherever(wide, narrow)


def _fits_wherever(wide: RouteRule, narrow: RouteRule) -> bool:
    flags = ((wide.urgent, narrow.urgent), (wide.sure, narrow.sure), (wide.quick, narrow.quick))
    sets = ((wide.duties, narrow.duties), (wide.kinds, narrow.kinds), (wide.weekdays, narrow.weekdays))
    return (
        all(w is None or w == n for w, n in flags)
        and all(not w or (n and set(n) <= set(w)) for w, n in sets)
        and (not wide.categories or _inside(narrow.categories, tuple(f"{c}." for c in wide.categories), "."))
        and (not wide.areas or _inside(narrow.areas, wide.areas, ""))
        and wide.hours in (None, narrow.hours)
    )


def _inside(narrow: tuple[str, ...], wide: tuple[str, ...], end: str) -> bool:
    return bool(narrow) and all(f"{one}{end}".startswith(wide) for one in narrow)
