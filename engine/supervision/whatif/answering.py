"""A question answered: the next four weeks many times over as they would go on, and as many times with the change. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.supervision.whatif.backtest import GoingOn, Stopped
from engine.supervision.whatif.learning import learn
from engine.supervision.whatif.measuring import quantile
from engine.supervision.whatif.record import DAY_MS, Record
from engine.supervision.whatif.rules import DAYS, RUNS, Answer, Change, Range
from engine.supervision.whatif.simulating import Span, scene, simulate

WARM: Final = 14
"""Days simulated before it is measured: a change takes time to show in what has piled up."""


def answered(
    record: Record, at: int, change: Change, procedure: int, going_on: GoingOn, runs: int = RUNS
) -> dict[str, Answer]:
    """By key; empty where too little is known of the procedure. The same question is answered the same. Raises Stopped."""
    model = learn(record, at)
    if procedure not in model.ways:
        return {}
    since = at + WARM * DAY_MS
    stage = scene(record, model, Span(at, since + DAYS * DAY_MS, since))
    today: list[dict[str, float]] = []
    then: list[dict[str, float]] = []
    for seed in range(runs):
        for into, changed in ((today, None), (then, change)):
            if not going_on():
                raise Stopped
            into.append(simulate(stage, seed=seed) if changed is None else simulate(stage, changed, seed))
    keys = {key for one in (*today, *then) for key in one}
    return {key: found for key in sorted(keys) if (found := _answer(key, today, then)) is not None}


def _answer(key: str, today: Sequence[Mapping[str, float]], then: Sequence[Mapping[str, float]]) -> Answer | None:
    """What nothing happens at counts as none, where it is a queue; a wait of nobody is no wait."""
    pairs = [
        (before.get(key, 0.0), after.get(key, 0.0))
        for before, after in zip(today, then, strict=True)
        if (key in before and key in after) or not key.startswith(("wait", "median", "p90", "late"))
    ]
    if not pairs:
        return None
    return Answer(
        range_of([one for one, _other in pairs]), range_of([other for _one, other in pairs]),
        range_of([other - one for one, other in pairs]),
    )  # fmt: skip


def range_of(values: Sequence[float]) -> Range:
    ordered = sorted(values)
    return Range(quantile(ordered, 0.1), quantile(ordered, 0.5), quantile(ordered, 0.9))
