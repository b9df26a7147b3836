"""How many cards each department got; persons only before those entitled to their figures."""

from __future__ import annotations

from datetime import timedelta

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.organisation.rules import Right
from engine.supervision.cards import reads
from engine.supervision.cards.reads import Which
from web.cards.room import DAYS, room, tabs
from web.forms import whole
from web.guard import allows


@room.get("/figures")
@allows(Right.INSPECT, Right.SUPERVISE)
def figures() -> ResponseReturnValue:
    asked = request.args.get("days", type=whole)
    days = asked if asked in DAYS else DAYS[0]
    since = clock.now() - timedelta(days=days)
    department = request.args.get("department", type=whole)
    counts = reads.figures(g.db, actor=g.actor, since=since)
    chosen = next((one for one in counts if one.id == department), None)
    persons = (
        None if chosen is None else reads.figures_of_persons(g.db, actor=g.actor, department_id=chosen.id, since=since)
    )
    return render_template(
        "cards/figures.html",
        counts=counts,
        chosen=chosen,
        persons=persons,
        days=days,
        choices=DAYS,
        which=Which.ALL if g.actor.may(Right.INSPECT) else Which.DEPARTMENTS,
        tabs_of=tabs("figures"),
    )
