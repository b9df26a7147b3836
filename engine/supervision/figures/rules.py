"""What is asked of figures and what comes back. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.supervision.figures.parts import Parts
from engine.supervision.figures.spreads import Share, Spread

GROWING_DAYS: Final = 10
GROWING_ON: Final = 7
RATE_DAYS: Final = 20
"""The working days that today's rate is taken from."""
UNSTEADY: Final = 0.15


class WindowInverted(Refusal):
    """The period ends on {until}, before it begins on {since}. Correct one of the days."""

    zh = "统计期间的结束日 {until} 早于开始日 {since}。请更正其一。"


class NumberUnknown(Refusal):
    """There is no figure called “{number}” whose cases could be shown. Open it from the page where it stands."""

    zh = "没有名为“{number}”的指标可供查看办件。请从显示该指标的页面打开。"


class PeopleNotShown(NotAllowed):
    """Figures of persons are shown to nobody here: the office has not allowed it. An administrator can, with a reason."""

    zh = "本机关未允许显示个人指标。管理员可以说明理由后予以允许。"


class PeopleNotYours(NotAllowed):
    """Figures of persons are for whoever supervises their department. You do not supervise this one."""

    zh = "个人指标只对监督该部门的人员显示。您不监督该部门。"


class ReasonForPeople(Refusal):
    """Say in a sentence why figures of persons are shown or hidden from now on: it goes into the record."""

    zh = "请用一句话说明从现在起显示或隐藏个人指标的理由：这将写入记录。"


@frozen
class Scope:
    """What is asked about; None: all of it. Days are the office's, both included. 0 as `applicant_kind`: nobody said.

    Where cases are counted, not tasks, nothing is asked for `element` and `post_id`, and `department_ids` asks for the
    procedures that those departments answer for; for nothing where a procedure is asked about.
    """

    since: date
    until: date
    procedure_id: int | None = None
    edition_id: int | None = None
    element: str | None = None
    department_ids: frozenset[int] | None = None
    post_id: int | None = None
    applicant_kind: int | None = None

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise WindowInverted(since=self.since, until=self.until)


@frozen
class StepFigures:
    """A step of an edition. All but `arrived` and `open` are of what was closed in the period."""

    procedure_id: int
    edition_id: int
    element: str
    name: str
    post_id: int
    post: Name
    department_id: int
    department: Name
    arrived: int
    done: int
    cancelled: int
    repeated: int
    self_loops: int  # of those repeated, directly after itself
    late: int  # done behind its standard time
    promised: int  # of those done, how many had one
    open: int  # at the end of the last day
    waiting: Spread
    working: Spread
    taken: Spread
    stopped: Spread
    outside: Spread
    handed: Spread  # of those handed over from another department
    sojourn: Spread
    sojourn_calendar: Spread
    same_day: Share
    growing: bool
    working_days: int  # of its department, in the period
    rate: float | None  # done a working day, of the last RATE_DAYS
    score: float = 0.0
    """Its share of all waiting: of what was closed in the period, and of the age of what waits still."""
    standing_survival: timedelta | None = None
    """The median sojourn with those still open counted in; None where more than half are still open."""
    little: float | None = None
    """Work in progress over arrivals times sojourn: 1 where the step is steady."""
    clears_on: date | None = None
    """When what is open would be done at that rate and with nothing new; None: never at this rate, or nothing is open."""

    @property
    def backlog_days(self) -> float | None:
        return self.open / self.rate if self.rate else None

    @property
    def steady(self) -> bool | None:
        return None if self.little is None else abs(self.little - 1) <= UNSTEADY

    @property
    def breach(self) -> Share:
        return Share(self.late, self.promised)


@frozen
class FlowFigures:
    """How often a step came directly behind another: behind the one that was completed last before it was opened."""

    procedure_id: int
    edition_id: int
    from_element: str | None  # None: the case began with it
    to_element: str | None  # None: the case ended behind it
    n: int
    wait: timedelta | None  # mean of the second's time until somebody took it; None where none is measured


@frozen
class CaseFigures:
    started: int
    ended: int  # by themselves
    cancelled: int
    open: int  # at the end of the last day
    cycle: Spread  # from start to end, by the clock
    cycle_working: Spread
    promise: Share  # of those ended that had a promised period: in time
    law: Share
    first_pass: Share
    repeated: int
    same_day: Share
    waiting: timedelta  # of all steps closed in the period
    working: timedelta | None
    sojourn: timedelta  # of all steps closed in the period; for `working` of those that could be measured
    measured: timedelta

    @property
    def waiting_share(self) -> float | None:
        return self.waiting / self.sojourn if self.sojourn else None

    @property
    def touch_share(self) -> float | None:
        return self.working / self.measured if self.working is not None and self.measured else None


class StepDay(NamedTuple):
    """A step on one day: one layer of the cumulative flow. There are thousands: a dataclass would take five times as long."""

    edition_id: int
    element: str
    arrived: int
    done: int
    cancelled: int
    open: int  # at its end


@frozen
class DayFigures:
    day: date
    works: bool  # the office
    arrived: int
    done: int
    cancelled: int
    started: int
    ended: int  # cases, cancelled ones too
    open: int  # tasks, at the end of the day
    cases_open: int
    steps: tuple[StepDay, ...] = ()


@frozen
class HandFigures:
    """Steps in one department that another led to, of those opened in the period."""

    from_department_id: int
    from_department: Name
    to_department_id: int
    to_department: Name
    n: int
    wait: Spread  # of the second until it was accepted, working time of the receiver
    returned: int
    ping_pong: int  # went back to where the case had come from: a to b to a


@frozen
class Variant:
    """A way that cases which ended in the period went: the steps completed, in their order."""

    key: str
    elements: tuple[str, ...]
    names: tuple[str, ...]
    n: int
    share: float
    median_cycle: timedelta


@frozen
class PostLoad:
    post_id: int
    name: Name
    department_id: int
    department: Name
    holders: int  # today
    open: int
    arrived: int
    done: int
    working: timedelta | None  # None: not measurable
    capacity: timedelta  # working hours of whoever held it and was not away, in the period
    rate: float | None = None  # done a working day, of the last RATE_DAYS
    unmeasured: int = 0  # of those done, how many nobody pressed start of
    hidden: bool = False  # fewer than five hold it: what they worked is shown to those entitled alone
    lent: int = 0  # of the holders, added for a time
    lent_capacity: timedelta = timedelta(0)  # of the capacity, theirs
    helped: timedelta | None = None  # of what was worked, theirs; None: not measurable, or not shown to whoever asks

    @property
    def vacant(self) -> bool:
        return self.holders == 0

    @property
    def utilisation(self) -> float | None:
        return self.working / self.capacity if self.working is not None and self.capacity else None

    @property
    def days_to_clear(self) -> float | None:
        return self.open / self.rate if self.rate else None


@frozen
class PersonLoad:
    person_id: int
    name: Name
    post_id: int
    post: Name
    department_id: int
    open: int
    done: int
    taken: Spread
    working: Spread
    lent: bool = False  # added to the post for a time, some time in the period


@frozen
class StepNow:
    """What stands at a step at this moment. `open` is waiting, working, stopped, outside and handed together."""

    procedure_id: int
    edition_id: int
    element: str
    name: str
    post_id: int
    post: Name
    department_id: int
    department: Name
    open: int
    waiting: int
    working: int  # somebody has it
    stopped: int
    outside: int
    handed: int
    late: int
    oldest: datetime
    ages: Spread  # working time since they were opened
    used_median: float | None  # of the standard time, by the one in the middle of the queue; None: the step sets none
    used_worst: float | None  # by the one that was opened first


@frozen
class CaseBehind:
    """One of what a number counts: a task, or a case where `task_number` is None."""

    case_id: int
    case_number: str
    matter: str
    applicant: str
    procedure_id: int
    edition_id: int
    task_number: int | None
    element: str | None
    step: str | None
    post: Name | None
    department_id: int | None
    department: Name | None
    person: Name | None
    since: datetime  # opened, or started
    closed_at: datetime | None
    due_at: datetime | None
    in_sight: bool = (
        True  # False: counted, but of a case that the reader may not open; whose and whom it is with is left out
    )
    post_id: int | None = None
    person_id: int | None = None
    overseen: bool = False  # whoever reads it watches over the task: what supervisors do is theirs to do


@frozen
class CasesBehind:
    number: str
    total: int
    cases: tuple[CaseBehind, ...]
    next: str | None = None  # `after` of the next page; None: this was the last


@frozen
class Spell:
    """A task of a step from when it was opened until it was closed."""

    case_id: int
    task_number: int
    procedure_id: int
    edition_id: int
    element: str
    item: str | None
    post_id: int
    department_id: int
    person_id: int | None
    from_department_id: int | None
    opened_at: datetime
    claimed_at: datetime | None  # when somebody took it first
    closed_at: datetime | None  # None: it is open
    completed: bool
    due_at: datetime | None
    parts: Parts
    repeated: bool  # the same was completed in the case before
    first: bool  # the first of its case
    looped: bool = False  # repeated directly behind itself
    handed: bool = False  # from another department


@frozen
class CaseSpan:
    """A case from its start to its end, for whoever learns from the past."""

    case_id: int
    procedure_id: int
    edition_id: int
    applicant_kind: int | None
    started_at: datetime
    ended_at: datetime | None
    cancelled: bool
    promise_due: datetime | None = None
    promise_met_at: datetime | None = None
    law_due: datetime | None = None
    law_met_at: datetime | None = None
