"""Cases that run on earlier editions: which of them the edition in force can take over, and taking them over."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import to_stored
from engine.control.moving import acts, reads
from engine.control.moving.rules import Kind
from engine.organisation.rules import Right
from engine.procedures import reads as procedures
from web.forms import MOST_NUMBER, whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import ngettext
from web.notices import tell
from web.studio.room import room, states

_AT: Final = "at:"
_MOST_CHOICES: Final = 500
_COUNTS: Final = ("done", "total")
_SEALED: Final = ("way", "done", "total", "unproved", "made")
_MILLISECONDS: Final = 120_000


@room.get("/editions/<int:edition_id>/cases")
@allows(Right.DESIGN)
def cases_to_move(edition_id: int) -> ResponseReturnValue:
    """Each running case of an earlier edition with a verdict in words; and how far moving them has come."""
    page = procedures.edition(g.db, edition_id)
    to = _to(request.args)
    found, progress = None, _progress()
    kind = next((one for one in Kind if one == request.args.get("kind")), None)
    at = request.args.get("page", 0, type=lambda written: whole(written, MOST_NUMBER))
    if page.line.state == "in force" and progress is None:
        found = reads.to_move(g.db, actor=g.actor, edition_id=edition_id, to=to, kind=kind, page=at)
    return render_template(
        "studio/cases_to_move.html",
        page=page,
        found=found,
        kind=kind,
        at=at,
        to=to,
        fields={_AT + old: new for old, new in to.items()},
        address=lambda **more: _address(edition_id, to, **more),
        progress=progress,
        by_itself=progress is not None and _is_sealed(edition_id, to),
        back=reads.undoable(g.db, edition_id=edition_id),
        moved=reads.moved_lately(g.db, edition_id=edition_id),
        in_force=procedures.procedure(g.db, page.procedure_id).in_force_id,
        kinds=_kinds(),
        place_kinds=_place_kinds(),
        **states(),
    )


def _kinds() -> dict[Kind, tuple[str, str]]:
    return {
        Kind.MOVES: (_("moves"), "ok"),
        Kind.CHOICE: (_("needs a choice"), "warn"),
        Kind.STAYS: (_("stays"), "late"),
    }


def _place_kinds() -> dict[str, str]:
    """For places without a name, and to tell those apart that are no steps of people."""
    gateway, event, end = _("gateway"), _("event"), _("end")
    return {
        "exclusiveGateway": gateway,
        "inclusiveGateway": gateway,
        "parallelGateway": gateway,
        "complexGateway": gateway,
        "eventBasedGateway": gateway,
        "intermediateCatchEvent": event,
        "intermediateThrowEvent": event,
        "endEvent": end,
        "subProcess": _("sub-process"),
        "callActivity": _("other procedure"),
        "scriptTask": _("done by itself"),
        "serviceTask": _("done by itself"),
        "businessRuleTask": _("decided by a table"),
    }


def _to(given: Mapping[str, str]) -> dict[str, str]:
    """Where cases go on, by the place they stand at; what is not said is left open. “-” stands for nowhere."""
    said = [(key.removeprefix(_AT), value) for key, value in given.items() if key.startswith(_AT) and value]
    return {old: "" if new == "-" else new for old, new in said[:_MOST_CHOICES]}


def _address(edition_id: int, to: Mapping[str, str], **more: Any) -> str:
    asked = {_AT + old: new or "-" for old, new in to.items()} | {key: one for key, one in more.items() if one}
    address = url_for("studio.cases_to_move", edition_id=edition_id)
    return f"{address}?{urlencode(asked)}" if asked else address


def _progress() -> tuple[str, int, int] | None:
    """Which way, how many of how many: only while there are more to come."""
    way = request.args.get("way", "")
    done, total = (request.args.get(name, 0, type=lambda written: whole(written, MOST_NUMBER)) for name in _COUNTS)
    return (way, done, total) if way in ("on", "back") and done < total else None


def _seal(edition_id: int, to: Mapping[str, str], facts: Mapping[str, str]) -> str:
    """Only an address that the office made a moment ago lets the page go on by itself: no link from elsewhere does."""
    told = json.dumps([edition_id, g.actor.person_id, sorted(to.items()), sorted(facts.items())])
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, b"moving " + told.encode(), sha256).hexdigest()


def _is_sealed(edition_id: int, to: Mapping[str, str]) -> bool:
    facts = {name: request.args.get(name, "") for name in _SEALED}
    made = request.args.get("made", 0, type=whole)
    fresh = abs(to_stored(clock.now()) - made) < _MILLISECONDS
    return fresh and hmac.compare_digest(request.args.get("seal", ""), _seal(edition_id, to, facts))


@room.post("/editions/<int:edition_id>/cases")
@allows(Right.DESIGN)
def move_cases(edition_id: int) -> ResponseReturnValue:
    """The next batch; the page then asks for the one after it, until none is left."""
    to = _to(request.form)
    outcome = acts.move_cases(g.db, by=g.actor, edition_id=edition_id, to=to, unproved="unproved" in request.form)
    unproved = "yes" if "unproved" in request.form else ""
    return _after(edition_id, outcome, to, "on", unproved=unproved)


@room.post("/editions/<int:edition_id>/cases/back")
@allows(Right.DESIGN)
def move_cases_back(edition_id: int) -> ResponseReturnValue:
    outcome = acts.move_cases_back(g.db, by=g.actor, edition_id=edition_id)
    return _after(edition_id, outcome, _to(request.form), "back")


@room.post("/editions/<int:edition_id>/cases/<int:case_id>/back")
@allows(Right.DESIGN)
def move_case_back(edition_id: int, case_id: int) -> ResponseReturnValue:
    acts.move_back(g.db, by=g.actor, case_id=case_id)
    tell(_("The case is back on the edition it ran on before."))
    return redirect(url_for("studio.cases_to_move", edition_id=edition_id), 303)


def _after(edition_id: int, outcome: acts.Outcome, to: Mapping[str, str], way: str, **more: str) -> ResponseReturnValue:
    done = request.form.get("done", 0, type=lambda written: whole(written, MOST_NUMBER)) + outcome.moved
    if outcome.left and outcome.moved:
        facts = {"way": way, "done": str(done), "total": str(done + outcome.left), "unproved": more.get("unproved", "")}
        facts["made"] = str(to_stored(clock.now()))
        return redirect(_address(edition_id, to, **facts, seal=_seal(edition_id, to, facts)), 303)
    if way == "on":
        tell(ngettext("%(num)s case was moved.", "%(num)s cases were moved.", done))
    else:
        tell(ngettext("%(num)s case was moved back.", "%(num)s cases were moved back.", done))
    return redirect(_address(edition_id, to), 303)
