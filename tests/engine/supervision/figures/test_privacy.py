"""Figures of persons are for those entitled, and what would tell of few is not told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, func, select, update

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.cases.tables import cases, tasks
from engine.organisation.tables import offices
from engine.records.tables import entries
from engine.records.verify import first_broken
from engine.supervision.figures import loads, now, reads
from engine.supervision.figures.acts import allow_people
from engine.supervision.figures.behind import behind
from engine.supervision.figures.folding import fold
from engine.supervision.figures.privacy import ALLOWING, people_allowed
from engine.supervision.figures.rules import (
    PeopleNotShown,
    PeopleNotYours,
    ReasonForPeople,
    Scope,
)
from engine.supervision.figures.too_few import GroupTooSmall
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.scene import Office
from tests.worlds import every_head

LONG = Scope(date(2026, 1, 1), date(2026, 12, 31))
WHY = "Agreed with the staff council"


@pytest.fixture
def world(database: Database, office: SmallOffice, clock: Clock) -> Any:
    with database.writing() as db:
        found = Office(db, office, clock).open()
        for _ in range(6):
            found.step((0, 0, 2))
            found.step((5, 0, 2))
            found.step((7, 0, 2))
            found.step((1, 0, 4))
        yield found


def _allow(db: Connection, office: SmallOffice, allowed: bool = True) -> None:
    allow_people(db, by=office.actor(db, "guo"), allowed=allowed, reason=WHY)


def test_by_default_figures_of_persons_are_shown_to_nobody(world: Office) -> None:
    assert not people_allowed(world.db)
    with pytest.raises(PeopleNotShown):
        loads.people(world.db, actor=world.office.actor(world.db, "zhou"), scope=LONG)


def test_an_administrator_allows_them_with_a_reason_which_the_record_keeps(world: Office) -> None:
    db = world.db
    _allow(db, world.office)
    assert people_allowed(db)
    chain = db.scalar(select(offices.c.chain))
    facts = db.scalar(select(entries.c.facts).where(entries.c.chain == chain, entries.c.act == ALLOWING))
    assert orjson.loads(str(facts)) == {"allowed": True, "reason": WHY}
    assert first_broken(db, every_head(db)) is None
    _allow(db, world.office, allowed=False)
    assert not people_allowed(db)


@pytest.mark.parametrize(("login", "reason", "refusal"), [("zhou", WHY, NotAllowed), ("guo", " ", ReasonForPeople)])
def test_nobody_else_allows_them_and_nobody_without_a_reason(
    world: Office, login: str, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        allow_people(world.db, by=world.office.actor(world.db, login), allowed=True, reason=reason)
    assert not people_allowed(world.db)


def test_allowed_they_are_for_the_supervisor_of_the_department_alone(world: Office) -> None:
    db, office = world.db, world.office
    _allow(db, office)
    counter, review = office.departments["counter"], office.departments["review"]
    mine = loads.people(db, actor=office.actor(db, "sun"), scope=LONG)
    assert mine
    assert {one.department_id for one in mine} == {review}
    with pytest.raises(PeopleNotYours):
        loads.people(
            db, actor=office.actor(db, "sun"), scope=replace(LONG, department_ids=frozenset({counter, review}))
        )
    with pytest.raises(NotAllowed):
        loads.people(db, actor=office.actor(db, "li"), scope=LONG)
    all_of_them = loads.people(db, actor=office.actor(db, "zhou"), scope=LONG)
    assert {one.department_id for one in all_of_them} == {counter, review}


def test_figures_of_persons_add_up_to_what_was_done(world: Office) -> None:
    db = world.db
    _allow(db, world.office)
    fold(db, limit=3)
    told = loads.people(db, actor=world.office.actor(db, "zhou"), scope=LONG)
    for person in {one.person_id for one in told}:
        mine = [one for one in told if one.person_id == person]
        for count, how in ((sum(one.done for one in mine), 1), (sum(one.open for one in mine), None)):
            closed = tasks.c.closed_how == how if how else tasks.c.closed_at.is_(None)
            assert count == db.scalar(
                select(func.count()).select_from(tasks).where(tasks.c.person_id == person, closed)
            )


def test_what_few_holders_of_a_post_worked_is_for_those_entitled(world: Office) -> None:
    db = world.db
    boss = world.office.actor(db, "zhou")
    hidden = loads.workload(db, actor=boss, scope=LONG)
    assert hidden
    assert all(one.hidden and one.working is None and one.utilisation is None for one in hidden)
    _allow(db, world.office)
    shown = loads.workload(db, actor=boss, scope=LONG)
    assert not any(one.hidden for one in shown)
    assert any(one.working for one in shown)


def _kinds(db: Connection, kinds: list[int | None]) -> None:
    ids = list(db.scalars(select(cases.c.id).order_by(cases.c.id)))
    for case_id, kind in zip(ids, kinds, strict=True):
        db.execute(update(cases).where(cases.c.id == case_id).values(applicant_kind=kind))


def test_of_few_applicants_of_a_kind_nothing_is_told_by_any_read(world: Office) -> None:
    db, boss = world.db, world.office.actor(world.db, "zhou")
    _kinds(db, [1, 1, 1, 1, 1, 2])
    for kind in (1, 2):  # the one of the other kind is what is left of all without the five
        scope = replace(LONG, applicant_kind=kind)
        for read in (reads.steps, reads.flows, reads.whole, reads.days, reads.hand_overs, reads.workload):
            with pytest.raises(GroupTooSmall):
                read(db, actor=boss, scope=scope)
        with pytest.raises(GroupTooSmall):
            reads.variants(db, actor=boss, scope=scope, limit=9)
        for number in ("arrived", "now.open"):
            with pytest.raises(GroupTooSmall):
                behind(db, actor=boss, scope=scope, number=number)
        with pytest.raises(GroupTooSmall):
            now.steps_now(db, actor=boss, scope=scope, now=world.clock.now())
    assert reads.whole(db, actor=boss, scope=LONG).started == 6


def test_of_enough_applicants_of_a_kind_figures_are_told(world: Office) -> None:
    db, boss = world.db, world.office.actor(world.db, "zhou")
    for _ in range(5):
        world.step((0, 0, 1))
    _kinds(db, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2])
    told = {
        kind: reads.whole(db, actor=boss, scope=replace(LONG, applicant_kind=kind)).started for kind in (0, 1, 2, 3)
    }
    assert told == {0: 0, 1: 5, 2: 6, 3: 0}
