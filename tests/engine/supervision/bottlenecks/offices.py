"""Small offices that worked for nine weeks, with one cause of waiting planted in the last three: or with none.

People, posts, absences and the procedure are made by acts. The cases are not: each step of each is worked out by a
queue with people who come and go, and written as the rows that acts would have written, so that an office takes a
second and not a minute.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases.rules import NO_DUE, Change, Closed
from engine.cases.tables import cases, hand_overs, task_events, tasks
from engine.organisation import acts
from engine.organisation.absence.acts import plan_absence
from engine.organisation.reads import actor
from engine.procedures import reads as procedures
from engine.supervision.bottlenecks.rules import Cause
from tests.builders import SmallOffice, small_office
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import in_force

ZONE: Final = ZoneInfo("Asia/Shanghai")
FIRST_DAY: Final = date(2026, 3, 2)
DAYS: Final = 46  # working days; the last is a Monday
PLANTED: Final = 16
"""Working days before the end from which the cause works."""
DAY: Final = 480
"""Minutes of a working day: nine to five."""
STEPS: Final = ("receive", "review", "survey", "sign")
POSTS: Final = {"receive": "clerk", "review": "reviewer", "survey": "surveyor", "sign": "signer", "supplement": "clerk"}
DEPARTMENTS: Final = {"clerk": "counter", "reviewer": "review", "surveyor": "survey", "signer": "bureau"}
PEOPLE: Final = 3

PROCEDURE: Final = process(
    lanes(
        window=("start", "receive", "complete", "supplement"), plans=("review",), field=("survey",),
        office=("sign", "end"),
    )
    + START + step("receive", "Receive", 'officium:standardTime="P2D" officium:workingTime="true"')
    + '<exclusiveGateway id="complete"/>' + step("supplement", "Wait for papers", 'officium:external="true"')
    + step("review", "Review") + step("survey", "Survey", 'officium:standardTime="P2D" officium:workingTime="true"')
    + step("sign", "Sign") + END
    + way("start", "receive", "complete") + flow("complete", "review", "true") + flow("complete", "supplement", "false")
    + way("supplement", "review", "survey", "sign", "end")
)  # fmt: skip


def instant(minute: float) -> datetime:
    """Of the working minutes since the beginning."""
    number, rest = divmod(minute, DAY)
    day = FIRST_DAY + timedelta(days=int(number) // 5 * 7 + int(number) % 5)
    return (datetime.combine(day, time(9), ZONE) + timedelta(minutes=rest)).astimezone(UTC).replace(microsecond=0)


END_MINUTE: Final = DAYS * DAY - 60
NOW: Final = instant(END_MINUTE)


@dataclass(slots=True)
class Task:
    case: int
    number: int
    element: str
    opened: float
    claimed: float | None = None
    closed: float | None = None
    accepted: float | None = None  # of a hand-over
    sender: str | None = None


@dataclass(slots=True)
class Plan:
    """`cause` works at `at` from `since` on. Without one the office is balanced."""

    seed: int
    cause: Cause | None
    at: str | None = None
    arrivals: float = 4.0  # a day
    service: dict[str, float] = field(default_factory=dict)  # minutes

    @property
    def since(self) -> float:
        return (DAYS - PLANTED) * DAY

    def works(self, cause: Cause, element: str, minute: float) -> bool:
        return self.cause is cause and self.at == element and minute >= self.since

    def present(self, element: str, minute: float) -> int:
        """How many of the three of the post are there."""
        if self.works(Cause.VACANCY, element, minute) or self.works(Cause.ABSENCE, element, minute):
            return 1
        if self.works(Cause.BATCHING, element, minute):
            return PEOPLE if int(minute // DAY) % 5 == 4 else 0
        return PEOPLE


def plan(seed: int, cause: Cause | None) -> Plan:
    """Everybody has between three and six tenths of a day's work."""
    chance = Random(seed)
    arrivals = chance.uniform(3.0, 6.0)
    most = 0.4 if cause is Cause.ARRIVALS else 0.5  # twice as much is to be too much at one step alone
    load = {one: chance.uniform(0.3, most) for one in STEPS}
    at = chance.choice(STEPS) if cause else None
    if cause is Cause.HAND_OVER or cause is Cause.REWORK:
        at = chance.choice(STEPS[1:])  # what is received comes from nobody
    if at is not None:
        load[at] = {Cause.ARRIVALS: 0.72, Cause.BATCHING: 0.15}.get(cause, 0.58) if cause else 0.4
    service = {one: load[one] * PEOPLE * DAY / arrivals for one in STEPS}
    return Plan(seed, cause, at, arrivals, service)


class Played:
    """The queue of every step, minute by minute of working time."""

    def __init__(self, of: Plan) -> None:
        self.of = of
        self.chance = Random(of.seed + 1)
        self.tasks: list[Task] = []
        self.cases: list[tuple[int, float, float | None]] = []  # id, begun, ended
        self.queues: dict[str, deque[Task]] = {one: deque() for one in STEPS}
        self.busy = dict.fromkeys(STEPS, 0)
        self.happens: list[tuple[float, int, Callable[[float], None]]] = []
        self.count = 0
        self.ended: dict[int, float] = {}
        self.numbers: dict[int, int] = {}

    def play(self) -> None:
        for day in range(DAYS):
            self.at(day * DAY, self.look_everywhere)
        self.at(self.gap(0), self.arrive)
        while self.happens and self.happens[0][0] < END_MINUTE:
            minute, _order, what = heapq.heappop(self.happens)
            what(minute)

    def at(self, minute: float, what: Callable[[float], None]) -> None:
        self.count += 1
        heapq.heappush(self.happens, (minute, self.count, what))

    def gap(self, minute: float) -> float:
        more = 2.1 if self.of.cause is Cause.ARRIVALS and minute >= self.of.since else 1.0
        return minute + self.chance.expovariate(self.of.arrivals * more / DAY)

    def arrive(self, minute: float) -> None:
        case = len(self.cases) + 1
        self.cases.append((case, minute, None))
        self.open(case, "receive", minute, None)
        self.at(self.gap(minute), self.arrive)

    def open(self, case: int, element: str, minute: float, sender: str | None) -> None:
        self.numbers[case] = self.numbers.get(case, 0) + 1
        one = Task(case, self.numbers[case], element, minute, sender=sender)
        self.tasks.append(one)
        if element == "supplement":
            one.claimed = minute
            self.at(minute + self.chance.uniform(2, 14) * DAY, lambda at: self.close(one, at))
            return
        delay = self.chance.uniform(0, 180)
        if self.of.works(Cause.HAND_OVER, element, minute):
            delay = self.chance.uniform(2, 7) * DAY
        self.at(minute + delay, lambda at: self.queue(one, at))

    def queue(self, one: Task, minute: float) -> None:
        if self.of.works(Cause.HAND_OVER, one.element, one.opened):
            one.accepted = minute
        self.queues[one.element].append(one)
        self.look(one.element, minute)

    def look_everywhere(self, minute: float) -> None:
        for element in STEPS:
            self.look(element, minute)

    def look(self, element: str, minute: float) -> None:
        while self.queues[element] and self.busy[element] < self.of.present(element, minute):
            one = self.queues[element].popleft()
            self.busy[element] += 1
            one.claimed = minute
            mean = self.of.service[element]
            self.at(minute + self.chance.gammavariate(3, mean / 3), lambda at, one=one: self.done(one, at))  # type: ignore[misc]

    def done(self, one: Task, minute: float) -> None:
        self.busy[one.element] -= 1
        self.close(one, minute)
        self.look(one.element, minute)

    def close(self, one: Task, minute: float) -> None:
        one.closed = minute
        following = self.following(one, minute)
        if following is None:
            self.ended[one.case] = minute
        else:
            self.open(one.case, following, minute, one.element)

    def following(self, one: Task, minute: float) -> str | None:
        if one.element == "receive" and self.chance.random() < 0.2:
            return "supplement"
        if self.of.works(Cause.REWORK, one.element, minute) and self.chance.random() < 0.65:
            return one.element
        if one.element == "supplement":
            return "review"
        place = STEPS.index(one.element) + 1
        return STEPS[place] if place < len(STEPS) else None


@dataclass(frozen=True, slots=True)
class Office:
    small: SmallOffice
    procedure_id: int
    plan: Plan


def built(db: Connection, of: Plan) -> Office:
    with clock.reading(lambda: instant(0)):
        small = small_office(db)
        _staff(db, small)
        owners = {
            "lane:window": "clerk", "lane:plans": "reviewer", "lane:field": "surveyor", "lane:office": "signer",
        }  # fmt: skip
        procedure_id = in_force(db, small, PROCEDURE, owners=owners, department="bureau")
    if of.at is not None:
        _plant(db, small, of)
    played = Played(of)
    played.play()
    edition_id = procedures.procedure(db, procedure_id).in_force_id or 0
    _write(db, small, procedure_id, edition_id, played)
    return Office(small, procedure_id, of)


def _staff(db: Connection, small: SmallOffice) -> None:
    departments, posts = dict(small.departments), dict(small.posts)
    departments["survey"] = acts.add_department(
        db, by=None, code="survey", name_en="Survey section", name_zh="勘查科", parent_id=departments["bureau"]
    )
    for code, department in (("surveyor", "survey"), ("signer", "bureau")):
        posts[code] = acts.add_post(
            db, by=None, department_id=departments[department], code=code, name_en=code.title(), name_zh=f"{code}岗",
            reports_to=posts["director"], rights=(),
        )  # fmt: skip
    small.departments.update(departments)
    small.posts.update(posts)
    there = {"clerk": 2, "reviewer": 2}
    for code in DEPARTMENTS:
        for number in range(there.get(code, 0), PEOPLE):
            login = f"{code}{number}"
            person = acts.add_person(
                db, by=None, login=login, name_en=login.title(), name_zh=f"{code}{number}", password=None
            )
            acts.give_post(db, by=None, person_id=person, post_id=posts[code], from_day=date(2020, 1, 1))
            small.persons[login] = person


def _holders(db: Connection, post_id: int) -> list[tuple[int, int]]:
    """Holdings and persons, whoever else was given one first."""
    from engine.organisation.tables import holdings  # noqa: PLC0415 -- a look that no read offers

    rows = db.execute(holdings.select().where(holdings.c.post_id == post_id).order_by(holdings.c.id))
    return [(row.id, row.person_id) for row in rows]


def _plant(db: Connection, small: SmallOffice, of: Plan) -> None:
    """What the record shows of the cause, as far as it is about people."""
    begins = instant(of.since)
    first = begins.astimezone(ZONE).date()
    held = _holders(db, small.posts[POSTS[of.at or ""]])
    with clock.reading(lambda: begins - timedelta(hours=12)):
        if of.cause is Cause.VACANCY:
            for holding, _person in held[1:]:
                acts.end_holding(db, by=None, holding_id=holding, until_day=first - timedelta(days=1))
        if of.cause is Cause.ABSENCE:
            for _holding, person in held[1:]:
                plan_absence(
                    db, by=actor(db, person), person_id=person, deputy_id=held[0][1], from_day=first,
                    until_day=NOW.astimezone(ZONE).date() + timedelta(days=3), why="Training",
                )  # fmt: skip


def _write(db: Connection, small: SmallOffice, procedure_id: int, edition_id: int, played: Played) -> None:
    db.execute(insert(cases), [_case(played, one, procedure_id, edition_id) for one in played.cases])
    people = {code: [person for _held, person in _holders(db, small.posts[code])] for code in DEPARTMENTS}
    rows: dict[Any, list[dict[str, Any]]] = {tasks: [], task_events: [], hand_overs: []}
    for one in played.tasks:
        post = POSTS[one.element]
        of = {"office_id": OFFICE, "case_id": one.case}
        where = {"post_id": small.posts[post], "department_id": small.departments[DEPARTMENTS[post]]}
        person = people[post][one.case % len(people[post])]
        changes = list(_changes(one, person))
        came = DEPARTMENTS[POSTS[one.sender]] if one.sender else None
        from_id = small.departments[came] if came and came != DEPARTMENTS[post] else None
        rows[tasks].append(
            {
                **of, **where, "number": one.number, "procedure_id": procedure_id, "edition_id": edition_id,
                "person_id": person if one.claimed is not None and one.element != "supplement" else None,
                "changes": len(changes), "closed_how": Closed.COMPLETED if one.closed is not None else None,
                "from_department_id": from_id, "opened_at": instant(one.opened),
                "due_at": instant(one.opened + 2 * DAY) if one.element in ("receive", "survey") else NO_DUE,
                "claimed_at": instant(one.claimed) if one.claimed is not None else None,
                "closed_at": instant(one.closed) if one.closed is not None else None,
                "token": f"t{one.number}", "element": one.element,
            }
        )  # fmt: skip
        rows[task_events] += [
            {**of, **where, "task_number": one.number, "number": number, "at": at, "change": change, "person_id": who,
             "external": one.element == "supplement"}
            for number, (at, change, who) in enumerate(changes, start=1)
        ]  # fmt: skip
        if from_id is not None:
            taken = one.accepted if one.accepted is not None else one.claimed
            rows[hand_overs].append(
                {
                    **of, "task_number": one.number, "from_department_id": from_id,
                    "to_department_id": where["department_id"], "sent_at": instant(one.opened),
                    "answer_by": instant(one.opened + DAY), "accepted_at": None if taken is None else instant(taken),
                }
            )  # fmt: skip
    for table, some in rows.items():
        db.execute(insert(table), some)


def _changes(one: Task, person: int) -> Iterator[tuple[datetime, Change, int | None]]:
    yield instant(one.opened), Change.OFFERED, None
    if one.claimed is not None and one.element != "supplement":
        yield instant(one.claimed), Change.CLAIMED, person
        yield instant(one.claimed), Change.BEGUN, person
    if one.closed is not None:
        yield instant(one.closed), Change.COMPLETED, person


def _case(played: Played, one: tuple[int, float, float | None], procedure_id: int, edition_id: int) -> dict[str, Any]:
    number, begun, _ended = one
    ended = played.ended.get(number)
    return {
        "office_id": OFFICE, "procedure_id": procedure_id, "id": number, "edition_id": edition_id, "started_by": None,
        "number": f"BP-2026-{number:04}", "matter": f"Matter {number}", "applicant": "Wang Fang 王芳",
        "process": "procedure", "started_at": instant(begun), "ended_at": instant(ended) if ended is not None else None,
        "state": b"", "version": 1, "tasks_opened": played.numbers.get(number, 0), "chain_length": 0, "chain_head": b"",
        "period_due": instant(begun + 10 * DAY) if ended is None else None,
    }  # fmt: skip
