"""The same step through SQLAlchemy Core, as a careful programmer would write it for one fixed procedure."""

from __future__ import annotations

import json
import os
from typing import Any

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, create_engine, event, insert, select, update

from tests.benchmarks.floor_tables import FIELDS, STEPS, cases, events, tasks

app = Flask(__name__)
_url = os.environ["OFFICIUM_BENCH_URL"]
_is_sqlite = _url.startswith("sqlite")
_engine = create_engine(_url, pool_size=10, **({"connect_args": {"timeout": 30}} if _is_sqlite else {}))

_VERSION = select(cases.c.version).where(cases.c.id == bindparam("case")).with_for_update()
_CLOSE = update(tasks).where(tasks.c.case_id == bindparam("case"), tasks.c.step == bindparam("at"), tasks.c.open == 1)
_CLOSE = _CLOSE.values(open=0)
_KEEP = update(cases).where(cases.c.id == bindparam("case"), cases.c.version == bindparam("was"))
_KEEP = _KEEP.values(version=cases.c.version + 1, ended=bindparam("last"))


if _is_sqlite:

    @event.listens_for(_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)

    @event.listens_for(_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@app.post("/tasks/<int:case_id>/<int:step>/complete")
def complete(case_id: int, step: int) -> ResponseReturnValue:
    answers = json.dumps({field: request.form[field] for field in FIELDS})
    with _engine.begin() as db:
        version = db.scalar(_VERSION, {"case": case_id})
        if db.execute(_CLOSE, {"case": case_id, "at": step}).rowcount != 1:
            return "somebody was quicker", 409
        if step < STEPS:
            db.execute(insert(tasks), {"case_id": case_id, "step": step + 1, "open": 1})
        db.execute(_KEEP, {"case": case_id, "was": version, "last": int(step == STEPS)})
        db.execute(insert(events), {"case_id": case_id, "step": step, "answers": answers})
    return redirect(f"/tasks/{case_id}/{step + 1}" if step < STEPS else "/", 303)
