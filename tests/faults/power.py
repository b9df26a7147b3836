"""Completes a task and cuts the power at the nth moment, for every n until it is kept. Run as a program of its own.

    python -m tests.faults.power URL CASE NUMBER PERSON MOMENT

prints a line for each cut: the moment, and whether the office stands as before or as after.
"""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event

from engine.base import clock
from engine.base.database import Database, metadata
from engine.cases import acts
from engine.organisation.reads import actor


def snapshot(db: Connection) -> str:
    """A digest of every row there is."""
    told = hashlib.sha256()
    for table in metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        # As text: each of the many databases this is asked of would else compile every statement anew.
        rows = db.exec_driver_sql(f'SELECT {columns} FROM "{table.name}"')
        for row in sorted(repr(tuple(row)) for row in rows):
            told.update(f"{table.name}{row}".encode())
    return told.hexdigest()


def complete(db: Connection, case_id: int, number: int, person_id: int) -> None:
    acts.complete_task(db, by=actor(db, person_id), case_id=case_id, number=number, submitted={})


class Fuse:
    """Burns through at the nth moment: before and after each statement, before and after the commit."""

    def __init__(self, at: int) -> None:
        self.left = at

    def tick(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(9)

    def lay(self, database: Database) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(database.engine, name, self.tick)


def cut(url: str, at: int, case_id: int, number: int, person_id: int) -> None:
    database = Database(url)
    fuse = Fuse(at)
    fuse.lay(database)
    with database.writing() as db:
        complete(db, case_id, number, person_id)
    fuse.tick()
    os._exit(0)


def main(url: str, case_id: int, number: int, person_id: int) -> None:
    database = Database(url)
    with database.reading() as db:
        before = snapshot(db)
    with database.reading() as db:
        complete(db, case_id, number, person_id)
        after = snapshot(db)
    database.close()
    moment, standing = 0, "before"
    while standing == "before":
        moment += 1
        child = os.fork()
        if child == 0:
            cut(url, moment, case_id, number, person_id)
        os.waitpid(child, 0)
        reopened = Database(url)
        with reopened.reading() as db:
            found = snapshot(db)
        reopened.close()
        standing = {before: "before", after: "after"}.get(found, "between")
        print(moment, standing)


if __name__ == "__main__":
    url, *numbers, at = sys.argv[1:]
    told = datetime.fromisoformat(at)
    with clock.reading(lambda: told):
        main(url, *map(int, numbers))
