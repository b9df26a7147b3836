"""The desk: what a civil servant has to do, one task on one screen, and starting a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import from_stored, to_stored
from engine.base.errors import Refusal
from engine.cases import acts, inbox, reads
from engine.cases.bars import parts
from engine.cases.inbox import Place, Which
from engine.cases.rules import (
    AlreadyCompleted,
    ApplicantMissing,
    CaseEnded,
    ClaimedBySomebody,
    FormFaults,
    MatterMissing,
    NoLongerNeeded,
    NotWaiting,
)
from engine.diagram import run
from engine.procedures import reads as procedures
from web.forms import (
    MOST_NUMBER,
    asks_for_rows,
    chosen_ways,
    faults,
    filled_in,
    form_values,
    labels,
    new_receipt,
    receipt_of,
    whole,
)
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.shown import local

room = Blueprint("desk", __name__)
_PAGE = 25


@room.get("/")
@anybody_signed_in
def desk() -> ResponseReturnValue:
    """My tasks and those free in my posts, what is due first on top."""
    wish = request.args.get("which", Which.ALL)
    which = Which(wish) if wish in set(Which) else Which.ALL
    after, now = _place(), clock.now()
    lines = inbox.inbox(g.db, actor=g.actor, which=which, after=after, limit=_PAGE + 1)
    following = lines[_PAGE - 1].place if len(lines) > _PAGE else None
    return render_template(
        "desk/desk.html",
        which=which,
        lines=lines[:_PAGE],
        groups=_groups(lines[:_PAGE], now),
        paged=after is not None,
        next_url=url_for("desk.desk", which=which, after=_written(following)) if following else None,
        parts=parts,
        counts=inbox.counts(g.db, actor=g.actor),
        most_counted=inbox.MOST_COUNTED,
        now=now,
        startable=procedures.startable(g.db, g.actor),
    )


def _groups(lines: Sequence[inbox.InboxLine], now: datetime) -> list[tuple[str, str, list[inbox.InboxLine]]]:
    """Title, kind and lines of each group that has any, in the order of urgency."""
    today = local(now).date()
    week_ends = today + timedelta(days=6 - today.weekday())

    def of(line: inbox.InboxLine) -> int:
        if line.due_at is None:
            return 4
        day = local(line.due_at).date()
        return 0 if line.due_at < now else 1 if day <= today else 2 if day <= week_ends else 3

    titles = (
        (_("Past its promise"), "late"),
        (_("Today"), ""),
        (_("This week"), ""),
        (_("Later"), ""),
        (_("Without a date"), ""),
    )
    return [
        (title, kind, members)
        for index, (title, kind) in enumerate(titles)
        if (members := [line for line in lines if of(line) == index])
    ]


def _written(place: Place) -> str:
    return f"{to_stored(place.due_at)}_{place.case_id}_{place.number}"


def _place() -> Place | None:
    """Where the page before ended; anything else than a place is no place."""
    try:
        due, case_id, number = request.args["after"].split("_")
        return Place(from_stored(whole(due)), whole(case_id), whole(number, MOST_NUMBER))
    except (KeyError, ValueError, OverflowError):
        return None


@room.post("/next")
@anybody_signed_in
def take_next() -> ResponseReturnValue:
    """Claims the free task that is due first."""
    free = inbox.next_free(g.db, actor=g.actor)
    if free is None:
        tell(_("Nothing is free in your posts just now."))
        return redirect(url_for("desk.desk"), 303)
    acts.claim(g.db, by=g.actor, case_id=free[0], number=free[1])
    return redirect(url_for("desk.task", case_id=free[0], number=free[1]), 303)


@room.get("/tasks/<int:case_id>/<int:number>")
@anybody_signed_in
def task(case_id: int, number: int) -> ResponseReturnValue:
    return _task_page(case_id, number)


def _task_page(
    case_id: int,
    number: int,
    *,
    typed: Mapping[str, Sequence[str]] | None = None,
    refusal: Refusal | None = None,
) -> str:
    page = reads.task(g.db, actor=g.actor, case_id=case_id, number=number)
    return render_template(
        "desk/task.html",
        page=page,
        typed=typed or {},
        labels=labels(page.form),
        outrun=isinstance(refusal, _FASTER),
        typed_ways=chosen_ways(request.form),
        filled=filled_in(page.form, typed, refusal, page.case.answers),
        faults=faults(refusal),
        given=_given(page),
        names=procedures.element_names(g.db, page.case.edition_id),
        forms=procedures.element_forms(g.db, page.case.edition_id),
        refusal=refusal,
        receipt=request.form.get("own:receipt") or new_receipt(),
        parts=parts,
        now=clock.now(),
    )


def _given(page: reads.TaskPage) -> Mapping[str, Any] | None:
    """What was answered in this task, once it is completed."""
    for entry in page.case.record:
        if entry.act == "complete_task" and entry.facts.get("task") == page.line.number:
            return entry.facts.get("answers", {})  # type: ignore[no-any-return]
    return None


@room.post("/tasks/<int:case_id>/<int:number>/claim")
@anybody_signed_in
def claim(case_id: int, number: int) -> ResponseReturnValue:
    acts.claim(g.db, by=g.actor, case_id=case_id, number=number)
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


@room.post("/tasks/<int:case_id>/<int:number>/release")
@anybody_signed_in
def release(case_id: int, number: int) -> ResponseReturnValue:
    acts.release(g.db, by=g.actor, case_id=case_id, number=number)
    tell(_("The task is free again for everybody in the post."))
    return redirect(url_for("desk.desk"), 303)


_WORK = {"begin": acts.begin_work, "pause": acts.pause_work, "resume": acts.resume_work}


@room.post("/tasks/<int:case_id>/<int:number>/<any(begin, pause, resume):change>")
@anybody_signed_in
def work(case_id: int, number: int, change: str) -> ResponseReturnValue:
    _WORK[change](g.db, by=g.actor, case_id=case_id, number=number)
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


_FASTER = (AlreadyCompleted, CaseEnded, ClaimedBySomebody, NoLongerNeeded, NotWaiting, run.NothingWaits)


@room.post("/tasks/<int:case_id>/<int:number>/complete")
@anybody_signed_in
def complete(case_id: int, number: int) -> ResponseReturnValue:
    """On a fault of the form, or where somebody was faster, the page comes back with what was typed."""
    submitted = form_values(request.form)
    if asks_for_rows(submitted):
        return _task_page(case_id, number, typed=submitted)
    try:
        done = acts.complete_task(
            g.db,
            by=g.actor,
            case_id=case_id,
            number=number,
            submitted=submitted,
            chosen=chosen_ways(request.form),
            receipt=receipt_of(request.form),
        )
    except (FormFaults, run.ChoiceNeeded) as refusal:
        return _task_page(case_id, number, typed=submitted, refusal=refusal), 422
    except _FASTER as refusal:
        return _task_page(case_id, number, typed=submitted, refusal=refusal), 409
    if done.ended:
        tell(_("Completed. The case has ended."))
    else:
        tell(_("Completed. The case has gone on."))
    following = done.next_for(g.actor)
    if following is not None:
        return redirect(url_for("desk.task", case_id=case_id, number=following), 303)
    return redirect(url_for("desk.desk"), 303)


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
