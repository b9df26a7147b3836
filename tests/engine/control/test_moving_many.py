"""Many running cases of a shipped procedure against an oracle: their record, gone through afresh on the new edition."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import inbox
from engine.cases.tables import cases, tasks
from engine.control.moving import acts
from engine.control.moving.reads import to_move
from engine.control.moving.rules import Kind
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.control.permits import (
    MANY,
    OWNERS,
    CannotFollow,
    begin_permits,
    changed,
    permits_in_force,
    replayed,
    standing,
)
from tests.engine.control.test_moving import everything
from tests.worlds import every_head, next_edition

ANSWERED = {"inspect_site": "gateway_seen"}


@pytest.mark.timeout(600)
def test_cases_that_move_stand_where_their_record_leads_on_the_new_edition_and_come_back_whole(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure = permits_in_force(db, office)
        begin_permits(db, office, clock, procedure, MANY)
    with database.writing() as db:
        new = next_edition(db, office, procedure, changed(), owners=OWNERS)
        he = office.actor(db, "he")
        ids = list(db.scalars(select(cases.c.id).where(cases.c.ended_at.is_(None))))
    assert len(ids) > MANY * 0.6
    with database.reading() as db:
        before = {case_id: everything(db, case_id) for case_id in ids}
        found = to_move(db, actor=he, edition_id=new, to=ANSWERED)
        counts = found.counts
        leads = {case_id: _led(db, case_id, new) for case_id in ids}
        assert {case_id: everything(db, case_id) for case_id in ids} == before, "a dry run has written something"
    assert counts[Kind.MOVES] > MANY * 0.2
    assert counts[Kind.CHOICE] > 0
    assert found.unproved == 0

    moved = 0
    while True:
        with database.writing() as db:
            outcome = acts.move_cases(db, by=he, edition_id=new, to=ANSWERED, limit=25)
        moved += outcome.moved
        if not outcome.left:
            break
    assert moved == counts[Kind.MOVES]

    with database.reading() as db:
        on_new = list(db.scalars(select(cases.c.id).where(cases.c.edition_id == new)))
        assert len(on_new) == moved
        wrong = {case_id: (standing(db, case_id), leads[case_id]) for case_id in on_new
                 if standing(db, case_id) != leads[case_id]}  # fmt: skip
        assert wrong == {}
        stayed = [case_id for case_id in ids if case_id not in set(on_new)]
        assert {case_id: everything(db, case_id) for case_id in stayed} == {one: before[one] for one in stayed}
        _nothing_done_twice(db, on_new, before)
        assert first_broken(db, every_head(db)) is None
        assert inbox.inbox(db, actor=office.actor(db, "wang"))

    while True:
        with database.writing() as db:
            outcome = acts.move_cases_back(db, by=he, edition_id=new, limit=25)
        if not outcome.left:
            break
    with database.reading() as db:
        assert {case_id: everything(db, case_id) for case_id in ids} == before
        assert first_broken(db, every_head(db)) is None


def _led(db: Any, case_id: int, edition_id: int) -> Any:
    try:
        return replayed(db, case_id, edition_id)
    except CannotFollow:
        return None


def _nothing_done_twice(db: Any, ids: list[int], before: dict[int, Any]) -> None:
    for case_id in ids:
        closed = [row for row in before[case_id]["tasks"] if row.closed_at is not None]
        rows = db.execute(select(tasks).where(tasks.c.case_id == case_id).order_by(tasks.c.number)).all()
        assert [row for row in rows if row.number in {one.number for one in closed}] == closed
        people = Counter((row.person_id is not None, row.post_id) for row in rows if row.closed_at is None)
        assert people
