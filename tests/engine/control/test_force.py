"""The day an edition comes into force: at once, or when it comes, in the office's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.control import acts, due, rules
from engine.procedures import acts as procedures
from engine.procedures import reads as procedure_reads
from engine.procedures.rules import EditionState
from engine.procedures.tables import procedures as rows
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.diagram_text import END, START, process, way
from tests.engine.control.world import Reviewed, drafted, next_draft
from tests.worlds import approval_in_force, begun, every_head, in_force, tasks_of
from web.working.rounds import tick

FIRST_OF_APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai."""
CALLED = process(START + '<userTask id="look" name="Look"/>' + END + way("start", "look", "end"), process_id="called")
CALLING = process(
    START + '<callActivity id="call" name="Call" calledElement="called"/><userTask id="own" name="Own"/>' + END
    + way("start", "call", "own", "end")
)  # fmt: skip


@pytest.fixture
def approved(database: Database, office: SmallOffice) -> Reviewed:
    """For the first of April."""
    with database.writing() as db:
        world = drafted(db, office)
        world.to_approval(db)
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 4, 1))
    return world


def test_an_edition_comes_into_force_when_its_day_begins_in_the_office(
    database: Database, approved: Reviewed, clock: Clock
) -> None:
    with database.reading() as db:
        assert approved.state(db) == EditionState.APPROVED
        assert begun_on(database, approved) == 1
    clock.set(FIRST_OF_APRIL - timedelta(seconds=1))
    assert tick(database) == 0
    clock.set(FIRST_OF_APRIL)
    assert tick(database) == 1
    assert tick(database) == 0
    with database.reading() as db:
        lines = {one.number: one for one in procedure_reads.editions(db, approved.procedure_id)}
        assert (lines[2].state, lines[2].in_force_at) == (EditionState.IN_FORCE, FIRST_OF_APRIL)
        assert (lines[1].state, lines[1].out_of_force_at) == (EditionState.OUT_OF_FORCE, FIRST_OF_APRIL)
        assert first_broken(db, every_head(db)) is None
    assert begun_on(database, approved) == 2


def begun_on(database: Database, world: Reviewed) -> int:
    """The number of the edition that a case begins on now."""
    with database.writing() as db:
        begun(db, world.office, world.procedure_id)
        return procedure_reads.in_force(db, world.procedure_id)[0].number


def test_the_case_of_the_approval_is_told(database: Database, approved: Reviewed, clock: Clock) -> None:
    clock.set(FIRST_OF_APRIL)
    tick(database)
    with database.reading() as db:
        assert "Replace the copies 发布与换版" in tasks_of(db, approved.office, "li")


def test_an_approver_may_choose_another_day(database: Database, approved: Reviewed, clock: Clock) -> None:
    with database.writing() as db:
        acts.set_effective(db, by=approved.by(db, "zhou"), edition_id=approved.edition_id, from_day=date(2026, 5, 1))
    clock.set(FIRST_OF_APRIL)
    assert tick(database) == 0
    with database.writing() as db:
        today = date(2026, 4, 1)
        state = acts.set_effective(db, by=approved.by(db, "zhou"), edition_id=approved.edition_id, from_day=today)
        assert state == approved.state(db) == EditionState.IN_FORCE
    with database.writing() as db, pytest.raises(rules.NotApproved):
        acts.set_effective(db, by=approved.by(db, "zhou"), edition_id=approved.edition_id, from_day=date(2026, 6, 1))


@pytest.mark.parametrize("login", ["he", "guo", "sun", "li"])
def test_nobody_else_sets_the_day(database: Database, approved: Reviewed, login: str) -> None:
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.set_effective(db, by=approved.by(db, login), edition_id=approved.edition_id, from_day=date(2026, 5, 1))


@pytest.mark.parametrize(("day", "refusal"), [(date(2026, 3, 1), rules.DayPast), (date(2033, 1, 1), rules.DayTooFar)])
def test_a_day_that_cannot_be_meant_is_refused_and_nothing_is_kept(
    database: Database, office: SmallOffice, day: date, refusal: type[Exception]
) -> None:
    with database.writing() as db:
        world = drafted(db, office)
        world.to_approval(db)
    with database.writing() as db, pytest.raises(refusal):
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=day)
    with database.reading() as db:
        assert world.state(db) == EditionState.IN_REVIEW
        assert world.page(db).rounds[0].approval is None


def test_today_means_the_day_in_the_office(database: Database, office: SmallOffice, clock: Clock) -> None:
    """Late in the evening of UTC it is tomorrow already in Shanghai."""
    with database.writing() as db:
        world = drafted(db, office)
        clock.set(datetime(2026, 3, 2, 17, 0, tzinfo=UTC))
        world.to_approval(db)
        with pytest.raises(rules.DayPast):
            acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 3, 2))
        assert world.state(db) == EditionState.IN_REVIEW


def test_what_can_no_longer_come_into_force_on_its_day_says_why_and_is_tried_again(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """The procedure it calls was taken out of force meanwhile."""
    alone = {"process:called": "clerk", "process:procedure": "clerk"}
    with database.writing() as db:
        called = in_force(db, office, CALLED, owners=alone, prefix="CA")
        calling = in_force(db, office, CALLING, owners=alone, prefix="CB")
        approval_in_force(db, office)
        world = Reviewed(office, calling, next_draft(db, office, calling, source=CALLING, beside={}))
        world.submitted(db)
        world.checked(db)
        world.consents(db, "zhou")
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 4, 1))
        procedures.take_out_of_force(db, by=world.by(db, "zhou"), procedure_id=called)
    clock.set(FIRST_OF_APRIL)
    assert tick(database) == 0
    assert tick(database) == 0
    with database.writing() as db:
        effective = world.page(db).effective
        assert effective is not None
        assert effective.held_up is not None
        assert "which no procedure in force has" in effective.held_up["en"]
        assert "没有生效的程序" in effective.held_up["zh"]
        again = next_draft(db, office, called, source=CALLED, beside={})
        other = Reviewed(office, called, again)
        other.submitted(db)
        other.checked(db)
        other.consents(db, "zhou")
        acts.approve(db, by=other.by(db, "zhou"), edition_id=again)
    assert tick(database) == 1
    with database.reading() as db:
        assert world.state(db) == EditionState.IN_FORCE
        effective = world.page(db).effective
        assert effective is not None
        assert effective.held_up is None


def test_being_held_up_is_noted_once(database: Database, approved: Reviewed, clock: Clock) -> None:
    for _ in range(3):
        with database.writing() as db:
            acts.hold_up(db, edition_id=approved.edition_id, why={"en": "It cannot be run.", "zh": "无法运行。"})
    with database.reading() as db:
        chain = db.execute(select(rows.c.chain).where(rows.c.id == approved.procedure_id)).scalar_one()
        assert [one.act for one in entries(db, chain)].count("hold_up") == 1


def test_due_editions_are_those_approved_whose_day_has_come(database: Database, approved: Reviewed) -> None:
    with database.reading() as db:
        assert due.due_editions(db, at=BEGINNING) == ()
        assert due.due_editions(db, at=FIRST_OF_APRIL) == (approved.edition_id,)
