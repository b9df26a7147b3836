"""Cards and escalations of a case or a step: read from the record that the page holds already, without asking again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases.reads import CasePage, EntryLine, TaskPage
from web.beside.part import Part


@frozen
class Given:
    """One card as the record tells of it, with what was said of it since."""

    card_id: int
    kind: str
    level: int
    rule: Name
    because: Name
    post: Name
    department: Name
    task: int | None
    step: str | None
    at: datetime
    answered: EntryLine | None
    lifted: EntryLine | None


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """On the page of a task those of that step and those of the whole case."""
    given = [one for one in _given(case) if task is None or one.task in (None, task.line.number)]
    if not given:
        return None
    given.sort(key=lambda one: (one.lifted is not None, one.answered is not None, -one.at.timestamp()))
    standing = sum(one.lifted is None for one in given)
    return Part("aside", "beside/cards.html", {"given": given, "standing": standing, "on_task": task is not None})


def _given(case: CasePage) -> Iterator[Given]:
    answered = {one.facts["card"]: one for one in case.record if one.act == "answer_card"}
    lifted = {one.facts["card"]: one for one in case.record if one.act == "lift_card"}
    steps = {one.number: one.name for one in case.tasks}
    for one in case.record:
        if one.act != "give_card":
            continue
        facts = one.facts
        yield Given(
            card_id=facts["card"],
            kind=facts["kind"],
            level=facts["level"],
            rule=Name(*facts["names"]),
            because=Name(facts["because"]["en"], facts["because"]["zh"]),
            post=Name(*facts["post"]),
            department=Name(*facts["department"]),
            task=facts["task"],
            step=steps.get(facts["task"]),
            at=one.at,
            answered=answered.get(facts["card"]),
            lifted=lifted.get(facts["card"]),
        )
