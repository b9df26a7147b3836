"""Why tasks lie where they lie, as a list shows it: the latest reason first, each kind once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.rules import Mark
from engine.cases.tables import marks
from engine.organisation.tables import departments, persons

_MOST_SHOWN: Final = 2


@frozen
class Reason:
    """`words` as somebody gave them."""

    kind: Mark
    at: datetime
    person: Text | None
    department: Text | None
    words: str


def reasons(db: Connection, wanted: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], tuple[Reason, ...]]:
    """By case and number, of these tasks alone, in one statement."""
    rows = db.execute(
        select(
            marks.c.case_id, marks.c.task_number, marks.c.kind, marks.c.at, marks.c.words,
            persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        )
        .outerjoin(persons, persons.c.id == marks.c.person_id)
        .outerjoin(departments, departments.c.id == marks.c.department_id)
        .where(marks.c.office_id == OFFICE, marks.c.case_id.in_({case_id for case_id, _number in wanted}))
        .order_by(marks.c.case_id, marks.c.task_number, marks.c.number.desc())
    )  # fmt: skip
    found: dict[tuple[int, int], dict[int, Reason]] = defaultdict(dict)
    for row in rows:
        of_task = found[row.case_id, row.task_number]
        if row.kind not in of_task and len(of_task) < _MOST_SHOWN:
            person = Name(row.person_en, row.person_zh) if row.person_en else None
            department = Name(row.department_en, row.department_zh) if row.department_en else None
            of_task[row.kind] = Reason(Mark(row.kind), row.at, person, department, row.words)
    return {task: tuple(of_task.values()) for task, of_task in found.items()}
