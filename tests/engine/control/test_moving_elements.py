"""Cases that wait for more than a person: incidents, messages, called procedures, tables; and answers that are none."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases import reads
from engine.cases.tables import awaited, incidents, tasks
from engine.control.moving import acts, rules
from engine.control.moving.reads import to_move
from engine.control.moving.rules import Kind
from engine.organisation.rules import Actor
from tests.builders import SmallOffice
from tests.diagram_text import END, START, flow, process, step, way
from tests.engine.control.test_moving import everything
from tests.worlds import begun, in_force, next_edition, tasks_of

ALONE = {"process:procedure": "clerk", "process:inner": "clerk", "process:outer": "clerk"}
MESSAGE = (
    '<intermediateCatchEvent id="letter" name="{}"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
)


@pytest.fixture
def db(database: Database, office: SmallOffice) -> Any:
    with database.writing() as connection:
        yield connection


@pytest.fixture
def he(db: Connection, office: SmallOffice) -> Actor:
    return office.actor(db, "he")


def _done(db: Connection, office: SmallOffice, name: str) -> None:
    case_id, number = tasks_of(db, office, "li")[name]
    cases.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=number, submitted={})


def test_an_incident_stays_and_is_mended_on_the_new_edition(db: Connection, office: SmallOffice, he: Actor) -> None:
    def machine(*more: str) -> bytes:
        return process(
            START + step("look") + '<serviceTask id="call" name="Call"/>' + "".join(step(one) for one in more) + END
            + way("start", "look", "call", *more, "end")
        )  # fmt: skip

    procedure = in_force(db, office, machine(), owners=ALONE)
    case = begun(db, office, procedure)
    _done(db, office, "Look")
    edition = next_edition(db, office, procedure, machine("file"), owners=ALONE)
    before = everything(db, case.case_id)
    assert acts.move_cases(db, by=he, edition_id=edition).moved == 1
    assert db.execute(select(incidents.c.closed_at)).scalars().all() == [None]
    acts.move_back(db, by=he, case_id=case.case_id)
    assert everything(db, case.case_id) == before
    acts.move_case(db, by=he, case_id=case.case_id, edition_id=edition)
    sun = office.actor(db, "sun")
    assert cases.settle_incident(db, by=sun, case_id=case.case_id, number=1, note="Called by telephone.")
    assert set(tasks_of(db, office, "li")) == {"File"}


def test_a_message_is_awaited_under_its_new_name(db: Connection, office: SmallOffice, he: Actor) -> None:
    def waits(name: str) -> bytes:
        body = START + step("ask") + MESSAGE.format("Letter") + END + way("start", "ask", "letter", "end")
        return process(body, before=f'<message id="m" name="{name}"/>')

    procedure = in_force(db, office, waits("letter"), owners=ALONE)
    case = begun(db, office, procedure)
    _done(db, office, "Ask")
    edition = next_edition(db, office, procedure, waits("reply"), owners=ALONE)
    acts.move_cases(db, by=he, edition_id=edition)
    row = db.execute(select(awaited).where(awaited.c.closed_at.is_(None))).one()
    assert row.name == "reply"
    cases.deliver_message(db, by=office.actor(db, "li"), case_id=case.case_id, token=row.token, note="It came.")
    assert reads.case(db, actor=office.actor(db, "zhou"), case_id=case.case_id).ended_at is not None


def test_a_task_in_a_called_procedure_goes_to_the_edition_called_now(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    def inner(*steps: str) -> bytes:
        body = START + "".join(step(one) for one in steps) + END + way("start", *steps, "end")
        return process(body, "inner")

    outer = process(
        START + '<callActivity id="c" name="C" calledElement="inner"/>' + END + way("start", "c", "end"), "outer"
    )
    called = in_force(db, office, inner("look"), owners=ALONE, prefix="IN")
    procedure = in_force(db, office, outer, owners=ALONE, prefix="OUT")
    case = begun(db, office, procedure, by="zhou")
    newer = next_edition(db, office, called, inner("look", "file"), owners=ALONE)
    edition = next_edition(db, office, procedure, outer, owners=ALONE)
    assert to_move(db, actor=he, edition_id=edition, to={}).counts == {Kind.MOVES: 1}
    acts.move_case(db, by=he, case_id=case.case_id, edition_id=edition)
    assert db.execute(select(tasks.c.edition_id)).scalar_one() == newer
    _done(db, office, "Look")
    assert set(tasks_of(db, office, "li")) == {"File"}


DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="host" name="Host"><variable name="host"/><literalExpression><text>"{}"</text></literalExpression></decision>
</definitions>"""


def test_a_table_that_has_decided_otherwise_since_asks_for_a_choice(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    drawn = process(
        START + step("look") + '<businessRuleTask id="table" name="Table" officium:decision="host"/>'
        + '<exclusiveGateway id="g" name="Whose?" default="g_to_there"/>' + step("here") + step("there") + END
        + way("start", "look", "table", "g") + flow("g", "here", 'host = "here"') + flow("g", "there")
        + way("here", "end") + way("there", "end")
    )  # fmt: skip
    procedure = in_force(db, office, drawn, owners=ALONE, beside={"host.dmn": DMN.format("here").encode()})
    begun(db, office, procedure)
    _done(db, office, "Look")
    assert set(tasks_of(db, office, "li")) == {"Here"}
    same = next_edition(
        db, office, procedure, drawn, owners=ALONE, beside={"host.dmn": (DMN.format("here") + " ").encode()}
    )
    found = to_move(db, actor=he, edition_id=same, to={})
    assert found.counts == {Kind.MOVES: 1}
    assert "leads to the same place" in found.lines[0].verdict.reasons[0].en
    other = next_edition(db, office, procedure, drawn, owners=ALONE, beside={"host.dmn": DMN.format("there").encode()})
    found = to_move(db, actor=he, edition_id=other, to={})
    assert found.counts == {Kind.CHOICE: 1}
    assert found.lines[0].verdict.reasons[0].en == (
        "It has been at “Table”, which is different in the new edition: there it would stand at “There” now."
    )


def _never_ends() -> bytes:
    return process(
        START + step("look") + '<exclusiveGateway id="g" name="G" default="g_to_b"/>' + step("a") + step("b")
        + '<parallelGateway id="j" name="J"/>' + END + way("start", "look", "g") + flow("g", "a", "never = 1")
        + flow("g", "end", 'never = "whatever anybody says"') + flow("g", "b") + way("a", "j", "end") + way("b", "j")
    )  # fmt: skip


def test_where_no_way_to_the_end_is_found_it_is_said_and_nothing_moves_unasked(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    procedure = in_force(db, office, process(START + step("look") + END + way("start", "look", "end")), owners=ALONE)
    case = begun(db, office, procedure)
    edition = next_edition(db, office, procedure, _never_ends(), owners=ALONE)
    found = to_move(db, actor=he, edition_id=edition, to={})
    assert (found.counts, found.unproved) == ({Kind.MOVES: 1}, 1)
    assert "No way from there to the end" in found.lines[0].verdict.reasons[1].en
    assert acts.move_cases(db, by=he, edition_id=edition) == acts.Outcome(0, 0)
    with pytest.raises(rules.NotMovable):
        acts.move_case(db, by=he, case_id=case.case_id, edition_id=edition)
    assert acts.move_cases(db, by=he, edition_id=edition, unproved=True) == acts.Outcome(1, 0)


@pytest.mark.parametrize("target", ["start", "late", "nothing of the kind", "<b>", "procedure"])
def test_a_place_where_nothing_can_be_brought_is_no_answer(
    db: Connection, office: SmallOffice, he: Actor, target: str
) -> None:
    timer = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    new = process(
        START + step("file") + f'<boundaryEvent id="late" attachedToRef="file">{timer}</boundaryEvent>' + END
        + way("start", "file", "end") + way("late", "end")
    )  # fmt: skip
    procedure = in_force(db, office, process(START + step("look") + END + way("start", "look", "end")), owners=ALONE)
    case = begun(db, office, procedure)
    edition = next_edition(db, office, procedure, new, owners=ALONE)
    assert to_move(db, actor=he, edition_id=edition, to={"look": target}).counts == {Kind.CHOICE: 1}
    with pytest.raises(rules.NotMovable):
        acts.move_case(db, by=he, case_id=case.case_id, edition_id=edition, to={"look": target})


def test_a_case_that_was_told_to_go_elsewhere_is_not_followed_again(
    db: Connection, office: SmallOffice, he: Actor
) -> None:
    def straight(*steps: str) -> bytes:
        return process(START + "".join(step(one) for one in steps) + END + way("start", *steps, "end"))

    procedure = in_force(db, office, straight("look", "check", "sign"), owners=ALONE)
    begun(db, office, procedure)
    _done(db, office, "Look")
    second = next_edition(db, office, procedure, straight("look", "sign"), owners=ALONE)
    acts.move_cases(db, by=he, edition_id=second, to={"check": "sign"})
    third = next_edition(db, office, procedure, straight("look", "sign", "file"), owners=ALONE)
    assert to_move(db, actor=he, edition_id=third, to={}).counts == {Kind.MOVES: 1}
    fourth = next_edition(db, office, procedure, straight("look", "stamp", "sign"), owners=ALONE)
    found = to_move(db, actor=he, edition_id=fourth, to={})
    assert found.counts == {Kind.CHOICE: 1}
    assert acts.move_cases(db, by=he, edition_id=fourth, to={"sign": "stamp"}).moved == 1
    assert set(tasks_of(db, office, "li")) == {"Stamp"}
