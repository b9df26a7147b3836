"""Lengths of time as diagrams write them, and when each is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import days_between, time_between
from engine.worktime.periods import Period, Unit, due_at, end_of
from engine.worktime.spans import Span, after, share_used, span
from tests.engine.worktime.china import CHINA, SHANGHAI
from tests.engine.worktime.golden import BERLIN, NIGHTS


def at(written: str, calendar: WorkCalendar = CHINA) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=calendar.zone)


@pytest.mark.parametrize(
    ("written", "working", "found"),
    [
        ("P3D", True, Span(3, Unit.WORKING_DAYS)),
        ("P3D", False, Span(3, Unit.CALENDAR_DAYS)),
        ("P2W", False, Span(14, Unit.CALENDAR_DAYS)),
        ("PT8H", True, Span(8, Unit.WORKING_HOURS)),
        ("PT8H", False, Span(8, Unit.HOURS)),
        ("PT90M", True, Span(1.5, Unit.WORKING_HOURS)),
        ("P1DT12H", False, Span(36, Unit.HOURS)),
        ("P1DT4H", True, Span(1, Unit.WORKING_DAYS, 4)),
        ("P1M", True, Span(1, Unit.MONTHS)),
        ("P1Y2M", False, Span(14, Unit.MONTHS)),
        ("PT0S", False, Span(0, Unit.HOURS)),
    ],
)
def test_a_length_is_read_as_it_is_written(written: str, working: bool, found: Span) -> None:
    assert span(written, working) == found


@pytest.mark.parametrize("written", ["", "P", "PT", "3D", "P-3D", "R/P1D", "P3X", "${days}", "2026-03-02", "P٣D"])
def test_what_is_no_length_is_none(written: str) -> None:
    assert span(written, working=True) is None


@pytest.mark.parametrize(
    ("written", "working", "begin", "over"),
    [
        ("P1D", True, "2026-03-02T09:00", "2026-03-03T17:30"),  # to the end of business, not to 9:00
        ("P1D", False, "2026-03-02T09:00", "2026-03-03T09:00"),
        ("P1D", True, "2026-03-06T16:00", "2026-03-09T17:30"),  # over a weekend
        ("P1D", True, "2026-02-13T09:00", "2026-02-14T17:30"),  # to a Saturday that is worked
        ("P1D", True, "2026-02-14T09:00", "2026-02-24T17:30"),  # over Spring Festival
        ("PT4H", True, "2026-03-02T09:00", "2026-03-02T15:00"),  # over the lunch break
        ("PT4H", False, "2026-03-02T09:00", "2026-03-02T13:00"),
        ("PT1H", True, "2026-03-02T20:00", "2026-03-03T09:30"),  # begun in the evening
        ("P1DT4H", True, "2026-03-02T09:00", "2026-03-04T14:30"),  # 4 hours of the day behind the working day
        ("P1M", True, "2026-01-31T11:00", "2026-02-28T11:00"),
    ],
)
def test_a_length_is_over_when_it_is_by_hand(written: str, working: bool, begin: str, over: str) -> None:
    found = span(written, working)
    assert found is not None
    assert after(found, CHINA, at(begin)) == at(over)


def test_days_that_are_not_working_days_have_24_hours_where_the_clocks_change() -> None:
    begin = at("2026-03-28T12:00", BERLIN)
    assert after(Span(1, Unit.CALENDAR_DAYS), BERLIN, begin) == at("2026-03-29T13:00", BERLIN)
    assert after(Span(1, Unit.MONTHS), BERLIN, begin) == at("2026-04-28T12:00", BERLIN)


def test_business_ends_with_the_last_hour_of_the_day_and_else_the_day_itself() -> None:
    assert end_of(at("2026-03-02T00:00").date(), CHINA) == at("2026-03-02T17:30")
    assert end_of(at("2026-03-01T00:00").date(), CHINA) == at("2026-03-01T23:59:59")
    midnight = end_of(at("2026-03-02T00:00").date(), NIGHTS)
    assert NIGHTS.local_day(midnight).isoformat() == "2026-03-02"


BEGINS = st.datetimes(datetime(2024, 1, 2), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the zone comes with it
CALENDARS = st.sampled_from([CHINA, BERLIN])


@given(CALENDARS, st.integers(1, 60), BEGINS)
def test_working_days_added_and_measured_are_inverse_and_end_with_business(
    calendar: WorkCalendar, count: int, begin: datetime
) -> None:
    over = after(Span(count, Unit.WORKING_DAYS), calendar, begin)
    assert days_between(calendar, calendar.local_day(begin), calendar.local_day(over)) == count
    assert over == calendar.spans(calendar.local_day(over))[-1][1]
    assert over == due_at(Period(count, Unit.WORKING_DAYS), calendar, begin)


@given(CALENDARS, st.floats(0.1, 300), BEGINS)
def test_working_hours_added_and_measured_are_inverse(calendar: WorkCalendar, hours: float, begin: datetime) -> None:
    over = after(Span(hours, Unit.WORKING_HOURS), calendar, begin)
    assert time_between(calendar, begin, over) == hours * timedelta(hours=1)


@given(CALENDARS, st.sampled_from(["P3D", "PT9H", "P1D", "P1M", "PT30M", "P1DT2H"]), st.booleans(), BEGINS, BEGINS)
def test_who_begins_later_is_never_due_earlier(
    calendar: WorkCalendar, written: str, working: bool, one: datetime, other: datetime
) -> None:
    found = span(written, working)
    assert found is not None
    first, last = sorted((one, other))
    assert after(found, calendar, first) <= after(found, calendar, last)


@given(CALENDARS, BEGINS)
def test_a_working_day_is_never_just_24_hours(calendar: WorkCalendar, begin: datetime) -> None:
    """It ends with business on the next day that is worked, whatever the time it began."""
    over = after(Span(1, Unit.WORKING_DAYS), calendar, begin)
    local = begin.astimezone(calendar.zone)
    assert calendar.local_day(over) > local.date()
    if local.time() != over.astimezone(calendar.zone).time():
        assert over - begin != timedelta(days=1)
    between = range(1, (calendar.local_day(over) - local.date()).days)
    assert not any(calendar.works_on(local.date() + timedelta(days=number)) for number in between)


@given(CALENDARS, st.sampled_from(["P3D", "PT9H", "P1D", "P1M"]), st.booleans(), BEGINS, st.floats(0, 1))
def test_the_share_used_grows_from_nothing_to_all(
    calendar: WorkCalendar, written: str, working: bool, begin: datetime, part: float
) -> None:
    found = span(written, working)
    assert found is not None
    over = after(found, calendar, begin)
    now = begin + (over - begin) * part
    assume(time_between(calendar, begin, over) > timedelta(0))
    assert share_used(found, calendar, begin, begin) == 0
    assert 0 <= share_used(found, calendar, begin, now) <= 1
    assert share_used(found, calendar, begin, over) == pytest.approx(1)
    assert share_used(found, calendar, begin, over + timedelta(days=15)) > 1


def test_zones_do_not_matter_to_an_instant() -> None:
    begin = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
    assert after(Span(3, Unit.WORKING_DAYS), CHINA, begin) == after(
        Span(3, Unit.WORKING_DAYS), CHINA, begin.astimezone(UTC)
    )
