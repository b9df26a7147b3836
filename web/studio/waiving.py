"""Warnings waived with a reason, and taken back."""

from __future__ import annotations

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.organisation.rules import Right
from engine.procedures import acts
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.studio.room import room


@room.post("/editions/<int:edition_id>/waivers")
@allows(Right.DESIGN)
def waive(edition_id: int) -> ResponseReturnValue:
    acts.waive_finding(g.db, by=g.actor, edition_id=edition_id, reason=request.form.get("reason", ""), **_place())
    tell(_("The warning is waived. The reason stands with it."))
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


@room.post("/editions/<int:edition_id>/waivers/back")
@allows(Right.DESIGN)
def take_back_waiver(edition_id: int) -> ResponseReturnValue:
    acts.take_back_waiver(g.db, by=g.actor, edition_id=edition_id, **_place())
    tell(_("The warning is one to look at again."))
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


def _place() -> dict[str, str]:
    return {"rule": request.form.get("rule", ""), "element": request.form.get("element", "")}
