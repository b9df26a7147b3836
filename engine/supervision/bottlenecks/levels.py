"""By what the steps of a map are coloured, and which of five levels each gets. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final


class Measure(StrEnum):
    """What the map shows. Each is a word of an address."""

    SHARE = "share"
    """Of the standard time, how much those open have used, by the one in the middle."""
    OPEN = "open"
    THROUGHPUT = "throughput"
    OLDEST = "oldest"
    LATE = "late"
    REWORK = "rework"


BORDERS: Final[Mapping[Measure, Sequence[float]]] = {
    Measure.SHARE: (0.25, 0.5, 1.0, 2.0),
    Measure.OPEN: (1, 5, 10, 20),
    Measure.THROUGHPUT: (0.2, 0.4, 0.6, 0.8),
    Measure.OLDEST: (1, 3, 5, 10),
    Measure.LATE: (0.05, 0.1, 0.25, 0.5),
    Measure.REWORK: (0.05, 0.1, 0.2, 0.4),
}
"""From each on a step has one level more. Of throughput: of the busiest step. Days are working days."""


def level(measure: Measure, value: float | None) -> int:
    """0 is cool, 4 is hot; what is not known is cool."""
    return 0 if value is None else sum(value >= border for border in BORDERS[measure])


def width(count: int, busiest: int) -> int:
    """How thick a flow is drawn, 0 to 4: nothing goes over it, or so much of what goes over the busiest."""
    return 0 if not count else 1 + min(3, int(4 * (count - 1) / busiest)) if busiest else 0
