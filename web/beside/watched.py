"""Whether the person watches the case."""

from __future__ import annotations

from flask import g

from engine.cases import arranged
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """On the case's own page alone."""
    if task is not None:
        return None
    watches = arranged.watches(g.db, actor=g.actor, case_id=case.case_id)
    return Part("aside", "beside/watched.html", {"watches": watches, "case_id": case.case_id})
