"""Time has one source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.base import clock as base_clock
from tests.conftest import Clock


def test_real_time_is_in_utc_and_in_whole_milliseconds() -> None:
    moment = base_clock.now()
    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=5)


def test_time_is_simulated_for_as_long_as_it_is_asked_for() -> None:
    told = datetime(2026, 3, 2, tzinfo=UTC)
    with base_clock.reading(lambda: told):
        assert base_clock.now() == told
        with base_clock.reading(lambda: told + timedelta(days=1)):
            assert base_clock.now() == told + timedelta(days=1)
        assert base_clock.now() == told
    assert base_clock.now() != told


def test_the_clock_of_tests_stands_still_until_it_is_moved(clock: Clock) -> None:
    before = base_clock.now()
    assert base_clock.now() == before
    clock.advance(hours=2)
    assert base_clock.now() == before + timedelta(hours=2)
    clock.set(before)
    assert base_clock.now() == before
