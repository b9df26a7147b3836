"""What is allowed with the clocks of a case, and how one stands. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram import clocks as drawn
from engine.diagram.clocks import Plan
from engine.diagram.rule_sets import CLOCKS, DECIDING, DEEMED, GROUNDS, Clock, Expiry, Ground
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import day_after
from engine.worktime.periods import UNITS, Period, Reading, Stop, Unit, due_at, end_of, read

KINDS: Final[Mapping[int, Clock]] = {
    1: Clock.STATUTORY, 2: Clock.PROMISED, 3: Clock.JOINT, 4: Clock.NOTICE, 5: Clock.DELIVERY
}  # fmt: skip
"""Numbers are stored: never renumber; so with those below."""
KIND_NUMBERS: Final[Mapping[Clock, int]] = {kind: number for number, kind in KINDS.items()}
EFFECTS: Final[Mapping[int, Expiry]] = {1: Expiry.ESCALATE, 2: Expiry.GRANTED, 3: Expiry.REFUSED}
EFFECT_NUMBERS: Final[Mapping[Expiry, int]] = {effect: number for number, effect in EFFECTS.items()}

RESTS: Final = 100
"""The ground of a stop that is the whole case at rest: every clock stands, and so does the work."""
GROUND_NUMBERS: Final[Mapping[Ground, int]] = {
    Ground.SUPPLEMENT: 1, Ground.HEARING: 2, Ground.INSPECTION: 3, Ground.REVIEW: 4, Ground.FORCE_MAJEURE: 5,
    Ground.OTHER: 6,
}  # fmt: skip
_GROUNDS: Final[Mapping[int, Text]] = {
    **{number: GROUNDS[ground] for ground, number in GROUND_NUMBERS.items()},
    RESTS: Text("the case is suspended", "办件中止"),
}

WARN_WORKING_DAYS: Final = 5
"""So long before silence takes effect somebody is told."""
_DECIDING: Final = frozenset(KIND_NUMBERS[one] for one in DECIDING)


class NoClockRuns(Refusal):
    """No period of case {case} runs that this could be said of: it has none, none has begun yet, or each has ended."""

    zh = "办件 {case} 没有可适用的期限在计算：没有期限、尚未起算，或均已结束。"


class GroundNotHere(Refusal):
    """On this ground the clock does not stand in this procedure. Choose one of those offered."""

    zh = "本程序不允许以该事由中止计时。请从所列事由中选择。"


class StandsAlready(Refusal):
    """The clock of case {case} stands on this ground since {at} already."""

    zh = "办件 {case} 的期限已自 {at} 起因该事由中止计时。"


class NothingStands(Refusal):
    """No such stop holds the clock of case {case}: somebody was quicker, or it never stood."""

    zh = "办件 {case} 没有该项中止计时：可能已有人恢复，或从未中止。"


class GoesOnByItself(Refusal):
    """This stop ends by itself when the step that waits is completed."""

    zh = "该项中止在等待的环节办结时自动恢复计时。"


class EndsWithRest(Refusal):
    """The clock stands because case {case} is suspended. It goes on when the case is resumed."""

    zh = "办件 {case} 已中止，计时因此停止。恢复办件后继续计时。"


class NoticeDayUnfit(Refusal):
    """The day the applicant was told must be a day from {first} to {last}."""

    zh = "告知申请人的日期须在 {first} 至 {last} 之间。"


class PeriodOver(Refusal):
    """The period ended on {at}. What is over is neither stopped nor extended."""

    zh = "期限已于 {at} 届满，不能再中止或延长。"


class NotExtended(Refusal):
    """The periods of this procedure are not extended."""

    zh = "本程序的期限不得延长。"


class ExtendedAlready(Refusal):
    """The period was extended already, on {at}. It is extended once."""

    zh = "期限已于 {at} 延长。只能延长一次。"


class AskedAlready(Refusal):
    """An extension of the period was asked for on {at} and is not decided yet."""

    zh = "已于 {at} 申请延长期限，尚未决定。"


class AmountUnfit(Refusal):
    """Say by how much: a whole number from 1 to {most}, in the unit of the period."""

    zh = "请填写延长多少：1 至 {most} 的整数，单位与期限相同。"


class NobodyAsked(Refusal):
    """No extension of the period of case {case} waits to be decided: it was decided already, or never asked for."""

    zh = "办件 {case} 没有待决定的延长申请：可能已决定，或从未申请。"


class NotYoursToStop(NotAllowed):
    """The clock of case {case} is stopped and set going by whoever has a task of it in hand, or by a supervisor of the procedure."""

    zh = "办件 {case} 的计时只能由正在办理其任务的人员或程序的监督人员中止和恢复。"


class NotYoursToExtend(NotAllowed):
    """The period of case {case} is extended by a supervisor of the procedure."""

    zh = "办件 {case} 的期限只能由程序的监督人员批准延长。"


class OwnPeriod(NotAllowed):
    """You asked for this extension, or have a task of case {case} in hand: another supervisor decides on it."""

    zh = "该延长由您申请，或您正在办理办件 {case} 的任务：须由其他监督人员决定。"


class NotOver(Refusal):
    """This period of case {case} waits for nobody to confirm its end: it is not over, or was settled already."""

    zh = "办件 {case} 的该期限没有待确认的届满：尚未届满，或已处理。"


class NotYoursToConfirm(NotAllowed):
    """What the end of the period of case {case} means is confirmed by a supervisor of the procedure."""

    zh = "办件 {case} 期限届满的法律后果须由程序的监督人员确认。"


@frozen
class Held:
    """A stop as it is kept."""

    number: int
    ground: int
    begin_at: datetime
    end_at: datetime | None


@frozen
class Running:
    """A clock as far as it is counted."""

    kind: int
    length: int
    unit: Unit
    rolls: bool
    first_day: bool
    extended_by: int
    begun_at: datetime
    effect: int

    @property
    def period(self) -> Period:
        return Period(self.length, self.unit, self.rolls, self.first_day)

    @classmethod
    def of(cls, row: Any) -> Running:
        """`row`: of case_clocks."""
        return cls(
            kind=row.kind, length=row.length, unit=Unit(row.unit), rolls=row.rolls, first_day=row.first_day,
            extended_by=row.extended_by, begun_at=row.begun_at, effect=row.effect,
        )  # fmt: skip


@frozen
class Counted:
    """What is kept of a clock that was counted. `stands`: how many stops hold it."""

    due_at: datetime
    provisional: bool
    stands: int
    warn_at: datetime | None


def holds(ground: int, kind: int) -> bool:
    """A case at rest holds every clock, a ground of the law only those that run until it is decided."""
    return ground == RESTS or kind in _DECIDING


@frozen
class Spell:
    """Time that the clock stood, and on which ground."""

    begin: datetime
    end: datetime
    ground: int


def given_back(held: Iterable[Held], ended: Collection[int]) -> tuple[Spell, ...]:
    """What the stops that have just ended give back of their time, the earliest first: nothing that a rest gives back
    whole, nor what another stop gave when it ended before."""
    every = list(held)
    taken = [(one.begin_at, one.end_at) for one in every if one.ground == RESTS]
    taken += [(one.begin_at, one.end_at) for one in every if one.end_at is not None and one.number not in ended]
    found: list[Spell] = []
    for one in sorted((one for one in every if one.number in ended), key=lambda one: (one.begin_at, one.number)):
        if one.ground == RESTS or one.end_at is None:
            continue
        for begin, end in _without(one.begin_at, one.end_at, taken):
            found.append(Spell(begin, end, one.ground))
        taken.append((one.begin_at, one.end_at))
    return tuple(sorted(found, key=lambda spell: spell.begin))


def _without(
    begin: datetime, end: datetime, taken: Iterable[tuple[datetime, datetime | None]]
) -> list[tuple[datetime, datetime]]:
    """What of a time no other covers."""
    left = [(begin, end)]
    for since, until in taken:
        over = end if until is None else until
        left = [
            (first, last)
            for one, other in left
            for first, last in ((one, min(other, since)), (max(one, over), other))
            if first < last
        ]
    return left


def stops_of(clock: Running, held: Iterable[Held]) -> tuple[Stop, ...]:
    """Those that hold it; what ended before it began never did."""
    return tuple(
        Stop(one.begin_at, one.end_at, _GROUNDS[one.ground])
        for one in held
        if holds(one.ground, clock.kind) and (one.end_at is None or one.end_at > clock.begun_at)
    )


def counted(clock: Running, held: Sequence[Held], calendar: WorkCalendar) -> Counted:
    stops = stops_of(clock, held)
    due = due_at(clock.period, calendar, clock.begun_at, stops=stops, extended_by=clock.extended_by)
    return Counted(
        due_at=due,
        provisional=_is_provisional(clock, calendar, due),
        stands=sum(one.end is None for one in stops),
        warn_at=warn_at(due, calendar) if is_deemed(clock.effect) else None,
    )


def _is_provisional(clock: Running, calendar: WorkCalendar, due: datetime) -> bool:
    if clock.unit in (Unit.CALENDAR_DAYS, Unit.MONTHS, Unit.HOURS) and not clock.rolls:
        return False
    years = range(calendar.local_day(clock.begun_at).year, calendar.local_day(due).year + 1)
    return any(not calendar.is_certain(year) for year in years)


def warn_at(due: datetime, calendar: WorkCalendar) -> datetime:
    """When the office opens, so many working days before."""
    day = day_after(calendar, calendar.local_day(due), -WARN_WORKING_DAYS)
    spans = calendar.spans(day)
    return spans[0][0] if spans else end_of(day, calendar)


def reading(clock: Running, held: Sequence[Held], calendar: WorkCalendar, now: datetime) -> Reading:
    return read(clock.period, calendar, clock.begun_at, now, stops=stops_of(clock, held), extended_by=clock.extended_by)


def begun(plan: Plan, at: datetime) -> Running:
    return Running(
        kind=KIND_NUMBERS[plan.kind], length=plan.length.count, unit=Unit(plan.length.unit), rolls=plan.rolls,
        first_day=plan.first_day, extended_by=0, begun_at=at, effect=EFFECT_NUMBERS[plan.effect],
    )  # fmt: skip


def bits(grounds: Iterable[Ground]) -> int:
    return sum(1 << GROUND_NUMBERS[one] for one in grounds)


def grounds(bits: int) -> tuple[Ground, ...]:
    return tuple(ground for ground, number in GROUND_NUMBERS.items() if bits >> number & 1)


def ground_name(number: int) -> Text:
    return _GROUNDS[number]


def kind_name(number: int) -> Text:
    return CLOCKS[KINDS[number]]


def is_deciding(kind: int) -> bool:
    return kind in _DECIDING


def is_deemed(effect: int) -> bool:
    return EFFECTS[effect] in DEEMED


def cites(kind: int, rule_set: str | None) -> tuple[Text, ...]:
    return drawn.cites(KINDS[kind], rule_set)


def fit_notice_day(day: date | None, *, first: date, last: date) -> date | None:
    """Nobody is told before the case began, nor tomorrow. Raises NoticeDayUnfit."""
    if day is not None and not first <= day <= last:
        raise NoticeDayUnfit(first=str(first), last=str(last))
    return day


def fit_amount(amount: int, most: int) -> int:
    """Raises NotExtended, AmountUnfit."""
    if most < 1:
        raise NotExtended()
    if not 1 <= amount <= most:
        raise AmountUnfit(most=most)
    return amount


def in_words(count: float, unit: str) -> Text:
    """“3 working days”; a part of one to the first decimal."""
    whole = round(count, 1)
    told = f"{whole:g}"
    said = UNITS[Unit(unit)]
    english = said.say("en", count=told)
    return Name(english[:-1] if told == "1" else english, said.say("zh", count=told))


def share(reading: Reading) -> float:
    """How much of the period is gone, from 0 to 1; 1 too where it is over."""
    whole = reading.elapsed + max(reading.left, 0)
    return 1.0 if reading.left < 0 or whole <= 0 else min(max(reading.elapsed / whole, 0.0), 1.0)
