"""What is open still: the part of every figure that no sum holds, read from the rows through the indexes of open ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, Text, and_, case, cast, func, select, type_coerce

from engine.base import clock
from engine.base.database import OFFICE, to_stored
from engine.base.once import once
from engine.cases.tables import cases, hand_overs, tasks
from engine.supervision.figures.rollups import Asked, key_of
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.sight import midnight

_DAY: Final = timedelta(days=1)
_EARLIEST: Final = date(1990, 1, 1)


class OpenTask(NamedTuple):
    case_id: int
    number: int
    procedure_id: int
    edition_id: int
    element: str
    came_from: str | None  # the step completed last when it was opened; None: its case began with it
    post_id: int
    department_id: int
    person_id: int | None
    from_department_id: int | None
    opened_at: int  # milliseconds since 1970


@dataclass(slots=True)
class OpenGroup:
    """Open tasks of a step that came from one before, and lie with one post, and with one person or nobody. `opened`: when,
    the first first. `past_due`: how many were so at `read_at`, whether or not their clock runs."""

    procedure_id: int
    edition_id: int
    element: str
    came_from: str | None
    department_id: int
    post_id: int
    person_id: int | None
    opened: Sequence[int]
    past_due: int
    read_at: datetime
    _days: Sequence[tuple[int, int]] | None = None

    @property
    def step(self) -> tuple[int, int, str]:
        return self.procedure_id, self.edition_id, self.element

    def on_days(self, days: Days) -> Sequence[tuple[int, int]]:
        """How many were opened on each day that any was."""
        if self._days is None:
            self._days = days.counted(self.opened)
        return self._days


class OpenCase(NamedTuple):
    case_id: int
    procedure_id: int
    edition_id: int
    started_at: int


@lru_cache(maxsize=8)
def _midnights(zone: ZoneInfo, count: int) -> list[int]:
    return [to_stored(midnight(_EARLIEST + number * _DAY, zone)) for number in range(count)]


class Days:
    """Which day of the office an instant lies in, as an ordinal number."""

    def __init__(self, zone: ZoneInfo, until: date) -> None:
        self._first = _EARLIEST.toordinal()
        self._midnights = _midnights(zone, until.toordinal() - self._first + 3)

    def of(self, at: int) -> int:
        return self._first + bisect_right(self._midnights, at) - 1

    def counted(self, instants: Sequence[int]) -> list[tuple[int, int]]:
        """Of instants in their order: each day that any lies in, and how many do.

        Those beyond the last day, which a clock wrote that was put back since, are counted with whatever lies behind it.
        """
        found, begin = [], 0
        while begin < len(instants):
            day = bisect_right(self._midnights, instants[begin])
            is_last = day == len(self._midnights)
            end = len(instants) if is_last else bisect_left(instants, self._midnights[day], begin)
            found.append((self._first + day - 1, end - begin))
            begin = end
        return found


def of_scope(scope: Scope, procedures: frozenset[int], *, known: bool = False) -> list[ColumnElement[bool]]:
    """Of `tasks`: steps of the procedures that the scope names. A kind of applicant asks for `cases` beside them.

    `known`: which tasks is said besides, so that they are looked up and not looked for.
    """
    procedure: ColumnElement[int] = tasks.c.procedure_id + 0 if known else tasks.c.procedure_id
    found = [tasks.c.office_id == OFFICE, tasks.c.kind.is_(None), procedure.in_(sorted(procedures))]
    for column, wanted in (
        (tasks.c.edition_id, scope.edition_id), (tasks.c.element, scope.element), (tasks.c.post_id, scope.post_id)
    ):  # fmt: skip
        if wanted is not None:
            found.append(column == wanted)
    if scope.department_ids is not None:
        found.append(tasks.c.department_id.in_(sorted(scope.department_ids)))
    if scope.applicant_kind is not None:
        found.append(_of_kind(scope.applicant_kind))
    return found


def _of_kind(kind: int) -> ColumnElement[bool]:
    return tasks.c.case_id.in_(
        select(cases.c.id).where(
            cases.c.office_id == OFFICE, cases.c.ended_at.is_(None), func.coalesce(cases.c.applicant_kind, 0) == kind
        )
    )


def open_in(scope: Scope, procedures: frozenset[int], *, known: bool = False) -> list[ColumnElement[bool]]:
    """Of `tasks`: those of `of_scope` that are open."""
    return [*of_scope(scope, procedures, known=known), tasks.c.closed_at.is_(None)]


_GROUPED: Final = (
    tasks.c.procedure_id, tasks.c.edition_id, tasks.c.element, tasks.c.came_from, tasks.c.department_id, tasks.c.post_id,
    tasks.c.person_id,
)  # fmt: skip
"""In the order of `ix_tasks_waiting`, so that they are counted as they come."""


def open_groups(db: Connection, scope: Scope, procedures: frozenset[int]) -> list[OpenGroup]:
    """All that is open, whatever the days of the scope."""
    if not procedures:
        return []
    return once(db, ("open tasks", key_of(scope, procedures)), lambda: _open_groups(db, scope, procedures))


def _open_groups(db: Connection, scope: Scope, procedures: frozenset[int]) -> list[OpenGroup]:
    now = clock.now()
    columns = (*_GROUPED, _listed(tasks.c.opened_at), func.count().filter(tasks.c.due_at < now))
    rows = db.execute(select(*columns).where(*open_in(scope, procedures)).group_by(*_GROUPED))
    return [
        OpenGroup(procedure, edition, element, came, department, post, person, _in_order(listed), past_due, now)
        for procedure, edition, element, came, department, post, person, listed, past_due in rows
    ]


def _listed(column: ColumnElement[Any]) -> ColumnElement[str]:
    """One value for many rows: the driver would spend more on each than the database does."""
    return func.aggregate_strings(cast(type_coerce(column, BigInteger), Text), ",")


def _in_order(listed: str | None) -> list[int]:
    return sorted(orjson.loads(f"[{listed}]")) if listed else []


def open_tasks(db: Connection, asked: Asked, *more: ColumnElement[bool]) -> list[OpenTask]:
    if not asked.procedures:
        return []
    rows = db.execute(
        select(
            tasks.c.case_id, tasks.c.number, tasks.c.procedure_id, tasks.c.edition_id, tasks.c.element,
            tasks.c.came_from, tasks.c.post_id, tasks.c.department_id, tasks.c.person_id, tasks.c.from_department_id,
            type_coerce(tasks.c.opened_at, BigInteger),
        ).where(*open_in(asked.scope, asked.procedures), *more)
    )  # fmt: skip
    return list(map(OpenTask._make, rows))


def open_cases(db: Connection, asked: Asked) -> list[OpenCase]:
    if not asked.procedures:
        return []
    rows = db.execute(
        select(cases.c.id, cases.c.procedure_id, cases.c.edition_id, type_coerce(cases.c.started_at, BigInteger))
        .where(*cases_of(asked.scope, asked.procedures), cases.c.ended_at.is_(None))
    )  # fmt: skip
    return list(map(OpenCase._make, rows))


def cases_begun(db: Connection, asked: Asked, days: Days) -> Sequence[tuple[int, int]]:
    """Of the cases that are open: each day that any was started on, and how many were."""
    if not asked.procedures:
        return []
    where = [*cases_of(asked.scope, asked.procedures), cases.c.ended_at.is_(None)]
    return once(
        db, ("open cases", asked.key),
        lambda: days.counted(_in_order(db.scalar(select(_listed(cases.c.started_at)).where(*where)))),
    )  # fmt: skip


def cases_of(scope: Scope, procedures: frozenset[int]) -> list[ColumnElement[bool]]:
    """Of `cases`."""
    found: list[ColumnElement[bool]] = [cases.c.office_id == OFFICE, cases.c.procedure_id.in_(sorted(procedures))]
    if scope.edition_id is not None:
        found.append(cases.c.edition_id == scope.edition_id)
    if scope.applicant_kind is not None:
        found.append(func.coalesce(cases.c.applicant_kind, 0) == scope.applicant_kind)
    return found


def _went_back() -> ColumnElement[bool]:
    """Its case had gone the other way between the two departments before."""
    other = tasks.alias("other")
    return (
        select(other.c.number)
        .where(
            other.c.office_id == OFFICE, other.c.case_id == tasks.c.case_id, other.c.number < tasks.c.number,
            other.c.kind.is_(None), other.c.from_department_id == tasks.c.department_id,
            other.c.department_id == tasks.c.from_department_id, other.c.closed_at <= tasks.c.opened_at,
        )
        .exists()
    )  # fmt: skip


def _returned() -> ColumnElement[bool]:
    return (
        select(hand_overs.c.task_number)
        .where(
            hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == tasks.c.case_id,
            hand_overs.c.task_number == tasks.c.number, hand_overs.c.returned_at.is_not(None),
        )
        .exists()
    )  # fmt: skip


def hands_of(db: Connection, asked: Asked, *more: ColumnElement[bool]) -> Iterator[tuple[int, int, int, int, int]]:
    """The department before and that of the task, where they differ: how many open ones, returned, and to and fro."""
    if not asked.procedures:
        return
    each = (
        select(
            tasks.c.from_department_id.label("came"), tasks.c.department_id.label("here"),
            case((_returned(), 1), else_=0).label("returned"), case((_went_back(), 1), else_=0).label("bounced"),
        )
        .where(
            *open_in(asked.scope, asked.procedures), tasks.c.from_department_id != tasks.c.department_id, *more
        )
        .subquery()
    ).c  # fmt: skip
    by = (each.came, each.here)
    rows = db.execute(select(*by, func.count(), func.sum(each.returned), func.sum(each.bounced)).group_by(*by))
    for came, here, n, returned, bounced in rows:
        yield came, here, n, int(returned), int(bounced)


def came_back(db: Connection, some: Sequence[OpenTask]) -> set[tuple[int, int]]:
    """Of those from another department: the ones whose case had gone the other way between the two before."""
    before = _went_back()
    found: set[tuple[int, int]] = set()
    for _batch, keys in _batches(some):
        found |= {(row[0], row[1]) for row in db.execute(select(tasks.c.case_id, tasks.c.number).where(*keys, before))}
    return found


def given_back(db: Connection, some: Sequence[OpenTask]) -> set[tuple[int, int]]:
    """Those whose hand-over was returned."""
    found: set[tuple[int, int]] = set()
    for batch, _keys in _batches(some):
        wanted = {(one.case_id, one.number) for one in batch}
        rows = db.execute(
            select(hand_overs.c.case_id, hand_overs.c.task_number).where(
                hand_overs.c.office_id == OFFICE, hand_overs.c.case_id.in_([one.case_id for one in batch]),
                hand_overs.c.returned_at.is_not(None),
            )
        )  # fmt: skip
        found |= {(row[0], row[1]) for row in rows} & wanted
    return found


_AT_ONCE: Final = 1000


def _batches(some: Sequence[OpenTask]) -> Iterator[tuple[Sequence[OpenTask], list[Any]]]:
    for begin in range(0, len(some), _AT_ONCE):
        batch = some[begin : begin + _AT_ONCE]
        ids = sorted({one.case_id for one in batch})
        yield batch, [and_(tasks.c.office_id == OFFICE, tasks.c.case_id.in_(ids), tasks.c.closed_at.is_(None))]
