"""What can be said of a decision table before anybody asks it: where no rule answers, where rules contradict each
other, which rules never answer. Each comes with the input that shows it.

A rule is a box over the pieces of its columns (see `atoms`). Tests that are not looked through count as "may hold":
with them something may stay unproven, but nothing is claimed that is not so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.decisions.axes import Axis, Budget, Exhausted, Unproven
from engine.diagram.decisions.axes import axes as axes_of
from engine.diagram.decisions.hits import SEVERAL
from engine.diagram.decisions.model import Decisions
from engine.diagram.decisions.table import Table
from engine.diagram.language import running
from engine.diagram.language.comparing import equal
from engine.diagram.language.nodes import Scope, World
from engine.diagram.language.reasons import Fault, Stopped
from engine.diagram.language.values import Value

MOST_RULES: Final = 500
MOST_CELLS: Final = 3_000
"""Larger tables are not looked through at all."""
MOST_EXAMPLES: Final = 3
Example = Mapping[str, Value]
"""Values by the expressions of the columns."""


@frozen
class Gap:
    """No rule answers. `open`: only for texts that no rule mentions, where the column lists none."""

    example: Example
    open: bool = False


@frozen
class Overlap:
    """Both rules apply, and the table allows only one, or only one answer."""

    rules: tuple[int, int]
    example: Example


@frozen
class Unreachable:
    """The rule never answers. `before`: the rules that answer instead; none where no input fits it at all."""

    rule: int
    before: tuple[int, ...]
    example: Example


@frozen
class Analysis:
    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()
    unproven: tuple[Unproven, ...] = ()

    @property
    def complete(self) -> bool:
        """Every input that the columns allow finds a rule."""
        return not self.gaps and not self.unproven


def analysed(table: Table, decisions: Decisions) -> Analysis:
    """Never raises: what cannot be told is unproven."""
    budget = Budget()
    if len(table.rules) > MOST_RULES or len(table.rules) * len(table.columns) > MOST_CELLS:
        return Analysis(unproven=(Unproven(),))
    try:
        axes, unproven = axes_of(table, decisions, budget)
        return _Search(table, axes, budget).all(unproven)
    except Exhausted:
        return Analysis(unproven=(Unproven(),))


class _Search:
    """Looks for what is in no box, in two, or in none but others' first."""

    def __init__(self, table: Table, axes: list[Axis], budget: Budget) -> None:
        self.table = table
        self.axes = axes
        self.budget = budget
        self.numbers = [row.number for row in table.rules]
        self.everyone = (1 << len(self.numbers)) - 1

    def all(self, unproven: list[Unproven]) -> Analysis:
        gaps = self.gaps()
        doubts = unproven[:1] if unproven and not gaps else []
        if not all(axis.certain for axis in self.axes):
            gaps, doubts = (), unproven[:1]
        return Analysis(gaps, tuple(self.overlaps()), tuple(self.unreachable()), tuple(doubts))

    # gaps

    def gaps(self) -> tuple[Gap, ...]:
        if self.table.policy in SEVERAL or any(output.otherwise is not None for output in self.table.outputs):
            return ()
        mentioned_only = [axis.every & ~axis.free or axis.every for axis in self.axes]
        may = [axis.may for axis in self.axes]
        found = tuple(Gap(one) for one in self._outside(self.everyone, mentioned_only, may))
        if found:
            return found
        everything = [axis.every for axis in self.axes]
        return tuple(Gap(one, open=True) for one in self._outside(self.everyone, everything, may))[:1]

    def _outside(self, rules: int, room: Sequence[int], taken: Sequence[Sequence[int]]) -> Iterator[Example]:
        """Points of the room that no box of the rules holds, at most a few of them."""
        if not all(room):
            return
        seen: set[tuple[int, int]] = set()
        left = MOST_EXAMPLES
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, rules, ())]
        while stack and left:
            depth, mask, path = stack.pop()
            self.budget.spend()
            if mask == 0:
                left -= 1
                yield self._example([*path, *(_lowest(part) for part in room[len(path) :])])
                continue
            if depth == len(self.axes) or (depth, mask) in seen or self._covered(depth, mask, room, taken):
                continue
            seen.add((depth, mask))
            for place, inner in reversed(self._split(depth, mask, room[depth], taken[depth])):
                stack.append((depth + 1, inner, (*path, place)))

    def _covered(self, depth: int, mask: int, room: Sequence[int], taken: Sequence[Sequence[int]]) -> bool:
        """One of the rules takes all that is left."""
        for rule in _bits(mask):
            self.budget.spend()
            if all(not room[at] & ~taken[at][rule] for at in range(depth, len(self.axes))):
                return True
        return False

    def _split(self, depth: int, mask: int, room: int, taken: Sequence[int]) -> list[tuple[int, int]]:
        """A piece and the rules that take it; one piece for all that are taken by the same."""
        found: dict[int, int] = {}
        rules = list(_bits(mask))
        for place in _bits(room):
            self.budget.spend(1 + len(rules) // 8)
            inner = sum(1 << rule for rule in rules if taken[rule] >> place & 1)
            found.setdefault(inner, place)
        return [(place, inner) for inner, place in found.items()]

    def _example(self, places: Sequence[int]) -> Example:
        return {axis.source: axis.values[place] for axis, place in zip(self.axes, places, strict=True) if axis.shown}

    # overlaps

    def overlaps(self) -> Iterator[Overlap]:
        if self.table.policy not in ("UNIQUE", "ANY"):
            return
        answers = [self._answer(place) for place in range(len(self.numbers))] if self.table.policy == "ANY" else None
        found = 0
        for later in range(len(self.numbers)):
            for earlier in range(later):
                self.budget.spend()
                shared = [axis.sure[earlier] & axis.sure[later] for axis in self.axes]
                if all(shared) and (answers is None or _differ(answers[earlier], answers[later])):
                    yield Overlap(
                        (self.numbers[earlier], self.numbers[later]), self._example([_lowest(part) for part in shared])
                    )
                    found += 1
                    if found == MOST_EXAMPLES:
                        return

    def _answer(self, place: int) -> list[Value] | None:
        """What the rule says; None where that depends on the case."""
        results = self.table.rules[place].results
        if any(result.names or result.calls for result in results):
            return None
        running.begin()
        try:
            return [result.run(Scope({}, None, World({}, strict=False))) for result in results]
        except (Fault, Stopped, RecursionError):
            return None

    # rules that never answer

    def unreachable(self) -> Iterator[Unreachable]:
        found = 0
        for place, number in enumerate(self.numbers):
            room = [axis.sure[place] for axis in self.axes]
            if not all(axis.may[place] for axis in self.axes):
                yield Unreachable(number, (), {})
            elif all(room) and not any(axis.may[place] & ~axis.sure[place] for axis in self.axes):
                before = self._before(place)
                sure = [axis.sure for axis in self.axes]
                if not before or next(self._outside(before, room, sure), None) is not None:
                    continue
                point = [_lowest(part) for part in room]
                first = next(
                    one
                    for one in _bits(before)
                    if all(axis.sure[one] >> at & 1 for axis, at in zip(self.axes, point, strict=True))
                )
                yield Unreachable(number, (self.numbers[first],), self._example(point))
            else:
                continue
            found += 1
            if found == MOST_EXAMPLES:
                return

    def _before(self, place: int) -> int:
        """The rules that answer before this one wherever both apply."""
        if self.table.policy == "FIRST":
            return (1 << place) - 1
        if self.table.policy != "PRIORITY":
            return 0
        ranks = [self._rank(one) for one in range(len(self.numbers))]
        own = ranks[place]
        if own is None:
            return 0
        return sum(
            1 << one
            for one, rank in enumerate(ranks)
            if rank is not None and (rank < own or (rank == own and one < place))
        )

    def _rank(self, place: int) -> tuple[int, ...] | None:
        answer = self._answer(place)
        if answer is None:
            return None
        scope = Scope({}, None, World({}, strict=False))
        try:
            return tuple(output.rank(scope, value) for output, value in zip(self.table.outputs, answer, strict=True))
        except (Fault, Stopped, RecursionError):
            return None


def _differ(one: list[Value] | None, other: list[Value] | None) -> bool:
    return (
        one is not None and other is not None and any(equal(*pair) is not True for pair in zip(one, other, strict=True))
    )


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
