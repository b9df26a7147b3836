"""What was open when a period ended: what is now, without what came since, and with what was closed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from engine.supervision.figures import rollups
from engine.supervision.figures.asking import Question
from engine.supervision.figures.rollups import CaseSums
from engine.supervision.figures.shapes import StepKey
from engine.supervision.figures.unended import OpenGroup

_DAY: Final = timedelta(days=1)


def open_at_end(db: Connection, of: Question, still: Sequence[OpenGroup]) -> Counter[StepKey]:
    """`still`: what is open now."""
    until = of.scope.until.toordinal()
    found: Counter[StepKey] = Counter()
    for one in still:
        found[one.step] += sum(count for day, count in one.on_days(of.days) if day <= until)
    if of.scope.until < of.today:
        later = rollups.moved(db, of.asked, since=of.scope.until + _DAY, until=of.today)
        for step, sums in later.items():
            found[step] += sums.done + sums.cancelled - sums.arrived
    return found


def cases_at_end(db: Connection, of: Question, still: Sequence[tuple[int, int]]) -> int:
    """`still`: the days on which the cases that are open now were started, and how many on each."""
    found = sum(count for day, count in still if day <= of.scope.until.toordinal())
    if of.scope.until < of.today:
        later = all_cases(rollups.cases(db, of.asked, since=of.scope.until + _DAY, until=of.today).values())
        found += later.ended + later.cancelled - later.started
    return found


def all_cases(sums: Iterable[CaseSums]) -> CaseSums:
    return CaseSums(*map(sum, zip(CaseSums(), *sums, strict=True)))
