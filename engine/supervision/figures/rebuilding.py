"""Every night what is kept is worked out anew and compared: steps and cases with their rows, sums with steps and cases.

Looking locks nobody: it reads so many cases, or one place, at a time. What differs is mended in a transaction of its own,
put on the record and told to administrators. What an earlier calendar had counted stays as it was counted then.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from engine.base.database import OFFICE, Database
from engine.base.giving_way import give_way
from engine.cases.tables import cases, tasks
from engine.notices.acts import tell
from engine.notices.years import administrators
from engine.organisation.calendars.reads import calendars_version
from engine.organisation.tables import offices
from engine.records.journal import Chain, write
from engine.supervision.figures import kept, tables
from engine.supervision.figures.bins import MANY, Bins, behind
from engine.supervision.figures.contributions import ClosedStep, EndedCase, Key, found
from engine.supervision.figures.folding import alone, fold_all, numbers_of
from engine.supervision.figures.joining import KeptRow, RowKey, joined_last, kinds_joined, worked_out
from engine.supervision.figures.kept import Names
from engine.supervision.figures.sums import (
    BINS,
    CASES,
    FLOWS,
    HANDS,
    JOINED,
    PERSONS,
    STEPS,
    WAYS,
    Adds,
    Grain,
    Kind,
    month_of,
)
from engine.supervision.figures.ways import ways_named

CASES_AT_ONCE: Final = 200
_OF_STEPS: Final = (STEPS, BINS, FLOWS, HANDS, PERSONS)
_OF_CASES: Final = (CASES, BINS, WAYS)

GoingOn = Callable[[], bool]


@dataclass(slots=True)
class Compared:
    """How many were looked at, and how many of them were not as they should be."""

    cases: int = 0
    steps: int = 0
    rows: int = 0
    wrong_steps: int = 0
    wrong_rows: int = 0

    @property
    def wrong(self) -> int:
        return self.wrong_steps + self.wrong_rows


def _always() -> bool:
    return True


def compare_all(database: Database, going_on: GoingOn = _always) -> Compared:
    """Compares everything and mends what differs; tells of it once, at the end."""
    told = Compared()
    last = -1
    while going_on():
        since = time.monotonic()
        with database.reading() as db:
            ids = _cases_after(db, last)
            wrong = wrong_steps(db, ids, told)
        if not ids:
            break
        last = ids[-1]
        if wrong:
            _mend_steps(database, wrong, going_on)
        give_way(database, since)
    for place_id in _places(database):
        if not going_on():
            break
        _compare_place(database, place_id, told)
    _compare_ends(database, told)
    if told.wrong:
        with database.writing() as db:
            _tell(db, told)
    return told


def _cases_after(db: Connection, last: int) -> list[int]:
    rows = db.scalars(
        select(cases.c.id)
        .where(cases.c.office_id == OFFICE, cases.c.id > last)
        .order_by(cases.c.id)
        .limit(CASES_AT_ONCE)
    )
    return list(rows)


def wrong_steps(db: Connection, ids: Collection[int], told: Compared) -> set[Key]:
    """Of these cases: steps and ends that are kept otherwise than they are told, and wait for no fold."""
    keys = _keys_of(db, tasks.c.case_id, tasks.c.number, tasks.c.closed_at.is_not(None) & tasks.c.kind.is_(None), ids)
    keys |= {(one, 0) for one in ids}
    keys |= _keys_of(db, tables.spells.c.case_id, tables.spells.c.task_number, None, ids)
    right, was = found(db, keys), kept.kept(db, keys)
    waits = _keys_of(db, tables.notes.c.case_id, tables.notes.c.task_number, None, ids)
    version = calendars_version(db)
    told.cases += len(ids)
    told.steps += len(right.steps)
    wrong = {
        key
        for key in right.steps.keys() | was.steps.keys()
        if _differ(right.steps.get(key), was.steps.get(key), version)
    }
    ends = {
        (one, 0)
        for one in right.cases.keys() | was.cases.keys()
        if _differ(right.cases.get(one), was.cases.get(one), version)
    }
    found_wrong = (wrong | ends) - waits
    told.wrong_steps += len(found_wrong)
    return found_wrong


def _keys_of(
    db: Connection, case_id: Any, number: Any, where: ColumnElement[bool] | None, ids: Collection[int]
) -> set[Key]:
    asked = select(case_id, number).where(case_id.table.c.office_id == OFFICE, case_id.in_(list(ids)))
    return {(row[0], row[1]) for row in db.execute(asked if where is None else asked.where(where)).all()}


def _differ(right: ClosedStep | EndedCase | None, was: ClosedStep | EndedCase | None, version: int) -> bool:
    if isinstance(right, ClosedStep) and isinstance(was, ClosedStep) and was.counted_by != version:
        return right._replace(counted_by=was.counted_by, times=was.times) != was
    if isinstance(right, EndedCase) and isinstance(was, EndedCase) and was.counted_by != version:
        return right._replace(counted_by=was.counted_by, cycle=was.cycle) != was
    return right != was


def _mend_steps(database: Database, wrong: Collection[Key], going_on: GoingOn) -> None:
    """Noted like anything that was closed: folding puts them right."""
    with database.writing() as db:
        db.execute(
            insert(tables.notes),
            [{"office_id": OFFICE, "case_id": case_id, "task_number": number} for case_id, number in sorted(wrong)],
        )
    fold_all(database, going_on)


def _places(database: Database) -> list[int]:
    with database.reading() as db:
        return joined_last(db)


def _compare_place(database: Database, place_id: int, told: Compared) -> None:
    with database.reading() as db:
        kinds = _kinds_of(db, place_id)
        right = _worked_out(db, place_id)
        wrong = {kind: _wrong_rows(db, kind, place_id, right.get(kind, {}), told) for kind in kinds}
        crowded = {kind: _crowded(db, kind, place_id) for kind in kinds if kind.binned}
    if any(wrong.values()):
        with database.writing() as db:
            alone(db, wait=True)
            right = _worked_out(db, place_id)
            for kind in kinds:
                keys = _wrong_rows(db, kind, place_id, right.get(kind, {}), Compared())
                told.wrong_rows += len(keys)
                _put_right(db, kind, keys, right.get(kind, {}))
    if any(crowded.values()):
        with database.writing() as db:
            alone(db, wait=True)
            for kind, rows in crowded.items():
                _pack(db, kind, rows)


def pack_all(db: Connection) -> None:
    """What comparing does besides."""
    for place_id in joined_last(db):
        for kind in _kinds_of(db, place_id):
            if kind.binned:
                _pack(db, kind, _crowded(db, kind, place_id))


def _kinds_of(db: Connection, place_id: int) -> tuple[Kind, ...]:
    place = kept.place_of(db, place_id)
    if place.applicant_kind == JOINED:
        return kinds_joined(place)
    return _OF_STEPS if place.element else _OF_CASES


def _worked_out(db: Connection, place_id: int) -> dict[Kind, dict[RowKey, KeptRow]]:
    """The sums of one place, from its steps or cases alone; of several together, from the sums of each."""
    places = kept.places_of(db)
    if places[place_id].applicant_kind == JOINED:
        return worked_out(db, place_id, places[place_id])
    adds = Adds()
    named: dict[int, Any] = {}
    if places[place_id].element:
        t = tables.spells
        for row in db.execute(kept.SPELLS.where(t.c.place_id == place_id)).all():
            adds.step(kept.step_of(row, places), 1)
    else:
        j = tables.journeys
        rows = db.execute(select(j).where(j.c.place_id == place_id)).all()
        named = ways_named(db, {row.variant_id for row in rows})
        for row in rows:
            adds.case(kept.case_of(row, places, named[row.variant_id]), 1)
    known = numbers_of(adds, Names(places, named))
    found_: dict[Kind, dict[RowKey, KeptRow]] = defaultdict(dict)
    for kind in _OF_STEPS if places[place_id].element else _OF_CASES:
        for grain in kind.grains:
            for key, change in adds.rows(kind, known, grain):
                row_key = (int(grain), *key)
                found_[kind][row_key] = KeptRow(tuple(change.numbers), Bins.counted(change.bins))
    return found_


def _first(kind: Kind) -> Any:
    """The column of the place that the row belongs to."""
    return list(kind.table.primary_key)[2]


def _rows_of(db: Connection, kind: Kind, where: ColumnElement[bool]) -> Iterator[tuple[RowKey, KeptRow]]:
    keys = list(kind.table.primary_key)[1:]
    columns = [*keys, *(kind.table.c[name] for name in kind.numbers), *([kind.table.c.bins] if kind.binned else [])]
    for row in db.execute(select(*columns).where(kind.table.c.office_id == OFFICE, where)).all():
        numbers = tuple(int(one) for one in row[len(keys) : len(keys) + len(kind.numbers)])
        yield tuple(row[: len(keys)]), KeptRow(numbers, Bins.added_up([row[-1]]) if kind.binned else Bins())


def _wrong_rows(
    db: Connection, kind: Kind, place_id: int, right: Mapping[RowKey, KeptRow], told: Compared
) -> set[RowKey]:
    there = dict(_rows_of(db, kind, and_(kind.table.c.grain.in_(_EVERY), _first(kind) == place_id)))
    return _unequal(there, right, told)


def _unequal(there: Mapping[RowKey, KeptRow], right: Mapping[RowKey, KeptRow], told: Compared) -> set[RowKey]:
    told.rows += len(there)
    empty = KeptRow(())
    wrong = set()
    for key in there.keys() | right.keys():
        one, other = there.get(key, empty), right.get(key, empty)
        if one != other and not (one.empty and other.empty):
            wrong.add(key)
    return wrong


_EVERY: Final = [int(grain) for grain in Grain]


def _put_right(db: Connection, kind: Kind, keys: Collection[RowKey], right: Mapping[RowKey, KeptRow]) -> None:
    columns = [column.name for column in kind.table.primary_key][1:]
    for key in sorted(keys):
        db.execute(delete(kind.table).where(_at(kind, key)))
        row = right.get(key)
        if row is not None:
            values = dict(zip(columns, key, strict=True)) | dict(zip(kind.numbers, row.numbers, strict=True))
            bins = {"bins": row.bins.written()} if kind.binned else {}
            db.execute(insert(kind.table).values(office_id=OFFICE, **values, **bins))


def _at(kind: Kind, key: RowKey) -> ColumnElement[bool]:
    columns = list(kind.table.primary_key)
    return and_(columns[0] == OFFICE, *(column == value for column, value in zip(columns[1:], key, strict=True)))


def _crowded(db: Connection, kind: Kind, place_id: int) -> list[RowKey]:
    """Rows whose list has grown long: as counts they are quicker to add up, and sooner or later shorter."""
    keys = list(kind.table.primary_key)[1:]
    bins = kind.table.c.bins
    long = func.length(bins) > MANY
    rows = db.execute(
        select(*keys, bins).where(
            kind.table.c.office_id == OFFICE, kind.table.c.grain.in_(_EVERY), _first(kind) == place_id, long
        )
    ).all()  # fmt: skip
    return [tuple(row[:-1]) for row in rows if behind(row[-1]) > MANY]


def _pack(db: Connection, kind: Kind, keys: Collection[RowKey]) -> None:
    bins = kind.table.c.bins
    for key in keys:
        there = db.execute(select(bins).where(_at(kind, key))).scalar()
        if there is not None:
            packed = Bins.added_up([there]).written()
            db.execute(update(kind.table).where(_at(kind, key)).values(bins=packed))


def _compare_ends(database: Database, told: Compared) -> None:
    """Where cases ended: rows that belong to no place of a step alone."""
    with database.reading() as db:
        wrong = _wrong_ends(db, told)
    if wrong:
        with database.writing() as db:
            alone(db, wait=True)
            right = _ends(db)
            keys = _wrong_ends(db, Compared())
            told.wrong_rows += len(keys)
            _put_right(db, FLOWS, keys, right)


def _wrong_ends(db: Connection, told: Compared) -> set[RowKey]:
    there = dict(_rows_of(db, FLOWS, and_(FLOWS.table.c.grain.in_(_EVERY), FLOWS.table.c.to_place == 0)))
    return _unequal(there, _ends(db), told)


def _ends(db: Connection) -> dict[RowKey, KeptRow]:
    j = tables.journeys
    counted: dict[RowKey, int] = defaultdict(int)
    for last, day, n in db.execute(
        select(j.c.last_place, j.c.ended_day, func.count())
        .where(j.c.office_id == OFFICE, j.c.cancelled == 0, j.c.last_place > 0)
        .group_by(j.c.last_place, j.c.ended_day)
    ):
        counted[int(Grain.DAY), 0, day, last] += n
        counted[int(Grain.MONTH), 0, month_of(day), last] += n
    return {key: KeptRow((n, 0, 0)) for key, n in counted.items()}


def _tell(db: Connection, told: Compared) -> None:
    """On the office's record, and to whoever administers."""
    row = db.execute(
        select(offices.c.chain, offices.c.chain_length, offices.c.chain_head)
        .where(offices.c.id == OFFICE)
        .with_for_update()
    ).one()
    facts = {"steps": told.wrong_steps, "sums": told.wrong_rows}
    chain = write(db, Chain(row.chain, row.chain_length, row.chain_head), act="mend_figures", by=None, facts=facts)
    db.execute(update(offices).where(offices.c.id == OFFICE).values(chain_length=chain.length, chain_head=chain.head))
    tell(db, persons=administrators(db), kind="figures_mended", facts={"steps": str(told.wrong_steps), "sums": str(told.wrong_rows)})  # fmt: skip
