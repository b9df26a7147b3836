"""When the case will likely end, for whoever supervises its procedure and whoever answers for the case now."""

from __future__ import annotations

from flask import g

from engine.base import clock
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """On the case's own page alone: whoever does a step does it, whatever is foretold."""
    if task is not None or case.ended_at is not None:
        return None
    from engine.supervision.forecast.reads import case_forecast  # noqa: PLC0415  whoever does steps asks for none

    version = g.office.calendars_version if "office" in g else None
    found = case_forecast(g.db, actor=g.actor, case_id=case.case_id, now=clock.now(), version=version)
    if found is None:
        return None
    return Part("aside", "beside/forecast.html", {"one": found, "procedure_id": case.procedure_id})
