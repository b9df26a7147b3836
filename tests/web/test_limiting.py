"""How often something may be asked for, counted in this process as the library counts it elsewhere."""

from __future__ import annotations

from typing import Final

import pytest
from limits import parse_many

from tests.conftest import Clock
from web.limiting import IN_MEMORY, Limits, read

_ELSEWHERE: Final = "memory://elsewhere"
"""Any address but our own leads through the library."""


@pytest.mark.parametrize("store", [IN_MEMORY, _ELSEWHERE])
def test_one_too_many_must_wait_and_others_need_not(store: str) -> None:
    limits = Limits("2 per minute; 100 per hour", store, "sign-in")
    assert [limits.wait("a") for _ in range(2)] == [None, None]
    wait = limits.wait("a")
    assert wait is not None
    assert 0 < wait <= 60
    assert limits.wait("b") is None


def test_a_window_begins_with_the_first_time_and_ends(clock: Clock) -> None:
    limits = Limits("2 per 5 minutes, 3 per hour", IN_MEMORY, "sign-in")
    assert limits.wait("a") is None
    clock.advance(minutes=4)
    assert [limits.wait("a"), limits.wait("a")] == [None, 60]
    clock.advance(minutes=1)
    assert limits.wait("a") is None
    assert limits.wait("a") == 55 * 60  # the fourth within the hour


def test_what_is_over_is_not_kept(clock: Clock) -> None:
    limits = Limits("1 per minute", IN_MEMORY, "sign-in")
    for number in range(20):
        limits.wait(str(number))
        clock.advance(minutes=1)
    assert len(limits._count.__self__._open) <= 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("said", ["10 per minute; 100 per hour", "5/second", "1 per 2 days,7/month|3 PER YEAR"])
def test_it_is_read_as_the_library_reads_it(said: str) -> None:
    assert [(one.times, one.seconds) for one in read(said)] == [
        (one.amount, one.get_expiry()) for one in parse_many(said)
    ]


@pytest.mark.parametrize("said", ["", "often", "10 per", "10 per fortnight", "10 per minute;"])
def test_what_does_not_say_how_often_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="how often"):
        read(said)
