"""The floor: one step of a ten-step procedure by hand. Flask, the bare driver, one transaction, nothing else."""

from __future__ import annotations

import json
import os
import sqlite3
import threading

import psycopg
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from tests.benchmarks.floor_tables import FIELDS, PSYCOPG_STEP, STEPS

app = Flask(__name__)
_url = os.environ["OFFICIUM_BENCH_URL"]
_own = threading.local()
_line = threading.Lock()


@app.post("/tasks/<int:case_id>/<int:step>/complete")
def complete(case_id: int, step: int) -> ResponseReturnValue:
    answers = json.dumps({field: request.form[field] for field in FIELDS})
    done = _in_sqlite(case_id, step, answers) if _url.startswith("sqlite") else _in_postgresql(case_id, step, answers)
    if not done:
        return "somebody was quicker", 409
    return redirect(f"/tasks/{case_id}/{step + 1}" if step < STEPS else "/", 303)


def _in_sqlite(case_id: int, step: int, answers: str) -> bool:
    if not hasattr(_own, "sqlite"):
        _own.sqlite = sqlite3.connect(_url.removeprefix("sqlite:///"), isolation_level=None)
        _own.sqlite.execute("PRAGMA journal_mode=WAL")
        _own.sqlite.execute("PRAGMA synchronous=FULL")
        assert _own.sqlite.execute("PRAGMA synchronous").fetchone() == (2,)
    db = _own.sqlite
    with _line:
        db.execute("BEGIN IMMEDIATE")
        (version,) = db.execute("SELECT version FROM cases WHERE id = ?", (case_id,)).fetchone()
        closed = db.execute("UPDATE tasks SET open = 0 WHERE case_id = ? AND step = ? AND open = 1", (case_id, step))
        if closed.rowcount != 1:
            db.execute("ROLLBACK")
            return False
        if step < STEPS:
            db.execute("INSERT INTO tasks (case_id, step, open) VALUES (?, ?, 1)", (case_id, step + 1))
        db.execute("UPDATE cases SET version = version + 1, ended = ? WHERE id = ? AND version = ?",
                   (step == STEPS, case_id, version))  # fmt: skip
        db.execute("INSERT INTO events (case_id, step, answers) VALUES (?, ?, ?)", (case_id, step, answers))
        db.execute("COMMIT")
    return True


def _in_postgresql(case_id: int, step: int, answers: str) -> bool:
    if not hasattr(_own, "postgresql"):
        _own.postgresql = psycopg.connect(_url.replace("+psycopg", ""), autocommit=True)
    facts = {"case_id": case_id, "step": step, "answers": answers, "last": step == STEPS}
    return bool(_own.postgresql.execute(PSYCOPG_STEP, facts, prepare=True).fetchone()[0] == 1)
