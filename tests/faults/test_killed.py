"""The server is killed while people type and complete: whatever it had acknowledged is there when it is up again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import drafts
from engine.cases.tables import tasks
from engine.records.verify import first_broken
from tests.builders import SmallOffice, small_office
from tests.faults.serving import Serving
from tests.faults.visiting import Person
from tests.web.conftest import PASSWORD
from tests.worlds import begun, every_head, in_force

CASES = 60
CHOSEN = {"plot": "C-1", "area": "2", "way:complete": "complete_to_split"}


@pytest.fixture
def office(database: Database) -> SmallOffice:
    with database.writing() as db:
        return small_office(db, passwords={"li": PASSWORD, "chen": PASSWORD})


@pytest.fixture
def case_ids(database: Database, office: SmallOffice) -> list[int]:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        return [begun(db, office, procedure_id).case_id for _ in range(CASES)]


@pytest.fixture
def serving(database: Database, case_ids: list[int], tmp_path: Path) -> Iterator[Serving]:
    found = Serving(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield found
    found.kill()


class Typing(threading.Thread):
    """Types on and on in one task, and notes what was said to be saved."""

    def __init__(self, home: str, case_id: int) -> None:
        super().__init__(daemon=True)
        self.person, self.case_id, self.saved = Person(home), case_id, 0
        self.person.sign_in("chen")

    def run(self) -> None:
        for number in range(1, 100_000):
            fields = {"plot": str(number), "own:changed": "plot", "own:live": "1", "own:whole": "1"}
            try:
                answer = self.person.post(f"/tasks/{self.case_id}/1/draft", fields)
            except OSError:
                return
            assert answer.told["version"], answer.text
            self.saved = number


class Completing(threading.Thread):
    """Completes one task after the other, and notes which were said to be done."""

    def __init__(self, home: str, case_ids: list[int]) -> None:
        super().__init__(daemon=True)
        self.person, self.left, self.done = Person(home), list(case_ids), list[int]()
        self.person.sign_in("li")

    def run(self) -> None:
        for case_id in self.left:
            try:
                answer = self.person.post(f"/tasks/{case_id}/1/complete", CHOSEN)
            except OSError:
                return
            assert answer.status == 303, answer.text
            self.done.append(case_id)


def test_killing_the_server_loses_nothing_it_had_acknowledged(
    database: Database, office: SmallOffice, serving: Serving, case_ids: list[int]
) -> None:
    typed_in, *others = case_ids
    typing = Typing(serving.home, typed_in)
    hands = [Completing(serving.home, others[part::2]) for part in range(2)]
    for one in (typing, *hands):
        one.start()
    until = time.monotonic() + 60
    while time.monotonic() < until and not (typing.saved > 3 and all(len(one.done) > 3 for one in hands)):
        time.sleep(0.02)
    serving.kill()
    for one in (typing, *hands):
        one.join(timeout=30)
    done = {case_id for one in hands for case_id in one.done}
    assert typing.saved > 3
    assert 6 < len(done) < len(others), "it was killed in the middle of the work"

    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
        closed = set(db.scalars(select(tasks.c.case_id).where(tasks.c.number == 1, tasks.c.closed_at.is_not(None))))
        found = drafts.draft(db, actor=office.actor(db, "chen"), case_id=typed_in, number=1)
    assert done <= closed
    assert len(closed - done) <= len(hands), "at most what was on its way to each"
    assert found is not None
    assert int(found.typed["plot"][0]) in (typing.saved, typing.saved + 1)

    serving.start()
    page = typing.person.get(f"/tasks/{typed_in}/1")
    assert page.status == 200, "who was signed in still is"
    assert f'value="{found.typed["plot"][0]}"' in page.text
    left = next(case_id for case_id in others if case_id not in closed)
    assert hands[0].person.post(f"/tasks/{left}/1/complete", CHOSEN).status == 303
