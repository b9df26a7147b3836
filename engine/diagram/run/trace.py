"""What a move went through and why, for whoever asks: a trial tells it, a case does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.base.frozen import frozen

if TYPE_CHECKING:
    from engine.diagram.decisions.watching import Matched


@frozen
class Passed:
    """A token left the element."""

    process: str
    element: str


@frozen
class Looked:
    """One way out of a gateway. `held` is None where nobody looked; `read` are the values its condition asked for."""

    flow: str
    name: str | None
    condition: str | None
    held: bool | None
    read: Mapping[str, Any] = field(default_factory=dict)


@frozen
class Parted:
    """A gateway was passed. `by` is condition, default, person or only; the ways stand in the order of the file."""

    process: str
    element: str
    by: str
    taken: tuple[str, ...]
    ways: tuple[Looked, ...]


@frozen
class Decided:
    """A decision said something: which rules of which tables matched, and what was found."""

    process: str
    element: str
    decision: str
    tables: tuple[Matched, ...]
    found: Mapping[str, Any]


@frozen
class Assigned:
    """A script gave names their values."""

    process: str
    element: str
    values: Mapping[str, Any]


@frozen
class Came:
    """A conditional event: its condition began to hold."""

    process: str
    element: str
    condition: str
    read: Mapping[str, Any]


Happening: TypeAlias = Passed | Parted | Decided | Assigned | Came


@dataclass(slots=True)
class Trace:
    """Filled by a move that is given one, in the order things happened."""

    happened: list[Happening] = field(default_factory=list)


def values_of(names: Iterable[str], *known: Mapping[str, Any]) -> dict[str, Any]:
    """What is known under each name, the first that knows it; a name nobody knows is left out."""
    found = {}
    for name in sorted(names):
        for one in known:
            if name in one:
                found[name] = one[name]
                break
    return found
