"""The papers of the case, and the documents that are made at the step."""

from __future__ import annotations

from flask import g

from engine.cases.papers import papers_of
from engine.cases.producing import offered
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part


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
            "documents": offered(g.db, task) if task is not None and task.may_work else (),
        },
    )
