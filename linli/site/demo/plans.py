"""What the people of the demo city will do next with a matter, and when: the only place where chance decides."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from linli.core.decide import open_ask
from linli.core.snapshot import Snapshot
from linli.site.demo.ledger import Life
from linli.site.demo.speech import Speech

CENTRE: Final = frozenset({"operator", "dispatcher", "centre_lead"})
HOUR: Final = 3600.0
NEVER: Final = -1.0


@dataclass(frozen=True, slots=True)
class Act:
    """A step that somebody means to take: *who* is holder, desk (the centre) or resident."""

    step: str
    who: str
    form: dict[str, object] = field(default_factory=dict)
    photo: bool = False


Plan = list[tuple[datetime, Act]]


class Plans:
    """Chances are chosen so that the three rates come out near 94, 88 and 91 per cent; nothing else depends on them."""

    def __init__(self, speech: Speech, zone: ZoneInfo) -> None:
        self.speech, self.zone = speech, zone

    def next(self, life: Life, at: datetime) -> Plan:
        """What is meant to happen from *at* on, given where the matter stands."""
        ways = {
            "triage": self._triage,
            "received": self._received,
            "working": self._working,
            "answered": self._answered,
        }
        found = ways.get(life.standing.snap.stage, self._ended)(life, at)
        return [(moment, act) for moment, act in found if moment > at]

    # times

    def _minutes(self, rng: Random, median: float, spread: float) -> timedelta:
        return timedelta(seconds=round(60 * median * math.exp(rng.gauss(0, spread)), 3))

    def _daytime(self, rng: Random, at: datetime) -> datetime:
        """The same instant, or after eight the next morning when it falls into the night."""
        local = at.astimezone(self.zone)
        if 7 <= local.hour < 22:
            return at
        morning = local.replace(hour=8, minute=rng.randint(0, 40), second=rng.randint(0, 59))
        return (morning if local.hour < 7 else morning + timedelta(days=1)).astimezone(at.tzinfo)

    # stages

    def _triage(self, life: Life, at: datetime) -> Plan:
        rng, script = life.rng, life.script
        if script.get("triage") == NEVER:
            return []
        moment = at + self._minutes(rng, 0.9, 0.45)
        if "advert" in script:
            reason = script["advert"]
            note = self.speech.set_aside(reason)
            return [(moment, Act("set_aside", "holder", {"reason": reason, "note": note}))]
        form: dict[str, object] = {"category": life.meant, "area": life.grid}
        return [(moment, Act("classify", "holder", form | {"note": self.speech.line(rng, "classify")}))]

    def _received(self, life: Life, at: datetime) -> Plan:
        rng, script, snap = life.rng, life.script, life.standing.snap
        if script.get("claim") == NEVER:
            return []
        if "claim" in script and not snap.reopened:
            return [(at + timedelta(minutes=script["claim"]), self._claim(life))]
        delay = self._minutes(rng, 1.8 if life.storm else 1.48, 0.6)
        if script.get("wrong") and snap.category != life.meant:
            return self._wrong(life, at + delay)
        if snap.reopened or life.turn > 3:
            down = self._assign(snap, at) if rng.random() < 0.45 else None
            return [(at + delay, self._given(rng, down) if down else self._claim(life))]
        return self._usual(life, at, delay)

    def _usual(self, life: Life, at: datetime, delay: timedelta) -> Plan:
        """Mostly the one who got it answers; some pass it on, and some residents want a person."""
        rng, snap = life.rng, life.standing.snap
        found: Plan = [(at + delay, self._claim(life))]
        roll = rng.random()
        if roll < 0.025 and (other := self._assign(snap, at)):
            return [(at + delay * 0.6, self._given(rng, other))]
        if roll < 0.035:
            return [(at + delay * 0.9, Act("hand_back", "holder", {"reason": self.speech.line(rng, "hand_back")}))]
        if roll < 0.041:
            found.append((at + delay * 0.8, Act("ask_person", "resident")))
        return found

    def _claim(self, life: Life) -> Act:
        snap = life.standing.snap
        seat = snap.roster.seats.get(snap.holder.post) if snap.holder.post else None
        note = self.speech.line(life.rng, "claim", seat.name if seat else "")
        return Act("claim", "holder", {"note": note} if note else {})

    def _wrong(self, life: Life, moment: datetime) -> Plan:
        """It was misunderstood: the resident corrects it, or who got it hands it back."""
        rng = life.rng
        if rng.random() < 0.4:
            return [(moment, Act("correct", "resident", {"note": self.speech.line(rng, "correct")}))]
        return [(moment, Act("hand_back", "holder", {"reason": self.speech.line(rng, "hand_back")}))]

    def _assign(self, snap: Snapshot, at: datetime) -> str | None:
        """Somebody else who could have it."""
        avoid = frozenset({snap.holder.post} if snap.holder.post else set())
        ask = replace(open_ask(snap, at), level="", avoid=avoid)
        seat = snap.roster.route(ask).seat
        return str(seat.post) if seat and seat.post != snap.holder.post else None

    def _given(self, rng: Random, post: str) -> Act:
        return Act("assign", "desk", {"post": post, "reason": self.speech.line(rng, "reassign")})

    def _working(self, life: Life, at: datetime) -> Plan:
        rng, script, snap = life.rng, life.script, life.standing.snap
        found: Plan = []
        if "pause" in script:
            note = self.speech.pause(rng, script["pause"])
            return [
                (at + self._minutes(rng, 4, 0.2), Act("pause", "holder", {"reason": script["pause"], "note": note}))
            ]
        if script.get("complete") == NEVER:
            return [(at + self._minutes(rng, 6, 0.5), self._note(rng, "progress", "holder"))]
        end = self._finish(life, at)
        if "complete" not in script:
            end = self._aside(life, at, end, found)
        note = self.speech.done(rng, snap.category, life.grid, again=snap.reopened > 0)
        photo = "photo" in snap.terms.evidence or rng.random() < 0.2
        return [*found, (end, Act("complete", "holder", {"note": note}, photo))]

    def _finish(self, life: Life, at: datetime) -> datetime:
        """When the work is done: most in good time, some too late."""
        rng, script, snap = life.rng, life.script, life.standing.snap
        if "complete" in script:
            return snap.opened_at + timedelta(minutes=script["complete"])
        clock = next((c for c in snap.clocks if c.rule == "complete" and c.state == "open"), None)
        whole = (clock.due_at - clock.started_at).total_seconds() if clock else HOUR
        if snap.reopened:
            return self._daytime(rng, at + self._minutes(rng, 80 if whole <= 2 * HOUR else 280, 0.55))
        if whole <= 2 * HOUR or snap.urgent:
            return at + timedelta(seconds=min(whole, 2 * HOUR) * 0.48 * math.exp(rng.gauss(0, 0.48)))
        wait = self._minutes(rng, 130 if whole < 30 * HOUR else 300, 0.95)
        if rng.random() > 0.04:  # the rest is late
            wait = min(wait, timedelta(seconds=whole * 0.9))
        return self._daytime(rng, at + wait)

    def _aside(self, life: Life, at: datetime, end: datetime, found: Plan) -> datetime:
        """What else may happen on the way; a pause moves the end."""
        rng, roll = life.rng, life.rng.random()
        middle = at + (end - at) * rng.uniform(0.3, 0.8)
        clock = next((c for c in life.standing.snap.clocks if c.rule == "complete" and c.state == "open"), None)
        if (roll < 0.05 or (life.storm and roll < 0.2)) and clock is not None and middle < clock.due_at:
            reason = "weather" if life.storm else rng.choice(["resident_absent", "parts", "other_agency"])
            form: dict[str, object] = {"reason": reason, "note": self.speech.pause(rng, reason)}
            back = self._daytime(rng, middle + self._minutes(rng, 200, 0.7))
            found += [(middle, Act("pause", "holder", form)), (back, Act("resume", "holder"))]
            return back + self._minutes(rng, 25, 0.4)
        if roll < 0.32:
            found.append((middle, self._note(rng, "progress", "holder")))
        elif roll < 0.36:
            found.append((middle, self._note(rng, "add", "resident")))
        elif roll < 0.375:
            note = self.speech.line(rng, "withdraw")
            found.append((middle, Act("withdraw", "resident", {"note": note} if note else {})))
        return end

    def _note(self, rng: Random, kind: str, who: str) -> Act:
        return Act(kind, who, {"note": self.speech.line(rng, kind)})

    def _answered(self, life: Life, at: datetime) -> Plan:
        """Two of three say whether it is solved; after a reopening most are tired of answering."""
        rng, script, again = life.rng, life.script, life.standing.snap.reopened > 0
        answer = script.get("answer")
        if answer == NEVER or (answer is None and rng.random() > (0.3 if again else 0.64)):
            return []
        if "answer_after" in script and not again:
            moment = at + timedelta(minutes=script["answer_after"])
        else:
            moment = self._daytime(rng, at + self._minutes(rng, 900 if again else 85, 1.1))
        good = rng.random() < (0.85 if again else 0.8) if answer is None or again else answer == "solved"
        return [(moment, self._verdict(rng, solved=good))]

    def _verdict(self, rng: Random, *, solved: bool) -> Act:
        form: dict[str, object] = {}
        if solved and rng.random() < 0.88:
            form["rating"] = rng.choices((5, 4, 3, 2), (63, 30, 5, 2))[0]
        elif not solved and rng.random() < 0.45:
            form["rating"] = rng.choices((4, 3, 2, 1), (10, 25, 40, 25))[0]
        note = self.speech.line(rng, "solved" if solved else "not_solved")
        if note and rng.random() < 0.6:
            form["note"] = note
        return Act("solved" if solved else "not_solved", "resident", form)

    def _ended(self, life: Life, at: datetime) -> Plan:
        """Few come back after the end."""
        rng, outcome = life.rng, life.row.get("outcome")
        if "complete" in life.script or life.standing.snap.reopened > 1:
            return []
        later = self._daytime(rng, at + self._minutes(rng, 700, 0.7))
        if outcome == "silent" and rng.random() < 0.015:
            return [(later, self._verdict(rng, solved=False))]
        if outcome == "set_aside" and life.script.get("advert") == "empty" and rng.random() < 0.3:
            return [(later, Act("object", "resident", {"note": "我留了电话的，请打给我，我说的是门口的事。"}))]
        return []
