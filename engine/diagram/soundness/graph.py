"""A plan on its way to being smaller: vertices and edges. An edge may stand for a whole part of the drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.diagram.soundness.net import Kind, Node, Plan

Rope: TypeAlias = Any
"""Numbers of nodes: a number, a called process, or a tuple of ropes. Joined in no time, flattened once."""


@dataclass(slots=True, eq=False)
class Edge:
    """`ways`: which of its source's ways it stands for; `way` is the quickest of them."""

    source: Vertex
    target: Vertex
    way: int
    ways: Rope = ()
    waits: bool = False
    cost: int = 0
    inside: Rope = ()
    bare: bool = True  # nothing on it is done but to end


@dataclass(slots=True, eq=False)
class Vertex:
    """`waits`: a token rests here before it goes on. What is `opaque` is never taken for something simpler."""

    kind: Kind
    node: Node
    waits: bool = False
    opaque: bool = False
    cost: int = 0
    inside: Rope = ()
    ins: dict[Edge, None] = field(default_factory=dict)
    outs: dict[Edge, None] = field(default_factory=dict)
    chooses: bool = False  # one way out, or with SOME several

    @property
    def is_join(self) -> bool:
        return self.kind in (Kind.ALL, Kind.GATHER)


def connect(edge: Edge) -> Edge:
    edge.source.outs[edge] = None
    edge.target.ins[edge] = None
    return edge


def disconnect(edge: Edge) -> None:
    edge.source.outs.pop(edge, None)
    edge.target.ins.pop(edge, None)


def flat(*ropes: Rope, called: bool = True) -> Iterator[int]:
    """Ropes share their parts; each is walked once. Without what is `called`, only a process's own nodes."""
    waiting, known = [*ropes], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Part):
            one = (one.inside,) if called else ()
        if not isinstance(one, tuple):
            yield one
        elif id(one) not in known:
            known.add(id(one))
            waiting += one


@dataclass(slots=True)
class Part:
    """What is left of a plan. `passed`: that a token simply comes through it, waiting or not, at a cost."""

    plan: Plan
    waits: bool
    cost: int
    inside: Rope
    passed: bool
