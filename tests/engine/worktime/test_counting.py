"""Working days and hours are added and measured as a clerk with a wall calendar would."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from chinese_calendar import is_workday
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Name
from engine.worktime.calendar import Exceptional, Hours, HoursUnfit, NeverWorks, WorkCalendar, fit_week
from engine.worktime.counting import add_time, day_after, days_between, time_between
from tests.engine.worktime.china import CHINA, DAY_HOURS, SHANGHAI, WEEK

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
INSTANTS = st.datetimes(datetime(2024, 1, 2), datetime(2026, 11, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the zone comes with it
EIGHT_TO_FIVE = fit_week([(Hours(time(8), time(17)),)] * 5 + [()] * 2)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_calendar_of_these_tests_is_the_one_two_libraries_know(year: int) -> None:
    known = holidays.country_holidays("CN", years=year)
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
    for day in days:
        assert CHINA.works_on(day) == is_workday(day) == known.is_working_day(day), day


@pytest.mark.parametrize(
    ("begin", "count", "end"),
    [
        # Spring Festival 2024: 10 to 17 February off, Sundays the 4th and the 18th worked
        ("2024-02-02", 1, "2024-02-04"), ("2024-02-02", 2, "2024-02-05"), ("2024-02-02", 6, "2024-02-09"),
        ("2024-02-02", 7, "2024-02-18"), ("2024-02-02", 8, "2024-02-19"), ("2024-02-12", 1, "2024-02-18"),
        # National Day 2024: 1 to 7 October off, 29 September and 12 October worked
        ("2024-09-27", 1, "2024-09-29"), ("2024-09-27", 2, "2024-09-30"), ("2024-09-27", 3, "2024-10-08"),
        ("2024-09-27", 7, "2024-10-12"), ("2024-09-27", 8, "2024-10-14"),
        # Spring Festival 2025: 28 January to 4 February off, 26 January and 8 February worked
        ("2025-01-24", 1, "2025-01-26"), ("2025-01-24", 2, "2025-01-27"), ("2025-01-24", 3, "2025-02-05"),
        ("2025-01-24", 6, "2025-02-08"), ("2025-01-24", 7, "2025-02-10"),
        # National Day and Mid-Autumn 2025: 1 to 8 October off, 28 September and 11 October worked
        ("2025-09-26", 1, "2025-09-28"), ("2025-09-26", 3, "2025-09-30"), ("2025-09-26", 4, "2025-10-09"),
        ("2025-09-26", 6, "2025-10-11"), ("2025-09-26", 7, "2025-10-13"),
        # Spring Festival 2026: 15 to 23 February off, 14 and 28 February worked
        ("2026-02-10", 5, "2026-02-24"), ("2026-01-26", 20, "2026-02-28"), ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"), ("2026-02-27", 1, "2026-02-28"), ("2026-02-27", 2, "2026-03-02"),
        # National Day 2026, the turn of the year, a leap day, backwards
        ("2026-09-30", 1, "2026-10-08"), ("2026-10-08", 3, "2026-10-12"), ("2025-12-31", 1, "2026-01-04"),
        ("2024-02-28", 1, "2024-02-29"), ("2026-02-24", -5, "2026-02-10"), ("2026-10-08", -1, "2026-09-30"),
        ("2026-02-28", -20, "2026-01-26"), ("2026-10-03", 0, "2026-10-08"), ("2026-10-08", 0, "2026-10-08"),
    ],
)  # fmt: skip
def test_the_nth_working_day_by_hand(begin: str, count: int, end: str) -> None:
    assert day_after(CHINA, date.fromisoformat(begin), count).isoformat() == end


@given(DAYS, st.integers(1, 200))
def test_adding_working_days_and_counting_them_are_inverse(begin: date, count: int) -> None:
    end = day_after(CHINA, begin, count)
    assert CHINA.works_on(end)
    assert days_between(CHINA, begin, end) == count
    if CHINA.works_on(begin) and end.year < 2027:
        assert day_after(CHINA, end, -count) == begin


@given(DAYS, DAYS, DAYS)
def test_counting_adds_up_and_keeps_order(one: date, other: date, third: date) -> None:
    assert days_between(CHINA, one, other) == -days_between(CHINA, other, one)
    assert days_between(CHINA, one, other) + days_between(CHINA, other, third) == days_between(CHINA, one, third)
    first, last = sorted((one, other))
    assert days_between(CHINA, first, last) == sum(
        CHINA.works_on(first + timedelta(days=number)) for number in range(1, (last - first).days + 1)
    )


@given(INSTANTS, st.timedeltas(timedelta(minutes=1), timedelta(hours=900)))
def test_adding_working_time_and_measuring_it_are_inverse(begin: datetime, length: timedelta) -> None:
    end = add_time(CHINA, begin, length)
    assert time_between(CHINA, begin, end) == length
    assert add_time(CHINA, end, -length) <= max(begin, add_time(CHINA, begin, timedelta(microseconds=1)))
    assert time_between(CHINA, add_time(CHINA, end, -length), end) == length


@given(INSTANTS, INSTANTS)
def test_a_long_measure_is_the_sum_of_its_days(one: datetime, other: datetime) -> None:
    begin, end = sorted((one, other))
    day, found = CHINA.local_day(begin), timedelta(0)
    while day <= CHINA.local_day(end):
        for begins, ends in CHINA.spans(day):
            found += max(min(ends, end) - max(begins, begin), timedelta(0))
        day += timedelta(days=1)
    assert time_between(CHINA, begin, end) == found


def test_a_working_day_is_not_a_day_of_24_hours() -> None:
    friday = datetime(2026, 3, 6, 16, 30, tzinfo=SHANGHAI)
    assert add_time(CHINA, friday, timedelta(hours=7)) == datetime(2026, 3, 9, 16, 30, tzinfo=SHANGHAI)
    assert add_time(CHINA, friday, timedelta(hours=1)) == datetime(2026, 3, 6, 17, 30, tzinfo=SHANGHAI)


def test_the_lunch_break_does_not_count() -> None:
    late_morning = datetime(2026, 3, 2, 11, 0, tzinfo=SHANGHAI)
    assert add_time(CHINA, late_morning, timedelta(hours=2)) == datetime(2026, 3, 2, 15, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 9), ("2026-03-29", 8), ("2026-10-25", 10)])
def test_where_the_clocks_change_real_time_is_counted(day: str, hours: int) -> None:
    nights = WorkCalendar(ZoneInfo("Europe/Berlin"), fit_week([(Hours(time(0), time(9)),)] * 7))
    ((begins, ends),) = nights.spans(date.fromisoformat(day))
    assert ends - begins == timedelta(hours=hours)


def test_two_zones_agree_to_the_second() -> None:
    begin = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
    elsewhere = begin.astimezone(ZoneInfo("America/New_York"))
    assert add_time(CHINA, begin, timedelta(hours=30)) == add_time(CHINA, elsewhere, timedelta(hours=30))


def test_days_of_its_own_count_over_those_above() -> None:
    own = WorkCalendar(
        SHANGHAI, WEEK, {date(2026, 10, 3): Exceptional(True, Name("on duty", "值班"), "the office")}, above=CHINA
    )
    assert own.works_on(date(2026, 10, 3))
    assert not own.works_on(date(2026, 10, 2))
    assert own.is_certain(2026)
    assert not own.is_certain(2027)


def test_a_day_worked_instead_has_the_hours_of_a_working_day() -> None:
    assert CHINA.hours_of(date(2026, 2, 14)) == DAY_HOURS
    short = (Hours(time(9), time(12)),)
    mornings = WorkCalendar(SHANGHAI, fit_week([DAY_HOURS] * 5 + [short, ()]), above=CHINA)
    assert mornings.hours_of(date(2026, 3, 7)) == short
    assert mornings.hours_of(date(2026, 2, 14)) == DAY_HOURS, "not the short hours of its Saturdays"


@pytest.mark.parametrize(
    "hours",
    [
        (Hours(time(12), time(8)),),
        (Hours(time(8), time(12)), Hours(time(11), time(17))),
        (Hours(time(8), time(8)),),
        (Hours(time(8), time(0)), Hours(time(20), time(22))),
    ],
)
def test_hours_that_cannot_be_are_refused(hours: tuple[Hours, ...]) -> None:
    with pytest.raises(HoursUnfit):
        fit_week([hours] * 7)


def test_a_week_without_an_hour_is_refused() -> None:
    with pytest.raises(NeverWorks):
        fit_week([()] * 7)


def test_the_end_of_the_day_may_be_midnight() -> None:
    late = WorkCalendar(SHANGHAI, fit_week([(Hours(time(20), time(0)),)] * 7))
    ((begins, ends),) = late.spans(date(2026, 3, 2))
    assert ends - begins == timedelta(hours=4)
