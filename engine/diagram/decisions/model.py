"""What a decision file says, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.decisions.table import Table
from engine.diagram.language.nodes import Node
from engine.diagram.language.types import Type


@frozen
class Problem:
    """A place that cannot be read. `rule` counts from 1, where it is a row of a table."""

    line: int
    source: str
    why: Text
    rule: int | None = None


@frozen
class Requirements:
    """The ids of what a decision or a function builds on. `under`: the names of the other files that some come from."""

    decisions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    under: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    id: str
    name: str
    line: int
    type: Type | None


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """`variable` is the name its result has for those that require it; `outputs` are a table's columns, by name."""

    id: str
    name: str
    line: int
    variable: str
    type: Type | None
    requires: Requirements
    logic: Node
    outputs: tuple[str, ...]
    problems: tuple[Problem, ...]
    table: Table | None = None  # where it is decided by one


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A function that decisions call."""

    id: str
    name: str
    line: int
    requires: Requirements
    logic: Node  # evaluates to the function
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """Decisions that are asked together, given others and inputs."""

    id: str
    name: str
    line: int
    outputs: tuple[str, ...]
    decisions: tuple[str, ...]  # that are given
    inputs: tuple[str, ...]
    type: Type | None


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """A file that was read; everything is keyed by its id, that of another file led by its namespace and `#`."""

    file: str
    decisions: Mapping[str, Decision]
    inputs: Mapping[str, Input]
    knowledge: Mapping[str, Knowledge]
    services: Mapping[str, Service]
    types: Mapping[str, Type]
    twice: tuple[tuple[str, int], ...] = ()  # ids that were given before, and the line
    problems: tuple[Problem, ...] = ()  # in the types
    imported: tuple[tuple[str, int], ...] = ()  # other models the file builds on, where they are not at hand
    foreign: frozenset[str] = frozenset()  # ids of what stands in other files
    _names: dict[str, frozenset[str]] = field(default_factory=dict)

    def joined(self, other: Decisions) -> Decisions:
        """Both files' decisions, for a diagram that comes with several; an id in both is this file's."""
        return Decisions(
            file=self.file,
            decisions={**other.decisions, **self.decisions},
            inputs={**other.inputs, **self.inputs},
            knowledge={**other.knowledge, **self.knowledge},
            services={**other.services, **self.services},
            types={**other.types, **self.types},
        )

    def names(self, decision: str) -> frozenset[str]:
        """The variables a decision takes from outside, its own or those of what it requires."""
        if decision not in self._names:
            self._names[decision] = self._outside(decision)
        return self._names[decision]

    def _outside(self, decision: str) -> frozenset[str]:
        found: set[str] = set()
        seen: set[str] = set()
        open_ = [decision]
        while open_:
            one = open_.pop()
            known = self.decisions.get(one) or self.knowledge.get(one)
            if one in seen or known is None:
                continue
            seen.add(one)
            requires = known.requires
            inner = {self.inputs[input_].name for input_ in requires.inputs if input_ in self.inputs}
            given = {self.decisions[other].variable for other in requires.decisions if other in self.decisions}
            given |= {self.knowledge[other].name for other in requires.knowledge if other in self.knowledge}
            given |= set(requires.under.values())
            found |= inner | (known.logic.names - given)
            open_ += [*requires.decisions, *requires.knowledge]
        return frozenset(found)
