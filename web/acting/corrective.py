"""The register of corrective actions, one of them, and what is done with it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases.moves import MOST_WORDS, WordsTooLong
from engine.organisation import reads as organisation
from engine.organisation.lending.reads import supervised_posts
from engine.organisation.rules import Right
from engine.procedures.reads import procedures_and_departments
from engine.supervision.acting.corrective import acts, reads, rules
from engine.supervision.acting.corrective.acts import Found
from engine.supervision.acting.corrective.reads import Which
from engine.supervision.acting.corrective.rules import State
from web.acting.room import room
from web.forms import MOST_NUMBER, faults, new_receipt, receipt_of, whole
from web.guard import allows, anybody_signed_in
from web.languages import gettext as _
from web.notices import tell

_MOST_TYPED: Final = 10_000
_USUAL: Final = timedelta(days=30)
_FIELDS: Final[dict[type[Refusal], str]] = {
    rules.FindingMissing: "ca-finding",
    rules.CauseMissing: "ca-cause",
    rules.MeasureMissing: "ca-measure",
    rules.DueUnfit: "ca-due",
    rules.PostUnfit: "ca-post",
    WordsTooLong: "ca-measure",
}


@room.app_template_global("corrective_states")
def states() -> dict[State, tuple[str, str]]:
    """What a state is called, and how it is coloured."""
    return {
        State.OPEN: (_("still open"), "act"),
        State.DONE: (_("to be verified"), "warn"),
        State.VERIFIED: (_("effective"), "ok"),
        State.DROPPED: (_("dropped"), ""),
    }


@room.get("/corrective/")
@anybody_signed_in
def register() -> ResponseReturnValue:
    """Of the posts the person holds and the departments they supervise."""
    asked = request.args.get("which", "")
    which = Which(asked) if asked in set(Which) else Which.OPEN
    counted = reads.counts(g.db, actor=g.actor)
    titles = {Which.OPEN: _("Still open"), Which.VERIFY: _("To be verified"), Which.CLOSED: _("Closed")}
    return render_template(
        "acting/register.html",
        lines=reads.action_list(g.db, actor=g.actor, which=which),
        which=which,
        tabs_of=[
            (titles[one], url_for("acting.register", which=one.value), one is which, counted[one]) for one in Which
        ],
        may_open=g.actor.may(Right.SUPERVISE),
    )


@room.get("/corrective/new")
@allows(Right.SUPERVISE)
def new_action() -> ResponseReturnValue:
    """What was found may come along from the page where it was found."""
    return _form(None)


def _form(refusal: Refusal | None) -> str:
    typed = request.form if refusal else request.args
    today = organisation.today(g.db)
    every, _departments = procedures_and_departments(g.db)
    return render_template(
        "acting/new_action.html",
        typed=typed,
        posts=supervised_posts(g.db, actor=g.actor),
        procedures=every,
        today=today,
        usual=today + _USUAL,
        receipt=typed.get("own:receipt") or new_receipt(),
        errors=faults(refusal, _FIELDS | {WordsTooLong: _too_long()}),
    )


def _too_long() -> str:
    """The first of the two texts that is."""
    return "ca-cause" if len(_words("cause").strip()) > MOST_WORDS else "ca-measure"


@room.post("/corrective/new")
@allows(Right.SUPERVISE)
def open_action() -> ResponseReturnValue:
    found = Found(
        _words("finding"), _words("cause"), _words("measure"), procedure_id=_number("procedure"),
        element=_words("step")[:200].strip() or None, case_id=_number("case", 2**63 - 1),
    )  # fmt: skip
    try:
        made = acts.open_action(
            g.db, by=g.actor, found=found, post_id=_number("post") or 0, due_on=_day("due"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except tuple(_FIELDS) as refusal:
        return _form(refusal), 422
    tell(_("Entered. The post that answers for it is told."))
    return redirect(url_for("acting.action", action_id=made), 303)


@room.get("/corrective/<int:action_id>")
@anybody_signed_in
def action(action_id: int) -> ResponseReturnValue:
    return _page(action_id, None)


def _page(action_id: int, refusal: Refusal | None) -> str:
    return render_template(
        "acting/action.html",
        page=reads.action(g.db, actor=g.actor, action_id=action_id),
        typed=request.form,
        refusal=refusal,
        errors=faults(refusal, {rules.WordsMissing: "ca-words", WordsTooLong: "ca-words"}),
    )


@room.post("/corrective/<int:action_id>")
@anybody_signed_in
def change_action(action_id: int) -> ResponseReturnValue:
    """Carried out, verified, found not effective, or dropped: whichever button was pressed."""
    reads.action(g.db, actor=g.actor, action_id=action_id)  # nobody learns of one that they may not see
    does, words = request.form.get("do", ""), _words("words")
    try:
        if does == "done":
            acts.report_done(g.db, by=g.actor, action_id=action_id, words=words)
        elif does in ("effective", "again"):
            acts.verify_action(g.db, by=g.actor, action_id=action_id, effective=does == "effective", words=words)
        elif does == "drop":
            acts.drop_action(g.db, by=g.actor, action_id=action_id, reason=words)
    except (rules.WordsMissing, WordsTooLong) as refusal:
        return _page(action_id, refusal), 422
    except (
        rules.NotOpen,
        rules.NotDone,
        rules.OpenedAgain,
    ) as refusal:  # somebody was quicker: as it stands now, with what was typed
        return _page(action_id, refusal), 409
    said = {
        "done": _("Reported. Somebody else says whether it helped."),
        "effective": _("Verified. It is closed."),
        "again": _("It is open again. The post is told."),
        "drop": _("Dropped. It stays in the register, with your reason."),
    }
    if does in said:
        tell(said[does])
    return redirect(url_for("acting.action", action_id=action_id), 303)


def _words(field: str) -> str:
    return request.form.get(field, "")[:_MOST_TYPED]


def _number(field: str, most: int = MOST_NUMBER) -> int | None:
    try:
        return whole(request.form.get(field, ""), most)
    except ValueError:
        return None


def _day(field: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(field, "").strip())
    except ValueError:
        return None
