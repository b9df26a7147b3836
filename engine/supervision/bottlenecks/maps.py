"""A procedure's diagram as a map: what stands at each step now, what went through it, and how much over each flow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.read import read
from engine.diagram.traffic import Pair, Roads, roads
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.supervision.bottlenecks.levels import Measure, level, width
from engine.supervision.figures import now as at_present
from engine.supervision.figures import reads as figures
from engine.supervision.figures.rules import Scope, StepFigures, StepNow
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import day_after, time_between

_DAY: Final = timedelta(days=1)


@frozen
class MapStep:
    """`used`: of its standard time; without one, `against_own`, of the time within which 85 of 100 were done."""

    element: str
    name: str
    post_id: int
    post: Text
    department: Text
    now: StepNow | None
    past: StepFigures | None
    used: float | None
    against_own: bool
    oldest: float | None  # working days
    a_day: float | None  # done a working day of the period

    @property
    def late(self) -> float | None:
        return None if self.past is None or self.past.breach.few else self.past.breach.value

    @property
    def again(self) -> float | None:
        return self.past.repeated / self.past.done if self.past is not None and self.past.done else None


@frozen
class MapFlow:
    """One step behind another. `drawn`: over flows of the diagram; else it was moved by hand."""

    from_element: str | None
    to_element: str | None
    n: int
    wait: timedelta | None
    drawn: bool


@frozen
class ProcedureMap:
    """`traffic`: by the id of a sequence flow."""

    steps: tuple[MapStep, ...]
    flows: tuple[MapFlow, ...]
    traffic: Mapping[str, int]

    def value(self, measure: Measure, step: MapStep) -> float | None:
        """What is coloured by; None where it is not known."""
        if measure is Measure.THROUGHPUT:
            busiest = max((one.a_day or 0 for one in self.steps), default=0)
            return step.a_day / busiest if step.a_day is not None and busiest else None
        values: dict[Measure, float | None] = {
            Measure.SHARE: step.used,
            Measure.OPEN: step.now.open if step.now else 0,
            Measure.OLDEST: step.oldest,
            Measure.LATE: step.late,
            Measure.REWORK: step.again,
        }
        return values[measure]

    def level(self, measure: Measure, step: MapStep) -> int:
        return level(measure, self.value(measure, step))

    def widths(self) -> Mapping[str, int]:
        busiest = max(self.traffic.values(), default=0)
        return {flow: width(count, busiest) for flow, count in self.traffic.items()}


def procedure_map(db: Connection, *, actor: Actor, scope: Scope, now: datetime) -> ProcedureMap:
    """Of one edition. What is now does not ask for the period. Raises NotAllowed, NotFound."""
    if scope.edition_id is None:
        raise ValueError("a map is of one edition")
    past = {one.element: one for one in figures.steps(db, actor=actor, scope=scope)}
    present = {one.element: one for one in at_present.steps_now(db, actor=actor, scope=scope, now=now)}
    version = calendars_version(db)
    steps = [
        _step(db, element, present.get(element), past.get(element), now, version) for element in {**present, **past}
    ]
    flows = figures.flows(db, actor=actor, scope=scope)
    counted: dict[Pair, int] = {(one.from_element, one.to_element): one.n for one in flows}
    laid = _roads_of(db, scope.edition_id).lay(counted)
    return ProcedureMap(
        tuple(sorted(steps, key=lambda one: (-(one.now.open if one.now else 0), one.name))),
        tuple(
            MapFlow(
                one.from_element, one.to_element, one.n, one.wait,
                drawn=(one.from_element, one.to_element) not in laid.beside,
            )
            for one in flows
        ),
        laid.flows,
    )  # fmt: skip


def _roads_of(db: Connection, edition_id: int) -> Roads:
    diagram = contents(db, edition_id).diagram
    return _roads(diagram.file, diagram.source)


@lru_cache(maxsize=32)
def _roads(file: str, written: bytes) -> Roads:
    return roads(read(written, file))


def _step(
    db: Connection, element: str, now_: StepNow | None, past: StepFigures | None, now: datetime, version: int
) -> MapStep:
    one: StepNow | StepFigures | None = now_ or past
    if one is None:
        raise ValueError(element)
    calendar = calendar_of(db, one.department_id, version)
    used, own = (None, False) if now_ is None else _used(now_, past)
    return MapStep(
        element=element, name=one.name, post_id=one.post_id, post=one.post, department=one.department, now=now_,
        past=past, used=used, against_own=own,
        oldest=None if now_ is None else time_between(calendar, now_.oldest, now) / day_length(calendar, calendar.local_day(now)),
        a_day=past.done / past.working_days if past is not None and past.working_days else None,
    )  # fmt: skip


def _used(now_: StepNow, past: StepFigures | None) -> tuple[float | None, bool]:
    if now_.used_median is not None:
        return now_.used_median, False
    usual = past.sojourn.p85 if past is not None and not past.sojourn.few else None
    if not usual or now_.ages.median is None:
        return None, False
    return now_.ages.median / usual, True


def day_length(calendar: WorkCalendar, today: date) -> timedelta:
    """Of the last day that was worked."""
    day = day_after(calendar, today + _DAY, -1)
    return sum((end - begin for begin, end in calendar.spans(day)), timedelta(0))
