"""A trial run: a draft walked through in the browser, as any post, without a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.cases import words as case_words
from engine.cases.answers import correction
from engine.cases.rules import FormFaults
from engine.diagram import run, trial
from engine.diagram.position import Trouble, Waiting, WaitKind
from engine.diagram.trial import AnswersUnfit, Ground, Moment, Open, Standing
from engine.diagram.trial.words import gateway_name, why
from engine.organisation.rules import Right
from engine.procedures import acts, reads, scenarios, trials
from engine.procedures.lengths import as_span
from engine.procedures.rules import ScenarioNameMissing
from engine.procedures.trials import Sent, TrialPage
from engine.procedures.trying import Ready, Who, ready, who
from engine.worktime.spans import after
from web.due import calendar_for
from web.forms import asks_for_rows, chosen_ways, faults, filled_in, form_values, new_receipt, receipt_of, whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.studio.room import edition_tabs, room, states

_SHOWN_AGAIN: Final = (AnswersUnfit, trial.PayloadUnfit, run.ChoiceNeeded)
_LOST: Final = (trials.TrialMovedOn, trials.TrialOfOldDrawing, trial.NothingWaitsThere, run.NothingWaits)


@room.get("/editions/<int:edition_id>/trial", endpoint="trial")
@allows(Right.DESIGN)
def overview(edition_id: int) -> ResponseReturnValue:
    return _overview(edition_id)


def _overview(
    edition_id: int, *, typed: Mapping[str, Sequence[str]] | None = None, refusal: Refusal | None = None
) -> str:
    """Where trials begin, the scenarios kept, and what they cover."""
    page = reads.edition(g.db, edition_id)
    found = scenarios.results(g.db, edition_id)
    ground = None if found.cannot else ready(g.db, edition_id).ground
    start = _start(ground)
    form = ground.places[ground.process, start].form if ground and start else None
    return render_template(
        "studio/trials.html",
        page=page,
        found=found,
        ground=ground,
        start=start,
        form=form,
        filled=filled_in(form, typed, _as_form_faults(refusal), {}),
        faults=faults(_as_form_faults(refusal)),
        typed=typed,
        refusal=refusal,
        mine=trials.trials(g.db, by=g.actor, edition_id=edition_id),
        marks=_covered(found),
        place_said=lambda element: _gateway_or_name(ground, element) if ground else element,
        now=clock.now(),
        **states(),
    )


def _gateway_or_name(ground: Ground, element: str) -> str:
    """As drawn; a gateway without a name by what stands before it."""
    place = ground.places.get((ground.process, element))
    if place is None or place.name != element or not place.kind.endswith("Gateway"):
        return ground.name(element, ground.process)
    return gateway_name(ground, ground.process, element).say(language())


def _start(ground: Ground | None) -> str:
    if ground is None or not ground.starts:
        return ""
    wished = request.values.get("own:start", "")
    return wished if wished in ground.starts else ground.starts[0]


def _covered(found: scenarios.Results) -> dict[str, Any]:
    covered = found.coverage
    if covered is None or not found.lines:
        return {}
    return {
        "covered": [*covered.passed_steps, *covered.passed_flows],
        "uncovered": [
            {"element": one, "href": f"#missed-{number}"}
            for number, one in enumerate((*covered.missed_steps, *covered.missed_flows), 1)
        ],
    }


@room.post("/editions/<int:edition_id>/trial")
@allows(Right.DESIGN)
def begin_trial(edition_id: int) -> ResponseReturnValue:
    submitted = form_values(request.form)
    if asks_for_rows(submitted):
        return _overview(edition_id, typed=submitted)
    try:
        trial_id = trials.begin_trial(
            g.db,
            by=g.actor,
            edition_id=edition_id,
            start=request.form.get("own:start"),
            sent=Sent(submitted=submitted, chosen=chosen_ways(request.form)),
        )
    except (AnswersUnfit, run.ChoiceNeeded) as refusal:
        return _overview(edition_id, typed=submitted, refusal=refusal), 422
    return redirect(url_for("studio.one_trial", trial_id=trial_id), 303)


@room.get("/trials/<int:trial_id>")
@allows(Right.DESIGN)
def one_trial(trial_id: int) -> ResponseReturnValue:
    return _trial_page(trial_id)


def _trial_page(
    trial_id: int, *, typed: Mapping[str, Sequence[str]] | None = None, refusal: Refusal | None = None
) -> str:
    page = trials.trial_page(g.db, by=g.actor, trial_id=trial_id)
    edition = reads.edition(g.db, page.edition_id)
    standing, owners = page.standing, who(g.db, page.ready)
    opened = _opened(page)
    place = page.ready.ground.places.get((opened.process, opened.element)) if opened else None
    form = place.form if place and isinstance(opened, Waiting) and opened.kind is WaitKind.PERSON else None
    return render_template(
        "studio/trial.html",
        page=page,
        edition=edition,
        standing=standing,
        ground=page.ready.ground,
        who=owners,
        waiting=[] if standing is None else _people_first(standing),
        opened=opened,
        place=place,
        form=form,
        questions=trial.questions(page.ready.ground, opened) if opened else (),
        filled=filled_in(form, typed, _as_form_faults(refusal), standing.known if standing else {}),
        typed_ways=chosen_ways(request.form),
        faults=faults(_as_form_faults(refusal)),
        refusal=refusal,
        told=None if standing is None else _told(page.ready, standing.last, owners),
        heading=_heading(page),
        kind_name=_kind_name,
        trial_tabs=_trial_tabs,
        due_of=lambda one: _due(page.ready, one),
        incident=case_words.incident,
        act_name=_act,
        marks=_marks(page),
        names=_names(page.ready.ground),
        receipt=request.form.get("own:receipt") or new_receipt(),
        unknown=_unknown(page),
        value=request.form.get,
        **states(),
    )


def _kind_name(kind: str) -> str:
    said = {"timer": _("timer"), "message": _("message"), "signal": _("signal"), "condition": _("condition")}
    return said.get(kind, _("connector"))


def _trial_tabs(edition_id: int) -> list[tuple[str, str, bool, int | None]]:
    """A trial stands under “Try out”."""
    here = url_for("studio.trial", edition_id=edition_id)
    return [(words, url, url == here, count) for words, url, _here, count in edition_tabs(edition_id)]


def _as_form_faults(refusal: Refusal | None) -> Refusal | None:
    """The form is shown again as at the desk."""
    if isinstance(refusal, AnswersUnfit):
        return FormFaults(errors=refusal.facts["errors"], typed=refusal.facts["typed"])
    return refusal


def _opened(page: TrialPage) -> Waiting | Trouble | None:
    """What the page is open at: what was asked for; else the first that a person or a hand can do."""
    standing = page.standing
    if standing is None or page.changed:
        return None
    wished = standing.find(request.values.get("own:token", "") or request.args.get("at", ""))
    if wished is not None:
        return wished
    if standing.troubles:
        return standing.troubles[0]
    return next((one.wait for one in standing.waiting if one.wait.kind is WaitKind.PERSON), None)


def _heading(page: TrialPage) -> str:
    standing, ground = page.standing, page.ready.ground
    if standing is None:
        return _("The trial cannot begin on the new drawing")
    if standing.ended:
        return _("The trial has ended")
    if standing.troubles:
        one = standing.troubles[0]
        return _("Trouble at “%(step)s”", step=ground.name(one.element, one.process))
    waits = [one.wait for one in _people_first(standing)]
    named = _(" and ").join(f"“{ground.name(one.element, one.process)}”" for one in waits[:2])
    if len(waits) > 2:
        return _("Waits at %(steps)s and %(more)s more", steps=named, more=len(waits) - 2)
    return _("Waits at %(steps)s", steps=named)


def _people_first(standing: Standing) -> list[Open]:
    return sorted(standing.waiting, key=lambda one: one.wait.kind is not WaitKind.PERSON)


def _marks(page: TrialPage) -> dict[str, Any]:
    """Where the tokens are, the way gone, and the way of the last move, for the token to walk."""
    standing, ground = page.standing, page.ready.ground
    if standing is None:
        return {}
    own = ground.diagram.elements
    gone = trial.coverage(ground, standing.moments)
    last = trial.coverage(ground, standing.moments[-1:])
    return {
        "tokens": [
            {
                "element": one.wait.element,
                "href": f"#wait-{one.wait.token}",
                "label": _("Waits: %(step)s", step=ground.name(one.wait.element, one.wait.process)),
            }
            for one in standing.waiting
            if one.wait.element in own
        ],
        "findings": [
            {
                "element": one.element,
                "severity": "blocks",
                "href": f"#wait-{one.token}",
                "label": _("In trouble: %(step)s", step=ground.name(one.element, one.process)),
            }
            for one in standing.troubles
            if one.element in own
        ],
        "passed": [*gone.passed_steps, *gone.passed_flows],
        "walked": {"steps": list(standing.last.passed), "flows": sorted(last.passed_flows)},
    }


def _told(made_ready: Ready, moment: Moment, owners: Mapping[tuple[str, str], Who]) -> dict[str, Any]:
    """The last move, in plain sentences: why each gateway went where it went, what was opened, whose it is now."""
    ground = made_ready.ground
    before = owners.get((moment.process, moment.element)) if _by_a_person(moment) else None
    after = [owners.get((one.process, one.element)) for one in moment.opened if one.kind is WaitKind.PERSON]
    elsewhere = [one for one in after if before and one and one.department_id != before.department_id]
    return {
        "moment": moment,
        "reasons": [(one, said) for one in moment.happened if (said := why(ground, one)) is not None],
        "handed_over": [(before, one) for one in elsewhere],
    }


def _by_a_person(moment: Moment) -> bool:
    return moment.done is None or moment.done.move is trial.Move.COMPLETE


_ACTS: Final = {
    trial.Move.COMPLETE: "complete_task",
    trial.Move.TIMER: "fire_timer",
    trial.Move.MESSAGE: "deliver_message",
    trial.Move.SIGNAL: "deliver_message",
    trial.Move.CONDITION: "deliver_message",
    trial.Move.ANSWER: "answer_call",
    trial.Move.RETRY: "retry_incident",
    trial.Move.BY_HAND: "settle_incident",
}


def _act(moment: Moment) -> str:
    """As the record of a case calls it."""
    return case_words.act("start_case" if moment.done is None else _ACTS[moment.done.move]).say(language())


def _names(ground: Ground) -> dict[str, str]:
    return {one.element: one.name for one in ground.places.values() if one.name != one.element}


def _unknown(page: TrialPage) -> list[str]:
    """What conditions ask for and nobody has said yet: worth writing into what a message brings."""
    known = page.standing.known if page.standing else {}
    return sorted(page.ready.ground.model.variables - known.keys())[:12]


@room.post("/trials/<int:trial_id>/moves")
@allows(Right.DESIGN)
def move(trial_id: int) -> ResponseReturnValue:
    """One move. What cannot be done is shown with what was typed; what is too late is told."""
    submitted = form_values(request.form)
    if asks_for_rows(submitted):
        return _trial_page(trial_id, typed=submitted)
    try:
        trials.move(
            g.db,
            by=g.actor,
            trial_id=trial_id,
            token=request.form.get("own:token", ""),
            sent=Sent(submitted, chosen_ways(request.form), _values()),
            at=request.form.get("own:moves", -1, type=whole),
            receipt=receipt_of(request.form),
            by_hand="own:by_hand" in request.form,
        )
    except _SHOWN_AGAIN as refusal:
        return _trial_page(trial_id, typed=submitted, refusal=refusal), 422
    except _LOST as refusal:
        tell(refusal.say(language()), "attention")
    return redirect(url_for("studio.one_trial", trial_id=trial_id), 303)


def _values() -> dict[str, Any]:
    """What a message brings, or an answer to correct."""
    return {
        **trial.payload(request.form.get("own:payload", "")),
        **correction(request.form.get("own:name", "")[:200], request.form.get("own:value", "")[:2000]),
    }


@room.post("/trials/<int:trial_id>/back")
@allows(Right.DESIGN)
def back(trial_id: int) -> ResponseReturnValue:
    try:
        trials.back(g.db, by=g.actor, trial_id=trial_id, to=request.form.get("to", 0, type=whole))
    except trials.TrialOfOldDrawing as refusal:
        tell(refusal.say(language()), "attention")
    return redirect(url_for("studio.one_trial", trial_id=trial_id), 303)


@room.post("/trials/<int:trial_id>/replay")
@allows(Right.DESIGN)
def replay(trial_id: int) -> ResponseReturnValue:
    left = trials.replay(g.db, by=g.actor, trial_id=trial_id)
    if left:
        tell(_("Replayed on the new drawing, without the moves that no longer fit."), "attention")
    else:
        tell(_("Replayed on the new drawing: every move fits."))
    return redirect(url_for("studio.one_trial", trial_id=trial_id), 303)


@room.post("/trials/<int:trial_id>/drop")
@allows(Right.DESIGN)
def drop_trial(trial_id: int) -> ResponseReturnValue:
    edition_id = trials.drop_trial(g.db, by=g.actor, trial_id=trial_id)
    tell(_("The trial is gone."))
    return redirect(url_for("studio.trial", edition_id=edition_id), 303)


@room.post("/trials/<int:trial_id>/scenario")
@allows(Right.DESIGN)
def keep_scenario(trial_id: int) -> ResponseReturnValue:
    page = trials.trial_page(g.db, by=g.actor, trial_id=trial_id)
    scenario = trials.as_scenario(page, request.form.get("own:name", ""))
    try:
        acts.keep_scenario(g.db, by=g.actor, edition_id=page.edition_id, scenario=scenario)
    except ScenarioNameMissing as refusal:
        return _trial_page(trial_id, refusal=refusal), 422
    tell(_("Kept as the scenario “%(name)s”. It is played again at every new edition.", name=scenario.name))
    return redirect(url_for("studio.trial", edition_id=page.edition_id), 303)


def _due(made_ready: Ready, one: Open) -> datetime | None:
    """When the step would be due, by the office's calendar; a timer, when it goes off."""
    place = made_ready.ground.places.get((one.wait.process, one.wait.element))
    if one.wait.due is not None:
        return one.wait.due
    if place is None or place.standard_time is None:
        return None
    return after(as_span(place.standard_time, working=place.working_time), calendar_for(), one.since)
