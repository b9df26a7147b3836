"""The last four weeks as they were, beside what would have been foretold from what was before. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Final

from engine.supervision.whatif.learning import Model, learn
from engine.supervision.whatif.looking import lay
from engine.supervision.whatif.measuring import quantile
from engine.supervision.whatif.record import DAY_MS, HOUR_MS, Record
from engine.supervision.whatif.rules import NOTHING, TEST_RUNS, Change, Tested, TestedCycle, key_of_place
from engine.supervision.whatif.simulating import Scene, Span, scene, simulate

GoingOn = Callable[[], bool]
_ALWAYS: Final = lambda: True  # noqa: E731


class Stopped(Exception):
    """The process is to end."""


def back_test(
    record: Record, begin: int, until: int, going_on: GoingOn = _ALWAYS, runs: int = TEST_RUNS
) -> tuple[list[Tested], list[TestedCycle]]:
    """Cases come when they came; all else is learned from what was before `begin`. It is what answers are given with."""
    model = learn(record, begin)
    came = tuple((one.began, one.procedure) for one in record.cases.values() if begin <= one.began < until)
    told = run(scene(record, model, Span(begin, until, begin, came)), going_on, runs)
    waits, queues = real(record, model, begin, until)
    tasks = [one for of in record.tasks.values() for one in of]
    lying = lay(record, tasks, model.staffing, model.divided, begin, until)
    tested = []
    for department, of in sorted(waits.items()):
        wait, queue = (key_of_place(what, "department", department) for what in ("wait", "queue"))
        low, high = _within(told, wait)
        tested.append(
            Tested(
                department, len(of), fmean(of) if of else 0.0, mean_of(told, wait), queues[department],
                mean_of(told, queue), lying[department].busy_share, lying[department].explained_share, low, high,
            )
        )  # fmt: skip
    return tested, _cycles(record, model, told, begin, until)


def run(of: Scene, going_on: GoingOn, runs: int, change: Change = NOTHING) -> list[dict[str, float]]:
    """Raises Stopped."""
    found = []
    for seed in range(runs):
        if not going_on():
            raise Stopped
        found.append(simulate(of, change, seed))
    return found


def mean_of(runs: Sequence[Mapping[str, float]], key: str) -> float:
    """0 where no run has it."""
    said = [one[key] for one in runs if key in one]
    return fmean(said) if said else 0.0


def _within(runs: Sequence[Mapping[str, float]], key: str) -> tuple[float, float]:
    """Where 8 of 10 of them lie."""
    said = sorted(one[key] for one in runs if key in one)
    return (quantile(said, 0.1), quantile(said, 0.9)) if said else (0.0, 0.0)


def real(record: Record, model: Model, begin: int, until: int) -> tuple[dict[int, list[float]], dict[int, float]]:
    """By department: the waits of tasks that were taken, in hours of work, and the mean queue."""
    waits: dict[int, list[float]] = defaultdict(list)
    queued: dict[int, float] = defaultdict(float)
    for case in record.cases.values():
        if case.procedure not in model.ways:
            continue
        for one in record.tasks.get(case.id, ()):
            if not one.served or one.opened >= until:
                continue
            line = record.lines[one.department]
            end = until if one.claimed is None else min(one.claimed, until)
            if one.claimed is not None and begin <= one.claimed < until:
                waits[one.department].append(one.waited / HOUR_MS)
            if end > begin:
                queued[one.department] += line.between(max(one.opened, begin), end)
    for department in set(waits) | set(queued):
        length = record.lines[department].between(begin, until)
        queued[department] = queued[department] / length if length else 0.0
        waits.setdefault(department, [])
    return waits, queued


def _cycles(
    record: Record, model: Model, runs: Sequence[Mapping[str, float]], begin: int, until: int
) -> list[TestedCycle]:
    found = []
    for procedure in sorted(model.ways):
        lengths = sorted(
            (one.ended - one.began) / DAY_MS
            for one in record.cases.values()
            if one.procedure == procedure and one.ended is not None and begin <= one.ended < until
        )
        if lengths:
            found.append(
                TestedCycle(
                    procedure, len(lengths), quantile(lengths, 0.5), mean_of(runs, key_of_place("median", procedure)),
                    quantile(lengths, 0.9), mean_of(runs, key_of_place("p90", procedure)),
                )
            )  # fmt: skip
    return found
