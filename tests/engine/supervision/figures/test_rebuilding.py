"""What is kept is worked out anew and compared: nothing is found where all is right, whatever is wrong is found and mended."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select, update

from engine.base.database import Database
from engine.notices.tables import notices
from engine.organisation.calendars import acts as calendars
from engine.records.tables import entries
from engine.records.verify import first_broken
from engine.supervision.figures import tables
from engine.supervision.figures.bins import MANY, Bins, listed
from engine.supervision.figures.folding import add, fold_all, put
from engine.supervision.figures.joined import apart, joined
from engine.supervision.figures.kept import SPELLS, Names, places_of, step_of
from engine.supervision.figures.rebuilding import _crowded, _pack, compare_all
from engine.supervision.figures.sums import BINS, KINDS, Adds, Grain
from engine.worktime.calendar import Hours
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.keeping_histories import BESIDE, SOURCE, History
from tests.worlds import every_head, in_force

_MAY_BE_UNKNOWN = ("person_id", "from_department_id", "working")
BROKEN: dict[str, Any] = {
    "a step late": lambda db: db.execute(update(tables.spells).values(late=1 - func.coalesce(tables.spells.c.late, 0))),
    "a step's working time": lambda db: db.execute(
        update(tables.spells).values(taken=func.coalesce(tables.spells.c.taken, 0) + 60_000)
    ),
    "a step missing": lambda db: db.execute(delete(tables.spells).where(tables.spells.c.task_number == 1)),
    "a case missing": lambda db: db.execute(delete(tables.journeys)),
    "a case that kept its promise": lambda db: db.execute(
        update(tables.journeys).values(promise_kept=1 - tables.journeys.c.promise_kept)
    ),
    "a day's steps": lambda db: db.execute(update(tables.step_sums).values(done=tables.step_sums.c.done + 1)),
    "months missing": lambda db: db.execute(delete(tables.step_sums).where(tables.step_sums.c.grain == Grain.MONTH)),
    "what is joined": lambda db: db.execute(
        update(tables.bins).where(tables.bins.c.grain > 1).values(bins=listed([9]))
    ),
    "bins": lambda db: db.execute(update(tables.bins).values(bins=listed([3]))),
    "flows": lambda db: db.execute(update(tables.flow_sums).values(n=7)),
    "hand-overs": lambda db: db.execute(delete(tables.hand_sums)),
    "persons": lambda db: db.execute(update(tables.person_sums).values(total=5)),
    "cases of a month": lambda db: db.execute(update(tables.case_sums).values(cycle=1)),
    "ways": lambda db: db.execute(update(tables.way_sums).values(n=9)),
}


@pytest.fixture
def history(database: Database, office: SmallOffice, clock: Clock) -> History:
    with database.writing() as db:
        procedure_id = in_force(db, office, SOURCE, beside=BESIDE, prefix="RB")
    made = History(database, office, clock, procedure_id)
    for number in range(2):
        made.do("start", number, 0, 3)
    for place in range(12):
        made.do("claim", place % 2, place // 2, 1)
        made.do("begin_work", place % 2, place // 2, 1)
        made.do("complete", place % 2, 1, 20)
    fold_all(database)
    return made


def _everything(db: Connection) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in (tables.spells, tables.journeys, *(kind.table for kind in KINDS)):
        keys = list(table.primary_key)
        named = {column.name for column in keys}
        rows = [
            {name: Bins.added_up([value]) if name == "bins" else value for name, value in row.items()}
            for row in db.execute(select(table).order_by(*keys)).mappings()
        ]
        found[table.name] = [row for row in rows if any(value for name, value in row.items() if name not in named)]
    return found


def test_where_all_is_right_nothing_is_found_or_told(history: History) -> None:
    told = compare_all(history.database)
    assert (told.cases, told.wrong) == (2, 0)
    assert told.steps >= 8
    assert told.rows > 40
    with history.database.reading() as db:
        assert db.scalar(select(func.count()).where(entries.c.act == "mend_figures")) == 0


def test_steps_that_were_kept_with_every_zero_written_out_are_not_wrong(history: History) -> None:
    t = tables.spells.c
    zeros = {
        column.name: func.coalesce(column, 0) for column in t if column.nullable and column.name not in _MAY_BE_UNKNOWN
    }
    with history.database.writing() as db:
        kept = db.execute(select(*(t[name] for name in zeros))).all()
        assert any(None in row for row in kept)
        db.execute(update(tables.spells).values(**{**zeros, "calendar": t.closed_at - t.opened_at}))
    assert compare_all(history.database).wrong == 0


def test_whatever_is_wrong_is_found_mended_put_on_the_record_and_told(history: History) -> None:
    database = history.database
    with database.reading() as db:
        right = _everything(db)
    for number, (what, break_it) in enumerate(BROKEN.items(), 1):
        with database.writing() as db:
            break_it(db)
            assert _everything(db) != right, what
        assert compare_all(database).wrong > 0, what
        with database.reading() as db:
            assert _everything(db) == right, what
            assert db.scalar(select(func.count()).where(entries.c.act == "mend_figures")) == number, what
    assert compare_all(database).wrong == 0
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
        told = db.scalars(select(notices.c.person_id).where(notices.c.kind == "figures_mended")).all()
        assert set(told) == {history.office.persons["guo"]}


def test_what_waits_to_be_folded_is_not_wrong(history: History) -> None:
    history.do("start", 0, 0, 5)
    history.do("complete", 2, 1, 30)
    assert compare_all(history.database).wrong == 0


def test_what_an_earlier_calendar_counted_stays_as_it_was(history: History) -> None:
    with history.database.writing() as db:
        before = _everything(db)
        calendars.set_hours(db, by=None, week=[(Hours(time(9), time(9, 10)),)] * 5 + [()] * 2)
    assert compare_all(history.database).wrong == 0
    with history.database.reading() as db:
        assert _everything(db) == before


def test_long_lists_of_bins_are_packed(history: History) -> None:
    with history.database.writing() as db:
        row = db.execute(select(tables.bins).limit(1)).one()
        here = [column == getattr(row, column.name) for column in tables.bins.primary_key]
        add(db, *_the_same_again(db, row.place_id))
        long = db.execute(select(tables.bins.c.bins).where(*here)).scalar_one()
        assert len(long) > MANY
        _pack(db, BINS, _crowded(db, BINS, row.place_id))
        packed = db.execute(select(tables.bins.c.bins).where(*here)).scalar_one()
        assert len(packed) < len(long)
        assert Bins.added_up([packed]) == Bins.added_up([long])
        every = list(db.scalars(select(tables.bins.c.bins)))
        assert len(every) > 2
        assert Bins.added_up(apart(*db.execute(select(*joined(tables.bins.c.bins))).one())) == Bins.added_up(every)


def _the_same_again(db: Connection, place_id: int) -> tuple[Adds, Names]:
    """Many more steps like one that is kept."""
    places = places_of(db)
    row = db.execute(SPELLS.where(tables.spells.c.place_id == place_id, tables.spells.c.how == 1)).first()
    assert row is not None
    adds = Adds()
    for _time in range(5 * MANY):
        adds.step(step_of(row, places), 1)
    return adds, Names(places, {})


def test_a_step_is_folded_before_the_one_that_it_came_from(history: History) -> None:
    with history.database.writing() as db:
        told = [(row.case_id, row.task_number, row.from_place) for row in db.execute(select(tables.spells)).all()]
        later = [(case_id, number) for case_id, number, from_place in told if from_place]
        assert later
        for table in (*(kind.table for kind in KINDS), tables.spells, tables.journeys, tables.places):
            db.execute(delete(table))
        put(db, {later[0]})
        put(db, {(case_id, number) for case_id, number, _from in told} | {(case_id, 0) for case_id, _n, _f in told})
    assert compare_all(history.database).wrong == 0
