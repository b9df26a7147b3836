"""How much of the waiting at each post passed while nobody was there who could have taken it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, or_, select, type_coerce

from engine.base.database import OFFICE, from_stored, to_stored
from engine.base.frozen import frozen
from engine.cases.rules import Closed
from engine.organisation.rules import Actor
from engine.procedures.reads import supervised_departments
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import Question, owners, question, time
from engine.supervision.figures.contributions import Key, Span, waited_within
from engine.supervision.figures.loads import LOOKS_BACK, Staff, staff_of
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.sight import midnight
from engine.supervision.figures.suppressing import LEAST
from engine.supervision.figures.tables import spells
from engine.supervision.figures.unfolded import noted

MOST: Final = 20_000
"""Tasks looked at one by one, of all posts together: beyond that the page would take too long."""
_DAY: Final = timedelta(days=1)


@frozen
class Unattended:
    """Of the tasks of a post that were completed in the period: how many, how long they waited to be accepted or taken, and how much of that passed
    while nobody who holds the post, or stands in for a holder, was there. None: not shown to whoever asks, or too many.
    """

    done: int
    waited: timedelta
    alone: timedelta | None

    @property
    def share(self) -> float | None:
        return self.alone / self.waited if self.alone is not None and self.waited else None


def unattended(db: Connection, *, actor: Actor, scope: Scope) -> Mapping[int, Unattended]:
    """By post; those where nothing that was completed had waited are left out.

    When a post of few is attended tells when persons are away, which who supervises its department sees anyway.
    """
    of = question(db, actor, scope)
    done, waited = Counter[int](), Counter[int]()
    for place, one in rollups.steps(db, of.asked).items():
        done[place.post_id] += one.done
        waited[place.post_id] += one.waiting + one.handed
    there = staff_of(db, of)
    watched, owning = supervised_departments(db, actor), owners(db)
    shown = {
        post
        for post in waited
        if waited[post]
        and (
            owning[post].department_id in watched
            or len(there.holders(post, of.today) - there.lent(post, of.today)) >= LEAST
        )
    }
    alone = _alone(db, of, {post: spans for post in shown if (spans := _spans(there, post, of))})
    return {
        post: Unattended(
            done[post], time(waited[post]),
            time(min(alone[post], waited[post])) if alone is not None and post in shown else None,
        )
        for post in sorted(waited)
        if waited[post]
    }  # fmt: skip


def _spans(there: Staff, post_id: int, of: Question) -> list[Span]:
    """When nobody was there, as instants are stored. What lies further back is taken as attended."""
    zone = of.window.zone
    found: list[tuple[date, date]] = []
    for begin, end in there.alike(post_id, of.scope.since - LOOKS_BACK, of.last):
        if there.attended(post_id, begin):
            continue
        if found and found[-1][1] + _DAY == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return [(to_stored(midnight(begin, zone)), to_stored(midnight(end + _DAY, zone))) for begin, end in found]


def _alone(db: Connection, of: Question, spans: Mapping[int, Sequence[Span]]) -> Counter[int] | None:
    """Milliseconds by post; None where there would be too many to look at."""
    found = Counter[int]()
    partly: dict[Key, list[Span]] = {}
    post_of: dict[Key, int] = {}
    for count, (key, post, opened, closed, waiting) in enumerate(_closed(db, of, spans)):
        if count == MOST:
            return None
        meets = [(begin, end) for begin, end in spans[post] if begin < closed and opened < end]
        if any(begin <= opened and closed <= end for begin, end in meets):
            found[post] += waiting
        elif meets:
            partly[key], post_of[key] = meets, post
    for key, within in waited_within(db, partly).items():
        found[post_of[key]] += within
    return found


def _closed(
    db: Connection, of: Question, spans: Mapping[int, Sequence[Span]]
) -> Iterator[tuple[Key, int, int, int, int]]:
    """Of these posts, completed in the period, and waited: what is kept, but for what has changed since and is not folded."""
    if not spans:
        return
    fresh = noted(db)
    since, until = of.scope.since.toordinal(), of.scope.until.toordinal()
    c = spells.c
    waited = func.coalesce(c.waiting, 0) + func.coalesce(c.handed, 0)
    meeting = list(_meeting(_by_post(of, spans), spans))
    rows = () if not meeting else db.execute(
        select(
            c.case_id, c.task_number, c.place_id, type_coerce(c.opened_at, BigInteger),
            type_coerce(c.closed_at, BigInteger), waited,
        )
        .where(
            c.office_id == OFFICE, c.closed_day.between(since, until), c.how == int(Closed.COMPLETED), waited > 0,
            or_(*meeting),
        )
        .limit(MOST + 1)
    )  # fmt: skip
    for row in rows:
        key, place = (row[0], row[1]), of.asked.steps[row[2]]
        if key not in fresh.keys:
            yield key, place.post_id, row[3], row[4], row[5]
    for key, one in fresh.told.steps.items():
        if one.done and since <= one.closed_day <= until and one.place.post_id in spans and of.asked.holds(one.place):
            yield key, one.place.post_id, one.opened_at, one.closed_at, one.times.waiting + one.times.handed


def _by_post(of: Question, posts: Collection[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, place in of.asked.steps.items():
        if place.post_id in posts:
            found[place.post_id].append(number)
    return found


def _meeting(places: Mapping[int, Sequence[int]], spans: Mapping[int, Sequence[Span]]) -> Iterator[ColumnElement[bool]]:
    """Of `figure_spells`: those that lie about the time when nobody was there."""
    for post, numbers in places.items():
        begin, end = from_stored(spans[post][0][0]), from_stored(spans[post][-1][1])
        yield and_(spells.c.place_id.in_(numbers), spells.c.opened_at < end, spells.c.closed_at > begin)
