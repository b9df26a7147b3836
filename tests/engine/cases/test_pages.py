"""The page of a case and of a task: what stands on them, in short cases and in very long ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts, inbox, reads
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.counting import counting
from tests.diagram_text import END, START, flow, process, step, way
from tests.worlds import begun, in_force

ALONE = {"process:procedure": "clerk"}
ROUND_BESIDE_ONE = process(
    START + '<parallelGateway id="split"/><parallelGateway id="join"/>' + step("slow", "The slow one") + step("round", "Again")
    + '<exclusiveGateway id="enough"/>' + END + way("start", "split", "slow", "join", "end") + way("split", "round", "enough")
    + flow("enough", "round", name="no") + flow("enough", "join", name="yes")
)  # fmt: skip
ROUNDS = 520


@pytest.fixture
def long_case(database: Database, office: SmallOffice) -> int:
    """One task has been open since the beginning, while another was done five hundred times."""
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, ROUND_BESIDE_ONE, owners=ALONE)).case_id
        li = office.actor(db, "li")
        lines = {line.step: line.number for line in inbox.inbox(db, actor=li)}
        number = lines["Again"]
        for _ in range(ROUNDS):
            done = acts.complete_task(
                db, by=li, case_id=case_id, number=number, submitted={}, chosen={"enough": ["enough_to_round"]}
            )
            number = done.opened[0].number
        return case_id


def test_a_task_on_the_desk_can_be_opened_however_long_the_case_is(
    database: Database, office: SmallOffice, long_case: int
) -> None:
    with database.reading() as db:
        li = office.actor(db, "li")
        on_desk = [(line.case_id, line.number) for line in inbox.inbox(db, actor=li)]
        assert len(on_desk) == 2
        for case_id, number in on_desk:
            assert reads.task(db, actor=li, case_id=case_id, number=number).may_work
        page = reads.case(db, actor=li, case_id=long_case)
        assert {one.name for one in page.open_tasks} == {"The slow one", "Again"}
        assert len(page.tasks) <= ROUNDS, "of a very long case the last tasks are shown, and all that are open"


def test_a_task_long_done_can_still_be_looked_at(database: Database, office: SmallOffice, long_case: int) -> None:
    with database.reading() as db:
        li = office.actor(db, "li")
        for number in (1, 2, 3, 4):
            page = reads.task(db, actor=li, case_id=long_case, number=number)
            assert page.line.number == number
        with pytest.raises(NotFound):
            reads.task(db, actor=li, case_id=long_case, number=ROUNDS + 3)


def test_a_long_case_takes_no_more_statements_than_a_short_one(
    database: Database, office: SmallOffice, long_case: int
) -> None:
    with database.writing() as db:
        short = begun(db, office, in_force(db, office, ROUND_BESIDE_ONE, owners=ALONE, prefix="SH")).case_id
        li = office.actor(db, "li")
    costs = []
    for case_id in (short, long_case):
        with database.reading() as db, counting(database) as counted:
            reads.case(db, actor=li, case_id=case_id)
            reads.task(db, actor=li, case_id=case_id, number=1)
        costs.append(len(counted.statements))
    assert costs[0] == costs[1]


def test_the_page_of_a_task_says_what_it_asks_and_whether_it_is_mine(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office)).case_id
        pages = {
            login: reads.task(db, actor=office.actor(db, login), case_id=case_id, number=1)
            for login in ("li", "chen", "zhou")
        }
        assert {login: (page.mine, page.may_work, page.work) for login, page in pages.items()} == {
            "li": (False, True, None), "chen": (False, True, None), "zhou": (False, False, None),
        }  # fmt: skip
        li = pages["li"]
        assert li.form is not None
        assert [field.key for field in li.form.fields] == ["plot", "area", "urgent"]
        assert li.line.due_at == BEGINNING + timedelta(hours=4)
        assert [choice.name for choice in li.questions[0].choices] == ["complete", "something is missing"]
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        page = reads.task(db, actor=office.actor(db, "li"), case_id=case_id, number=1)
        assert (page.mine, page.may_work, page.work) == (True, True, "claimed")
        page = reads.task(db, actor=office.actor(db, "chen"), case_id=case_id, number=1)
        assert (page.mine, page.may_work, page.work) == (False, False, None)
