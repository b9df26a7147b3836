"""How often something may be asked for: so many times in windows of time, each of which begins with its first time.

Counted in this process. Only where several machines share a store is the library loaded that reaches it: it is 1.6 MB.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from engine.base import clock

IN_MEMORY: Final = "memory://"

_ONE: Final = re.compile(
    r"\s*([0-9]+)\s*(?:/|per)\s*([0-9]*)\s*(second|minute|hour|day|month|year)s?\s*", re.IGNORECASE
)
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 30 * 86400, "year": 360 * 86400}
_SWEPT_EVERY: Final = 60.0

Count = Callable[["Limit", str], float | None]
"""When the window ends, where this time was one too many."""


class Limit(NamedTuple):
    times: int
    seconds: int


def read(said: str) -> tuple[Limit, ...]:
    """As “10 per minute; 100 per hour”. Raises ValueError where it says something else."""
    found = []
    for one in re.split("[,;|]", said):
        match = _ONE.fullmatch(one)
        if match is None:
            raise ValueError(f"“{said}” does not say how often: write it as “10 per minute; 100 per hour”")
        times, several, unit = match.groups()
        found.append(Limit(int(times), int(several or 1) * _SECONDS[unit.lower()]))
    return tuple(found)


class Limits:
    """`what` is limited, in words of a store that others use too."""

    def __init__(self, said: str, store: str, what: str) -> None:
        self._limits = read(said)
        self._count: Count = _Windows().count if store == IN_MEMORY else _shared(store, what)

    def wait(self, who: str) -> int | None:
        """Counts, and tells how many seconds `who` must wait; None: not at all."""
        for limit in self._limits:
            ends = self._count(limit, who)
            if ends is not None:
                return max(1, int(ends - clock.now().timestamp()))
        return None


class _Windows:
    def __init__(self) -> None:
        self._line = threading.Lock()
        self._open: dict[tuple[Limit, str], tuple[int, float]] = {}
        self._swept = 0.0

    def count(self, limit: Limit, who: str) -> float | None:
        now = clock.now().timestamp()
        with self._line:
            if not self._swept <= now < self._swept + _SWEPT_EVERY:
                self._open = {key: one for key, one in self._open.items() if one[1] > now}
                self._swept = now
            times, ends = self._open.get((limit, who), (0, 0.0))
            if ends <= now:
                times, ends = 0, now + limit.seconds
            self._open[limit, who] = times + 1, ends
        return ends if times >= limit.times else None


def _shared(store: str, what: str) -> Count:
    from limits import RateLimitItemPerSecond  # noqa: PLC0415  as said at the head
    from limits.storage import storage_from_string  # noqa: PLC0415  as above
    from limits.strategies import FixedWindowRateLimiter  # noqa: PLC0415  as above

    counter = FixedWindowRateLimiter(storage_from_string(store))

    def count(limit: Limit, who: str) -> float | None:
        item = RateLimitItemPerSecond(limit.times, limit.seconds)
        return None if counter.hit(item, what, who) else counter.get_window_stats(item, what, who).reset_time

    return count
