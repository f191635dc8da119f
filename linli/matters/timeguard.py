"""Trust in the system's time. When the wall clock jumps against the monotonic one, nothing fires until all is well
again.

All is well again when the time is back where it should be, or when a person confirms it (``linli sweep
--accept-time``).
"""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction

from linli.audit import actions as audit
from linli.kernel import stamps

log = logging.getLogger("linli.time")
TOLERANCE = 2.0  # seconds between two looks: time services slew by less
LONG_GAP = timedelta(days=7)  # nobody swept for so long: a wrong time or a long outage, a person should say which
ACCEPTED = "time_accepted"
BEAT = 5.0  # seconds between two notes of the time in the database


class TimeGuard:
    """One per sweeper. *held* says why clocks do not fire; empty while the time is trusted."""

    def __init__(self) -> None:
        self.held = ""
        self._offset: float | None = None
        self._sure = True  # False: started in a wrong time, so that the offset says nothing
        self._accepted = 0
        self._beaten = float("-inf")

    def trusted(self, wall: datetime, monotonic: float) -> bool:
        """Whether clocks may fire now. One query each five seconds, and one a look while held."""
        offset = wall.timestamp() - monotonic
        if self._offset is None:
            self._offset = offset
            self._begin(wall)
            self._sure = not self.held
        jump = offset - self._offset
        if not self.held and abs(jump) > TOLERANCE:
            self._hold(f"the system's time jumped by {jump:+.0f} seconds", wall)
        if self.held:
            back = (abs(jump) <= TOLERANCE or not self._sure) and self._past_is_past(wall)
            if back or stamps.read().get(ACCEPTED, 0) != self._accepted:
                self._release(wall, offset, "the time is right again" if back else "confirmed by a person")
            return not self.held
        self._offset = offset
        if monotonic - self._beaten >= BEAT:
            self._beaten = monotonic
            beat(wall)
        return True

    def _begin(self, wall: datetime) -> None:
        self._accepted = stamps.read().get(ACCEPTED, 0)
        last = last_beat()
        if last is None:
            return
        if (last - wall).total_seconds() > TOLERANCE:
            self._hold(f"clocks were last looked at on {last.isoformat()}, which is later than now", wall)
        elif wall - last > LONG_GAP:
            self._hold(f"clocks were last looked at on {last.isoformat()}, more than {LONG_GAP.days} days ago", wall)

    def _past_is_past(self, wall: datetime) -> bool:
        last = last_beat()
        return last is None or timedelta(seconds=-TOLERANCE) <= wall - last <= LONG_GAP

    def _hold(self, why: str, wall: datetime) -> None:
        self.held = why
        log.critical("clocks are held: %s. Check the time, then run: linli sweep --accept-time", why)
        audit.record("system:sweeper", "clocks_held", "time", why[:120], at=wall)

    def _release(self, wall: datetime, offset: float, why: str) -> None:
        log.warning("clocks run again: %s", why)
        audit.record("system:sweeper", "clocks_released", "time", why, at=wall, data={"was": self.held})
        self.held, self._offset, self._sure = "", offset, True
        self._accepted = stamps.read().get(ACCEPTED, 0)
        beat(wall)


_of_process: TimeGuard | None = None


def of_process() -> TimeGuard:
    """A guard for this process's clock loop; its other loops look at what it finds."""
    global _of_process
    _of_process = TimeGuard()
    return _of_process


def held() -> str:
    """Why nothing that depends on the time may be done in this process now; "" when it may."""
    return _of_process.held if _of_process else ""


def beat(wall: datetime) -> None:
    """Note the time at which clocks were looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matters_beat (name, at) VALUES ('sweep', %s)"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [wall],
        )


def last_beat() -> datetime | None:
    """When any sweeper last looked at the clocks and trusted the time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM matters_beat WHERE name = 'sweep'")
        row = cursor.fetchone()
        return row[0] if row else None


def accept(*, actor: str, at: datetime) -> None:
    """A person's word that the system's time is right: held sweepers go on."""
    with transaction.atomic():
        stamps.bump(ACCEPTED)
        audit.record(actor, "time_accepted", "time", at.isoformat(), at=at)
