"""How long things took, counted in bins that grow with the length: percentiles of any number of them by adding up. Pure.

Eight bins a doubling: whatever lies in one differs by less than 9.1 %, so what is told of its middle is at most 4.5 %
off (and half a second, where it took a few).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import lru_cache
from math import log2
from typing import Final, Self

A_DOUBLING: Final = 8
_LANE: Final = 4
"""Bytes in which a bin is counted: two thousand million of them."""
_LANE_BITS: Final = 8 * _LANE
_ONE: Final = tuple(1 << (number * _LANE_BITS) for number in range(256))
_EMPTY: Final = bytes(256 * _LANE)
_GUARDS: Final = sum(one << (_LANE_BITS - 1) for one in _ONE)
"""The highest bit of each lane: no count is that high."""
MANY: Final = 100
"""A list that is longer is better kept as counts: they are added up as quickly however many were counted."""
_HEAD: Final = 2
_SHORT: Final = 4096
_NO_LANES: Final = bytes(_HEAD)


class Measure(IntEnum):
    """What is counted in bins. Numbers are stored: never renumber."""

    WAITING = 1
    TAKEN = 2
    WORKING = 3
    STOPPED = 4
    OUTSIDE = 5
    HANDED = 6
    SOJOURN = 7
    CALENDAR = 8
    CYCLE = 20
    """Of cases, in working time."""
    CYCLE_CALENDAR = 21


def bin_of(milliseconds: int) -> int:
    number = int(A_DOUBLING * log2(milliseconds / 1000 + 1))
    return number if number < 255 else 255


def middle_of(number: int) -> int:
    """In milliseconds."""
    return int(1000 * (2 ** ((number + 0.5) / A_DOUBLING) - 1))


def listed(numbers: Iterable[int]) -> bytes:
    """As a row is begun: how many bytes of counts follow, then those, then one byte for each that was added since."""
    return _NO_LANES + bytes(numbers)


def behind(written: bytes) -> int:
    """How many stand in the list behind the counts."""
    return len(written) - _HEAD - int.from_bytes(written[:_HEAD], "little")


def _side_by_side(counts: Mapping[int, int]) -> int:
    lanes = array("I", _EMPTY)
    for number, count in counts.items():
        lanes[number] = count
    return int.from_bytes(lanes.tobytes(), "little")


@lru_cache(maxsize=1024)
def _counted(listed_: bytes) -> int:
    """Of what has not changed since it was read it is remembered: that depends on nothing but what stands there. With
    `_SHORT` at most five million bytes."""
    return _side_by_side(Counter(listed_))


class Bins:
    """So many in each bin. Of what took no time at all nothing is kept: whoever knows how many there were adds them.

    One whole number holds all counts, side by side, so that adding two of them is one addition.
    """

    __slots__ = ("_count", "_counts", "_lanes")

    def __init__(self, lanes: int = 0) -> None:
        self._lanes = lanes
        self._counts: list[tuple[int, int]] | None = None
        self._count: int | None = None

    @classmethod
    def of(cls, milliseconds: Iterable[int]) -> Self:
        return cls(sum(_ONE[bin_of(one)] for one in milliseconds if one > 0))

    @classmethod
    def counted(cls, counts: Mapping[int, int]) -> Self:
        if any(count < 0 for count in counts.values()):
            return cls(sum(_ONE[number] * count for number, count in counts.items()))
        return cls(_side_by_side(counts))

    @classmethod
    def added_up(cls, written: Iterable[bytes]) -> Self:
        """Of rows as they are kept."""
        lanes = 0
        lists = []
        for one in written:
            if one.startswith(_NO_LANES):
                lists.append(one[_HEAD:])
                continue
            until = _HEAD + int.from_bytes(one[:_HEAD], "little")
            lanes += int.from_bytes(one[_HEAD:until], "little")
            lists.append(one[until:])
        together = b"".join(lists)
        if together:
            lanes += _counted(together) if len(together) <= _SHORT else _side_by_side(Counter(together))
        return cls(lanes)

    def written(self) -> bytes:
        """Few of them as a list, many as the counts."""
        if self.count <= MANY:
            return listed(number for number, count in self for _ in range(count))
        lanes = self._lanes.to_bytes((self._lanes.bit_length() + 7) // 8, "little")
        return len(lanes).to_bytes(_HEAD, "little") + lanes

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Bins that hold some, the shortest first, with how many."""
        if self._counts is None:
            raw = self._lanes.to_bytes((self._lanes.bit_length() + _LANE_BITS) // _LANE_BITS * _LANE, "little")
            lanes = memoryview(raw).cast("I").tolist()
            self._counts = [(number, count) for number, count in enumerate(lanes) if count]
        return iter(self._counts)

    def __add__(self, other: Bins) -> Self:
        return type(self)(self._lanes + other._lanes)

    def without(self, other: Bins) -> Self:
        """What is not there cannot be taken away: a row that was wrong before stays so until it is compared."""
        left = (self._lanes | _GUARDS) - other._lanes
        if left & _GUARDS == _GUARDS:  # nothing was borrowed from the lane above
            return type(self)(left ^ _GUARDS)
        less = dict(other)
        return self.counted({number: max(0, count - less.get(number, 0)) for number, count in self})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bins) and other._lanes == self._lanes

    def __hash__(self) -> int:
        return hash(self._lanes)

    def __bool__(self) -> bool:
        return bool(self._lanes)

    @property
    def count(self) -> int:
        if self._count is None:
            if self._counts is None:
                iter(self)
            self._count = sum([count for _number, count in self._counts or ()])
        return self._count

    def ranked(self, percent: int, of: int) -> int | None:
        """The nearest rank among `of`, those beyond `count` having taken no time; milliseconds. None where `of` is 0."""
        if of <= 0:
            return None
        place = max(1, -(-of * percent // 100)) - (of - self.count)
        if place <= 0:
            return 0
        for number, count in self:
            place -= count
            if place <= 0:
                return middle_of(number)
        return None
