"""Saved filters, and the cases somebody watches."""

from __future__ import annotations

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.cases import arranged
from web.desk.room import room
from web.desk.wanted import wanted
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell


@room.post("/desk/filters")
@anybody_signed_in
def save_filter() -> ResponseReturnValue:
    asked = wanted(request.form, clock.now())
    arranged.save_filter(
        g.db,
        by=g.actor,
        name=request.form.get("name", ""),
        asked=asked.told,
        as_default="default" in request.form,
    )
    tell(_("The filter has been saved."))
    return redirect(asked.url(), 303)


@room.post("/desk/filters/<int:filter_id>/rename")
@anybody_signed_in
def rename_filter(filter_id: int) -> ResponseReturnValue:
    arranged.rename_filter(g.db, by=g.actor, filter_id=filter_id, name=request.form.get("name", ""))
    tell(_("The filter has another name now."))
    return redirect(wanted(request.form, clock.now()).url(), 303)


@room.post("/desk/filters/<int:filter_id>/delete")
@anybody_signed_in
def delete_filter(filter_id: int) -> ResponseReturnValue:
    arranged.delete_filter(g.db, by=g.actor, filter_id=filter_id)
    tell(_("The filter has been deleted."))
    return redirect(url_for("desk.desk", which="all"), 303)


@room.post("/desk/filters/<int:filter_id>/<any(default, everything):wish>")
@anybody_signed_in
def choose_default(filter_id: int, wish: str) -> ResponseReturnValue:
    """`everything`: the desk opens with everything again."""
    arranged.choose_default(g.db, by=g.actor, filter_id=filter_id if wish == "default" else None)
    tell(
        _("The desk opens with this filter from now on.") if wish == "default" else _("The desk opens with everything.")
    )
    return redirect(wanted(request.form, clock.now()).url(), 303)


@room.post("/desk/watched/<int:case_id>/<any(watch, unwatch):wish>")
@anybody_signed_in
def watched(case_id: int, wish: str) -> ResponseReturnValue:
    if wish == "watch":
        arranged.watch(g.db, by=g.actor, case_id=case_id)
        tell(_("You watch this case now: its open tasks stand on your desk under “Watched”."))
    else:
        arranged.unwatch(g.db, by=g.actor, case_id=case_id)
        tell(_("You no longer watch this case."))
    return redirect(url_for("cases.case", case_id=case_id), 303)
