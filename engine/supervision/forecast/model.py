"""What was learned of a procedure, and what it says of a case at a moment. Kept as JSON; checked when it is read. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from engine.base.frozen import frozen
from engine.supervision.forecast.calibrating import ENDS, shifted
from engine.supervision.forecast.days import COLUMNS, Days
from engine.supervision.forecast.forests import Along, Forest, ModelUnfit, read_forest
from engine.supervision.forecast.prefixes import Rows, Vocabulary
from engine.supervision.forecast.stories import Moment
from engine.supervision.forecast.survival import FEWEST, Curve, curve

HOURS = 24.0
SOUGHT = 10
"""Halves: so near a length is told."""
Lengths = Sequence[tuple[float, bool]]


@frozen
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


def chance(odds: float) -> float:
    """Of the logarithm of odds, as trees say it."""
    return 1 / (1 + math.exp(-odds))


@frozen
class Survival:
    """Curves by step, and of whole cases where too few were at a step. `counted`: by the clock of the periods.

    `ended`: of those alone that have ended, where their median was nearer on validation than that of all.
    `ends`: how likely what is longer than either end of the range was on validation.
    """

    steps: Mapping[str, Curve]
    whole: Curve
    counted: Mapping[str, Curve]
    whole_counted: Curve
    ended: Mapping[str, Curve] = field(default_factory=dict)
    ends: tuple[float, float] = ENDS

    def alike(self, one: Moment) -> tuple[Curve, float, bool] | None:
        """Those that stood at the same step as long, else all of the procedure that were as old. None where too few."""
        found = self.steps.get(one.step)
        if found is not None and found.similar(one.waited) >= FEWEST:
            return found, one.waited, True
        age = one.at - one.story.begun
        return (self.whole, age, False) if self.whole.similar(age) >= FEWEST else None

    def says(self, one: Moment) -> Forecast | None:
        """None where there are too few similar cases."""
        alike = self.alike(one)
        if alike is None:
            return None
        found, waited, at_step = alike
        if at_step:
            by_periods = one.waited if one.waited_counted is None else one.waited_counted
            return self._forecast(one, found, waited, self.counted.get(one.step, found), by_periods, at_step=True)
        by_periods = one.by_periods - one.story.events[0].by_periods
        return self._forecast(one, found, waited, self.whole_counted, by_periods, at_step=False)

    def _forecast(
        self, one: Moment, found: Curve, waited: float, counted: Curve, waited_counted: float, *, at_step: bool
    ) -> Forecast | None:
        longest = found.lengths[-1] - waited
        ends = [found.quantile(1 - longer, waited) for longer in (self.ends[0], 0.5, self.ends[1])]
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


@frozen
class Chance:
    """Of missing one kind of period: `weight` is the trees' part, the rest survival's; then by how much both missed."""

    weight: float
    shift: float

    def of(self, by_trees: float, by_survival: float) -> float:
        return shifted(self.weight * by_trees + (1 - self.weight) * by_survival, self.shift)


@frozen
class Spread:
    """Of any length whether it takes longer: the middle and both ends are sought by it.

    `ends`: how likely what is longer than either end of the range was on what it did not learn from. `most`: the longest.
    """

    forest: Forest
    ends: tuple[float, float]
    most: float

    def of(self, here: Along, at: float, days: Days) -> tuple[float, float, float]:
        """`here`: the forest where all is known but the length."""
        most = math.log1p(HOURS * self.most)

        def within(share: float, low: float, high: float, steps: int) -> float:
            for _ in range(steps):
                middle = (low + high) / 2
                longer = chance(here.of(days.ahead(at, math.expm1(middle) / HOURS))) > share
                low, high = (middle, high) if longer else (low, middle)
            return (low + high) / 2

        middle = within(0.5, 0.0, most, SOUGHT)
        ends = within(self.ends[0], 0.0, middle, SOUGHT - 3), within(self.ends[1], middle, most, SOUGHT - 3)
        low, high = (math.expm1(one) / HOURS for one in ends)
        return low, math.expm1(middle) / HOURS, high


@frozen
class Boosted:
    """`weight`: the trees' part of the middle, the rest the step's; both as logarithms.

    Of weight 0 it says nothing of how long it takes; of chances it says those that it has. `counted`: by the clock of
    the periods, where that ever stood.
    """

    vocabulary: Vocabulary
    weight: float
    spread: Spread
    counted: Forest | None
    chances: Mapping[str, Chance]

    def says(self, rows: Rows, one: Moment, base: Forecast) -> Forecast:
        row, at = rows.row(one), one.at
        here = self.spread.forest.along(row)
        low, middle, high = base.low, base.middle, base.high
        if self.weight > 0:
            low, by_trees, high = self.spread.of(here, at, rows.days)
            mixed = self.weight * math.log1p(HOURS * by_trees) + (1 - self.weight) * math.log1p(HOURS * base.middle)
            middle = math.expm1(mixed) / HOURS
            low, high = min(low, middle), max(high, middle)
        if self.counted is not None:
            here = self.counted.along(row)
        chances = dict(base.chances)
        for kind, of in self.chances.items():
            left = one.left(kind)
            if left is not None and left > 0 and kind in chances:
                chances[kind] = of.of(chance(here.of(rows.days.ahead(at, left))), chances[kind])
        return Forecast(low, middle, high, chances, base.similar, base.at_step, boosted=True)


@frozen
class Model:
    survival: Survival
    boosted: Boosted | None = None
    measured: Mapping[str, Any] = field(default_factory=dict)  # how good each was on what it did not learn from

    def says(self, one: Moment, rows: Rows | None = None) -> Forecast | None:
        """`rows`: made by `rows_of`, once for many moments; without them survival alone. None where there are too few
        similar cases.
        """
        base = self.survival.says(one)
        if base is None or self.boosted is None or rows is None:
            return base
        return self.boosted.says(rows, one, base)

    def rows_of(self, days: Days) -> Rows | None:
        return None if self.boosted is None else Rows(self.boosted.vocabulary, days)


def survival_of(kept: Mapping[str, Any], *, plain: bool = False, ends: tuple[float, float] = ENDS) -> Survival:
    """From lengths as they are kept. `plain`: the middle is the median of those that have ended."""
    steps = {step: curve(lengths) for step, lengths in kept["steps"].items()}
    whole = curve(kept["whole"])
    counted = {step: curve(lengths) for step, lengths in kept.get("counted", {}).items()}
    whole_counted = curve(kept["whole_counted"]) if kept.get("whole_counted") else whole
    ended = {step: of_ended(lengths) for step, lengths in kept["steps"].items()} if plain else {}
    return Survival(steps, whole, counted or steps, whole_counted, ended, ends)


def of_ended(lengths: Lengths) -> Curve:
    return curve([one for one in lengths if one[1]])


def read_model(kept: Any) -> Model:
    """Raises ModelUnfit."""
    try:
        _check_lengths(kept["survival"])
        boosted = kept.get("boosted")
        return Model(
            survival_of(kept["survival"], plain=bool(kept.get("plain")), ends=_read_ends(kept.get("ends", ENDS))),
            None if boosted is None else _read_boosted(boosted), dict(kept["measured"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ModelUnfit(why=type(fault).__name__) from fault


def _check_lengths(kept: Mapping[str, Any]) -> None:
    every = [kept["whole"], kept.get("whole_counted") or [], *kept["steps"].values(), *kept.get("counted", {}).values()]
    for lengths in every:
        if not all(isinstance(one, int | float) and math.isfinite(one) and one >= 0 for one, _ in lengths):
            raise ModelUnfit(why="lengths")


def _read_ends(kept: Any) -> tuple[float, float]:
    low, high = (float(one) for one in kept)
    return low, high


def _read_boosted(kept: Mapping[str, Any]) -> Boosted:
    said = kept["vocabulary"]
    words = {column: {word: float(worth) for word, worth in of.items()} for column, of in said["worth"].items()}
    vocabulary = Vocabulary(
        tuple(said["steps"]), tuple(said["numbers"]), tuple(said["words"]), words, bool(said["seasons"])
    )
    columns = len(vocabulary.columns) + len(COLUMNS)
    chances = {kind: Chance(float(one["weight"]), float(one["shift"])) for kind, one in kept["chances"].items()}
    counted = None if kept["counted"] is None else read_forest(kept["counted"], columns)
    said = kept["spread"]
    spread = Spread(read_forest(said["forest"], columns), _read_ends(said["ends"]), float(said["most"]))
    return Boosted(vocabulary, float(kept["weight"]), spread, counted, chances)


def dumped_boosted(one: Boosted) -> dict[str, Any]:
    known = one.vocabulary
    return {
        "vocabulary": {
            "steps": known.steps, "seasons": known.seasons, "numbers": known.numbers, "words": known.words,
            "worth": {column: dict(of) for column, of in known.worth.items()},
        },
        "weight": one.weight,
        "spread": {"forest": one.spread.forest.dumped(), "ends": one.spread.ends, "most": one.spread.most},
        "counted": None if one.counted is None else one.counted.dumped(),
        "chances": {kind: {"weight": chance.weight, "shift": chance.shift} for kind, chance in one.chances.items()},
    }  # fmt: skip
