"""Duties kept apart: whoever did one step does not do the other, by claim or by completion, in any turn of it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts, rules
from engine.cases.reads import case
from engine.cases.tables import awaited
from engine.organisation import acts as organisation
from engine.procedures import acts as procedures
from engine.procedures import reads
from tests.builders import SmallOffice
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, in_force


def _drawn(by: str) -> bytes:
    apart = f'<extensionElements><officium:separation from="propose" by="{by}"/></extensionElements>'
    return process(
        lanes(counter=("start", "propose", "other", "end"), bureau=("check",))
        + START
        + step("propose", "Propose")
        + step("other", "Other")
        + step("check", "Check", inner=apart)
        + END
        + way("start", "propose", "other", "check", "end")
    )


def _at_check(database: Database, office: SmallOffice, by: str, check_post: str) -> int:
    """Li proposed, Chen did what lies between; the check waits. Li holds the reviewer's post too."""
    with database.writing() as db:
        designer = office.actor(db, "he")
        organisation.give_post(
            db, by=None, person_id=office.persons["li"], post_id=office.posts["reviewer"], from_day=date(2020, 1, 1)
        )
        procedure_id = procedures.open_procedure(
            db, by=designer, name="Proposal", prefix="PP", department_id=office.departments["bureau"]
        )
        edition_id = procedures.deposit(
            db, by=designer, procedure_id=procedure_id, file="p.bpmn", source=_drawn(by), attachments={}
        )
        mapped = {"lane:counter": office.posts["clerk"], "lane:bureau": office.posts[check_post]}
        procedures.map_owners(db, by=designer, edition_id=edition_id, mapped=mapped)
        procedures.put_in_force(db, by=designer, edition_id=edition_id)
        case_id = begun(db, office, procedure_id).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=2, submitted={})
    return case_id


@pytest.mark.parametrize("act", [acts.claim, acts.complete_task])
def test_whoever_proposed_does_not_check(database: Database, office: SmallOffice, act: object) -> None:
    case_id = _at_check(database, office, "person", "reviewer")
    more: dict[str, dict[str, str]] = {"submitted": {}} if act is acts.complete_task else {}
    with database.writing() as db, pytest.raises(rules.DutiesApart) as refused:
        act(db, by=office.actor(db, "li"), case_id=case_id, number=3, **more)  # type: ignore[operator]
    assert "“Check” is not done by whoever did “Propose”" in refused.value.say("en")
    assert "Propose" in refused.value.say("zh")


def test_another_holder_of_the_post_checks(database: Database, office: SmallOffice) -> None:
    case_id = _at_check(database, office, "person", "reviewer")
    with database.writing() as db:
        done = acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=3, submitted={})
    assert done.ended


def test_nobody_of_the_department_that_proposed_checks(database: Database, office: SmallOffice) -> None:
    case_id = _at_check(database, office, "department", "clerk")
    with database.writing() as db, pytest.raises(rules.DepartmentsApart) as refused:
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=3)
    assert "Service counter" in refused.value.say("en")
    assert "服务窗口" in refused.value.say("zh")


def test_in_another_case_the_same_person_may(database: Database, office: SmallOffice) -> None:
    _at_check(database, office, "person", "reviewer")
    with database.writing() as db:
        (line,) = reads.procedures(db)
        second = begun(db, office, line.id).case_id
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=second, number=1, submitted={})
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=second, number=2, submitted={})
        acts.claim(db, by=office.actor(db, "li"), case_id=second, number=3)
        page = case(db, actor=office.actor(db, "zhou"), case_id=second)
    assert page.number == "PP-2026-0002"


CALLED = process(
    START
    + step("propose", "Propose")
    + '<receiveTask id="letter" name="The brigade agrees" messageRef="agreed">'
    + '<extensionElements><officium:separation from="propose" by="person"/></extensionElements></receiveTask>'
    + END
    + way("start", "propose", "letter", "end"),
    process_id="brigade",
    before='<message id="agreed" name="Agreed"/>',
)
CALLER = process(
    START + '<callActivity id="ask" name="Ask" calledElement="brigade"/>' + step("after") + END
    + way("start", "ask", "after", "end")
)  # fmt: skip


def test_in_a_called_edition_whoever_proposed_does_not_note_the_message_either(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        in_force(db, office, CALLED, prefix="FB", owners={"process:brigade": "clerk"})
        case_id = begun(db, office, in_force(db, office, CALLER, owners={"process:procedure": "clerk"})).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        token = db.execute(select(awaited.c.token).where(awaited.c.case_id == case_id)).scalar_one()
    with database.writing() as db, pytest.raises(rules.DutiesApart) as refused:
        acts.deliver_message(db, by=office.actor(db, "li"), case_id=case_id, token=token, note="By telephone")
    assert "“The brigade agrees” is not done by whoever did “Propose”" in refused.value.say("en")
    with database.writing() as db:
        acts.deliver_message(db, by=office.actor(db, "chen"), case_id=case_id, token=token, note="By telephone")
        assert [one.element for one in case(db, actor=office.actor(db, "zhou"), case_id=case_id).open_tasks] == [
            "after"
        ]
