"""Case numbers count within a procedure and the office's year; hand-overs are noted where a department changes."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import hand_overs
from engine.procedures.tables import counters
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import end, line, source, start, user
from tests.worlds import begun, in_force


class _Undone(Exception):
    pass


NEW_YEAR_IN_SHANGHAI = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


def test_numbers_count_within_the_procedure(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        permits, fires = in_force(db, office), in_force(db, office, prefix="FIRE")
        numbers = [begun(db, office, one).number for one in (permits, fires, permits, permits, fires)]
    assert numbers == ["BP-2026-0001", "FIRE-2026-0001", "BP-2026-0002", "BP-2026-0003", "FIRE-2026-0002"]


def test_the_year_turns_when_it_turns_where_the_office_is(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    numbers = []
    with database.writing() as db:
        procedure_id = in_force(db, office)
        for moment in (
            datetime(2026, 12, 31, 15, 59, 59, 999000, tzinfo=UTC),
            NEW_YEAR_IN_SHANGHAI,
            datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
            datetime(2027, 12, 31, 15, 59, tzinfo=UTC),
        ):
            clock.set(moment)
            numbers.append(begun(db, office, procedure_id).number)
    assert numbers == ["BP-2026-0001", "BP-2027-0001", "BP-2027-0002", "BP-2027-0003"]


def test_a_start_that_is_undone_uses_up_no_number(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        begun(db, office, procedure_id)
    with contextlib.suppress(_Undone), database.writing() as db:
        assert begun(db, office, procedure_id).number == "BP-2026-0002"
        raise _Undone
    with database.writing() as db:
        assert begun(db, office, procedure_id).number == "BP-2026-0002"


def test_the_ten_thousandth_case_of_a_year_has_a_number_too(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        begun(db, office, procedure_id)
        db.execute(counters.update().values(last=9999))
        assert begun(db, office, procedure_id).number == "BP-2026-10000"


def _hand_overs(db: Connection, case_id: int) -> list[tuple[Any, ...]]:
    rows = db.execute(
        select(
            hand_overs.c.task_number, hand_overs.c.from_department_id, hand_overs.c.to_department_id, hand_overs.c.sent_at
        )
        .where(hand_overs.c.case_id == case_id)
        .order_by(hand_overs.c.task_number)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def test_a_hand_over_is_noted_for_each_task_that_another_department_gets(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    counter, review = office.departments["counter"], office.departments["review"]
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office)).case_id
        assert _hand_overs(db, case_id) == [], "what is opened at the start was handed over by nobody"
        to_bureau = clock.advance(hours=1)
        acts.complete_task(
            db, by=office.actor(db, "li"), case_id=case_id, number=1,
            submitted={"plot": ["C-1"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
        told = [(2, counter, review, to_bureau), (3, counter, review, to_bureau)]
        assert _hand_overs(db, case_id) == told
        clock.advance(hours=1)
        for number in (2, 3):
            acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=number, submitted={})
        assert _hand_overs(db, case_id) == told, "within one department nothing is handed over"
        back = clock.advance(hours=1)
        acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=4, submitted={"grant": ["true"]})
        assert _hand_overs(db, case_id) == [*told, (5, review, counter, back)]


def test_another_post_of_the_same_department_is_no_hand_over(database: Database, office: SmallOffice) -> None:
    lanes = (
        '<laneSet id="ls"><lane id="a" name="A"><flowNodeRef>one</flowNodeRef></lane>'
        '<lane id="b" name="B"><flowNodeRef>two</flowNodeRef></lane></laneSet>'
    )
    drawn = source(lanes, start(), user("one"), user("two"), end(), line("s", "one", "two", "e"))
    with database.writing() as db:
        procedure_id = in_force(db, office, drawn, owners={"lane:a": "reviewer", "lane:b": "head"})
        case_id = begun(db, office, procedure_id, by="wang").case_id
        acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=1, submitted={})
        assert _hand_overs(db, case_id) == []
