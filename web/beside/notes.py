"""Notes on the case."""

from __future__ import annotations

from flask import g

from engine.base import clock
from engine.base.text import Text
from engine.cases.notes import reads
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """One statement: whom the note may be for and who may be told stands on the page already."""
    now = clock.now()
    notes = reads.of_case(g.db, actor=g.actor, case_id=case.case_id)
    return Part(
        "aside",
        "beside/notes.html",
        {
            "case_id": case.case_id,
            "task": None if task is None else task.line.number,
            "notes": notes,
            "correctable": {one.number for one in notes if one.may_be_corrected(g.actor, now)},
            "departments": _departments(case),
            "people": _people(case),
        },
    )


def _departments(case: CasePage) -> dict[int, Text]:
    """The reader's own first, then those that take part."""
    own: dict[int, Text] = {post.department_id: post.department for post in g.actor.posts}
    return own | {one.department_id: one.department for one in case.tasks if one.department_id not in own}


def _people(case: CasePage) -> dict[int, Text]:
    """Who had a task in the case."""
    found = {one.person_id: one.person for one in case.tasks if one.person_id is not None and one.person is not None}
    return {person: name for person, name in found.items() if person != g.actor.person_id}
