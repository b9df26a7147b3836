"""How a clock is counted: stops that overlap, extensions, what holds which, and the day of the alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Name
from engine.cases.clocks import rules
from engine.cases.clocks.rules import EFFECT_NUMBERS, GROUND_NUMBERS, KIND_NUMBERS, RESTS, Held, Running
from engine.diagram.rule_sets import Clock, Expiry, Ground
from engine.worktime.calendar import Exceptional, Hours, WorkCalendar
from engine.worktime.periods import Unit

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = ((Hours(time(9), time(12)), Hours(time(14), time(17))),) * 5 + ((), ())
# The Spring Festival of 2026 as the State Council's notice tells it, with the days that are worked instead.
FESTIVAL = {
    **{
        date(2026, 2, 15) + timedelta(days=number): Exceptional(False, Name("Spring Festival", "春节"), "notice")
        for number in range(9)
    },
    **{
        day: Exceptional(True, Name("worked instead", "调休上班"), "notice")
        for day in (date(2026, 2, 14), date(2026, 2, 28))
    },
}
CALENDAR = WorkCalendar(ZONE, WEEK, FESTIVAL)


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE)


_BEGUN = at(1, 26)


def clock(length: int = 20, begun: datetime = _BEGUN, kind: Clock = Clock.STATUTORY, **more: object) -> Running:
    given = {"unit": Unit.WORKING_DAYS, "rolls": True, "first_day": False, "extended_by": 0, "effect": 1} | more
    return Running(kind=KIND_NUMBERS[kind], length=length, begun_at=begun, **given)  # type: ignore[arg-type]


def due_day(one: Running, *held: Held) -> date:
    return rules.counted(one, held, CALENDAR).due_at.astimezone(ZONE).date()


def stop(
    begin: datetime, end: datetime | None, ground: int = GROUND_NUMBERS[Ground.SUPPLEMENT], number: int = 1
) -> Held:
    return Held(number, ground, begin, end)


def test_twenty_working_days_run_through_the_spring_festival() -> None:
    assert due_day(clock()) == date(2026, 2, 28)
    assert due_day(clock(5, at(2, 10))) == date(2026, 2, 24)


def test_days_on_which_the_applicant_has_the_papers_do_not_count() -> None:
    held = stop(at(2, 3), at(2, 25))
    assert due_day(clock(), held) == date(2026, 3, 17)
    assert due_day(clock(extended_by=10), held) == date(2026, 3, 31)


def test_a_day_that_two_grounds_stop_is_stopped_once() -> None:
    supplement, hearing = stop(at(3, 3), at(3, 6)), stop(at(3, 5), at(3, 9), GROUND_NUMBERS[Ground.HEARING], 2)
    begun = clock(begun=at(3, 2))
    one = stop(at(3, 3), at(3, 9))
    assert due_day(begun, supplement, hearing) == due_day(begun, one) == date(2026, 4, 6)


@pytest.mark.parametrize("kind", [Clock.NOTICE, Clock.DELIVERY])
def test_a_ground_of_the_law_holds_only_what_runs_until_it_is_decided_and_rest_holds_all(kind: Clock) -> None:
    begun = clock(5, at(3, 2), kind)
    assert due_day(begun, stop(at(3, 3), at(3, 5))) == due_day(begun) == date(2026, 3, 9)
    assert due_day(begun, stop(at(3, 3), at(3, 5), RESTS)) == date(2026, 3, 12)


def test_what_stood_before_it_began_does_not_hold_it() -> None:
    begun = clock(begun=at(3, 2))
    assert rules.stops_of(begun, [stop(at(2, 3), at(2, 25))]) == ()
    assert due_day(begun, stop(at(2, 3), at(2, 25))) == due_day(begun)


def test_while_a_stop_has_no_end_it_stands_and_is_kept_as_if_it_went_on_at_once() -> None:
    begun = clock(begun=at(3, 2))
    counted = rules.counted(begun, [stop(at(3, 3), None)], CALENDAR)
    assert counted.stands == 1
    assert counted.due_at == rules.counted(begun, [], CALENDAR).due_at
    reading = rules.reading(begun, [stop(at(3, 3), None)], CALENDAR, at(3, 20))
    assert reading.standing
    assert (reading.elapsed, reading.left) == (0, 20)


def test_the_alarm_is_five_working_days_before_and_only_where_silence_decides() -> None:
    deemed = clock(begun=at(1, 26), effect=EFFECT_NUMBERS[Expiry.GRANTED])
    counted = rules.counted(deemed, [], CALENDAR)
    assert counted.due_at.astimezone(ZONE).date() == date(2026, 2, 28)
    assert counted.warn_at == at(2, 14, 9)
    assert rules.counted(clock(), [], CALENDAR).warn_at is None


def test_a_year_that_nobody_has_published_makes_it_provisional() -> None:
    told = WorkCalendar(ZONE, WEEK, FESTIVAL, published=frozenset({2026}))
    late, early = clock(begun=at(12, 20)), clock(begun=at(3, 2))
    assert rules.counted(late, [], told).provisional
    assert not rules.counted(early, [], told).provisional
    never = clock(begun=at(12, 20), unit=Unit.CALENDAR_DAYS, rolls=False)
    assert not rules.counted(never, [], told).provisional


def test_grounds_are_kept_as_bits_and_come_back_as_they_were() -> None:
    for chosen in (set(), {Ground.HEARING}, set(Ground)):
        assert set(rules.grounds(rules.bits(chosen))) == chosen


def test_nobody_was_told_tomorrow_nor_before_it_began() -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 9)
    assert rules.fit_notice_day(None, first=first, last=last) is None
    assert rules.fit_notice_day(last, first=first, last=last) == last
    for day in (date(2026, 3, 1), date(2026, 3, 10)):
        with pytest.raises(rules.NoticeDayUnfit):
            rules.fit_notice_day(day, first=first, last=last)


def test_it_is_extended_by_no_more_than_the_law_allows() -> None:
    assert rules.fit_amount(10, 10) == 10
    for amount in (0, -1, 11):
        with pytest.raises(rules.AmountUnfit):
            rules.fit_amount(amount, 10)
    with pytest.raises(rules.NotExtended):
        rules.fit_amount(1, 0)


@pytest.mark.parametrize(
    ("count", "unit", "en", "zh"),
    [(1, "working days", "1 working day", "1 个工作日"), (2.5, "months", "2.5 months", "2.5 个月")],
)
def test_a_length_is_said_in_its_unit(count: float, unit: str, en: str, zh: str) -> None:
    said = rules.in_words(count, unit)
    assert (said.say("en"), said.say("zh")) == (en, zh)


_MINUTES = st.integers(0, 60 * 24 * 60)


@st.composite
def stopped(draw: st.DrawFn) -> list[Held]:
    """In any order, overlapping as they like; the last may still hold."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        begin = at(2, 1) + timedelta(minutes=draw(_MINUTES))
        end = begin + timedelta(minutes=draw(_MINUTES)) if draw(st.booleans()) else None
        ground = draw(st.sampled_from([*GROUND_NUMBERS.values(), RESTS]))
        found.append(Held(number + 1, ground, begin, end))
    return found


_RUNNING = st.builds(
    clock,
    st.integers(1, 90),
    st.integers(0, 60 * 24 * 90).map(lambda minutes: at(1, 5) + timedelta(minutes=minutes)),
    unit=st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.WORKING_HOURS, Unit.MONTHS]),
    first_day=st.booleans(),
    rolls=st.booleans(),
)


@given(_RUNNING, stopped(), st.integers(0, 400))
def test_whatever_stops_it_nothing_is_negative_and_the_parts_make_the_whole(
    one: Running, held: list[Held], days: int
) -> None:
    now = one.begun_at + timedelta(days=days)
    reading = rules.reading(one, held, CALENDAR, now)
    assert reading.elapsed >= 0
    assert reading.stopped >= 0
    assert 0 <= rules.share(reading) <= 1
    if (
        reading.left >= 0
        and one.unit in (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)
        and not one.first_day
        and not one.rolls
    ):
        assert reading.elapsed + reading.left >= one.length or reading.due_at <= now


@given(_RUNNING, stopped(), _MINUTES, _MINUTES)
def test_one_more_stop_never_makes_it_due_earlier(one: Running, held: list[Held], begin: int, length: int) -> None:
    ended = [each for each in held if each.end_at is not None]
    since = at(2, 1) + timedelta(minutes=begin)
    more = [*ended, Held(9, RESTS, since, since + timedelta(minutes=length))]
    assert rules.counted(one, more, CALENDAR).due_at >= rules.counted(one, ended, CALENDAR).due_at


@given(_RUNNING, stopped(), st.integers(1, 30))
def test_an_extension_never_makes_it_due_earlier_and_in_working_days_always_later(
    one: Running, held: list[Held], more: int
) -> None:
    longer = replace(one, extended_by=more)
    before, after = (rules.counted(each, held, CALENDAR).due_at for each in (one, longer))
    assert after >= before
    assert after > before or one.unit is Unit.CALENDAR_DAYS  # two last days may give way to one Monday


@given(_RUNNING, stopped(), st.randoms())
def test_the_order_in_which_stops_are_told_does_not_matter(one: Running, held: list[Held], chance: object) -> None:
    shuffled = sorted(held, key=lambda _one: chance.random())  # type: ignore[attr-defined]
    assert rules.counted(one, shuffled, CALENDAR) == rules.counted(one, held, CALENDAR)


@given(_RUNNING, st.integers(1, 60 * 24 * 30))
def test_what_begins_later_is_not_due_earlier(one: Running, minutes: int) -> None:
    later = replace(one, begun_at=one.begun_at + timedelta(minutes=minutes))
    assert rules.counted(later, [], CALENDAR).due_at >= rules.counted(one, [], CALENDAR).due_at


def test_instants_are_kept_in_utc() -> None:
    assert rules.counted(clock(), [], CALENDAR).due_at.tzinfo is UTC
