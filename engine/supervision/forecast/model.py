"""What was learned of a procedure, and what it says of a case at a moment. Kept as JSON; checked when it is read. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.supervision.forecast.calibrating import Isotonic
from engine.supervision.forecast.forests import Forest, ModelUnfit, read_forest
from engine.supervision.forecast.prefixes import Rows, Vocabulary, Works
from engine.supervision.forecast.stories import Moment
from engine.supervision.forecast.survival import FEWEST, Curve, curve

HOURS = 24.0
Lengths = Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days from the moment on, of whatever time was measured. `similar`: from how many cases.

    `at_step`: those that stood at the same step as long; else all of the procedure that were as old.
    """

    low: float
    middle: float
    high: float
    chances: Mapping[str, float]
    similar: int
    at_step: bool
    boosted: bool


def grown(value: float) -> float:
    return max(math.expm1(min(value, 30.0)) / HOURS, 0.0)


@dataclass(frozen=True, slots=True)
class Survival:
    """Curves by step, and of whole cases where too few were at a step. `counted`: by the clock of the periods.

    `ended`: of those alone that have ended, where their median was nearer on validation than that of all.
    """

    steps: Mapping[str, Curve]
    whole: Curve
    counted: Mapping[str, Curve]
    whole_counted: Curve
    ended: Mapping[str, Curve] = field(default_factory=dict)

    def says(self, one: Moment) -> Forecast | None:
        """None where there are too few similar cases."""
        found = self.steps.get(one.step)
        if found is not None and found.similar(one.waited) >= FEWEST:
            waited = one.waited if one.waited_counted is None else one.waited_counted
            return self._forecast(one, found, one.waited, self.counted.get(one.step, found), waited, at_step=True)
        age = one.at - one.story.begun
        if self.whole.similar(age) >= FEWEST:
            counted_age = one.by_periods - one.story.events[0].by_periods
            return self._forecast(one, self.whole, age, self.whole_counted, counted_age, at_step=False)
        return None

    def _forecast(
        self, one: Moment, found: Curve, waited: float, counted: Curve, waited_counted: float, *, at_step: bool
    ) -> Forecast | None:
        longest = found.lengths[-1] - waited
        ends = [found.quantile(share, waited) for share in (0.1, 0.5, 0.9)]
        if ends[1] is None:
            return None  # not even half of them were ever seen to end
        low, middle, high = (longest if end is None else end for end in ends)
        of_ended = self.ended.get(one.step) if at_step else None
        if of_ended is not None and of_ended.similar(waited) >= FEWEST:
            plain = of_ended.quantile(0.5, waited)
            middle = middle if plain is None else plain
            low = min(low, middle)
        chances = {}
        for kind in one.story.dues:
            left = one.left(kind)
            if left is not None:
                chances[kind] = counted.chance_beyond(left, waited_counted)
        return Forecast(low, middle, max(high, middle), chances, found.similar(waited), at_step, boosted=False)

    def middle(self, one: Moment) -> float | None:
        """The median of those at the same step, however few."""
        found = self.steps.get(one.step)
        return None if found is None else found.quantile(0.5, one.waited)


@dataclass(frozen=True, slots=True)
class Chance:
    """Of missing one kind of period: `weight` is the trees' part, the rest survival's; then made true."""

    forest: Forest
    weight: float
    true: Isotonic

    def of(self, row: Sequence[float], left: float, by_survival: float) -> float:
        by_trees = 1 / (1 + math.exp(-self.forest.of([*row, left])))
        return self.true(self.weight * by_trees + (1 - self.weight) * by_survival)


@dataclass(frozen=True, slots=True)
class Boosted:
    """`weight`: the trees' part of the middle, the rest the step's; both as logarithms. `wider`: by how much each end of
    the range is moved.

    Of weight 0 it says nothing of how long it takes; of chances it says those that it has.
    """

    vocabulary: Vocabulary
    weight: float
    middle: Forest
    low: Forest
    high: Forest
    wider: tuple[float, float]
    chances: Mapping[str, Chance]

    def says(self, row: Sequence[float], one: Moment, base: Forecast) -> Forecast:
        low, middle, high = base.low, base.middle, base.high
        if self.weight > 0:
            middle = grown(self.weight * self.middle.of(row) + (1 - self.weight) * math.log1p(HOURS * base.middle))
            low = min(grown(self.low.of(row) - self.wider[0]), middle)
            high = max(grown(self.high.of(row) + self.wider[1]), middle)
        chances = dict(base.chances)
        for kind, chance in self.chances.items():
            left = one.left(kind)
            if left is not None and left > 0 and kind in chances:
                chances[kind] = chance.of(row, left, chances[kind])
        return Forecast(low, middle, high, chances, base.similar, base.at_step, boosted=True)


@dataclass(frozen=True, slots=True)
class Model:
    survival: Survival
    boosted: Boosted | None = None
    measured: Mapping[str, Any] = field(default_factory=dict)  # how good each was on what it did not learn from

    def says(self, one: Moment, rows: Rows | None = None) -> Forecast | None:
        """`rows`: made by `rows_of`, once for many moments. None where there are too few similar cases."""
        base = self.survival.says(one)
        if base is None or self.boosted is None:
            return base
        row = (rows or Rows(self.boosted.vocabulary)).row(one)
        return self.boosted.says(row, one, base)

    def rows_of(self, works: Works) -> Rows | None:
        return None if self.boosted is None else Rows(self.boosted.vocabulary, works)


def survival_of(kept: Mapping[str, Any], *, plain: bool = False) -> Survival:
    """From lengths as they are kept. `plain`: the middle is the median of those that have ended."""
    steps = {step: curve(lengths) for step, lengths in kept["steps"].items()}
    whole = curve(kept["whole"])
    counted = {step: curve(lengths) for step, lengths in kept.get("counted", {}).items()}
    whole_counted = curve(kept["whole_counted"]) if kept.get("whole_counted") else whole
    ended = {step: of_ended(lengths) for step, lengths in kept["steps"].items()} if plain else {}
    return Survival(steps, whole, counted or steps, whole_counted, ended)


def of_ended(lengths: Lengths) -> Curve:
    return curve([one for one in lengths if one[1]])


def read_model(kept: Any) -> Model:
    """Raises ModelUnfit."""
    try:
        _check_lengths(kept["survival"])
        boosted = kept.get("boosted")
        return Model(
            survival_of(kept["survival"], plain=bool(kept.get("plain"))),
            None if boosted is None else _read_boosted(boosted), dict(kept["measured"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ModelUnfit(why=type(fault).__name__) from fault


def _check_lengths(kept: Mapping[str, Any]) -> None:
    every = [kept["whole"], kept.get("whole_counted") or [], *kept["steps"].values(), *kept.get("counted", {}).values()]
    for lengths in every:
        if not all(isinstance(one, int | float) and math.isfinite(one) and one >= 0 for one, _ in lengths):
            raise ModelUnfit(why="lengths")


def _read_boosted(kept: Mapping[str, Any]) -> Boosted:
    said = kept["vocabulary"]
    words = {column: {word: float(worth) for word, worth in of.items()} for column, of in said["worth"].items()}
    vocabulary = Vocabulary(
        tuple(said["steps"]), tuple(said["numbers"]), tuple(said["words"]), words, bool(said["seasons"])
    )
    columns = len(vocabulary.columns)
    chances = {
        kind: Chance(
            read_forest(one["forest"], columns + 1),
            float(one["weight"]),
            Isotonic(tuple(one["said"]), tuple(one["came"])),
        )
        for kind, one in kept["chances"].items()
    }
    low, high = (float(one) for one in kept["wider"])
    middle, bottom, top = (read_forest(kept[name], columns) for name in ("middle", "low", "high"))
    return Boosted(vocabulary, float(kept["weight"]), middle, bottom, top, (low, high), chances)


def dumped_boosted(one: Boosted) -> dict[str, Any]:
    known = one.vocabulary
    return {
        "vocabulary": {
            "steps": known.steps, "seasons": known.seasons, "numbers": known.numbers, "words": known.words,
            "worth": {column: dict(of) for column, of in known.worth.items()},
        },
        "weight": one.weight, "middle": one.middle.dumped(), "low": one.low.dumped(), "high": one.high.dumped(),
        "wider": one.wider,
        "chances": {
            kind: {
                "forest": chance.forest.dumped(), "weight": chance.weight,
                "said": chance.true.said, "came": chance.true.came,
            }
            for kind, chance in one.chances.items()
        },
    }  # fmt: skip
