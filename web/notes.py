"""Notes on a case: written, corrected, struck out; who may be mentioned."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound, Refusal
from engine.cases.notes import acts, reads
from engine.cases.notes.acts import Written
from engine.cases.notes.rules import NotAnAudience
from web.forms import MOST_NUMBER, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.shown import named, refused

room = Blueprint("notes", __name__, url_prefix="/cases/<int:case_id>/notes")
_MOST_TYPED = 20_000


@room.post("/")
@anybody_signed_in
def write(case_id: int) -> ResponseReturnValue:
    """On a refusal what was typed comes back, to be mended."""
    try:
        done = acts.write_note(
            g.db,
            by=g.actor,
            case_id=case_id,
            text=_typed(),
            department_id=_audience(),
            also=[one] if (one := _number("tell")) is not None else [],
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _again(case_id, refusal), 422
    _say(done)
    return _back(case_id, done.number)


def _typed() -> str:
    return request.form.get("text", "")[:_MOST_TYPED]


def _audience() -> int | None:
    """None is everybody who may see the case: only nothing at all may mean that."""
    if not request.form.get("audience"):
        return None
    found = _number("audience")
    if found is None:
        raise NotAnAudience
    return found


def _number(field: str) -> int | None:
    try:
        return whole(request.form.get(field, ""), MOST_NUMBER)
    except ValueError:
        return None


def _again(case_id: int, refusal: Refusal, number: int | None = None) -> str:
    return render_template(
        "notes/again.html",
        case_id=case_id,
        number=number,
        error=refused(refusal),
        typed=_typed(),
        kept={name: value for name in ("audience", "tell", "task") if (value := request.form.get(name))},
    )


def _say(done: Written) -> None:
    if done.told:
        tell(_("The note is kept, and told to %(who)s.", who=_(", ").join(map(named, done.told))))
    else:
        tell(_("The note is kept. Nobody was told of it."))


def _back(case_id: int, number: int) -> ResponseReturnValue:
    """To the page it was written on."""
    task, anchor = _number("task"), f"note-{number}"
    if task is not None:
        return redirect(url_for("desk.task", case_id=case_id, number=task, _anchor=anchor), 303)
    return redirect(url_for("cases.case", case_id=case_id, _anchor=anchor), 303)


@room.post("/<int:number>/correct")
@anybody_signed_in
def correct(case_id: int, number: int) -> ResponseReturnValue:
    try:
        done = acts.correct_note(g.db, by=g.actor, case_id=case_id, number=number, text=_typed())
    except NotFound:
        raise
    except Refusal as refusal:
        return _again(case_id, refusal, number), 422
    _say(done)
    return _back(case_id, number)


@room.post("/<int:number>/strike")
@anybody_signed_in
def strike(case_id: int, number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")[:_MOST_TYPED]
    acts.strike_note(g.db, by=g.actor, case_id=case_id, number=number, reason=reason)
    tell(_("The note is struck out. It can still be read."))
    return _back(case_id, number)


@room.get("/readers")
@anybody_signed_in
def readers(case_id: int) -> ResponseReturnValue:
    """Who might be mentioned; nobody who may not read the note is named."""
    try:
        department = whole(request.args.get("audience", ""), MOST_NUMBER)
    except ValueError:
        department = None
    found = reads.readers(
        g.db, actor=g.actor, case_id=case_id, words=request.args.get("words", "")[:50], department_id=department
    )
    return jsonify([{"login": one.login, "name": named(one)} for one in found])
