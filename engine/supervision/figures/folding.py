"""What was closed since is added to the sums: in batches, each in one transaction with the notes it is done with.

A note says where to look, not what to add: what a step adds is what is told of it now, less what is kept of it. So it
does not matter how often, in what order or by whom a note is folded, nor that whoever folds is killed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    update,
)

from engine.base import clock
from engine.base.database import OFFICE, Database
from engine.base.giving_way import give_way
from engine.cases.tables import cases, tasks
from engine.supervision.figures import kept
from engine.supervision.figures.bins import Bins, listed
from engine.supervision.figures.contributions import Contributions, Key, Place, found
from engine.supervision.figures.kept import Names
from engine.supervision.figures.many import Many, alike, write_many
from engine.supervision.figures.sums import KINDS, Adds, Change, Grain, Join, Kind, SumKey, of_edition, of_step
from engine.supervision.figures.tables import notes

AT_ONCE: Final = 300
"""Notes folded in one transaction: a few hundredths of a second for which a file keeps others from writing."""
WORTH: Final = 200
"""So many are worth folding. Together each costs half of what it costs with twenty; a read adds them meanwhile."""
AT_LAST: Final = timedelta(minutes=1)
"""So long the oldest waits for others to be folded with."""
_DONE: Final = delete(notes).where(notes.c.id.in_(bindparam("ids", expanding=True)))
_LINE: Final = 0x66696775726573
"""Whoever folds or rebuilds on PostgreSQL holds this lock: one at a time, so that no two wait for each other's rows."""


def fold(db: Connection, *, limit: int = AT_ONCE) -> int:
    """The oldest notes; how many. 0 where there are none, or where somebody else is at it."""
    if not alone(db):
        return 0
    rows = db.execute(select(notes.c.id, notes.c.case_id, notes.c.task_number).order_by(notes.c.id).limit(limit)).all()
    if not rows:
        return 0
    put(db, {(row.case_id, row.task_number) for row in rows})
    db.execute(_DONE, {"ids": alike([row.id for row in rows])})
    return len(rows)


def fold_all(database: Database, going_on: Callable[[], bool] = lambda: True) -> int:
    """Until nothing is left to fold; how many notes. Nothing is locked where there are none."""
    done = 0
    while going_on():
        with database.reading() as db:
            if db.scalar(select(notes.c.id).limit(1)) is None:
                break
        since = time.monotonic()
        with database.writing() as db:
            some = fold(db)
        done += some
        if some < AT_ONCE:
            break
        give_way(database, since)
    return done


def fold_worth(database: Database, going_on: Callable[[], bool] = lambda: True) -> int:
    """As `fold_all`, once there are enough of them or the oldest has waited long. Nobody who reads sees a difference."""
    with database.reading() as db:
        if not _is_worth(db):
            return 0
    return fold_all(database, going_on)


def _is_worth(db: Connection) -> bool:
    oldest = db.execute(select(notes.c.case_id, notes.c.task_number).order_by(notes.c.id).limit(1)).first()
    if oldest is None:
        return False
    if db.scalar(select(notes.c.id).order_by(notes.c.id).limit(1).offset(WORTH - 1)) is not None:
        return True
    closed_at = db.scalar(_closed(oldest.case_id, oldest.task_number))
    return closed_at is None or closed_at <= clock.now() - AT_LAST


def _closed(case_id: int, number: int) -> Select[Any]:
    """When; None: it was opened again, or is gone."""
    if not number:
        return select(cases.c.ended_at).where(cases.c.office_id == OFFICE, cases.c.id == case_id)
    return select(tasks.c.closed_at).where(
        tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number
    )


def alone(db: Connection, *, wait: bool = False) -> bool:
    """Whether this transaction is the one that writes sums, until it ends. A file has one writer anyway."""
    if db.dialect.name == "sqlite":
        return True
    if wait:
        db.execute(select(func.pg_advisory_xact_lock(_LINE)))
        return True
    return bool(db.scalar(select(func.pg_try_advisory_xact_lock(_LINE))))


def put(db: Connection, keys: set[Key]) -> None:
    """What is kept of them, and the sums, brought to what is told now. The caller is `alone`."""
    told, was = found(db, keys), kept.kept(db, keys)
    new = changed(told, was)
    gone = Contributions(
        {key: one for key, one in was.steps.items() if told.steps.get(key) != one},
        {key: one for key, one in was.cases.items() if told.cases.get(key) != one},
    )
    names = kept.named(
        db, (*new.steps.values(), *gone.steps.values()), (*new.cases.values(), *gone.cases.values())
    )  # fmt: skip
    kept.keep(db, new, gone, names)
    add(db, difference(new, gone), names)


def changed(told: Contributions, was: Contributions) -> Contributions:
    return Contributions(
        {key: one for key, one in told.steps.items() if was.steps.get(key) != one},
        {key: one for key, one in told.cases.items() if was.cases.get(key) != one},
    )


def difference(told: Contributions, gone: Contributions) -> Adds:
    adds = Adds()
    for sign, some in ((1, told), (-1, gone)):
        for step in some.steps.values():
            adds.step(step, sign)
        for case in some.cases.values():
            adds.case(case, sign)
    return adds


def add(db: Connection, adds: Adds, names: Names, kinds: Iterable[Kind] = KINDS) -> None:
    known = numbers_of(adds, names)
    together: dict[Join, list[int | None]] = {join: joined_of(adds, names, join) for join in (of_step, of_edition)}
    for kind in kinds:
        for grain in kind.grains:
            _add(db, kind, grain, adds.rows(kind, known, grain))
        for join, grain in kind.joined:
            _add(db, kind, grain, adds.joined(kind, together[join], grain))


def _add(db: Connection, kind: Kind, grain: Grain, changes: Iterable[tuple[SumKey, Change]]) -> None:
    head, rows, taken = (OFFICE, int(grain)), [], []
    for key, change in changes:
        row = (*head, *key, *change.numbers)
        if change.less:
            taken.append((row, change))
        rows.append((*row, listed(change.more)) if kind.binned else row)
    if rows:
        write_many(db, _upsert(kind), rows)
    for row, change in taken:
        _take(db, kind.table, row, change)


def numbers_of(adds: Adds, names: Names) -> list[int]:
    """Of what is `named`."""
    return [
        names.place(one) if one is None or isinstance(one, Place) else names.variant(one) for one in adds.named
    ]  # fmt: skip


def joined_of(adds: Adds, names: Names, join: Join) -> list[int | None]:
    """Of what is `named`: the number of that which it is joined to. None: of nothing."""
    found: list[int | None] = []
    for one in adds.named:
        whole = join(one) if isinstance(one, Place) else None
        found.append(None if whole is None else names.place(whole))
    return found


@lru_cache(maxsize=32)
def _upsert(kind: Kind) -> Many:
    def statement(insert: Any) -> Any:
        table = kind.table
        new = insert(table)
        sums = {name: table.c[name] + new.excluded[name] for name in kind.numbers}
        if kind.binned:  # what is added is put behind what is there: nothing is read for it
            more = func.substr(new.excluded.bins, literal_column("3"))
            sums["bins"] = cast(table.c.bins.op("||", return_type=LargeBinary())(more), LargeBinary)
        return new.on_conflict_do_update(index_elements=[one.name for one in table.primary_key], set_=sums)

    return Many(kind.table, statement)


def _take(db: Connection, table: Table, row: Sequence[Any], change: Change) -> None:
    """Out of the bins of one row: rarely anything that was closed is opened again."""
    here = and_(*(column == value for column, value in zip(table.primary_key, row, strict=False)))
    there = db.execute(select(table.c.bins).where(here)).scalar_one()
    less = Bins.counted(Counter(change.less))
    db.execute(update(table).where(here).values(bins=Bins.added_up([there]).without(less).written()))
