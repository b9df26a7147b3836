"""The register of all procedures: read, printed, taken away as a table for a spreadsheet."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.control import acts
from engine.control.register import RegisterLine
from engine.control.register import register as lines_of
from engine.organisation.rules import Right
from engine.procedures.approving import approving
from web.forms import whole
from web.guard import allows, anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.problems import status_of
from web.shown import local, named
from web.spreadsheets import sheet
from web.studio.room import room, states


@room.get("/register")
@anybody_signed_in
def register() -> ResponseReturnValue:
    """What is in force and who answers for it is for everybody in the office."""
    return _page()


def _page(refusal: Refusal | None = None) -> str:
    lines = lines_of(g.db)
    keeps = g.actor.may(Right.DESIGN) or g.actor.may(Right.APPROVE)
    return render_template(
        "studio/register.html",
        lines=lines,
        overdue=sum(one.overdue for one in lines),
        designer=g.actor.may(Right.DESIGN),
        keeps=keeps,
        retires=g.actor.may(Right.APPROVE if approving(g.db) is not None else Right.DESIGN),
        now=clock.now(),
        refusal=refusal,
        **states(),
    )


@room.get("/register.csv")
@anybody_signed_in
def register_csv() -> ResponseReturnValue:
    heads = [_("Prefix"), _("Procedure"), _("Answers for it"), _("Edition"), _("State"), _("In force since"),
             _("Approved by"), _("Next review"), _("Review"), _("On its way")]  # fmt: skip
    return sheet("register", heads, map(_cells, lines_of(g.db)))


def _cells(one: RegisterLine) -> list[str]:
    name = states()["state_name"]
    coming = [
        f"{_('edition %(number)s', number=each.number)}: {name(each.state)}"
        + (f" {each.from_day.isoformat()}" if each.from_day else "")
        for each in one.coming
    ]
    return [
        one.prefix,
        one.name,
        named(one.department),
        "" if one.edition is None else str(one.edition),
        name(one.state) if one.state else "",
        f"{local(one.in_force_since):%Y-%m-%d}" if one.in_force_since else "",
        named(one.approved_by) if one.approved_by else "",
        one.next_review.isoformat() if one.next_review else "",
        _("overdue") if one.overdue else "",
        "; ".join(coming),
    ]


def _kept(act: Any, said: str) -> ResponseReturnValue:
    try:
        with g.db.begin_nested():
            act()
    except Refusal as refusal:
        return _page(refusal), status_of(refusal)
    tell(said)
    return redirect(url_for("studio.register"), 303)


@room.post("/<int:procedure_id>/interval")
@allows(Right.DESIGN, Right.APPROVE)
def set_review_interval(procedure_id: int) -> ResponseReturnValue:
    months = request.form.get("months", 0, type=whole)
    return _kept(
        lambda: acts.set_review_interval(g.db, by=g.actor, procedure_id=procedure_id, months=months),
        _("Kept. The next review is counted by it."),
    )


@room.post("/<int:procedure_id>/reviewed")
@allows(Right.DESIGN, Right.APPROVE)
def note_periodic_review(procedure_id: int) -> ResponseReturnValue:
    return _kept(
        lambda: acts.note_periodic_review(
            g.db, by=g.actor, procedure_id=procedure_id, finding=request.form.get("finding", "")
        ),
        _("The review is noted; the next one is counted from today."),
    )
