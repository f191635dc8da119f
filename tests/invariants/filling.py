# ruff: noqa: E501
"""Fills the house's database: ``python -m tests.invariants.filling COUNT [SPREAD]``; run in a process of its own.

COUNT matters; with SPREAD their response clocks warn within SPREAD seconds from soon on, and break two seconds later.
"""

import sys

import django

django.setup()

from django.db import connection  # noqa: E402

from linli.kernel import clock  # noqa: E402
from linli.matters import intake, reference  # noqa: E402
from linli.matters.drafting import RESIDENT, Request, draft  # noqa: E402
from tests.matters.town import GRID, GRID2  # noqa: E402

SOON = 4.0  # seconds until the first one warns


def fill(count: int) -> None:
    ref = reference.current()
    for start in range(0, count, 64):
        at = clock.now()
        several = [
            draft(Request("路灯不亮", "api", area=(GRID, GRID2)[n % 2], address=f"f{n}"), ref, at, RESIDENT)
            for n in range(start, min(count, start + 64))
        ]
        intake.store(several, at=at)


def bring_near(spread: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH t AS (SELECT id, now() + make_interval(secs => %s + random() * %s) AS warn FROM matters_clock WHERE rule = 'respond')"
            " UPDATE matters_clock c SET warn_at = t.warn, next_at = t.warn, due_at = t.warn + interval '2 seconds' FROM t WHERE t.id = c.id",
            [SOON, spread],
        )


if __name__ == "__main__":
    fill(int(sys.argv[1]))
    if len(sys.argv) > 2:
        bring_near(float(sys.argv[2]))
