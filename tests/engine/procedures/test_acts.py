"""Documents under control: opening, depositing, mapping owners, withdrawing, and who may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson
import pytest
from sqlalchemy import Connection, func, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound, Refusal
from engine.diagram.refusals import NotADrawing
from engine.organisation.rules import Actor
from engine.procedures import acts, reads, rules
from engine.procedures.tables import attachments, editions, owners, procedures
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import (
    DECIDE_FORM,
    END,
    RECEIVE_FORM,
    START,
    TWO_DEPARTMENTS,
    process,
    step,
    way,
)
from tests.worlds import every_head, in_force, next_edition

ONE_STEP = process(START + step("one") + END + way("start", "one", "end"))


def _open(db: Connection, office: SmallOffice, *, prefix: str = "BP", name: str = "Building permit") -> int:
    return acts.open_procedure(
        db, by=office.actor(db, "he"), name=name, prefix=prefix, department_id=office.departments["review"]
    )


def _deposit(db: Connection, office: SmallOffice, procedure_id: int, source: bytes = ONE_STEP, **beside: bytes) -> int:
    return acts.deposit(
        db,
        by=office.actor(db, "he"),
        procedure_id=procedure_id,
        file="permit.bpmn",
        source=source,
        attachments={name.replace("_", "."): content for name, content in beside.items()},
    )


def _chain_of(db: Connection, procedure_id: int) -> int:
    return int(db.execute(select(procedures.c.chain).where(procedures.c.id == procedure_id)).scalar_one())


def test_a_procedure_is_opened_empty_under_the_department_that_answers_for_it(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        procedure_id = _open(db, office, name="  Building   permit 施工许可 ", prefix="bp")
    with database.reading() as db:
        line = reads.procedure(db, procedure_id)
        assert (line.name, line.prefix, line.department.en) == ("Building permit 施工许可", "BP", "Review section")
        assert (line.in_force_id, line.latest_id) == (None, None)


def test_a_prefix_belongs_to_one_procedure(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        _open(db, office)
    with database.writing() as db, pytest.raises(rules.PrefixTaken) as refused:
        _open(db, office, name="Another", prefix="bp")
    assert refused.value.facts == {"prefix": "BP", "procedure": "Building permit"}


@pytest.mark.parametrize(
    ("name", "prefix", "department", "refusal"),
    [
        ("  ", "BP", "review", rules.NameMissing),
        ("Permit", "B1", "review", rules.PrefixUnfit),
        ("Permit", "BP", None, NotFound),
    ],
)
def test_a_procedure_that_cannot_be_opened_leaves_nothing(
    database: Database, office: SmallOffice, name: str, prefix: str, department: str | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal), database.writing() as db:
        acts.open_procedure(
            db, by=office.actor(db, "he"), name=name, prefix=prefix,
            department_id=office.departments[department] if department else 999,
        )  # fmt: skip
    with database.reading() as db:
        assert reads.procedures(db) == ()


def test_a_deposited_edition_keeps_every_byte_and_who_brought_it(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    source = ONE_STEP + "\n<!-- as drawn 原样 -->\n".encode()
    with database.writing() as db:
        edition_id = _deposit(db, office, _open(db, office), source)
    with database.reading() as db:
        page = reads.edition(db, edition_id)
        assert reads.source(db, edition_id) == ("permit.bpmn", source)
        assert (page.line.number, page.line.state) == (1, "draft")
        assert (page.line.uploaded_by.zh, page.line.uploaded_at) == ("何军", clock.now())


def test_what_is_not_even_a_drawing_leaves_no_row(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = _open(db, office)
    with pytest.raises(NotADrawing), database.writing() as db:
        _deposit(db, office, procedure_id, b"PK\x03\x04")
    with database.reading() as db:
        for table in (editions, attachments, owners):
            assert db.scalar(select(func.count()).select_from(table)) == 0


def test_editions_are_numbered_in_the_order_they_come(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id, other = _open(db, office), _open(db, office, prefix="FS", name="Fire safety")
        for _ in range(3):
            _deposit(db, office, procedure_id)
        _deposit(db, office, other)
    with database.reading() as db:
        assert [one.number for one in reads.editions(db, procedure_id)] == [3, 2, 1]
        assert [one.number for one in reads.editions(db, other)] == [1]


def test_files_beside_the_diagram_are_carried_over_and_replaced_by_name(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        procedure_id = _open(db, office)
        first = _deposit(db, office, procedure_id, a_json=RECEIVE_FORM, b_json=DECIDE_FORM)
        second = _deposit(db, office, procedure_id, b_json=DECIDE_FORM + b" ", c_json=b"{}")
    with database.reading() as db:
        assert reads.edition(db, first).attachments == {"a.json": len(RECEIVE_FORM), "b.json": len(DECIDE_FORM)}
        assert reads.edition(db, second).attachments == {
            "a.json": len(RECEIVE_FORM), "b.json": len(DECIDE_FORM) + 1, "c.json": 2,
        }  # fmt: skip


def test_too_much_beside_the_diagram_counts_what_was_carried_over(database: Database, office: SmallOffice) -> None:
    half = b" " * (rules.MOST_ATTACHED_BYTES // 2 + 1)
    with database.writing() as db:
        procedure_id = _open(db, office)
        _deposit(db, office, procedure_id, a_json=half)
    with pytest.raises(rules.AttachmentsTooLarge), database.writing() as db:
        _deposit(db, office, procedure_id, b_json=half)
    with database.writing() as db:
        assert _deposit(db, office, procedure_id, a_json=half)


def test_posts_are_remembered_for_the_next_edition_by_the_lanes_name(database: Database, office: SmallOffice) -> None:
    redrawn = TWO_DEPARTMENTS.replace(b'lane id="counter"', b'lane id="lane_x"').replace(b'"Bureau"', b'"Registry"')
    with database.writing() as db:
        procedure_id = in_force(db, office)
        edition_id = _deposit(db, office, procedure_id, redrawn)
    with database.reading() as db:
        mapped = {line.owner.key: line.post_id for line in reads.edition(db, edition_id).owners}
        assert mapped == {"lane:lane_x": office.posts["clerk"], "lane:bureau": None}


def test_mapping_replaces_what_was_mapped_before(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = _deposit(db, office, _open(db, office), TWO_DEPARTMENTS)
        by = office.actor(db, "he")
        acts.map_owners(db, by=by, edition_id=edition_id,
                        mapped={"lane:counter": office.posts["clerk"], "lane:bureau": office.posts["head"]})  # fmt: skip
        acts.map_owners(db, by=by, edition_id=edition_id, mapped={"lane:bureau": office.posts["reviewer"]})
    with database.reading() as db:
        mapped = {line.owner.key: line.post_id for line in reads.edition(db, edition_id).owners}
        assert mapped == {"lane:counter": None, "lane:bureau": office.posts["reviewer"]}


@pytest.mark.parametrize("mapped", [{"lane:counter": 999}, {"lane:nowhere": 1}])
def test_only_owners_that_are_drawn_get_posts_that_exist(
    database: Database, office: SmallOffice, mapped: dict[str, int]
) -> None:
    with database.writing() as db:
        edition_id = _deposit(db, office, _open(db, office), TWO_DEPARTMENTS)
    with database.writing() as db, pytest.raises(rules.PostUnknown):
        acts.map_owners(db, by=office.actor(db, "he"), edition_id=edition_id, mapped=mapped)


def test_a_withdrawn_draft_stays_to_be_seen_and_changes_no_more(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = _open(db, office)
        edition_id = _deposit(db, office, procedure_id)
        acts.withdraw(db, by=office.actor(db, "he"), edition_id=edition_id)
    with database.reading() as db:
        assert reads.edition(db, edition_id).line.state == "withdrawn"
        assert reads.source(db, edition_id)[1] == ONE_STEP
    for act in _CHANGES:
        with database.writing() as db, pytest.raises(rules.NotADraft):
            act(db, office.actor(db, "he"), edition_id)
    with database.writing() as db:
        _deposit(db, office, procedure_id)
    with database.reading() as db:
        assert [one.number for one in reads.editions(db, procedure_id)] == [2, 1]


_CHANGES: tuple[Callable[[Connection, Actor, int], None], ...] = (
    lambda db, by, edition_id: acts.map_owners(db, by=by, edition_id=edition_id, mapped={}),
    lambda db, by, edition_id: acts.ask_instead(db, by=by, edition_id=edition_id, flows=()),
    lambda db, by, edition_id: acts.choose_process(db, by=by, edition_id=edition_id, process="procedure"),
    lambda db, by, edition_id: acts.put_in_force(db, by=by, edition_id=edition_id),
    lambda db, by, edition_id: acts.withdraw(db, by=by, edition_id=edition_id),
)


@pytest.mark.parametrize("act", _CHANGES)
def test_an_edition_in_force_or_out_of_it_never_changes(
    database: Database, office: SmallOffice, act: Callable[[Connection, Actor, int], None]
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        first = reads.procedure(db, procedure_id).in_force_id
        assert first is not None
        second = next_edition(db, office, procedure_id, TWO_DEPARTMENTS)
    for edition_id in (first, second):
        with database.writing() as db, pytest.raises(rules.NotADraft):
            act(db, office.actor(db, "he"), edition_id)


@pytest.mark.parametrize("act", _CHANGES)
def test_an_edition_that_is_not_there_is_not_found(
    database: Database, office: SmallOffice, act: Callable[[Connection, Actor, int], None]
) -> None:
    with database.writing() as db, pytest.raises(NotFound):
        act(db, office.actor(db, "he"), 999)


@pytest.mark.parametrize("login", ["li", "sun", "guo"])
def test_nobody_but_a_designer_changes_procedures(database: Database, office: SmallOffice, login: str) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        draft = _deposit(db, office, procedure_id)
        by = office.actor(db, login)
        tried: tuple[Callable[[], object], ...] = (
            lambda: acts.open_procedure(db, by=by, name="X", prefix="XX", department_id=office.departments["review"]),
            lambda: acts.deposit(db, by=by, procedure_id=procedure_id, file="x.bpmn", source=ONE_STEP, attachments={}),
            lambda: acts.take_out_of_force(db, by=by, procedure_id=procedure_id),
        )
        for open_act in tried:
            with pytest.raises(NotAllowed):
                open_act()
        for act in _CHANGES:
            with pytest.raises(NotAllowed):
                act(db, by, draft)


def test_every_act_on_a_procedure_stands_in_its_record_with_who_did_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        by = office.actor(db, "he")
        draft = _deposit(db, office, procedure_id, TWO_DEPARTMENTS)
        acts.ask_instead(db, by=by, edition_id=draft, flows=["granted_to_issue"])
        acts.choose_process(db, by=by, edition_id=draft, process="procedure")
        acts.withdraw(db, by=by, edition_id=draft)
        acts.take_out_of_force(db, by=by, procedure_id=procedure_id)
    with database.reading() as db:
        written = entries(db, _chain_of(db, procedure_id))
        assert [one.act for one in written] == [
            "open_procedure", "deposit", "map_owners", "put_in_force",
            "deposit", "ask_instead", "choose_process", "withdraw", "take_out_of_force",
        ]  # fmt: skip
        assert {one.person_id for one in written} == {office.persons["he"]}
        assert first_broken(db, every_head(db)) is None


def test_the_record_names_the_bytes_of_what_was_deposited(database: Database, office: SmallOffice) -> None:

    with database.writing() as db:
        procedure_id = _open(db, office)
        _deposit(db, office, procedure_id, TWO_DEPARTMENTS)
    with database.reading() as db:
        facts = orjson.loads(entries(db, _chain_of(db, procedure_id))[-1].facts)
        assert facts["digest"] == hashlib.sha256(TWO_DEPARTMENTS).hexdigest()
