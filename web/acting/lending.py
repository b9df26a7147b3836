"""People added to a post for a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import NotAllowed, Refusal
from engine.organisation import reads as organisation
from engine.organisation.absence.reads import colleagues
from engine.organisation.lending import reads, rules
from engine.organisation.rules import AlreadyHeld, PersonLeft, Right
from engine.supervision.acting import acts
from web.acting.room import room
from web.forms import MOST_NUMBER, faults, whole
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell

_USUAL: Final = timedelta(days=13)
_FIELDS: Final[dict[type[Refusal], str]] = {
    rules.LendFrom: "lend-from",
    rules.LendUntil: "lend-until",
    rules.LendReason: "lend-reason",
    rules.NotToYourself: "lend-person",
    rules.NotYoursToLend: "lend-post",
    rules.RightsNotLent: "lend-post",
    rules.SupervisionNotLent: "lend-post",
    rules.PostMissing: "lend-post",
    rules.PersonMissing: "lend-person",
    AlreadyHeld: "lend-person",
    PersonLeft: "lend-person",
}


@room.get("/people")
@allows(Right.SUPERVISE)
def lent() -> ResponseReturnValue:
    return _page(None)


def _page(refusal: Refusal | None, ending: int | None = None) -> str:
    """`ending`: the loan that was to be ended; else it is the form below that was refused."""
    today = organisation.today(g.db)
    typed = request.form if refusal else request.args
    return render_template(
        "acting/people.html",
        loans=reads.loans_of(g.db, actor=g.actor),
        posts=reads.lendable_posts(g.db, actor=g.actor),
        people=[one for one in colleagues(g.db, None) if one.person_id != g.actor.person_id],
        typed=typed if ending is None else {},
        ending=ending,
        said=typed.get("reason", ""),
        today=today,
        usual=today + _USUAL,
        longest=rules.LONGEST.days,
        errors=faults(refusal, _FIELDS if ending is None else {rules.LoanEndReason: f"end-{ending}"}),
    )


@room.post("/people")
@allows(Right.SUPERVISE)
def lend() -> ResponseReturnValue:
    try:
        acts.lend(
            g.db, by=g.actor, person_id=_number("person"), post_id=_number("post"), from_day=_day("from"),
            until_day=_day("until"), reason=request.form.get("reason", ""),
        )  # fmt: skip
    except tuple(_FIELDS) as refusal:
        return _page(refusal), 403 if isinstance(refusal, NotAllowed) else 422
    tell(_("Added. From the first day on the post's tasks are on their desk too."))
    return redirect(url_for("acting.lent"), 303)


@room.post("/people/<int:holding_id>/end")
@allows(Right.SUPERVISE)
def end(holding_id: int) -> ResponseReturnValue:
    try:
        ended = acts.end_loan(g.db, by=g.actor, holding_id=holding_id, reason=request.form.get("reason", ""))
    except rules.LoanEndReason as refusal:
        return _page(refusal, holding_id), 422
    if ended is None:
        tell(_("It was ended already."), "attention")
    else:
        tell(_ended(ended, organisation.today(g.db)))
    return redirect(url_for("acting.lent"), 303)


def _ended(last: date, today: date) -> str:
    if last > today:
        return _("Taken back before it began.")
    if last == today:
        return _("Today is its last day. What they have claimed stays theirs until it is reassigned.")
    return _("Ended. What they have claimed stays theirs until it is reassigned.")


def _number(field: str) -> int:
    try:
        return whole(request.form.get(field, ""), MOST_NUMBER)
    except ValueError:
        return 0


def _day(field: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(field, "").strip())
    except ValueError:
        return None
