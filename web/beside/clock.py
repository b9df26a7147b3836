"""The clock of the case: how much of each period is gone, when it is over and why, and what may be done about it."""

from __future__ import annotations

from typing import Any

from flask import g

from engine.base import clock
from engine.cases.acts.resting import has_in_hand
from engine.cases.clocks.explained import CaseTime, case_time
from engine.cases.clocks.reads import has_periods
from engine.cases.reads import CasePage, TaskPage
from engine.procedures.reads import supervises
from web.beside.part import Part
from web.forms import new_receipt


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """Nothing, and no statement, where no period is set for the procedure."""
    moved = any(entry.act in ("move_case", "move_back") for entry in case.record)
    if not moved and not has_periods(g.db, case.edition_id):
        return None
    found = case_time(g.db, case.case_id, version=g.office.calendars_version if "office" in g else None)
    if found is None:
        return None
    return Part("aside", "beside/clock.html", shown(case, found, None if task is None else task.line.number))


def shown(case: CasePage, found: CaseTime, number: int | None) -> dict[str, Any]:
    """What the part and the forms on it are drawn from."""
    runs = case.ended_at is None and bool(found.running)
    decides = runs and supervises(g.db, g.actor, case.procedure_id)
    stops = runs and (decides or has_in_hand(g.db, case.case_id, case.procedure_id, g.actor))
    asked = found.asked
    extension = max((one.extension for one in found.running), default=0)
    unit = next((one.unit for one in found.running if one.extension), "")
    granted = any(one.granted for one in found.extensions)
    return {
        "case_id": case.case_id,
        "task": number,
        "time": found,
        "lead": found.lead,
        "now": clock.now(),
        "may_stop": stops and bool(found.grounds),
        "may_resume": stops,
        "may_decide": decides and (asked is None or asked.asked_by_id != g.actor.person_id),
        "may_ask": stops and asked is None and not granted and extension > 0,
        "granted": granted,
        "most": extension,
        "unit": unit,
        "to_confirm": [one for one in found.running if one.to_confirm] if decides else [],
        "receipt": new_receipt(),
    }
