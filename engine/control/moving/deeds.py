"""What was done in a case, read from its record so that it can be gone through once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.rules import passed_in
from engine.cases.tables import tasks
from engine.diagram.run import Did, Done
from engine.records.tables import entries

_AT_ONCE: Final = 500
_ACTS: Final[Mapping[str, Did]] = {
    "complete_task": Did.COMPLETE,
    "fire_timer": Did.FIRE,
    "deliver_message": Did.DELIVER,
    "receive_message": Did.DELIVER,
    "answer_call": Did.DELIVER,
    "retry_incident": Did.RETRY,
    "settle_incident": Did.BY_HAND,
}
_LED_ELSEWHERE: Final = frozenset({"return_task", "return_hand_over"})
"""The token was put where it does not come by itself."""
_NOT_SENT: Final = frozenset({"element", "message", "passed", "sent", "troubles", "ended"})


@dataclass(slots=True)
class Deeds:
    """`passed`: every element it has been through, the last one last. `can_be_followed` is false where it was put to another place."""

    answers: dict[str, Any] = field(default_factory=dict)
    begun_with: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by_message: bool = False
    done: list[Done] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)  # by which task each was done; 0: by none
    passed: dict[str, None] = field(default_factory=dict)
    can_be_followed: bool = True


def deeds_of(db: Connection, case_ids: Sequence[int], *, exact: bool = False) -> dict[int, Deeds]:
    """`exact`: also which of several each completed task was."""
    found: dict[int, Deeds] = {case_id: Deeds() for case_id in case_ids}
    for place in range(0, len(case_ids), _AT_ONCE):
        some = case_ids[place : place + _AT_ONCE]
        items = _items(db, some) if exact else {}
        rows = db.execute(
            select(entries.c.chain, entries.c.at, entries.c.act, entries.c.person_id, entries.c.facts)
            .where(entries.c.office_id == OFFICE, entries.c.chain.in_(some))
            .order_by(entries.c.chain, entries.c.number)
        )
        for row in rows:
            _note(found[row.chain], row, items)
    return found


def _items(db: Connection, case_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    rows = db.execute(
        select(tasks.c.case_id, tasks.c.number, tasks.c.item).where(
            tasks.c.office_id == OFFICE, tasks.c.case_id.in_(case_ids), tasks.c.item.is_not(None)
        )
    )
    return {(row.case_id, row.number): row.item for row in rows}


def _note(deeds: Deeds, row: Any, items: Mapping[tuple[int, int], str]) -> None:
    facts = orjson.loads(row.facts)
    if row.act == "withdraw":
        _take_back(deeds, facts)
        return
    deeds.answers.update(facts.get("answers", {}))
    for element in passed_in(row.act, facts):
        deeds.passed.pop(element, None)
        deeds.passed[element] = None
    if row.act == "start_case":
        deeds.begun_with, deeds.chosen = facts.get("answers", {}), facts.get("chosen", {})
        deeds.by_message = row.person_id is None
    elif row.act in ("move_case", "move_back"):
        deeds.can_be_followed = deeds.can_be_followed and not facts.get("to")
    elif row.act in _LED_ELSEWHERE:
        deeds.can_be_followed = False
    elif row.act in _ACTS:
        answers = facts.get("answers", {})
        if row.act == "deliver_message":
            answers = {name: value for name, value in facts.items() if name not in _NOT_SENT}
            deeds.answers.update(answers)
        item = items.get((row.chain, facts.get("task", 0)))
        chosen = facts.get("chosen", {})
        deeds.done.append(Done(_ACTS[row.act], facts["element"], row.at, answers, chosen, item))
        deeds.tasks.append(facts.get("task", 0))


def _take_back(deeds: Deeds, facts: Mapping[str, Any]) -> None:
    """What was taken back was not done: the case stands as if it had never been. What it passed, it passed."""
    place = max((at for at, number in enumerate(deeds.tasks) if number == facts["task"]), default=None)
    if place is None:
        deeds.can_be_followed = False
        return
    del deeds.done[place], deeds.tasks[place]
    deeds.answers = dict(deeds.begun_with)
    for one in deeds.done:
        deeds.answers.update(one.answers)


__all__ = ["Deeds", "deeds_of"]
