"""The rates once more, from the event log alone: no clock rows, no columns of the matter, no SQL of the indicators.

It follows each matter event by event with a table of its own, and counts with plain loops.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

AFTER = {
    "claim": "working", "assign": "received", "hand_back": "triage", "classify": "received", "complete": "answered",
    "solved": "closed", "not_solved": "received", "silence": "closed", "correct": "triage", "ask_person": "triage",
    "withdraw": "withdrawn", "set_aside": "set_aside", "object": "triage", "merge": "merged", "unmerge": "triage",
}  # fmt: skip
WAITING = {"triage", "received"}
OUTCOME = {
    "withdraw": "withdrawn",
    "set_aside": "set_aside",
    "merge": "merged",
    "object": "",
    "unmerge": "",
    "not_solved": "",
}
FIVE = timedelta(minutes=5)


@dataclass
class Story:
    """What the events of one matter say."""

    cycles: list[tuple[datetime, datetime | None, str]] = field(default_factory=list)  # (due, stopped, by which step)
    words: list[tuple[datetime, str, int | None]] = field(default_factory=list)
    outcome: str = ""
    reason: str = ""


def told(events: list[Any]) -> Story:
    """Follow one matter."""
    story, due = Story(), None
    for event in events:
        stage = AFTER.get(event.step)
        if event.step == "open" or (stage in WAITING and due is None):
            due = event.at + FIVE
        elif stage is not None and stage not in WAITING and due is not None:
            story.cycles.append((due, event.at, event.step))
            due = None
        if event.step in OUTCOME:
            story.outcome = OUTCOME[event.step]
        if event.step == "set_aside":
            story.reason = event.data["reason"]
        if event.step in ("solved", "not_solved", "silence"):
            story.words.append((event.at, event.step, event.data.get("rating")))
    if due is not None:
        story.cycles.append((due, None, ""))
    return story


def left_out(story: Story) -> str:
    if story.outcome == "set_aside":
        return "test" if story.reason in ("test", "advertisement") else "set_aside"
    return story.outcome


def response(stories: list[Story], since: datetime, until: datetime, now: datetime) -> tuple[int, int, Counter[str]]:
    """(answered in time, all due, left out by reason)."""
    hit = due_count = 0
    left: Counter[str] = Counter()
    for story in stories:
        for due, stopped, step in story.cycles:
            decided = due if stopped is None else min(due, stopped)
            if not since <= decided < until or (stopped is None and due >= now):
                continue
            taken_back = step in ("merge", "withdraw", "set_aside") and stopped is not None and stopped < due
            if why := left_out(story) or ("undone" if taken_back else ""):
                left[why] += 1
                continue
            due_count += 1
            hit += stopped is not None and stopped < due
    return hit, due_count, left


def words(stories: list[Story], since: datetime, until: datetime, *, rated: bool) -> tuple[int, int, Counter[str]]:
    """Resolution, or with *rated* satisfaction."""
    hit = count = 0
    left: Counter[str] = Counter()
    for story in stories:
        said = [w for w in story.words if since <= w[0] < until]
        if not said:
            continue
        _, step, rating = said[-1]
        why = "merged" if story.outcome == "merged" else "silent" if step == "silence" else left_out(story)
        if not why and rated and rating is None:
            why = "unrated"
        if why:
            left[why] += 1
            continue
        count += 1
        hit += rating >= 4 if rated else step == "solved"
    return hit, count, left
