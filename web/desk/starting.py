"""Starting a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases import acts, drafts
from engine.cases.rules import APPLICANTS, ApplicantMissing, CaseFaults, FormFaults, MatterMissing, applicant_kind
from engine.cases.typed import DraftTooLong
from engine.procedures import reads as procedures
from web import uploads
from web.desk.keeping import keep, kept, of_form
from web.desk.room import room
from web.forms import asks_for_rows, faults, filled_in, form_values, labels, new_receipt, receipt_of
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell

_OWN = ("own:matter", "own:applicant", "own:kind")


@room.get("/start/<int:procedure_id>")
@anybody_signed_in
def start(procedure_id: int) -> ResponseReturnValue:
    return _start_page(procedure_id)


def _start_page(
    procedure_id: int, *, typed: Mapping[str, Sequence[str]] | None = None, refusal: Refusal | None = None
) -> str:
    made_ready, _prefix = procedures.in_force(g.db, procedure_id)
    procedures.must_start(g.db, g.actor, procedure_id, made_ready)
    restored, own = None, {name: request.form.get(name, "") for name in _OWN}
    if typed is None:
        restored = drafts.draft(g.db, actor=g.actor, case_id=drafts.STARTING, number=procedure_id)
    if restored is not None:
        typed, own = restored.typed, {name: next(iter(restored.typed.get(name, ())), "") for name in _OWN}
    filled = filled_in(made_ready.start_form, typed, refusal, {})
    draft = restored
    if restored is None and typed is not None:
        draft = keep(drafts.STARTING, procedure_id, {**of_form(filled, {}), **{name: [own[name]] for name in _OWN}})
    return render_template(
        "desk/start.html",
        procedure=procedures.procedure(g.db, procedure_id),
        form=made_ready.start_form,
        filled=filled,
        faults=faults(refusal, {MatterMissing: "o-matter", ApplicantMissing: "o-applicant"}),
        matter=own["own:matter"],
        applicant=own["own:applicant"],
        kind=own["own:kind"],
        kinds=APPLICANTS,
        refusal=refusal,
        restored=restored,
        labels=labels(made_ready.start_form),
        since=draft.version if draft else 0,
        receipt=request.form.get("own:receipt") or new_receipt(),
    )


@room.post("/start/<int:procedure_id>/draft")
@anybody_signed_in
@uploads.takes_files
def save_start(procedure_id: int) -> ResponseReturnValue:
    made_ready, _prefix = procedures.in_force(g.db, procedure_id)
    procedures.must_start(g.db, g.actor, procedure_id, made_ready)
    try:
        return kept(drafts.STARTING, procedure_id, url_for("desk.start", procedure_id=procedure_id))
    except DraftTooLong as refusal:
        return _start_page(procedure_id, typed=form_values(request.form), refusal=refusal), 422


@room.post("/start/<int:procedure_id>/draft/discard")
@anybody_signed_in
def discard_start(procedure_id: int) -> ResponseReturnValue:
    drafts.discard(g.db, by=g.actor, case_id=drafts.STARTING, number=procedure_id)
    tell(_("Your draft is gone. The form stands as it did at first."))
    return redirect(url_for("desk.start", procedure_id=procedure_id), 303)


@room.post("/start/<int:procedure_id>")
@anybody_signed_in
@uploads.takes_files
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
            uploads=uploads.known(submitted),
            applicant_kind=applicant_kind(request.form.get("own:kind", "")),
        )
    except (CaseFaults, FormFaults, MatterMissing, ApplicantMissing) as refusal:
        return _start_page(procedure_id, typed=submitted, refusal=refusal), 422
    drafts.discard(g.db, by=g.actor, case_id=drafts.STARTING, number=procedure_id)
    tell(_("Case %(number)s has been started.", number=started.number))
    following = started.next_for(g.actor)
    if following is not None:
        return redirect(url_for("desk.task", case_id=started.case_id, number=following), 303)
    return redirect(url_for("cases.case", case_id=started.case_id), 303)
