"""What a case did beside what its diagram allows: the cheapest way to bring the two together. Pure.

Each step of the case that has no place in the diagram, and each step of the diagram that the case left out, costs one;
what the log cannot show costs nothing. A* over the marking and the place in the case finds a cheapest way (decision 0040).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from engine.base.frozen import frozen

if TYPE_CHECKING:
    from engine.supervision.mining.net import Net

BUDGET: Final = 40_000
"""States that are looked at for one variant before it is given up."""


State = tuple[tuple[int, ...], int]
"""A marking, and how many steps of the case have been gone through."""


class Kind(IntEnum):
    """Numbers are stored: never renumber."""

    BOTH = 1
    """Done, and where it should be."""
    ADDED = 2
    """Done, and the diagram has no such step there."""
    SKIPPED = 3
    """Not done, and the diagram asks for it."""


@frozen
class Turn:
    """`place`: of the step in the case, None where it was not done. `element`: of the diagram, or what an added step
    is called; None: it is in no diagram."""

    kind: Kind
    element: str | None
    place: int | None


@frozen
class Alignment:
    turns: tuple[Turn, ...]
    cost: int

    @property
    def moved(self) -> frozenset[str]:
        """Done, but elsewhere: left out in one place and added in another."""
        added = {one.element for one in self.turns if one.kind is Kind.ADDED and one.element is not None}
        skipped = {one.element for one in self.turns if one.kind is Kind.SKIPPED and one.element is not None}
        return frozenset(added & skipped)


def align(
    net: Net, steps: Sequence[str | None], *, same: Mapping[str, str] | None = None, budget: int = BUDGET
) -> Alignment | None:
    """`steps`: what each step of the case is called, None for one that is in no diagram. None: not within the budget.

    `same`: what each element is called; without it, by its own id. Several may be called the same.
    """
    called = same if same is not None else {one: one for one in net.seen}
    never = _never(frozenset(called.values()), steps)
    best: dict[State, int] = {}
    came: dict[State, tuple[State, Turn | None]] = {}
    waiting: list[tuple[int, int, int, State]] = []
    count = 0
    for start in net.starts:
        best[start, 0] = 0
        heappush(waiting, (never[0], -0, count, (start, 0)))
        count += 1
    looked = 0
    done: set[State] = set()
    while waiting:
        _estimate, _, _, state = heappop(waiting)
        if state in done:
            continue
        done.add(state)
        marking, at = state
        if not marking and at == len(steps):
            return Alignment(_way(came, state), best[state])
        looked += 1
        net.looked += 1
        if looked > budget:
            return None
        cost = best[state]
        for dearer, onward, turn in _onward(net, marking, at, steps, called):
            total = cost + dearer
            if onward not in best or total < best[onward]:
                best[onward] = total
                came[onward] = (state, turn)
                count += 1
                heappush(waiting, (total + never[onward[1]], -onward[1], -count, onward))
    return None


def _onward(
    net: Net, marking: tuple[int, ...], at: int, steps: Sequence[str | None], called: Mapping[str, str]
) -> Iterable[tuple[int, State, Turn | None]]:
    step = steps[at] if at < len(steps) else None
    if at < len(steps):
        yield 1, (marking, at + 1), Turn(Kind.ADDED, step, at)
    for shown, onward in net.moves(marking):
        if shown is None:
            yield 0, (onward, at), None
            continue
        yield 1, (onward, at), Turn(Kind.SKIPPED, shown, None)
        if step is not None and called.get(shown) == step:
            yield 0, (onward, at + 1), Turn(Kind.BOTH, shown, at)


def _never(known: frozenset[str], steps: Sequence[str | None]) -> list[int]:
    """From each place on, how many steps the diagram can never show: each of them costs one whatever is done."""
    found = [0] * (len(steps) + 1)
    for at in range(len(steps) - 1, -1, -1):
        step = steps[at]
        found[at] = found[at + 1] + (step is None or step not in known)
    return found


def _way(came: Mapping[State, tuple[State, Turn | None]], state: State) -> tuple[Turn, ...]:
    found: list[Turn] = []
    while state in came:
        state, turn = came[state]
        if turn is not None:
            found.append(turn)
    return tuple(reversed(found))


def fitness(cost: int, steps: int, shortest: int) -> float:
    """1: as drawn; 0: nothing of it. The worst there is: every step added, and a shortest way through left out."""
    worst = steps + shortest
    return 1.0 - cost / worst if worst else 1.0
