"""The register: what is in force since when, and when it is looked at again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.control import acts, rules
from engine.control.register import RegisterLine, register
from engine.procedures import acts as procedures
from engine.procedures.rules import EditionState, NothingInForce
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.control.world import Reviewed, drafted


@pytest.fixture
def world(database: Database, office: SmallOffice) -> Reviewed:
    with database.writing() as db:
        return drafted(db, office)


def _line(database: Database, world: Reviewed) -> RegisterLine:
    with database.reading() as db:
        return next(one for one in register(db) if one.procedure_id == world.procedure_id)


def test_a_procedure_is_reviewed_again_after_a_year(database: Database, world: Reviewed, clock: Clock) -> None:
    line = _line(database, world)
    assert (line.edition, line.state, line.months) == (1, EditionState.IN_FORCE, 12)
    assert (line.next_review, line.overdue) == (date(2027, 3, 2), False)
    assert [(one.number, one.state) for one in line.coming] == [(2, EditionState.DRAFT)]
    clock.set(datetime(2027, 3, 2, 15, 0, tzinfo=UTC))
    assert not _line(database, world).overdue
    clock.set(datetime(2027, 3, 2, 16, 0, tzinfo=UTC))
    assert _line(database, world).overdue


def test_a_review_that_was_held_counts_anew(database: Database, world: Reviewed, clock: Clock) -> None:
    with database.writing() as db:
        acts.set_review_interval(db, by=world.by(db, "zhou"), procedure_id=world.procedure_id, months=1)
    clock.set(datetime(2026, 5, 30, 1, 0, tzinfo=UTC))
    assert _line(database, world).overdue
    with database.writing() as db:
        acts.note_periodic_review(
            db, by=world.by(db, "he"), procedure_id=world.procedure_id, finding="Still how we work."
        )
    line = _line(database, world)
    assert (line.next_review, line.overdue) == (date(2026, 6, 30), False)


def test_what_is_approved_is_registered_with_its_day_and_its_approver(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.to_approval(db)
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 4, 1))
    (coming,) = _line(database, world).coming
    assert (coming.state, coming.from_day) == (EditionState.APPROVED, date(2026, 4, 1))
    with database.writing() as db:
        acts.set_effective(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 3, 2))
    line = _line(database, world)
    assert (line.edition, line.coming) == (2, ())
    assert line.approved_by is not None
    assert line.approved_by.en == "Zhou Hong"


@pytest.mark.parametrize("months", [0, -1, 121])
def test_an_interval_that_cannot_be_meant_is_refused(database: Database, world: Reviewed, months: int) -> None:
    with database.writing() as db, pytest.raises(rules.MonthsUnfit):
        acts.set_review_interval(db, by=world.by(db, "zhou"), procedure_id=world.procedure_id, months=months)


@pytest.mark.parametrize("login", ["sun", "li", "guo"])
def test_the_register_is_kept_by_designers_and_approvers(database: Database, world: Reviewed, login: str) -> None:
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.set_review_interval(db, by=world.by(db, login), procedure_id=world.procedure_id, months=6)
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.note_periodic_review(db, by=world.by(db, login), procedure_id=world.procedure_id, finding="Fine.")


def test_what_is_not_in_force_is_not_reviewed(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        procedures.take_out_of_force(db, by=world.by(db, "zhou"), procedure_id=world.procedure_id)
    with database.writing() as db, pytest.raises(NothingInForce):
        acts.note_periodic_review(db, by=world.by(db, "he"), procedure_id=world.procedure_id, finding="Fine.")
    assert _line(database, world).next_review is None
