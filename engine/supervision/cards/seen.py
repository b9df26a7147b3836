"""A case as the rules see it at one moment, what each fact is then, and when the next of them changes by itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from engine.base.frozen import frozen
from engine.cases.accountable import Held
from engine.supervision.cards.conditions import Condition
from engine.supervision.cards.facts import FACTS, Subject, Value
from engine.supervision.cards.rules import Rule
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import add_time, day_after, days_between, time_between

AFTER_THE_END: Final = timedelta(days=1)
"""So long a case that has ended is still looked at: what it ended with may be found, what is long over is not."""
LONGEST: Final = timedelta(days=7)
"""A case is looked at again after so long at the latest, whatever was foreseen."""
_HOUR: Final = timedelta(hours=1)
_DIGITS: Final = Decimal("0.0001")


@frozen
class HandedSeen:
    """A hand-over that nobody has answered yet. `stopped`: how long the case stood still meanwhile."""

    sender: Held | None
    sent_at: datetime
    answer_by: datetime
    silent: bool
    stopped: timedelta = timedelta(0)


@frozen
class StepSeen:
    """An open step. `touched_at`: the last change of it; `rested`: how long the case rested meanwhile."""

    number: int
    edition_id: int
    element: str
    post_id: int
    department_id: int
    department: str
    person_id: int | None
    opened_at: datetime
    due_at: datetime | None
    claimed_at: datetime | None
    touched_at: datetime
    external: bool
    calendar: WorkCalendar
    rested: timedelta = timedelta(0)
    extensions: int = 0
    returned: int = 0
    urged: int = 0
    handed: HandedSeen | None = None

    @property
    def held(self) -> Held:
        return Held(self.post_id, self.person_id)


@frozen
class CaseSeen:
    """`standing`: its clock stands now. `refused`: without a ground. `supplements`: notices so far. `rounds`: to and fro."""

    case_id: int
    number: str
    procedure_id: int
    procedure: str
    started_at: datetime
    ended_at: datetime | None
    standing: bool
    calendar: WorkCalendar
    steps: tuple[StepSeen, ...] = ()
    begun_at: datetime | None = None
    due_at: datetime | None = None
    stopped: timedelta = timedelta(0)
    supplements: int = 0
    refused: bool = False
    rounds: int = 0

    @property
    def rests(self) -> bool:
        """Nothing may be held against anybody now: the clock stands, or all that is open waits for somebody outside."""
        return self.standing or (self.ended_at is None and all(one.external for one in self.steps))


@frozen
class Looked:
    """One thing that a rule is about, with its facts."""

    about: Subject
    case: CaseSeen
    step: StepSeen | None
    facts: Mapping[str, Value]

    def occasion(self, condition: Condition) -> str:
        """What a rule fires at once: this step with the time it has, this claim of it, this hand-over, this notice."""
        parts = [self.about.value]
        if self.step is not None:
            parts += [str(self.step.number), f"extended {self.step.extensions}"]
            if self.about is Subject.HAND_OVER and self.step.handed is not None:
                parts.append(f"sent {int(self.step.handed.sent_at.timestamp())}")
            if any(name.startswith("step.claimed") for name in condition.facts) and self.step.claimed_at is not None:
                parts.append(f"claimed {int(self.step.claimed_at.timestamp())}")
        parts += [f"{name} {self.facts[name]}" for name in sorted(condition.facts) if FACTS[name].again]
        return "; ".join(parts)


def looked(case: CaseSeen, now: datetime) -> Iterator[Looked]:
    """Everything of a case that a rule may be about now; nothing of what waits for somebody outside."""
    of_case = _case_facts(case, now)
    yield Looked(Subject.CASE, case, None, of_case)
    for step in case.steps:
        if step.external:
            continue
        of_step = of_case | _step_facts(step, now)
        yield Looked(Subject.STEP, case, step, of_step)
        if step.handed is not None:
            yield Looked(Subject.HAND_OVER, case, step, of_step | _handed_facts(step, step.handed, now))


def _whole(number: int) -> Decimal:
    return Decimal(number)


def _days(calendar: WorkCalendar, begin: datetime, end: datetime) -> Decimal:
    return _whole(days_between(calendar, calendar.local_day(begin), calendar.local_day(end)))


@frozen
class Term:
    """From when to when something is to be done; `stopped` of it was not counted."""

    calendar: WorkCalendar
    begin: datetime
    due: datetime
    stopped: timedelta = timedelta(0)

    @property
    def whole(self) -> timedelta:
        return time_between(self.calendar, self.begin, self.due) - self.stopped

    def share(self, now: datetime) -> Decimal:
        """1 is all of it. Where it has no working time at all, it is used up when it is due."""
        if self.whole <= timedelta(0):
            return _whole(1) if now >= self.due else _whole(0)
        left = time_between(self.calendar, now, self.due)
        used = 1 - Decimal(left / timedelta(microseconds=1)) / Decimal(self.whole / timedelta(microseconds=1))
        exact = max(used, _whole(0)).quantize(_DIGITS, ROUND_FLOOR)
        # Rounding must not say that it is late, nor that it is not.
        return max(exact, _whole(1)) if now > self.due else min(exact, _whole(1))

    def used_at(self, share: Decimal) -> datetime:
        if share == 1:
            return self.due  # no working time from the end of a day is the morning after it
        return add_time(self.calendar, self.due, -(self.whole * float(1 - share)))


def _term_of_step(step: StepSeen) -> Term | None:
    return None if step.due_at is None else Term(step.calendar, step.opened_at, step.due_at, step.rested)


def _term_of_case(case: CaseSeen) -> Term | None:
    if case.due_at is None:
        return None
    return Term(case.calendar, case.begun_at or case.started_at, case.due_at, case.stopped)


def _left(term: Term | None, now: datetime) -> tuple[Value, Value, Value, Value]:
    """Late, share used, working days left, working days late."""
    if term is None:
        return False, None, None, _whole(0)
    left = _days(term.calendar, now, term.due)
    return now > term.due, term.share(now), left, max(-left, _whole(0))


def _case_facts(case: CaseSeen, now: datetime) -> dict[str, Value]:
    until = case.ended_at or now
    late, used, left, overdue = _left(_term_of_case(case), until)
    return {
        "case.late": late, "case.share_used": used, "case.days_left": left, "case.days_late": overdue,
        "case.open_days": max(_days(case.calendar, case.started_at, until), _whole(0)),
        "case.supplements": _whole(case.supplements), "case.refused_without_ground": case.refused,
        "case.ping_pong_rounds": _whole(case.rounds), "case.procedure": case.procedure,
    }  # fmt: skip


def _step_facts(step: StepSeen, now: datetime) -> dict[str, Value]:
    late, used, left, overdue = _left(_term_of_step(step), now)
    claimed = step.person_id is not None
    open_days = max(_days(step.calendar, step.opened_at, now), _whole(0))
    untouched = max(_days(step.calendar, step.touched_at, now), _whole(0)) if claimed else _whole(0)
    return {
        "step.late": late, "step.share_used": used, "step.working_days_left": left, "step.working_days_late": overdue,
        "step.open_days": open_days, "step.claimed": claimed, "step.claimed_untouched_days": min(untouched, open_days),
        "step.unclaimed_days": _whole(0) if claimed else open_days, "step.returned_times": _whole(step.returned),
        "step.urged_times": _whole(step.urged), "step.department": step.department,
    }  # fmt: skip


def _handed_facts(step: StepSeen, handed: HandedSeen, now: datetime) -> dict[str, Value]:
    term = Term(step.calendar, handed.sent_at, handed.answer_by, handed.stopped)
    hours = max(time_between(step.calendar, handed.sent_at, now) - handed.stopped, timedelta(0)) / _HOUR
    return {
        "handover.late": now > handed.answer_by, "handover.share_used": term.share(now),
        "handover.hours_unanswered": _whole(int(hours)),
    }  # fmt: skip


# When something changes by itself.


def next_change(rules: Iterable[Rule], case: CaseSeen, fired: frozenset[tuple[str, str]], now: datetime) -> datetime:
    """When a rule that has not fired may begin to, if nobody does anything; `fired`: rule and occasion."""
    latest = now + LONGEST
    if case.rests or case.ended_at is not None:
        return latest
    every = list(looked(case, now))
    found = [latest]
    for rule in rules:
        condition = rule.read()
        for one in every:
            if one.about is not rule.about or (rule.key, one.occasion(condition)) in fired:
                continue
            found += [at for at in _changes(condition, one) if now < at < latest]
    return min(found)


def _changes(condition: Condition, one: Looked) -> Iterator[datetime]:
    for name in condition.facts:
        fact = FACTS[name]
        if not fact.runs or one.facts.get(name) is None:
            continue
        at = _AT[name]
        if fact.kind == "truth":
            yield from filter(None, (at(one, _whole(0)),))
            continue
        marks = {
            value
            for value in condition.constants[name]
            if isinstance(value, Decimal) and fact.least is not None and value >= fact.least
        }
        if not condition.plain:  # sums of facts: looked at each working day
            yield _begins(one.case.calendar, one, 1)
        # Where "more than" begins to hold, beside "at least": a share is rounded down before it is compared.
        beyond = _DIGITS if not fact.whole else Decimal(-1 if name.endswith("left") else 1)
        near = {each for mark in marks for each in (mark, mark + beyond)}
        yield from filter(None, (at(one, each) for each in sorted(near)))


def _begins(calendar: WorkCalendar, one: Looked, days: int, since: datetime | None = None) -> datetime:
    """The first minute of the working day so many behind."""
    day = day_after(calendar, calendar.local_day(since or one.case.started_at), days)
    return datetime.combine(day, time(), calendar.zone).astimezone(UTC)


def begin_of_day(one: Looked, days: int, since: datetime) -> datetime:
    """By the calendar of the case: the first minute of the working day so many behind."""
    return _begins(one.case.calendar, one, days, since)


def _late(term_of: Callable[[Looked], Term | None]) -> Callable[[Looked, Decimal], datetime | None]:
    def at(one: Looked, _value: Decimal) -> datetime | None:
        term = term_of(one)
        return None if term is None else term.due + timedelta(seconds=1)

    return at


def _share(term_of: Callable[[Looked], Term | None]) -> Callable[[Looked, Decimal], datetime | None]:
    def at(one: Looked, value: Decimal) -> datetime | None:
        term = term_of(one)
        return None if term is None or not 0 <= value <= 20 else term.used_at(value) + timedelta(seconds=1)

    return at


def _days_left(term_of: Callable[[Looked], Term | None], sign: int) -> Callable[[Looked, Decimal], datetime | None]:
    def at(one: Looked, value: Decimal) -> datetime | None:
        term = term_of(one)
        if term is None or abs(value) > 400:
            return None
        return _begins(term.calendar, one, -int(value) * sign, term.due)

    return at


def _days_since(
    since: Callable[[StepSeen], datetime], claimed: bool | None = None
) -> Callable[[Looked, Decimal], datetime | None]:
    """`claimed`: only while somebody has it, or only while nobody has."""

    def at(one: Looked, value: Decimal) -> datetime | None:
        if one.step is None or not 0 < value <= 400 or claimed not in (None, one.step.person_id is not None):
            return None
        return _begins(one.step.calendar, one, int(value), since(one.step))

    return at


def _case_days(one: Looked, value: Decimal) -> datetime | None:
    return _begins(one.case.calendar, one, int(value)) if 0 < value <= 400 else None


def _hours(one: Looked, value: Decimal) -> datetime | None:
    if one.step is None or one.step.handed is None or not 0 < value <= 4000:
        return None
    waited = int(value) * _HOUR + one.step.handed.stopped
    return add_time(one.step.calendar, one.step.handed.sent_at, waited) + timedelta(seconds=1)


def _of_step(one: Looked) -> Term | None:
    return None if one.step is None else _term_of_step(one.step)


def _of_case(one: Looked) -> Term | None:
    return _term_of_case(one.case)


def _of_handed(one: Looked) -> Term | None:
    if one.step is None or one.step.handed is None:
        return None
    handed = one.step.handed
    return Term(one.step.calendar, handed.sent_at, handed.answer_by, handed.stopped)


_AT: Final[Mapping[str, Callable[[Looked, Decimal], datetime | None]]] = {
    "step.late": _late(_of_step), "case.late": _late(_of_case), "handover.late": _late(_of_handed),
    "step.share_used": _share(_of_step), "case.share_used": _share(_of_case), "handover.share_used": _share(_of_handed),
    "step.working_days_left": _days_left(_of_step, 1), "step.working_days_late": _days_left(_of_step, -1),
    "case.days_left": _days_left(_of_case, 1), "case.days_late": _days_left(_of_case, -1),
    "step.open_days": _days_since(lambda step: step.opened_at),
    "step.unclaimed_days": _days_since(lambda step: step.opened_at, claimed=False),
    "step.claimed_untouched_days": _days_since(lambda step: step.touched_at, claimed=True),
    "case.open_days": _case_days, "handover.hours_unanswered": _hours,
}  # fmt: skip


# What is counted in the record.


def rounds(crossed: Iterable[tuple[int, int, datetime, datetime | None]]) -> int:
    """The most times that a case came back between two departments: sender, receiver, sent, returned. There and back is once."""
    moves = set[tuple[frozenset[int], datetime, bool]]()
    for sender, receiver, sent, returned in crossed:
        pair = frozenset((sender, receiver))
        moves.add((pair, sent, False))
        if returned is not None:
            moves.add((pair, returned, True))
    counted = Counter(pair for pair, _at, _back in moves)
    return max((count // 2 for count in counted.values()), default=0)
