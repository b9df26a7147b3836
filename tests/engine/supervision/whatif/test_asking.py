"""Asking, being refused, and being answered in the background."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.records.tables import entries
from engine.supervision.whatif import acts, kept, reads, rules, working
from engine.supervision.whatif.gathering import gathered, together
from engine.supervision.whatif.kept import Known
from engine.supervision.whatif.record import Order
from engine.supervision.whatif.rules import Change, Gate, Kind, State
from engine.supervision.whatif.tables import what_if_runs
from tests.engine.supervision.bottlenecks.offices import NOW, Office, built, plan

MORE = Change(Kind.STAFF, 1)
BOTH = {
    "test_a_question_is_one_run_however_often_it_is_asked_and_stands_on_the_record",
    "test_nothing_is_shown_of_a_department_whose_wait_staffing_does_not_explain",
}
"""Tried on both databases: an office takes a while to build."""


@pytest.fixture
def played(database: Database, request: pytest.FixtureRequest) -> Iterator[Office]:
    """Nine weeks of an office in which nothing is wrong."""
    if database.engine.dialect.name != "sqlite" and request.node.name.split("[")[0] not in BOTH:
        pytest.skip("nothing here depends on the database")
    with database.writing() as db:
        found = built(db, plan(101, None))
    with clock.reading(lambda: NOW):
        yield found


def _tested(database: Database, played: Office, *, explained: bool = True) -> None:
    """As if the simulation had come out so; working it out is tried elsewhere."""
    small = played.small
    departments = [
        rules.Tested(
            small.departments[code], 50, 2.0, 2.1 if explained or code != "review" else 9.0, 1.0, 1.1, 0.5, 1.0
        )
        for code in ("counter", "review", "survey", "bureau")
    ]
    cycle = rules.TestedCycle(played.procedure_id, 40, 4.0, 4.1, 8.0, 8.2)
    places = [
        Known((played.procedure_id, element, small.posts[post]), small.departments[department], element.title(), 50)
        for element, post, department in (
            ("receive", "clerk", "counter"), ("review", "reviewer", "review"), ("survey", "surveyor", "survey"),
            ("sign", "signer", "bureau"),
        )
    ]  # fmt: skip
    with database.writing() as db:
        kept.keep_tests(db, departments, [cycle], places, {played.procedure_id})


def _ask(database: Database, played: Office, change: Change, login: str = "sun") -> int:
    with database.writing() as db:
        return acts.ask_what_if(
            db, by=played.small.actor(db, login), procedure_id=played.procedure_id, change=change
        )  # fmt: skip


def _more(played: Office, post: str = "reviewer", by: int = 1) -> Change:
    return Change(Kind.STAFF, by, post=played.small.posts[post])


def test_a_question_is_one_run_however_often_it_is_asked_and_stands_on_the_record(
    database: Database, played: Office
) -> None:
    _tested(database, played)
    first = _ask(database, played, _more(played))
    assert _ask(database, played, _more(played)) == first
    assert _ask(database, played, _more(played), "zhou") == first
    assert _ask(database, played, _more(played, by=-1)) != first
    with database.reading() as db:
        asked = db.scalars(select(entries.c.act).where(entries.c.act == "ask_what_if")).all()
    assert len(asked) == 2


def test_the_last_four_weeks_are_looked_back_on_and_a_question_is_answered(database: Database, played: Office) -> None:
    assert working.look_back(database, runs=3) == 1
    assert working.look_back(database, runs=3) == 0, "once a day"
    with database.reading() as db:
        page = reads.procedure_page(
            db, actor=played.small.actor(db, "sun"), procedure_id=played.procedure_id
        )  # fmt: skip
    assert page.learned
    assert {one.gate for one in page.departments} & {Gate.OPEN}
    assert {one.element for one in page.offered} == {"receive", "review", "survey", "sign"}
    _tested(database, played)
    run_id = _ask(database, played, _more(played, by=-1))
    assert working.answer_due(database, runs=4) == 1
    assert working.answer_due(database, runs=4) == 0
    with database.reading() as db:
        answer = reads.run_page(db, actor=played.small.actor(db, "sun"), run_id=run_id)
    assert answer.line.state is State.DONE
    assert answer.median is not None
    review = next(one for one in answer.steps if one.element == "review")
    assert review.wait is not None
    assert review.wait.moved.middle > 0, "with one fewer all wait longer"


def test_a_stopped_process_leaves_the_question_to_another(database: Database, played: Office) -> None:
    _tested(database, played)
    run_id = _ask(database, played, _more(played))
    turns = iter([True, True, False, False, False])
    working.answer_due(database, lambda: next(turns), runs=4)
    with database.reading() as db:
        assert kept.waiting(db) == 1
        line = reads.run_page(db, actor=played.small.actor(db, "sun"), run_id=run_id).line
    assert line.state is State.WAITING


def test_nothing_is_shown_of_a_department_whose_wait_staffing_does_not_explain(
    database: Database, played: Office
) -> None:
    _tested(database, played, explained=False)
    refused = pytest.raises(rules.NotShown)
    with refused as told:
        _ask(database, played, _more(played))
    assert "Review section" in told.value.say("en")
    with pytest.raises(rules.NotShown):
        _ask(database, played, Change(Kind.WITHOUT, procedure=played.procedure_id, element="review"))
    run_id = _ask(database, played, _more(played, "surveyor"))
    figures = {
        rules.key_of_place(kind, "step", played.procedure_id, element): rules.Answer(*[rules.Range(1, 2, 3)] * 3)
        for kind in ("wait", "queue")
        for element in ("review", "survey")
    }
    with database.writing() as db:
        db.execute(update(what_if_runs).values(state=State.DONE, figures=rules.answers_written(figures)))
    with database.reading() as db:
        page = reads.run_page(db, actor=played.small.actor(db, "sun"), run_id=run_id)
    assert [one.element for one in page.steps] == ["survey"]
    assert [one.gate for one in page.hidden] == [Gate.CLOSED]


UNFIT = [
    (Change(Kind.STAFF, 1, post=999), rules.StrangePlace),
    (Change(Kind.STAFF, 5, post=1), rules.StrangePlace),
    (Change(Kind.ORDER, 9, post=1), rules.StrangePlace),
    (Change(Kind.WITHOUT, procedure=1, element="nothing"), rules.StrangePlace),
    (Change(Kind.SMALL, 0, 1, "review"), rules.ShareUnfit),
    (Change(Kind.SMALL, 101, 1, "review"), rules.ShareUnfit),
    (Change(Kind.ARRIVALS, 0, 1), rules.ShareUnfit),
    (Change(Kind.ARRIVALS, -95, 1), rules.ShareUnfit),
]


def test_what_cannot_be_is_refused(database: Database, played: Office) -> None:
    _tested(database, played)
    for change, why in UNFIT:
        with pytest.raises(why):
            _ask(database, played, change)


def test_before_it_was_tested_nothing_can_be_asked_and_by_whom_it_is_not_meant_for_never(
    database: Database, played: Office
) -> None:
    with pytest.raises(rules.NotTested):
        _ask(database, played, _more(played))
    _tested(database, played)
    with pytest.raises(NotAllowed):
        _ask(database, played, _more(played), "li")
    run_id = _ask(database, played, _more(played))
    with database.reading() as db:
        with pytest.raises(NotAllowed):
            reads.run_page(db, actor=played.small.actor(db, "li"), run_id=run_id)
        with pytest.raises(NotFound):
            reads.run_page(db, actor=played.small.actor(db, "sun"), run_id=run_id + 1)


def test_the_record_is_gathered_as_it_is_in_the_rows(database: Database, played: Office) -> None:
    """What waits for somebody outside takes nobody of the office."""
    with database.reading() as db:
        assert together(db) == ((played.procedure_id,),)
        record = gathered(db, (played.procedure_id,))
    every = [one for of in record.tasks.values() for one in of]
    assert {one.place[1] for one in every if not one.served} <= {"supplement"}
    assert all(not one.served for one in every if one.place[1] == "supplement" and one.closed)
    assert any(one.closed is None for one in every)
    assert set(record.day_length.values()) <= {8 * 3_600_000, 7 * 3_600_000}


def test_changes_are_read_as_they_were_written() -> None:
    for one in (MORE, Change(Kind.ORDER, Order.DUE, post=3), Change(Kind.SMALL, 30, 2, "审查")):
        assert Change.read(one.written()) == one
