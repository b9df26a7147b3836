"""Cases: finding one, where it stands, what has been done in it, and mending what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import from_stored, to_stored
from engine.cases import acts, reads, search, words
from engine.cases.answers import correction
from engine.cases.listing import CaseLine, case_list
from engine.cases.rules import passed_in
from engine.procedures import reads as procedures
from web import beside
from web.forms import whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell

if TYPE_CHECKING:
    from engine.connectors.reads import Call

room = Blueprint("cases", __name__, url_prefix="/cases")
_PAGE = 50


@room.get("/")
@anybody_signed_in
def cases() -> ResponseReturnValue:
    looked_for = request.args.get("words", "")[:200]
    state = request.args.get("state", "")
    procedure = request.args.get("procedure", type=whole)
    before = _before()
    lines = case_list(
        g.db,
        actor=g.actor,
        words=looked_for,
        procedure_id=procedure,
        ended={"running": False, "ended": True}.get(state),
        before=before[0] if before else None,
        before_id=before[1] if before else None,
        limit=_PAGE + 1,
    )
    return render_template(
        "cases/cases.html",
        lines=lines[:_PAGE],
        next_url=_next_url(lines) if len(lines) > _PAGE else None,
        paged=before is not None,
        words=looked_for,
        state=state,
        procedure=procedure,
        marked=search.marked,
        kind_name=_kind_name,
        procedures=procedures.procedures(g.db),
        startable=procedures.startable(g.db, g.actor),
        now=clock.now(),
    )


def _kind_name(kind: str) -> str:
    """What a part of a case is that words were found in."""
    named = {
        "step": _("Step"),
        "person": _("Person"),
        "answer": _("Answer"),
        "said": _("Noted"),
        "paper": _("Paper"),
    }
    return named.get(kind, "")


def _next_url(lines: Sequence[CaseLine]) -> str:
    """The same question, behind the last line shown."""
    last = lines[_PAGE - 1]
    asked = {**request.args.to_dict(), "before": f"{to_stored(last.started_at)}_{last.case_id}"}
    return f"{url_for('cases.cases')}?{urlencode(asked)}"


def _before() -> tuple[datetime, int] | None:
    """When the last case shown was begun, and its id; anything else is no place."""
    try:
        begun, case_id = request.args["before"].split("_")
        return from_stored(whole(begun)), whole(case_id)
    except (KeyError, ValueError, OverflowError):
        return None


@room.get("/<int:case_id>")
@anybody_signed_in
def case(case_id: int) -> ResponseReturnValue:
    page = reads.case(g.db, actor=g.actor, case_id=case_id)
    return render_template(
        "cases/case.html",
        page=page,
        marks=_marks(page),
        incident=words.incident,
        act_name=words.act,
        supervises=procedures.supervises(g.db, g.actor, page.procedure_id),
        works_in=procedures.works_in(g.db, g.actor, page.edition_id, page.procedure_id),
        names=_names(page),
        forms=procedures.element_forms(g.db, page.edition_id),
        beside=beside.of(page),
        calls=_calls(page),
        now=clock.now(),
    )


def _calls(page: reads.CasePage) -> dict[str, Call]:
    """What connectors are asked for it, by token; nothing is looked up where none is."""
    if not any(one.kind == "call" for one in page.waits):
        return {}
    from engine.connectors import reads as connectors  # noqa: PLC0415  few cases wait for one

    return {one.token: one for one in connectors.waiting_for(g.db, [page.case_id])}


def _names(page: reads.CasePage) -> dict[str, str]:
    """Also of what only an edition has that the case was moved away from."""
    found: dict[str, str] = {}
    for entry in page.record:
        if entry.act == "move_case":
            found |= procedures.element_names(g.db, entry.facts["from_id"])
    return found | dict(procedures.element_names(g.db, page.edition_id))


def _marks(page: reads.CasePage) -> dict[str, Any]:
    """Where the tokens are, and the way that was gone."""
    return {
        "tokens": [
            {"element": one.element, "href": f"#task-{one.number}", "label": _("Open: %(step)s", step=one.name)}
            for one in page.open_tasks
            if one.kind is None
        ]
        + [
            {"element": one.element, "href": f"#wait-{one.token}", "label": _("Waits: %(step)s", step=one.name)}
            for one in page.waits
        ],
        "findings": [
            {
                "element": one.element,
                "severity": "blocks",
                "href": f"#incident-{one.number}",
                "label": _("Incident: %(step)s", step=one.name),
            }
            for one in page.incidents
            if one.closed_at is None
        ],
        "passed": sorted({element for entry in page.record for element in passed_in(entry.act, entry.facts)}),
    }


@room.get("/<int:case_id>/diagram.bpmn")
@anybody_signed_in
def diagram(case_id: int) -> ResponseReturnValue:
    """The drawing of the edition the case runs on, for whoever may see the case."""
    page = reads.case(g.db, actor=g.actor, case_id=case_id)
    return Response(procedures.drawing(g.db, page.edition_id), mimetype="application/xml")


@room.post("/<int:case_id>/messages")
@anybody_signed_in
def deliver(case_id: int) -> ResponseReturnValue:
    reads.case(g.db, actor=g.actor, case_id=case_id)
    acts.deliver_message(
        g.db,
        by=g.actor,
        case_id=case_id,
        token=request.form.get("token", ""),
        note=request.form.get("note", "")[:2000],
    )
    tell(_("Noted. The case has gone on."))
    return redirect(url_for("cases.case", case_id=case_id), 303)


@room.post("/<int:case_id>/incidents/<int:number>/retry")
@anybody_signed_in
def retry(case_id: int, number: int) -> ResponseReturnValue:
    reads.case(g.db, actor=g.actor, case_id=case_id)
    corrected = correction(request.form.get("name", ""), request.form.get("value", ""))
    if acts.retry_incident(g.db, by=g.actor, case_id=case_id, number=number, corrected=corrected):
        tell(_("Tried again: the case has gone on."))
    else:
        tell(_("Tried again: it failed again, for the reason shown now."))
    return redirect(url_for("cases.case", case_id=case_id), 303)


@room.post("/<int:case_id>/incidents/<int:number>/settle")
@anybody_signed_in
def settle(case_id: int, number: int) -> ResponseReturnValue:
    reads.case(g.db, actor=g.actor, case_id=case_id)
    acts.settle_incident(g.db, by=g.actor, case_id=case_id, number=number, note=request.form.get("note", "")[:2000])
    tell(_("Noted as done by hand. The case has gone on."))
    return redirect(url_for("cases.case", case_id=case_id), 303)
