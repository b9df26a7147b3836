"""What cannot go on by itself stands where a supervisor sees it, and is mended by an act."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, Refusal
from engine.cases import acts, moves, reads, rules
from engine.cases.tables import incidents
from engine.records.verify import first_broken
from engine.supervision.reads import open_incidents
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import end, flow, line, source, start, step, user, xor
from tests.worlds import begun, every_head, in_force

CLERK = {"process:p": "clerk"}
DEAR = source(
    start(), user("one"), xor(default="g-small"), user("large"), user("small"), end(), line("s", "one", "g"),
    flow("g", "large", "amount > 1000"), flow("g", "small"), line("large", "e"), line("small", "e"),
)  # fmt: skip
NO_WAY = source(
    start(), user("one"), xor(), user("large"), user("small"), end(), line("s", "one", "g"),
    flow("g", "large", "amount > 1000"), flow("g", "small", "amount < 10"), line("large", "e"), line("small", "e"),
)  # fmt: skip
MACHINE = source(
    start(), user("one"), step("serviceTask", "machine", name="Tell the tax office"), user("two"), end(),
    line("s", "one", "machine", "two", "e"),
)  # fmt: skip


def _at_incident(database: Database, office: SmallOffice, drawn: bytes) -> int:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, drawn, owners=CLERK)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        return case_id


def _page(db: Connection, office: SmallOffice, case_id: int) -> reads.CasePage:
    return reads.case(db, actor=office.actor(db, "sun"), case_id=case_id)


def _open(db: Connection, office: SmallOffice, case_id: int) -> list[str]:
    return [one.element for one in _page(db, office, case_id).open_tasks]


def test_a_condition_that_cannot_be_worked_out_is_an_incident_a_supervisor_sees(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _at_incident(database, office, DEAR)
    with database.reading() as db:
        assert _open(db, office, case_id) == []
        (seen,) = open_incidents(db, actor=office.actor(db, "sun"))
        assert (seen.case_id, seen.number, seen.kind, seen.opened_at) == (case_id, 1, "expression", clock.now())
        assert "amount" in seen.facts["expression"]
        (shown,) = _page(db, office, case_id).incidents
        assert (shown.kind, shown.closed_at) == ("expression", None)


def test_tried_again_with_a_corrected_answer_the_case_goes_on(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _at_incident(database, office, DEAR)
    at = clock.advance(hours=3)
    with database.writing() as db:
        assert acts.retry_incident(
            db, by=office.actor(db, "sun"), case_id=case_id, number=1, corrected={"amount": 2000}
        )
    with database.reading() as db:
        assert _open(db, office, case_id) == ["large"]
        assert open_incidents(db, actor=office.actor(db, "sun")) == ()
        closed = db.execute(select(incidents)).one()
        assert (closed.closed_at, closed.closed_by) == (at, office.persons["sun"])
        page = _page(db, office, case_id)
        assert page.answers["amount"] == 2000
        assert page.record[-1].act == "retry_incident"
        assert first_broken(db, every_head(db)) is None


def test_tried_again_without_mending_it_fails_again_and_stays_visible(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _at_incident(database, office, DEAR)
    clock.advance(hours=1)
    with database.writing() as db:
        assert not acts.retry_incident(db, by=office.actor(db, "sun"), case_id=case_id, number=1)
    with database.reading() as db:
        assert [one.number for one in open_incidents(db, actor=office.actor(db, "sun"))] == [2]
        assert [one.closed_at is None for one in _page(db, office, case_id).incidents] == [False, True]


def test_where_no_condition_holds_the_case_stands_and_says_so(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, NO_WAY, owners=CLERK)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        (first,) = _page(db, office, case_id).incidents
        # Nothing is known of the amount, which is another matter than that no way is open.
        assert first.kind == "expression"
        acts.retry_incident(db, by=office.actor(db, "sun"), case_id=case_id, number=1, corrected={"amount": 500})
        assert [one.kind for one in _page(db, office, case_id).incidents if one.closed_at is None] == ["no way out"]
        assert acts.retry_incident(db, by=office.actor(db, "sun"), case_id=case_id, number=2, corrected={"amount": 5})
        assert _open(db, office, case_id) == ["small"]


def test_a_step_of_a_machine_that_is_not_there_is_done_by_hand(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _at_incident(database, office, MACHINE)
    with database.reading() as db:
        (seen,) = open_incidents(db, actor=office.actor(db, "sun"))
        assert (seen.kind, seen.name) == ("service", "Tell the tax office")
    at = clock.advance(hours=3)
    with database.writing() as db:
        assert acts.settle_incident(
            db,
            by=office.actor(db, "sun"),
            case_id=case_id,
            number=1,
            note=" Told them by letter. ",
            outcome={"told": True},
        )
    with database.reading() as db:
        page = _page(db, office, case_id)
        assert [one.element for one in page.open_tasks] == ["two"]
        last = page.record[-1]
        assert (last.act, last.facts["note"], last.at) == ("settle_incident", "Told them by letter.", at)
        assert last.facts["answers"] == {"told": True}
        assert page.incidents[0].closed_at == at


@pytest.mark.parametrize("note", ["", "  \n"])
def test_doing_it_by_hand_needs_a_sentence(database: Database, office: SmallOffice, note: str) -> None:
    case_id = _at_incident(database, office, MACHINE)
    with pytest.raises(rules.ReasonMissing), database.writing() as db:
        acts.settle_incident(db, by=office.actor(db, "sun"), case_id=case_id, number=1, note=note)
    with database.reading() as db:
        assert len(open_incidents(db, actor=office.actor(db, "sun"))) == 1


@pytest.mark.parametrize("login", ["li", "wang", "he", "guo"])
def test_only_supervisors_of_the_procedure_mend(database: Database, office: SmallOffice, login: str) -> None:
    case_id = _at_incident(database, office, MACHINE)
    with database.writing() as db:
        by = office.actor(db, login)
        with pytest.raises(NotAllowed):
            acts.settle_incident(db, by=by, case_id=case_id, number=1, note="done")
        with pytest.raises(NotAllowed):
            acts.retry_incident(db, by=by, case_id=case_id, number=1)
        assert acts.settle_incident(db, by=office.actor(db, "zhou"), case_id=case_id, number=1, note="done")


@pytest.mark.parametrize(("number", "why"), [(1, moves.TriedAlready), (2, rules.NotWaiting)])
def test_an_incident_that_is_over_or_never_was_cannot_be_mended(
    database: Database, office: SmallOffice, number: int, why: type[Refusal]
) -> None:
    case_id = _at_incident(database, office, MACHINE)
    with database.writing() as db:
        by = office.actor(db, "sun")
        acts.settle_incident(db, by=by, case_id=case_id, number=1, note="done")
        with pytest.raises(why):
            acts.settle_incident(db, by=by, case_id=case_id, number=number, note="done")


def test_settling_a_gateway_without_a_way_by_hand_never_loses_the_case(database: Database, office: SmallOffice) -> None:
    """Nothing says where it should go on: refused, or standing at an incident still, but never nowhere."""
    case_id = _at_incident(database, office, NO_WAY)
    try:
        with database.writing() as db:
            acts.settle_incident(db, by=office.actor(db, "sun"), case_id=case_id, number=1, note="done")
    except Refusal:
        pass
    with database.reading() as db:
        page = _page(db, office, case_id)
        assert page.open_tasks or [one for one in page.incidents if one.closed_at is None]


def test_a_supervisor_elsewhere_sees_no_incident_of_ours(database: Database, office: SmallOffice) -> None:
    _at_incident(database, office, MACHINE)
    with database.reading() as db:
        assert len(open_incidents(db, actor=office.actor(db, "zhou"))) == 1
        with pytest.raises(NotAllowed):
            open_incidents(db, actor=office.actor(db, "li"))
