"""Half a year in the demo office: people, trays and a simulated clock. Whatever happens is an act of the engine."""

from __future__ import annotations

import heapq
import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.cases import acts, rules
from engine.cases.asked import acts as asking
from engine.cases.asked.reads import asked_in
from engine.cases.asked.rules import Outcome as VoteOf
from engine.cases.handing.acts import escalate_hand_over
from engine.cases.handing.reads import silent_hand_overs
from engine.cases.standing import StandingTask, is_open, latest_case, standing
from engine.counter import acts as counter
from engine.diagram.forms import Form, again_typed
from engine.organisation.reads import actor, all_persons
from engine.organisation.rules import Actor, Right
from engine.procedures.reads import in_force
from engine.procedures.runnable import Runnable, Step
from engine.procedures.turns import due_turns
from engine.worktime.calendar import WorkCalendar
from processes.answers import start_answers, step_answers
from processes.shape import Applicant, Matter, Outcome, Pace, Shipped
from web.demo.cards import LAST_DAYS
from web.demo.cards import look as look_for_cards
from web.demo.clocks import keep_clocks
from web.demo.hours import after_working, at_work

_AT_ONCE: Final = 150
"""Events kept together in one transaction: half a year would wait for the disk otherwise."""
_MOST_PAPERS: Final = 50
_WATCH: Final = timedelta(hours=8)
"""Once a day it is looked which hand-overs nobody has answered: an office at work looks every few seconds."""
_BEGINS: Final = timedelta(hours=9, minutes=1)
"""Once a day too: procedures that begin cases by themselves."""
_QUESTION: Final = (
    "Shall the additional budget be granted in the amount that the reviewer supports? 是否同意按财政审核意见追加经费？"
)
_VOTES: Final = (
    (VoteOf.FOR, ""),
    (VoteOf.AGAINST, "It can wait for next year's budget. 可列入下年度预算。"),
    (VoteOf.ABSTAINED, "The figures came too late to be checked. 材料送达较晚，未及核实。"),
)
_VOTES_COME: Final = (72, 20, 8)
_TRAY_SPREAD: Final = 0.8
_WORK_SPREAD: Final = 0.45


@dataclass(slots=True)
class _Running:
    """A case that runs, as the simulation remembers it."""

    procedure_id: int
    shipped: Shipped
    matter: Matter
    number: int
    known: dict[str, Any]
    seen: set[str] = field(default_factory=set)  # tokens that somebody or something is already on
    times: dict[str, int] = field(default_factory=dict)  # how often each step was come to


@dataclass(slots=True)
class Half:
    """What a simulated half-year came to."""

    started: int = 0
    ended: int = 0
    completed: int = 0


class Simulation:
    """One run. The same seed tells the same story."""

    def __init__(self, calendar: WorkCalendar, shipped: Mapping[int, Shipped], end: datetime, seed: int = 2026) -> None:
        """`calendar`: the office's; `shipped` is by procedure id."""
        self._shipped = shipped
        self._end = end
        self._calendar = calendar
        self._zone = calendar.zone
        self._chance = random.Random(seed)  # noqa: S311 a story, no secret
        self._events: list[tuple[datetime, int, Callable[[Connection, datetime], None]]] = []
        self._order = itertools.count()
        self._cases: dict[int, _Running] = {}
        self._holders: dict[int, list[tuple[int, date, date | None]]] = {}
        self._busy: dict[int, datetime] = {}
        self._in_hand: dict[tuple[int, int], int] = {}
        self._counts: dict[int, int] = {}
        self._ready: dict[int, Runnable] = {}
        self._known: dict[tuple[int, date], Actor] = {}
        self.half = Half()

    def run(self, database: Database, begin: datetime, progress: Callable[[float, Half], None]) -> Half:
        self._plan_arrivals(begin)
        with database.reading() as db:
            self._learn_people(db)
        length = self._end - begin
        while self._events and self._events[0][0] <= self._end:
            with database.writing() as db:
                for _ in range(_AT_ONCE):
                    if not self._events or self._events[0][0] > self._end:
                        break
                    moment, _order, happen = heapq.heappop(self._events)
                    with clock.reading(lambda moment=moment: moment):  # type: ignore[misc]
                        happen(db, moment)
            progress((moment - begin) / length, self.half)
        return self.half

    def _at(self, moment: datetime, happen: Callable[[Connection, datetime], None]) -> None:
        heapq.heappush(self._events, (moment.replace(microsecond=0), next(self._order), happen))

    def _learn_people(self, db: Connection) -> None:
        for person in all_persons(db):
            for held in person.holdings:
                self._holders.setdefault(held.post_id, []).append((person.id, held.from_day, held.until_day))

    def _plan_arrivals(self, begin: datetime) -> None:
        day = begin.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        while day < self._end:
            self._at(day + _WATCH, self._escalate)
            self._at(day + _BEGINS, self._begin_by_themselves)
            if self._calendar.works_on(day.date()):
                for procedure_id, shipped in self._shipped.items():
                    for _ in range(self._poisson(shipped.demo.cases_per_day)):
                        moment = at_work(day + timedelta(minutes=self._chance.uniform(510, 1040)), self._calendar)
                        self._at(moment, lambda db, at, one=procedure_id: self._arrive(db, at, one))  # type: ignore[misc]
            day += timedelta(days=1)

    def _escalate(self, db: Connection, at: datetime) -> None:
        for case_id, number in silent_hand_overs(db, at=at, limit=500):
            escalate_hand_over(db, case_id=case_id, number=number)
        keep_clocks(db, at, works=self._calendar.works_on(self._calendar.local_day(at)))
        if self._end - at < LAST_DAYS:
            look_for_cards(db, at)

    def _begin_by_themselves(self, db: Connection, at: datetime) -> None:
        for procedure_id, element in due_turns(db, at=at):
            if acts.begin_by_timer(db, procedure_id=procedure_id, element=element):
                shipped = self._shipped[procedure_id]
                case_id = latest_case(db, procedure_id)
                self._cases[case_id] = _Running(procedure_id, shipped, shipped.demo.matters[0], 0, {})
                self.half.started += 1
                self._look_at(db, case_id, at)

    def _poisson(self, mean: float) -> int:
        left, count = self._chance.expovariate(1.0), 0
        while left < mean:
            left += self._chance.expovariate(1.0)
            count += 1
        return count

    def _arrive(self, db: Connection, at: datetime, procedure_id: int) -> None:
        shipped = self._shipped[procedure_id]
        ready = self._made_ready(db, procedure_id)
        starter = self._somebody(sorted(ready.start_posts), at)
        if starter is None:
            return
        matter = self._chance.choice(shipped.demo.matters)
        applicant: Applicant = self._chance.choice(shipped.demo.applicants)
        number = self._counts[procedure_id] = self._counts.get(procedure_id, 0) + 1
        answers = start_answers(applicant, matter, day=at.astimezone(self._zone).date(), number=number)
        started = _begun(
            db,
            self._as(db, starter, at),
            procedure_id,
            f"{matter.name_en} {matter.name_zh}",
            f"{applicant.name_en} {applicant.name_zh}",
            str(answers.get("phone", "")),
            _typed(ready.start_form, answers),
            _kind(applicant),
        )
        self.half.started += 1
        case = _Running(
            procedure_id, shipped, matter, number, {"applicant": f"{applicant.name_en} {applicant.name_zh}", **answers}
        )
        self._cases[started.case_id] = case
        self._look_at(db, started.case_id, at)

    def _look_at(self, db: Connection, case_id: int, at: datetime) -> None:
        """Whatever the case waits for now gets somebody, or a time."""
        case = self._cases[case_id]
        now = standing(db, case_id=case_id)
        if now.ended:
            self.half.ended += 1
            del self._cases[case_id]
            return
        for task in now.tasks:
            if task.token not in case.seen:
                case.seen.add(task.token)
                self._take_up(case_id, task, at)
        for token, due in now.timers:
            if f"{token}@{due}" not in case.seen:
                case.seen.add(f"{token}@{due}")
                self._at(due, lambda db, at, one=token: self._fire(db, at, case_id, one))  # type: ignore[misc]
        for token, element in now.awaited:
            arrival = case.shipped.demo.messages.get(element)
            if token not in case.seen and arrival is not None:
                case.seen.add(token)
                moment = after_working(at, self._spread(arrival.hours, _TRAY_SPREAD), self._calendar)
                self._at(moment, lambda db, at, one=token: self._deliver(db, at, case_id, one))  # type: ignore[misc]

    def _take_up(self, case_id: int, task: StandingTask, at: datetime) -> None:
        case = self._cases[case_id]
        pace = case.shipped.demo.paces[task.element]
        if self._chance.uniform(0, 100) < pace.unanswered:
            return
        person = self._somebody([task.post_id], at)
        if person is None:
            return
        reached = after_working(at, self._spread(pace.tray, _TRAY_SPREAD), self._calendar)
        begun = at_work(max(reached, self._busy.get(person, reached)), self._calendar)
        done = after_working(begun, self._spread(pace.work, _WORK_SPREAD), self._calendar)
        self._busy[person] = done
        self._at(begun, lambda db, at: self._claim(db, at, case_id, task, person))
        self._at(done, lambda db, now: self._complete(db, now, case_id, task, person, pace))

    def _spread(self, hours: float, spread: float) -> timedelta:
        return timedelta(hours=hours * self._chance.lognormvariate(0, spread))

    def _somebody(self, posts: Sequence[int], at: datetime) -> int | None:
        """Whoever holds one of the posts that day and is free first; chance decides among those who are."""
        day = at.astimezone(self._zone).date()
        able = [
            person
            for post in posts
            for person, begin, end in self._holders.get(post, ())
            if begin <= day and (end is None or day <= end)
        ]
        if not able:
            return None
        return min(able, key=lambda person: (max(self._busy.get(person, at), at), self._chance.random()))

    def _claim(self, db: Connection, at: datetime, case_id: int, task: StandingTask, person: int) -> None:
        if case_id in self._cases and is_open(db, case_id=case_id, number=task.number):
            by = self._as(db, person, at)
            if task.post_id in by.post_ids:
                acts.claim(db, by=by, case_id=case_id, number=task.number)
                self._in_hand[case_id, task.number] = person

    def _complete(
        self, db: Connection, at: datetime, case_id: int, task: StandingTask, person: int, pace: Pace
    ) -> None:
        case = self._cases.get(case_id)
        if case is None or not is_open(db, case_id=case_id, number=task.number):
            return  # the step was cancelled meanwhile, as by a timer
        by = self._as(db, person, at)
        if task.post_id not in by.post_ids:  # left the post meanwhile: somebody else takes it up
            if self._in_hand.pop((case_id, task.number), None) == person:
                acts.release(db, by=by, case_id=case_id, number=task.number)
            self._take_up(case_id, task, at)
            return
        turn = case.times[task.element] = case.times.get(task.element, 0) + 1
        outcome = self._outcome(pace.outcomes, again=turn > 1)
        answers = step_answers(
            task.element, outcome, case.matter,
            day=at.astimezone(self._zone).date(), number=case.number, known=case.known,
        )  # fmt: skip
        form = self._form(db, case, task)
        if self._step(db, case, task).committee:
            self._vote(db, by, at, case_id, task)
        acts.complete_task(
            db,
            by=by,
            case_id=case_id,
            number=task.number,
            submitted=_typed(form, answers),
            chosen=outcome.chosen,
        )
        case.known.update(answers)
        self.half.completed += 1
        self._look_at(db, case_id, at)

    def _vote(self, db: Connection, by: Actor, at: datetime, case_id: int, task: StandingTask) -> None:
        """The committee meets: every member who may take part votes, and the vote is closed."""
        asking.open_vote(db, by=by, case_id=case_id, number=task.number, question=_QUESTION)
        for one in asked_in(db, case_id, of_task=task.number):
            if one.task_number is not None and one.person_id is not None:
                outcome, words = self._chance.choices(_VOTES, _VOTES_COME)[0]
                member = self._as(db, one.person_id, at)
                asking.cast_vote(
                    db, by=member, case_id=case_id, number=one.task_number, outcome=outcome, words=words
                )  # fmt: skip
        asking.close_vote(db, by=by, case_id=case_id, number=task.number)

    def _step(self, db: Connection, case: _Running, task: StandingTask) -> Step:
        return self._made_ready(db, case.procedure_id).place(task.edition_id, task.element)

    def _form(self, db: Connection, case: _Running, task: StandingTask) -> Form | None:
        return self._step(db, case, task).form

    def _made_ready(self, db: Connection, procedure_id: int) -> Runnable:
        """Nothing comes into force while the simulation runs."""
        if procedure_id not in self._ready:
            self._ready[procedure_id] = in_force(db, procedure_id)[0]
        return self._ready[procedure_id]

    def _as(self, db: Connection, person: int, at: datetime) -> Actor:
        """The person with the posts of that day."""
        key = (person, at.astimezone(self._zone).date())
        if key not in self._known:
            self._known[key] = actor(db, person)
        return self._known[key]

    def _outcome(self, outcomes: Sequence[Outcome], *, again: bool) -> Outcome:
        weights = [one.again if again else one.weight for one in outcomes]
        return self._chance.choices(outcomes, weights)[0]

    def _fire(self, db: Connection, at: datetime, case_id: int, token: str) -> None:
        if case_id in self._cases and acts.fire_timer(db, case_id=case_id, token=token):
            self._look_at(db, case_id, at)

    def _deliver(self, db: Connection, at: datetime, case_id: int, token: str) -> None:
        case = self._cases.get(case_id)
        if case is None or not any(token == one for one, _ in standing(db, case_id=case_id).awaited):
            return
        clerk = self._somebody(sorted(self._made_ready(db, case.procedure_id).start_posts), at)
        if clerk is not None:
            acts.deliver_message(db, by=self._as(db, clerk, at), case_id=case_id, token=token, note="")
            self._look_at(db, case_id, at)


def _begun(
    db: Connection,
    by: Actor,
    procedure_id: int,
    matter: str,
    applicant: str,
    contact: str,
    submitted: Mapping[str, Sequence[str]],
    kind: rules.Applicant,
) -> acts.Started:
    """At the counter, with its receipt, where the post receives applications."""
    if not by.may(Right.RECEIVE):
        return acts.start_case(
            db, by=by, procedure_id=procedure_id, matter=matter, applicant=applicant, submitted=submitted,
            applicant_kind=kind,
        )  # fmt: skip
    return counter.receive_application(
        db, by=by, procedure_id=procedure_id, matter=matter, applicant=applicant, contact=contact, channel="1",
        brought=range(_MOST_PAPERS), submitted=submitted, applicant_kind=kind,
    )  # fmt: skip


def _kind(applicant: Applicant) -> rules.Applicant:
    """As the name tells: people have names of up to four characters."""
    if re.search("局|政府|街道办|法院|检察院|管理处|大队|海关", applicant.name_zh):
        return rules.Applicant.AUTHORITY
    return rules.Applicant.PERSON if len(applicant.name_zh) <= 3 else rules.Applicant.BODY


def _typed(form: Form | None, answers: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    return {} if form is None else again_typed(form, answers)
