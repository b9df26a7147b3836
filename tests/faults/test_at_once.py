"""Sixteen people complete one task at the same moment, over HTTP: one has done it, fifteen are told and keep what they typed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from engine.base.database import Database
from engine.cases import reads
from engine.cases.rules import Change
from engine.cases.tables import task_events, tasks
from engine.organisation import acts as organisation
from engine.records.verify import first_broken
from tests.builders import FROM_DAY, SmallOffice, small_office
from tests.faults.visiting import Answer, Person, served
from tests.web.conftest import PASSWORD, SETTINGS
from tests.worlds import begun, every_head, in_force
from web import create_app

MANY = 16
CHOSEN = {"area": "2", "way:complete": "complete_to_split"}


@pytest.fixture
def office(database: Database) -> SmallOffice:
    with database.writing() as db:
        office = small_office(db, passwords={"li": PASSWORD})
        for number in range(MANY):
            person = organisation.add_person(
                db,
                by=None,
                login=f"clerk{number}",
                name_en=f"Clerk {number}",
                name_zh=f"职员{number}",
                password=PASSWORD,
            )
            organisation.give_post(db, by=None, person_id=person, post_id=office.posts["clerk"], from_day=FROM_DAY)
    return office


@pytest.fixture
def home(database: Database) -> Iterator[str]:
    with served(create_app(SETTINGS, database=database)) as address:
        yield address


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return begun(db, office, in_force(db, office)).case_id


def _signed_in(home: str, login: str) -> Person:
    person = Person(home)
    person.sign_in(login)
    return person


def _completions(database: Database) -> int:
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
        return db.scalar(
            select(func.count()).select_from(task_events).where(task_events.c.change == Change.COMPLETED)
        ) or 0  # fmt: skip


def test_sixteen_people_at_once(database: Database, office: SmallOffice, home: str, case_id: int) -> None:
    path = f"/tasks/{case_id}/1"
    people = [_signed_in(home, f"clerk{number}") for number in range(MANY)]
    pages = [person.receipt(path) for person in people]
    ready = threading.Barrier(MANY)

    def complete(number: int) -> Answer:
        ready.wait()
        sent = {**CHOSEN, "plot": f"typed by {number}", "own:receipt": pages[number]}
        return people[number].post(f"{path}/complete", sent)

    with ThreadPoolExecutor(MANY) as hands:
        answers = list(hands.map(complete, range(MANY)))
    won = [number for number, answer in enumerate(answers) if answer.status == 303]
    assert len(won) == 1, [answer.status for answer in answers]
    for number, answer in enumerate(answers):
        if number in won:
            continue
        assert answer.status == 409
        assert re.search(rf"was completed by (Clerk {won[0]}|职员{won[0]}) on", answer.text), answer.text[:2000]
        assert f"typed by {number}" in answer.text, "what was typed is still there"
        assert f"typed by {won[0]}<" not in answer.text.partition('id="form"')[0]
        again = people[number].get(path)
        assert f"typed by {number}" in again.text, "and is found again when the page is opened anew"
    assert _completions(database) == 1
    with database.reading() as db:
        page = reads.case(db, actor=office.actor(db, "li"), case_id=case_id)
        assert page.answers["plot"] == f"typed by {won[0]}"
        assert sorted(one.name for one in page.open_tasks) == ["Review fire safety", "Review the plans"]


def test_one_page_sent_sixteen_times_at_once_completes_once_and_nobody_is_told_off(
    database: Database, home: str, case_id: int
) -> None:
    """A double click, and a browser that sends again what was not answered."""
    path = f"/tasks/{case_id}/1"
    li = _signed_in(home, "li")
    sent = {**CHOSEN, "plot": "C-1", "own:receipt": li.receipt(path)}
    with ThreadPoolExecutor(MANY) as hands:
        answers = list(hands.map(lambda _: li.post(f"{path}/complete", sent), range(MANY)))
    assert {answer.status for answer in answers} == {303}
    assert _completions(database) == 1


def test_a_page_gone_back_to_and_sent_again_completes_nothing_more(database: Database, home: str, case_id: int) -> None:
    path = f"/tasks/{case_id}/1"
    li = _signed_in(home, "li")
    receipt = li.receipt(path)
    assert li.post(f"{path}/complete", {**CHOSEN, "plot": "C-1", "own:receipt": receipt}).status == 303
    changed = li.post(f"{path}/complete", {**CHOSEN, "plot": "C-2", "own:receipt": receipt})
    assert changed.status == 303, "the page was sent; it is not sent another time"
    assert _completions(database) == 1
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(tasks)) == 3
