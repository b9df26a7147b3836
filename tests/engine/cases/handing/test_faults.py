"""The power fails, or two people answer at once: a hand-over is answered once and wholly, or not at all."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases import acts, reads
from engine.cases.handing.acts import accept_hand_over, return_hand_over
from engine.cases.handing.reads import hand_overs_of
from engine.cases.handing.rules import AlreadyAccepted, State
from engine.cases.rules import NoLongerNeeded
from engine.records.tables import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, every_head, in_force

ROOT = Path(__file__).parents[4]
OVER = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask") + step("answer") + END + way("start", "ask", "answer", "end")
)  # fmt: skip


@pytest.fixture
def case_id(database: Database, office: SmallOffice, clock: Clock) -> int:
    with database.writing() as db:
        found = begun(db, office, in_force(db, office, OVER)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=found, number=1, submitted={})
    clock.advance(hours=1)
    return found


@pytest.mark.parametrize(("answer", "state"), [("accept", State.ACCEPTED), ("return", State.RETURNED)])
def test_an_answer_is_all_or_nothing(
    database: Database, office: SmallOffice, clock: Clock, case_id: int, answer: str, state: State
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    told = subprocess.run(
        [sys.executable, "-m", "tests.engine.cases.handing.answering", answer, url, str(case_id), "2",
         str(office.persons["wang"]), clock.now().isoformat()],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    moments = [line.split()[1] for line in told.stdout.splitlines()]
    assert moments[:-1] == ["before"] * (len(moments) - 1)
    assert moments[-1] == "after"
    assert len(moments) > 6
    with database.reading() as db:
        (one,) = hand_overs_of(db, case_id)
        assert one.state is state
        assert first_broken(db, every_head(db)) is None


def _at_once(database: Database, answers: list[Callable[[Any], None]]) -> list[BaseException | None]:
    """Each in a thread and a transaction of its own; what became of each."""
    together = threading.Barrier(len(answers))
    found: list[BaseException | None] = [None] * len(answers)

    def do(place: int) -> None:
        together.wait(timeout=10)
        try:
            with database.writing() as db:
                answers[place](db)
        except BaseException as fault:
            found[place] = fault

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(answers))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)
    return found


def test_of_two_who_accept_at_once_one_has_and_the_other_is_told_who(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.reading() as db:
        people = [office.actor(db, login) for login in ("wang", "zhao", "wang", "zhao")]
    found = _at_once(
        database,
        [lambda db, by=by: accept_hand_over(db, by=by, case_id=case_id, number=2) for by in people],  # type: ignore[misc]
    )
    refused = [one for one in found if one is not None]
    assert len(refused) == 2, "the winner may say so twice"
    assert all(isinstance(one, AlreadyAccepted) for one in refused), refused
    with database.reading() as db:
        said = db.scalar(select(func.count()).where(entries.c.act == "accept_hand_over"))
        assert said == 1
        assert first_broken(db, every_head(db)) is None


def test_of_accepting_and_returning_at_once_one_holds(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.reading() as db:
        wang, zhao = office.actor(db, "wang"), office.actor(db, "zhao")
    accepted, returned = _at_once(
        database,
        [
            lambda db: accept_hand_over(db, by=wang, case_id=case_id, number=2),
            lambda db: _give_back(db, zhao, case_id),
        ],
    )
    assert (accepted is None) != (returned is None)
    assert isinstance(accepted or returned, NoLongerNeeded | AlreadyAccepted)
    with database.reading() as db:
        (one,) = hand_overs_of(db, case_id)
        assert one.state is (State.ACCEPTED if accepted is None else State.RETURNED)
        page = reads.case(db, actor=wang, case_id=case_id)
        assert [task.element for task in page.open_tasks] == (["answer"] if accepted is None else ["ask"])


def _give_back(db: Any, by: Any, case_id: int) -> None:
    return_hand_over(db, by=by, case_id=case_id, number=2, reason="Not ours.")


def test_of_claiming_and_accepting_at_once_the_hand_over_is_accepted_once(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.reading() as db:
        wang, zhao = office.actor(db, "wang"), office.actor(db, "zhao")
    found = _at_once(
        database,
        [
            lambda db: acts.claim(db, by=wang, case_id=case_id, number=2),
            lambda db: accept_hand_over(db, by=zhao, case_id=case_id, number=2),
        ],
    )
    assert all(one is None or isinstance(one, Refusal) for one in found), found
    assert found[0] is None, "accepting leaves the task free"
    with database.reading() as db:
        record = reads.case(db, actor=wang, case_id=case_id).record
        accepting = [entry for entry in record if entry.act == "accept_hand_over" or entry.facts.get("accepts")]
        assert len(accepting) == 1
