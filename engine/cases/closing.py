"""What a case no longer waits for: tasks whose step was cancelled, timers and messages that are over, incidents that are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    literal,
    null,
    select,
    type_coerce,
    union_all,
    update,
)

from engine.base.database import OFFICE
from engine.base.prepared import Prepared
from engine.base.together import Together
from engine.cases import beside
from engine.cases.events import NEW_EVENTS, change_row
from engine.cases.handing.rows import LAPSE
from engine.cases.rules import Change, Closed
from engine.cases.tables import awaited, incidents, task_events, tasks, timers

_OTHERS: Final[tuple[Table, ...]] = (timers, awaited, incidents)
_FEW: Final = 3
"""So many are looked up one by one, which is quicker than a list."""


def _of_tasks(which: Any) -> Select[Any]:
    return (
        select(
            literal(tasks.name).label("kept"), tasks.c.token, tasks.c.number, tasks.c.post_id, tasks.c.person_id,
            tasks.c.changes, tasks.c.asks, task_events.c.external,
        )
        .join(
            task_events,
            and_(
                task_events.c.office_id == tasks.c.office_id,
                task_events.c.case_id == tasks.c.case_id,
                task_events.c.task_number == tasks.c.number,
                task_events.c.number == 1,
            ),
        )
        .where(*_open(tasks, which))
    )  # fmt: skip


_NO: Final = type_coerce(null(), Integer)


def _of_others(table: Table, which: Any) -> Select[Any]:
    nothing = (_NO.label(name) for name in ("number", "post_id", "person_id", "changes", "asks"))
    return select(
        literal(table.name).label("kept"), table.c.token, *nothing, type_coerce(null(), Boolean).label("external")
    ).where(*_open(table, which))


def _open(table: Table, which: Any) -> tuple[Any, ...]:
    case = table.c.case_id == bindparam("of_case", type_=BigInteger)
    return table.c.office_id == OFFICE, case, table.c.closed_at.is_(None), which(table.c.token)


def _looked_up(which: Any) -> Any:
    return union_all(_of_tasks(which), *(_of_others(table, which) for table in _OTHERS))


_ONE: Final = Prepared(_looked_up(lambda token: token == bindparam("of_token")))
_SOME: Final = _looked_up(lambda token: token.in_(bindparam("of_tokens", expanding=True)))
_CANCEL: Final = Prepared(
    update(tasks)
    .where(
        tasks.c.office_id == OFFICE,
        tasks.c.case_id == bindparam("c_case", type_=BigInteger),
        tasks.c.number == bindparam("c_number", type_=Integer),
        tasks.c.closed_at.is_(None),
    )
    .values(
        closed_at=bindparam("c_at", type_=tasks.c.closed_at.type),
        closed_how=Closed.CANCELLED,
        came_from=null(),
        changes=tasks.c.changes + 1,
    )
)


def close(db: Connection, case_id: int, tokens: Sequence[str], at: datetime, writes: Together) -> None:
    """Whatever of the case waits by these tokens does so no more. What is written is put to `writes`."""
    found = list(_found(db, case_id, tokens))
    for table in _OTHERS:
        mine = [row.token for row in found if row.kept == table.name]
        if mine:
            here = table.c.office_id == OFFICE, table.c.case_id == case_id, table.c.closed_at.is_(None)
            db.execute(update(table).where(*here, table.c.token.in_(mine)).values(closed_at=at))
    _cancel(db, case_id, [row for row in found if row.kept == tasks.name], at, writes)


def _found(db: Connection, case_id: int, tokens: Sequence[str]) -> Iterable[Any]:
    if len(tokens) > _FEW:
        yield from db.execute(_SOME, {"of_case": case_id, "of_tokens": list(tokens)}).all()
        return
    for token in tokens:
        yield from _ONE.all(db, {"of_case": case_id, "of_token": token})


def _cancel(db: Connection, case_id: int, rows: Sequence[Any], at: datetime, writes: Together) -> None:
    for row in rows:
        writes.add(_CANCEL, {"c_case": case_id, "c_number": row.number, "c_at": at})
        writes.add(LAPSE, {"l_case": case_id, "l_number": row.number, "l_at": at})
    writes.add_rows(
        NEW_EVENTS,
        [
            change_row(
                case_id, row.number, row.changes + 1, Change.CANCELLED, at, row.post_id, row.person_id, row.external
            )
            for row in rows
        ],
    )
    asking = [row.number for row in rows if row.asks]
    if asking:
        beside.close(db, case_id, asking, at)
