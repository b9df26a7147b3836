"""The room for administrators: what goes on by itself, who does it, what could not be done."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.organisation.rules import Right
from engine.working import acts, reads
from web.guard import allows
from web.languages import ngettext
from web.notices import tell
from web.working import figures
from web.working.registry import HANDLERS

room = Blueprint("working", __name__)

_TITLES = {one.name: one.title for one in HANDLERS}


@room.get("/background/")
@allows(Right.ADMINISTER)
def work() -> ResponseReturnValue:
    found = figures.lines(g.db)
    return render_template(
        "working/work.html",
        lines=found,
        troubles=reads.in_trouble(g.db),
        titles=_TITLES,
        processes=reads.at_work(g.db),
        last_seen=reads.last_seen(g.db),
        late=sum(one.late for one in found),
        mode=current_app.config["WORK"],
        most=figures.MOST,
    )


@room.post("/background/again")
@allows(Right.ADMINISTER)
def again() -> ResponseReturnValue:
    """One of them, all of a handler, or all."""
    found = acts.work_again(
        g.db, by=g.actor, handler=request.form.get("handler") or None, key=request.form.get("key") or None
    )
    tell(ngettext("%(num)s thing is tried again now.", "%(num)s things are tried again now.", found))
    return redirect(url_for("working.work"), 303)
