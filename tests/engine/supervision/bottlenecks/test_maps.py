"""The map of a procedure: what stands at each step, of how much of its standard time, and what went over each flow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts
from engine.procedures import reads as procedures
from engine.supervision.bottlenecks.levels import Measure
from engine.supervision.bottlenecks.maps import ProcedureMap, procedure_map
from engine.supervision.figures.rules import Scope
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, in_force, next_edition

DAY = date(2026, 3, 2)
TWO_STEPS = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask", "Ask", 'officium:standardTime="PT8H" officium:workingTime="true"') + step("answer", "Answer")
    + END + way("start", "ask", "answer", "end")
)  # fmt: skip


def _scope(db: Connection, procedure_id: int, days: int = 30) -> Scope:
    edition = procedures.procedure(db, procedure_id).in_force_id
    return Scope(DAY, DAY + timedelta(days=days), procedure_id=procedure_id, edition_id=edition)


def _map(db: Connection, office: SmallOffice, clock: Clock, scope: Scope, login: str = "sun") -> ProcedureMap:
    return procedure_map(db, actor=office.actor(db, login), scope=scope, now=clock.now())


def test_a_step_is_told_by_the_share_of_its_standard_time_that_the_middle_one_has_used(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        for _ in range(3):
            begun(db, office, procedure_id)
            clock.advance(hours=2)
        clock.advance(days=1)
        # Nine to five: the one in the middle came at eleven, and six hours of that day and six of the next are gone.
        found = _map(db, office, clock, _scope(db, procedure_id))
        (ask,) = found.steps
    assert ask.used == pytest.approx(12 / 8)
    assert not ask.against_own
    assert ask.oldest == pytest.approx(14 / 8)
    assert found.level(Measure.SHARE, ask) == 3
    assert found.level(Measure.OPEN, ask) == 1
    assert found.level(Measure.OLDEST, ask) == 1
    assert found.traffic == {"start_to_ask": 3}


def test_without_a_standard_time_it_is_told_against_its_own_past_where_that_is_long_enough(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        li, wang = office.actor(db, "li"), office.actor(db, "wang")
        case_ids = [begun(db, office, procedure_id).case_id for _ in range(22)]
        for case_id in case_ids:
            acts.complete_task(db, by=li, case_id=case_id, number=1, submitted={})
        clock.advance(hours=2)
        for case_id in case_ids[:19]:
            acts.complete_task(db, by=wang, case_id=case_id, number=2, submitted={})
        scope = _scope(db, procedure_id)
        answer = next(one for one in _map(db, office, clock, scope).steps if one.element == "answer")
        assert (answer.used, answer.against_own) == (None, False)
        acts.complete_task(db, by=wang, case_id=case_ids[19], number=2, submitted={})
        clock.advance(hours=3)
        answer = next(one for one in _map(db, office, clock, scope).steps if one.element == "answer")
    assert answer.against_own
    assert answer.used == pytest.approx(5 / 2, rel=0.05)  # of past figures percentiles are kept in bins


def test_what_went_over_the_flows_is_of_the_period(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_ids = [begun(db, office, procedure_id).case_id for _ in range(4)]
        for case_id in case_ids[:3]:
            acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        clock.advance(days=3)
        acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_ids[0], number=2, submitted={})
        whole = _scope(db, procedure_id)
        found = _map(db, office, clock, whole)
        assert found.traffic == {"start_to_ask": 4, "ask_to_answer": 3, "answer_to_end": 1}
        assert found.widths() == {"start_to_ask": 4, "ask_to_answer": 3, "answer_to_end": 1}
        assert [(one.from_element, one.to_element, one.n, one.drawn) for one in found.flows] == [
            (None, "ask", 4, True), ("ask", "answer", 3, True), ("answer", None, 1, True),
        ]  # fmt: skip
        later = _map(db, office, clock, replace(whole, since=DAY + timedelta(days=1)))
        assert later.traffic == {"answer_to_end": 1}


def test_each_edition_has_its_own(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        begun(db, office, procedure_id)
        first = _scope(db, procedure_id)
        next_edition(db, office, procedure_id, TWO_STEPS)
        assert [one.element for one in _map(db, office, clock, first).steps] == ["ask"]
        assert _map(db, office, clock, _scope(db, procedure_id)).steps == ()


def test_a_procedure_that_is_not_watched_is_not_found(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        owners = {"lane:counter": "administrator", "lane:bureau": "administrator"}
        procedure_id = in_force(db, office, TWO_STEPS, owners=owners, department="bureau")
        scope = _scope(db, procedure_id)
        with pytest.raises(NotFound):
            _map(db, office, clock, scope)
        assert _map(db, office, clock, scope, "zhou").steps == ()


def test_it_costs_no_more_statements_for_more_cases(database: Database, office: SmallOffice, clock: Clock) -> None:
    def cost() -> int:
        with database.reading() as db:
            scope = _scope(db, procedure_id)
            with counting(database) as counted:
                _map(db, office, clock, scope)
        return len(counted.statements)

    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_id = begun(db, office, procedure_id).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    few = cost()
    with database.writing() as db:
        for _ in range(20):
            case_id = begun(db, office, procedure_id).case_id
            acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    assert cost() <= few + 1
