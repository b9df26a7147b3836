"""Whether a condition can ever hold, and whether it always does. Pure.

Between two neighbouring numbers that a condition compares a fact with, its answer does not change: one value stands
for all of them. So where each comparison is of one fact with a constant, trying every combination of these few values
is a proof; the condition itself is worked out by the office's own FEEL. Combinations that cannot be (late, and two
days left) are left out by the relations between facts. With sums, or two facts compared, it is a bounded search: what
was found is an example all the same, and a rule without an example is not accepted.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from engine.base.frozen import frozen
from engine.supervision.cards.conditions import Condition
from engine.supervision.cards.facts import FACTS, MARKS, RELATIONS, Relation, Value

MOST_TRIED: Final = 20_000
_STEP: Final = Decimal("0.001")


@frozen
class Verdict:
    """`example`: facts with which it holds; `counter`: with which it does not. `whole`: all combinations were tried."""

    example: Mapping[str, Value] | None
    counter: Mapping[str, Value] | None
    proven: bool
    tried: int


def judged(condition: Condition) -> Verdict:
    example: Mapping[str, Value] | None = None
    counter: Mapping[str, Value] | None = None
    tried = 0
    for values in itertools.islice(possible(condition), MOST_TRIED):
        tried += 1
        if condition.holds(values):
            example = example or values
        else:
            counter = counter or values
        if example and counter:
            break
    exhausted = tried < MOST_TRIED
    return Verdict(example, counter, condition.plain and exhausted, tried)


def possible(condition: Condition) -> Iterator[Mapping[str, Value]]:
    """Values of the facts it asks for, one for each region, as they can be together."""
    groups = [_together(names, condition) for names in _groups(condition.facts)]
    for chosen in itertools.product(*groups):
        yield {name: value for part in chosen for name, value in part.items()}


def _groups(asked: frozenset[str]) -> list[list[str]]:
    """Facts that are bound to each other by relations, those only needed in between among them; one group after another."""
    groups: list[list[str]] = []
    seen: set[str] = set()
    for name in sorted(asked):
        if name in seen:
            continue
        group, ahead = [name], [name]
        while ahead:
            here = ahead.pop()
            for relation in RELATIONS:
                for other in relation.names if here in relation.names else ():
                    if other not in group:
                        group.append(other)
                        ahead.append(other)
        seen.update(group)
        groups.append(group)
    return groups


def _together(group: Sequence[str], condition: Condition) -> list[dict[str, Value]]:
    """What the facts asked for can be, with something for all others of their group that fits."""
    marks = sorted(
        {value for name in group for value in condition.constants.get(name, ()) if isinstance(value, Decimal)}
    )
    ranges = {name: _values(name, condition, marks) for name in group}
    order = sorted(group, key=lambda name: (name not in condition.facts, len(ranges[name])))
    found: dict[tuple[Value, ...], dict[str, Value]] = {}
    asked = [name for name in order if name in condition.facts]
    for whole in _fitting(order, ranges, {}, _relations_of(group)):
        shown = {name: whole[name] for name in asked}
        found.setdefault(tuple(shown.values()), shown)
        if len(found) >= MOST_TRIED:
            break
    return list(found.values())


def _relations_of(group: Sequence[str]) -> list[Relation]:
    return [one for one in RELATIONS if set(one.names) <= set(group)]


def _fitting(
    order: Sequence[str], ranges: Mapping[str, Sequence[Value]], so_far: dict[str, Value], relations: Sequence[Relation]
) -> Iterator[dict[str, Value]]:
    if len(so_far) == len(order):
        yield dict(so_far)
        return
    name = order[len(so_far)]
    bound = [one for one in relations if name in one.names]
    for value in ranges[name]:
        so_far[name] = value
        if all(
            one.holds(*(so_far[part] for part in one.names))
            for one in bound
            if all(part in so_far for part in one.names)
        ):
            yield from _fitting(order, ranges, so_far, relations)
        del so_far[name]


def _values(name: str, condition: Condition, marks: Sequence[Decimal]) -> tuple[Value, ...]:
    """One for each region of the fact: the marks themselves, and between each two of them."""
    fact = FACTS[name]
    if fact.kind == "truth":
        return (False, True)
    if fact.kind == "text":
        texts = sorted(value for value in condition.constants.get(name, ()) if isinstance(value, str))
        return (*texts, "".join(texts) + "…")
    # What is bound to it changes at the same numbers, and at their opposites: days late are days left below nothing.
    around = {*MARKS[name], *marks, *(-one for one in marks)}
    numbers: set[Decimal] = set()
    for one in around:
        near = (one.to_integral_value(), one.to_integral_value() - 1, one.to_integral_value() + 1) if fact.whole else (
            one, one - _STEP, one + _STEP,
        )  # fmt: skip
        numbers.update(near)
    ends = {end for end in (fact.least, fact.most) if end is not None}
    inside = {
        one for one in numbers | ends
        if (fact.least is None or one >= fact.least) and (fact.most is None or one <= fact.most)
    }  # fmt: skip
    return tuple(sorted(inside))
