"""When cases rested, as their record tells: of a case without a period no row of its clocks does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.rules import Mark
from engine.cases.tables import marks
from engine.records.tables import entries


def rests_of(db: Connection, which: Any) -> Mapping[int, list[tuple[datetime, datetime | None]]]:
    """`which` cases: ids, or a SELECT of them. Of those only that went on again with something open."""
    rested = db.scalars(
        select(marks.c.case_id)
        .where(marks.c.office_id == OFFICE, marks.c.case_id.in_(which), marks.c.kind == Mark.RESUMED)
        .distinct()
    ).all()
    found: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    if not rested:
        return found
    for row in db.execute(
        select(entries.c.chain, entries.c.at, entries.c.act)
        .where(
            entries.c.office_id == OFFICE, entries.c.chain.in_(rested), entries.c.act.in_(("suspend", "resume"))
        )
        .order_by(entries.c.chain, entries.c.number)
    ):  # fmt: skip
        spans = found[row.chain]
        if row.act == "suspend":
            spans.append((row.at, None))
        elif spans:
            spans[-1] = (spans[-1][0], row.at)
    return found
