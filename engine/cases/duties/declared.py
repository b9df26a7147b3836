"""Whoever has declared an interest in a case does nothing in it (回避)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.base.database import OFFICE
from engine.cases.duties.rules import KINDS, Interest, InterestDeclared
from engine.cases.duties.tables import interests
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor


def must_have_no_interest(db: Connection, case_id: int, task: str, by: Actor, behalf: int | None) -> None:
    """Of the person and of whom they stand in for. Raises InterestDeclared."""
    row = interest_of(db, case_id, [by.person_id] if behalf is None else [by.person_id, behalf])
    if row is not None:
        person = by.name if row.person_id == by.person_id else person_name(db, row.person_id)
        raise InterestDeclared(person=person, kind=KINDS[Interest(row.kind)], task=task)


def interest_of(db: Connection, case_id: int, who: Collection[int]) -> Row[*tuple[Any, ...]] | None:
    return db.execute(
        select(interests.c.person_id, interests.c.kind)
        .where(
            interests.c.office_id == OFFICE,
            interests.c.case_id == case_id,
            interests.c.person_id.in_(who),
            interests.c.withdrawn_at.is_(None),
        )
        .limit(1)
    ).first()
