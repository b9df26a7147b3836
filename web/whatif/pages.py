"""The pages: all procedures, one with what may be asked of it, and an answer."""

from __future__ import annotations

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.organisation.rules import Right
from engine.supervision.whatif import acts, reads
from engine.supervision.whatif.reads import Offered
from engine.supervision.whatif.rules import (
    DAYS,
    EXPLAINED,
    FEWEST,
    RUNS,
    TEST_RUNS,
    WITHIN,
    Change,
    Gate,
    Kind,
    ShareUnfit,
    State,
    StrangePlace,
)
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.problems import status_of
from web.shown import refused
from web.whatif.room import order_words, room, what_if

_AGAIN: int = 3
"""Seconds after which the page of a question that is being worked out looks again."""


@room.get("/")
@allows(Right.SUPERVISE)
def overview() -> ResponseReturnValue:
    lines, made_at, runs = reads.overview(g.db, actor=g.actor)
    return render_template("whatif/overview.html", lines=lines, made_at=made_at, runs=runs, fewest=FEWEST, of=RUNS)


@room.get("/<int:procedure_id>")
@allows(Right.SUPERVISE)
def procedure(procedure_id: int) -> ResponseReturnValue:
    return _page(procedure_id)


def _page(procedure_id: int, refusal: Refusal | None = None) -> str:
    page = reads.procedure_page(g.db, actor=g.actor, procedure_id=procedure_id)
    may = [one for one in page.offered if one.gate is Gate.OPEN]
    return render_template(
        "whatif/procedure.html", page=page, steps=_once(may, "element"), posts=_once(may, "post_id"),
        orders=order_words(), typed=request.form, why=None if refusal is None else refused(refusal), fewest=FEWEST,
        within=WITHIN, days=DAYS, runs=TEST_RUNS, of=RUNS, explained=EXPLAINED,
    )  # fmt: skip


def _once(offered: list[Offered], what: str) -> list[Offered]:
    """The first of each: it is where most of it lies."""
    found: dict[object, Offered] = {}
    for one in offered:
        found.setdefault(getattr(one, what), one)
    return list(found.values())


@room.post("/<int:procedure_id>")
@allows(Right.SUPERVISE)
def ask(procedure_id: int) -> ResponseReturnValue:
    try:
        run_id = acts.ask_what_if(g.db, by=g.actor, procedure_id=procedure_id, change=_asked(procedure_id))
    except Refusal as refusal:
        return _page(procedure_id, refusal), status_of(refusal)
    tell(_("It is worked out in the background; the answer will stand here."))
    return redirect(url_for("whatif.answer", run_id=run_id), 303)


def _asked(procedure_id: int) -> Change:
    """Raises StrangePlace, ShareUnfit."""
    try:
        kind = Kind(request.form.get("kind", ""))
        by = int(request.form.get("by", "0").strip())
        post = whole(request.form["post"]) if "post" in request.form else None
    except (ValueError, KeyError) as fault:
        if request.form.get("kind") in (Kind.SMALL, Kind.ARRIVALS):
            raise ShareUnfit(least=1, most=100) from fault
        raise StrangePlace() from fault
    if kind in (Kind.STAFF, Kind.ORDER):
        return Change(kind, by, post=post)
    if kind is Kind.ARRIVALS:
        return Change(kind, by, procedure=procedure_id)
    return Change(kind, by, procedure=procedure_id, element=request.form.get("element", ""))


@room.get("/answers/<int:run_id>")
@allows(Right.SUPERVISE)
def answer(run_id: int) -> ResponseReturnValue:
    page = reads.run_page(g.db, actor=g.actor, run_id=run_id)
    working = page.line.state in (State.WAITING, State.WORKING)
    made = make_response(
        render_template(
            "whatif/answer.html", page=page, line=page.line, working=working, title=what_if(page.line), of=RUNS
        )
    )
    if working:
        made.headers["Refresh"] = str(_AGAIN)
    return made
