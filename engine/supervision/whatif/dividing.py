"""Whether work lies in one tray until somebody is free, or is divided among people as it comes: learned. Pure.

Whoever goes through a pile of their own takes nothing before what lay above it, though a colleague may meanwhile have
taken what came later. From one tray either nothing is overtaken, or whatever nobody has looked at yet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from engine.supervision.whatif.record import Done, Order, key_of

_FEWEST: Final = 20
"""Times somebody had a choice; of fewer it cannot be told."""
_OUT_OF_ORDER: Final = 0.05
"""Of those times the share in which people that work in order may still have taken something else first."""
_MOST: Final = 600


def divided(tasks: Iterable[Done]) -> dict[int, Order]:
    """Posts, with the order in which each goes through a pile of their own."""
    by_post: dict[int, list[Done]] = defaultdict(list)
    for one in tasks:
        if one.served and one.claimed is not None and one.person is not None:
            by_post[one.place[2]].append(one)
    found = {}
    for post, mine in by_post.items():
        taking = sorted(mine, key=lambda one: one.claimed or 0)[-_MOST:]
        kept = next((order for order in Order if _is_kept(taking, order)), None)
        if kept is not None:
            found[post] = kept
    return found


def _is_kept(taking: Sequence[Done], order: Order) -> bool:
    """Where one person alone holds a post, it is enough that they work in order."""
    claims = [one.claimed or 0 for one in taking]
    choices = own = others = 0
    for place, one in enumerate(taking):
        key, at = key_of(order, one.opened, one.due), claims[place]
        left = [other for other in taking[bisect_right(claims, at) :] if other.opened < at]
        if not left:
            continue
        choices += 1
        above = {other.person for other in left if key_of(order, other.opened, other.due) < key}
        own += one.person in above
        others += bool(above - {one.person})
    if choices < _FEWEST or own > _OUT_OF_ORDER * choices:
        return False
    return len({one.person for one in taking}) == 1 or others > _OUT_OF_ORDER * choices
