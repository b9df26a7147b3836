"""Where a task is at each instant, minute for minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.cases.rules import Change
from engine.supervision.figures.parts import Happened, Interval, Parts, parts_of

_BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_LONG = 60
_CHANGES = (Change.CLAIMED, Change.BEGUN, Change.PAUSED, Change.RESUMED, Change.RELEASED, Change.OFFERED)


def _clock(begin: datetime, end: datetime) -> timedelta:
    return end - begin


def _at(minute: int) -> datetime:
    return _BEGIN + minute * _MINUTE


Minutes = tuple[int, int | None]


def _between(one: Minutes) -> Interval:
    return _at(one[0]), None if one[1] is None else _at(one[1])


def _told(
    events: list[tuple[int, Change]],
    *,
    external: bool = False,
    stops: Sequence[Minutes] = (),
    handed: Minutes | None = None,
) -> Parts:
    happened = [Happened(_at(minute), change, external) for minute, change in events]
    moving = None if handed is None else _between(handed)
    return parts_of(happened, _at(_LONG), _clock, stops=[_between(one) for one in stops], handed=moving)


def _minutes(parts: Parts) -> dict[str, int | None]:
    names = ("waiting", "taken", "stopped", "outside", "handed")
    found: dict[str, int | None] = {name: getattr(parts, name) // _MINUTE for name in names if getattr(parts, name)}
    return found | {"working": None if parts.working is None else parts.working // _MINUTE}


def test_nobody_takes_it() -> None:
    assert _minutes(_told([(0, Change.OFFERED)])) == {"waiting": 60, "working": None}


def test_claimed_is_not_working() -> None:
    assert _minutes(_told([(0, Change.OFFERED), (20, Change.CLAIMED)])) == {"waiting": 20, "taken": 40, "working": None}


def test_pauses_are_in_hand_and_no_work() -> None:
    told = _told([
        (0, Change.OFFERED), (5, Change.CLAIMED), (10, Change.BEGUN), (20, Change.PAUSED), (30, Change.RESUMED),
    ])  # fmt: skip
    assert _minutes(told) == {"waiting": 5, "taken": 55, "working": 40}


def test_released_it_waits_again() -> None:
    told = _told([(0, Change.OFFERED), (10, Change.CLAIMED), (30, Change.RELEASED), (50, Change.CLAIMED)])
    assert _minutes(told) == {"waiting": 30, "taken": 30, "working": None}


def test_what_waits_for_somebody_outside_does_not_wait_and_nobody_has_it() -> None:
    assert _minutes(_told([(0, Change.OFFERED), (20, Change.CLAIMED)], external=True)) == {
        "outside": 60,
        "working": None,
    }


def test_work_on_what_is_outside_is_work() -> None:
    told = _told([(0, Change.OFFERED), (20, Change.CLAIMED), (40, Change.BEGUN)], external=True)
    assert _minutes(told) == {"outside": 40, "taken": 20, "working": 20}


def test_a_stop_takes_all_and_two_that_overlap_count_once() -> None:
    told = _told([(0, Change.OFFERED), (10, Change.CLAIMED), (10, Change.BEGUN)], stops=[(5, 20), (15, 30), (50, None)])
    assert _minutes(told) == {"waiting": 5, "taken": 20, "stopped": 35, "working": 20}


def test_a_hand_over_ends_with_its_answer() -> None:
    told = _told([(0, Change.OFFERED), (30, Change.CLAIMED)], handed=(0, 15))
    assert _minutes(told) == {"handed": 15, "waiting": 15, "taken": 30, "working": None}


@st.composite
def _histories(draw: st.DrawFn) -> tuple[list[Happened], list[tuple[datetime, datetime | None]], Interval | None]:
    minute = st.integers(0, _LONG)
    later = sorted(
        draw(st.lists(st.tuples(minute, st.sampled_from(_CHANGES), st.booleans()), max_size=8)), key=lambda one: one[0]
    )
    events = [Happened(_BEGIN, Change.OFFERED, draw(st.booleans()))]
    events += [Happened(_at(at), change, external) for at, change, external in later]
    spans = st.tuples(st.integers(-20, 80), st.one_of(st.none(), st.integers(0, 60)))
    stops = [
        (_at(at), None if length is None else _at(at + length)) for at, length in draw(st.lists(spans, max_size=3))
    ]
    handed = draw(st.one_of(st.none(), spans))
    moving = None if handed is None else (_at(handed[0]), None if handed[1] is None else _at(handed[0] + handed[1]))
    return events, stops, moving


@given(history=_histories())
def test_each_minute_is_in_one_part(
    history: tuple[list[Happened], list[tuple[datetime, datetime | None]], Interval | None],
) -> None:
    events, stops, moving = history
    spent = dict.fromkeys(("waiting", "taken", "stopped", "outside", "handed", "working"), 0)
    for number in range(_LONG):
        at = _at(number)
        known = [one for one in events if one.at <= at]
        marks = [one.change for one in known if one.change is not Change.COMPLETED]
        free = max(place for place, one in enumerate(marks) if one in (Change.OFFERED, Change.RELEASED))
        since = marks[free + 1 :]
        at_work = bool(since) and since[-1] in (Change.BEGUN, Change.RESUMED)
        taken = any(one in (Change.CLAIMED, Change.BEGUN, Change.RESUMED) for one in since)
        held = any(begin <= at and (end is None or at < end) for begin, end in stops)
        on_the_way = moving is not None and moving[0] <= at and (moving[1] is None or at < moving[1])
        if held:
            spent["stopped"] += 1
        elif at_work:
            spent["taken"] += 1
            spent["working"] += 1
        elif known[-1].external:
            spent["outside"] += 1
        elif on_the_way:
            spent["handed"] += 1
        else:
            spent["taken" if taken else "waiting"] += 1
    told = parts_of(events, _at(_LONG), _clock, stops=stops, handed=moving)
    assert told.sojourn == _LONG * _MINUTE
    for name, minutes in spent.items():
        if name != "working" or any(one.change is Change.BEGUN for one in events):
            assert getattr(told, name) == minutes * _MINUTE, name
        else:
            assert told.working is None
