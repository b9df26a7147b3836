"""The scenarios of an edition: taken in from files, given out as files, opened as trials, dropped."""

from __future__ import annotations

from typing import Any

from flask import Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.diagram import trial
from engine.organisation.rules import Right
from engine.procedures import acts, scenarios, trials
from web.guard import allows
from web.languages import gettext as _
from web.languages import language, ngettext
from web.notices import tell
from web.studio.room import room


@room.post("/editions/<int:edition_id>/scenarios")
@allows(Right.DESIGN)
def take_scenarios_in(edition_id: int) -> ResponseReturnValue:
    """One file or several; all of them, or none with the reason."""
    files = [one for one in request.files.getlist("scenario") if one.filename]
    here = redirect(url_for("studio.trial", edition_id=edition_id), 303)
    if not files:
        tell(_("Choose a .toml file first."), "attention")
        return here
    name = ""
    try:
        with g.db.begin_nested():
            for one in files:
                name = (one.filename or "").replace("\\", "/").rsplit("/", 1)[-1][-100:]
                scenario = trial.read(one.read(trial.MOST_BYTES + 1))
                key = name.removesuffix(".toml")
                acts.keep_scenario(g.db, by=g.actor, edition_id=edition_id, scenario=scenario, key=key)
    except Refusal as refusal:
        tell(f"{name}: {refusal.say(language())}"[:600], "attention")
        return here
    tell(ngettext("%(num)s scenario taken in.", "%(num)s scenarios taken in.", len(files)))
    return here


@room.get("/editions/<int:edition_id>/scenarios/<key>.toml")
@allows(Right.DESIGN)
def scenario_file(edition_id: int, key: str) -> ResponseReturnValue:
    answer = Response(scenarios.scenario_file(g.db, edition_id, key), mimetype="application/toml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{key}.toml")
    return answer


@room.post("/editions/<int:edition_id>/scenarios/<key>/drop")
@allows(Right.DESIGN)
def drop_scenario(edition_id: int, key: str) -> ResponseReturnValue:
    acts.drop_scenario(g.db, by=g.actor, edition_id=edition_id, key=key)
    tell(_("The scenario is dropped."))
    return redirect(url_for("studio.trial", edition_id=edition_id), 303)


@room.post("/editions/<int:edition_id>/scenarios/<key>/trial")
@allows(Right.DESIGN)
def try_scenario(edition_id: int, key: str) -> ResponseReturnValue:
    """A trial that has gone its way, to be looked at move by move, or gone on with."""
    found = trial.read(scenarios.scenario_file(g.db, edition_id, key))
    trial_id = trials.begin_from(g.db, by=g.actor, edition_id=edition_id, scenario=found)
    return redirect(url_for("studio.one_trial", trial_id=trial_id), 303)


@room.context_processor
def _results() -> dict[str, Any]:
    """Any page of the studio may say how the scenarios go."""
    return {"scenario_results": lambda edition_id: scenarios.results(g.db, edition_id)}
