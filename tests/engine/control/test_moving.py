"""Running cases and a new edition, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.cases import acts as cases
from engine.cases import reads
from engine.cases.rules import AlreadyCompleted
from engine.cases.tables import awaited, hand_overs, incidents, task_events, tasks, timers
from engine.cases.tables import cases as case_rows
from engine.control.moving import acts, rules
from engine.control.moving.reads import Moving, to_move, undoable
from engine.control.moving.rules import Kind
from engine.organisation.rules import Actor
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import begun, every_head, in_force, next_edition, tasks_of

_TIMER = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"


def straight(*steps: str, counter: tuple[str, ...] = ("start", "receive", "end"), **named: str) -> bytes:
    """Steps in a row: those of the counter in its lane, the others in the bureau's."""
    bureau = [one for one in steps if one not in counter]
    inner = "".join(step(one, named.get(one), 'officium:standardTime="P3D"') for one in steps)
    held = {"counter": counter} if not bureau else {"counter": counter, "bureau": bureau}
    return process(lanes(**held) + START + inner + END + way("start", *steps, "end"))


@pytest.fixture
def db(database: Database, office: SmallOffice) -> Any:
    with database.writing() as connection:
        yield connection


@pytest.fixture
def he(db: Connection, office: SmallOffice) -> Actor:
    return office.actor(db, "he")


def done(db: Connection, office: SmallOffice, login: str, name: str) -> int:
    """Completes the first task of this name on the person's desk."""
    case_id, number = tasks_of(db, office, login)[name]
    cases.complete_task(db, by=office.actor(db, login), case_id=case_id, number=number, submitted={})
    return case_id


def judged(db: Connection, he: Actor, edition_id: int, **to: str) -> Moving:
    return to_move(db, actor=he, edition_id=edition_id, to=to)


def everything(db: Connection, case_id: int) -> dict[str, Any]:
    """All rows of a case but its place in the record and its version, which only ever go on."""
    found: dict[str, Any] = {}
    for table in (tasks, timers, awaited, incidents, task_events, hand_overs):
        order = [table.c[column.name] for column in table.primary_key]
        found[table.name] = db.execute(select(table).where(table.c.case_id == case_id).order_by(*order)).all()
    kept = [column for column in case_rows.c if column.name not in ("version", "chain_length", "chain_head")]
    found["case"] = db.execute(select(*kept).where(case_rows.c.id == case_id)).one()
    return found


def test_a_case_stays_on_its_edition_until_somebody_moves_it(db: Connection, office: SmallOffice, he: Actor) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    case = begun(db, office, procedure)
    edition = next_edition(db, office, procedure, straight("receive", "review", "file"))
    assert reads.case(db, actor=office.actor(db, "zhou"), case_id=case.case_id).edition_number == 1
    found = judged(db, he, edition)
    assert found.counts == {Kind.MOVES: 1}
    assert found.lines[0].verdict.proved is True
    assert found.here == 0


def test_a_moved_case_goes_on_as_the_new_edition_says(db: Connection, office: SmallOffice, he: Actor) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    begun(db, office, procedure)
    case_id = done(db, office, "li", "Receive")
    edition = next_edition(db, office, procedure, straight("receive", "review", "file"))
    assert acts.move_cases(db, by=he, edition_id=edition) == acts.Outcome(1, 0)
    page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
    assert page.edition_number == 2
    assert page.record[-1].act == "move_case"
    assert page.record[-1].facts["from"] == 1
    assert page.record[-1].facts["edition"] == 2
    done(db, office, "wang", "Review")
    assert "File" in tasks_of(db, office, "wang")
    done(db, office, "wang", "File")
    assert reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).ended_at is not None
    assert first_broken(db, every_head(db)) is None


def test_a_task_stays_with_who_claimed_it_where_its_post_stays_the_same(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    case = begun(db, office, procedure)
    cases.claim(db, by=office.actor(db, "li"), case_id=case.case_id, number=1)
    before = db.execute(select(task_events)).all()
    edition = next_edition(db, office, procedure, straight("receive", "review", "file"))
    acts.move_cases(db, by=he, edition_id=edition)
    row = db.execute(select(tasks)).one()
    assert (row.person_id, row.edition_id, row.closed_at) == (office.persons["li"], edition, None)
    assert db.execute(select(task_events)).all() == before


def test_a_task_whose_lane_another_department_owns_is_handed_over(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    case = begun(db, office, procedure)
    cases.claim(db, by=office.actor(db, "li"), case_id=case.case_id, number=1)
    other = straight("receive", "review", counter=("start", "end"))
    edition = next_edition(db, office, procedure, other)
    acts.move_cases(db, by=he, edition_id=edition)
    row = db.execute(select(tasks)).one()
    assert (row.person_id, row.post_id) == (None, office.posts["reviewer"])
    received = db.execute(select(hand_overs)).one()
    assert (received.from_department_id, received.to_department_id) == (
        office.departments["counter"],
        office.departments["review"],
    )
    assert "Receive" in tasks_of(db, office, "wang")
    assert "Receive" not in tasks_of(db, office, "li")


def test_a_removed_step_asks_for_a_choice_and_its_successor_is_suggested(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, straight("receive", "check", "review"))
    begun(db, office, procedure)
    case_id = done(db, office, "li", "Receive")
    edition = next_edition(db, office, procedure, straight("receive", "review"))
    found = judged(db, he, edition)
    assert found.counts == {Kind.CHOICE: 1}
    (choice,) = found.choices
    assert (choice.element, choice.waiting, choice.suggested, choice.is_there) == ("check", 1, "review", False)
    assert "Check" in found.lines[0].verdict.reasons[0].en
    with pytest.raises(rules.NotMovable):
        acts.move_case(db, by=he, case_id=case_id, edition_id=edition)
    assert judged(db, he, edition, check="review").counts == {Kind.MOVES: 1}
    acts.move_case(db, by=he, case_id=case_id, edition_id=edition, to={"check": "review"})
    assert set(tasks_of(db, office, "wang")) == {"Review"}
    open_ = db.execute(select(tasks.c.element).where(tasks.c.closed_at.is_(None))).scalars().all()
    assert open_ == ["review"]
    page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
    assert page.record[-1].facts["to"] == {"check": "review"}


def test_a_new_step_before_where_the_case_stands_asks_for_a_choice(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    begun(db, office, procedure)
    done(db, office, "li", "Receive")
    edition = next_edition(db, office, procedure, straight("receive", "check", "review"))
    found = judged(db, he, edition)
    assert found.counts == {Kind.CHOICE: 1}
    assert "there it would stand at “Check” now" in found.lines[0].verdict.reasons[0].en
    (choice,) = found.choices
    assert (choice.element, choice.is_there) == ("review", True)
    assert judged(db, he, edition, review="review").counts == {Kind.MOVES: 1}
    acts.move_cases(db, by=he, edition_id=edition, to={"review": "check"})
    assert set(tasks_of(db, office, "wang")) == {"Check"}


def test_moving_back_restores_every_row(db: Connection, office: SmallOffice, he: Actor, clock: Clock) -> None:
    procedure = in_force(db, office, straight("receive", "check", "review"))
    case = begun(db, office, procedure)
    done(db, office, "li", "Receive")
    cases.claim(db, by=office.actor(db, "wang"), case_id=case.case_id, number=2)
    before = everything(db, case.case_id)
    other = straight("receive", "review", counter=("start", "receive", "review", "end"))
    edition = next_edition(db, office, procedure, other)
    clock.advance(hours=1)
    acts.move_cases(db, by=he, edition_id=edition, to={"check": "review"})
    assert everything(db, case.case_id) != before
    assert undoable(db, edition_id=edition).count == 1
    clock.advance(hours=23)
    assert acts.move_cases_back(db, by=he, edition_id=edition) == acts.Outcome(1, 0)
    assert everything(db, case.case_id) == before
    assert undoable(db, edition_id=edition).count == 0
    assert first_broken(db, every_head(db)) is None
    page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case.case_id)
    assert [one.act for one in page.record[-2:]] == ["move_case", "move_back"]
    with pytest.raises(rules.NotMoved):
        acts.move_back(db, by=he, case_id=case.case_id)
    done(db, office, "wang", "Check")
    assert "Review" in tasks_of(db, office, "wang")


def test_a_case_that_has_gone_on_is_not_moved_back(db: Connection, office: SmallOffice, he: Actor) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    case = begun(db, office, procedure)
    edition = next_edition(db, office, procedure, straight("receive", "review", "file"))
    acts.move_cases(db, by=he, edition_id=edition)
    cases.claim(db, by=office.actor(db, "li"), case_id=case.case_id, number=1)
    assert undoable(db, edition_id=edition).count == 0
    with pytest.raises(rules.GoneOn):
        acts.move_back(db, by=he, case_id=case.case_id)


def test_a_case_is_not_moved_back_after_a_day(db: Connection, office: SmallOffice, he: Actor, clock: Clock) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    case = begun(db, office, procedure)
    edition = next_edition(db, office, procedure, straight("receive", "review", "file"))
    acts.move_cases(db, by=he, edition_id=edition)
    clock.advance(hours=24, seconds=1)
    assert undoable(db, edition_id=edition).count == 0
    with pytest.raises(rules.TooLate):
        acts.move_back(db, by=he, case_id=case.case_id)


def test_cases_are_moved_by_designers_and_to_the_edition_in_force_only(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, straight("receive", "review"))
    case = begun(db, office, procedure)
    first = db.execute(select(case_rows.c.edition_id)).scalar_one()
    edition = next_edition(db, office, procedure, straight("receive", "review", "file"))
    li = office.actor(db, "li")
    with pytest.raises(NotAllowed):
        acts.move_cases(db, by=li, edition_id=edition)
    with pytest.raises(NotAllowed):
        to_move(db, actor=li, edition_id=edition, to={})
    with pytest.raises(NotAllowed):
        acts.move_back(db, by=li, case_id=case.case_id)
    with pytest.raises(rules.NotTheOneInForce):
        acts.move_cases(db, by=he, edition_id=first)


def test_completing_a_task_again_that_was_closed_before_the_move_is_still_told_right(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, straight("receive", "check", "review"))
    begun(db, office, procedure)
    case_id = done(db, office, "li", "Receive")
    edition = next_edition(db, office, procedure, straight("receive", "check", "review", "file", receive="Take it in"))
    acts.move_cases(db, by=he, edition_id=edition)
    with pytest.raises(AlreadyCompleted):
        cases.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={})
    assert reads.task(db, actor=office.actor(db, "li"), case_id=case_id, number=1).line.name == "Receive"


def test_timers_keep_the_moment_they_are_due_and_new_ones_begin_now(
    db: Connection, office: SmallOffice, he: Actor, clock: Clock
) -> None:
    def timed(*borders: tuple[str, str]) -> bytes:
        drawn = "".join(
            f'<boundaryEvent id="{name}" attachedToRef="receive" cancelActivity="false">{_TIMER.format(time)}'
            f"</boundaryEvent>"
            for name, time in borders
        )
        ways = "".join(flow(name, "urge") for name, _time in borders)
        return process(
            lanes(counter=("start", "receive", "end", *(name for name, _ in borders)), bureau=("urge",))
            + START + step("receive") + drawn + step("urge") + END + way("start", "receive", "end") + ways
            + way("urge", "end")
        )  # fmt: skip

    procedure = in_force(db, office, timed(("late", "P5D")))
    begun(db, office, procedure)
    began = clock.now()
    clock.advance(days=2)
    edition = next_edition(db, office, procedure, timed(("late", "P7D"), ("soon", "P1D")))
    acts.move_cases(db, by=he, edition_id=edition)
    armed = {row.element: row.due_at for row in db.execute(select(timers).where(timers.c.closed_at.is_(None))).all()}
    assert {name: due - began for name, due in armed.items()} == {
        "late": timedelta(days=7),
        "soon": timedelta(days=3),
    }
