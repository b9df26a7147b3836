"""What the floor servers keep, and the one statement in which PostgreSQL takes a whole step."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, create_engine, func, insert, select, text

from tests.benchmarks.databases import size

STEPS: Final = 10
FIELDS: Final = ("finding", "amount", "agreed")

metadata = MetaData()
cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
)
tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("open", Integer, nullable=False),
    Index("uq_tasks_open", "case_id", "step", unique=True),
)
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("answers", Text, nullable=False),
)

PSYCOPG_STEP: Final = f"""
WITH closed AS (
  UPDATE tasks SET open = 0 WHERE case_id = %(case_id)s AND step = %(step)s AND open = 1 RETURNING case_id, step
), opened AS (
  INSERT INTO tasks (case_id, step, open) SELECT case_id, step + 1, 1 FROM closed WHERE step < {STEPS}
), kept AS (
  UPDATE cases SET version = version + 1, ended = %(last)s::int WHERE id IN (SELECT case_id FROM closed)
), noted AS (
  INSERT INTO events (case_id, step, answers) SELECT case_id, step, %(answers)s FROM closed
)
SELECT count(*) FROM closed
"""


def prepare(url: str, count: int) -> tuple[list[int], int]:
    """Tables, and `count` cases at their first step; also what the empty tables take up."""
    engine = create_engine(url)
    ids = list(range(1, count + 1))
    if url.startswith("sqlite"):
        with engine.connect() as db:
            db.exec_driver_sql("PRAGMA journal_mode=WAL")
    metadata.create_all(engine)
    empty = size(url)
    with engine.begin() as db:
        db.execute(insert(cases), [{"id": one, "version": 0, "ended": 0} for one in ids])
        db.execute(insert(tasks), [{"case_id": one, "step": 1, "open": 1} for one in ids])
    engine.dispose()
    return ids, empty


def check(url: str, ended: int) -> None:
    """Every case that was worked on has ended, with all its steps on record, and nothing of it is open."""
    engine = create_engine(url)
    with engine.connect() as db:
        finished = db.scalar(select(func.count()).select_from(cases).where(cases.c.ended == 1))
        noted = db.scalar(select(func.count()).select_from(events))
        dangling = db.scalar(
            text("SELECT count(*) FROM tasks JOIN cases ON cases.id = tasks.case_id WHERE open = 1 AND ended = 1")
        )
    engine.dispose()
    assert (finished, noted, dangling) == (ended, ended * STEPS, 0), (finished, noted, dangling)
