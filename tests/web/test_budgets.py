"""What a page costs the database: a stated number of statements, however much there is, and nothing is written to look."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, insert, select

from engine.base.database import OFFICE
from engine.cases import acts
from engine.cases.tables import cases, incidents, task_events, tasks
from engine.procedures import reads as procedures
from tests.counting import counting
from tests.web.conftest import Rooms, Visitor
from tests.worlds import begun, in_force

MANY = 600
BUDGETS = {
    "/": 8,
    "/?which=mine": 8,
    "/tasks/{case}/1": 22,
    "/cases/": 10,
    "/cases/?words=house": 10,
    "/cases/{case}": 20,
    "/start/{procedure}": 8,
    "/watch/": 25,
    "/watch/{procedure}": 20,
    "/watch/{procedure}?measure=late&days=90": 20,
    "/watch/behind?procedure={procedure}&step=receive": 12,
    "/watch/flow/": 22,
    "/watch/flow/traffic": 20,
    "/watch/flow/hand-overs": 13,
    "/watch/flow/ways": 16,
    "/watch/flow/workload": 17,
    "/watch/flow/compare": 22,
    "/boards/office": 9,
    "/boards/leader": 9,
    "/watch/alerts/": 4,
    "/watch/alerts/new": 8,
    "/watch/reports/": 9,
    "/watch/corrective/": 8,
    "/watch/corrective/new": 8,
    "/watch/people": 9,
    "/watch/what-if/": 8,
    "/watch/what-if/{procedure}": 8,
    "/studio/": 6,
    "/studio/{procedure}": 7,
}
"""Path to the most statements it may take, who signs in and the office's own name among them."""
WHO = {"/watch": "sun", "/boards": "sun", "/studio": "he"}


@dataclass(frozen=True)
class World:
    rooms: Rooms
    procedure_id: int
    case_id: int

    def visitor(self, path: str) -> Visitor:
        return self.rooms.visitor(next((login for room, login in WHO.items() if path.startswith(room)), "li"))

    def address(self, path: str) -> str:
        return path.format(case=self.case_id, procedure=self.procedure_id)

    def cost(self, path: str) -> list[str]:
        """Once warm: what is made of an edition stays in the process."""
        visitor = self.visitor(path)
        assert visitor.get(self.address(path)).status_code == 200
        with counting(self.rooms.database) as counted:
            assert visitor.get(self.address(path)).status_code == 200
        assert counted.commits == 0
        return counted.statements


@pytest.fixture
def world(rooms: Rooms) -> World:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        case_id = begun(db, rooms.office, procedure_id).case_id
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1)
    return World(rooms, procedure_id, case_id)


def _fill(db: Connection, world: World) -> None:
    """Copies of the only case: hundreds of cases begun by acts would take long, and look the same."""
    case = dict(db.execute(select(cases)).one()._mapping)
    task = dict(db.execute(select(tasks)).one()._mapping)
    told = dict(db.execute(select(task_events).limit(1)).one()._mapping)
    more = [{**case, "id": case["id"] + number, "number": f"BP-2026-{number:05d}"} for number in range(1, MANY)]
    db.execute(insert(cases), more)
    db.execute(
        insert(tasks),
        [{**task, "case_id": one["id"], "person_id": task["person_id"] if one["id"] % 2 else None} for one in more],
    )
    db.execute(insert(task_events), [{**told, "case_id": one["id"]} for one in more])
    db.execute(
        insert(tasks),
        [
            {
                **task,
                "number": number,
                "token": f"t{number}",
                "element": ("plans", "fire", "decide", "issue")[number % 4],
            }
            for number in range(2, 100)
        ],
    )
    trouble = {
        "office_id": OFFICE, "token": "x", "element": "granted", "kind": "no way out", "facts": "{}",
        "opened_at": case["started_at"],
    }  # fmt: skip
    db.execute(insert(incidents), [{**trouble, "case_id": one["id"], "number": 1} for one in more[:50]])


@pytest.mark.parametrize("path", BUDGETS)
def test_a_page_keeps_to_its_budget_however_much_there_is(world: World, path: str) -> None:
    few = world.cost(path)
    assert len(few) <= BUDGETS[path], few
    with world.rooms.database.writing() as db:
        _fill(db, world)
    many = world.cost(path)
    # A list that was empty may have needed one look less.
    assert len(many) <= BUDGETS[path], many
    assert len(many) <= len(few) + 2, [one for one in many if one not in few]


def test_the_desk_takes_no_more_for_every_procedure_there_is(world: World) -> None:
    """Supervisors may start everything: their list is the longest."""
    rooms = world.rooms

    def cost() -> int:
        sun = rooms.visitor("sun")
        sun.get("/")
        with counting(rooms.database) as counted:
            sun.get("/")
        return len(counted.statements)

    one = cost()
    with rooms.database.writing() as db:
        for prefix in ("QA", "QB", "QC", "QD", "QE", "QF", "QG", "QH"):
            in_force(db, rooms.office, prefix=prefix)
        assert len(procedures.startable(db, rooms.office.actor(db, "sun"))) == 9
    assert cost() <= one + 1


def test_completing_through_the_web_is_one_commit(world: World) -> None:
    li = world.visitor("/")
    token = li.token()
    sent = {"csrf_token": token, "plot": "C-1", "way:complete": "complete_to_split"}
    with counting(world.rooms.database) as counted:
        answer = li.client.post(f"/tasks/{world.case_id}/1/complete", data=sent)
    assert answer.status_code == 303
    assert counted.commits == 1
    assert len(counted.statements) <= 13, counted.statements
