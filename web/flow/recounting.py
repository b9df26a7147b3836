"""History counted again after a calendar was changed: asked for with a reason; how far it has come."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases.moves import WordsTooLong
from engine.organisation.rules import Right
from engine.supervision.recounting import acts, reads, rules
from web.flow.room import room
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.shown import refused

_MOST_TYPED = 10_000


@room.get("/recount")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def recounts() -> ResponseReturnValue:
    return _page()


def _page(refusal: Refusal | None = None) -> str:
    lines = reads.recount_list(g.db, actor=g.actor)
    return render_template(
        "flow/recounts.html",
        lines=lines,
        running=any(one.ended_at is None for one in lines),
        reason=request.form.get("reason", ""),
        error=refused(refusal) if refusal else None,
    )


@room.post("/recount")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def ask_recount() -> ResponseReturnValue:
    try:
        acts.ask_recount(g.db, by=g.actor, reason=request.form.get("reason", "")[:_MOST_TYPED])
    except (rules.ReasonForRecount, WordsTooLong) as refusal:
        return _page(refusal), 422
    tell(_("History is being counted again. You are told when it is done."))
    return redirect(url_for("flow.recounts"), 303)
