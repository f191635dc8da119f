# ruff: noqa: E501
"""Invariant 7: a notice is sent at least once and shown once, whatever side of the sending is killed."""

from collections import Counter
from typing import Any

import pytest

from tests.invariants.house import House

PLACES = ("outbox.leased", "outbox.sent")


def run(house: House, notices: int, kills: int, defect: str = "") -> list[tuple[str, str | None, bool, str | None]]:
    """Senders that die at their failpoints until nothing waits: (message, its post, done, the notice's key) for each notice."""
    house.wipe()
    house.forked("tests.invariants.filling", str(notices))
    for number in range(kills + 1):
        armed = {"LINLI_FAILPOINT": f"{PLACES[number % 2]}:{1 + number % 2}"} if number < kills else {}
        code = house.forked("tests.invariants.sender", str(100 * number), LINLI_TEST_DEFECT=defect, **armed)
        assert (code == -9) == (number < kills), f"sender {number} ended with {code}"
    with house.settled() as own:
        return own.execute(
            "SELECT o.key, o.payload->>'post', o.done_at IS NOT NULL, n.key FROM kernel_outbox o LEFT JOIN matters_notice n"
            " ON n.matter_id = (o.payload->>'matter')::uuid AND n.post_id = (o.payload->>'post')::uuid"
            " AND n.data->>'seq' = o.payload->>'seq' WHERE o.topic = 'notice'"
        ).fetchall()


def check(rows: list[tuple[str, str | None, bool, str | None]]) -> list[str]:
    wrong = [f"{key} was never sent" for key, _, done, _ in rows if not done]
    wrong += [f"{key} was lost" for key, post, done, shown in rows if done and post and shown is None]
    return wrong + [
        f"{key} is shown {times} times" for key, times in Counter(row[0] for row in rows).items() if times > 1
    ]


@pytest.mark.timeout(0)
def test_each_notice_is_shown_once(house: House, scale: float) -> None:
    notices, kills = (10_000, 40) if scale == 1 else (1200, 4)
    rows = run(house, notices, kills)
    print(f"\n{len(rows)} notices, {kills} kills")
    assert len(rows) >= notices
    assert check(rows) == []


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("defect", "found"), [("mark_first", "lost"), ("no_key", "shown 2 times")])
def test_a_careless_sender_is_noticed(house: House, defect: str, found: str) -> None:
    # a kill between two marks is a matter of luck: a few tries, and one that shows it is enough
    assert any(any(found in wrong for wrong in check(run(house, 300, 2, defect))) for _ in range(5))


def test_what_cannot_be_sent_waits_for_a_person(town: Any) -> None:
    """A message that nobody handles fails for good and stays; the others go out."""
    from datetime import timedelta

    from linli.channels.notify import send_once
    from linli.kernel import outbox
    from linli.kernel.models import Outbox
    from tests.matters.town import T0

    outbox.put("nobody_knows", "1", {}, T0)
    send_once(T0 + timedelta(seconds=1))
    left = Outbox.objects.get(topic="nobody_knows")
    assert left.failed_at is not None
    assert left.done_at is None
    assert "nobody_knows" in left.error
