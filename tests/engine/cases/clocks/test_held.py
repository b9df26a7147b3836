"""While the clock of a case stands the office's own steps are not late, and get that time back when it goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.database import Database
from engine.cases import reads
from engine.cases.clocks import acts
from engine.cases.clocks.rules import RESTS, Held, given_back
from engine.cases.clocks.tables import stops
from engine.cases.due.later import counted_anew
from engine.cases.due.reads import why_due, why_of
from engine.cases.moves import Ground
from engine.cases.tables import tasks
from engine.organisation.calendars import acts as calendars
from engine.procedures.runnable import place, runnable
from engine.records.verify import first_broken
from engine.supervision.cards.looking import seen
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, flow, process, step, way
from tests.engine.cases.due.test_acts import HALVES, at, told
from tests.engine.cases.moving_about import Matter
from tests.worlds import every_head

_WORKING: Final = 'officium:standardTime="P2D" officium:workingTime="true"'
_BODY: Final = (
    START + step("check", "Check", _WORKING) + '<parallelGateway id="both"/>'
    + step("wait", "Wait for papers", f'officium:stopsClock="supplement" officium:external="true" {_WORKING}')
    + step("review", "Review", _WORKING)
    + '<parallelGateway id="met"/>' + step("decide", "Decide", _WORKING) + END
    + way("start", "check", "both", "review", "met", "decide", "end") + flow("both", "wait") + flow("wait", "met")
)  # fmt: skip
_LAW: Final = b'officium:ruleSet="cn-licensing" officium:promised="P15D" officium:promiseFrom="start" '
SOURCE: Final = process(_BODY).replace(b"<process ", b"<process " + _LAW + b'officium:decidedBy="decide" ', 1)


@pytest.fixture
def matter(database: Database, office: SmallOffice, clock: Clock) -> Matter:
    """A step with the clerks since a Monday morning, due at the end of Wednesday."""
    with database.writing() as db:
        calendars.set_hours(db, by=None, week=[HALVES] * 5 + [()] * 2)
    clock.set(at("2026-03-02T10:00"))
    return Matter.begun(database, office, source=SOURCE, owners={"process:procedure": "clerk"})


def stop(matter: Matter, ground: str = "hearing") -> None:
    with matter.database.writing() as db:
        acts.stop_clock(db, by=matter.by(db, "li"), case_id=matter.case_id, ground=ground, words="It is held")


def go_on(matter: Matter, number: int = 1) -> None:
    with matter.database.writing() as db:
        acts.resume_clock(db, by=matter.by(db, "li"), case_id=matter.case_id, number=number)


def explained(matter: Matter, number: int) -> list[str]:
    with matter.database.reading() as db:
        lines = why_due(db, matter.case_id, number)
        assert all(line.say("zh") for line in lines)
        return [line.say("en") for line in lines]


def counted_again(matter: Matter, number: int) -> datetime:
    """From the record alone."""
    row = matter.task(number)
    with matter.database.reading() as db:
        ready = runnable(db, row.edition_id)
        found = place(db, ready, row.edition_id, row.element)
        return counted_anew(db, matter.case_id, row, found.standard_time, row.department_id).at


def test_a_step_is_due_later_by_the_working_time_its_clock_stood(matter: Matter, clock: Clock) -> None:
    assert told(matter.task(1).due_at) == "2026-03-04 17:30"
    clock.set(at("2026-03-03T15:30"))  # two hours of that day, then Wednesday and an hour of Thursday: ten
    stop(matter)
    clock.set(at("2026-03-05T09:30"))
    assert "The clock stands since Tue 3 Mar 2026 15:30." in " ".join(explained(matter, 1))
    go_on(matter)
    assert told(matter.task(1).due_at) == "2026-03-06 11:30", "seven hours of Thursday and three of Friday"
    assert counted_again(matter, 1) == matter.task(1).due_at
    lines = explained(matter, 1)
    assert any("The clock stood from Tue 3 Mar 2026 15:30" in line and "10 working hours" in line for line in lines)
    assert lines[-1] == "So it is due on Fri 6 Mar 2026 11:30."
    with matter.database.reading() as db:
        page = reads.task(db, actor=matter.by(db, "li"), case_id=matter.case_id, number=1)
        assert [line.say("en") for line in why_of(db, page)] == lines
        (one,) = seen(db, [matter.case_id], clock.now())[matter.case_id].steps
        assert one.rested == timedelta(hours=10)
        assert first_broken(db, every_head(db)) is None


def test_what_is_opened_while_it_stands_gets_back_what_it_stood_since(matter: Matter, clock: Clock) -> None:
    stop(matter)
    clock.set(at("2026-03-03T08:30"))
    matter.do("check", "li")
    assert told(matter.task(matter.open["review"]).due_at) == "2026-03-05 17:30"
    clock.set(at("2026-03-04T08:30"))
    go_on(matter)
    review = matter.task(matter.open["review"])
    assert told(review.due_at) == "2026-03-06 17:30"
    assert counted_again(matter, review.number) == review.due_at


def test_what_waits_for_the_applicant_keeps_its_day_and_gives_the_others_theirs_back(
    matter: Matter, clock: Clock
) -> None:
    """The step that waits stops the clock by itself: what is beside it is not late for that."""
    matter.do("check", "li")
    wait, review = matter.open["wait"], matter.open["review"]
    assert any("The clock stands" in line for line in explained(matter, review))
    assert not any("The clock stands" in line for line in explained(matter, wait))
    clock.set(at("2026-03-03T10:00"))
    stop(matter)
    go_on(matter, 2)
    assert told(matter.task(wait).due_at) == "2026-03-04 17:30"
    clock.set(at("2026-03-04T10:00"))
    matter.do("wait", "li")
    assert told(matter.task(wait).due_at) == "2026-03-04 17:30", "what is over never changes"
    assert told(matter.task(review).due_at) == "2026-03-06 17:30", "two days"
    assert counted_again(matter, review) == matter.task(review).due_at
    assert not any("The clock stands" in line for line in explained(matter, review))


def test_what_is_decided_while_it_stands_leaves_the_other_steps_with_their_time(matter: Matter, clock: Clock) -> None:
    """The stop ends with the decision; nothing is open any more that could be late."""
    for element in ("check", "wait", "review"):
        matter.do(element, "li")
    stop(matter)
    clock.advance(days=9)
    matter.do("decide", "li")
    assert matter.open == {}
    (_first, second) = sorted(matter.rows(stops), key=lambda row: row.number)
    assert second.end_at == clock.now()
    assert told(max(row.due_at for row in matter.rows(tasks))) == "2026-03-04 17:30"


@pytest.mark.parametrize(
    ("first", "then"), [("rest", "clock"), ("clock", "rest")], ids=["the clock goes on last", "the case goes on last"]
)
def test_a_rest_within_a_stop_is_given_back_once(matter: Matter, clock: Clock, first: str, then: str) -> None:
    over: dict[str, Any] = {"rest": lambda: matter.act("resume", "li"), "clock": lambda: go_on(matter)}
    clock.set(at("2026-03-03T08:30"))
    stop(matter)
    clock.set(at("2026-03-04T08:30"))
    matter.act("suspend", "li", ground=Ground.SUPPLEMENT, words="A paper is missing")
    clock.set(at("2026-03-05T08:30"))
    over[first]()
    clock.set(at("2026-03-06T08:30"))
    over[then]()
    assert told(matter.task(1).due_at) == "2026-03-09 17:30", "Tuesday to Thursday, each once"
    assert counted_again(matter, 1) == matter.task(1).due_at


_BEGIN: Final = datetime(2026, 3, 2, tzinfo=UTC)
_SPELLS: Final = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12), st.booleans()), min_size=1, max_size=6
)  # fmt: skip


@given(_SPELLS)
def test_whatever_overlaps_is_given_back_once_by_whoever_ends_first(spells: list[tuple[int, int, bool]]) -> None:
    """Rests give theirs whole; with them, every hour in which the clock stood is given exactly once."""
    rests: list[tuple[int, int]] = []
    for begin, length, is_rest in spells:  # a case rests once at a time
        if is_rest and all(begin >= other or begin + length <= one for one, other in rests):
            rests.append((begin, begin + length))
    rows = [(begin, begin + length, False) for begin, length, is_rest in spells if not is_rest]
    rows += [(begin, end, True) for begin, end in rests]

    def held_at(now: int) -> list[Held]:
        return [
            Held(number, RESTS if rest else 1, _hour(begin), _hour(end) if end <= now else None)
            for number, (begin, end, rest) in enumerate(rows, 1)
            if begin <= now
        ]

    given_hours: list[int] = []
    for now in sorted({end for _begin, end, rest in rows if not rest}):
        ended = {number for number, (_begin, end, rest) in enumerate(rows, 1) if end == now and not rest}
        for one in given_back(held_at(now), ended):
            given_hours += range(_number(one.begin), _number(one.end))
    for begin, end in rests:
        given_hours += range(begin, end)
    assert sorted(given_hours) == sorted({hour for begin, end, _rest in rows for hour in range(begin, end)})


def _hour(number: int) -> datetime:
    return _BEGIN + timedelta(hours=number)


def _number(moment: datetime) -> int:
    return int((moment - _BEGIN) / timedelta(hours=1))
