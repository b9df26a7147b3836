"""An application is received: for somebody who comes in or calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases.rules import APPLICANTS, ApplicantMissing, CaseFaults, FormFaults, MatterMissing, applicant_kind
from engine.counter import acts
from engine.counter.papers import asked_for
from engine.counter.rules import CHANNELS, ContactTooLong
from engine.organisation.rules import Right
from engine.procedures import reads as procedures
from web import uploads
from web.counter.room import room
from web.forms import asks_for_rows, faults, filled_in, form_values, new_receipt, receipt_of
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell

_PLACES = {MatterMissing: "o-matter", ApplicantMissing: "o-applicant", ContactTooLong: "o-contact"}


@room.get("/applications/<int:procedure_id>")
@allows(Right.RECEIVE)
def application(procedure_id: int) -> ResponseReturnValue:
    return _page(procedure_id)


def _page(
    procedure_id: int, *, typed: Mapping[str, Sequence[str]] | None = None, refusal: Refusal | None = None
) -> str:
    made_ready, _prefix = procedures.in_force(g.db, procedure_id)
    procedures.must_start(g.db, g.actor, procedure_id, made_ready)
    return render_template(
        "counter/application.html",
        procedure=procedures.procedure(g.db, procedure_id),
        form=made_ready.start_form,
        filled=filled_in(made_ready.start_form, typed, refusal, {}),
        faults=faults(refusal, _PLACES),
        papers=asked_for(g.db, made_ready),
        brought=brought(),
        channels=CHANNELS,
        kinds=APPLICANTS,
        own={
            name: request.form.get(f"own:{name}", "") for name in ("matter", "applicant", "contact", "channel", "kind")
        },
        refusal=refusal,
        receipt=request.form.get("own:receipt") or new_receipt(),
    )


@room.post("/applications/<int:procedure_id>")
@allows(Right.RECEIVE)
@uploads.takes_files
def receive(procedure_id: int) -> ResponseReturnValue:
    submitted = form_values(request.form)
    if asks_for_rows(submitted):
        return _page(procedure_id, typed=submitted)
    try:
        started = acts.receive_application(
            g.db,
            by=g.actor,
            procedure_id=procedure_id,
            matter=request.form.get("own:matter", ""),
            applicant=request.form.get("own:applicant", ""),
            contact=request.form.get("own:contact", ""),
            channel=request.form.get("own:channel", ""),
            brought=brought(),
            submitted=submitted,
            receipt=receipt_of(request.form),
            uploads=uploads.known(submitted),
            applicant_kind=applicant_kind(request.form.get("own:kind", "")),
        )
    except (CaseFaults, FormFaults, MatterMissing, ApplicantMissing, ContactTooLong) as refusal:
        return _page(procedure_id, typed=submitted, refusal=refusal), 422
    tell(_("Case %(number)s is received. Hand out the receipt.", number=started.number))
    return redirect(url_for("counter.receipt", case_id=started.case_id), 303)


def brought() -> frozenset[int]:
    """Places in the list of papers; anything else is none."""
    return frozenset(int(one) for one in request.form.getlist("own:brought")[:200] if one.isdecimal() and len(one) < 4)
