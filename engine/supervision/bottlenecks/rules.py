"""Which steps are bottlenecks, what each costs and what is the likely cause. Pure: figures in, findings out.

The cost is what can be argued with: working days that cases waited at a step beyond what is allowed for it. Waiting for
somebody outside, and time for which a clock stood, is in none of these figures: no post is blamed for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text

LEAST_COST: Final = 10.0
"""Working days lost in the period below which nothing is told."""
LEAST_BACKLOG: Final = 2.0
"""Days' work that must lie there, for a queue to be more than what a day brings."""
LEAST_QUEUE: Final = 3
LONG_WAIT: Final = 1.5
"""So many times what is allowed, on average, is long."""
STILL: Final = 0.05
"""Of the cost, the share that what lies there now must be: else it was a bottleneck, and is none any more."""
ALLOWED: Final = 0.5
"""Working days that a case may wait at a step without a standard time."""
ALLOWED_OF: Final = 0.25
"""The share of a step's standard time that a case may wait there."""
GROWS_FOR: Final = 3
"""Working days over which a queue must have grown for that to be said."""

_LEAST_CASES: Final = 8
"""Fewer say nothing of a rate."""
_LATELY: Final = 15
"""Working days of three weeks: who works in batches of a week does so three times in them."""
_VACANT: Final = 0.25
_ABSENT: Final = 0.2
_GROWN: Final = 0.25
_IN_TRANSIT: Final = 0.35
_AGAIN: Final = 0.15
_AT_ONCE: Final = 0.4
_SLOWER: Final = 0.35


class Cause(StrEnum):
    """Why a queue stands. Which of them is likely is told by what the record shows."""

    VACANCY = "vacancy"
    ABSENCE = "absence"
    ARRIVALS = "arrivals"
    HAND_OVER = "hand-over"
    REWORK = "rework"
    BATCHING = "batching"
    SLOWER = "slower"
    FEWER = "fewer"


@frozen
class Found:
    """A cause, how much speaks for it (0 to 1), and by what figures: `now` against `before` or against all there are."""

    cause: Cause
    weight: float
    now: float
    before: float


@frozen
class Standing:
    """One step of a procedure in figures. Lengths are in working days of its department's calendar."""

    procedure_id: int
    edition_id: int
    element: str
    procedure: str
    step: str
    post_id: int
    post: Text
    department_id: int
    department: Text
    daily: tuple[tuple[int, int], ...] = ()
    """Arrived and finished on each working day of the period, the oldest first."""
    waits: int = 0  # how many finished waits `waited` is the sum of
    waited: float = 0.0  # until somebody took it, of those finished in the period; without what waited outside
    in_transit: float = 0.0  # of hand-overs until they were accepted, of the same
    repeated: int = 0  # came here again within their case
    worked: float | None = None  # mean time in work; None: not measurable
    days_before: int = 0  # working days of the period before; 0: there is none to compare with
    arrived_before: int = 0
    finished_before: int = 0
    worked_before: float | None = None
    waiting: int = 0  # nobody has taken it
    handing: int = 0  # a hand-over that nobody accepted yet
    working: int = 0
    stopped: int = 0  # its clock stands
    outside: int = 0  # waits for somebody outside
    aged: float = 0.0  # how long those waiting wait, together
    aged_in_transit: float = 0.0  # the same of those in hand-over
    oldest: float = 0.0
    standard: float | None = None  # its standard time
    holders: int = 0
    vacant: int = 0
    absent: float = 0.0  # of the days its holders should have worked lately, the share that they were away
    absent_now: int = 0
    left: tuple[float, ...] = ()
    """Of what lies there, in the order it will be done: working days left until the promise; less than 0: past it."""
    promised: bool = True
    """False: no case that lies there has a promise that runs, and `left` is until the day its task is due."""

    @property
    def queue(self) -> int:
        return self.waiting + self.handing

    @property
    def first(self) -> int:
        """Of those that finished, the ones that had not come here before."""
        return max(self.waits - self.repeated, 0)

    @property
    def allowed(self) -> float:
        """Working days that a case may wait here."""
        return ALLOWED if self.standard is None else self.standard * ALLOWED_OF

    @property
    def arrivals(self) -> int:
        return sum(arrived for arrived, _done in self.daily)

    @property
    def finished(self) -> int:
        return sum(done for _arrived, done in self.daily)

    @property
    def a_day(self) -> float:
        """How many are finished a working day."""
        return self.finished / len(self.daily) if self.daily else 0.0


@frozen
class Bottleneck:
    """One to tell of. `cost` is what it is ranked by."""

    at: Standing
    cost: float
    lost: float  # by those finished in the period, of the cost
    lying: float  # by those that lie there now
    growing_for: int  # working days; 0: it does not grow
    arrivals: float  # a day, since then; else over the period
    finished: float
    late: int  # past their promise already, or past due where nothing is promised
    misses: int  # more that will be by `horizon`, at this rate
    horizon: float  # working days from now
    causes: tuple[Found, ...]  # the likeliest first; none: the record does not say


def rank(steps: Iterable[Standing], *, horizon: float = 5.0) -> tuple[Bottleneck, ...]:
    """Those to tell of, the costliest first."""
    found = [one for one in (judged(step, horizon) for step in steps) if one is not None]
    return tuple(sorted(found, key=lambda one: (-one.cost, one.at.procedure_id, one.at.element)))


def judged(step: Standing, horizon: float = 5.0) -> Bottleneck | None:
    """None where nothing is to be told: it costs little, or it does not lie there."""
    lost, lying = cost(step)
    if lost + lying < LEAST_COST or not _stands(step, lost, lying):
        return None
    since = growing_for(step)
    days = step.daily[-since:] if since else step.daily
    arrivals = sum(arrived for arrived, _done in days) / len(days) if days else 0.0
    finished = sum(done for _arrived, done in days) / len(days) if days else 0.0
    late, missed = misses(step.left, finished, horizon)
    return Bottleneck(
        at=step, cost=lost + lying, lost=lost, lying=lying, growing_for=since, arrivals=arrivals, finished=finished,
        late=late, misses=missed, horizon=horizon, causes=causes(step),
    )  # fmt: skip


def cost(step: Standing) -> tuple[float, float]:
    """Working days that cases waited here beyond what is allowed: those finished in the period, and those that lie here.

    It is allowed once a case: whatever comes through again should not have to wait again.
    """
    lost = step.waited + step.in_transit - step.first * step.allowed
    lying = step.aged + step.aged_in_transit - step.queue * step.allowed
    return max(lost, 0.0), max(lying, 0.0)


def _stands(step: Standing, lost: float, lying: float) -> bool:
    """Several lie there now, and either more than a day brings or as long as before; or they are done in batches."""
    if _batching(step) is not None:
        return True
    if lying < STILL * (lost + lying):
        return False
    if step.queue >= LEAST_QUEUE and step.queue >= LEAST_BACKLOG * step.a_day:
        return True
    waited = step.waited + step.in_transit
    long = step.waits >= _LEAST_CASES and waited >= LONG_WAIT * step.allowed * step.first
    return long and step.queue >= LEAST_QUEUE


def growing_for(step: Standing) -> int:
    """Since how many working days the queue grows: since it was last as short as at any time of the period."""
    level = lowest = step.queue
    since = 0
    for back, (arrived, done) in enumerate(reversed(step.daily), start=1):
        level -= arrived - done
        if level < lowest:
            lowest, since = level, back
    grown = step.queue - lowest
    return (
        since if since >= GROWS_FOR and grown >= max(LEAST_QUEUE, 0.1 * sum(a for a, _d in step.daily[-since:])) else 0
    )


def misses(left: Sequence[float], a_day: float, horizon: float) -> tuple[int, int]:
    """How many are past their promise, and how many more will be by `horizon`, where so many are finished a day."""
    late = sum(one < 0 for one in left)
    more = 0
    for place, one in enumerate(left, start=1):
        done_in = place / a_day if a_day > 0 else float("inf")
        more += 0 <= one <= horizon and done_in > one
    return late, more


def causes(step: Standing) -> tuple[Found, ...]:
    """What speaks for each, the most first. What is seen of people comes before what is only seen of figures."""
    looks = (_vacancy, _absence, _hand_over, _rework, _batching, _arrivals, _slower)
    found = [one for one in (look(step) for look in looks) if one is not None]
    if all(one.cause is Cause.HAND_OVER for one in found):
        found += [one for one in (_fewer(step),) if one is not None]
    return tuple(sorted(found, key=lambda one: -one.weight))


def _vacancy(step: Standing) -> Found | None:
    places = step.holders + step.vacant
    if not places or step.vacant / places < _VACANT:
        return None
    return Found(Cause.VACANCY, min(1.0, 0.3 + step.vacant / places), step.vacant, places)


def _absence(step: Standing) -> Found | None:
    if step.absent < _ABSENT:
        return None
    return Found(Cause.ABSENCE, min(1.0, 0.25 + step.absent), step.absent_now, step.holders)


def _hand_over(step: Standing) -> Found | None:
    whole = step.waited + step.aged + step.in_transit + step.aged_in_transit
    transit = step.in_transit + step.aged_in_transit
    if whole <= 0 or transit / whole < _IN_TRANSIT:
        return None
    # It is where the time goes rather than why: whatever else is seen comes before it.
    return Found(Cause.HAND_OVER, 0.4 * transit / whole, step.handing, transit / whole)


def _rework(step: Standing) -> Found | None:
    if step.arrivals < _LEAST_CASES or step.repeated / step.arrivals < _AGAIN:
        return None
    share = step.repeated / step.arrivals
    return Found(Cause.REWORK, min(1.0, 0.3 + 1.5 * share), share, step.repeated)


def _batching(step: Standing) -> Found | None:
    """Something comes on most days, and is finished on few, many at a time."""
    lately = step.daily[-_LATELY:]
    came = sum(arrived > 0 for arrived, _done in lately)
    gone = sum(done > 0 for _arrived, done in lately)
    arrived, done = sum(one for one, _done in lately), sum(one for _arrived, one in lately)
    if not gone or done < _LEAST_CASES or came < len(lately) / 2:
        return None
    if gone / came > _AT_ONCE or done / gone < 3 or done < arrived / 2:
        return None
    return Found(Cause.BATCHING, 1.0 - gone / came, gone, len(lately))


def _arrivals(step: Standing) -> Found | None:
    """What comes here again is none of them."""
    now, before = _rates(step, arrived=True)
    now -= step.repeated / (growing_for(step) or len(step.daily) or 1)
    if before <= 0 or now / before - 1 < _GROWN:
        return None
    return Found(Cause.ARRIVALS, min(0.95, 0.35 + 0.6 * (now / before - 1)), now, before)


def _fewer(step: Standing) -> Found | None:
    """Less is finished than was: told where nothing says why."""
    now, before = _rates(step, arrived=False)
    if before <= 0 or now / before > 1 - _GROWN:
        return None
    return Found(Cause.FEWER, 0.1, now, before)


def _rates(step: Standing, *, arrived: bool) -> tuple[float, float]:
    """A day: since the queue grows, or in the period; and before that. 0 where too few are known."""
    since = growing_for(step) or len(step.daily)
    part = 0 if arrived else 1
    now = [one[part] for one in step.daily[-since:]] if since else []
    known = sum(one[part] for one in step.daily[:-since]) if since else 0
    earlier = known + (step.arrived_before if arrived else step.finished_before)
    days = len(step.daily) - since + step.days_before
    if not now or earlier < _LEAST_CASES or not days:
        return 0.0, 0.0
    return sum(now) / len(now), earlier / days


def _slower(step: Standing) -> Found | None:
    if not step.worked or not step.worked_before or step.waits < _LEAST_CASES:
        return None
    grown = step.worked / step.worked_before - 1
    return (
        Found(Cause.SLOWER, min(0.9, 0.2 + 0.5 * grown), step.worked, step.worked_before) if grown >= _SLOWER else None
    )
