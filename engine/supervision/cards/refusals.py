"""Cases that were refused without a ground: by what their diagrams say of refusals, else by what answers are usually called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import BindParameter, Connection, bindparam, select

from engine.base.database import OFFICE
from engine.cases.answers import answers_so_far, standing
from engine.cases.rules import Closed
from engine.cases.tables import tasks
from engine.diagram.refusing import Refusing, has_ground
from engine.procedures.editions import contents
from engine.records.journal import entries

Said = tuple[int, str, Mapping[str, Any]]
"""An entry of the record: its number, act and facts."""

_DECISIONS: Final = ("decision", "approval", "outcome", "result")
_REFUSED: Final = frozenset({"refuse", "refused"})
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_DONE: Final = (
    select(tasks.c.case_id, tasks.c.edition_id, tasks.c.element)
    .where(
        tasks.c.office_id == OFFICE, tasks.c.case_id.in_(_IDS), tasks.c.kind.is_(None),
        tasks.c.closed_how == Closed.COMPLETED,
    )
    .distinct()
)  # fmt: skip


def without_ground(db: Connection, editions: Mapping[int, int], by_custom: Collection[int]) -> frozenset[int]:
    """Of these cases, by id with their edition. `by_custom`: those of which an answer may tell, where no diagram does."""
    drawn: dict[int, dict[str, Refusing]] = {}
    said_by: dict[int, bool] = {case: bool(contents(db, edition).refusing) for case, edition in editions.items()}
    for row in db.execute(_DONE, {"ids": list(editions)}):
        known = contents(db, row.edition_id).refusing
        said_by[row.case_id] = said_by.get(row.case_id, False) or bool(known)
        if row.element in known:
            drawn.setdefault(row.case_id, {})[row.element] = known[row.element]
    found = {case for case, known in drawn.items() if as_drawn(known, _said(db, case))}
    return frozenset(
        found
        | {case for case in by_custom if not said_by.get(case) and refused_without_ground(answers_so_far(db, case))}
    )


def _said(db: Connection, case_id: int) -> list[Said]:
    return [(one.number, one.act, orjson.loads(one.facts)) for one in entries(db, case_id)]


def as_drawn(known: Mapping[str, Refusing], said: Sequence[Said]) -> bool:
    """Whether a step, as it was completed last, refused without a ground: by the answers of the case so far. Pure."""
    taken_back = {facts.get("entry") for _number, act, facts in said if act == "withdraw"}
    last: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for number, act, facts in said:
        element = str(facts.get("element"))
        if act == "complete_task" and element in known and number not in taken_back:
            last[element] = number, facts
    return any(_is_bare(known[element], said, *one) for element, one in last.items())


def _is_bare(one: Refusing, said: Iterable[Said], number: int, facts: Mapping[str, Any]) -> bool:
    answers = standing(each for each in said if each[0] <= number)
    return one.refuses(answers, facts.get("chosen", {})) and not one.is_grounded(answers)


def refused_without_ground(answers: Mapping[str, Any]) -> bool:
    """By custom: decided as refused, and no ground is to be read."""
    refused = any(str(answers.get(key, "")) in _REFUSED for key in _DECISIONS)
    return refused and not has_ground(answers)
