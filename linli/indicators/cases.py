"""The SQL behind the vocabulary: which rows are cases, why one is left out, when one counts as reached.

Texts here are fixed; every value travels as a parameter, bound in the client, so that partial indexes apply.
"""

from datetime import datetime
from typing import Any, Final

from linli.indicators.declared import Indicator

# A clock's cycle is decided once: when it was stopped in time, or when it fell due. What was decided never moves later.
_CLOCK = """
SELECT c.matter_id, c.stopped_at, c.due_at, LEAST(c.stopped_at, c.due_at) AS at, '' AS step, NULL::int AS rating
  FROM matters_clock c
 WHERE c.state = 'stopped' AND c.rule IN ('respond', 'complete') AND c.rule = %(rule)s
   AND LEAST(c.stopped_at, c.due_at) >= %(since)s AND LEAST(c.stopped_at, c.due_at) < %(until)s
UNION ALL
SELECT c.matter_id, NULL, c.due_at, c.due_at, '', NULL
  FROM matters_clock c
 WHERE c.state = 'open' AND c.rule = %(rule)s AND c.due_at >= %(since)s AND c.due_at < LEAST(%(until)s, %(now)s)
"""
# A resident's last word within the period (with {day}: within each day).
_WORD = """
SELECT DISTINCT ON (e.matter_id{day}) e.matter_id, NULL::timestamptz AS stopped_at, NULL::timestamptz AS due_at,
       e.at, e.step, CASE WHEN e.data ? 'rating' THEN (e.data->>'rating')::int END AS rating
  FROM matters_event e
 WHERE e.step IN ('solved', 'not_solved', 'silence') AND e.step = ANY(%(steps)s)
   AND e.at >= %(since)s AND e.at < %(until)s
 ORDER BY e.matter_id{day}, e.seq DESC
"""
DAY: Final = "(({0}at AT TIME ZONE %(zone)s)::date)"
_PREDICATES: Final = {
    "decided": "TRUE",
    "in_time": "(c.stopped_at IS NOT NULL AND c.stopped_at < c.due_at)",
    "answered": "c.step <> 'silence'",
    "said_solved": "c.step = 'solved'",
    "rated": "c.rating IS NOT NULL",
    "rating_at_least": "(c.rating >= %(least)s)",
}
_TEST = """(m.outcome = 'set_aside' AND (SELECT e.data->>'reason' FROM matters_event e WHERE e.matter_id = m.id
 AND e.step = 'set_aside' ORDER BY e.seq DESC LIMIT 1) IN ('test', 'advertisement'))"""
# Stopped in time by an ending that was taken back later: nobody answered, and the next cycle counts from then anew.
_UNDONE = """(c.stopped_at < c.due_at AND (c.matter_id, COALESCE(c.stopped_at, '-infinity')) IN (
 SELECT e.matter_id, e.at FROM matters_event e
  WHERE e.step IN ('merge', 'withdraw', 'set_aside') AND e.at >= %(since)s AND e.at < %(until)s))"""
_REASONS: Final = {
    "merged": "m.outcome = 'merged'",
    "withdrawn": "m.outcome = 'withdrawn'",
    "test": _TEST,
    "set_aside": "m.outcome = 'set_aside'",
    "undone": _UNDONE,
    "silent": "c.step = 'silence'",
    "unrated": "c.rating IS NULL",
}


def rows(indicator: Indicator, *, by_day: bool = False) -> str:
    """The cases of a period, one a row."""
    if indicator.of == "clock":
        return _CLOCK
    return _WORD.format(day=", " + DAY.format("e.") if by_day else "")


def reason(indicator: Indicator) -> str:
    """Why a case is left out, or ''; a case outside the denominator for no declared reason is ``other``."""
    declared = " ".join(f"WHEN {_REASONS[e.id]} THEN '{e.id}'" for e in indicator.exclusions)
    counted = " AND ".join(_PREDICATES[name] for name in indicator.denominator)
    return f"CASE {declared} WHEN NOT ({counted}) THEN 'other' ELSE '' END"


def reached(indicator: Indicator) -> str:
    """Whether a case counts above the line."""
    return " AND ".join(_PREDICATES[name] for name in indicator.numerator)


def parameters(indicator: Indicator, since: datetime, until: datetime, now: datetime, zone: str) -> dict[str, Any]:
    """What the texts above refer to."""
    return {
        "rule": indicator.rule,
        "steps": list(indicator.steps),
        "least": indicator.least,
        "since": since,
        "until": until,
        "now": now,
        "zone": zone,
    }
