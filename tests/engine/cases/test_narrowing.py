"""The list beside the plain one: of whom one stands in for, of cases one watches, of what has come since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.base.database import Database
from engine.cases import acts, arranged, inbox
from engine.cases.inbox import Filter, Which
from engine.cases.tables import cases, tasks
from engine.organisation.rules import Actor, StandsIn
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, in_force

DRAWN = process(START + step("one") + END + way("start", "one", "end"))


@pytest.fixture
def procedures(database: Database, office: SmallOffice) -> tuple[int, int]:
    with database.writing() as db:
        first, second = (
            in_force(db, office, DRAWN, owners={"process:procedure": "clerk"}, prefix=prefix) for prefix in ("FI", "SE")
        )
        for procedure_id in (first, first, second):
            begun(db, office, procedure_id)
        return first, second


def _numbers(database: Database, actor: Actor, which: Which, **narrowed: int) -> list[str]:
    with database.reading() as db:
        lines = inbox.inbox(db, actor=actor, which=which, narrowed=Filter(**narrowed))  # type: ignore[arg-type]
        return sorted(one.case_number for one in lines)


def _deputy(database: Database, office: SmallOffice, login: str, procedure_ids: frozenset[int] = frozenset()) -> Actor:
    with database.reading() as db:
        absent, by = office.actor(db, "li"), office.actor(db, login)
    return replace(by, stands_in=(StandsIn(1, absent.person_id, "Li", "李", absent.posts, procedure_ids),))


def test_a_deputy_sees_what_is_free_in_their_posts_and_what_they_had_claimed(
    database: Database, office: SmallOffice, procedures: tuple[int, int]
) -> None:
    with database.writing() as db:
        number = db.scalar(select(tasks.c.case_id).order_by(tasks.c.case_id).limit(1))
        acts.claim(db, by=office.actor(db, "li"), case_id=number or 0, number=1)
    wang = _deputy(database, office, "wang")
    assert _numbers(database, wang, Which.DEPUTISED) == ["FI-2026-0001", "FI-2026-0002", "SE-2026-0001"]
    assert _numbers(database, wang, Which.ALL) == []
    assert _numbers(database, wang, Which.DEPUTISED, procedure_id=procedures[1]) == ["SE-2026-0001"]
    with database.reading() as db:
        assert inbox.counts(db, actor=wang) == inbox.Counts(mine=0, posts=0, deputised=3)
    narrow = _deputy(database, office, "wang", frozenset({procedures[1]}))
    assert _numbers(database, narrow, Which.DEPUTISED) == ["SE-2026-0001"]
    # Whoever holds the post too has what is free in it on their own list: only what was claimed comes over.
    chen = _deputy(database, office, "chen")
    assert _numbers(database, chen, Which.DEPUTISED) == ["FI-2026-0001"]
    assert _numbers(database, chen, Which.POSTS) == ["FI-2026-0002", "SE-2026-0001"]


@pytest.mark.usefixtures("procedures")
def test_nobody_who_stands_in_for_nobody_has_such_a_list(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        wang = office.actor(db, "wang")
    assert _numbers(database, wang, Which.DEPUTISED) == []
    assert _numbers(database, wang, Which.WATCHED) == []


@pytest.mark.usefixtures("procedures")
def test_what_has_come_since_is_counted_with_what_there_is(
    database: Database, office: SmallOffice, procedures: tuple[int, int], clock: Clock
) -> None:
    since = clock.now()
    with database.reading() as db:
        chen = office.actor(db, "chen")
        assert inbox.news(db, actor=chen, since=since) == inbox.News(inbox.Counts(0, 3), 0)
        assert inbox.news(db, actor=office.actor(db, "guo"), since=since) == inbox.News(inbox.Counts(0, 0), 0)
    clock.advance(minutes=5)
    with database.writing() as db:
        one = begun(db, office, procedures[0]).case_id
    with database.reading() as db:
        assert inbox.news(db, actor=chen, since=since) == inbox.News(inbox.Counts(0, 4), 1)
    clock.advance(minutes=5)
    with database.writing() as db:
        acts.claim(db, by=chen, case_id=one, number=1)
    with database.reading() as db:
        assert inbox.news(db, actor=chen, since=since) == inbox.News(inbox.Counts(1, 3), 1)
        assert inbox.news(db, actor=chen, since=clock.now()).fresh == 0


@pytest.mark.usefixtures("procedures")
def test_more_than_five_hundred_cases_are_not_watched(
    database: Database, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arranged, "MOST_WATCHED", 2)
    with database.writing() as db:
        li = office.actor(db, "li")
        first, second, third = db.scalars(select(tasks.c.case_id).order_by(tasks.c.case_id))
        arranged.watch(db, by=li, case_id=first)
        arranged.watch(db, by=li, case_id=second)
        with pytest.raises(arranged.TooManyWatched):
            arranged.watch(db, by=li, case_id=third)
        arranged.unwatch(db, by=li, case_id=first)
        arranged.watch(db, by=li, case_id=third)
        assert [arranged.watches(db, actor=li, case_id=one) for one in (first, second, third)] == [False, True, True]


def test_what_stands_still_is_not_late(
    database: Database, office: SmallOffice, procedures: tuple[int, int], clock: Clock
) -> None:
    with database.writing() as db:
        db.execute(update(tasks).values(due_at=clock.now() - timedelta(days=1)))
        li = office.actor(db, "li")
    late = {"late_at": clock.now()}
    assert _numbers(database, li, Which.ALL, **late) == ["FI-2026-0001", "FI-2026-0002", "SE-2026-0001"]  # type: ignore[arg-type]
    with database.writing() as db:
        db.execute(update(cases).where(cases.c.number == "FI-2026-0001").values(suspended_at=clock.now()))
    assert _numbers(database, li, Which.ALL, **late) == ["FI-2026-0002", "SE-2026-0001"]  # type: ignore[arg-type]
    assert len(_numbers(database, li, Which.ALL)) == 3
