"""Drafts of tasks: private, found again, refused where the task is another's, gone once they are sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts, drafts
from engine.cases.drafts import NotYoursToDo
from engine.cases.tables import task_drafts
from engine.cases.typed import Sent
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.worlds import begun, in_force

RECEIVED = {"plot": ["C-1"], "area": ["2"]}
CHOSEN = {"complete": ["complete_to_split"]}


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return begun(db, office, in_force(db, office)).case_id


def _plot(text: str, page: str = "one") -> Sent:
    return Sent({"plot": (text,)}, page, changed=frozenset({"plot"}))


def _typed(db: Connection, office: SmallOffice, login: str, case_id: int) -> dict[str, tuple[str, ...]] | None:
    found = drafts.draft(db, actor=office.actor(db, login), case_id=case_id, number=1)
    return None if found is None else found.typed


def test_a_draft_is_found_again_by_whoever_typed_it_and_nobody_else(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        drafts.save(db, by=office.actor(db, "li"), case_id=case_id, number=1, sent=_plot("C-1"))
        drafts.save(db, by=office.actor(db, "chen"), case_id=case_id, number=1, sent=_plot("of Chen"))
    with database.reading() as db:
        assert _typed(db, office, "li", case_id) == {"plot": ("C-1",)}
        assert _typed(db, office, "chen", case_id) == {"plot": ("of Chen",)}
        assert _typed(db, office, "sun", case_id) is None


def test_a_part_is_added_to_what_is_there_and_the_whole_is_asked_for_where_nothing_is(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    part = Sent({"plot": ("C-1",)}, "one", changed=frozenset({"plot"}), whole=False)
    with database.writing() as db:
        li = office.actor(db, "li")
        assert drafts.save(db, by=li, case_id=case_id, number=1, sent=part) is None
        assert _typed(db, office, "li", case_id) is None
        drafts.save(db, by=li, case_id=case_id, number=1, sent=Sent({"area": ("7",)}, "one"))
        drafts.save(db, by=li, case_id=case_id, number=1, sent=part)
        assert _typed(db, office, "li", case_id) == {"plot": ("C-1",), "area": ("7",)}


def test_what_is_not_ones_to_do_is_not_kept(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        wang, chen = office.actor(db, "wang"), office.actor(db, "chen")
        with pytest.raises(NotYoursToDo):
            drafts.save(db, by=wang, case_id=case_id, number=1, sent=_plot("x"))
        with pytest.raises(NotFound):
            drafts.save(db, by=chen, case_id=case_id, number=9, sent=_plot("x"))
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        with pytest.raises(NotYoursToDo):
            drafts.save(db, by=chen, case_id=case_id, number=1, sent=_plot("x"))
        assert db.scalar(select(func.count()).select_from(task_drafts)) == 0


def test_what_was_sent_is_swept_and_what_could_not_be_sent_stays(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    with database.writing() as db:
        li, chen = office.actor(db, "li"), office.actor(db, "chen")
        for one in (li, chen):
            drafts.save(db, by=one, case_id=case_id, number=1, sent=_plot(one.login))
        assert not drafts.to_sweep(db)
        acts.complete_task(db, by=li, case_id=case_id, number=1, submitted=RECEIVED, chosen=CHOSEN)
        with pytest.raises(NotYoursToDo):
            drafts.save(db, by=li, case_id=case_id, number=1, sent=_plot("too late"))
        assert drafts.to_sweep(db)
        assert drafts.sweep(db) == 1
        assert _typed(db, office, "li", case_id) is None
        assert _typed(db, office, "chen", case_id) == {"plot": ("chen",)}
        clock.advance(days=31)
        assert drafts.sweep(db) == 1
        assert not drafts.to_sweep(db)


def test_a_start_that_is_never_sent_is_forgotten_after_a_month(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        drafts.save(db, by=office.actor(db, "li"), case_id=drafts.STARTING, number=1, sent=_plot("C-1"))
        clock.set(clock.moment + timedelta(days=29))
        assert drafts.sweep(db) == 0
        clock.advance(days=2)
        assert drafts.sweep(db) == 1


def test_two_windows_that_begin_at_once_both_stand(database: Database, office: SmallOffice, case_id: int) -> None:
    def save(number: int) -> None:
        name = f"field {number}"
        with database.writing() as db:
            mine = Sent({name: ("typed",)}, str(number), changed=frozenset({name}))
            drafts.save(db, by=office.actor(db, "li"), case_id=case_id, number=1, sent=mine)

    with ThreadPoolExecutor(8) as windows:
        list(windows.map(save, range(8)))
    with database.reading() as db:
        typed = _typed(db, office, "li", case_id)
    assert typed is not None
    assert sorted(typed) == [f"field {number}" for number in range(8)]


def test_completing_costs_nothing_more_for_there_being_drafts(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        li = office.actor(db, "li")
        drafts.save(db, by=li, case_id=case_id, number=1, sent=_plot("C-1"))
    with counting(database) as counted, database.writing() as db:
        acts.complete_task(db, by=li, case_id=case_id, number=1, submitted=RECEIVED, chosen=CHOSEN)
    assert [one for one in counted.statements if "task_drafts" in one] == []
