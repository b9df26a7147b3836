"""The moves that are possible now, and why others are not; that a case rests or was cancelled; an extension to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import g

from engine.base import clock
from engine.cases import offers
from engine.cases.acts.extending import extension_of
from engine.cases.moves import GROUNDS, MOST_DAYS, Ground
from engine.cases.reads import CasePage, EntryLine, TaskPage
from engine.cases.rules import Kind
from engine.organisation.reads import person_name
from web.beside.part import Part
from web.forms import new_receipt
from web.languages import gettext as _
from web.shown import local

_OF_CASE: Final = frozenset({"suspend", "resume", "cancel"})


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """On the page of a task all moves of it and of its case; on the page of a case those of the case."""
    if case.ended_at is not None:
        return None
    found = possible(case, task)
    if not found:
        return None
    return Part("main" if task is not None else "aside", "beside/moves.html", shown(case, task, found))


def possible(case: CasePage, task: TaskPage | None) -> tuple[offers.Offer, ...]:
    if task is None:
        return offers.moves_of_case(g.db, actor=g.actor, page=case)
    return offers.moves_of(g.db, actor=g.actor, task_page=task, today=local(clock.now()).date())


def shown(case: CasePage, task: TaskPage | None, found: tuple[offers.Offer, ...]) -> dict[str, Any]:
    """What the forms of moves are drawn from."""
    return {
        "case_id": case.case_id,
        "number": task.line.number if task is not None else None,
        "offers": [one for one in found if one.allowed],
        "barred": [one for one in found if not one.allowed],
        "of_case": _OF_CASE,
        "words": words(),
        "grounds": GROUNDS,
        "most_days": MOST_DAYS,
        "working_days": task is not None and task.line.working,
        "receipt": new_receipt(),
    }


def words() -> Mapping[str, str]:
    """What each move is called."""
    return {
        "withdraw": _("Take it back"),
        "return": _("Return to an earlier step"),
        "transfer": _("Hand over to a colleague"),
        "extend": _("Ask for more time"),
        "urge": _("Urge"),
        "suspend": _("Suspend the case"),
        "resume": _("Resume the case"),
        "cancel": _("Cancel the case"),
        "consult": _("Ask for an opinion"),
        "sign": _("Add signers"),
        "countersign": _("Have it countersigned by departments"),
        "copy": _("Send a copy for information"),
    }


def resting(case: CasePage, task: TaskPage | None) -> Part | None:
    """That nothing can be completed now, or ever again: said above everything."""
    last = _last(case)
    if last is None or last.act == "resume":
        return None
    ground = GROUNDS[Ground(last.facts["ground"])] if last.act == "suspend" else None
    return Part("head", "beside/rests.html", {"entry": last, "ground": ground, "case": case, "task": task})


def _last(case: CasePage) -> EntryLine | None:
    acts = {"suspend", "resume", "cancel_case"}
    return next((one for one in reversed(case.record) if one.act in acts), None)


def deciding(task: TaskPage) -> Part | None:
    """In the place of the form, where more time is asked for."""
    if task.line.kind != Kind.EXTENSION:
        return None
    asked = extension_of(g.db, task.case.case_id, task.line.of_task)
    if asked is None:
        return None
    step = next((one for one in task.case.tasks if one.number == asked.task_number), None)
    return Part(
        "main",
        "beside/extension.html",
        {
            "task": task,
            "asked": asked,
            "by": person_name(g.db, asked.asked_by),
            "step": step,
            "own": asked.asked_by == g.actor.person_id,
            "receipt": new_receipt(),
        },
    )
