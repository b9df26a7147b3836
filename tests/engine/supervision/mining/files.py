"""Small logs as files."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from engine.base.database import Database
from engine.papers.store import Folder
from engine.papers.taking import Cabinet
from engine.supervision.mining import acts, importing
from engine.supervision.mining.events import Trace
from engine.supervision.mining.opened import take_log
from engine.supervision.mining.reading import read_xes
from engine.supervision.mining.refusals import Told
from engine.supervision.mining.rules import Chosen
from tests.builders import SmallOffice

NAMESPACE = "http://www.xes-standard.org/"


def xes(*traces: str, namespace: str = NAMESPACE, head: str = "") -> bytes:
    declared = f' xmlns="{namespace}"' if namespace else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<log xes.version="1.0"{declared}>{"".join(traces)}</log>'.encode()


def trace(name: str, *events: str) -> str:
    return f'<trace><string key="concept:name" value="{name}"/>{"".join(events)}</trace>\n'


def event(activity: str, at: str, transition: str = "complete", **others: str) -> str:
    more = "".join(f'<string key="{key.replace("__", ":")}" value="{value}"/>' for key, value in others.items())
    named = f'<string key="concept:name" value="{activity}"/>' if activity else ""
    return (
        f'<event>{named}<string key="lifecycle:transition" value="{transition}"/>'
        f'<date key="time:timestamp" value="{at}"/>{more}</event>\n'
    )


def table(head: str, *rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([head, *rows, ""]).encode(encoding)


def packed(content: bytes) -> bytes:
    return gzip.compress(content)


def read(content: bytes, told: Told | None = None) -> list[Trace]:
    return list(read_xes(io.BytesIO(content), told=told))


def day(number: int, hour: int = 9, minute: int = 0) -> str:
    """Of March 2026, in Shanghai; the 2nd is a Monday."""
    return f"2026-03-{number:02}T{hour:02}:{minute:02}:00+08:00"


def at(number: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.fromisoformat(day(number, hour, minute)).astimezone(UTC)


def cabinet(folder: Path) -> Cabinet:
    return Cabinet(Folder(folder / "papers"))


def handed_in(
    db: Connection, office: SmallOffice, papers: Cabinet, content: bytes, *, by: str = "sun", file: str = "log.xes",
    shared: bool = False,
) -> int:  # fmt: skip
    taken = take_log(papers, io.BytesIO(content), file)
    return acts.hand_in(db, by=office.actor(db, by), store=papers.store, taken=taken, shared=shared)


def imported(
    database: Database, office: SmallOffice, papers: Cabinet, content: bytes, *, by: str = "sun", shared: bool = False,
    chosen: Chosen | None = None,
) -> int:  # fmt: skip
    """Read, as the background does it."""
    with database.writing() as db:
        file = "log.csv" if chosen else "log.xes"
        log_id = handed_in(db, office, papers, content, by=by, file=file, shared=shared)
        if chosen is not None:
            acts.choose_columns(
                db, by=office.actor(db, by), store=papers.store, log_id=log_id, chosen=chosen, name="A table"
            )
    importing.read_due(database, papers.store)
    return log_id


def ways_of(traces: Iterable[Trace]) -> list[tuple[str, ...]]:
    return [tuple(one.activity for one in trace.events) for trace in traces]
