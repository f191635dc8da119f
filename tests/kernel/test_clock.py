"""The clock can be held, and returns."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from linli.kernel import clock


def test_now_is_aware_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_held_clock_returns_afterwards() -> None:
    instant = datetime(2030, 2, 3, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    with clock.at(instant):
        assert clock.now() == instant
        assert clock.now().hour == 4
    assert clock.now().year != 2030 or clock.now() != instant


def test_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2030, 1, 1)):  # noqa: DTZ001
        pass
