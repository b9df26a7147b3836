"""An office at work at random, and what its figures must come to, minute by minute, from its rows alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import Connection, select

from engine.base.database import Database, apart
from engine.base.errors import Refusal
from engine.cases import acts, moves
from engine.cases.clocks import acts as clock_acts
from engine.cases.clocks.tables import clocks, stops
from engine.cases.handing import acts as handing
from engine.cases.rules import NO_DUE, Applicant, Change, Closed, Mark
from engine.cases.tables import cases, hand_overs, marks, task_events, tasks
from engine.records.tables import entries
from engine.supervision.figures.bins import Measure
from engine.supervision.figures.contributions import Place
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE
from tests.engine.cases.moving_about import ANSWERS, CHOSEN

LAW: Final = b'<process officium:ruleSet="cn-licensing" officium:promised="P2D" officium:promiseFrom="start" officium:decidedBy="decide" '
SOURCE: Final = (
    TWO_DEPARTMENTS.replace(b"<process ", LAW, 1)
    .replace(b'name="Review fire safety"', b'name="Review fire safety" officium:external="true"')
    .replace(b'officium:standardTime="P3D"', b'officium:standardTime="PT3H"')
)
BESIDE: Final = TWO_DEPARTMENTS_BESIDE
ZONE: Final = ZoneInfo("Asia/Shanghai")
_MINUTE: Final = timedelta(minutes=1)
DOINGS: Final = (
    "start", "start", "claim", "claim", "claim", "release", "begin_work", "begin_work", "pause_work", "resume_work",
    "complete", "complete", "complete", "complete", "complete", "return_task", "return_hand_over", "accept_hand_over",
    "transfer", "suspend", "resume", "stop_clock", "resume_clock", "cancel_case", "withdraw", "fold", "fold",
)  # fmt: skip
doings = st.lists(
    st.tuples(st.sampled_from(DOINGS), st.integers(0, 99), st.integers(0, 99), st.sampled_from((0, 1, 7, 45, 130, 700))),
    min_size=25, max_size=60,
)  # fmt: skip
_CLERKS: Final = {"clerk": ("li", "chen"), "reviewer": ("wang", "zhao")}


@dataclass
class History:
    """Acts on the cases of one procedure; what is refused is passed over."""

    database: Database
    office: SmallOffice
    clock: Clock
    procedure_id: int
    case_ids: list[int] = field(default_factory=list)

    def do(self, doing: str, pick: int, who: int, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        with self.database.writing() as db:
            try:
                with apart(db):
                    self._act(db, doing, pick, who)
            except Refusal:
                pass

    def _act(self, db: Connection, doing: str, pick: int, who: int) -> None:
        if doing == "start" or not self.case_ids:
            started = acts.start_case(
                db, by=self.office.actor(db, ("li", "chen")[who % 2]), procedure_id=self.procedure_id, matter="A house",
                applicant="Wang Fang", submitted={}, applicant_kind=(None, *Applicant)[pick % 4],
            )  # fmt: skip
            self.case_ids.append(started.case_id)
            return
        case_id = self.case_ids[pick % len(self.case_ids)]
        if doing in ("suspend", "resume", "stop_clock", "resume_clock", "cancel_case"):
            self._on_case(db, doing, case_id, who)
        elif doing == "withdraw":
            self._withdraw(db, case_id, who)
        else:
            self._on_task(db, doing, case_id, pick, who)

    def _on_case(self, db: Connection, doing: str, case_id: int, who: int) -> None:
        by = self.office.actor(db, "zhou")
        if doing == "suspend":
            acts.suspend(db, by=by, case_id=case_id, ground=moves.Ground.OTHER, words="It must wait")
        elif doing == "resume":
            acts.resume(db, by=by, case_id=case_id)
        elif doing == "stop_clock":
            clock_acts.stop_clock(db, by=by, case_id=case_id, ground=("hearing", "inspection")[who % 2], words="Held")
        elif doing == "resume_clock":
            clock_acts.resume_clock(db, by=by, case_id=case_id, number=1 + who % 2)
        elif who % 4 == 0:  # not every other case
            acts.cancel_case(db, by=by, case_id=case_id, reason="Withdrawn by the applicant")

    def _withdraw(self, db: Connection, case_id: int, who: int) -> None:
        row = db.execute(
            select(tasks.c.number, tasks.c.person_id)
            .where(tasks.c.case_id == case_id, tasks.c.closed_how == Closed.COMPLETED)
            .order_by(tasks.c.number.desc())
        ).first()
        if row is not None:
            login = next(login for login, person in self.office.persons.items() if person == row.person_id)
            acts.withdraw(db, by=self.office.actor(db, login), case_id=case_id, number=row.number)

    def _on_task(self, db: Connection, doing: str, case_id: int, pick: int, who: int) -> None:
        rows = db.execute(select(tasks).where(tasks.c.case_id == case_id, tasks.c.closed_at.is_(None))).all()
        if not rows:
            return
        row = rows[pick % len(rows)]
        code = next(code for code, post in self.office.posts.items() if post == row.post_id)
        login = next((one for one, person in self.office.persons.items() if person == row.person_id), None)
        by = self.office.actor(db, login or _CLERKS[code][who % 2])
        given: dict[str, Any] = {"by": by, "case_id": case_id, "number": row.number}
        if doing == "complete":
            chosen = CHOSEN.get(row.element) if who % 5 else {"complete": ["complete_to_receive"]}
            submitted = ANSWERS.get(row.element, {}) if row.element != "decide" or who % 4 else {}
            acts.complete_task(db, **given, submitted=submitted, chosen=chosen if row.element == "receive" else None)
        elif doing == "return_task":
            acts.return_task(db, **given, to_element=("receive", "plans")[who % 2], reason="Something is missing")
        elif doing == "return_hand_over":
            handing.return_hand_over(db, **given, reason="It is not ours")
        elif doing == "accept_hand_over":
            handing.accept_hand_over(db, **given)
        elif doing == "transfer":
            other = next(one for one in _CLERKS[code] if one != by.login)
            acts.transfer(db, **given, to_person=self.office.persons[other], reason="They know the place")
        else:
            getattr(acts, doing)(db, **given)


@lru_cache(maxsize=64)
def working_minutes(day: date) -> tuple[datetime, ...]:
    """Nine to five, Monday to Friday: what an office works by that has said nothing else."""
    if day.weekday() > 4:
        return ()
    nine = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE).astimezone(UTC)
    return tuple(nine + number * _MINUTE for number in range(480))


def minutes_between(begin: datetime, end: datetime) -> Iterable[datetime]:
    day = begin.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        yield from (minute for minute in working_minutes(day) if begin <= minute < end)
        day += timedelta(days=1)


@dataclass
class Told:
    """The rows of one case."""

    case: Any
    tasks: list[Any]
    events: dict[int, list[Any]]
    handed: dict[int, Any]
    held: list[tuple[datetime, datetime]]
    clocks: dict[int, Any]
    returned: bool

    def place(self, row: Any) -> Place:
        kind = self.case.applicant_kind or 0
        return Place(self.case.procedure_id, row.edition_id, row.element, row.post_id, row.department_id, kind)

    @property
    def completed(self) -> list[Any]:
        done = [row for row in self.tasks if row.closed_how == Closed.COMPLETED]
        return sorted(done, key=lambda row: (row.closed_at, row.number))

    def parts(self, row: Any) -> Iterable[tuple[datetime, str, bool]]:
        """Each minute it was there, of which part it is, and whether somebody was at work on it."""
        handed = self.handed.get(row.number)
        answered = [at for at in (handed.accepted_at, handed.returned_at, handed.lapsed_at) if at] if handed else []
        for minute in minutes_between(row.opened_at, row.closed_at):
            so_far = [one for one in self.events[row.number] if one.at <= minute]
            have, work, external = _standing(so_far)
            if any(begin <= minute < end for begin, end in self.held):
                yield minute, "stopped", False
            elif work:
                yield minute, "taken", True
            elif external:
                yield minute, "outside", False
            elif handed and handed.sent_at <= minute and not any(at <= minute for at in answered):
                yield minute, "handed", False
            else:
                yield minute, "taken" if have else "waiting", False

    def times(self, row: Any) -> Counter[str]:
        """Minutes, each of which is of one part."""
        found: Counter[str] = Counter()
        for _minute, part, work in self.parts(row):
            found["sojourn"] += 1
            found[part] += 1
            found["working"] += work
        found["begun"] = int(any(one.change == Change.BEGUN for one in self.events[row.number]))
        return found


def _standing(events: Sequence[Any]) -> tuple[bool, bool, bool]:
    """Whether somebody has it, is at work on it, and whether it waits for somebody outside."""
    have = work = False
    for one in events:
        if one.change in (Change.OFFERED, Change.RELEASED):
            have = work = False
        elif one.change == Change.CLAIMED:
            have, work = True, False
        elif one.change in (Change.BEGUN, Change.RESUMED):
            have = work = True
        elif one.change == Change.PAUSED:
            work = False
    return have, work, events[-1].external


def told(db: Connection, procedure_id: int) -> list[Told]:
    by_case: dict[int, Told] = {}
    for row in db.execute(select(cases).where(cases.c.procedure_id == procedure_id)):
        by_case[row.id] = Told(row, [], defaultdict(list), {}, _rests(db, row), {}, False)
    for row in db.execute(select(tasks).where(tasks.c.case_id.in_(by_case), tasks.c.kind.is_(None))):
        by_case[row.case_id].tasks.append(row)
    for row in db.execute(select(task_events).where(task_events.c.case_id.in_(by_case)).order_by(task_events.c.number)):
        by_case[row.case_id].events[row.task_number].append(row)
    for row in db.execute(select(hand_overs).where(hand_overs.c.case_id.in_(by_case))):
        by_case[row.case_id].handed[row.task_number] = row
    for row in db.execute(select(stops).where(stops.c.case_id.in_(by_case))):
        by_case[row.case_id].held.append((row.begin_at, row.end_at or datetime.max.replace(tzinfo=UTC)))
    for row in db.execute(select(clocks).where(clocks.c.case_id.in_(by_case))):
        by_case[row.case_id].clocks[row.kind] = row
    for case_id in db.scalars(
        select(marks.c.case_id).where(marks.c.kind.in_((Mark.RETURNED, Mark.HAND_OVER_RETURNED)))
    ):
        if case_id in by_case:
            by_case[case_id].returned = True
    return list(by_case.values())


def _rests(db: Connection, case: Any) -> list[tuple[datetime, datetime]]:
    found, begun = [], None
    for row in db.execute(select(entries).where(entries.c.chain == case.id).order_by(entries.c.number)):
        if row.act == "suspend":
            begun = row.at
        elif row.act == "resume" and begun is not None:
            found.append((begun, row.at))
            begun = None
    return found


@dataclass
class Sums:
    """In minutes."""

    steps: dict[tuple[Place, date], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    lengths: dict[tuple[Place, Measure, date], list[int]] = field(default_factory=lambda: defaultdict(list))
    flows: Counter[tuple[Place | None, Place | None, str]] = field(default_factory=Counter)
    hands: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    persons: Counter[tuple[int, int, Measure, str]] = field(default_factory=Counter)
    cases: dict[tuple[Place, date], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ways: Counter[tuple[str, ...]] = field(default_factory=Counter)


_PARTS: Final = ("waiting", "taken", "stopped", "outside", "handed", "sojourn")


def counted(every: Iterable[Told], since: date, until: date) -> Sums:
    """Of what was closed, by the days of a period."""
    sums = Sums()
    for one in every:
        for row in one.tasks:
            if row.closed_at is not None:
                _count_step(sums, one, row, since, until)
        if one.case.ended_at is not None:
            _count_case(sums, one, since, until)
    return sums


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _count_step(sums: Sums, one: Told, row: Any, since: date, until: date) -> None:
    place, opened, closed = one.place(row), day_of(row.opened_at), day_of(row.closed_at)
    times = one.times(row)
    done = row.closed_how == Closed.COMPLETED
    wait = times["waiting"] + times["handed"]
    if since <= opened <= until:
        sums.steps[place, opened]["arrived"] += 1
        earlier = [each for each in one.completed if each.closed_at <= row.opened_at and each.number < row.number]
        came = one.place(earlier[-1]) if earlier else None
        sums.flows[came, place, "n"] += 1
        sums.flows[came, place, "wait"] += wait * done
        sender = row.from_department_id
        if sender is not None and sender != row.department_id:
            back = any(
                each.closed_at is not None and each.closed_at <= row.opened_at and each.number < row.number
                and (each.from_department_id, each.department_id) == (row.department_id, sender)
                for each in one.tasks
            )  # fmt: skip
            returned = row.number in one.handed and one.handed[row.number].returned_at is not None
            for name, number in (("n", 1), ("wait", wait * done), ("ping_pong", back), ("returned", returned)):
                sums.hands[sender, row.department_id, name] += int(number)
    if not since <= closed <= until:
        return
    found = sums.steps[place, closed]
    if not done:
        found["cancelled"] += 1
        return
    before = [each for each in one.completed if (each.closed_at, each.number) < (row.closed_at, row.number)]
    again = any(each.element == row.element for each in before)
    found.update({
        "done": 1, "timed": row.due_at < NO_DUE, "late": row.due_at < row.closed_at, "repeated": again,
        "looped": again and before[-1].element == row.element, "same_day": opened == closed,
        "received": row.number in one.handed, "measured": times["begun"],
        "calendar": int((row.closed_at - row.opened_at) / _MINUTE), **{part: times[part] for part in _PARTS},
        "working": times["working"] * times["begun"], "measured_sojourn": times["sojourn"] * times["begun"],
    })  # fmt: skip
    for part in _PARTS:
        sums.lengths[place, Measure[part.upper()], closed].append(times[part])
    person = (place.post_id, row.person_id)
    sums.persons[*person, Measure.TAKEN, "n"] += 1
    sums.persons[*person, Measure.TAKEN, "total"] += times["taken"]
    if times["begun"]:
        sums.persons[*person, Measure.WORKING, "n"] += 1
        sums.persons[*person, Measure.WORKING, "total"] += times["working"]


def _count_case(sums: Sums, one: Told, since: date, until: date) -> None:
    case, kind = one.case, one.case.applicant_kind or 0
    place = Place(case.procedure_id, case.edition_id, "", 0, 0, kind)
    started, ended = day_of(case.started_at), day_of(case.ended_at)
    if since <= started <= until:
        sums.cases[place, started]["started"] += 1
    if not since <= ended <= until:
        return
    if case.ended_how is not None:
        sums.cases[place, ended]["cancelled"] += 1
        return
    way = tuple(row.element for row in one.completed)
    promise = one.clocks.get(2)
    law = one.clocks.get(1) or one.clocks.get(3)
    sums.cases[place, ended].update({
        "ended": 1, "promised": promise is not None, "lawful": law is not None,
        "promise_kept": promise is not None and promise.ended_at <= promise.due_at,
        "law_kept": law is not None and law.ended_at <= law.due_at, "steps": len(way),
        "first_pass": len(set(way)) == len(way) and not one.returned, "same_day": started == ended,
        "repeated": len(way) - len(set(way)), "cycle": sum(1 for _ in minutes_between(case.started_at, case.ended_at)),
        "calendar": int((case.ended_at - case.started_at) / _MINUTE),
    })  # fmt: skip
    sums.ways[way] += 1
    if way:
        sums.flows[one.place(one.completed[-1]), None, "n"] += 1
