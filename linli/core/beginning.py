"""When a clock begins and which deadline counts: the procedure's, the category's, or what a field says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from linli.core import clocks as clk
from linli.core.calendars import Calendar, zone_of
from linli.core.procedure import ClockRule, Term, Terms
from linli.core.spans import Span, Unit

LENGTHS = {Unit.MINUTE: 1, Unit.HOUR: 60}
"""Minutes of the units that run round the clock within a day."""


def begun(
    rule: ClockRule,
    terms: Terms,
    calendars: Mapping[str, Calendar],
    values: Mapping[str, object],
    at: datetime,
    cycle: int,
    *,
    urgent: bool = False,
) -> clk.Clock | None:
    """A new clock of *rule*: from *at*, or from or until what a field says; None while its field holds nothing."""
    if rule.until:
        end = instant_of(values.get(rule.until), calendars.get(rule.calendar), last=True)
        return clk.until(rule, end, at, cycle) if end is not None else None
    term = term_of(rule, terms, urgent=urgent)
    if term is None:
        return None
    if rule.since:
        since = instant_of(values.get(rule.since), calendars.get(term.calendar))
        return clk.start(rule, term, calendars, since, cycle) if since is not None else None
    return clk.start(rule, term, calendars, at, cycle)


def instant_of(value: object, calendar: Calendar | None, *, last: bool = False) -> datetime | None:
    """A day (its first instant, or its *last*) or an instant out of a form; None for what is neither."""
    if not isinstance(value, str) or not value:
        return None
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        zone = zone_of(calendar.zone if calendar else "Asia/Shanghai")
        at = (at + timedelta(days=1) if last else at).replace(tzinfo=zone)
    return at.astimezone(UTC)


def term_of(rule: ClockRule, terms: Terms, *, urgent: bool = False) -> Term | None:
    """The deadline that counts for a clock: the procedure's own, or the category's under the clock's name; none for
    one that ends when a field says so. An *urgent* matter has the rule's shorter one, where it declares one."""
    if rule.until:
        return None
    usual = Term(rule.within, rule.calendar, rule.source) if rule.within is not None else terms.deadlines.get(rule.id)
    if not urgent or rule.urgent is None or usual is None or _at_most(usual.span, rule.urgent):
        return usual
    return Term(rule.urgent, "always", rule.source)


def _at_most(span: Span, other: Span) -> bool:
    """Whether *span* is no longer than *other*; one of days or working hours counts as longer."""
    lengths = [LENGTHS.get(one.unit) for one in (span, other)]
    if lengths[0] is None or lengths[1] is None:
        return False
    return span.amount * lengths[0] <= other.amount * lengths[1]
