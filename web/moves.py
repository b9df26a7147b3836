"""Moves of a case that are not its way: back, to a colleague, to rest, to an end; more time, and a word to hurry."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases import acts, moves, reads
from engine.cases.rules import ReasonMissing
from web.beside import moves as beside
from web.forms import MOST_NUMBER, receipt_of, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.shown import refused

room = Blueprint("moves", __name__, url_prefix="/cases/<int:case_id>")

_MOST_TYPED: Final = 10_000
_TO_MEND: Final = (ReasonMissing, moves.GroundMissing, moves.ExtensionDays, moves.WordsTooLong)
"""What somebody can set right in the form they have sent."""


def _words(field: str) -> str:
    return request.form.get(field, "")[:_MOST_TYPED]


def _number(written: str) -> int:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return 0


def _task(case_id: int, number: int) -> ResponseReturnValue:
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


def _desk() -> ResponseReturnValue:
    return redirect(url_for("desk.desk"), 303)


def _where_it_was(case_id: int) -> ResponseReturnValue:
    """To the page the move was made on."""
    number = _number(request.form.get("own:task", ""))
    return _task(case_id, number) if number else redirect(url_for("cases.case", case_id=case_id), 303)


def _again(code: str, case_id: int, number: int | None, refusal: Refusal) -> ResponseReturnValue:
    """The form with what was typed in it, and what is wrong with it."""
    task = None if number is None else reads.task(g.db, actor=g.actor, case_id=case_id, number=number)
    case = reads.case(g.db, actor=g.actor, case_id=case_id) if task is None else task.case
    found = beside.possible(case, task)
    one = next((one for one in found if one.code == code and one.allowed), None)
    if one is None:
        raise refusal
    back = (
        url_for("cases.case", case_id=case_id)
        if task is None
        else url_for("desk.task", case_id=case_id, number=task.line.number)
    )
    own = beside.shown(case, task, found)
    page = render_template(
        "moves/again.html", one=one, own=own, typed=request.form, error=refused(refusal), back=back,
        number=case.number, name=task.line.name if task else case.matter,
    )  # fmt: skip
    return page, 422


@room.post("/tasks/<int:number>/return", endpoint="return")
@anybody_signed_in
def give_back(case_id: int, number: int) -> ResponseReturnValue:
    try:
        acts.return_task(
            g.db, by=g.actor, case_id=case_id, number=number, to_element=_words("to"), reason=_words("reason"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("return", case_id, number, refusal)
    tell(_("Returned. It lies with whoever does that step."))
    return _desk()


@room.post("/tasks/<int:number>/withdraw")
@anybody_signed_in
def withdraw(case_id: int, number: int) -> ResponseReturnValue:
    done = acts.withdraw(g.db, by=g.actor, case_id=case_id, number=number, receipt=receipt_of(request.form))
    tell(_("Taken back. The step is yours again, with what you had answered."))
    mine = done.opened[0].number if len(done.opened) == 1 else None
    return redirect(url_for("cases.case", case_id=case_id), 303) if mine is None else _task(case_id, mine)


@room.post("/tasks/<int:number>/transfer")
@anybody_signed_in
def transfer(case_id: int, number: int) -> ResponseReturnValue:
    person, _colon, post = _words("to").partition(":")
    try:
        acts.transfer(
            g.db, by=g.actor, case_id=case_id, number=number, to_person=_number(person), to_post=_number(post) or None,
            reason=_words("reason"), receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("transfer", case_id, number, refusal)
    tell(_("Handed over. The task lies with your colleague now."))
    return _desk()


@room.post("/tasks/<int:number>/extend")
@anybody_signed_in
def extend(case_id: int, number: int) -> ResponseReturnValue:
    try:
        acts.ask_extension(
            g.db, by=g.actor, case_id=case_id, number=number, days=_number(_words("days")), reason=_words("reason"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("extend", case_id, number, refusal)
    tell(_("Asked. Until it is decided, the task stays due as it is."))
    return _task(case_id, number)


@room.post("/tasks/<int:number>/decide")
@anybody_signed_in
def decide(case_id: int, number: int) -> ResponseReturnValue:
    approve = request.form.get("approve") == "yes"
    acts.decide_extension(
        g.db, by=g.actor, case_id=case_id, number=number, approve=approve, words=_words("words"),
        receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("Granted. What is due has moved.") if approve else _("Declined. It stays due as it was."))
    return _desk()


@room.post("/tasks/<int:number>/urge")
@anybody_signed_in
def urge(case_id: int, number: int) -> ResponseReturnValue:
    try:
        acts.urge(
            g.db, by=g.actor, case_id=case_id, number=number, words=_words("words"), receipt=receipt_of(request.form)
        )
    except _TO_MEND as refusal:
        return _again("urge", case_id, number, refusal)
    tell(_("Urged. Whoever has the task is told."))
    return _task(case_id, number)


@room.post("/suspend")
@anybody_signed_in
def suspend(case_id: int) -> ResponseReturnValue:
    try:
        acts.suspend(
            g.db, by=g.actor, case_id=case_id, ground=_number(_words("ground")), words=_words("words"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("suspend", case_id, None, refusal)
    tell(_("Suspended. Its clock stands still until it is resumed."))
    return _where_it_was(case_id)


@room.post("/resume")
@anybody_signed_in
def resume(case_id: int) -> ResponseReturnValue:
    acts.resume(g.db, by=g.actor, case_id=case_id, words=_words("words"), receipt=receipt_of(request.form))
    tell(_("Resumed. All that is due comes later by as long as it rested."))
    return _where_it_was(case_id)


@room.post("/cancel")
@anybody_signed_in
def cancel(case_id: int) -> ResponseReturnValue:
    try:
        acts.cancel_case(g.db, by=g.actor, case_id=case_id, reason=_words("reason"), receipt=receipt_of(request.form))
    except _TO_MEND as refusal:
        return _again("cancel", case_id, None, refusal)
    tell(_("Cancelled. Nothing in the case is open any more."))
    return redirect(url_for("cases.case", case_id=case_id), 303)
