"""The clocks of cases: stopped, set going, extended, confirmed; and those that are late, stand or wait for somebody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.base import clock
from engine.base.errors import Refusal
from engine.cases import moves, reads
from engine.cases.clocks import acts, rules
from engine.cases.clocks.explained import case_time
from engine.cases.clocks.reads import ClockLine
from engine.cases.clocks.reads import watch as clocks_watched
from engine.cases.rules import ReasonMissing
from engine.organisation.rules import Right
from web.beside import clock as beside
from web.due import Kind, calendar_for, exact, left
from web.forms import MOST_NUMBER, receipt_of, whole
from web.guard import allows, anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.shown import refused, stamp, until, urgency

room = Blueprint("clocks", __name__)

_MOST_TYPED: Final = 10_000
_TO_MEND: Final = (
    ReasonMissing, moves.WordsTooLong, rules.GroundNotHere, rules.NoticeDayUnfit, rules.AmountUnfit,
)  # fmt: skip
"""What somebody can set right in the form they have sent."""
_SOON: Final = timedelta(days=7)


@room.get("/clocks")
@allows(Right.SUPERVISE)
def watch() -> ResponseReturnValue:
    now = clock.now()
    found = clocks_watched(g.db, actor=g.actor, at=now, until=now + _SOON)
    return render_template("clocks/clocks.html", found=found, now=now, due=lambda one: _due(one, now))


def _due(one: ClockLine, now: datetime) -> tuple[str, Kind, Markup | str]:
    """In what its department works, where it is counted in that: the case, its desk and its forecast say the same."""
    if one.working:
        calendar = calendar_for(one.department_id)
        return *left(calendar, one.due_at, now), exact(calendar, one.due_at, now)
    return until(one.due_at, now), urgency(one.due_at, now), stamp(one.due_at)


@room.post("/cases/<int:case_id>/clock/stop")
@anybody_signed_in
def stop(case_id: int) -> ResponseReturnValue:
    try:
        acts.stop_clock(
            g.db, by=g.actor, case_id=case_id, ground=_words("ground"), words=_words("words"), notice_day=_day(),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("stop", case_id, refusal)
    tell(_("The clock stands. The work may go on."))
    return _back(case_id)


@room.post("/cases/<int:case_id>/clock/resume")
@anybody_signed_in
def resume(case_id: int) -> ResponseReturnValue:
    try:
        acts.resume_clock(
            g.db, by=g.actor, case_id=case_id, number=_number("stop"), words=_words("words"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("resume", case_id, refusal)
    tell(_("The clock goes on."))
    return _back(case_id)


@room.post("/cases/<int:case_id>/clock/ask")
@anybody_signed_in
def ask(case_id: int) -> ResponseReturnValue:
    try:
        acts.ask_period(
            g.db, by=g.actor, case_id=case_id, amount=_number("amount"), reason=_words("reason"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("ask", case_id, refusal)
    tell(_("Asked. Until it is decided, the period ends as it did."))
    return _back(case_id)


@room.post("/cases/<int:case_id>/clock/extend")
@anybody_signed_in
def extend(case_id: int) -> ResponseReturnValue:
    try:
        acts.extend_period(
            g.db, by=g.actor, case_id=case_id, amount=_number("amount"), reason=_words("reason"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("extend", case_id, refusal)
    tell(_("Extended. Tell the applicant, with the reason."))
    return _back(case_id)


@room.post("/cases/<int:case_id>/clock/decline")
@anybody_signed_in
def decline(case_id: int) -> ResponseReturnValue:
    try:
        acts.decline_period(
            g.db, by=g.actor, case_id=case_id, reason=_words("reason"), receipt=receipt_of(request.form)
        )
    except _TO_MEND as refusal:
        return _again("decline", case_id, refusal)
    tell(_("Not extended. The period ends as it did."))
    return _back(case_id)


@room.post("/cases/<int:case_id>/clock/confirm")
@anybody_signed_in
def confirm(case_id: int) -> ResponseReturnValue:
    agree = _words("agree") == "yes"
    try:
        acts.confirm_expiry(
            g.db, by=g.actor, case_id=case_id, kind=_number("kind"), agree=agree, words=_words("words"),
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except _TO_MEND as refusal:
        return _again("confirm", case_id, refusal)
    tell(_("Confirmed. It is on the record.") if agree else _("Set aside. The period stays over."))
    return _back(case_id)


def _again(code: str, case_id: int, refusal: Refusal) -> ResponseReturnValue:
    """The form with what was typed in it, and what is wrong with it."""
    case = reads.case(g.db, actor=g.actor, case_id=case_id)
    found = case_time(g.db, case_id)
    if found is None:
        raise refusal
    page = render_template(
        "clocks/again.html", code=code, own=beside.shown(case, found, _number("own:task") or None),
        typed=request.form, error=refused(refusal), case=case, back=_url(case_id),
    )  # fmt: skip
    return page, 422


def _words(field: str) -> str:
    return request.form.get(field, "")[:_MOST_TYPED]


def _number(field: str) -> int:
    try:
        return whole(request.form.get(field, ""), MOST_NUMBER)
    except ValueError:
        return 0


def _day() -> date | None:
    """What is no day was not told on any."""
    try:
        return date.fromisoformat(request.form.get("notice_day", "").strip())
    except ValueError:
        return None


def _url(case_id: int) -> str:
    """The page it was done on."""
    number = _number("own:task")
    if number:
        return url_for("desk.task", case_id=case_id, number=number)
    return url_for("cases.case", case_id=case_id)


def _back(case_id: int) -> ResponseReturnValue:
    return redirect(_url(case_id), 303)
