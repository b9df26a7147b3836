"""What a weekly report holds, when it is made, and who is told. Pure.

It holds no person's figures: what it tells is of the department and those below it, of five tasks or cases at least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import orjson

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import day_after

HOUR: Final = time(6)
"""Before anybody is in on the first working day of the week."""
WEEK: Final = timedelta(days=7)
MOST_LATE: Final = 30
MOST_BOTTLENECKS: Final = 5
FIGURES: Final = (
    "cases.started", "cases.ended", "cases.open", "cycle_working", "cases.promise_kept", "cases.law_kept",
    "cases.first_pass", "arrived", "done", "open", "waiting", "sojourn", "late", "same_day", "repeated", "hand_returned",
)  # fmt: skip
"""Keys of figures.definitions, in the order they stand in."""
REPORT: Final = Text(en="weekly report", zh="周报")


class NotYourReport(NotAllowed):
    """This report is of a department that you do not supervise. Ask its supervisor."""

    zh = "该周报所属部门不在您的监督范围内。请联系其监督人员。"


class ReportFails(Refusal):
    """The report could not be set as PDF: {why}. Try again in a moment; the page says the same."""

    zh = "周报暂不能生成 PDF：{why}。请稍后再试，页面内容相同。"


@frozen
class Trouble:
    """A bottleneck in words."""

    place: Name
    standing: Name
    causes: tuple[Name, ...]


@frozen
class FigureLine:
    """A figure of the week and of the week before; None where too little was there to tell it of. `n`: of how many."""

    key: str
    value: float | None
    before: float | None
    n: int | None = None
    n_before: int | None = None


@frozen
class LateCase:
    case_id: int
    task_number: int
    case_number: str
    step: str
    post: Name
    due_at: datetime


@frozen
class HandLine:
    """Hand-overs from one department to another; `wait` in working hours until they were accepted."""

    sender: Name
    receiver: Name
    n: int
    wait: float | None
    returned: int


@frozen
class Report:
    department_id: int
    department: Name
    week: date
    bottlenecks: tuple[Trouble, ...]
    figures: tuple[FigureLine, ...]
    late: tuple[LateCase, ...]
    late_total: int
    hand_overs: tuple[HandLine, ...]
    to_accept: int  # hand-overs that nobody has answered yet
    cards: Mapping[str, tuple[int, int]]  # yellow, red: this week and the week before
    actions: tuple[int, int]  # corrective actions open, and of those past their day
    day_hours: float | None = None  # of a working day of the department; None: kept before that was noted

    @property
    def until(self) -> date:
        return self.week + WEEK - timedelta(days=1)

    @property
    def counts_cases(self) -> bool:
        """The department answers for a procedure, so cases are counted for it."""
        return any(one.key.startswith("cases.") for one in self.figures)

    @property
    def is_empty(self) -> bool:
        """Nothing happened and nothing stands: nobody needs to be told."""
        moved = any(one.value for one in self.figures)
        return not (moved or self.late or self.hand_overs or self.bottlenecks or any(self.actions))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def made_from(calendar: WorkCalendar, week: date) -> datetime:
    """When the report of a week is made: on the first working day after it."""
    first = day_after(calendar, week + WEEK - timedelta(days=1), 1)
    return datetime.combine(first, HOUR, calendar.zone)


def weeks_due(calendar: WorkCalendar, now: datetime) -> tuple[date, ...]:
    """The week before this one, once its time has come; and one further back where holidays put it off until now."""
    this = monday(calendar.local_day(now))
    found = []
    for back in (3, 2, 1):
        week = this - back * WEEK
        at = made_from(calendar, week)
        if at <= now and (back == 1 or calendar.local_day(at) >= this):
            found.append(week)
    return tuple(found)


def written(report: Report) -> str:
    """As it is kept."""
    return orjson.dumps(
        {
            "department_id": report.department_id,
            "department": _both(report.department),
            "week": report.week.isoformat(),
            "bottlenecks": [
                {"place": _both(one.place), "standing": _both(one.standing), "causes": [_both(each) for each in one.causes]}
                for one in report.bottlenecks
            ],
            "figures": [[one.key, one.value, one.before, one.n, one.n_before] for one in report.figures],
            "late": [
                {
                    "case_id": one.case_id, "task": one.task_number, "case": one.case_number, "step": one.step,
                    "post": _both(one.post), "due": one.due_at.isoformat(),
                }
                for one in report.late
            ],
            "late_total": report.late_total,
            "hand_overs": [
                [_both(one.sender), _both(one.receiver), one.n, one.wait, one.returned] for one in report.hand_overs
            ],
            "to_accept": report.to_accept,
            "cards": {kind: list(both) for kind, both in report.cards.items()},
            "actions": list(report.actions),
            "day_hours": report.day_hours,
        }
    ).decode()  # fmt: skip


def read(kept: str) -> Report:
    """What `written` wrote."""
    told: dict[str, Any] = orjson.loads(kept)
    return Report(
        told["department_id"], _name(told["department"]), date.fromisoformat(told["week"]),
        tuple(
            Trouble(_name(one["place"]), _name(one["standing"]), tuple(map(_name, one["causes"])))
            for one in told["bottlenecks"]
        ),
        tuple(FigureLine(*one) for one in told["figures"]),
        tuple(
            LateCase(
                one["case_id"], one["task"], one["case"], one["step"], _name(one["post"]),
                datetime.fromisoformat(one["due"]),
            )
            for one in told["late"]
        ),
        told["late_total"],
        tuple(HandLine(_name(one[0]), _name(one[1]), *one[2:]) for one in told["hand_overs"]),
        told["to_accept"],
        {kind: (both[0], both[1]) for kind, both in told["cards"].items()},
        (told["actions"][0], told["actions"][1]),
        told.get("day_hours"),
    )  # fmt: skip


def _both(name: Text) -> list[str]:
    return [name.en, name.zh]


def _name(both: Sequence[str]) -> Name:
    return Name(both[0], both[1])
