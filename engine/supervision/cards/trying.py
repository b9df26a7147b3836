"""A table of rules tried against the cases that are open now: what it would fire at, before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from engine.base.database import OFFICE
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.tables import cases
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names
from engine.supervision.cards.conditions import Condition
from engine.supervision.cards.looking import seen
from engine.supervision.cards.rules import Rule, must_inspect
from engine.supervision.cards.seen import looked
from engine.supervision.cards.words import because

MOST_TRIED: Final = 1000
MOST_SHOWN: Final = 5
_TOGETHER: Final = 200


@frozen
class WouldFire:
    """One thing that a rule would fire at."""

    case_id: int
    case_number: str
    task_number: int | None
    step: str | None
    because: Text


@frozen
class Tried:
    """`times` and the first examples, by the place of the rule. `cases`: looked at, of `open` there are."""

    times: tuple[int, ...]
    examples: tuple[tuple[WouldFire, ...], ...]
    cases: int
    open: int


def try_out(db: Connection, *, actor: Actor, table: Sequence[Rule], now: datetime) -> Tried:
    """The newest cases, a thousand at most; whether a rule has fired there before does not matter. Nothing is kept."""
    must_inspect(actor)
    conditions = [_condition(one) for one in table]
    opened = cases.c.office_id == OFFICE, cases.c.ended_at.is_(None)
    ids = list(db.scalars(select(cases.c.id).where(*opened).order_by(cases.c.id.desc()).limit(MOST_TRIED)))
    times = [0] * len(table)
    examples: list[list[WouldFire]] = [[] for _ in table]
    for begin in range(0, len(ids), _TOGETHER):
        for case in seen(db, ids[begin : begin + _TOGETHER], now).values():
            for one in () if case.rests else looked(case, now):
                for place, condition in enumerate(conditions):
                    if condition is None or table[place].about is not one.about or not condition.holds(one.facts):
                        continue
                    times[place] += 1
                    if len(examples[place]) < MOST_SHOWN:
                        step = None
                        if one.step is not None:
                            step = element_names(db, one.step.edition_id).get(one.step.element, one.step.element)
                        facts = {name: one.facts[name] for name in sorted(condition.facts)}
                        number = None if one.step is None else one.step.number
                        examples[place].append(WouldFire(case.case_id, case.number, number, step, because(facts)))
    every = db.scalar(select(func.count()).select_from(cases).where(*opened)) or 0
    return Tried(tuple(times), tuple(map(tuple, examples)), len(ids), every)


def _condition(rule: Rule) -> Condition | None:
    """None where it is not one yet: that is told at its cell."""
    try:
        return rule.read()
    except Refusal:
        return None
