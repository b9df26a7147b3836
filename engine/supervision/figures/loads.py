"""What posts and persons have to do, beside the working hours there are for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, or_, select

from engine.base.text import Name
from engine.organisation.rules import Actor
from engine.organisation.tables import absences, holdings, persons
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import owners, question, spread_of, time
from engine.supervision.figures.bins import Measure
from engine.supervision.figures.privacy import is_entitled, must_see_people
from engine.supervision.figures.rollups import BY_POST, Lengths, StepSums
from engine.supervision.figures.rules import PersonLoad, PostLoad, Scope
from engine.supervision.figures.sight import midnight
from engine.supervision.figures.spreads import Spread
from engine.supervision.figures.suppressing import LEAST
from engine.supervision.figures.trends import Back, Flow, first_of, rate, recent
from engine.supervision.figures.unended import open_groups
from engine.worktime.calendar import WorkCalendar
from engine.worktime.quick import worked_between

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    person_id: int
    post_id: int
    from_day: date
    until_day: date | None

    def on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@dataclass(frozen=True, slots=True)
class Away:
    person_id: int
    from_day: date
    until_day: date
    post_ids: frozenset[int]  # none: every post

    def on(self, day: date, post_id: int) -> bool:
        return self.from_day <= day <= self.until_day and (not self.post_ids or post_id in self.post_ids)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who held which posts, and was away, some time in a period."""

    held: tuple[Held, ...]
    away: dict[int, list[Away]]

    def holders(self, post_id: int, day: date) -> set[int]:
        return {one.person_id for one in self.held if one.post_id == post_id and one.on(day)}

    def capacity(self, post_id: int, calendar: WorkCalendar, since: date, until: date) -> timedelta:
        """Whoever held several posts on a day is split among them."""
        found = timedelta(0)
        for begin, end in self._alike(post_id, since, until):
            shares = self._shares(post_id, begin)
            if shares:
                found += _hours(calendar, begin, end) * shares.numerator / shares.denominator
        return found

    def _alike(self, post_id: int, since: date, until: date) -> Iterator[tuple[date, date]]:
        """Stretches of days on each of which the same people are there with the same posts."""
        mine = {one.person_id for one in self.held if one.post_id == post_id}
        spans = [(one.from_day, one.until_day) for one in self.held if one.person_id in mine]
        spans += [(one.from_day, one.until_day) for person in mine for one in self.away.get(person, ())]
        edges = {since, until + _DAY, *(begin for begin, _end in spans)}
        edges |= {end + _DAY for _begin, end in spans if end is not None}
        ordered = sorted(edge for edge in edges if since <= edge <= until + _DAY)
        for begin, behind in pairwise(ordered):
            yield begin, behind - _DAY

    def _shares(self, post_id: int, day: date) -> Fraction:
        """How many are there, whoever holds several posts in part."""
        found = Fraction(0)
        for person in self.holders(post_id, day):
            if not any(one.on(day, post_id) for one in self.away.get(person, ())):
                found += Fraction(1, len({one.post_id for one in self.held if one.person_id == person and one.on(day)}))
        return found


def _hours(calendar: WorkCalendar, since: date, until: date) -> timedelta:
    """What it works on the days from the one to the other."""
    return worked_between(calendar, midnight(since, calendar.zone), midnight(until + _DAY, calendar.zone))


def staff(db: Connection, since: date, until: date) -> Staff:
    held = tuple(
        Held(row.person_id, row.post_id, row.from_day, row.until_day)
        for row in db.execute(
            select(holdings.c.person_id, holdings.c.post_id, holdings.c.from_day, holdings.c.until_day).where(
                holdings.c.from_day <= until, or_(holdings.c.until_day.is_(None), holdings.c.until_day >= since)
            )
        )
    )
    away: dict[int, list[Away]] = defaultdict(list)
    for row in db.execute(
        select(absences.c.person_id, absences.c.from_day, absences.c.until_day, absences.c.post_ids).where(
            absences.c.from_day <= until, absences.c.until_day >= since
        )
    ):
        named = frozenset(int(one) for one in row.post_ids.split())
        away[row.person_id].append(Away(row.person_id, row.from_day, row.until_day, named))
    return Staff(held, away)


def workload(db: Connection, *, actor: Actor, scope: Scope) -> tuple[PostLoad, ...]:
    """Every post that had tasks in the period or has some now."""
    of = question(db, actor, scope)
    sums: dict[int, StepSums] = {}
    for place, one in rollups.steps(db, of.asked).items():
        before = sums.get(place.post_id, StepSums())
        sums[place.post_id] = StepSums(*(a + b for a, b in zip(before, one, strict=True)))
    still = open_groups(db, scope, of.asked.procedures)
    open_now, came = Counter[int](), Counter[int]()
    since, until = scope.since.toordinal(), scope.until.toordinal()
    for group in still:
        open_now[group.post_id] += len(group.opened)
        came[group.post_id] += sum(count for day, count in group.on_days(of.days) if since <= day <= until)
    posts_ = sorted({post for post, one in sums.items() if any(one)} | set(open_now))
    owning = owners(db)
    calendars = {post: of.calendar(db, owning[post].department_id) for post in posts_}
    backs = {one: Back.of(calendar, of.last) for one, calendar in calendars.items()}
    per_day = recent(db, of, first_of(backs.values(), of.last), still, BY_POST)
    there = staff(db, min(scope.since, of.today), max(scope.until, of.today))
    entitled = is_entitled(db, actor)
    found = []
    for post in posts_:
        one, owner, holders = sums.get(post, StepSums()), owning[post], there.holders(post, of.today)
        hidden = len(holders) < LEAST and owner.department_id not in entitled
        found.append(
            PostLoad(
                post, owner.post, owner.department_id, owner.department, holders=len(holders), open=open_now[post],
                arrived=one.arrived + came[post], done=one.done,
                working=time(one.working) if one.measured and not hidden else None,
                capacity=there.capacity(post, calendars[post], scope.since, of.last),
                rate=rate(per_day.get(post, Flow()), backs[post]), unmeasured=one.done - one.measured,
                hidden=hidden,
            )
        )  # fmt: skip
    return tuple(found)


def people(db: Connection, *, actor: Actor, scope: Scope) -> tuple[PersonLoad, ...]:
    """By post and person. Raises PeopleNotShown, PeopleNotYours."""
    allowed = must_see_people(db, actor, scope.department_ids)
    of = question(db, actor, replace(scope, department_ids=allowed))
    told = rollups.persons(db, of.asked)
    open_now = Counter[tuple[int, int]]()
    for group in open_groups(db, of.scope, of.asked.procedures):
        if group.person_id is not None:
            open_now[group.post_id, group.person_id] += len(group.opened)
    keys = sorted({(post, person) for post, person, _measure in told} | set(open_now))
    owning = owners(db)
    names = {
        row.id: Name(row.name_en, row.name_zh)
        for row in db.execute(
            select(persons.c.id, persons.c.name_en, persons.c.name_zh).where(
                persons.c.id.in_(sorted({person for _post, person in keys}))
            )
        )
    }
    return tuple(
        PersonLoad(
            person, names[person], post, owning[post].post, owning[post].department_id, open=open_now[post, person],
            done=told[post, person, Measure.TAKEN].n if (post, person, Measure.TAKEN) in told else 0,
            taken=_lengths(told.get((post, person, Measure.TAKEN))),
            working=_lengths(told.get((post, person, Measure.WORKING))),
        )
        for post, person in keys
    )  # fmt: skip


def _lengths(one: Lengths | None) -> Spread:
    return Spread() if one is None else spread_of(one.n, one.total, one.bins)
