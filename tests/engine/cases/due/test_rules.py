"""How a due date is counted and what moves it: by hand across holidays, and for whatever comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Name
from engine.cases.due.rules import LATEST, NONE, More, Rest, counted, extended, moved_on
from engine.cases.due.words import Asked, why
from engine.cases.rules import NO_DUE
from engine.worktime.counting import add_time, time_between
from engine.worktime.periods import Unit
from engine.worktime.spans import Span, span
from tests.engine.worktime.china import CHINA, SHANGHAI


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("length", "working", "begun", "due"),
    [
        ("P3D", True, "2026-03-06T16:00", "2026-03-11 17:30"),  # Friday: Saturday and Sunday do not count
        ("P5D", True, "2026-02-10T09:00", "2026-02-24 17:30"),  # Spring Festival; Saturday the 14th is worked
        ("P1D", True, "2026-02-13T09:00", "2026-02-14 17:30"),  # the next working day is that Saturday
        ("P1D", True, "2026-02-14T17:31", "2026-02-24 17:30"),
        ("P3D", False, "2026-02-13T09:00", "2026-02-16 09:00"),  # calendar days run through it
        ("PT4H", True, "2026-02-14T16:00", "2026-02-24 11:00"),  # 1.5 hours that Saturday, 2.5 after the holidays
        ("PT8H", False, "2026-02-14T16:00", "2026-02-15 00:00"),
        ("P2DT2H", True, "2026-03-02T09:00", "2026-03-05 10:30"),
        ("P20D", True, "2026-01-26T10:00", "2026-02-28 17:30"),
    ],
)
def test_a_due_date_by_hand(length: str, working: bool, begun: str, due: str) -> None:
    found = counted(span(length, working), CHINA, at(begun))
    assert (local(found.at), found.provisional) == (due, False)


def test_without_a_standard_time_nothing_is_due() -> None:
    assert counted(None, CHINA, at("2026-03-02T09:00")) == NONE
    assert moved_on(NO_DUE, CHINA, at("2026-03-02T09:00"), at("2026-03-03T09:00"), working=True) == NO_DUE
    assert extended(NO_DUE, CHINA, 5, working=True) == NO_DUE


def test_a_day_in_a_year_that_was_not_taken_in_is_provisional_where_it_counts_working_days() -> None:
    begun = at("2026-12-30T09:00")
    assert counted(span("P3D", True), CHINA, begun).provisional
    assert not counted(span("P1D", True), CHINA, begun).provisional
    assert not counted(span("P3D", False), CHINA, begun).provisional


@pytest.mark.parametrize(
    ("begin", "end", "due"),
    [
        ("2026-03-03T09:00", "2026-03-05T09:00", "2026-03-09 17:30"),  # two whole days
        (
            "2026-03-03T16:30",
            "2026-03-04T09:00",
            "2026-03-06 10:00",
        ),  # an hour in the evening, half an hour the next day
        ("2026-03-03T18:00", "2026-03-04T08:00", "2026-03-05 17:30"),  # a night: nobody would have worked
        ("2026-03-05T17:30", "2026-03-09T08:30", "2026-03-06 17:30"),  # Friday is given back, the weekend is not
    ],
)
def test_a_rest_gives_back_what_would_have_been_worked_and_nothing_else(begin: str, end: str, due: str) -> None:
    plain = counted(span("P3D", True), CHINA, at("2026-03-02T09:00")).at
    assert local(plain) == "2026-03-05 17:30"
    assert local(moved_on(plain, CHINA, at(begin), at(end), working=True)) == due


def test_a_rest_of_a_step_in_calendar_time_is_given_back_to_the_minute() -> None:
    due = at("2026-03-05T09:00")
    later = moved_on(due, CHINA, at("2026-03-03T18:00"), at("2026-03-04T08:00"), working=False)
    assert later - due == timedelta(hours=14)


def test_days_more_are_working_days_where_the_step_is_counted_in_them() -> None:
    due = at("2026-02-12T17:30")
    assert local(extended(due, CHINA, 2, working=True)) == "2026-02-14 17:30"
    assert local(extended(due, CHINA, 3, working=True)) == "2026-02-24 17:30"
    assert extended(due, CHINA, 3, working=False) - due == timedelta(days=3)


def test_nothing_is_due_behind_what_stands_for_never() -> None:
    assert extended(LATEST, CHINA, 5, working=False) == LATEST


SPANS = st.builds(
    Span,
    st.integers(1, 40).map(float),
    st.sampled_from([Unit.WORKING_DAYS, Unit.WORKING_HOURS, Unit.CALENDAR_DAYS, Unit.HOURS]),
)
MOMENTS = st.integers(0, 600 * 24 * 60).map(lambda minutes: at("2024-03-01T00:00") + timedelta(minutes=minutes))
LENGTHS = st.integers(1, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(SPANS, MOMENTS, st.lists(st.tuples(LENGTHS, LENGTHS), max_size=3), st.integers(0, 5))
def test_whatever_is_given_back_or_granted_never_brings_a_due_date_forward(
    length: Span, begun: datetime, rests: list[tuple[timedelta, timedelta]], days: int
) -> None:
    later: list[Rest | More] = []
    since = begun
    dues = [counted(length, CHINA, begun).at]
    for wait, rested in rests:
        later.append(Rest(since + wait, since + wait + rested))
        since = since + wait + rested
        dues.append(counted(length, CHINA, begun, later).at)
    if days:
        dues.append(counted(length, CHINA, begun, [*later, More(since, days)]).at)
    assert dues == sorted(dues)
    assert all(due > begun for due in dues)


@given(SPANS, MOMENTS, LENGTHS, LENGTHS)
def test_what_was_moved_step_by_step_is_what_is_counted_anew(
    length: Span, begun: datetime, wait: timedelta, rested: timedelta
) -> None:
    """What acts keep and what is counted from the record agree."""
    rest = Rest(begun + wait, begun + wait + rested)
    working = length.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS)
    due = counted(length, CHINA, begun).at
    due = moved_on(due, CHINA, rest.begin, rest.end, working=working)
    due = extended(due, CHINA, 3, working=working)
    assert counted(length, CHINA, begun, [More(rest.end + wait, 3), rest]).at == due


@given(MOMENTS, MOMENTS, LENGTHS)
def test_a_rest_is_given_back_to_the_minute_in_working_time(due: datetime, begin: datetime, length: timedelta) -> None:
    due = add_time(CHINA, due, timedelta(0))
    later = moved_on(due, CHINA, begin, begin + length, working=True)
    assert time_between(CHINA, due, later) == time_between(CHINA, begin, begin + length)


def test_a_due_date_is_explained_so_that_it_can_be_read_out() -> None:
    asked = Asked(
        span=span("P5D", True), calendar=CHINA, whose=Name("Review section", "审批科"), opened=at("2026-02-09T10:00"),
        began=at("2026-02-09T10:00"), due=at("2026-02-28T10:00"), suspended=None,
        later=[
            Rest(at("2026-02-10T10:00"), at("2026-02-11T11:30"), Name("a paper is missing", "缺少材料")),
            More(at("2026-02-12T09:00"), 3, Name("Sun Wei", "孙伟")),
        ],
    )  # fmt: skip
    english = [one.say("en") for one in why(asked)]
    assert english[:2] == [
        "The task came to Review section on Mon 9 Feb 2026 10:00. That day is not counted. "
        "The step may take 5 working days, by the calendar of Review section.",
        "Not worked in between: Sun 15 Feb 2026 to Mon 23 Feb 2026 (holiday).",
    ]
    assert english[2] == "Worked in between although it is a day of rest: Sat 14 Feb 2026 (worked instead); "\
        "Sat 28 Feb 2026 (worked instead)."  # fmt: skip
    assert english[3] == (
        "The case was suspended from Tue 10 Feb 2026 10:00 to Wed 11 Feb 2026 11:30: a paper is missing. "
        "It is due later by 8 working hours 30 minutes."
    )
    assert english[4] == "3 working days more were granted on Thu 12 Feb 2026, by Sun Wei."
    assert "So it is due on Sat 28 Feb 2026 10:00." in english
    chinese = [one.say("zh") for one in why(asked)]
    assert chinese[1] == "其间不上班：2026年2月15日（周日）至2026年2月23日（周一）（放假）。"
    assert chinese[3].endswith("中止（缺少材料），期限顺延 8 个工作小时 30 分钟。")


def test_many_weekends_are_counted_and_holidays_told_by_name() -> None:
    begun = at("2026-04-20T10:00")
    due = counted(span("P30D", True), CHINA, begun).at
    asked = Asked(span("P30D", True), CHINA, Name("Review section", "审批科"), begun, begun, due)
    assert why(asked)[1].say("en") == (
        "Not worked in between: Fri 1 May 2026 to Tue 5 May 2026 (holiday); 9 days of weekly rest."
    )
    assert why(asked)[1].say("zh") == "其间不上班：2026年5月1日（周五）至2026年5月5日（周二）（放假）；周末休息 9 天。"
