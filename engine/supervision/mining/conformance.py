"""A log beside a diagram: each way its cases went aligned once, and what that says of every step. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from engine.base.frozen import frozen
from engine.diagram.kinds import ACTIVITIES, SUB_PROCESSES
from engine.diagram.shape import Diagram
from engine.supervision.mining.alignment import BUDGET, Alignment, Kind, align, fitness
from engine.supervision.mining.rules import ADDED, LEFT_OUT

WHOLE_BUDGET: Final = 6_000_000
"""States that are looked at for a whole log; the ways most cases went come first."""


def process_of(diagram: Diagram, chosen: str | None) -> str:
    """The one a case begins in; of a drawing that cannot be run, the one with the most in it."""
    if chosen is not None:
        return chosen
    held = Counter(one.process for one in diagram.elements.values())
    return max(diagram.processes, key=lambda one: held[one], default="")


def steps_of_diagram(diagram: Diagram, process: str) -> dict[str, str]:
    """What a log may show of it: its tasks and calls, and the events that have a name; element to name."""
    return {
        one.id: one.name or one.id
        for one in diagram.elements.values()
        if one.process == process
        and ((one.kind in ACTIVITIES and one.kind not in SUB_PROCESSES) or (one.name and one.kind.endswith("Event")))
    }


@frozen
class Way:
    number: int
    cases: int
    steps: tuple[str, ...]


@frozen
class Aligned:
    """`alignment` None: not found within the budget. Places of its turns count all steps of the way."""

    way: Way
    alignment: Alignment | None
    steps: int  # that were looked at
    looked: int = 0


@dataclass(slots=True)
class ElementFigures:
    """Cases in which a step of the diagram was done as drawn, left out, done where it has no place, or both of these."""

    element: str
    done: int = 0
    skipped: int = 0
    added: int = 0
    moved: int = 0


@dataclass(slots=True)
class CheckFigures:
    """`fitness`: of all cases together; `mean`: of each case, and then the mean of those."""

    cases: int = 0
    aligned: int = 0
    fitting: int = 0
    ways: int = 0
    ways_aligned: int = 0
    shortest: int = 0
    fitness: float = 0.0
    mean: float = 0.0
    elements: list[ElementFigures] = field(default_factory=list)
    strange: dict[str, int] = field(default_factory=dict)  # activities that are in no diagram: cases they were added in
    loosely: list[str] = field(default_factory=list)  # elements that are followed more freely than they are drawn

    def written(self) -> dict[str, Any]:
        return asdict(self)


class Comparison:
    """Of one log with one process. `mapping`: activity to the element it is, ADDED or LEFT_OUT."""

    def __init__(self, diagram: Diagram, process: str, mapping: Mapping[str, str], budget: int = BUDGET) -> None:
        from engine.supervision.mining.net import Net  # noqa: PLC0415  only whoever compares needs it

        names = steps_of_diagram(diagram, process)
        wanted = {names[one]: one for one in sorted(set(mapping.values()) & set(names), reverse=True)}
        # Steps that are drawn several times by one name are the same to a log.
        self._called = {element: wanted[name] for element, name in names.items() if name in wanted}
        self._mapping = {
            activity: self._called.get(element, ADDED) if element != LEFT_OUT else LEFT_OUT
            for activity, element in mapping.items()
        }
        self.net = Net(diagram, process, self._called)
        self._budget, self._left = budget, WHOLE_BUDGET
        empty = align(self.net, [], budget=10 * budget)
        self.shortest = empty.cost if empty is not None else 0

    def align(self, ways: Iterable[Way]) -> Iterator[Aligned]:
        for way in ways:
            kept = [place for place, step in enumerate(way.steps) if self._mapping.get(step, ADDED) != LEFT_OUT]
            steps = [self._mapping.get(way.steps[place], ADDED) or None for place in kept]
            before = self.net.looked
            found = (
                align(self.net, steps, same=self._called, budget=min(self._budget, self._left))
                if self._left > 0
                else None
            )
            self._left -= self.net.looked - before
            yield Aligned(way, _placed(found, kept), len(steps), self.net.looked - before)


def _placed(found: Alignment | None, kept: Sequence[int]) -> Alignment | None:
    if found is None:
        return None
    turns = tuple(
        one if one.place is None else type(one)(one.kind, one.element, kept[one.place]) for one in found.turns
    )
    return Alignment(turns, found.cost)


def add_up(comparison: Comparison, results: Iterable[Aligned]) -> CheckFigures:
    found = CheckFigures(shortest=comparison.shortest, loosely=list(comparison.net.loosely))
    elements: dict[str, ElementFigures] = {}
    strange: Counter[str] = Counter()
    cost = worst = 0
    fits = 0.0
    for one in results:
        cases = one.way.cases
        found.cases += cases
        found.ways += 1
        if one.alignment is None:
            continue
        found.aligned += cases
        found.ways_aligned += 1
        found.fitting += cases if one.alignment.cost == 0 else 0
        cost += cases * one.alignment.cost
        worst += cases * (one.steps + comparison.shortest)
        fits += cases * fitness(one.alignment.cost, one.steps, comparison.shortest)
        for kind, names in told(one).items():
            for name in names:
                if kind == "strange":
                    strange[name] += cases
                else:
                    figures = elements.setdefault(name, ElementFigures(name))
                    setattr(figures, kind, getattr(figures, kind) + cases)
    found.fitness = 1.0 - cost / worst if worst else 1.0
    found.mean = fits / found.aligned if found.aligned else 1.0
    found.elements = sorted(elements.values(), key=lambda one: (-one.skipped - one.added - one.moved, one.element))
    found.strange = dict(strange.most_common())
    return found


def told(one: Aligned) -> Mapping[str, frozenset[str]]:
    """Of a way: which elements were done, skipped, added and moved; and which activities are strange to the diagram."""
    turns = one.alignment.turns if one.alignment is not None else ()
    moved = one.alignment.moved if one.alignment is not None else frozenset()
    by = {kind: {turn.element for turn in turns if turn.kind is kind and turn.element} for kind in Kind}
    strange = {one.way.steps[turn.place] for turn in turns if turn.element is None and turn.place is not None}
    return {
        "done": frozenset(by[Kind.BOTH]),
        "skipped": frozenset(by[Kind.SKIPPED] - moved),
        "added": frozenset(by[Kind.ADDED] - moved),
        "moved": moved,
        "strange": frozenset(strange),
    }
