"""Starting a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases import acts
from engine.cases.rules import ApplicantMissing, FormFaults, MatterMissing
from engine.procedures import reads as procedures
from web.desk.room import room
from web.forms import asks_for_rows, faults, filled_in, form_values, new_receipt, receipt_of
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell


@room.get("/start/<int:procedure_id>")
@anybody_signed_in
def start(procedure_id: int) -> ResponseReturnValue:
    return _start_page(procedure_id)


def _start_page(
    procedure_id: int, *, typed: Mapping[str, Sequence[str]] | None = None, refusal: Refusal | None = None
) -> str:
    made_ready, _prefix = procedures.in_force(g.db, procedure_id)
    procedures.must_start(g.db, g.actor, procedure_id, made_ready)
    return render_template(
        "desk/start.html",
        procedure=procedures.procedure(g.db, procedure_id),
        form=made_ready.start_form,
        filled=filled_in(made_ready.start_form, typed, refusal, {}),
        faults=faults(refusal, {MatterMissing: "o-matter", ApplicantMissing: "o-applicant"}),
        faulty="matter"
        if isinstance(refusal, MatterMissing)
        else "applicant"
        if isinstance(refusal, ApplicantMissing)
        else "",
        matter=request.form.get("own:matter", ""),
        applicant=request.form.get("own:applicant", ""),
        refusal=refusal,
        receipt=request.form.get("own:receipt") or new_receipt(),
    )


@room.post("/start/<int:procedure_id>")
@anybody_signed_in
def start_case(procedure_id: int) -> ResponseReturnValue:
    submitted = form_values(request.form)
    if asks_for_rows(submitted):
        return _start_page(procedure_id, typed=submitted)
    try:
        started = acts.start_case(
            g.db,
            by=g.actor,
            procedure_id=procedure_id,
            matter=request.form.get("own:matter", ""),
            applicant=request.form.get("own:applicant", ""),
            submitted=submitted,
            receipt=receipt_of(request.form),
        )
    except (FormFaults, MatterMissing, ApplicantMissing) as refusal:
        return _start_page(procedure_id, typed=submitted, refusal=refusal), 422
    tell(_("Case %(number)s has been started.", number=started.number))
    following = started.next_for(g.actor)
    if following is not None:
        return redirect(url_for("desk.task", case_id=started.case_id, number=following), 303)
    return redirect(url_for("cases.case", case_id=started.case_id), 303)
