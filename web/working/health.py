"""For whoever watches over the installation: is it alive, is it ready, does the work go on, and the figures behind it.

Nothing here tells of a case or a person, and nothing asks who is there: it answers while the database does not.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Any, Final

from flask import Response, abort, current_app, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, literal, select
from sqlalchemy.exc import SQLAlchemyError

from engine import migrations
from engine.base import clock
from engine.base.database import Database
from engine.working import reads
from web.guard import bare
from web.working.figures import late_for
from web.working.registry import HANDLERS
from web.working.room import room

_CURRENT: Final = "officium.current"


@room.get("/health/live")
@bare
def live() -> ResponseReturnValue:
    """This process answers. Whoever starts it anew where it does not asks here and nothing else."""
    return jsonify(live=True)


@room.get("/health")
@bare
def health() -> ResponseReturnValue:
    """200 where pages can be served, else 503. Whether the work goes on beside it stands in the answer."""
    database: Database = current_app.database  # type: ignore[attr-defined]
    told: dict[str, Any] = {"live": True, "ready": False, "database": False, "migrations": False}
    try:
        with database.reading() as db:
            told["database"] = db.scalar(select(literal(True)))
            told["migrations"] = told["ready"] = _is_current(database)
            if told["ready"]:
                told["work"] = _work(db)
    except SQLAlchemyError:
        told["ready"] = False
    answer = make_response(jsonify(told), 200 if told["ready"] else 503)
    if not told["ready"]:
        answer.headers["Retry-After"] = "10"
    return answer


def _is_current(database: Database) -> bool:
    """Once it is, it stays so for as long as this process lives."""
    known: dict[str, Any] = current_app.extensions
    if not known.get(_CURRENT):
        known[_CURRENT] = migrations.is_current(database)
    return bool(known[_CURRENT])


def _work(db: Connection) -> dict[str, Any]:
    """`late`: seconds, at least, for which something has been due and is not done, by handler."""
    seen = reads.last_seen(db)
    late = {one.name: late_for(db, one) for one in HANDLERS}
    return {
        "processes": len(reads.at_work(db)),
        "last_seen": None if seen is None else max(0, int((clock.now() - seen).total_seconds())),
        "troubles": sum(reads.troubles_by_handler(db).values()),
        "late": {name: int(found.total_seconds()) for name, found in late.items() if found is not None},
    }


@room.get("/metrics")
@bare
def metrics() -> ResponseReturnValue:
    """In the words of Prometheus, to those who may read them."""
    if not _may_read():
        abort(403)
    from web.working.metrics import exposed  # noqa: PLC0415  only a process that is asked carries what it is written with

    database: Database = current_app.database  # type: ignore[attr-defined]
    try:
        with database.reading() as db:
            body, kind = exposed(db, current_app.timings)  # type: ignore[attr-defined]
    except SQLAlchemyError:
        return Response("# the database does not answer\n", 503, mimetype="text/plain")
    return Response(body, content_type=kind)


def _may_read() -> bool:
    token: str = current_app.config["METRICS_TOKEN"]
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    try:
        caller = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(caller in one for one in current_app.config["METRICS_FROM"])
