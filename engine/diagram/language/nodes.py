"""What a source is compiled to: closures over a scope, and what is known of them beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.base.text import Text
from engine.diagram.language import limits, reasons
from engine.diagram.language.reasons import Fault, Missing, Unreadable
from engine.diagram.language.types import Type
from engine.diagram.language.values import Value, known

MISSING: Final[Any] = object()


@dataclass(slots=True, eq=False)
class World:
    """What one evaluation knows from outside.

    `strict`: an operation without a result ends it, instead of giving null. `complete`: an unknown name does.
    """

    variables: Mapping[str, Any]
    strict: bool = True
    complete: bool = True
    types: Mapping[str, Type] = field(default_factory=dict)


class Scope:
    """The names that are bound here, and the scope around it. The outermost takes from the world what is asked for."""

    __slots__ = ("around", "frame", "world")

    def __init__(self, frame: dict[str, Value], around: Scope | None, world: World) -> None:
        self.frame = frame
        self.around = around
        self.world = world

    def within(self, frame: dict[str, Value]) -> Scope:
        return Scope(frame, self, self.world)

    def find(self, name: str) -> Value:
        """MISSING where nothing is known of the name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.frame:
                return scope.frame[name]
            outermost, scope = scope, scope.around
        if name not in self.world.variables:
            return MISSING
        outermost.frame[name] = found = known(self.world.variables[name])
        return found

    def unknown(self, name: str) -> None:
        if self.world.complete:
            raise Missing(reasons.UNKNOWN_VARIABLE, name=name)

    def fault(self, reason: Text, **facts: Any) -> None:
        """Null, where null stands for what has no result."""
        if self.world.strict:
            raise Fault(reason, **facts)


Run = Callable[[Scope], Value]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """`names` are free variables, `calls` free names that are called, or whose members are (`a.b`); `size` counts the parts, `depth` their nesting."""

    run: Run
    names: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    size: int = 1
    depth: int = 1
    kind: str = ""
    parts: tuple[Any, ...] = ()

    @property
    def cost(self) -> int:
        """Steps that one turn of a loop around it takes."""
        return 1 + self.size // 8


def free(parts: Iterable[Node], bound: Iterable[str]) -> tuple[Node, ...]:
    """The parts with the names that are bound around them no longer free."""
    names = frozenset(bound)
    return tuple(
        replace(
            part,
            names=part.names - names,
            calls=frozenset(call for call in part.calls if call.partition(".")[0] not in names),
        )
        for part in parts
    )


def node(run: Run, parts: Iterable[Node] = (), *, kind: str = "", keep: Iterable[Any] = ()) -> Node:
    """A node made of others."""
    inner = tuple(parts)
    depth = 1 + max((part.depth for part in inner), default=0)
    if depth > 2 * limits.DEPTH:
        raise Unreadable(0, reasons.TOO_DEEP, most=limits.DEPTH)
    return Node(
        run=run,
        names=frozenset().union(*(part.names for part in inner)),
        calls=frozenset().union(*(part.calls for part in inner)),
        size=1 + sum(part.size for part in inner),
        depth=depth,
        kind=kind,
        parts=tuple(keep),
    )
