"""What is kept of figures, and what is not folded yet, equals what the rows say, minute by minute; nothing counts twice."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from engine.base.database import OFFICE, Database
from engine.cases.rules import Closed
from engine.cases.tables import cases, tasks
from engine.supervision.figures import rollups, tables
from engine.supervision.figures.bins import Bins, Measure
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.folding import AT_LAST, WORTH, fold, fold_all, fold_worth
from engine.supervision.figures.rollups import BY_POST, BY_STEP
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.sums import KINDS
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.supervision.figures.keeping_histories import (
    BESIDE,
    SOURCE,
    History,
    Sums,
    counted,
    day_of,
    doings,
    told,
)
from tests.worlds import in_force

_MINUTE = 60_000
_HISTORIES = int(os.environ.get("OFFICIUM_HISTORIES", "3"))
_numbers = iter(range(10_000))


def _prefix() -> str:
    number = next(_numbers)
    return "K" + "".join(chr(65 + number // power % 26) for power in (676, 26, 1))


def _history(database: Database, office: SmallOffice, clock: Clock) -> History:
    with database.writing() as db:
        procedure_id = in_force(db, office, SOURCE, beside=BESIDE, prefix=_prefix())
    return History(database, office, clock, procedure_id)


def _in_minutes(numbers: dict[str, int]) -> dict[str, int]:
    """Lengths of time are kept in milliseconds; here, as everything happens on the minute, they are told in minutes."""
    times = {"waiting", "taken", "stopped", "outside", "handed", "sojourn", "calendar", "working", "measured_sojourn",
             "cycle", "wait", "total"}  # fmt: skip
    return {name: number // _MINUTE if name in times else number for name, number in numbers.items() if number}


def _must_equal(db: Connection, history: History, since: date, until: date) -> None:
    right = counted(told(db, history.procedure_id), since, until)
    one = rollups.asked(db, scope=Scope(since, until), procedures=[history.procedure_id])
    steps: dict[Place, Counter[str]] = defaultdict(Counter)
    for (place, _day), numbers in right.steps.items():
        steps[place].update(numbers)
    assert _rows(rollups.steps(db, one)) == {place: dict(+numbers) for place, numbers in steps.items()}
    together: dict[Any, Counter[str]] = defaultdict(Counter)
    for place, numbers in steps.items():
        together[rollups.step_key(place)].update(numbers)
    assert _rows(rollups.by_step(db, one)) == {step: dict(+numbers) for step, numbers in together.items()}
    for by in (BY_STEP, BY_POST, None):
        days: dict[Any, Counter[str]] = defaultdict(Counter)
        for (place, day), numbers in right.steps.items():
            key = None if by is None else by.of(place)
            days[key, day.toordinal()].update({name: numbers[name] for name in _MOVED})
        assert _by_day(rollups.days(db, one, by)) == {key: dict(+numbers) for key, numbers in days.items() if +numbers}
    _cases_equal(db, one, right)
    _others_equal(db, one, right)
    _bins_equal(db, one, right)


_MOVED = ("arrived", "done", "cancelled")


def _by_day(rows: Iterable[rollups.Day]) -> dict[Any, dict[str, int]]:
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for key, day, *numbers in rows:
        found[key, day].update(dict(zip(_MOVED, numbers, strict=True)))
    return {key: dict(+counted) for key, counted in found.items() if +counted}


def _rows(found: Mapping[Any, Any]) -> dict[Any, dict[str, int]]:
    return {place: _in_minutes(sums._asdict()) for place, sums in found.items() if any(sums)}


def _cases_equal(db: Connection, one: rollups.Asked, right: Sums) -> None:
    every: dict[Place, Counter[str]] = defaultdict(Counter)
    for (place, _day), numbers in right.cases.items():
        every[place].update(numbers)
    assert _rows(rollups.cases(db, one)) == {place: dict(+numbers) for place, numbers in every.items()}
    days: dict[Any, Counter[str]] = defaultdict(Counter)
    for (_place, day), numbers in right.cases.items():
        days[None, day.toordinal()].update(
            arrived=numbers["started"], done=numbers["ended"], cancelled=numbers["cancelled"]
        )
    assert _by_day(rollups.case_days(db, one)) == {key: dict(+numbers) for key, numbers in days.items()}
    assert {way[1]: lengths.n for way, lengths in rollups.ways(db, one).items()} == dict(right.ways)


def _others_equal(db: Connection, one: rollups.Asked, right: Sums) -> None:
    flows = {key: value for key, value in rollups.flows(db, one).items() if value.n}
    assert {key: (value.n, value.wait // _MINUTE) for key, value in flows.items()} == {
        (came, to): (n, right.flows[came, to, "wait"]) for (came, to, what), n in right.flows.items() if what == "n"
    }
    hands = {key: value[0] for key, value in rollups.hands(db, one).items() if value[0].n}
    assert {key: (value.n, value.wait // _MINUTE, value.returned, value.ping_pong) for key, value in hands.items()} == {
        (a, b): tuple(right.hands[a, b, name] for name in ("n", "wait", "returned", "ping_pong"))
        for a, b, what in right.hands
        if what == "n"
    }
    persons = {key: value for key, value in rollups.persons(db, one).items() if value.n}
    assert {key: (value.n, value.total // _MINUTE) for key, value in persons.items()} == {
        (post, person, measure): (n, right.persons[post, person, measure, "total"])
        for (post, person, measure, what), n in right.persons.items()
        if what == "n"
    }


def _bins_equal(db: Connection, one: rollups.Asked, right: Sums) -> None:
    """As if they had been put there one by one."""
    lengths: dict[tuple[str, Measure], list[int]] = defaultdict(list)
    for (place, measure, _day), minutes in right.lengths.items():
        lengths[place.element, measure] += [minute * _MINUTE for minute in minutes]
    measures = {measure for _element, measure in lengths}
    found = rollups.spreads(db, one, lambda place: place.element, measures)
    assert {key: bins for key, bins in found.items() if bins} == {
        key: Bins.of(values) for key, values in lengths.items() if any(values)
    }


@settings(max_examples=_HISTORIES, suppress_health_check=list(HealthCheck), deadline=None)
@given(doings, st.data())
def test_whatever_is_folded_when_the_figures_equal_the_rows(
    database: Database, office: SmallOffice, clock: Clock, what: list[Any], data: st.DataObject
) -> None:
    history = _history(database, office, clock)
    first = day_of(clock.now())
    for doing, pick, who, minutes in what:
        if doing == "fold":
            with database.writing() as db:
                fold(db, limit=1 + pick % 9)
        else:
            history.do(doing, pick, who, minutes)
    last = day_of(clock.now())
    since = first + timedelta(days=data.draw(st.integers(-40, (last - first).days)))
    until = since + timedelta(days=data.draw(st.integers(0, 90)))
    with database.reading() as db:
        _must_equal(db, history, first, last)
        _must_equal(db, history, since, until)
    fold_all(database)
    with database.reading() as db:
        assert rollups.waiting(db) == 0
        _must_equal(db, history, first, last)
        _must_equal(db, history, since, until)


def _some(history: History, count: int) -> None:
    """So many cases, done to the end."""
    for number in range(count):
        history.do("start", number, 0, 3)
    for _round in range(7):
        for number in range(count):
            for place in (0, 1):
                history.do("claim", number, place, 1)
                history.do("complete", number + place * count, 1, 20)


def _kept(db: Connection) -> dict[str, list[Any]]:
    kept: dict[str, list[Any]] = {}
    for kind in KINDS:
        keys = [column for column in kind.table.primary_key]
        rows = db.execute(select(*keys, *(kind.table.c[name] for name in kind.numbers)).order_by(*keys))
        kept[kind.table.name] = [tuple(row) for row in rows if any(row[len(keys) :])]
    return kept


@pytest.fixture
def history(database: Database, office: SmallOffice, clock: Clock) -> History:
    made = _history(database, office, clock)
    _some(made, 4)
    return made


class _KilledError(Exception):
    pass


def _fold_and_die(database: Database) -> None:
    with database.writing() as db:
        assert fold(db, limit=7) == 7
        raise _KilledError


def _complete_and_die(history: History) -> None:
    with history.database.writing() as db:
        history._act(db, "complete", 0, 1)
        assert rollups.waiting(db) == 1
        raise _KilledError


def test_killed_in_the_middle_of_a_fold_nothing_is_counted_twice_or_lost(history: History) -> None:
    database = history.database
    with pytest.raises(_KilledError):
        _fold_and_die(database)
    with database.writing() as db:
        fold(db, limit=7)
    fold_all(database)
    with database.reading() as db:
        _must_equal(db, history, day_of(BEGINNING), day_of(history.clock.now()))


def test_a_note_that_is_folded_again_adds_nothing(history: History) -> None:
    database = history.database
    with database.writing() as db:
        notes = [tuple(row)[1:] for row in db.execute(select(tables.notes).order_by(tables.notes.c.id))]
    fold_all(database)
    with database.writing() as db:
        before = _kept(db)
        for office_id, number, case_id in notes:
            db.execute(tables.notes.insert().values(office_id=office_id, task_number=number, case_id=case_id))
    assert fold_all(database) == len(notes)
    with database.reading() as db:
        assert _kept(db) == before


def test_what_is_not_worth_folding_yet_waits_a_minute_and_is_counted_all_the_same(history: History) -> None:
    database, clock = history.database, history.clock
    fold_all(database)
    history.do("start", 0, 0, 1)
    for number in range(len(history.case_ids)):
        history.do("cancel_case", number, 0, 0)
    with database.reading() as db:
        noted = rollups.waiting(db)
        assert 0 < noted < WORTH
    assert fold_worth(database) == 0
    with database.reading() as db:
        _must_equal(db, history, day_of(BEGINNING), day_of(clock.now()))
    clock.advance(seconds=AT_LAST.total_seconds())
    assert fold_worth(database) == noted


def test_many_are_folded_without_waiting(history: History) -> None:
    database = history.database
    fold_all(database)
    history.do("start", 0, 0, 1)
    with database.writing() as db:
        row = {"office_id": OFFICE, "task_number": 1, "case_id": history.case_ids[-1]}
        db.execute(tables.notes.insert(), [row] * (WORTH - 1))
    with database.writing() as db:
        here = tasks.c.case_id == history.case_ids[-1]
        db.execute(tasks.update().where(here).values(closed_at=history.clock.now(), closed_how=Closed.CANCELLED))
    assert fold_worth(database) == WORTH


def test_whoever_comes_while_somebody_else_folds_leaves_it_to_them(history: History) -> None:
    if history.database.is_sqlite:
        pytest.skip("a file has one writer at a time")
    with history.database.writing() as db:
        assert fold(db, limit=3) == 3
        with history.database.writing() as other:
            assert fold(other) == 0
        history.do("start", 0, 0, 1)  # nobody at work waits for it
    with history.database.writing() as db:
        assert fold(db) > 0


def test_what_is_taken_back_is_taken_out_of_the_sums(database: Database, office: SmallOffice, clock: Clock) -> None:
    """As moving a case to another edition is undone: what that had closed is open again."""
    history = _history(database, office, clock)
    history.do("start", 0, 0, 5)
    history.do("complete", 0, 1, 130)
    fold_all(database)
    with database.writing() as db:
        row = db.execute(select(tasks).where(tasks.c.closed_at.is_not(None))).one()
        here = (tasks.c.case_id == row.case_id, tasks.c.number == row.number)
        db.execute(tasks.update().where(*here).values(closed_at=None, closed_how=None))
    with database.reading() as db:
        assert rollups.waiting(db) == 1
        _must_equal(db, history, day_of(BEGINNING), day_of(clock.now()))
    fold_all(database)
    with database.reading() as db:
        assert _kept(db) == {kind.table.name: [] for kind in KINDS}
        assert db.scalar(select(func.count()).select_from(tables.spells)) == 0
        _must_equal(db, history, day_of(BEGINNING), day_of(clock.now()))
    with database.writing() as db:
        db.execute(tasks.update().where(*here).values(closed_at=row.closed_at, closed_how=row.closed_how))
    fold_all(database)
    with database.reading() as db:
        _must_equal(db, history, day_of(BEGINNING), day_of(clock.now()))


def test_an_act_that_is_undone_leaves_no_note(database: Database, office: SmallOffice, clock: Clock) -> None:
    history = _history(database, office, clock)
    history.do("start", 0, 0, 1)
    with pytest.raises(_KilledError):
        _complete_and_die(history)
    with database.reading() as db:
        assert rollups.waiting(db) == 0


def test_the_parts_of_steps_add_up_to_their_sojourn(history: History) -> None:
    fold_all(history.database)
    t = tables.step_sums.c
    with history.database.reading() as db:
        assert rollups.waiting(db) == 0
        assert any(db.scalars(select(t.sojourn)))
        parts = t.waiting + t.taken + t.stopped + t.outside + t.handed
        assert db.scalar(select(func.count()).where(parts != t.sojourn)) == 0
        ended = db.scalar(select(func.count()).select_from(cases).where(cases.c.ended_at.is_not(None)))
        assert db.scalar(select(func.count()).select_from(tables.journeys)) == ended
