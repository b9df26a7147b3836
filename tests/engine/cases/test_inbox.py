"""The desk's list: what is due first on top, whole through all pages, counted up to a limit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from engine.base.database import OFFICE, Database
from engine.cases import acts, inbox
from engine.cases.inbox import MOST_COUNTED, Place, Which
from engine.cases.rules import NO_DUE
from engine.cases.tables import tasks
from engine.organisation import acts as organisation
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.thorough import examples
from tests.worlds import begun, in_force

ALONE = {"process:procedure": "clerk"}
MANY = 200


def _drawn(attributes: str = "") -> bytes:
    return process(START + step("one", attributes=attributes) + END + way("start", "one", "end"))


def _walk(
    db: Connection, office: SmallOffice, login: str, size: int, which: Which = Which.ALL
) -> list[tuple[int, int]]:
    shown: list[tuple[int, int]] = []
    after: Place | None = None
    for _ in range(500):
        lines = inbox.inbox(db, actor=office.actor(db, login), which=which, after=after, limit=size)
        if not lines:
            return shown
        assert len(lines) <= size
        shown += [(one.case_id, one.number) for one in lines]
        after = lines[-1].place
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("promise", ["", 'officium:standardTime="P3D"'], ids=["nothing promised", "all due together"])
def test_two_hundred_tasks_due_together_are_paged_without_loss_or_double(
    database: Database, office: SmallOffice, promise: str
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _drawn(promise), owners=ALONE)
        begun_cases = [begun(db, office, procedure_id).case_id for _ in range(MANY)]
        for case_id in begun_cases[::3]:
            acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        for case_id in begun_cases[1::7]:
            if case_id not in begun_cases[::3]:
                acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
    chens = {case_id for case_id in begun_cases[1::7] if case_id not in begun_cases[::3]}
    expected = [(case_id, 1) for case_id in sorted(begun_cases) if case_id not in chens]
    with database.reading() as db:
        for size in (7, 50):
            assert _walk(db, office, "li", size) == expected
        assert _walk(db, office, "li", 13, Which.MINE) == [(one, 1) for one in sorted(begun_cases[::3])]
        counted = inbox.counts(db, actor=office.actor(db, "li"))
        mine = len(begun_cases[::3])
        assert (counted.mine, counted.posts) == (mine, MANY - mine - len(chens))


def test_what_is_due_first_stands_on_top_and_what_has_no_date_last(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        never = in_force(db, office, _drawn(), owners=ALONE, prefix="NE")
        slow = in_force(db, office, _drawn('officium:standardTime="P5D"'), owners=ALONE, prefix="SL")
        quick = in_force(db, office, _drawn('officium:standardTime="P1D"'), owners=ALONE, prefix="QU")
        for procedure_id in (never, slow, quick, quick):
            begun(db, office, procedure_id)
            clock.advance(hours=1)
    with database.reading() as db:
        lines = inbox.inbox(db, actor=office.actor(db, "li"))
        assert [one.case_number[:2] for one in lines] == ["QU", "QU", "SL", "NE"]
        assert lines[0].due_at == lines[0].opened_at + timedelta(days=1)
        assert lines[-1].due_at is None


def test_the_desk_shows_the_tasks_of_every_post_one_holds(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        organisation.give_post(
            db, by=None, person_id=office.persons["li"], post_id=office.posts["reviewer"], from_day=FROM_DAY
        )
        for post, prefix in (("clerk", "CL"), ("reviewer", "RE"), ("head", "HE")):
            procedure_id = in_force(db, office, _drawn(), owners={"process:procedure": post}, prefix=prefix)
            begun(db, office, procedure_id, by="sun")
        shown = {one.case_number[:2] for one in inbox.inbox(db, actor=office.actor(db, "li"))}
        assert shown == {"CL", "RE"}
        assert inbox.inbox(db, actor=office.actor(db, "guo")) == ()
        assert inbox.counts(db, actor=office.actor(db, "guo")) == inbox.Counts(0, 0)


def test_the_next_free_task_is_the_one_due_first_that_nobody_has(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        slow = in_force(db, office, _drawn('officium:standardTime="P5D"'), owners=ALONE, prefix="SL")
        quick = in_force(db, office, _drawn('officium:standardTime="P1D"'), owners=ALONE, prefix="QU")
        first, second = begun(db, office, quick).case_id, begun(db, office, slow).case_id
        assert inbox.next_free(db, actor=office.actor(db, "chen")) == (first, 1)
        acts.claim(db, by=office.actor(db, "li"), case_id=first, number=1)
        assert inbox.next_free(db, actor=office.actor(db, "chen")) == (second, 1)
        acts.claim(db, by=office.actor(db, "chen"), case_id=second, number=1)
        assert inbox.next_free(db, actor=office.actor(db, "chen")) is None


def _more_tasks(db: Connection, count: int, *, person_id: int | None) -> None:
    """Copies of the only task there is: a thousand cases begun by acts would take a minute."""
    one = dict(db.execute(select(tasks).limit(1)).one()._mapping)
    last = db.scalar(select(tasks.c.number).order_by(tasks.c.number.desc()).limit(1)) or 0
    db.execute(
        insert(tasks),
        [
            {**one, "number": last + number, "token": f"t{last + number}", "person_id": person_id}
            for number in range(1, count + 1)
        ],
    )


def test_counting_stops_at_a_thousand(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        begun(db, office, in_force(db, office, _drawn(), owners=ALONE))
        _more_tasks(db, MOST_COUNTED - 2, person_id=None)
        _more_tasks(db, 5, person_id=office.persons["li"])
        assert inbox.counts(db, actor=office.actor(db, "li")) == inbox.Counts(mine=5, posts=MOST_COUNTED - 1)
        _more_tasks(db, 500, person_id=None)
        assert inbox.counts(db, actor=office.actor(db, "li")).posts == MOST_COUNTED
        _more_tasks(db, MOST_COUNTED, person_id=office.persons["li"])
        assert inbox.counts(db, actor=office.actor(db, "li")) == inbox.Counts(mine=MOST_COUNTED, posts=MOST_COUNTED)


def test_any_mixture_of_due_times_and_holders_is_paged_whole(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        begun(db, office, in_force(db, office, _drawn(), owners=ALONE))
        first = dict(db.execute(select(tasks).limit(1)).one()._mapping)
    dues = st.sampled_from([clock.now(), clock.now() + timedelta(days=1), clock.now() + timedelta(days=2), NO_DUE])
    holders = st.sampled_from([None, office.persons["li"], office.persons["chen"]])

    @settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(dues, holders), min_size=1, max_size=25), st.integers(1, 9))
    def mixed(drawn: list[tuple[object, int | None]], size: int) -> None:
        rows = [
            {**first, "number": number, "token": f"t{number}", "due_at": due, "person_id": holder}
            for number, (due, holder) in enumerate(drawn, start=1)
        ]
        with database.writing() as db:
            db.execute(tasks.delete().where(tasks.c.office_id == OFFICE))
            db.execute(insert(tasks), rows)
        visible = [row for row in rows if row["person_id"] != office.persons["chen"]]
        expected = [number for _due, number in sorted((row["due_at"], row["number"]) for row in visible)]
        with database.reading() as db:
            assert [number for _case, number in _walk(db, office, "li", size)] == expected

    mixed()
