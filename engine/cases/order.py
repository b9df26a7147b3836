"""The order of service: what is due first, but for the few tasks that a supervisor has put before or behind the others.

They are looked through from their side, where they are few; the long lists leave them out by their key alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from engine.base.database import OFFICE
from engine.cases.rules import Order
from engine.cases.tables import tasks
from engine.cases.tables_of_order import task_order

USUAL: Final = literal(int(Order.NORMAL), task_order.c.place.type).label("place")


def usual() -> ColumnElement[bool]:
    """Of a row of `tasks`: nobody has put it before or behind what is due first."""
    return ~exists().where(
        task_order.c.office_id == tasks.c.office_id, task_order.c.case_id == tasks.c.case_id,
        task_order.c.number == tasks.c.number,
    )  # fmt: skip


_MOST: Final = 100_000
put: Final = (
    # With a limit of its own it is looked up as it stands: else SQLite walks through every task there is to find these few.
    select(task_order.c.case_id, task_order.c.number, task_order.c.place)
    .where(task_order.c.office_id == OFFICE)
    .limit(literal_column(str(_MOST)))
    .subquery("put")
)
"""The tasks that do not stand in their usual order."""


def of_put() -> ColumnElement[bool]:
    """Joins `put` and `tasks`."""
    return and_(tasks.c.office_id == OFFICE, tasks.c.case_id == put.c.case_id, tasks.c.number == put.c.number)


def out_of_order(columns: Sequence[Any], posts_held: int, continues: bool, *, mine: bool, free: bool) -> Select[Any]:
    """Those of `me`, and those free in `post_0` … that do not stand in their usual order; behind `behind_…` where it goes on."""
    posts: list[Any] = [bindparam(f"post_{at}") for at in range(posts_held)]
    wanted = [tasks.c.person_id == bindparam("me")] if mine else []
    if free:
        wanted.append(and_(tasks.c.person_id.is_(None), tasks.c.post_id.in_(posts)))
    sorted_by = put.c.place, tasks.c.due_at, tasks.c.case_id, tasks.c.number
    query = (
        select(*columns, put.c.place)
        .select_from(put)
        .join(tasks, of_put())
        .where(tasks.c.closed_at.is_(None), or_(*wanted))
        .order_by(*sorted_by)
    )
    if continues:
        place = tuple_(
            bindparam("behind_place", type_=Integer),
            bindparam("behind_due", type_=tasks.c.due_at.type),
            bindparam("behind_case", type_=BigInteger),
            bindparam("behind_number", type_=Integer),
        )
        query = query.where(tuple_(*sorted_by) > place)
    return select(query.limit(bindparam("most", type_=Integer)).subquery())
