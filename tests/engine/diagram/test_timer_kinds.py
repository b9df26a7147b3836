"""Every place a timer may stand at, by every kind of time, written out or worked out, by the clock or by working time.

Each is played in memory and, beside it, saved and loaded after every move.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Name
from engine.diagram import run
from engine.diagram.position import Position, WaitKind
from engine.diagram.read import read
from engine.diagram.run import lengths, timers
from engine.diagram.shape import Diagram
from engine.procedures.counting import InCalendar
from engine.worktime.calendar import Exceptional, Hours, WorkCalendar
from tests.engine.diagram.builders import (
    border,
    catch,
    file,
    first,
    handler,
    line,
    message,
    source,
    start,
    timer,
    user,
)
from tests.engine.diagram.playing import MORNING, Play

CHINA: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = (Hours(time(9), time(12)), Hours(time(13, 30), time(17, 30)))
WEEK: Final = WorkCalendar(
    CHINA,
    (_DAY, _DAY, _DAY, _DAY, _DAY, (), ()),
    {date(2026, 11, 5): Exceptional(False, Name("Day off", "放假"), "test")},
)
"""Thursday is no working day; MORNING is Monday, half an hour before the end of business."""


def _by(calendar: WorkCalendar) -> run.Calendars:
    return lambda _process, _element: InCalendar(calendar)


PLACES: Final[dict[str, Callable[[str], str]]] = {
    "between": lambda when: start() + user("a") + catch("t", when) + user("b") + line("s", "a", "t", "b"),
    "on the border, ending the step": lambda when: (
        start() + user("a") + user("w") + border("t", "w", when) + user("b") + line("s", "a", "w") + line("t", "b")
    ),
    "on the border, beside the step": lambda when: (
        start() + user("a") + user("w") + border("t", "w", when, interrupting=False) + user("b") + line("s", "a", "w")
        + line("t", "b")
    ),
    "behind a gateway": lambda when: (
        start() + user("a") + first("g") + catch("t", when) + catch("m", message("answer")) + user("b") + user("c")
        + line("s", "a", "g", "t", "b") + line("g", "m", "c")
    ),
    "at the start of a sub-process, ending all else": lambda when: (
        start() + user("a") + user("w") + line("s", "a", "w")
        + handler("h", start("t", when), user("b"), line("t", "b"))
    ),
    "at the start of a sub-process, beside all else": lambda when: (
        start() + user("a") + user("w") + line("s", "a", "w")
        + handler("h", start("t", when, isInterrupting="false"), user("b"), line("t", "b"))
    ),
}  # fmt: skip
FROM_THE_BEGINNING: Final = "at the start of a sub-process"
AGAIN: Final = ("on the border, beside the step", "at the start of a sub-process, beside all else")

TIMES: Final = {
    # kind: what is written, the same as an expression, when it is due by the clock, when by working time
    "timeDate": (
        "2026-11-10T09:00:00+08:00", 'date and time("2026-11-10T09:00:00+08:00")',
        "2026-11-10T01:00:00Z", "2026-11-10T01:00:00Z",
    ),
    "timeDuration": ("P2D", 'duration(given) + duration("P1D")', "2026-11-04T09:00:00Z", "2026-11-04T09:30:00Z"),
    "timeCycle": ("R3/P1D", '"R3/" + given', "2026-11-03T09:00:00Z", "2026-11-03T09:30:00Z"),
}  # fmt: skip
EVERY: Final = list(product(PLACES, TIMES, ("written", "worked out"), ("clock", "working time")))


def drawn(place: str, kind: str, written: str, *, working: bool) -> Diagram:
    whole = source(PLACES[place](timer(written, kind))).decode()
    if working:
        whole = whole.replace('<startEvent id="t"', '<startEvent id="t" officium:workingTime="true"')
        for tag in ("intermediateCatchEvent", "boundaryEvent"):
            whole = whole.replace(f'<{tag} id="t"', f'<{tag} id="t" officium:workingTime="true"')
    return read(whole.encode(), "timer.bpmn")


def played(diagram: Diagram) -> Play:
    model = run.model(diagram, process="p", zone="Asia/Shanghai").counting(_by(WEEK))
    return Play(model, answers={"given": "P1D"})


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


@pytest.mark.parametrize(("place", "kind", "how", "by"), EVERY)
def test_a_timer_is_due_and_goes_off(place: str, kind: str, how: str, by: str) -> None:
    plain, expression, by_clock, by_work = TIMES[kind]
    diagram = drawn(place, kind, plain if how == "written" else expression, working=by == "working time")
    case = played(diagram)
    if not place.startswith(FROM_THE_BEGINNING):
        case.do("a")
    waits = case.at("t")
    assert waits.kind is WaitKind.TIMER
    assert waits.due == at(by_work if by == "working time" else by_clock)
    if kind != "timeDate":
        assert waits.value == plain
        assert waits.since == (MORNING if by == "working time" else None)
    case.fire("t")
    assert "b" in case.waiting
    if place.endswith(("ending the step", "ending all else")):
        assert "w" not in case.waiting
        assert "a" not in case.waiting
    if kind != "timeCycle" or place not in AGAIN:
        assert "t" not in case.waiting, "it comes once"


@pytest.mark.parametrize("place", AGAIN)
@pytest.mark.parametrize(
    ("working", "days"),
    [(False, ["11-03 17:00", "11-04 17:00", "11-05 17:00"]), (True, ["11-03 17:30", "11-04 17:30", "11-06 17:30"])],
)
def test_a_repetition_comes_as_often_as_is_written_and_leaves_out_what_is_not_worked(
    place: str, working: bool, days: list[str]
) -> None:
    case = played(drawn(place, "timeCycle", "R3/P1D", working=working))
    if not place.startswith(FROM_THE_BEGINNING):
        case.do("a")
    found = []
    while "t" in case.waiting:
        due = case.at("t").due
        assert due is not None
        found.append(due.astimezone(CHINA).strftime("%m-%d %H:%M"))
        case.fire("t")
    assert found == days
    assert case.waiting.count("b") == 3


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("PT4H", "2026-11-03T14:00:00+08:00"),
        ("PT20M", "2026-11-02T17:20:00+08:00"),
        ("P3D", "2026-11-06T17:30:00+08:00"),
        ("P1DT2H", "2026-11-04T11:00:00+08:00"),
        ("P1M", "2026-12-02T17:00:00+08:00"),
    ],
)
def test_working_time_of_every_length(written: str, due: str) -> None:
    assert played(drawn("between", "timeDuration", written, working=True)).do("a").at("t").due == at(due)


def test_without_a_calendar_working_time_goes_by_the_clock() -> None:
    diagram = drawn("between", "timeDuration", "P2D", working=True)
    assert Play(diagram, zone="Asia/Shanghai").do("a").at("t").due == MORNING + timedelta(days=2)


def test_a_length_no_calendar_reaches_is_an_incident_and_not_a_timer() -> None:
    case = played(drawn("between", "timeDuration", "P99999D", working=True)).do("a")
    assert case.troubles == [("t", "timer")]


def test_a_timer_of_a_case_that_has_rested_is_due_as_much_working_time_later() -> None:
    model = run.model(drawn("between", "timeDuration", "P2D", working=True), process="p").counting(_by(WEEK))
    began = run.begin(model, {}, now=MORNING)
    stands = run.finish(model, began.state, began.opened[0].token, {}, now=MORNING)
    later = MORNING + timedelta(days=4)
    (put_off,) = run.postpone(model, stands.state, by=timedelta(days=4), now=later).opened
    # As if it had begun on Friday: Monday and Tuesday are left to it.
    assert put_off.due == at("2026-11-10T17:30:00+08:00")


def _moved(before: Position, calendar: WorkCalendar, model: run.Model) -> Position:
    return run.recount(model.counting(_by(calendar)), before.state, now=MORNING + timedelta(hours=1))


def test_a_holiday_that_is_told_later_moves_what_is_counted_in_working_time_and_nothing_else() -> None:
    both = file(
        start(), user("a"), first("g"), catch("t", timer("P2D")), catch("u", timer("P2D")), user("b"), user("c"),
        line("s", "a", "g", "t", "b"), line("g", "u", "c"),
    )  # fmt: skip
    diagram = read(both.source.replace(b'Event id="t"', b'Event id="t" officium:workingTime="true"'), "two.bpmn")
    model = run.model(diagram, process="p", zone="Asia/Shanghai").counting(_by(WEEK))
    began = run.begin(model, {}, now=MORNING)
    stands = run.finish(model, began.state, began.opened[0].token, {}, now=MORNING)
    free = dict(WEEK.days) | {date(2026, 11, 3): Exceptional(False, Name("Off", "休"), "notice")}
    changed = _moved(stands, WorkCalendar(CHINA, WEEK.week, free), model)
    (moved,) = changed.opened
    assert (moved.element, moved.due) == ("t", at("2026-11-06T17:30:00+08:00"))
    assert changed.closed == (moved.token,)
    assert _moved(changed, WorkCalendar(CHINA, WEEK.week, free), model).opened == ()
    (back,) = _moved(changed, WEEK, model).opened
    assert back.due == at("2026-11-04T17:30:00+08:00")


def test_a_step_may_be_taken_back_though_the_calendar_has_changed_since() -> None:
    model = run.model(drawn("between", "timeDuration", "P2D", working=True), process="p").counting(_by(WEEK))
    began = run.begin(model, {}, now=MORNING)
    token = began.opened[0].token
    stands = run.finish(model, began.state, token, {}, now=MORNING)
    free = dict(WEEK.days) | {date(2026, 11, 3): Exceptional(False, Name("Off", "休"), "notice")}
    changed = _moved(stands, WorkCalendar(CHINA, WEEK.week, free), model)
    assert run.take_back(model, changed.state, token, now=MORNING).opened[0].element == "a"


def test_the_last_day_of_the_month_stays_the_last_one_after_a_february() -> None:
    armed = timers.reckon("R/2027-01-31T09:00:00+08:00/P1M", MORNING, CHINA)
    found = []
    for _ in range(5):
        found.append(timers.moment(armed.due).astimezone(CHINA).strftime("%m-%d"))
        following = timers.next_turn(armed, timers.moment(armed.due), CHINA).armed
        assert following is not None
        armed = following
    assert found == ["01-31", "02-28", "03-31", "04-30", "05-31"]


CYCLES: Final = (
    "R/PT1H", "R5/PT90M", "R/P1D", "R7/P1D", "R/P1M", "R12/2026-10-31T09:00:00+08:00/P1M", "R/PT2H/PT25M",
    "R/PT4H/2026-11-20T00:00:00Z", "0 0 9 ? * MON-FRI", "*/20 * * * *",
)  # fmt: skip


@given(
    st.sampled_from(CYCLES),
    st.booleans(),
    st.lists(st.integers(0, 40 * 24 * 3600), min_size=1, max_size=12),
)
def test_no_turn_comes_early_none_twice_and_those_missed_are_counted(
    written: str, working: bool, waits: list[int]
) -> None:
    """However late each look comes: what went off and what was missed is what there would have been without a pause."""
    counting = InCalendar(WEEK) if working else None
    armed: timers.Armed | None = timers.reckon(written, MORNING, CHINA, counting)
    every = _without_a_pause(written, counting, MORNING + timedelta(seconds=sum(waits)))
    now, passed = MORNING, []
    for wait in waits:
        now += timedelta(seconds=wait)
        if armed is None or timers.moment(armed.due) > now:
            continue
        due = timers.moment(armed.due)
        following = timers.next_turn(armed, now, CHINA, counting)
        passed += [due] + [None] * following.missed
        assert following.armed is None or timers.moment(following.armed.due) > now
        armed = following.armed
    gone = [one for one in every if one <= now]
    assert len(passed) == len(gone)
    for told, turn in zip(passed, gone, strict=True):
        assert told in (None, turn)


def _without_a_pause(written: str, counting: lengths.Counting | None, until: datetime) -> list[datetime]:
    armed: timers.Armed | None = timers.reckon(written, MORNING, CHINA, counting)
    found: list[datetime] = []
    while armed is not None and (due := timers.moment(armed.due)) <= until:
        found.append(due)
        armed = timers.next_turn(armed, due, CHINA, counting).armed
    return found


@given(st.integers(1, 500), st.integers(0, 3_000_000), st.booleans())
def test_turns_are_found_without_counting_them_one_by_one(minutes: int, seconds: int, working: bool) -> None:
    length = lengths.length_of(f"PT{minutes}M", CHINA, InCalendar(WEEK) if working else None)
    until = MORNING + timedelta(seconds=seconds)
    found = lengths.turns_until(length, MORNING, until)
    assert found == 0 or length.after(MORNING, found) <= until
    assert length.after(MORNING, found + 1) > until


def test_a_cycle_two_days_late_says_how_many_turns_it_missed() -> None:
    model = run.model(
        drawn("on the border, beside the step", "timeCycle", "R/PT1H", working=False), process="p", zone="Asia/Shanghai"
    )
    began = run.begin(model, {}, now=MORNING)
    stands = run.finish(model, began.state, began.opened[0].token, {}, now=MORNING)
    bell = next(one for one in stands.opened if one.kind is WaitKind.TIMER)
    gone = run.fire(model, stands.state, bell.token, now=MORNING + timedelta(days=2))
    assert gone.missed == 47
    assert [one.element for one in gone.opened if one.kind is WaitKind.PERSON] == ["b"]
    assert datetime(2026, 11, 4, 10, tzinfo=UTC) in {one.due for one in gone.opened}
