"""What a wall board shows: how an office, and each of its departments, stands now. Never a person, never an applicant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.clocks.rules import KIND_NUMBERS
from engine.cases.clocks.still import stands_still
from engine.cases.clocks.tables import clocks
from engine.cases.rules import Ended
from engine.cases.tables import cases, incidents, tasks
from engine.diagram.rule_sets import Clock
from engine.organisation.reads import department_and_below, office
from engine.organisation.rules import Actor, Right, must_administer
from engine.organisation.tables import departments
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures
from engine.supervision.boards import rules
from engine.supervision.boards.rules import Board, LinkUnknown
from engine.supervision.boards.tables import board_links

_FOR_SUPERVISORS: Final = Text("a board is for those who supervise", "大屏供负有监督职责的人员使用")
_PROMISED: Final = KIND_NUMBERS[Clock.PROMISED]
_STATUTORY: Final = KIND_NUMBERS[Clock.STATUTORY]
_JOINT: Final = KIND_NUMBERS[Clock.JOINT]
_LATE_BY: Final = (_PROMISED, _STATUTORY, _JOINT)


@frozen
class Kept:
    """Of the cases that ended in a month and had such a period: how many kept it."""

    kept: int = 0
    counted: int = 0

    @property
    def share(self) -> float | None:
        return self.kept / self.counted if self.counted else None

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.kept + other.kept, self.counted + other.counted)


@frozen
class Standing:
    """Of the cases of the procedures that a department answers for."""

    open: int = 0
    oldest: datetime | None = None
    late: int = 0
    """Past their promised or lawful period while it runs."""
    late_steps: int = 0
    """Open tasks whose standard time is over: a case may have several."""
    arrived: int = 0
    ended: int = 0
    """Both today."""
    promised: Kept = field(default_factory=Kept)
    lawful: Kept = field(default_factory=Kept)
    promised_before: Kept = field(default_factory=Kept)
    """In the month before."""
    incidents: int = 0

    def __add__(self, other: Standing) -> Standing:
        known = [one.oldest for one in (self, other) if one.oldest is not None]
        return Standing(
            open=self.open + other.open, oldest=min(known, default=None), late=self.late + other.late, arrived=self.arrived + other.arrived,
            ended=self.ended + other.ended, promised=self.promised + other.promised, lawful=self.lawful + other.lawful,
            promised_before=self.promised_before + other.promised_before, incidents=self.incidents + other.incidents,
            late_steps=self.late_steps + other.late_steps,
        )  # fmt: skip


@frozen
class Wall:
    at: datetime
    since: datetime
    """When this month began in the office."""
    of: tuple[Text, ...]
    """The departments it was asked for; none where it is the whole office."""
    departments: tuple[tuple[Text, Standing], ...]
    whole: Standing


@frozen
class Link:
    """By which a screen shows a board."""

    id: int
    board: Board
    department_id: int
    department: Text
    place: str
    hint: str
    made_at: datetime
    good_until: datetime


def wall(db: Connection, *, actor: Actor) -> Wall:
    """Of the departments that the person supervises. Raises NotAllowed."""
    if not actor.may(Right.SUPERVISE):
        raise NotAllowed(why=_FOR_SUPERVISORS)
    top = [post.department for post in actor.posts if Right.SUPERVISE in post.rights]
    return _wall(db, supervised_departments(db, actor), tuple(dict.fromkeys(top)))


def wall_of_link(db: Connection, *, secret: str, board: Board | None = None) -> tuple[Link, Wall]:
    """What the screen with this link shows. Raises LinkUnknown."""
    found = _link_of(db, secret)
    if found is None or (board is not None and found.board is not board):
        raise LinkUnknown()
    return found, _wall(db, department_and_below(db, [found.department_id]), (found.department,))


def links_in_use(db: Connection, *, by: Actor) -> tuple[Link, ...]:
    """By the place where they hang."""
    must_administer(by)
    rows = db.execute(_links().order_by(board_links.c.place, board_links.c.id)).all()
    return tuple(map(_link, rows))


def _link_of(db: Connection, secret: str) -> Link | None:
    row = db.execute(_links().where(board_links.c.digest == rules.digest_of(secret))).first()
    return None if row is None else _link(row)


def _links() -> Select[Any]:
    return (
        select(board_links, departments.c.name_en, departments.c.name_zh)
        .join(departments, departments.c.id == board_links.c.department_id)
        .where(board_links.c.revoked_at.is_(None), board_links.c.good_until > clock.now())
    )


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    return Link(
        row.id, Board(row.board), row.department_id, Name(row.name_en, row.name_zh), row.place, row.hint,
        row.made_at, row.good_until,
    )  # fmt: skip


def _wall(db: Connection, watched: frozenset[int], of: tuple[Text, ...]) -> Wall:
    now = clock.now()
    today = now.astimezone(office(db).zone_info).replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    answering = {
        row.id: row
        for row in db.execute(
            select(procedures.c.id, procedures.c.department_id, departments.c.name_en, departments.c.name_zh)
            .join(departments, departments.c.id == procedures.c.department_id)
            .where(procedures.c.department_id.in_(watched))
            .order_by(departments.c.code)
        )
    }
    found: dict[int, Standing] = {}
    names = {row.department_id: Name(row.name_en, row.name_zh) for row in answering.values()}
    for some in (
        _open_ones(db, answering, today), _ended_ones(db, answering, today, month, before),
        _late_ones(db, answering, now), _late_steps(db, answering, now), _stuck_ones(db, answering),
    ):  # fmt: skip
        for procedure_id, standing in some.items():
            department = answering[procedure_id].department_id
            found[department] = found.get(department, Standing()) + standing
    lines = tuple((names[one], found.get(one, Standing())) for one in names)
    return Wall(now, month, of, lines, sum((one for _name, one in lines), Standing()))


def _open_ones(db: Connection, of: Iterable[int], today: datetime) -> dict[int, Standing]:
    rows = db.execute(
        select(
            cases.c.procedure_id, func.count().label("open"), func.min(cases.c.started_at).label("oldest"),
            func.sum(case((cases.c.started_at >= today, 1), else_=0)).label("arrived"),
        )
        .where(cases.c.office_id == OFFICE, cases.c.procedure_id.in_(of), cases.c.ended_at.is_(None))
        .group_by(cases.c.procedure_id)
    )  # fmt: skip
    return {row.procedure_id: Standing(open=row.open, oldest=row.oldest, arrived=int(row.arrived)) for row in rows}


def _ended_ones(
    db: Connection, of: Iterable[int], today: datetime, month: datetime, before: datetime
) -> dict[int, Standing]:
    """Since the month before began: one range of an index for each procedure, and the periods of those cases."""
    promised, statutory, joint = (clocks.alias(name) for name in ("promised", "statutory", "joint"))
    due, met = _or_else(statutory, joint)
    this_month, by_itself = cases.c.ended_at >= month, cases.c.ended_how.is_distinct_from(Ended.CANCELLED)
    rows = db.execute(
        select(
            cases.c.procedure_id,
            _count((cases.c.ended_at >= today) & by_itself).label("ended"),
            _count(and_(cases.c.ended_at >= today, cases.c.started_at >= today)).label("arrived"),
            *_kept(promised.c.due_at, promised.c.ended_at, "promised", this_month & by_itself),
            *_kept(due, met, "lawful", this_month & by_itself),
            *_kept(promised.c.due_at, promised.c.ended_at, "before", (cases.c.ended_at < month) & by_itself),
        )
        .outerjoin(promised, _of_case(promised, _PROMISED))
        .outerjoin(statutory, _of_case(statutory, _STATUTORY))
        .outerjoin(joint, _of_case(joint, _JOINT))
        .where(cases.c.office_id == OFFICE, cases.c.procedure_id.in_(of), cases.c.ended_at >= before)
        .group_by(cases.c.procedure_id)
    )
    return {
        row.procedure_id: Standing(
            ended=int(row.ended),
            arrived=int(row.arrived),
            promised=_read(row, "promised"),
            lawful=_read(row, "lawful"),
            promised_before=_read(row, "before"),
        )
        for row in rows
    }


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _of_case(which: Any, kind: int) -> Any:
    return and_(which.c.office_id == cases.c.office_id, which.c.case_id == cases.c.id, which.c.kind == kind)


def _or_else(first: Any, other: Any) -> tuple[Any, Any]:
    """When a period is over and when it ended, of the second where the case has none of the first."""
    has_it = first.c.case_id.is_not(None)
    return (
        case((has_it, first.c.due_at), else_=other.c.due_at),
        case((has_it, first.c.ended_at), else_=other.c.ended_at),
    )


def _kept(due: Any, met: Any, name: str, when: Any) -> tuple[Any, Any]:
    return (
        _count(and_(when, met <= due)).label(f"{name}_kept"),
        _count(and_(when, due.is_not(None))).label(f"{name}_counted"),
    )


def _read(row: Row[*tuple[Any, ...]], name: str) -> Kept:
    return Kept(int(getattr(row, f"{name}_kept")), int(getattr(row, f"{name}_counted")))


def _late_ones(db: Connection, of: Iterable[int], now: datetime) -> dict[int, Standing]:
    """From the index of clocks that run and are over. A case that is late by two of them is one."""
    rows = db.execute(
        select(cases.c.procedure_id, func.count(func.distinct(cases.c.id)).label("late"))
        .join(clocks, and_(clocks.c.office_id == cases.c.office_id, clocks.c.case_id == cases.c.id))
        .where(
            clocks.c.office_id == OFFICE, clocks.c.ended_at.is_(None), clocks.c.stands == 0, clocks.c.due_at < now,
            clocks.c.kind.in_(_LATE_BY), cases.c.procedure_id.in_(of), cases.c.ended_at.is_(None),
        )
        .group_by(cases.c.procedure_id)
    )  # fmt: skip
    return {row.procedure_id: Standing(late=row.late) for row in rows}


def _late_steps(db: Connection, of: Iterable[int], now: datetime) -> dict[int, Standing]:
    rows = db.execute(
        select(tasks.c.procedure_id, func.count().label("late"))
        .where(
            tasks.c.office_id == OFFICE, tasks.c.procedure_id.in_(of), tasks.c.closed_at.is_(None),
            tasks.c.kind.is_(None), tasks.c.due_at < now, ~stands_still(),
        )
        .group_by(tasks.c.procedure_id)
    )  # fmt: skip
    return {row.procedure_id: Standing(late_steps=row.late) for row in rows}


def _stuck_ones(db: Connection, of: Iterable[int]) -> dict[int, Standing]:
    rows = db.execute(
        select(cases.c.procedure_id, func.count(func.distinct(cases.c.id)).label("stuck"))
        .join(incidents, and_(incidents.c.office_id == cases.c.office_id, incidents.c.case_id == cases.c.id))
        .where(incidents.c.office_id == OFFICE, incidents.c.closed_at.is_(None), cases.c.procedure_id.in_(of))
        .group_by(cases.c.procedure_id)
    )
    return {row.procedure_id: Standing(incidents=row.stuck) for row in rows}
