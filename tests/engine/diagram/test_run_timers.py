"""When timers are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram.run import timers
from tests.engine.diagram.builders import border, catch, cycle, file, line, start, timer, user
from tests.engine.diagram.playing import MORNING, Play

CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def due(written: str, now: datetime = MORNING, zone: ZoneInfo = CHINA) -> datetime:
    return timers.moment(timers.reckon(written, now, zone).due)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("PT1H", "2026-11-02T10:00:00+00:00"),
        ("P3D", "2026-11-05T09:00:00+00:00"),
        ("P1W", "2026-11-09T09:00:00+00:00"),
        ("P1DT2H3M4.5S", "2026-11-03T11:03:04.500000+00:00"),
        ("P1M", "2026-12-02T09:00:00+00:00"),
        ("P1Y2M", "2028-01-02T09:00:00+00:00"),
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00+00:00"),
        ("2026-12-24T18:00:00+08:00", "2026-12-24T10:00:00+00:00"),
        ("2026-12-24T18:00:00", "2026-12-24T10:00:00+00:00"),
        ("2026-12-24T18:00:00@Europe/Berlin", "2026-12-24T17:00:00+00:00"),
        ("2026-12-24", "2026-12-23T16:00:00+00:00"),
        ("R3/PT10H", "2026-11-02T19:00:00+00:00"),
        ("R/2027-01-01T00:00:00+08:00/P1M", "2026-12-31T16:00:00+00:00"),
    ],
)
def test_a_timer_is_due_when_iso_8601_says(written: str, expected: str) -> None:
    assert due(written) == at(expected)


def test_a_month_ends_on_the_last_day_it_has() -> None:
    assert due("P1M", at("2027-01-31T01:00:00+00:00"), BERLIN) == at("2027-02-28T01:00:00+00:00")


def test_months_keep_the_hour_of_the_office_when_its_clocks_change() -> None:
    assert due("P1M", at("2026-10-01T06:00:00+00:00"), BERLIN) == at("2026-11-01T07:00:00+00:00")


@pytest.mark.parametrize(
    "written",
    ["", "P", "PT", "soon", "P1H", "PT1D", "-P1D", "P9999Y", "P99999Y", "R", "R/", "R3/PT1S", "R/PT0S", "Rx/PT1H", "R/PT1H/PT2H/PT3H", "2026-13-01", "0 0 L * ?", "R/P1D/P1D/x", "2026-11-02T09:00:00@Nowhere/City"],
)  # fmt: skip
def test_what_says_no_time_is_refused(written: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        timers.reckon(written, MORNING, CHINA)


@given(st.text(alphabet="PRT/YMWDHS0123456789.:-+Z@", max_size=20))
def test_no_text_breaks_the_clockwork(written: str) -> None:
    try:
        found = timers.reckon(written, MORNING, CHINA)
    except (ValueError, OverflowError):
        return
    assert isinstance(timers.moment(found.due), datetime)


def timed(trigger: str, **answers: Any) -> Play:
    return Play(file(start(), user("a"), catch("t", trigger), line("s", "a", "t")), zone="Asia/Shanghai").do(
        "a", **answers
    )


@pytest.mark.parametrize(
    "written", ["PT1H", '"PT1H"', "'PT1H'", '= "PT1H"', '${"PT1H"}', 'duration("PT1H")', "wait", "${wait}"]
)
def test_a_timer_may_be_written_plainly_or_worked_out(written: str) -> None:
    assert timed(timer(written), wait="PT1H").at("t").due == MORNING + timedelta(hours=1)


def test_a_timer_may_be_reckoned_from_a_date_that_was_given() -> None:
    case = timed(timer('date(handed_in) + duration("P10D")', "timeDate"), handed_in="2026-11-10")
    assert case.at("t").due == datetime(2026, 11, 19, 16, tzinfo=UTC)


def test_now_is_the_moment_of_the_move() -> None:
    case = timed(timer('now() + duration("PT5M")', "timeDate"))
    assert case.at("t").due == MORNING + timedelta(minutes=5)


def test_a_date_without_an_offset_is_that_of_the_office() -> None:
    case = timed(timer("2026-11-20T09:00:00", "timeDate"))
    assert case.at("t").due == datetime(2026, 11, 20, 1, tzinfo=UTC)


def repeated(written: str) -> Play:
    drawn = file(
        start(),
        user("a"),
        border("t", "a", cycle(written), interrupting=False),
        user("b"),
        line("s", "a"),
        line("t", "b"),
    )
    return Play(drawn, zone="Asia/Shanghai")


def test_a_monthly_timer_comes_on_the_same_day_of_each_month() -> None:
    case = repeated("R/2026-11-30T09:00:00+08:00/P1M")
    days = []
    for _ in range(4):
        due_at = case.at("t").due
        assert due_at is not None
        days.append(due_at.astimezone(CHINA).strftime("%m-%d %H"))
        case.fire("t")
    assert days[:2] == ["11-30 09", "12-30 09"]


def test_a_timer_far_behind_is_caught_up_in_one_turn() -> None:
    case = repeated("R/PT1M")
    case.fire("t", late=timedelta(days=3650))
    assert case.at("t").due == case.now + timedelta(minutes=1)
    assert case.waiting == ["a", "b", "t"]


def test_missed_turns_count_as_turns() -> None:
    case = repeated("R3/PT1H")
    case.fire("t", late=timedelta(hours=1, minutes=1))
    assert case.at("t").due == MORNING + timedelta(hours=3)
    assert case.fire("t").waiting == ["a", "b", "b"]
