"""What may come into force and what keeps out of it; what happens to cases that run."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases import reads as case_reads
from engine.procedures import acts, reads, rules
from engine.procedures.rules import EditionState
from engine.procedures.tables import calls
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, flow, process, step, way
from tests.worlds import begun, every_head, in_force, next_edition

ALONE = {"process:procedure": "clerk"}


def _line(*steps: str, process_id: str = "procedure") -> bytes:
    """Steps one after the other, without lanes."""
    return process(
        START + "".join(step(one) for one in steps) + END + way("start", *steps, "end"), process_id=process_id
    )


UNREADABLE = process(
    START + step("one") + '<exclusiveGateway id="way" name="Which way?" default="way_to_end"/>' + step("two") + END
    + way("start", "one", "way") + flow("way", "two", "this is no condition") + flow("way", "end") + way("two", "end")
)  # fmt: skip


def _draft(
    db: Connection, office: SmallOffice, source: bytes, *, prefix: str = "BP", owners: dict[str, str] | None = None
) -> int:
    by = office.actor(db, "he")
    procedure_id = acts.open_procedure(
        db, by=by, name=f"Procedure {prefix}", prefix=prefix, department_id=office.departments["review"]
    )
    edition_id = acts.deposit(db, by=by, procedure_id=procedure_id, file="drawn.bpmn", source=source, attachments={})
    mapped = {key: office.posts[code] for key, code in (ALONE if owners is None else owners).items()}
    acts.map_owners(db, by=by, edition_id=edition_id, mapped=mapped)
    return edition_id


def _put_in_force(db: Connection, office: SmallOffice, edition_id: int) -> None:
    acts.put_in_force(db, by=office.actor(db, "he"), edition_id=edition_id)


def _states(db: Connection, procedure_id: int) -> list[str]:
    return [one.state for one in reversed(reads.editions(db, procedure_id))]


def _open_steps(db: Connection, office: SmallOffice, case_id: int) -> list[str]:
    return [one.element for one in case_reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).open_tasks]


def _complete(db: Connection, office: SmallOffice, case_id: int, number: int, **more: object) -> cases.Completed:
    return cases.complete_task(
        db,
        by=office.actor(db, "li"),
        case_id=case_id,
        number=number,
        submitted={},
        **more,  # type: ignore[arg-type]
    )


def test_a_new_edition_takes_the_place_of_the_one_before(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _line("one"), owners=ALONE)
    clock.advance(days=3)
    with database.writing() as db:
        next_edition(db, office, procedure_id, _line("two"), owners=ALONE)
    with database.reading() as db:
        second, first = reads.editions(db, procedure_id)
        assert (first.state, second.state) == (EditionState.OUT_OF_FORCE, EditionState.IN_FORCE)
        assert first.out_of_force_at == second.in_force_at == clock.now()
        assert reads.procedure(db, procedure_id).in_force_number == 2


def test_running_cases_stay_on_the_edition_they_began_with(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _line("one", "two"), owners=ALONE)
        old = begun(db, office, procedure_id)
    with database.writing() as db:
        next_edition(db, office, procedure_id, _line("one", "three"), owners=ALONE)
        new = begun(db, office, procedure_id)
        for case in (old, new):
            _complete(db, office, case.case_id, 1)
    with database.reading() as db:
        assert _open_steps(db, office, old.case_id) == ["two"]
        assert _open_steps(db, office, new.case_id) == ["three"]
        assert case_reads.case(db, actor=office.actor(db, "li"), case_id=old.case_id).edition_number == 1


def test_out_of_force_nothing_begins_and_what_runs_goes_on(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _line("one", "two"), owners=ALONE)
        case = begun(db, office, procedure_id)
        acts.take_out_of_force(db, by=office.actor(db, "he"), procedure_id=procedure_id)
        with pytest.raises(rules.NothingInForce):
            begun(db, office, procedure_id)
        with pytest.raises(rules.NothingInForce):
            acts.take_out_of_force(db, by=office.actor(db, "he"), procedure_id=procedure_id)
    with database.writing() as db:
        assert _states(db, procedure_id) == [EditionState.OUT_OF_FORCE]
        _complete(db, office, case.case_id, 1)
        assert _complete(db, office, case.case_id, 2).ended


def test_a_finding_that_blocks_keeps_it_out_and_is_said(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = _draft(db, office, UNREADABLE)
        with pytest.raises(rules.KeptOutOfForce) as refused:
            _put_in_force(db, office, edition_id)
        page = reads.edition(db, edition_id)
        assert [one.element for one in page.keeping_out] == ["way_to_two"]
        assert page.keeping_out[0].sentence("zh") in refused.value.say("zh")
        assert page.line.state == EditionState.DRAFT


def test_asking_a_person_instead_frees_a_condition_that_cannot_be_read(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = _draft(db, office, UNREADABLE)
        acts.ask_instead(db, by=office.actor(db, "he"), edition_id=edition_id, flows=["way_to_two"])
        _put_in_force(db, office, edition_id)
        procedure_id = reads.edition(db, edition_id).procedure_id
        case = begun(db, office, procedure_id)
        page = case_reads.task(db, actor=office.actor(db, "li"), case_id=case.case_id, number=1)
        assert [question.gateway for question in page.questions] == ["way"]
        _complete(db, office, case.case_id, 1, chosen={"way": ["way_to_two"]})
        assert _open_steps(db, office, case.case_id) == ["two"]


def test_what_is_asked_can_be_given_back_to_the_condition(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = _draft(db, office, UNREADABLE)
        by = office.actor(db, "he")
        acts.ask_instead(db, by=by, edition_id=edition_id, flows=["way_to_two"])
        assert reads.edition(db, edition_id).keeping_out == ()
        acts.ask_instead(db, by=by, edition_id=edition_id, flows=[])
        with pytest.raises(rules.KeptOutOfForce):
            _put_in_force(db, office, edition_id)


@pytest.mark.parametrize("wrong", ["nowhere", "start_to_one", "one"])
def test_only_at_a_flow_with_a_condition_somebody_is_asked_instead(
    database: Database, office: SmallOffice, wrong: str
) -> None:
    with database.writing() as db:
        edition_id = _draft(db, office, UNREADABLE)
        with pytest.raises(rules.CannotAskInstead):
            acts.ask_instead(db, by=office.actor(db, "he"), edition_id=edition_id, flows=["way_to_two", wrong])


def test_a_lane_without_a_post_keeps_it_out(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = _draft(db, office, _line("one"), owners={})
        with pytest.raises(rules.OwnerMissing):
            _put_in_force(db, office, edition_id)


TWO_POOLS = _line("one").replace(
    b"</definitions>",
    b'<process id="second" name="The applicant"><startEvent id="s2"/><userTask id="u2" name="Answer"/><endEvent id="e2"/>'
    b'<sequenceFlow id="f1" sourceRef="s2" targetRef="u2"/><sequenceFlow id="f2" sourceRef="u2" targetRef="e2"/>'
    b"</process></definitions>",
)


def test_of_several_processes_the_one_a_case_begins_in_must_be_chosen(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = _draft(db, office, TWO_POOLS, owners={**ALONE, "process:second": "clerk"})
        with pytest.raises(rules.ProcessNotChosen) as refused:
            _put_in_force(db, office, edition_id)
        assert "The applicant" in refused.value.say("en")
        with pytest.raises(rules.ProcessNotChosen):
            acts.choose_process(db, by=office.actor(db, "he"), edition_id=edition_id, process="third")
        acts.choose_process(db, by=office.actor(db, "he"), edition_id=edition_id, process="second")
        _put_in_force(db, office, edition_id)
        case = begun(db, office, reads.edition(db, edition_id).procedure_id)
        assert _open_steps(db, office, case.case_id) == ["u2"]


CALLER = process(
    START + '<callActivity id="ask" name="Ask the fire brigade" calledElement="brigade"/>' + step("after") + END
    + way("start", "ask", "after", "end")
)  # fmt: skip
BRIGADE = {"process:brigade": "reviewer"}


def test_a_call_of_what_is_not_in_force_keeps_the_caller_out(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        _draft(db, office, _line("inspect", process_id="brigade"), prefix="FB", owners=BRIGADE)  # only a draft
        edition_id = _draft(db, office, CALLER)
        with pytest.raises(rules.CallUnresolved) as refused:
            _put_in_force(db, office, edition_id)
        assert refused.value.facts == {"step": "Ask the fire brigade", "called": "brigade"}


def test_a_call_that_two_procedures_in_force_would_answer_is_refused_by_their_names(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        for prefix in ("FB", "FC"):
            in_force(db, office, _line("inspect", process_id="brigade"), prefix=prefix, owners=BRIGADE)
        edition_id = _draft(db, office, CALLER)
        with pytest.raises(rules.CallAmbiguous, match="several procedures in force claim that id"):
            _put_in_force(db, office, edition_id)


def test_a_call_stays_on_the_edition_it_was_pinned_to(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        called = in_force(db, office, _line("inspect", process_id="brigade"), prefix="FB", owners=BRIGADE)
        pinned = reads.procedure(db, called).in_force_id
        caller = in_force(db, office, CALLER, owners=ALONE)
        before = begun(db, office, caller)
        next_edition(db, office, called, _line("telephone", process_id="brigade"), owners=BRIGADE)
        after = begun(db, office, caller)
    with database.reading() as db:
        assert db.scalars(select(calls.c.called_edition_id)).all() == [pinned]
        assert _open_steps(db, office, before.case_id) == ["inspect"]
        assert _open_steps(db, office, after.case_id) == ["inspect"]
    with database.writing() as db:
        next_edition(db, office, caller, CALLER, owners=ALONE)
        assert _open_steps(db, office, begun(db, office, caller).case_id) == ["telephone"]


def test_a_called_step_belongs_to_the_post_of_the_called_edition(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        in_force(db, office, _line("inspect", process_id="brigade"), prefix="FB", owners=BRIGADE)
        case = begun(db, office, in_force(db, office, CALLER, owners=ALONE))
        (task,) = case_reads.case(db, actor=office.actor(db, "zhou"), case_id=case.case_id).open_tasks
        assert (task.post_id, task.name) == (office.posts["reviewer"], "Inspect")
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case.case_id, number=1, submitted={})
        assert _open_steps(db, office, case.case_id) == ["after"]


def test_a_procedure_that_calls_itself_cannot_come_into_force(database: Database, office: SmallOffice) -> None:
    circle = CALLER.replace(b'calledElement="brigade"', b'calledElement="procedure"')
    with database.writing() as db:
        edition_id = _draft(db, office, circle)
        with pytest.raises(rules.KeptOutOfForce):
            _put_in_force(db, office, edition_id)


def test_a_refused_edition_leaves_the_one_in_force_where_it_is(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _line("one"), owners=ALONE)
        by = office.actor(db, "he")
        bad = acts.deposit(db, by=by, procedure_id=procedure_id, file="x.bpmn", source=UNREADABLE, attachments={})
        with pytest.raises(rules.KeptOutOfForce):
            acts.put_in_force(db, by=by, edition_id=bad)
    with database.writing() as db:
        assert _states(db, procedure_id) == [EditionState.IN_FORCE, EditionState.DRAFT]
        assert begun(db, office, procedure_id)
        assert first_broken(db, every_head(db)) is None
