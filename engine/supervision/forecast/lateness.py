"""The chance to be late, by trees that say of any length whether it takes longer. Needs numpy: only the program that learns imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engine.base.frozen import frozen
from engine.supervision.forecast.boosting import Grown, matrix
from engine.supervision.forecast.calibrating import drift
from engine.supervision.forecast.learning import History
from engine.supervision.forecast.measures import brier, calibration_error, separation
from engine.supervision.forecast.model import Chance, Survival
from engine.supervision.forecast.stories import Moment, missed
from engine.supervision.forecast.turns import Turn

_FEWEST_MISSED: Final = 30
_WEIGHTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@frozen
class _Seen:
    """Of one turn: moments that were not late yet, of cases of which it is certain whether they were late."""

    moments: list[Moment]
    late: list[bool]
    by_trees: list[float]
    by_survival: list[float]

    def mixed(self, weight: float) -> list[float]:
        return [weight * a + (1 - weight) * b for a, b in zip(self.by_trees, self.by_survival, strict=True)]


def chances(
    history: History, turns: Sequence[Turn], trees: Sequence[Grown], measured: dict[str, Any]
) -> dict[str, Chance]:
    """By kind of period, where trees were better than survival alone on the turns together."""
    found = {}
    for kind in sorted({kind for turn in turns for story in turn.stories for kind in story.dues}):
        seen = [_seen(kind, turn, one, history.until) for turn, one in zip(turns, trees, strict=True)]
        late = [was for one in seen for was in one.late]
        measured[kind] = {}
        if not _is_enough(seen):
            continue
        mixed = {weight: [said for one in seen for said in one.mixed(weight)] for weight in _WEIGHTS}
        weight = min(mixed, key=lambda one: brier(mixed[one], late))
        measured[kind] = {
            "survival": brier(mixed[0.0], late), "boosted": brier(mixed[weight], late), "weight": weight,
            "separation": separation(mixed[weight], late), "error": calibration_error(mixed[weight], late),
        }  # fmt: skip
        if weight > 0.0:
            found[kind] = Chance(weight, drift([(one.mixed(weight), one.late) for one in seen]))
    return found


def _is_enough(seen: Sequence[_Seen]) -> bool:
    """Cases of both kinds: one that is asked often is one."""
    every = {(moment.story.key, was) for one in seen for moment, was in zip(one.moments, one.late, strict=True)}
    late = sum(was for _, was in every)
    return late >= _FEWEST_MISSED and len(every) - late >= _FEWEST_MISSED


def _seen(kind: str, turn: Turn, trees: Grown, until: float) -> _Seen:
    moments, rows, late = [], [], []
    every = turn.valid.every
    for one, row in zip(turn.valid.asked, every.rows.tolist(), strict=True):
        left, was_missed = one.left(kind), missed(one.story, kind, until)
        if was_missed is not None and left is not None and left > 0:
            moments.append(one)
            rows.append([*row, *turn.rows.days.ahead(one.at, left)])
            late.append(was_missed)
    by_trees = trees.of(matrix(rows)).tolist() if rows else []
    return _Seen(moments, late, by_trees, [_survival_chance(turn.survival, one, kind) for one in moments])


def _survival_chance(survival: Survival, one: Moment, kind: str) -> float:
    said = survival.says(one)
    return 0.0 if said is None else said.chances.get(kind, 0.0)
