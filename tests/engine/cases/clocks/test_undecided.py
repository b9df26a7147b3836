"""Sent back by who decides: until it is decided for good the promise runs on, and nothing waits to be delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts
from engine.cases.clocks import acts as clock_acts
from engine.cases.clocks import reads
from engine.cases.clocks.explained import case_time
from engine.control.moving.acts import move_case
from engine.diagram.rule_sets import Clock
from engine.diagram.trial import Scenario, ScenarioStep, read
from engine.records.tables import entries
from tests.builders import SmallOffice
from tests.conftest import Clock as Simulated
from tests.counting import counting
from tests.diagram_text import END, START, flow, process, step, way
from tests.engine.cases.moving_about import Matter
from tests.engine.control.permits import OWNERS, permit, permits_in_force, submitted
from tests.worlds import begun as begin
from tests.worlds import in_force, next_edition

UNDECIDED = {Clock.JOINT, Clock.PROMISED}
REFUSED: Scenario = read(permit().scenarios["refused"])
FIRST = next(number for number, one in enumerate(REFUSED.steps) if one.element == "decide") + 1
"""So many steps, and the first decision, to look again, is made."""
REVIEWED = next(one for one in REFUSED.steps if one.element == "review_planning")
_LOGINS = {"check_papers": "li", "review_fire": "li", "serve_refusal": "li", "decide": "sun"}


@pytest.fixture
def permits(database: Database, office: SmallOffice, clock: Simulated) -> Matter:
    """A case of the shipped procedure that was sent back for another look."""
    with database.writing() as db:
        procedure = permits_in_force(db, office)
        case_id = acts.start_case(
            db, by=office.actor(db, "li"), procedure_id=procedure, matter="A house", applicant="Wang Fang",
            submitted=submitted(REFUSED.start.answers),
        ).case_id  # fmt: skip
    matter = Matter(database, office, case_id)
    go(matter, clock, *REFUSED.steps[:FIRST])
    return matter


def go(matter: Matter, clock: Simulated, *steps: ScenarioStep) -> None:
    for one in steps:
        clock.advance(hours=1)
        with matter.database.writing() as db:
            acts.complete_task(
                db, by=matter.by(db, _LOGINS.get(one.element, "wang")), case_id=matter.case_id,
                number=matter.open[one.element], submitted=submitted(one.answers), chosen=one.chosen,
            )  # fmt: skip


def running(matter: Matter) -> set[Clock]:
    with matter.database.reading() as db:
        found = case_time(db, matter.case_id)
    assert found is not None
    return {one.kind for one in found.running}


def ended(matter: Matter, kind: Clock) -> datetime | None:
    with matter.database.reading() as db:
        found = case_time(db, matter.case_id)
    assert found is not None
    return next(one.ended_at for one in found.clocks if one.kind is kind)


def told(matter: Matter) -> list[tuple[str, Any]]:
    """What the record says of the clocks, act by act."""
    with matter.database.reading() as db:
        of_case = select(entries.c.facts).where(entries.c.chain == matter.case_id).order_by(entries.c.number)
        facts = [orjson.loads(one) for one in db.scalars(of_case)]
    return [(one.get("element", ""), one["clocks"]) for one in facts if "clocks" in one]


def test_a_permit_that_is_looked_at_again_is_not_decided_and_the_record_says_so(permits: Matter) -> None:
    assert running(permits) == UNDECIDED
    assert told(permits)[-1] == ("decide", {"undecided": ["decide"]})
    assert permits.row.period_due is not None


def test_once_it_is_decided_for_good_it_ends_once_and_delivering_begins_once(permits: Matter, clock: Simulated) -> None:
    last = len(REFUSED.steps) - 1
    go(permits, clock, *REFUSED.steps[FIRST : last - 1])
    assert running(permits) == UNDECIDED, "it lies with who decides"
    go(permits, clock, REFUSED.steps[last - 1])
    assert running(permits) == {Clock.DELIVERY}
    assert {ended(permits, one) for one in UNDECIDED} == {clock.now()}
    assert told(permits)[-1] == ("decide", {"ended": ["promised", "joint"], "began": ["delivery"]})
    go(permits, clock, REFUSED.steps[last])
    of_decision = [said for _element, said in told(permits) if "promised" in said.get("ended", ())]
    assert len(of_decision) == 1
    assert sum("delivery" in said.get("began", ()) for _element, said in told(permits)) == 1


def test_it_is_late_while_it_is_looked_at_again(permits: Matter, clock: Simulated) -> None:
    clock.advance(days=120)
    with permits.database.reading() as db:
        found = {line.kind for line in reads.late_cases(db, at=clock.now())}
    assert found & UNDECIDED


def test_what_holds_the_clock_holds_it_while_it_is_looked_at_again(permits: Matter, clock: Simulated) -> None:
    go(permits, clock, *REFUSED.steps[FIRST:-2])
    with permits.database.writing() as db:
        clock_acts.stop_clock(
            db, by=permits.by(db, "sun"), case_id=permits.case_id, ground="hearing", words="A hearing"
        )
    go(permits, clock, replace(REFUSED.steps[-2], answers=REFUSED.steps[FIRST - 1].answers))
    with permits.database.reading() as db:
        assert reads.is_standing(db, permits.case_id, clock.now())


def test_returned_from_delivery_to_before_the_decision_it_has_not_been_decided(
    permits: Matter, clock: Simulated
) -> None:
    go(permits, clock, *REFUSED.steps[FIRST:-1])
    assert running(permits) == {Clock.DELIVERY}
    permits.act("return_task", "li", number=permits.open["serve_refusal"], to_element="review_planning",
                reason="The plans were exchanged")  # fmt: skip
    assert running(permits) == UNDECIDED
    go(permits, clock, REVIEWED, *REFUSED.steps[FIRST:-1])
    assert running(permits) == {Clock.DELIVERY}


def test_the_step_that_decides_returned_and_taken_back_decides_nothing(permits: Matter, clock: Simulated) -> None:
    go(permits, clock, *REFUSED.steps[FIRST:-2])
    permits.act("return_task", "sun", number=permits.open["decide"], to_element="review_planning", reason="Look closer")
    assert running(permits) == UNDECIDED
    go(permits, clock, REVIEWED, *REFUSED.steps[FIRST:-1])
    permits.act("withdraw", "sun", number=permits.closed("decide"))
    assert running(permits) == UNDECIDED


def test_moved_to_another_edition_it_is_as_undecided_as_before(permits: Matter, clock: Simulated) -> None:
    one = permit()
    renamed = one.diagram.replace(b'name="Decide on the permit', b'name="Grant or refuse')
    with permits.database.writing() as db:
        edition = next_edition(
            db, permits.office, permits.row.procedure_id, renamed, beside=one.attachments, owners=OWNERS
        )
        move_case(db, by=permits.by(db, "he"), case_id=permits.case_id, edition_id=edition)
    assert permits.row.edition_id == edition
    assert running(permits) == UNDECIDED
    go(permits, clock, *REFUSED.steps[FIRST:-1])
    assert running(permits) == {Clock.DELIVERY}


def test_looking_again_costs_no_statement_for_clocks_that_go_on(permits: Matter, clock: Simulated) -> None:
    go(permits, clock, *REFUSED.steps[FIRST:-2])
    again = replace(REFUSED.steps[-2], answers=REFUSED.steps[FIRST - 1].answers)
    with counting(permits.database) as counted:
        go(permits, clock, again)
    assert not [one for one in counted.statements if "case_clocks" in one]


LAW = 'officium:promised="P15D" officium:ruleSet="cn-licensing" officium:decidedBy="decide"'
_WAYS = (
    START + step("review", "Review") + step("decide", "Decide") + '<exclusiveGateway id="g" default="g_to_deliver"/>'
    + step("deliver", "Deliver") + END + way("start", "review", "decide", "g", "deliver", "end")
)  # fmt: skip


def test_where_there_is_a_way_around_it_counts_as_decided_until_it_is_there_again(
    database: Database, office: SmallOffice, clock: Simulated
) -> None:
    ways = (
        step("ask", "Ask") + '<exclusiveGateway id="h" default="h_to_review"/>' + '<endEvent id="given_up"/>'
        + flow("g", "ask", "true") + way("ask", "h", "review") + flow("h", "given_up", "false")
    )  # fmt: skip
    source = process(_WAYS + ways).replace(b"<process ", f"<process {LAW} ".encode(), 1)
    with database.writing() as db:
        made = in_force(db, office, source, owners={"process:procedure": "reviewer"})
        matter = Matter(database, office, begin(db, office, made, by="sun").case_id)
    for element in ("review", "decide"):
        matter.do(element, "wang")
    assert running(matter) == {Clock.DELIVERY}, "it may end without being decided again"
    matter.do("ask", "wang")
    matter.do("review", "wang")
    assert running(matter) == {Clock.PROMISED, Clock.STATUTORY}, "who decides has it again"
