"""Sums: numbers by name, in the order in which they are kept."""

from __future__ import annotations

from typing import NamedTuple

from engine.supervision.figures.bins import Bins
from engine.supervision.figures.contributions import Place

StepKey = tuple[int, int, str]
"""Procedure, edition, element."""


def step_key(place: Place) -> StepKey:
    return place.procedure_id, place.edition_id, place.element


class StepSums(NamedTuple):
    """Of tasks: those that arrived that day; all others of those closed that day, and but for `cancelled` completed.

    `received`: handed over from another department; `measured`: somebody pressed start, `working` and
    `measured_sojourn` are of those.
    """

    arrived: int = 0
    done: int = 0
    cancelled: int = 0
    timed: int = 0
    late: int = 0
    repeated: int = 0
    looped: int = 0
    same_day: int = 0
    received: int = 0
    measured: int = 0
    waiting: int = 0
    taken: int = 0
    stopped: int = 0
    outside: int = 0
    handed: int = 0
    sojourn: int = 0
    calendar: int = 0
    working: int = 0
    measured_sojourn: int = 0


class CaseSums(NamedTuple):
    """Of cases: those that started that day; all others of those that ended that day, and but for `cancelled` by themselves."""

    started: int = 0
    ended: int = 0
    cancelled: int = 0
    promised: int = 0
    promise_kept: int = 0
    lawful: int = 0
    law_kept: int = 0
    first_pass: int = 0
    same_day: int = 0
    repeated: int = 0
    steps: int = 0
    cycle: int = 0
    calendar: int = 0


class FlowSums(NamedTuple):
    n: int = 0
    waited: int = 0
    wait: int = 0


class HandSums(NamedTuple):
    n: int = 0
    waited: int = 0
    wait: int = 0
    returned: int = 0
    ping_pong: int = 0


class DaySums(NamedTuple):
    arrived: int = 0
    done: int = 0
    cancelled: int = 0


class CaseDaySums(NamedTuple):
    started: int = 0
    ended: int = 0
    cancelled: int = 0


class Lengths(NamedTuple):
    n: int
    total: int
    bins: Bins
