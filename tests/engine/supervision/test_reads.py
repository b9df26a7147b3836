"""What supervisors see: where cases wait, how many, since when, and only of what is theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases import acts
from engine.cases.tables import tasks
from engine.procedures import reads as procedure_reads
from engine.supervision import reads
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.counting import counting
from tests.diagram_text import END, START, lanes, process, step, way
from tests.engine.diagram import builders as drawing
from tests.worlds import begun, in_force, next_edition

HOUR = timedelta(hours=1)
TWO_STEPS = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask", "Ask", 'officium:standardTime="PT10H"') + step("answer", "Answer") + END
    + way("start", "ask", "answer", "end")
)  # fmt: skip


def _begin(
    db: Connection, office: SmallOffice, clock: Clock, procedure_id: int, count: int, apart: timedelta
) -> list[int]:
    found = []
    for _ in range(count):
        found.append(begun(db, office, procedure_id).case_id)
        clock.moment += apart
    return found


def _waits(
    db: Connection, office: SmallOffice, clock: Clock, procedure_id: int, **more: int
) -> tuple[reads.StepStanding, ...]:
    return reads.where_cases_wait(db, actor=office.actor(db, "sun"), procedure_id=procedure_id, now=clock.now(), **more)


def test_a_step_where_cases_wait_is_told_in_figures(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_ids = _begin(db, office, clock, procedure_id, 5, 3 * HOUR)
        acts.claim(db, by=office.actor(db, "li"), case_id=case_ids[0], number=1)
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_ids[4], number=1)
        # Opened 0, 3, 6, 9 and 12 hours after the beginning; now is 15 hours after it; ten hours are promised.
        (ask,) = _waits(db, office, clock, procedure_id)
        assert (ask.element, ask.name, ask.post.en, ask.department.zh) == ("ask", "Ask", "Counter clerk", "服务窗口")
        assert (ask.open, ask.claimed, ask.late) == (5, 2, 2)
        assert ask.oldest == BEGINNING
        assert ask.median_wait == 9 * HOUR


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        begun(db, office, procedure_id)
        clock.advance(hours=10)
        begun(db, office, procedure_id)
        clock.advance(hours=1)
        (ask,) = _waits(db, office, clock, procedure_id)
        assert ask.median_wait == 6 * HOUR
        _begin(db, office, clock, procedure_id, 1, timedelta(0))
        (ask,) = _waits(db, office, clock, procedure_id)
        assert ask.median_wait == 1 * HOUR


def test_due_at_this_very_moment_is_not_late(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        begun(db, office, procedure_id)
        clock.advance(hours=10)
        assert _waits(db, office, clock, procedure_id)[0].late == 0
        clock.advance(milliseconds=1)
        assert _waits(db, office, clock, procedure_id)[0].late == 1


def test_most_waiting_stands_first_and_closed_tasks_count_nowhere(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_ids = _begin(db, office, clock, procedure_id, 5, HOUR)
        for case_id in case_ids[:3]:
            acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        told = [(one.element, one.open, one.post.en) for one in _waits(db, office, clock, procedure_id)]
        assert told == [("answer", 3, "Reviewer"), ("ask", 2, "Counter clerk")]
        for case_id in case_ids[:3]:
            acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
        assert [one.element for one in _waits(db, office, clock, procedure_id)] == ["ask"]


def test_editions_are_told_apart(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        first = procedure_reads.procedure(db, procedure_id).in_force_id
        begun(db, office, procedure_id)
        second = next_edition(db, office, procedure_id, TWO_STEPS)
        for _ in range(2):
            begun(db, office, procedure_id)
        told = [(one.edition_id, one.open) for one in _waits(db, office, clock, procedure_id)]
        assert told == [(second, 2), (first, 1)]
        assert [one.open for one in _waits(db, office, clock, procedure_id, edition_id=second)] == [2]


def test_the_cases_behind_a_figure_are_as_many_as_it_says_and_the_longest_waiting_first(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_ids = _begin(db, office, clock, procedure_id, 4, HOUR)
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_ids[1], number=1, submitted={})
        acts.claim(db, by=office.actor(db, "li"), case_id=case_ids[2], number=1)
        sun = office.actor(db, "sun")
        asked = reads.waiting_cases(db, actor=sun, procedure_id=procedure_id, element="ask")
        assert [one.case_id for one in asked] == [case_ids[0], case_ids[2], case_ids[3]]
        assert [one.person.en if one.person else None for one in asked] == [None, "Li Ming", None]
        assert asked[0].due_at == BEGINNING + 10 * HOUR
        (answered,) = reads.waiting_cases(db, actor=sun, procedure_id=procedure_id, element="answer")
        assert (answered.case_id, answered.task_number, answered.due_at) == (case_ids[1], 2, None)
        assert answered.handed_over_from is not None
        assert answered.handed_over_from.en == "Service counter"
        every = reads.waiting_cases(db, actor=sun, procedure_id=procedure_id)
        assert sum(one.open for one in _waits(db, office, clock, procedure_id)) == len(every) == 4
        assert len(reads.waiting_cases(db, actor=sun, procedure_id=procedure_id, limit=2)) == 2


def test_the_overview_tells_how_each_procedure_stands(database: Database, office: SmallOffice, clock: Clock) -> None:
    broken = drawing.source(
        drawing.start(), drawing.step("serviceTask", "machine"), drawing.user("after"), drawing.end(),
        drawing.line("s", "machine", "after", "e"),
    )  # fmt: skip
    with database.writing() as db:
        busy = in_force(db, office, TWO_STEPS)
        stuck = in_force(db, office, broken, owners={"process:p": "clerk"}, prefix="ST")
        case_ids = _begin(db, office, clock, busy, 3, 4 * HOUR)
        begun(db, office, stuck)
        for number, login in ((1, "li"), (2, "wang")):
            acts.complete_task(db, by=office.actor(db, login), case_id=case_ids[1], number=number, submitted={})
        ended_at = clock.now()
        sun = office.actor(db, "sun")
        # The first was promised for ten hours after the beginning, now is twelve hours after it.
        told = {one.prefix: one for one in reads.overview(db, actor=sun, now=clock.now(), since=ended_at)}
        one = told["BP"]
        assert (one.open, one.finished, one.late, one.incidents, one.oldest) == (2, 1, 1, 0, BEGINNING)
        assert one.edition_in_force == procedure_reads.procedure(db, busy).in_force_id
        assert (told["ST"].open, told["ST"].incidents) == (1, 1)
        later = reads.overview(db, actor=sun, now=clock.now(), since=ended_at + HOUR)
        assert {one.prefix: one.finished for one in later}["BP"] == 0


def test_a_procedure_without_any_case_is_told_too(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        (one,) = reads.overview(db, actor=office.actor(db, "sun"), now=clock.now(), since=clock.now())
        assert (one.procedure_id, one.open, one.oldest, one.finished, one.late) == (procedure_id, 0, None, 0, 0)
        assert _waits(db, office, clock, procedure_id) == ()


@pytest.mark.parametrize("login", ["li", "wang", "he", "guo"])
def test_the_watch_is_for_supervisors(database: Database, office: SmallOffice, clock: Clock, login: str) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        by = office.actor(db, login)
        for asked in (
            lambda: reads.overview(db, actor=by, now=clock.now(), since=clock.now()),
            lambda: reads.where_cases_wait(db, actor=by, procedure_id=procedure_id, now=clock.now()),
            lambda: reads.waiting_cases(db, actor=by, procedure_id=procedure_id),
            lambda: reads.open_incidents(db, actor=by),
        ):
            with pytest.raises(NotAllowed):
                asked()


def test_a_supervisor_sees_their_own_department_and_below(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """The head of review does not watch what the bureau keeps to itself, until a task of it waits in review."""
    with database.writing() as db:
        theirs = in_force(db, office, TWO_STEPS, owners={"lane:counter": "administrator", "lane:bureau": "reviewer"},
                          department="bureau", prefix="BU")  # fmt: skip
        in_force(db, office, TWO_STEPS)
        case_id = begun(db, office, theirs, by="guo").case_id
        sun, zhou = office.actor(db, "sun"), office.actor(db, "zhou")

        def seen() -> tuple[list[str], list[str]]:
            told = (reads.overview(db, actor=one, now=clock.now(), since=clock.now()) for one in (sun, zhou))
            return tuple([one.prefix for one in lines] for lines in told)  # type: ignore[return-value]

        assert seen() == (["BP"], ["BP", "BU"])
        for asked in (
            lambda: reads.where_cases_wait(db, actor=sun, procedure_id=theirs, now=clock.now()),
            lambda: reads.waiting_cases(db, actor=sun, procedure_id=theirs),
            lambda: reads.where_cases_wait(db, actor=sun, procedure_id=999, now=clock.now()),
        ):
            with pytest.raises(NotFound):
                asked()
        acts.complete_task(db, by=office.actor(db, "guo"), case_id=case_id, number=1, submitted={})
        assert seen() == (["BP", "BU"], ["BP", "BU"])
        assert [one.element for one in reads.where_cases_wait(db, actor=sun, procedure_id=theirs, now=clock.now())] == [
            "answer"
        ]


def test_the_figures_cost_as_much_for_a_thousand_tasks_as_for_one(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_id = begun(db, office, procedure_id).case_id
        other = begun(db, office, procedure_id).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=other, number=1, submitted={})
        sun = office.actor(db, "sun")
    asked = {"actor": sun, "procedure_id": procedure_id}

    def cost() -> tuple[int, int]:
        with database.reading() as db:
            with counting(database) as figures:
                reads.where_cases_wait(db, now=clock.now(), **asked)  # type: ignore[arg-type]
            with counting(database) as listed:
                reads.waiting_cases(db, **asked)  # type: ignore[arg-type]
        return len(figures.statements), len(listed.statements)

    few = cost()
    with database.writing() as db:
        one = dict(db.execute(select(tasks).where(tasks.c.case_id == case_id)).one()._mapping)
        db.execute(insert(tasks), [{**one, "number": number, "token": f"t{number}"} for number in range(2, 1000)])
    assert cost() == few
    assert max(few) <= 8


def test_many_steps_cost_no_more_statements_than_two(database: Database, office: SmallOffice, clock: Clock) -> None:
    names = [f"t{number}" for number in range(1, 31)]
    long = drawing.source(
        drawing.start(), drawing.both("split"), *(drawing.user(one) for one in names), drawing.both("join"), drawing.end(),
        drawing.line("s", "split"), *(drawing.line("split", one, "join") for one in names), drawing.line("join", "e"),
    )  # fmt: skip
    with database.writing() as db:
        procedure_id = in_force(db, office, long, owners={"process:p": "clerk"})
        begun(db, office, procedure_id)
        sun = office.actor(db, "sun")
    with database.reading() as db, counting(database) as counted:
        assert len(reads.where_cases_wait(db, actor=sun, procedure_id=procedure_id, now=clock.now())) == 30
    assert len(counted.statements) <= 8, counted.statements
