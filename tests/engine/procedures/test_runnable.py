"""What is kept ready in the process: never what a transaction undid, never another database's."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from sqlalchemy import Connection

from engine import migrations
from engine.base.database import Database
from engine.cases import reads as case_reads
from engine.procedures import acts, reads
from engine.procedures.runnable import runnable
from tests.builders import SmallOffice, small_office
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, in_force, next_edition

ALONE = {"process:procedure": "clerk"}


class _Undone(Exception):
    pass


def _source(name: str) -> bytes:
    return process(START + step(name) + END + way("start", name, "end"))


def _waits_at(db: Connection, office: SmallOffice, case_id: int) -> list[str]:
    return [one.element for one in case_reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).open_tasks]


def test_an_edition_in_force_is_made_ready_once(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _source("one"), owners=ALONE)
    with database.reading() as db:
        first, _prefix = reads.in_force(db, procedure_id)
    with database.reading() as db:
        assert reads.in_force(db, procedure_id)[0] is first


@pytest.mark.parametrize("first", ["", "procedure"])
def test_it_is_the_same_whether_its_process_is_named_or_not(
    database: Database, office: SmallOffice, first: str
) -> None:
    with database.writing() as db:
        edition_id = reads.procedure(db, in_force(db, office, _source("one"), owners=ALONE)).in_force_id
    assert edition_id is not None
    with database.reading() as db:
        made = runnable(db, edition_id, first)
        assert runnable(db, edition_id) is made
        assert runnable(db, edition_id, "procedure") is made


def test_an_edition_whose_transaction_was_undone_leaves_nothing_behind(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _source("old"), owners=ALONE)
    with contextlib.suppress(_Undone), database.writing() as db:
        undone = next_edition(db, office, procedure_id, _source("undone"), owners=ALONE)
        assert _waits_at(db, office, begun(db, office, procedure_id).case_id) == ["undone"]
        raise _Undone
    with database.writing() as db:
        assert _waits_at(db, office, begun(db, office, procedure_id).case_id) == ["old"]
        kept = next_edition(db, office, procedure_id, _source("kept"), owners=ALONE)
        assert _waits_at(db, office, begun(db, office, procedure_id).case_id) == ["kept"]
    assert kept == undone or not database.is_sqlite, "SQLite gives the id again: that is what must not confuse"


def test_a_draft_that_was_in_force_for_a_moment_can_still_be_changed(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        procedure_id = acts.open_procedure(db, by=by, name="P", prefix="PP", department_id=office.departments["review"])
        draft = acts.deposit(db, by=by, procedure_id=procedure_id, file="p.bpmn", source=_source("one"), attachments={})
        acts.map_owners(db, by=by, edition_id=draft, mapped={"process:procedure": office.posts["clerk"]})
    with contextlib.suppress(_Undone), database.writing() as db:
        acts.put_in_force(db, by=office.actor(db, "he"), edition_id=draft)
        assert runnable(db, draft).step("procedure", "one").post_id == office.posts["clerk"]
        raise _Undone
    with database.writing() as db:
        by = office.actor(db, "he")
        acts.map_owners(db, by=by, edition_id=draft, mapped={"process:procedure": office.posts["reviewer"]})
        acts.put_in_force(db, by=by, edition_id=draft)
        assert runnable(db, draft).step("procedure", "one").post_id == office.posts["reviewer"]


def test_two_databases_in_one_process_keep_their_own(
    database: Database, office: SmallOffice, clock: Clock, tmp_path: Path
) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    migrations.upgrade(other)
    with other.writing() as db:
        elsewhere = small_office(db)
        there = in_force(db, elsewhere, _source("there"), owners=ALONE)
        assert _waits_at(db, elsewhere, begun(db, elsewhere, there).case_id) == ["there"]
    with database.writing() as db:
        here = in_force(db, office, _source("here"), owners=ALONE)
        assert _waits_at(db, office, begun(db, office, here).case_id) == ["here"]
    with other.writing() as db:
        assert _waits_at(db, elsewhere, begun(db, elsewhere, there).case_id) == ["there"]
    other.close()


def test_whoever_stands_in_the_lane_of_the_start_may_start(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        made_ready, prefix = reads.in_force(db, procedure_id)
        assert prefix == "BP"
        assert made_ready.start_posts == {office.posts["clerk"]}
        may = {
            login: reads.may_start(db, office.actor(db, login), procedure_id, made_ready)
            for login in ("li", "wang", "sun", "zhou", "he", "guo")
        }
        assert may == {"li": True, "wang": False, "sun": True, "zhou": True, "he": False, "guo": False}
        assert [one.id for one in reads.startable(db, office.actor(db, "li"))] == [procedure_id]
        assert reads.startable(db, office.actor(db, "wang")) == ()


def test_without_lanes_every_post_of_the_procedure_may_start(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _source("one"), owners={"process:procedure": "reviewer"})
        made_ready, _prefix = reads.in_force(db, procedure_id)
        assert made_ready.start_posts == {office.posts["reviewer"]}
