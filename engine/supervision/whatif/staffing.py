"""Who can take what on which day: who holds a post, is not away, and was seen to do the step. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from engine.supervision.whatif.record import Done, Place, Record

SEEN_ENOUGH: Final = 20
"""From so many tasks of a step on, a holder who did none of them does not do that step."""
NEW: Final = 28
"""Days for which a new holder may simply not have had the occasion."""


class Staffing:
    """`tasks`: from which it is seen who does what."""

    def __init__(self, record: Record, tasks: Iterable[Done]) -> None:
        self._record = record
        self._seen: dict[Place, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for one in tasks:
            if one.person is not None and one.claimed is not None:
                self._seen[one.place][one.person] += 1
        self._known: dict[tuple[Place, int], frozenset[int]] = {}
        self._holders: dict[tuple[int, int], frozenset[int]] = {}
        self._by_post: dict[int, list[int]] = defaultdict(list)
        for place in self._seen:
            self._by_post[place[2]].append(0)

    def day_of(self, at: int) -> int:
        return self._record.first_day + bisect_right(self._record.midnights, at) - 1

    def holders(self, post: int, day: int) -> frozenset[int]:
        """Those who are there."""
        found = self._holders.get((post, day))
        if found is None:
            there = {one.person for one in self._record.held if one.post == post and one.on(day)}
            gone = {
                one.person
                for one in self._record.away
                if one.since <= day <= one.until and (not one.posts or post in one.posts)
            }
            found = self._holders[post, day] = frozenset(there - gone)
        return found

    def able(self, place: Place, day: int) -> frozenset[int]:
        found = self._known.get((place, day))
        if found is None:
            there = self.holders(place[2], day)
            seen: Mapping[int, int] = self._seen.get(place, {})
            if sum(seen.values()) >= SEEN_ENOUGH:
                new = {one.person for one in self._record.held if one.post == place[2] and day - one.since <= NEW}
                there = frozenset(one for one in there if one in seen or one in new) or there
            found = self._known[place, day] = there
        return found
