"""Logs taken away, as XES, OCEL or CSV: the office's own cases, and foreign ones as they were read.

What is taken away is written while it is sent, in a transaction of its own that only reads: however much it is, it takes
no memory and nobody waits for it at the database. That it was taken is on the record before the first byte leaves.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from tempfile import TemporaryFile
from typing import IO, Any, Final

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.base import clock
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.organisation.reads import office
from engine.organisation.rules import Right
from engine.papers.rules import safe_name
from engine.supervision.mining import acts, own, writing
from engine.supervision.mining.events import Trace
from engine.supervision.mining.opened import take_log
from engine.supervision.mining.own import Wanted
from engine.supervision.mining.rules import MOST_NAME, RIGHTS
from engine.supervision.mining.writing_tables import ocel_tables
from web.attached import as_attachment
from web.before import Before, done_before
from web.forms import faults, whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.mining.room import around, page_of, room
from web.notices import tell
from web.problems import status_of
from web.shown import local
from web.spreadsheets import plain
from web.uploads import cabinet

_DAYS: Final = 90
_AT_ONCE: Final = 1 << 16
_FORM: Final = Text("form of a log", "日志格式")


def _table(traces: Iterable[Trace], _name: str) -> Iterator[bytes]:
    """With the mark by which spreadsheets know UTF-8; no cell is ever a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow(writing.HEADS)
    for row in writing.rows(traces):
        writer.writerow([plain(one) if isinstance(one, str) else one for one in row])
        if out.tell() > _AT_ONCE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


@frozen
class Form:
    ending: str
    media: str
    pieces: Callable[[Iterable[Trace], str], Iterator[bytes]]


FORMS: Final = {
    "xes": Form("xes", "application/xml", writing.xes),
    "ocel": Form("jsonocel", "application/json", lambda traces, _name: writing.ocel(traces)),
    "tables": Form("sqlite", "application/vnd.sqlite3", lambda traces, _name: ocel_tables(traces)),
    "csv": Form("csv", "text/csv", _table),
}


def _form() -> tuple[str, Form]:
    asked = request.form.get("form", "")
    if asked not in FORMS:
        raise NotFound(what=_FORM)
    return asked, FORMS[asked]


def _sent(name: str, form: Form, traces: Callable[[Connection], Iterator[Trace]]) -> Response:
    database = current_app.database  # type: ignore[attr-defined]

    def pieces() -> Iterator[bytes]:
        with database.reading() as db:
            yield from _gathered(form.pieces(traces(db), name))

    answer = Response(pieces(), mimetype=form.media)
    day = f"{local(clock.now()):%Y-%m-%d}"
    answer.headers["Content-Disposition"] = as_attachment(f"{safe_name(name)}-{day}.{form.ending}")
    return answer


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """In packets worth sending."""
    held: list[bytes] = []
    size = 0
    for one in pieces:
        held.append(one)
        size += len(one)
        if size > _AT_ONCE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


@room.get("/<int:log_id>/export")
@allows(*RIGHTS)
def taken_away(log_id: int) -> ResponseReturnValue:
    return render_template("mining/export.html", **around(page_of(log_id), "taken_away"))


@room.post("/<int:log_id>/export")
@allows(*RIGHTS)
def take_away(log_id: int) -> ResponseReturnValue:
    page, (kind, form) = page_of(log_id), _form()
    actor = g.actor
    acts.note_export(g.db, by=actor, facts={"log": log_id, "name": page.line.name, "form": kind})
    return _sent(page.line.name, form, lambda db: own.log_traces(db, actor=actor, log_id=log_id))


@room.get("/own")
@allows(Right.SUPERVISE)
def own_cases() -> ResponseReturnValue:
    return _own_page()


def _own_page(refusal: Refusal | None = None) -> str:
    today = local(clock.now()).date()
    return render_template(
        "mining/own.html",
        procedures=own.procedures_offered(g.db, actor=g.actor),
        since=request.form.get("since", (today - timedelta(days=_DAYS)).isoformat()),
        until=request.form.get("until", today.isoformat()),
        errors=faults(refusal, {own.DaysUnread: "o-since"}),
        people=own.may_name(g.db, actor=g.actor),
        typed=request.form,
    )


def _gather() -> IO[bytes] | None:
    """Before the transaction, packed on disk. What is refused is told by the view."""
    try:
        allowed = own.allowed(
            g.db, actor=g.actor, wanted=Wanted(request.form.get("procedure", 0, type=whole), *_days())
        )
    except Refusal:
        return None
    file = TemporaryFile()  # noqa: SIM115  closed once it is kept
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=4) as packed:
        # What has not ended would seem to have left out all that is still to come.
        ended = (one for one in own.own_traces(g.db, allowed, language()) if own.ENDED in one.facts)
        for piece in writing.xes(ended, allowed.procedure):
            packed.write(piece)
    file.seek(0)
    return file


def _keep(file: IO[bytes] | None) -> None:
    if file is not None:
        with file:
            g.taken = take_log(cabinet(), file, "own.xes.gz")  # type: ignore[arg-type]


def _is_for_here() -> bool:
    return "here" in request.form


def _opened_here() -> ResponseReturnValue:
    wanted = Wanted(request.form.get("procedure", 0, type=whole), *_days())
    allowed = own.allowed(g.db, actor=g.actor, wanted=wanted)
    days = f" {wanted.since.isoformat()}–{wanted.until.isoformat()}"
    log_id = acts.hand_in(
        g.db, by=g.actor, store=cabinet().store, taken=g.taken, name=allowed.procedure[: MOST_NAME - len(days)] + days,
        zone=office(g.db).zone,
    )  # fmt: skip
    tell(_("The cases are being read as a log. Their figures will stand here in a moment."))
    return redirect(url_for("mining.log", log_id=log_id), 303)


@room.post("/own")
@allows(Right.SUPERVISE)
@done_before(Before(look=_gather, make=_keep, wanted=_is_for_here))
def export_own() -> ResponseReturnValue:
    """Only what the person supervises; persons by a pseudonym, unless the office allows their names."""
    try:
        if _is_for_here():
            return _opened_here()
        kind, form = _form()
        wanted = Wanted(
            request.form.get("procedure", 0, type=whole),
            *_days(),
            names="names" in request.form,
            papers=kind in ("ocel", "tables"),
        )
        allowed = own.allowed(g.db, actor=g.actor, wanted=wanted)
    except Refusal as refusal:
        return _own_page(refusal), status_of(refusal)
    facts: dict[str, Any] = {
        "procedure": wanted.procedure_id, "since": wanted.since.isoformat(), "until": wanted.until.isoformat(),
        "form": kind, "named": wanted.names,
    }  # fmt: skip
    acts.note_export(g.db, by=g.actor, facts=facts)
    spoken = language()
    return _sent(allowed.procedure, form, lambda db: own.own_traces(db, allowed, spoken))


def _days() -> tuple[date, date]:
    """Raises DaysUnread."""
    try:
        since, until = (date.fromisoformat(request.form.get(name, "").strip()) for name in ("since", "until"))
    except ValueError:
        raise own.DaysUnread() from None
    if until < since:
        raise own.DaysUnread()
    return since, until
