"""History is counted again: asked for by somebody, then done by itself, so many cases in each transaction.

What an earlier calendar had counted is noted like anything that was closed; folding counts it by the calendar as it is
and changes every sum by the difference. So no figure is ever half counted, and whoever is killed is gone on from.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, insert, literal, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.cases import moves
from engine.cases.tables import cases
from engine.notices.acts import tell
from engine.organisation.calendars.reads import calendars_version
from engine.organisation.rules import Actor
from engine.organisation.tables import offices
from engine.supervision.acting.recorded import on_office
from engine.supervision.figures import tables as figures
from engine.supervision.recounting import rules
from engine.supervision.recounting.reads import running
from engine.supervision.recounting.tables import recounts

_t = recounts.c


def ask_recount(db: Connection, *, by: Actor, reason: str) -> int:
    """Its id; of the one that runs already, where there is one. Raises NotYoursToRecount, ReasonForRecount, WordsTooLong."""
    rules.must_recount(by)
    why = moves.reason(reason, rules.ReasonForRecount)
    db.execute(select(offices.c.id).where(offices.c.id == OFFICE).with_for_update())  # whoever else asks waits here
    there = running(db)
    if there is not None:
        return there
    made = new_id()
    count = db.scalar(select(func.count()).select_from(cases).where(cases.c.office_id == OFFICE))
    db.execute(
        insert(recounts).values(
            office_id=OFFICE, id=made, asked_by=by.person_id, asked_at=clock.now(), last_case=0, cases=count,
            looked_at=0, recounted=0, reason=why,
        )
    )  # fmt: skip
    on_office(db, by, "recount_figures", {"recount": made, "reason": why})
    return made


def recount_slice(db: Connection) -> int | None:
    """How much of the next cases is to be counted again; None where nothing runs."""
    row = db.execute(
        select(recounts).where(_t.office_id == OFFICE, _t.ended_at.is_(None)).order_by(_t.id).limit(1).with_for_update()
    ).first()
    if row is None:
        return None
    ids = db.scalars(
        select(cases.c.id)
        .where(cases.c.office_id == OFFICE, cases.c.id > row.last_case)
        .order_by(cases.c.id)
        .limit(rules.CASES_AT_ONCE)
    ).all()
    if not ids:
        _end(db, row.id, row.asked_by, row.recounted)
        return 0
    found = _counted_before(db, ids)
    if found:
        db.execute(
            insert(figures.notes),
            [{"office_id": OFFICE, "case_id": case_id, "task_number": number} for case_id, number in found],
        )
    values = {"last_case": ids[-1], "looked_at": row.looked_at + len(ids), "recounted": row.recounted + len(found)}
    db.execute(update(recounts).where(_t.office_id == OFFICE, _t.id == row.id).values(**values))
    return len(found)


def _counted_before(db: Connection, ids: Collection[int]) -> list[tuple[int, int]]:
    """Steps, and with 0 ends of cases, that an earlier calendar had counted."""
    version = calendars_version(db)
    steps, ends = figures.spells.c, figures.journeys.c
    rows = [
        *db.execute(
            select(steps.case_id, steps.task_number).where(
                steps.office_id == OFFICE, steps.case_id.in_(ids), steps.counted_by != version
            )
        ),
        *db.execute(
            select(ends.case_id, literal(0)).where(
                ends.office_id == OFFICE, ends.case_id.in_(ids), ends.counted_by != version
            )
        ),
    ]
    return sorted((int(case_id), int(number)) for case_id, number in rows)


def _end(db: Connection, recount_id: int, asked_by: int, recounted: int) -> None:
    at = clock.now()
    db.execute(update(recounts).where(_t.office_id == OFFICE, _t.id == recount_id).values(ended_at=at))
    on_office(db, None, "figures_recounted", {"recount": recount_id, "steps": recounted})
    tell(db, persons=[asked_by], kind="figures_recounted", facts={"steps": str(recounted)})
