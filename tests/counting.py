"""What a database is asked: statements and commits, counted while a block runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from engine.base.database import Database


@dataclass(slots=True)
class Counted:
    """`statements` without those that only begin a transaction."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def statement(self, _db: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)

    def commit(self, _db: Any) -> None:
        self.commits += 1


@contextmanager
def counting(database: Database) -> Iterator[Counted]:
    counted = Counted()
    event.listen(database.engine, "before_cursor_execute", counted.statement)
    event.listen(database.engine, "commit", counted.commit)
    try:
        yield counted
    finally:
        event.remove(database.engine, "before_cursor_execute", counted.statement)
        event.remove(database.engine, "commit", counted.commit)
