"""How long it takes from a step to the end of the case, by what became of the cases before: Kaplan and Meier, with censoring. Pure.

A case that is still open says that it takes longer than so far: it counts among those at risk until then. Whoever asks
how much longer it takes for a case that has stood there for some time asks for those that stood there as long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import neg

from engine.base.frozen import frozen
from engine.supervision.forecast.stories import Moment

FEWEST = 20
"""From fewer similar cases nothing is told."""
_ALIKE = 1e-9


@frozen
class Curve:
    """`at` the lengths at which cases ended, ascending; `left` the share that is longer than each; `risk` how many there were."""

    at: tuple[float, ...]
    left: tuple[float, ...]
    lengths: tuple[float, ...]  # of every case, ended or not, ascending

    def beyond(self, length: float) -> float:
        """The share that takes longer."""
        place = bisect_right(self.at, length)
        return 1.0 if place == 0 else self.left[place - 1]

    def similar(self, waited: float) -> int:
        """How many stood there as long."""
        return len(self.lengths) - bisect_left(self.lengths, waited)

    def chance_beyond(self, more: float, waited: float = 0.0) -> float:
        """That it takes longer than `more` from now on, of a case that has stood there for `waited`."""
        if more < 0:
            return 1.0
        here = self._still(waited)
        return 1.0 if here <= 0 else self.beyond(waited + more) / here

    def chance_of_as_long(self, more: float, waited: float = 0.0) -> float:
        """That it takes `more` at least: those that took just that are with them."""
        here = self._still(waited)
        return 1.0 if here <= 0 else self._still(waited + more) / here

    def quantile(self, share: float, waited: float = 0.0) -> float | None:
        """Within which time so many of those that stood there as long have ended; None where that was never seen.

        Where it were just so many, it lies between that length and the next, as the median of two does.
        """
        target = (1.0 - share) * self._still(waited)
        place = bisect_left(self.left, -target - _ALIKE, bisect_left(self.at, waited), key=neg)
        if place == len(self.at):
            return None
        just = self.left[place] >= target - _ALIKE and place + 1 < len(self.at)
        return (self.at[place] + self.at[place + 1 if just else place]) / 2 - waited

    def _still(self, waited: float) -> float:
        """The share that stood there as long: those that ended at that very length did."""
        place = bisect_left(self.at, waited)
        return 1.0 if place == 0 else self.left[place - 1]


def curve(lengths: Sequence[tuple[float, bool]]) -> Curve:
    """Of each case its length and whether it ended then; else it was seen no longer."""
    ordered = sorted(lengths)
    at: list[float] = []
    left: list[float] = []
    share, at_risk, place = 1.0, len(ordered), 0
    while place < len(ordered):
        length, ended, gone = ordered[place][0], 0, 0
        while place < len(ordered) and ordered[place][0] == length:
            ended += ordered[place][1]
            gone += 1
            place += 1
        if ended:
            share *= 1 - ended / at_risk
            at.append(length)
            left.append(share if at_risk > ended else 0.0)
        at_risk -= gone
    return Curve(tuple(at), tuple(left), tuple(length for length, _ in ordered))


def by_step(visits: Iterable[Moment], until: float, *, counted: bool = False) -> dict[str, Curve]:
    """From the arrival at each step to the end, by all that was known at `until`; each visit of a step is one.

    `counted`: by the clock of the periods. A case that was open then counts as long as it was open.
    """
    return {step: curve(lengths) for step, lengths in lengths_by_step(visits, until, counted=counted).items()}


def lengths_by_step(
    visits: Iterable[Moment], until: float, *, counted: bool = False
) -> dict[str, list[tuple[float, bool]]]:
    """What the curves are drawn from."""
    seen: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for visit in visits:
        if visit.at > until:
            continue
        story = visit.story
        ended = story.ended is not None and story.ended <= until
        if not ended:
            length = until - visit.at
            if counted and story.counted_until is not None:
                length = min(length, story.counted_until - visit.by_periods)
        elif counted:
            length = (story.ended_by_periods or 0.0) - visit.by_periods
        else:
            length = (story.ended or 0.0) - visit.at
        seen[visit.step].append((round(max(length, 0.0), 5), ended))
    return dict(seen)
