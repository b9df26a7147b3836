"""Decision files kept beside a draft: recorded, checked, and by one designer at a time."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.diagram.decisions import NotADecisionFile
from engine.procedures import acts, rules
from engine.procedures.beside import decision_files
from engine.procedures.tables import procedures
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.diagram_text import END, START, process, step, way
from tests.engine.diagram.tables import decision, dmn, literal
from tests.worlds import every_head

ONE_STEP = process(START + step("one") + END + way("start", "one", "end"))


def fees(amount: int) -> bytes:
    return dmn(decision("fee", literal(str(amount))))


def draft(db: Connection, office: SmallOffice) -> int:
    he = office.actor(db, "he")
    procedure_id = acts.open_procedure(
        db, by=he, name="Permit", prefix="BP", department_id=office.departments["review"]
    )
    return acts.deposit(
        db, by=he, procedure_id=procedure_id, file="permit.bpmn", source=ONE_STEP, attachments={"fees.dmn": fees(1)}
    )


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def keep(
    db: Connection,
    office: SmallOffice,
    edition_id: int,
    content: bytes,
    base: bytes | None,
    *,
    path: str = "fees.dmn",
    by: str = "he",
) -> bytes:
    return acts.keep_decision(db, by=office.actor(db, by), edition_id=edition_id, path=path, content=content, base=base)


def test_what_is_kept_is_recorded_with_both_digests(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        made = keep(db, office, edition_id, fees(2), digest(fees(1)))
        assert made == digest(fees(2))
        keep(db, office, edition_id, fees(3), None, path="other.dmn")
    with database.reading() as db:
        files = {one.path: one for one in decision_files(db, edition_id)}
        assert (files["fees.dmn"].content, files["fees.dmn"].digest) == (fees(2), made.hex())
        assert files["other.dmn"].content == fees(3)
        told = [orjson.loads(one.facts) for one in entries(db, db.scalars(select(procedures.c.chain)).one())]
        assert told[-2] == {
            "edition": 1, "file": "fees.dmn", "digest": made.hex(), "before": digest(fees(1)).hex(),
        }  # fmt: skip
        assert told[-1]["before"] is None
        assert first_broken(db, every_head(db)) is None


def test_whoever_began_from_an_older_file_is_told_who_was_quicker(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        keep(db, office, edition_id, fees(2), digest(fees(1)))
        with pytest.raises(rules.DecisionChanged) as late:
            keep(db, office, edition_id, fees(3), digest(fees(1)))
        assert late.value.facts["person"].en == "He Jun"
        assert late.value.facts["at"]
        (file,) = decision_files(db, edition_id)
        assert file.content == fees(2)


@pytest.mark.parametrize("base", [None, b"", digest(b"something else")])
def test_a_file_that_is_not_what_was_opened_is_not_written_over(
    database: Database, office: SmallOffice, base: bytes | None
) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        with pytest.raises(rules.DecisionThere):
            keep(db, office, edition_id, fees(3), base)
        with pytest.raises(rules.DecisionThere):
            keep(db, office, edition_id, fees(3), digest(b"x"), path="new.dmn")


def test_keeping_what_is_there_already_changes_nothing(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        before = len(entries(db, db.scalars(select(procedures.c.chain)).one()))
        keep(db, office, edition_id, fees(1), digest(fees(1)))
        assert len(entries(db, db.scalars(select(procedures.c.chain)).one())) == before


def test_what_is_no_decision_file_is_refused(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        for content in (b"", b"<definitions", ONE_STEP, b"x" * 3_000_000):
            with pytest.raises(NotADecisionFile):
                keep(db, office, edition_id, content, digest(fees(1)))


@pytest.mark.parametrize(
    "path", ["", "fees", "fees.xml", "../fees.dmn", "a/b.dmn", ".dmn", "a\\b.dmn", "x" * 120 + ".dmn"]
)
def test_a_path_that_climbs_or_is_none_is_refused(database: Database, office: SmallOffice, path: str) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        with pytest.raises(rules.DecisionPathUnfit):
            keep(db, office, edition_id, fees(1), None, path=path)


def test_all_files_together_stay_modest(database: Database, office: SmallOffice) -> None:
    large = fees(1) + b"<!-- " + b"x" * 1_900_000 + b" -->"
    with database.writing() as db:
        edition_id = draft(db, office)
        keep(db, office, edition_id, large, None, path="one.dmn")
        with pytest.raises(rules.AttachmentsTooLarge):
            keep(db, office, edition_id, large, None, path="two.dmn")


def test_only_designers_and_only_drafts(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        with pytest.raises(NotAllowed):
            keep(db, office, edition_id, fees(2), digest(fees(1)), by="li")
        with pytest.raises(NotFound):
            keep(db, office, edition_id + 99, fees(2), digest(fees(1)))
        acts.withdraw(db, by=office.actor(db, "he"), edition_id=edition_id)
        with pytest.raises(rules.NotADraft):
            keep(db, office, edition_id, fees(2), digest(fees(1)))
