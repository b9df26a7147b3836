"""How each procedure stands now: its cases, and what its open tasks wait for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, and_, cast, func, literal, null, select, union_all

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.rules import Ended
from engine.cases.tables import cases, incidents
from engine.organisation.rules import Actor
from engine.procedures.tables import editions, procedures
from engine.supervision.figures.now import parts_now
from engine.supervision.figures.parts import Part
from engine.supervision.figures.sight import seen


@frozen
class Standing:
    """Open tasks in one part, and how many of them are past due."""

    n: int = 0
    late: int = 0

    @property
    def in_time(self) -> int:
        return self.n - self.late


@frozen
class ProcedureStanding:
    """One procedure across its editions. `finished` counts since `since` of the question, without what was called off;
    each open task is in one part."""

    procedure_id: int
    name: str
    prefix: str
    open: int
    oldest: datetime | None
    finished: int
    incidents: int
    edition_in_force: int | None
    waiting: Standing = Standing()  # nobody has taken it
    handed: Standing = Standing()  # nobody of the department has accepted it
    working: Standing = Standing()
    stopped: Standing = Standing()
    outside: Standing = Standing()

    @property
    def parts(self) -> tuple[Standing, ...]:
        return self.waiting, self.handed, self.working, self.stopped, self.outside

    @property
    def tasks(self) -> int:
        return sum(one.n for one in self.parts)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.parts)


def overview(db: Connection, *, actor: Actor, since: datetime) -> tuple[ProcedureStanding, ...]:
    """The procedures that the person sees figures of. Raises NotAllowed for who supervises nothing."""
    mine = seen(db, actor)
    parts = _parts(db, mine)
    counted = _counted(db, mine, since)
    none = (0, None)
    rows = db.execute(
        select(procedures.c.id, procedures.c.name, procedures.c.prefix, editions.c.id.label("edition_id"))
        .outerjoin(editions, and_(editions.c.procedure_id == procedures.c.id, editions.c.state == "in force"))
        .where(procedures.c.id.in_(mine))
        .order_by(procedures.c.prefix)
    )
    return tuple(
        ProcedureStanding(
            procedure_id=row.id,
            name=row.name,
            prefix=row.prefix,
            open=counted.get(("open", row.id), none)[0],
            oldest=counted.get(("open", row.id), none)[1],
            finished=counted.get(("finished", row.id), none)[0],
            incidents=counted.get(("incidents", row.id), none)[0],
            edition_in_force=row.edition_id,
            waiting=parts.get((row.id, Part.WAITING), Standing()),
            handed=parts.get((row.id, Part.HANDED), Standing()),
            working=parts.get((row.id, Part.TAKEN), Standing()),
            stopped=parts.get((row.id, Part.STOPPED), Standing()),
            outside=parts.get((row.id, Part.OUTSIDE), Standing()),
        )
        for row in rows
    )


def _parts(db: Connection, mine: frozenset[int]) -> dict[tuple[int, str], Standing]:
    """By procedure and part."""
    return {key: Standing(n, late) for key, (n, late) in parts_now(db, mine).items()}


def _counted(
    db: Connection, mine: frozenset[int], since: datetime
) -> dict[tuple[str, int], tuple[int, datetime | None]]:
    """By what is counted and procedure; of open cases also when the oldest began."""
    here, procedure = cases.c.procedure_id.in_(mine), cases.c.procedure_id
    nothing = cast(null(), BigInteger)
    rows = db.execute(
        union_all(
            select(literal("open"), procedure, func.count(), func.min(cases.c.started_at))
            .where(cases.c.office_id == OFFICE, cases.c.ended_at.is_(None), here)
            .group_by(procedure),
            select(literal("finished"), procedure, func.count(), nothing)
            .where(
                cases.c.office_id == OFFICE,
                cases.c.ended_at >= since,
                here,
                cases.c.ended_how.is_distinct_from(Ended.CANCELLED),
            )
            .group_by(procedure),
            select(literal("incidents"), procedure, func.count(), nothing)
            .join(incidents, and_(incidents.c.office_id == cases.c.office_id, incidents.c.case_id == cases.c.id))
            .where(incidents.c.office_id == OFFICE, incidents.c.closed_at.is_(None))
            .group_by(procedure),
        )
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}
