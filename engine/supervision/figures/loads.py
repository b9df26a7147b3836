"""What posts and persons have to do, beside the working hours there are for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, or_, select

from engine.base.frozen import frozen
from engine.base.once import once
from engine.base.text import Name
from engine.organisation.absence.reads import Away, days_away
from engine.organisation.rules import Actor
from engine.organisation.tables import holdings, loans, persons
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import Question, owners, question, spread_of, time
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

LOOKS_BACK: Final = timedelta(days=400)
"""Before a period: what was completed in it may have waited since then."""
_DAY: Final = timedelta(days=1)


@frozen
class Held:
    person_id: int
    post_id: int
    from_day: date
    until_day: date | None
    lent: bool = False
    """By a supervisor, for a time."""

    def on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@frozen
class Staff:
    """Who held which posts, and was away, some time in a period."""

    held: tuple[Held, ...]
    away: dict[int, list[Away]]

    def holders(self, post_id: int, day: date) -> set[int]:
        return {one.person_id for one in self.held if one.post_id == post_id and one.on(day)}

    def lent(self, post_id: int, day: date) -> set[int]:
        """Of its holders those who are added to it for a time."""
        some = [one for one in self.held if one.post_id == post_id and one.on(day)]
        return {one.person_id for one in some if one.lent} - {one.person_id for one in some if not one.lent}

    def attended(self, post_id: int, day: date) -> bool:
        """Somebody who holds it, or stands in for one who does, is there."""
        return any(
            (gone := self._gone(person, post_id, day)) is None
            or (gone.deputy_id is not None and self._gone(gone.deputy_id, post_id, day) is None)
            for person in self.holders(post_id, day)
        )

    def _gone(self, person_id: int, post_id: int, day: date) -> Away | None:
        return next((one for one in self.away.get(person_id, ()) if one.on(day, post_id)), None)

    def capacity(
        self, post_id: int, calendar: WorkCalendar, since: date, until: date, *, lent: bool = False
    ) -> timedelta:
        """Whoever held several posts on a day is split among them. `lent`: of those alone who are added for a time."""
        found = timedelta(0)
        for begin, end in self.alike(post_id, since, until):
            shares = self._shares(post_id, begin, self.lent if lent else self.holders)
            if shares:
                found += _hours(calendar, begin, end) * shares.numerator / shares.denominator
        return found

    def alike(self, post_id: int, since: date, until: date) -> Iterator[tuple[date, date]]:
        """Stretches of days on each of which the same people are there with the same posts."""
        mine = {one.person_id for one in self.held if one.post_id == post_id}
        mine |= {one.deputy_id for person in mine for one in self.away.get(person, ()) if one.deputy_id is not None}
        spans = [(one.from_day, one.until_day) for one in self.held if one.person_id in mine]
        spans += [(one.from_day, one.until_day) for person in mine for one in self.away.get(person, ())]
        edges = {since, until + _DAY, *(begin for begin, _end in spans)}
        edges |= {end + _DAY for _begin, end in spans if end is not None}
        ordered = sorted(edge for edge in edges if since <= edge <= until + _DAY)
        for begin, behind in pairwise(ordered):
            yield begin, behind - _DAY

    def _shares(self, post_id: int, day: date, whom: Callable[[int, date], set[int]]) -> Fraction:
        """How many are there, whoever holds several posts in part."""
        found = Fraction(0)
        for person in whom(post_id, day):
            if self._gone(person, post_id, day) is None:
                found += Fraction(1, len({one.post_id for one in self.held if one.person_id == person and one.on(day)}))
        return found


def _hours(calendar: WorkCalendar, since: date, until: date) -> timedelta:
    """What it works on the days from the one to the other."""
    return worked_between(calendar, midnight(since, calendar.zone), midnight(until + _DAY, calendar.zone))


def staff_of(db: Connection, of: Question) -> Staff:
    """For all that is asked of a period, and of today."""
    return staff(db, min(of.scope.since, of.today) - LOOKS_BACK, max(of.scope.until, of.today))


def staff(db: Connection, since: date, until: date) -> Staff:
    return once(db, ("staff", since, until), lambda: _staff(db, since, until))


def _staff(db: Connection, since: date, until: date) -> Staff:
    held = tuple(
        Held(row.person_id, row.post_id, row.from_day, row.until_day, row.lent_by is not None)
        for row in db.execute(
            select(holdings.c.person_id, holdings.c.post_id, holdings.c.from_day, holdings.c.until_day, loans.c.lent_by)
            .outerjoin(loans, loans.c.holding_id == holdings.c.id)
            .where(holdings.c.from_day <= until, or_(holdings.c.until_day.is_(None), holdings.c.until_day >= since))
        )
    )
    away: dict[int, list[Away]] = defaultdict(list)
    for one in days_away(db, since, until):
        away[one.person_id].append(one)
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
    there = staff_of(db, of)
    entitled = is_entitled(db, actor)
    helped = _helped(db, of, there) if entitled else {}
    found = []
    for post in posts_:
        one, owner, holders = sums.get(post, StepSums()), owning[post], there.holders(post, of.today)
        lent = there.lent(post, of.today)
        # Whoever is lent makes no group large enough: else somebody could be added to see the work of the others.
        hidden = len(holders) - len(lent) < LEAST and owner.department_id not in entitled
        found.append(
            PostLoad(
                post, owner.post, owner.department_id, owner.department, holders=len(holders), open=open_now[post],
                arrived=one.arrived + came[post], done=one.done,
                working=time(one.working) if one.measured and not hidden else None,
                capacity=there.capacity(post, calendars[post], scope.since, of.last),
                rate=rate(per_day.get(post, Flow()), backs[post]), unmeasured=one.done - one.measured,
                hidden=hidden, lent=len(lent),
                lent_capacity=there.capacity(post, calendars[post], scope.since, of.last, lent=True),
                helped=time(helped.get(post, 0)) if one.measured and owner.department_id in entitled else None,
            )
        )  # fmt: skip
    return tuple(found)


def small_posts(db: Connection, *, actor: Actor, scope: Scope) -> Mapping[int, int]:
    """Those whose work is hidden from the actor: so few hold them that it would tell of persons. By post, how many."""
    of = question(db, actor, scope)
    return posts_of_few(db, staff_of(db, of), of.today, is_entitled(db, actor))


def posts_of_few(
    db: Connection, there: Staff, today: date, entitled: frozenset[int] = frozenset()
) -> Mapping[int, int]:  # fmt: skip
    """The same of whoever may see persons of these departments."""
    own = {
        post: len(there.holders(post, today)) - len(there.lent(post, today))
        for post, owner in owners(db).items()
        if owner.department_id not in entitled
    }
    return {post: count for post, count in own.items() if count < LEAST}


def _helped(db: Connection, of: Question, there: Staff) -> Counter[int]:
    """Milliseconds of work of those who were lent to each post, on the days on which they were."""
    lent = [one for one in there.held if one.lent]
    told = (
        rollups.worked_on(db, of.asked, {one.post_id for one in lent}, {one.person_id for one in lent}) if lent else {}
    )
    found = Counter[int]()
    for (post, person, day), worked in told.items():
        if person in there.lent(post, day):
            found[post] += worked
    return found


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
    there = staff_of(db, of)
    helpers = {
        (one.post_id, one.person_id)
        for one in there.held
        if one.lent and one.from_day <= scope.until and (one.until_day is None or one.until_day >= scope.since)
    }
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
            working=_lengths(told.get((post, person, Measure.WORKING))), lent=(post, person) in helpers,
        )
        for post, person in keys
    )  # fmt: skip


def _lengths(one: Lengths | None) -> Spread:
    return Spread() if one is None else spread_of(one.n, one.total, one.bins)
