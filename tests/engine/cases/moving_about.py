"""A case on the two departments' procedure, for tests of the moves of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import cases, marks, tasks
from engine.organisation.rules import Actor
from tests.builders import SmallOffice
from tests.worlds import begun, in_force

ANSWERS: dict[str, dict[str, list[str]]] = {"receive": {"plot": ["C-1"]}, "decide": {"grant": ["true"]}}
CHOSEN = {"receive": {"complete": ["complete_to_split"]}}


@dataclass
class Matter:
    """One case, and what is done in it: each act in a transaction of its own."""

    database: Database
    office: SmallOffice
    case_id: int

    @classmethod
    def begun(cls, database: Database, office: SmallOffice, procedure_id: int | None = None, **world: Any) -> Matter:
        with database.writing() as db:
            procedure = procedure_id or in_force(db, office, **world)
            return cls(database, office, begun(db, office, procedure).case_id)

    def by(self, db: Connection, login: str) -> Actor:
        return self.office.actor(db, login)

    def do(self, element: str, login: str, **more: Any) -> Matter:
        with self.database.writing() as db:
            acts.complete_task(
                db, by=self.by(db, login), case_id=self.case_id, number=self.open[element],
                submitted=ANSWERS.get(element, {}), chosen=CHOSEN.get(element), **more,
            )  # fmt: skip
        return self

    def act(self, name: str, login: str, **facts: Any) -> Any:
        with self.database.writing() as db:
            return getattr(acts, name)(db, by=self.by(db, login), case_id=self.case_id, **facts)

    def rows(self, table: Any, *more: Any) -> list[Any]:
        with self.database.reading() as db:
            return list(db.execute(select(table).where(table.c.case_id == self.case_id, *more)))

    def task(self, number: int) -> Any:
        return self.rows(tasks, tasks.c.number == number)[0]

    @property
    def open(self) -> dict[str, int]:
        """Steps that wait, with the number of their task."""
        return {
            row.element: row.number
            for row in self.rows(tasks, tasks.c.closed_at.is_(None))
            if row.kind is None
        }  # fmt: skip

    def closed(self, element: str) -> int:
        """The last task of the step that is over."""
        found: int = max(
            row.number
            for row in self.rows(tasks, tasks.c.closed_at.is_not(None), tasks.c.element == element)
            if row.kind is None
        )  # fmt: skip
        return found

    def marks(self, number: int) -> list[tuple[int, int | None, str]]:
        found = sorted(self.rows(marks, marks.c.task_number == number), key=lambda row: row.number)
        return [(row.kind, row.person_id, row.words) for row in found]

    @property
    def row(self) -> Any:
        with self.database.reading() as db:
            return db.execute(select(cases).where(cases.c.id == self.case_id)).one()
