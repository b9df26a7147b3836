"""A log handed in, and which of its columns is what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.organisation.reads import office
from engine.papers.rules import NothingChosen, PaperRefused
from engine.supervision.mining import acts, reads
from engine.supervision.mining.guessing import DELIMITERS, ENCODINGS, FORMS, Guess
from engine.supervision.mining.opened import take_log
from engine.supervision.mining.reads import LogLine
from engine.supervision.mining.refusals import LogRefused, TooFewColumns
from engine.supervision.mining.rules import RIGHTS, Chosen, MappingFaults, PeriodUnread, State, TooManyLogs
from web.before import MOST_SENT, Before, done_before
from web.forms import faults
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.mining.pages import log_page
from web.mining.room import room, states
from web.notices import tell
from web.problems import status_of
from web.shown import refused
from web.uploads import cabinet

FIELDS: Final = ("case", "activity", "time", "start", "resource", "group", "cost", "lifecycle")


@room.get("/")
@allows(*RIGHTS)
def logs() -> ResponseReturnValue:
    return _list()


def _list(refusal: Refusal | None = None) -> str:
    return render_template(
        "mining/logs.html",
        lines=reads.logs_seen(g.db, actor=g.actor),
        states=states(),
        refusal=refusal,
        why=refused(refusal) if refusal else None,
        typed=request.form,
    )


def _take(_seen: None) -> None:
    """Before the transaction: what is refused is told with the form."""
    sent = request.files["file"]
    try:
        g.taken = take_log(cabinet(), sent.stream, sent.filename or "")  # type: ignore[arg-type]
    except (PaperRefused, LogRefused) as refusal:
        g.not_taken = refusal


def _is_sent() -> bool:
    return bool("file" in request.files and request.files["file"].filename)


@room.post("/")
@allows(*RIGHTS)
@done_before(Before(look=lambda **_: None, make=_take, wanted=_is_sent, most_sent=MOST_SENT))
def hand_in() -> ResponseReturnValue:
    try:
        if "taken" not in g:
            raise g.get("not_taken") or NothingChosen()
        log_id = acts.hand_in(
            g.db, by=g.actor, store=cabinet().store, taken=g.taken, name=request.form.get("name", ""),
            shared="shared" in request.form, zone=office(g.db).zone,
        )  # fmt: skip
    except (PaperRefused, LogRefused) as refusal:
        return _list(refusal), status_of(refusal)
    page = reads.log(g.db, actor=g.actor, log_id=log_id)
    if page.chosen.form == "csv":
        return redirect(url_for("mining.columns", log_id=log_id), 303)
    tell(_("“%(name)s” is being read. Its figures will stand here in a moment.", name=page.line.name))
    return redirect(url_for("mining.log", log_id=log_id), 303)


@room.get("/<int:log_id>/columns")
@allows(*RIGHTS)
def columns(log_id: int) -> ResponseReturnValue:
    """The first rows, and a guess at which column is what; read anew in another encoding where that is asked for."""
    line, kept, guess = _draft(log_id, None, None)
    chosen = kept if line.state is State.FAILED else _guessed(kept, guess)  # what was chosen before is put right
    return _columns(line, chosen, guess)


def _draft(log_id: int, encoding: str | None, delimiter: str | None) -> tuple[LogLine, Chosen, Guess]:
    return reads.draft(
        g.db, actor=g.actor, store=cabinet().store, log_id=log_id, encoding=encoding, delimiter=delimiter
    )


def _guessed(chosen: Chosen, guess: Guess) -> Chosen:
    """Where several ways of writing a time fit, a person is asked: none is chosen."""
    found = {name: guess.columns.get(name, "") for name in FIELDS}
    times = guess.forms[0] if len(guess.forms) == 1 else ""
    of_case = tuple(one for one in guess.head if one.startswith("case:") and one not in guess.columns.values())
    return Chosen(
        "csv", **found, of_case=of_case, times=times, zone=chosen.zone, encoding=guess.encoding,
        delimiter=guess.delimiter,
    )  # fmt: skip


def _columns(
    line: LogLine,
    chosen: Chosen,
    guess: Guess,
    refusal: Refusal | None = None,
    errors: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """`errors`: what is wrong with a field; else it is what the refusal says of each."""
    if isinstance(refusal, MappingFaults):
        errors = {name: one.say(language()) for name, one in refusal.errors.items()}
    return render_template(
        "mining/columns.html",
        line=line,
        chosen=chosen,
        guess=guess,
        fields=_words(),
        forms=FORMS,
        encodings=ENCODINGS,
        delimiters=dict(zip(DELIMITERS, (_("comma"), _("semicolon"), _("tab"), _("vertical bar")), strict=True)),
        errors=errors,
        faults=[(f"o-{name}", said) for name, said in errors.items()]
        or ([(None, refused(refusal))] if refusal else []),
        name=request.form.get("name", line.name),
        ambiguous=len(guess.forms) > 1,
    )


def _words() -> dict[str, tuple[str, str]]:
    """Each field with what it means."""
    return {
        "case": (_("Case"), _("What all steps of one matter have in common: a number, a file reference")),
        "activity": (_("Activity"), _("What was done there")),
        "time": (_("Done at"), _("When it was done, or when it was noted")),
        "start": (_("Begun at"), _("Where it is told: then waiting and work can be kept apart")),
        "resource": (_("Person"), _("Who did it; shown by a pseudonym to everybody but you")),
        "group": (_("Department or group"), _("For hand-overs from one to another")),
        "cost": (_("What it cost"), _("A number")),
        "lifecycle": (_("Transition"), _("Where a row tells only of a start, or only of an end: start, complete …")),
    }


@room.post("/<int:log_id>/columns")
@allows(*RIGHTS)
def choose(log_id: int) -> ResponseReturnValue:
    """What was chosen is kept on the page whatever is wrong with it."""
    form = request.form
    unread: LogRefused | None = None
    try:
        line, kept, guess = _draft(log_id, form.get("encoding"), form.get("delimiter"))
    except TooFewColumns as refusal:
        (line, kept, guess), unread = _draft(log_id, None, None), refusal
    typed: dict[str, Any] = {name: form.get(name, "").strip() for name in FIELDS}
    chosen = Chosen(
        "csv", **typed, of_case=tuple(form.getlist("of_case")), times=form.get("times", ""),
        zone=form.get("zone", "").strip() or kept.zone, encoding=form.get("encoding", ""),
        delimiter=form.get("delimiter", ""),
    )  # fmt: skip
    if unread is not None:
        wrong = "encoding" if chosen.encoding != guess.encoding else "delimiter"
        return _columns(line, chosen, guess, errors={wrong: refused(unread)}), status_of(unread)
    if "again" in form:
        return _columns(line, chosen, guess)
    try:
        acts.choose_columns(
            g.db, by=g.actor, store=cabinet().store, log_id=log_id, chosen=chosen, name=form.get("name", "")
        )
    except Refusal as refusal:
        return _columns(line, chosen, guess, refusal), status_of(refusal)
    tell(_("“%(name)s” is being read. Its figures will stand here in a moment.", name=form.get("name") or line.name))
    return redirect(url_for("mining.log", log_id=log_id), 303)


@room.post("/<int:log_id>/period")
@allows(*RIGHTS)
def take_period(log_id: int) -> ResponseReturnValue:
    """A part of a log is a log of its own: everything that is told of one is told of it."""
    form = request.form
    try:
        part_id = acts.take_period(
            g.db, by=g.actor, log_id=log_id, since=form.get("since", ""), until=form.get("until", "")
        )
    except (PeriodUnread, TooManyLogs) as refusal:
        return log_page(log_id, faults(refusal, {PeriodUnread: "o-since"})), status_of(refusal)
    tell(_("The cases of this period are being read. Their figures will stand here in a moment."))
    return redirect(url_for("mining.log", log_id=part_id), 303)


@room.post("/<int:log_id>/shared")
@allows(*RIGHTS)
def share(log_id: int) -> ResponseReturnValue:
    shared = request.form.get("shared") == "yes"
    acts.share_log(g.db, by=g.actor, log_id=log_id, shared=shared)
    tell(
        _("It is seen by everybody who may look at logs.")
        if shared
        else _("It is seen by you and by the supervision office.")
    )
    return redirect(url_for("mining.log", log_id=log_id), 303)


@room.post("/<int:log_id>/delete")
@allows(*RIGHTS)
def delete(log_id: int) -> ResponseReturnValue:
    acts.delete_log(g.db, by=g.actor, log_id=log_id)
    tell(_("The log is deleted. That it was here, and that you deleted it, stays on the record."))
    return redirect(url_for("mining.logs"), 303)
