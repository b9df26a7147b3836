"""A diagram as what its tokens do: nodes, and plans of nodes. The same rules as those that run a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final


class Kind(IntEnum):
    """What a node does with a token that comes to it."""

    PASS = 0  # lets it through, along every flow
    WAIT = 1  # keeps it until something comes from outside
    ONE = 2  # along one flow
    SOME = 3  # along some flows, at least one
    ALL = 4  # waits for a token by every flow
    GATHER = 5  # waits for every token that may still come
    EVENTS = 6  # whatever comes first of the events after it
    HOST = 7  # a plan of its own
    ARMED = 8  # a step with events on its border
    BORDER = 9
    ENTRY = 10


EXTERNAL: Final = frozenset({"timer", "message", "signal", "conditional", "thrown"})
"""What an event may wait for that can come at any time."""
JOINS: Final = (Kind.ALL, Kind.GATHER)


@dataclass(slots=True, eq=False)
class Node:
    """`element` is the id as drawn; `flows` are the ids of the flows to `outs`, empty where none is drawn.

    `trigger` says what ends a WAIT, or brings a BORDER about: person, hand, call, timer, message, signal, conditional,
    error, escalation; `thrown` where what a process of another file throws is caught. `throws`: what a token sets off
    when it leaves.
    """

    number: int
    kind: Kind
    element: str
    process: str = ""
    outs: list[Node] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    ins: list[Node] = field(default_factory=list)
    trigger: str = ""
    throws: str = ""
    word: str | None = None  # the name of a signal, the code of an error or escalation
    drawn: bool = True
    ends: bool = False  # nothing of it is seen but that the token is gone
    asks: bool = False  # a person says which way a gateway goes, in a wait of its own
    asked: bool = False  # on a gateway: a person says which way, as the last thing before it
    options: Sequence[tuple[int, ...]] = ()  # of ONE and SOME: indices of `outs`
    curtailed: bool = False  # not all options are among `options`
    plan: Plan | None = None
    skips: bool = False  # a repetition that may have no turn at all
    borders: list[Node] = field(default_factory=list)
    interrupts: bool = True
    again: bool = False  # a border event that does not end its step and may come several times
    reach: dict[int, frozenset[int]] = field(
        default_factory=dict
    )  # of GATHER: by which flows a token at a node may come
    inside: Any = ()  # of a node that stands for others: their numbers, as a rope (see graph)
    cost: int = 1  # moves it takes to get through
    plain: bool = False  # a second token here harms nobody
    means: dict[tuple[int, ...], tuple[int, tuple[int, ...]]] = field(default_factory=dict)  # for ONE and SOME of those

    @property
    def scope(self) -> Plan:
        """Of HOST, which always has one."""
        if self.plan is None:
            raise ValueError(self.element)
        return self.plan

    def connect(self, other: Node, flow: str = "") -> None:
        self.outs.append(other)
        self.flows.append(flow)
        other.ins.append(self)


@dataclass(slots=True, eq=False)
class Plan:
    """One scope: a process, a sub-process, or the turns of a repeated step (`turns`)."""

    element: str
    process: str
    entry: Node
    nodes: list[Node] = field(default_factory=list)
    starts: list[Node] = field(default_factory=list)
    core: bool = False  # taken out of the scope around it, with which it ends
    top: bool = False  # where a process begins, at one of its starts
    turns: bool = False
    gathers: bool = False
    depth: int = 1  # how many are nested in it, itself counted
    beginning: Node | None = None  # waits for whichever of the starts comes first

    def outs_of_entry(self, begins_at: Node | None) -> Sequence[Node]:
        if not self.top:
            return self.starts
        if begins_at is not None and begins_at in self.starts:
            return (begins_at,)
        plain = [one for one in self.starts if not one.trigger]
        if plain or len(self.starts) < 2:
            return (plain or self.starts)[:1]
        return (self.beginning,) if self.beginning is not None else ()


def reach(join: Node) -> dict[int, frozenset[int]]:
    """For each node: by which of the join's flows a token there may come, without having passed the join."""
    found: dict[int, set[int]] = {}
    for source in join.ins:
        waiting = [source]
        while waiting:
            node = waiting.pop()
            known = found.setdefault(node.number, set())
            if node is join or source.number in known:
                continue
            known.add(source.number)
            waiting += node.ins
    return {number: frozenset(flows) for number, flows in found.items()}
