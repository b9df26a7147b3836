"""The whole story through acts: from a drawing to a finished case, and what the supervisor sees meanwhile."""

from __future__ import annotations

from engine.base.database import Database
from engine.cases import acts, reads
from engine.records.verify import first_broken
from engine.supervision.figures.now import steps_now
from engine.supervision.figures.rules import Scope
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.worlds import begun, every_head, in_force, tasks_of

RECEIVED = {"plot": ["C-123"], "area": ["120"]}
COMPLETE = {"complete": ["complete_to_split"]}


def test_a_case_goes_from_the_counter_to_the_bureau_and_back(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        case = begun(db, office, procedure_id)
    assert case.number == "BP-2026-0001"

    with database.writing() as db:
        clock.advance(hours=2)
        case_id, number = tasks_of(db, office, "li")["Receive the application"]
        done = acts.complete_task(
            db, by=office.actor(db, "li"), case_id=case_id, number=number, submitted=RECEIVED, chosen=COMPLETE
        )
        assert not done.ended
        assert done.next_for(office.actor(db, "li")) is None

    with database.writing() as db:
        clock.advance(hours=20)
        for login, step in (("wang", "Review the plans"), ("zhao", "Review fire safety")):
            case_id, number = tasks_of(db, office, login)[step]
            acts.claim(db, by=office.actor(db, login), case_id=case_id, number=number)
            acts.complete_task(db, by=office.actor(db, login), case_id=case_id, number=number, submitted={})

    with database.reading() as db:
        today = clock.now().date()
        scope = Scope(today, today, procedure_id=procedure_id)
        steps = steps_now(db, actor=office.actor(db, "sun"), scope=scope, now=clock.now())
        assert [(step.name, step.open) for step in steps] == [("Decide", 1)]

    with database.writing() as db:
        clock.advance(hours=3)
        case_id, number = tasks_of(db, office, "zhao")["Decide"]
        acts.complete_task(
            db, by=office.actor(db, "zhao"), case_id=case_id, number=number, submitted={"grant": ["true"]}
        )
        case_id, number = tasks_of(db, office, "chen")["Issue the permit"]
        done = acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=number, submitted={})
        assert done.ended

    with database.reading() as db:
        page = reads.case(db, actor=office.actor(db, "li"), case_id=case_id)
        assert page.ended_at == clock.now()
        assert [task.name for task in page.tasks] == [
            "Receive the application", "Review the plans", "Review fire safety", "Decide", "Issue the permit",
        ]  # fmt: skip
        assert [task.handed_over_from is not None for task in page.tasks] == [False, True, True, False, True]
        assert page.answers["plot"] == "C-123"
        assert [entry.act for entry in page.record].count("complete_task") == 5
        assert first_broken(db, every_head(db)) is None
