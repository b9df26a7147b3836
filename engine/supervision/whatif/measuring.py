"""What is measured in one run, and the figures that come of it. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.supervision.whatif.record import DAY_MS, HOUR_MS, Place
from engine.supervision.whatif.rules import key_of_place
from engine.worktime.quick import Worked


@dataclass(slots=True)
class Waited:
    total: int = 0  # of those taken
    n: int = 0
    queue: int = 0  # of all, within the time measured


@dataclass(slots=True)
class Measured:
    places: dict[tuple[Place, int], Waited] = field(default_factory=lambda: defaultdict(Waited))
    cycles: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    late: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    open: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def figures(lines: Mapping[int, Worked], since: int, until: int, measured: Measured) -> dict[str, float]:
    """Waits in hours of work, queues in tasks, cycle times in days by the clock."""
    found: dict[str, float] = {}
    steps: dict[tuple[int, str], list[Waited]] = defaultdict(list)
    departments: dict[int, list[Waited]] = defaultdict(list)
    queues: dict[str, float] = defaultdict(float)
    for (place, department), one in measured.places.items():
        steps[place[:2]].append(one)
        departments[department].append(one)
        length = lines[department].between(since, until)
        share = one.queue / length if length else 0.0
        queues[key_of_place("queue", "step", *place[:2])] += share
        queues[key_of_place("queue", "department", department)] += share
    for step, of in steps.items():
        _waits(found, of, "step", *step)
    for department, of in departments.items():
        _waits(found, of, "department", department)
    for procedure, lengths in measured.cycles.items():
        ordered = sorted(lengths)
        found[key_of_place("median", procedure)] = quantile(ordered, 0.5) / DAY_MS
        found[key_of_place("p90", procedure)] = quantile(ordered, 0.9) / DAY_MS
        found[key_of_place("ended", procedure)] = len(ordered)
    for procedure, late in measured.late.items():
        found[key_of_place("late", procedure)] = sum(late) / len(late)
    for procedure, count in measured.open.items():
        found[key_of_place("open", procedure)] = count
    return found | queues


def _waits(found: dict[str, float], of: Sequence[Waited], *key: object) -> None:
    n = sum(one.n for one in of)
    if n:
        found[key_of_place("wait", *key)] = sum(one.total for one in of) / n / HOUR_MS


def quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest where it lies between."""
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
