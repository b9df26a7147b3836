"""A completed task costs the database little, and as little after a year of steps as after a day."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts
from engine.cases.rules import WrongPost
from engine.cases.tables import cases
from tests.builders import SmallOffice
from tests.counting import Counted, counting
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import begun, in_force

MOST_STATEMENTS = 10
ROUND_AND_ROUND = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer", "enough"))
    + START + step("ask", attributes='officium:standardTime="P1D"') + step("answer", attributes='officium:standardTime="P3D"')
    + '<exclusiveGateway id="enough" name="Enough?"/>' + END + way("start", "ask", "answer", "enough")
    + flow("enough", "ask", name="no") + flow("enough", "end", name="yes")
)  # fmt: skip


def _complete(database: Database, office: SmallOffice, case_id: int, number: int, *, done: bool = False) -> Counted:
    asked = number % 2 == 0
    with database.reading() as db:
        by = office.actor(db, "wang" if asked else "li")
    with counting(database) as counted, database.writing() as db:
        acts.complete_task(
            db,
            by=by,
            case_id=case_id,
            number=number,
            submitted={},
            chosen={"enough": ["enough_to_end" if done else "enough_to_ask"]} if asked else {},
            receipt=number.to_bytes(16, "big"),
        )
    return counted


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return begun(db, office, in_force(db, office, ROUND_AND_ROUND)).case_id


def test_a_step_is_at_most_ten_statements_and_one_commit_however_long_the_case_runs(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    counted = {number: _complete(database, office, case_id, number) for number in range(1, 303)}
    for number in (10, 11, 300, 301):
        told = counted[number]
        assert len(told.statements) <= MOST_STATEMENTS, told.statements
        assert told.commits == 1
    assert len(counted[300].statements) == len(counted[10].statements)
    with database.reading() as db:
        kept = db.execute(select(cases.c.state, cases.c.tasks_opened)).one()
        assert kept.tasks_opened == 303
        assert len(kept.state) < 2000, "the state holds what lies ahead, not what has been"


def test_the_last_step_is_no_dearer(database: Database, office: SmallOffice, case_id: int) -> None:
    for number in range(1, 10):
        _complete(database, office, case_id, number)
    told = _complete(database, office, case_id, 10, done=True)
    assert len(told.statements) <= MOST_STATEMENTS
    assert told.commits == 1
    with database.reading() as db:
        ended = db.execute(select(cases.c.ended_at, cases.c.state)).one()
        assert ended.ended_at is not None
        assert ended.state == b""


def test_a_claim_is_at_most_five_statements(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.reading() as db:
        by = office.actor(db, "li")
    with counting(database) as counted, database.writing() as db:
        acts.claim(db, by=by, case_id=case_id, number=1)
    assert len(counted.statements) <= 5, counted.statements
    assert counted.commits == 1


def test_an_act_that_is_refused_commits_nothing(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.reading() as db:
        by = office.actor(db, "wang")
    with counting(database) as counted:
        try:
            with database.writing() as db:
                acts.complete_task(db, by=by, case_id=case_id, number=1, submitted={})
        except WrongPost:
            pass
    assert counted.commits == 0
