"""What comes with the product, as facts: procedures and the demo office. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Answers = Mapping[str, Any]
Chosen = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Applicant:
    """`start` are the answers of the start form that belong to whoever applies."""

    name_en: str
    name_zh: str
    start: Answers


@dataclass(frozen=True, slots=True)
class Matter:
    """`answers` are keyed by element: what the matter settles, whatever the outcome drawn for the step."""

    name_en: str
    name_zh: str
    start: Answers
    answers: Mapping[str, Answers]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a step may be answered. `again` is its weight when the case comes to the step once more."""

    weight: float
    again: float
    answers: Answers
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Pace:
    """How a step goes in the demo, in working hours: it lies in the tray, then it is worked on.

    `unanswered`: in how many of a hundred cases nobody ever completes it, so that its timer comes due.
    """

    tray: float
    work: float
    unanswered: float
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An awaited message in the demo: it comes after so many working hours."""

    hours: float
    payload: Answers


@dataclass(frozen=True, slots=True)
class Demo:
    """What a simulation of the procedure needs. `paces` and `messages` are keyed by element."""

    cases_per_day: float
    applicants: tuple[Applicant, ...]
    matters: tuple[Matter, ...]
    paces: Mapping[str, Pace]
    messages: Mapping[str, Arrival]


@dataclass(frozen=True, slots=True)
class Shipped:
    """A procedure that comes with the product. `owners` is lane name to post code; `scenarios` are files, by key."""

    key: str
    name: str
    prefix: str
    department: str
    purpose_en: str
    purpose_zh: str
    scope_en: str
    scope_zh: str
    start_form: str  # empty where cases begin by themselves, with nobody there to answer
    diagram: bytes
    attachments: Mapping[str, bytes]
    owners: Mapping[str, str]
    scenarios: Mapping[str, bytes]
    demo: Demo


@dataclass(frozen=True, slots=True)
class DepartmentPlan:
    code: str
    parent: str | None
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class PostPlan:
    """`rights` are words of the engine's rights: design, approve, supervise, administer."""

    code: str
    department: str
    name_en: str
    name_zh: str
    reports_to: str | None
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldingPlan:
    """From and until in days before the office is set up, so that the demo never grows old."""

    post: str
    from_days_ago: int
    until_days_ago: int | None

    def period(self, today: date) -> tuple[date, date | None]:
        until = None if self.until_days_ago is None else today - timedelta(days=self.until_days_ago)
        return today - timedelta(days=self.from_days_ago), until


@dataclass(frozen=True, slots=True)
class PersonPlan:
    login: str
    name_en: str
    name_zh: str
    language: str
    holdings: tuple[HoldingPlan, ...]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`hours` as “09:00-12:00, 14:00-17:00”; empty: the day is rested."""

    day: date
    name_en: str
    name_zh: str
    hours: str


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """`hours` of seven days, Monday first, empty: rested; years of `country` that libraries know; days of its own."""

    department: str | None  # None: the office's
    hours: tuple[str, ...]
    country: str | None = None
    years: tuple[int, ...] = ()
    days: tuple[DayPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """The demo office. Departments and posts stand behind those they depend on."""

    name_en: str
    name_zh: str
    zone: str
    departments: tuple[DepartmentPlan, ...]
    posts: tuple[PostPlan, ...]
    persons: tuple[PersonPlan, ...]
    calendars: tuple[CalendarPlan, ...] = ()
