"""The numbers of cases, for notices: these know a case by its id alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.tables import cases
from engine.notices.reads import Notice


def with_numbers(db: Connection, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Each with the number of its case. One statement; none where no notice is about a case."""
    ids = {one.case_id for one in notices if one.case_id is not None}
    if not ids:
        return tuple(notices)
    rows = db.execute(select(cases.c.id, cases.c.number).where(cases.c.office_id == OFFICE, cases.c.id.in_(ids)))
    known = {row.id: row.number for row in rows}
    return tuple(replace(one, case=known.get(one.case_id or 0, one.case)) for one in notices)


def numbers_of(db: Connection, case_ids: Collection[int]) -> dict[int, str]:
    """For lists that know a case by its id."""
    if not case_ids:
        return {}
    rows = db.execute(
        select(cases.c.id, cases.c.number).where(cases.c.office_id == OFFICE, cases.c.id.in_(set(case_ids)))
    )
    return {row.id: row.number for row in rows}
