"""Which rules fire at one look, and which wait their turn. Pure.

A case that is first looked at when it is very late (a new rule, an outage) would get everything at once. Of one thing
the red card says what a yellow one would; and each post of the line is told only when the one below had a working day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from engine.base.frozen import frozen
from engine.supervision.cards.facts import Subject
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.rules import Rule
from engine.supervision.cards.seen import CaseSeen, Looked, begin_of_day, looked
from engine.worktime.counting import days_between

Thing = tuple[Subject, int | None]
"""What a rule is about, and the number of the task; None of a case."""


@frozen
class Fires:
    rule: Rule
    one: Looked
    occasion: str

    @property
    def thing(self) -> Thing:
        return thing_of(self.one)


@frozen
class Firing:
    """`later`: when those have their turn that were held back."""

    now: tuple[Fires, ...]
    later: datetime | None = None


def thing_of(one: Looked) -> Thing:
    return one.about, None if one.step is None else one.step.number


def firing(
    table: Sequence[Rule],
    case: CaseSeen,
    fired: frozenset[tuple[str, str]],
    sent_up: Mapping[Thing, datetime],
    at: datetime,
) -> Firing:
    """`fired`: rule and occasion; `sent_up`: when each thing was last escalated."""
    every = list(_holding(table, case, at))
    # A red card says all that a yellow one on the same thing would: nobody is warned of what has happened.
    red = {(one.thing, one.occasion) for one in every if one.rule.kind is Kind.RED}
    fresh = [one for one in every if (one.rule.key, one.occasion) not in fired]
    given = [
        one
        for one in fresh
        if one.rule.kind is Kind.RED or (one.rule.kind is Kind.YELLOW and (one.thing, one.occasion) not in red)
    ]
    later: list[datetime] = []
    steps: dict[Thing, list[Fires]] = defaultdict(list)
    for one in fresh:
        if one.rule.kind is Kind.ESCALATION:
            steps[one.thing].append(one)
    for thing, ready in steps.items():
        turn, then = _turn(ready, case, sent_up.get(thing), at)
        given += turn
        later += [] if then is None else [then]
    return Firing(tuple(given), min(later, default=None))


def _holding(table: Sequence[Rule], case: CaseSeen, at: datetime) -> Iterator[Fires]:
    every = list(looked(case, at))
    for rule in table:
        condition = rule.read()
        for one in every:
            if one.about is rule.about and condition.holds(one.facts):
                yield Fires(rule, one, one.occasion(condition))


def _turn(
    ready: Sequence[Fires], case: CaseSeen, last: datetime | None, at: datetime
) -> tuple[list[Fires], datetime | None]:
    """The lowest level now. What held already when the level below was told has waited a working day, or waits."""
    lowest = min(one.rule.level for one in ready)
    first = [one for one in ready if one.rule.level == lowest]
    if last is not None and _same_day(first[0].one, last, at) and any(_held(one, case, last) for one in first):
        return [], begin_of_day(first[0].one, 1, last)
    return first, begin_of_day(first[0].one, 1, at) if len(first) < len(ready) else None


def _same_day(one: Looked, last: datetime, at: datetime) -> bool:
    calendar = one.case.calendar
    return days_between(calendar, calendar.local_day(last), calendar.local_day(at)) < 1


def _held(fires: Fires, case: CaseSeen, then: datetime) -> bool:
    condition = fires.rule.read()
    return any(thing_of(one) == fires.thing and condition.holds(one.facts) for one in looked(case, then))
