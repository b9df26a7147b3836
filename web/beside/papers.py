"""The papers of the case, and the documents that are made at the step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import g

from engine.cases.papers import papers_of
from engine.cases.reads import CasePage, TaskPage
from engine.procedures.editions import made_at
from web.beside.part import Part

if TYPE_CHECKING:
    from engine.cases.producing import Offer


def part(case: CasePage, task: TaskPage | None) -> Part:
    """One statement. Who may add is asked again by whatever adds."""
    may = case.ended_at is None and any(one.post_id in g.actor.post_ids for one in case.tasks)
    return Part(
        "main",
        "beside/papers.html",
        {
            "case_id": case.case_id,
            "papers": papers_of(g.db, case_id=case.case_id),
            "may": may,
            "back": {"from": "case"} if task is None else {"task": task.line.number},
            "task": None if task is None else task.line.number,
            "documents": _documents(task) if task is not None and task.may_work else (),
        },
    )


def _documents(task: TaskPage) -> Sequence[Offer]:
    if not made_at(g.db, task.edition_id, task.line.element):
        return ()
    from engine.cases.producing import offered  # noqa: PLC0415  what documents are made with comes where some are made

    return offered(g.db, task)
