"""Who has declared an interest in the case, and whether the person does the task in somebody's stead."""

from __future__ import annotations

from flask import current_app, g

from engine.cases.duties.reads import interests_in
from engine.cases.duties.rules import KINDS
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part

_ROOM = "absence.declare"


def stands_in(_case: CasePage, task: TaskPage | None) -> Part | None:
    """Costs nothing: the task says it itself."""
    if task is None or task.on_behalf is None or not task.may_work:
        return None
    return Part("head", "beside/stands_in.html", {"absent": task.on_behalf})


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """On the task's page only where there is something to say; declared on the case's page."""
    if _ROOM not in current_app.view_functions or (task is not None and not task.interests):
        return None
    found = interests_in(g.db, case.case_id)
    if task is not None and not found:
        return None
    mine = any(one.person_id == g.actor.person_id for one in found)
    values = {
        "interests": found, "mine": mine, "kinds": KINDS, "case_id": case.case_id,
        "may": task is None and not mine and case.ended_at is None,
    }  # fmt: skip
    return Part("head" if task is not None else "aside", "beside/declared.html", values)
