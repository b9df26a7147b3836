"""A map of a log that has no diagram: what directly follows what, as much of it as somebody wishes to see. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from engine.base.frozen import frozen
from engine.supervision.mining.figures import ActivityFigures, PathFigures

BEGIN: Final = ""
"""Stands before the first step of every case."""
END: Final = "\0"
"""Stands behind the last."""
MOST_SHOWN: Final = 60
"""More boxes than this nobody can read."""
_AT_FIRST: Final = 14
_NEARLY_ALL: Final = 0.98


@frozen
class Link:
    """`path` None: to or from the beginning or the end."""

    source: str
    target: str
    n: int
    path: PathFigures | None = None


@frozen
class Seen:
    """What of the log is shown: so many of its steps and of its passages from one to the next."""

    activities: tuple[ActivityFigures, ...]
    links: tuple[Link, ...]
    steps_shown: float
    passages_shown: float


def usual_share(activities: Sequence[ActivityFigures]) -> int:
    """In percent, what is shown at first: nearly all that was done, and no more boxes than one looks over at once."""
    whole, found = sum(one.n for one in activities), 0
    for count, one in enumerate(sorted(activities, key=lambda one: -one.n), 1):
        found += one.n
        if found >= _NEARLY_ALL * whole or count == _AT_FIRST:
            return max(1, 100 * count // len(activities))
    return 100


def seen(activities: Sequence[ActivityFigures], paths: Sequence[PathFigures], *, share: int, paths_share: int) -> Seen:
    """`share` of the activities, the most frequent first; of the paths between them that share, each activity keeping
    its strongest way in and out. Both in percent; at least one activity is shown.
    """
    ordered = sorted(activities, key=lambda one: (-one.n, one.activity))
    count = min(max(1, -(-len(ordered) * share // 100)), MOST_SHOWN, len(ordered))
    kept = ordered[:count]
    names = {one.activity for one in kept}
    links = _links(kept, [one for one in paths if one.source in names and one.target in names])
    shown = _strongest(links, names) | set(_most(links, paths_share))
    chosen = tuple(one for one in links if one in shown)
    everything = sum(one.n for one in activities), sum(one.n for one in paths)
    return Seen(
        tuple(kept), chosen, sum(one.n for one in kept) / (everything[0] or 1),
        sum(one.n for one in chosen if one.path is not None) / (everything[1] or 1),
    )  # fmt: skip


def _links(kept: Sequence[ActivityFigures], paths: Sequence[PathFigures]) -> list[Link]:
    found = [Link(one.source, one.target, one.n, one) for one in paths]
    found += [Link(BEGIN, one.activity, one.first) for one in kept if one.first]
    found += [Link(one.activity, END, one.last) for one in kept if one.last]
    return sorted(found, key=lambda one: (-one.n, one.source, one.target))


def _most(links: Sequence[Link], share: int) -> list[Link]:
    return list(links[: -(-len(links) * share // 100)])


def _strongest(links: Sequence[Link], names: Collection[str]) -> set[Link]:
    """Nothing stands on the map without a way to it and a way from it, where it has any."""
    found: set[Link] = set()
    for name in names:
        for one in (
            next((one for one in links if one.target == name and one.source != name), None),
            next((one for one in links if one.source == name and one.target != name), None),
        ):
            if one is not None:
                found.add(one)
    return found
