"""Absence: who stands in for whom, declared interests, and the work of somebody who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine.base.errors import Refusal
from engine.cases.duties import acts, reads, rules
from engine.cases.duties.planning import would_hand_over
from engine.organisation import reads as organisation
from engine.organisation.absence import reads as absence_reads
from engine.organisation.absence import rules as absence_rules
from engine.organisation.rules import Right
from engine.procedures.reads import procedures
from web.forms import whole
from web.guard import allows, anybody_signed_in
from web.languages import gettext as _
from web.languages import ngettext
from web.notices import tell
from web.problems import status_of
from web.shown import refused, said

room = Blueprint("absence", __name__, url_prefix="/absence")

_FIELD: Final[Mapping[type[Refusal], str]] = {
    absence_rules.AbsenceInThePast: "from_day",
    absence_rules.AbsenceInverted: "until_day",
    absence_rules.AbsenceTooLong: "until_day",
    absence_rules.AbsenceOverlaps: "from_day",
    absence_rules.PostNotHeld: "posts",
    absence_rules.WhyTooLong: "why",
    absence_rules.OwnDeputy: "deputy",
    absence_rules.DeputyAbsent: "deputy",
    absence_rules.DeputyLeft: "deputy",
    absence_rules.DeputyWithoutPost: "deputy",
    rules.InterestUnfit: "words",
    rules.InterestThere: "words",
}
"""Where on the page a refusal is told; what is not here is told above it."""


class DayMissing(Refusal):
    """“{day}” is not a day. Write it as 2026-03-02."""

    zh = "“{day}”不是日期。请按 2026-03-02 的格式填写。"


class DeputyMissing(Refusal):
    """Choose who stands in."""

    zh = "请选择代理人。"


@room.get("")
@anybody_signed_in
def mine() -> ResponseReturnValue:
    return _mine()


def _mine(refusal: Refusal | None = None) -> ResponseReturnValue:
    today = organisation.today(g.db)
    me = g.actor.person_id
    page = render_template(
        "absence/mine.html",
        absences=absence_reads.absences_of(g.db, me),
        deputised=absence_reads.standing_in(g.db, me),
        interests=reads.interests_of(g.db, me),
        kinds=rules.KINDS,
        colleagues=[one for one in absence_reads.colleagues(g.db, None) if one.person_id != me],
        procedures={one.id: one for one in procedures(g.db)},
        watches=_watches(),
        today=today,
        **_told(refusal),
    )
    return page, status_of(refusal) if refusal else 200


@room.get("/people")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def people() -> ResponseReturnValue:
    return _people()


def _people(refusal: Refusal | None = None) -> ResponseReturnValue:
    page = render_template(
        "absence/people.html",
        absences=sorted(absence_reads.absences_among(g.db, g.actor), key=lambda one: not one.is_wanting),
        people=absence_reads.colleagues(g.db, g.actor),
        interests=reads.interests_watched(g.db, g.actor),
        kinds=rules.KINDS,
        colleagues=absence_reads.colleagues(g.db, None),
        procedures={one.id: one for one in procedures(g.db)},
        today=organisation.today(g.db),
        **_told(refusal),
    )
    return page, status_of(refusal) if refusal else 200


def _watches() -> bool:
    return bool(g.actor.may(Right.SUPERVISE) or g.actor.may(Right.ADMINISTER))


def _told(refusal: Refusal | None) -> dict[str, Any]:
    """What was typed, and what is wrong with it."""
    field = next((_FIELD[kind] for kind in type(refusal).__mro__ if kind in _FIELD), "") if refusal else ""
    if isinstance(refusal, DeputyMissing):
        field = "deputy"
    if isinstance(refusal, DayMissing):
        field = "from_day"
    return {"errors": {field: refused(refusal)} if refusal else {}, "typed": request.form if refusal else MultiDict()}


def _again(refusal: Refusal) -> ResponseReturnValue:
    """The page the form stood on, with what was typed."""
    if status_of(refusal) in (403, 404):
        raise refusal
    return _people(refusal) if request.form.get("from") == "people" and _watches() else _mine(refusal)


def _back() -> ResponseReturnValue:
    there = request.form.get("from") == "people" and _watches()
    return redirect(url_for("absence.people" if there else "absence.mine"), 303)


def _day(name: str) -> date:
    written = request.form.get(name, "").strip()[:40]
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise DayMissing(day=written) from None


def _deputy() -> int:
    written = request.form.get("deputy", "")
    if not written.isdecimal():
        raise DeputyMissing()
    return whole(written)


def _ids(name: str) -> list[int]:
    return [whole(one) for one in request.form.getlist(name) if one.isdecimal()]


@room.post("")
@anybody_signed_in
def plan() -> ResponseReturnValue:
    person = request.form.get("person", "")
    person_id = whole(person) if person.isdecimal() else g.actor.person_id
    try:
        acts.plan_absence(
            g.db, by=g.actor, person_id=person_id, deputy_id=_deputy(), from_day=_day("from_day"), until_day=_day("until_day"), post_ids=_ids("posts"),
            procedure_ids=_ids("procedures"), goes_back=request.form.get("after") != "stays",
            why=request.form.get("why", ""),
        )  # fmt: skip
    except Refusal as refusal:
        return _again(refusal)
    alone = [said(one.person) for one in absence_reads.standing_in(g.db, person_id) if one.gap]
    if alone:
        tell(
            _(
                "The absence is planned. On some of these days nobody stands in for %(persons)s: who has to name somebody "
                "else is told.",
                persons=_(", ").join(alone),
            ),
            "attention",
        )
    else:
        tell(_("The absence is planned. The work of those days reaches the deputy by itself."))
    return _back()


@room.post("/<int:absence_id>/change")
@anybody_signed_in
def change(absence_id: int) -> ResponseReturnValue:
    try:
        acts.change_absence(
            g.db, by=g.actor, absence_id=absence_id, deputy_id=_deputy(), until_day=_day("until_day"),
            goes_back=request.form.get("after") != "stays", why=request.form.get("why", ""),
        )  # fmt: skip
    except Refusal as refusal:
        return _again(refusal)
    tell(_("The absence is changed."))
    return _back()


@room.post("/<int:absence_id>/end")
@anybody_signed_in
def end(absence_id: int) -> ResponseReturnValue:
    count = acts.end_absence(g.db, by=g.actor, absence_id=absence_id)
    tell(_("The absence is ended."))
    if count:
        tell(ngettext("%(num)s task went back.", "%(num)s tasks went back.", count))
    return _back()


@room.post("/interests")
@anybody_signed_in
def declare() -> ResponseReturnValue:
    person, case = request.form.get("person", ""), request.form.get("case", "")
    written = request.form.get("kind", "")
    kind = (
        rules.Interest(int(written)) if written in {str(int(one)) for one in rules.Interest} else rules.Interest.OTHER
    )
    try:
        acts.declare_interest(
            g.db, by=g.actor, person_id=whole(person) if person.isdecimal() else g.actor.person_id, kind=kind,
            words=request.form.get("words", ""), case_id=int(case) if case.isdecimal() else None,
            applicant=request.form.get("applicant", "")[:200] or None,
        )  # fmt: skip
    except Refusal as refusal:
        if case:  # it stood beside the case
            raise
        return _again(refusal)
    tell(_("The interest is declared. Nothing of it reaches that desk any more."))
    if case.isdecimal():
        return redirect(url_for("cases.case", case_id=int(case)), 303)
    return _back()


@room.post("/interests/<int:interest_id>/ask")
@anybody_signed_in
def ask(interest_id: int) -> ResponseReturnValue:
    try:
        acts.ask_withdrawal(g.db, by=g.actor, interest_id=interest_id, why=request.form.get("why", ""))
    except Refusal as refusal:
        return _again(refusal)
    tell(_("A supervisor will decide. Until then the declaration stands."))
    return _back()


@room.post("/interests/<int:interest_id>/withdraw")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def withdraw(interest_id: int) -> ResponseReturnValue:
    acts.withdraw_interest(g.db, by=g.actor, interest_id=interest_id)
    tell(_("The declaration no longer stands."))
    return redirect(url_for("absence.people"), 303)


@room.get("/leaving/<int:person_id>")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def leaving(person_id: int) -> ResponseReturnValue:
    """`to-<post>` of the address: chosen successors, to be looked at before anything is done."""
    chosen = {name[3:]: value for name, value in request.args.items() if name.startswith("to-")}
    return _leaving(person_id, _successors(chosen))


def _successors(chosen: Mapping[str, str]) -> dict[int, int | None]:
    return {
        whole(post): whole(person) if person.isdecimal() else None
        for post, person in chosen.items()
        if post.isdecimal()
    }


def _leaving(person_id: int, to: Mapping[int, int | None]) -> ResponseReturnValue:
    plan_ = would_hand_over(g.db, actor=g.actor, person_id=person_id, to=to)
    others = [one for one in absence_reads.colleagues(g.db, None) if one.person_id != person_id]
    return render_template(
        "absence/leaving.html",
        plan=plan_,
        to=to,
        successors={post.id: [one for one in others if post.id in one.post_ids] for post in plan_.posts},
        administers=g.actor.may(Right.ADMINISTER),
        refused=refused,
    )


@room.post("/leaving/<int:person_id>")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def hand_over(person_id: int) -> ResponseReturnValue:
    to = _successors({name[3:]: value for name, value in request.form.items() if name.startswith("to-")})
    leaves = g.actor.may(Right.ADMINISTER) and request.form.get("leaves") == "yes"
    kept = acts.hand_over_work(g.db, by=g.actor, person_id=person_id, to=to, leaves=leaves)
    return render_template(
        "absence/handed.html",
        kept=kept,
        person=organisation.person(g.db, person_id),
        leaves=leaves,
        refused=refused,
        mine={one.id for one in absence_reads.absences_among(g.db, g.actor)} if kept.alone else set(),
    )
