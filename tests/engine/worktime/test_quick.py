"""Working time looked up is working time counted, to the millisecond, whatever the calendar."""

from __future__ import annotations

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.base.text import Name
from engine.worktime.calendar import Exceptional, Hours, WorkCalendar
from engine.worktime.counting import time_between
from engine.worktime.quick import Worked, worked, worked_between

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
WEEKS = (
    ((Hours(time(9), time(17)),),) * 5 + ((), ()),
    ((Hours(time(8, 30), time(12)), Hours(time(14), time(17, 30))),) * 5 + ((Hours(time(9), time(11)),), ()),
    ((Hours(time(0), time(0)),),) * 7,
    ((Hours(time(1), time(2, 30)), Hours(time(2, 30), time(4))),) * 7,  # across the hour the clocks leave out
)
DAYS = {
    date(2025, 12, 25): Exceptional(False, Name("holiday", "假日"), "test"),
    date(2026, 2, 14): Exceptional(True, Name("worked", "上班"), "test"),
    date(2026, 3, 4): Exceptional(True, Name("short", "半天"), "test", (Hours(time(9), time(10)),)),
}
CALENDARS = [WorkCalendar(ZoneInfo(zone), week, DAYS) for zone in ZONES for week in WEEKS]
instants = st.integers(0, 2 * 366 * 86_400_000).map(
    lambda number: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(milliseconds=number)
)


@settings(max_examples=150)
@given(st.sampled_from(CALENDARS), instants, instants)
def test_what_is_looked_up_is_what_is_counted(calendar: WorkCalendar, begin: datetime, end: datetime) -> None:
    assert worked_between(calendar, begin, end) == time_between(calendar, begin, end)


@pytest.mark.parametrize("calendar", CALENDARS[4:12])
def test_also_around_the_nights_on_which_the_clocks_are_put(calendar: WorkCalendar) -> None:
    for night in (
        datetime(2026, 3, 29, tzinfo=UTC),
        datetime(2025, 11, 2, tzinfo=UTC),
        datetime(2026, 3, 8, tzinfo=UTC),
    ):
        for hours in range(-30, 30, 5):
            begin = night + timedelta(hours=hours, minutes=17)
            assert worked_between(calendar, begin, night) == time_between(calendar, begin, night)


def test_it_stays_right_while_it_grows_to_earlier_and_later_years() -> None:
    line = Worked(CALENDARS[0])
    points = [datetime(year, 6, 3, 4, 5, tzinfo=UTC) for year in (2026, 2020, 2031, 2024, 2026)]
    for begin in points:
        for end in points:
            found = line.between(int(begin.timestamp() * 1000), int(end.timestamp() * 1000))
            assert timedelta(milliseconds=found) == time_between(CALENDARS[0], begin, end)


def test_it_stays_right_while_several_threads_let_it_grow() -> None:
    usual = sys.getswitchinterval()
    years = range(1995, 2055, 3)
    asked = [
        (int(datetime(a, 6, 3, 4, tzinfo=UTC).timestamp() * 1000), int(datetime(b, 2, 3, 10, tzinfo=UTC).timestamp() * 1000))
        for a in years for b in years
    ]  # fmt: skip
    alone = Worked(CALENDARS[0])
    right = [alone.between(*one) for one in asked]
    try:
        sys.setswitchinterval(1e-6)
        for seed in range(6):
            line, order = Worked(CALENDARS[0]), list(range(len(asked)))
            random.Random(seed).shuffle(order)

            def ask(places: list[int], line: Worked = line) -> list[bool]:
                return [line.between(*asked[one]) == right[one] for one in places]

            with ThreadPoolExecutor(4) as pool:
                assert all(all(found) for found in pool.map(ask, [order[part::4] for part in range(4)]))
    finally:
        sys.setswitchinterval(usual)


def test_a_calendar_is_added_up_once() -> None:
    assert worked(CALENDARS[0]) is worked(CALENDARS[0])
    assert worked(CALENDARS[0]) is not worked(CALENDARS[1])
