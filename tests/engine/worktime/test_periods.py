"""Periods of law and promise, by hand and by property."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Text
from engine.worktime.periods import Period, PeriodUnfit, Stop, Unit, due_at, fit_length, read
from tests.engine.worktime.china import CHINA, SHANGHAI

HEARING = Text("hearing", "听证")


def at(written: str) -> datetime:
    """A day at ten in the morning in Shanghai, or a day with its time."""
    return datetime.fromisoformat(written if "T" in written else f"{written}T10:00").replace(tzinfo=SHANGHAI)


def _last_day(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).date().isoformat()


WORKING, CALENDAR, MONTHS = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS


@pytest.mark.parametrize(
    ("length", "unit", "begin", "stops", "extended_by", "last"),
    [
        # Administrative Licensing Law, article 42: 20 working days, 10 more
        (20, WORKING, "2026-01-26", [], 0, "2026-02-28"),
        (20, WORKING, "2026-01-26", [("2026-02-03", "2026-02-25")], 0, "2026-03-17"),
        (20, WORKING, "2026-01-26", [("2026-02-03", "2026-02-25")], 10, "2026-03-31"),
        # stops that overlap or touch are one; a stop behind the end is none; one before the begin neither
        (20, WORKING, "2026-01-26", [("2026-02-03", "2026-02-10"), ("2026-02-09", "2026-02-25")], 0, "2026-03-17"),
        (20, WORKING, "2026-01-26", [("2026-02-03", "2026-02-09"), ("2026-02-10", "2026-02-25")], 0, "2026-03-17"),
        (20, WORKING, "2026-01-26", [("2026-03-10", "2026-03-20")], 0, "2026-02-28"),
        (20, WORKING, "2026-01-26", [("2026-01-05", "2026-01-20")], 0, "2026-02-28"),
        (5, WORKING, "2026-09-28", [], 0, "2026-10-10"),
        (5, WORKING, "2025-09-26", [("2025-09-29T16:00", "2025-09-29T17:00")], 0, "2025-10-11"),
        # calendar days, rolled over the holidays to the next working day (Civil Code, article 203)
        (15, CALENDAR, "2026-09-16", [], 0, "2026-10-08"),
        (15, CALENDAR, "2026-09-16", [("2026-10-08T10:00", "2026-10-08T16:00")], 0, "2026-10-09"),
        (15, CALENDAR, "2026-02-01", [], 0, "2026-02-24"),
        (10, CALENDAR, "2026-03-02", [], 0, "2026-03-12"),
        (10, CALENDAR, "2026-03-02", [("2026-03-04", "2026-03-06")], 0, "2026-03-16"),
        # months end with the day of the same number, or the last there is (article 202)
        (1, MONTHS, "2026-01-31", [], 0, "2026-02-28"),
        (1, MONTHS, "2024-01-31", [], 0, "2024-02-29"),
        (3, MONTHS, "2025-11-30", [], 0, "2026-02-28"),
        (2, MONTHS, "2026-08-03", [], 0, "2026-10-08"),
        (2, MONTHS, "2026-03-02", [("2026-03-10", "2026-03-12")], 0, "2026-05-06"),
    ],
)  # fmt: skip
def test_a_period_ends_as_it_does_by_hand(
    length: int, unit: Unit, begin: str, stops: list[tuple[str, str]], extended_by: int, last: str
) -> None:
    stood = [Stop(at(one), at(other), HEARING) for one, other in stops]
    due = due_at(Period(length, unit), CHINA, at(begin), stops=stood, extended_by=extended_by)
    assert _last_day(due) == last


def test_the_first_day_counts_where_the_rule_says_so() -> None:
    assert _last_day(due_at(Period(1, WORKING, counts_first_day=True), CHINA, at("2026-03-02"))) == "2026-03-02"


def test_without_rolling_a_period_may_end_on_a_holiday() -> None:
    assert _last_day(due_at(Period(15, CALENDAR, rolls=False), CHINA, at("2026-09-16"))) == "2026-10-01"


def test_working_hours_end_at_their_minute_and_stand_still_in_a_stop() -> None:
    whole = Period(10, Unit.WORKING_HOURS)
    assert due_at(whole, CHINA, at("2026-03-02T09:00")) == at("2026-03-03T12:00")
    stop = [Stop(at("2026-03-02T10:00"), at("2026-03-04T10:00"), HEARING)]
    assert due_at(whole, CHINA, at("2026-03-02T09:00"), stops=stop) == at("2026-03-05T12:00")


def test_a_reading_tells_what_is_gone_what_stood_and_what_is_left() -> None:
    stop = [Stop(at("2026-02-03"), at("2026-02-25"), HEARING)]
    found = read(Period(20, WORKING), CHINA, at("2026-01-26"), at("2026-03-02"), stops=stop)
    # 27 to 30 January and 2 February, then 26 to 28 February and 2 March
    assert (found.elapsed, found.left, found.standing) == (9, 11, False)
    # 3 to 6 and 9 to 14 February, Saturday the 14th worked instead, then the 24th and 25th
    assert found.stopped == 12
    late = read(Period(20, WORKING), CHINA, at("2026-01-26"), at("2026-03-19"), stops=stop)
    assert late.left == -2


def test_an_open_stop_moves_the_day_on_and_says_that_the_clock_stands() -> None:
    stop = [Stop(at("2026-03-04"), None, HEARING)]
    dues = [
        read(Period(5, WORKING), CHINA, at("2026-03-02"), at(now), stops=stop) for now in ("2026-03-05", "2026-03-10")
    ]
    assert [_last_day(one.due_at) for one in dues] == ["2026-03-11", "2026-03-16"]
    assert all(one.standing and one.elapsed == 1 for one in dues)
    assert "has stood since 4 March 2026" in " ".join(line.say("en") for line in dues[0].because)


def test_a_year_without_its_notice_makes_the_day_provisional() -> None:
    certain = read(Period(5, WORKING), CHINA, at("2026-12-01"), at("2026-12-02"))
    crossing = read(Period(30, WORKING), CHINA, at("2026-12-10"), at("2026-12-11"))
    assert not certain.provisional
    assert crossing.uncertain == (2027,)
    assert "2027" in crossing.because[-1].say("zh")


def test_the_reasons_are_told_line_by_line_in_both_languages() -> None:
    stop = [Stop(at("2026-02-03"), at("2026-02-25"), HEARING)]
    lines = read(Period(20, WORKING), CHINA, at("2026-01-26"), at("2026-03-02"), stops=stop, extended_by=10).because
    assert [one.say("en") for one in lines] == [
        "It began on 26 January 2026; that day is not counted. The period is 20 working days.",
        "The clock stood from 3 February 2026 to 25 February 2026: hearing. These days are not counted.",
        "It was extended by 10 working days.",
        "Worked instead, and counted: 28 February 2026 (worked instead).",
        "So it ends on 31 March 2026 at 17:30.",
    ]
    assert "听证" in lines[1].say("zh")


def test_what_is_other_than_the_week_says_is_told_with_its_name() -> None:
    lines = [one.say("zh") for one in read(Period(5, WORKING), CHINA, at("2026-02-10"), at("2026-02-10")).because]
    assert lines[1:] == [
        "节假日不计入：2026年2月15日至2026年2月23日（放假）。",
        "调休上班，计入：2026年2月14日（调休上班）。",
        "因此于 2026年2月24日 17:30 届满。",
    ]
    rolled = [one.say("en") for one in read(Period(15, CALENDAR), CHINA, at("2026-09-16"), at("2026-09-16")).because]
    assert rolled[1] == "The last day, 1 October 2026, is not worked: the next working day stands for it."
    hours = read(Period(4, Unit.WORKING_HOURS), CHINA, at("2026-03-02T11:00"), at("2026-03-02T11:00")).because
    assert [one.say("en") for one in hours] == [
        "It began on 2 March 2026 at 11:00. The period is 4 working hours.",
        "So it ends on 2 March 2026 at 17:00.",
    ]
    whole = read(Period(1, CALENDAR, rolls=False), CHINA, at("2026-03-06"), at("2026-03-06")).because
    assert whole[-1].say("en") == "So it ends on 7 March 2026 at 24:00."


def test_it_is_late_in_the_evening_of_its_last_day() -> None:
    due = at("2026-03-03T17:30")
    found = [read(Period(1, WORKING), CHINA, at("2026-03-02"), one) for one in (due, due + timedelta(minutes=1))]
    assert [(one.late, one.left) for one in found] == [(False, 0), (True, 0)]


def test_days_are_provisional_only_where_the_untold_year_can_move_them() -> None:
    begin = at("2026-12-10")
    assert read(Period(60, CALENDAR, rolls=False), CHINA, begin, begin).uncertain == ()
    assert read(Period(60, CALENDAR), CHINA, begin, begin).uncertain == (2027,)
    assert read(Period(400, Unit.HOURS), CHINA, begin, begin).uncertain == ()
    assert read(Period(1, MONTHS), CHINA, at("2023-12-05"), begin).uncertain == (), "its last day is in a year told"


@given(st.sampled_from([WORKING, CALENDAR]), st.integers(1, 40), st.integers(0, 60), st.booleans())
def test_with_the_first_day_counted_it_is_gone_a_day_sooner(unit: Unit, length: int, later: int, stopped: bool) -> None:
    """On a working Monday: what is gone and left make the whole, and it ends as a period shorter by that day."""
    begin = at("2026-03-02")
    stops = [Stop(at("2026-03-10"), at("2026-03-12"), HEARING)] if stopped else []
    now = begin + timedelta(days=later, hours=1)
    found = read(Period(length, unit, rolls=False, counts_first_day=True), CHINA, begin, now, stops=stops)
    assert found.elapsed + found.left == length
    if length > 1:
        assert found.due_at == due_at(Period(length - 1, unit, rolls=False), CHINA, begin, stops=stops)


@pytest.mark.parametrize("length", [0, -1, 5001])
def test_a_length_that_cannot_be_is_refused(length: int) -> None:
    with pytest.raises(PeriodUnfit):
        fit_length(length)


BEGIN = st.datetimes(datetime(2024, 1, 2), datetime(2025, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the zone comes with it
UNITS = st.sampled_from(list(Unit))


@given(UNITS, st.integers(1, 60), BEGIN, st.lists(st.tuples(st.integers(0, 90), st.integers(0, 20)), max_size=4))
def test_a_stop_never_brings_the_end_nearer(
    unit: Unit, length: int, begin: datetime, stood: list[tuple[int, int]]
) -> None:
    length = min(length, 6) if unit is Unit.MONTHS else length
    stops = [
        Stop(begin + timedelta(days=after), begin + timedelta(days=after + days), HEARING) for after, days in stood
    ]
    plain = due_at(Period(length, unit), CHINA, begin)
    dues = [
        plain,
        *(due_at(Period(length, unit), CHINA, begin, stops=stops[:count]) for count in range(len(stops) + 1)),
    ]
    assert dues == sorted(dues)
    assert due_at(Period(length, unit), CHINA, begin, stops=stops, extended_by=1) >= dues[-1]
    assert due_at(Period(length, unit), CHINA, begin, stops=stops[::-1]) == dues[-1]


@given(st.sampled_from([WORKING, CALENDAR]), st.integers(1, 40), BEGIN, st.integers(0, 120))
def test_what_is_gone_and_what_is_left_make_the_whole(unit: Unit, length: int, begin: datetime, later: int) -> None:
    found = read(Period(length, unit, rolls=False), CHINA, begin, begin + timedelta(days=later))
    assert found.elapsed + found.left == length
