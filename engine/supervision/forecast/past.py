"""What was foretold at the beginning of each week, and what came of it; and what the next weeks bring.

Weeks before anything was foretold are told afterwards: learned anew from what was known then alone, by survival, and
marked as such. So it can be seen on the first day how good forecasts would have been.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.organisation.calendars.reads import calendar_of
from engine.supervision.forecast.forests import ModelUnfit
from engine.supervision.forecast.foretelling import learned_procedures, moment_of, told
from engine.supervision.forecast.history import Axis, Kept, Known, begins, monday
from engine.supervision.forecast.kept import keep_stretch, model_of
from engine.supervision.forecast.learning import History, asked_now_and_then, survival_lengths, visits
from engine.supervision.forecast.model import Forecast, Model, Survival, survival_of
from engine.supervision.forecast.rules import PERIODS, PROMISE, WEEKS_AHEAD, WEEKS_BACK
from engine.supervision.forecast.stretching import LEARNED_OVER, Foretold, both_ways, stretch
from engine.supervision.forecast.survival import FEWEST
from engine.supervision.forecast.tables import past, weeks
from engine.supervision.forecast.weeks import LEANS_ON, Leanings, Open, Reckoned, Week, leaning, next_weeks, read_week

_WEEK: Final = timedelta(days=7)
_ARRIVALS_OF: Final = 8
_KEPT_FOR: Final = timedelta(days=400)
_RECKONED_BACK: Final = WEEKS_BACK + LEARNED_OVER
"""Those before the ones that are shown, which the first of them are held to."""
_Over = tuple[Reckoned, int]
"""What was reckoned of a week, and what came."""


def procedures_to_look_back(db: Connection, *, at: datetime) -> tuple[int, ...]:
    """Those of which something was learned, and nothing reckoned today."""
    today = calendar_of(db).local_day(at)
    done = set(
        db.scalars(
            select(weeks.c.procedure_id)
            .where(weeks.c.office_id == OFFICE, weeks.c.made_on == today)
            .group_by(weeks.c.procedure_id)
        )
    )
    return tuple(one for one in learned_procedures(db) if one not in done)


def look_back(db: Connection, *, procedure_id: int) -> int:
    """Brings up what is kept of this week and those before; how many rows that were. Once a day is enough."""
    now = clock.now()
    kept = Kept(db, procedure_id, now)
    calendar = kept.axis.calendar
    this = monday(now.astimezone(calendar.zone).date())
    have = set(
        db.scalars(
            select(weeks.c.made_on)
            .where(weeks.c.office_id == OFFICE, weeks.c.procedure_id == procedure_id, weeks.c.made_on >= this - _RECKONED_BACK * _WEEK)
            .group_by(weeks.c.made_on)
        )
    )  # fmt: skip
    done = 0
    for back in range(_RECKONED_BACK, 0, -1):
        week = this - back * _WEEK
        if week not in have:
            done += _one_week(db, kept, procedure_id, week, begins(week, calendar), None)
    _forget_reckoned(db, procedure_id, [one for one in have if one != monday(one)])
    done += _this_week(db, kept, procedure_id, this, now, fresh=this not in have)
    done += _settle(db, kept, procedure_id)
    _came(db, kept, procedure_id, this)
    keep_stretch(db, procedure_id, _stretch(db, kept, procedure_id, now))
    _forget(db, procedure_id, this - _KEPT_FOR)
    return done


def _this_week(db: Connection, kept: Kept, procedure_id: int, this: date, now: datetime, *, fresh: bool) -> int:
    """What is foretold of this week and its cases stands as it was at its beginning; the days to come are reckoned anew.

    Where nobody foretold anything on its first day, it is told afterwards like the weeks before.
    """
    try:
        found = model_of(db, procedure_id)
    except ModelUnfit:
        return 0
    if found is None:
        return 0
    today, done = now.astimezone(kept.axis.calendar.zone).date(), 0
    if fresh and today == this:
        return _one_week(db, kept, procedure_id, this, now, found[1])
    if fresh:
        done = _one_week(db, kept, procedure_id, this, begins(this, kept.axis.calendar), None)
    if today > this:
        before = _leanings(db, kept, procedure_id, this)
        ahead = _weeks(kept, kept.at(now, only_open=True), found[1].survival, this, now, before)
        _keep_weeks(db, procedure_id, today, ahead, since=this)
    return done


def _one_week(db: Connection, kept: Kept, procedure_id: int, week: date, at: datetime, model: Model | None) -> int:
    """`model` None: learned from what was known then."""
    known = kept.at(at)
    afterwards = model is None
    if model is None:
        if sum(one.ended_at is not None for one in known) < FEWEST:
            return 0
        history = History(
            [one.story for one in known], kept.axis.at(at), kept.days(), visits, asked_now_and_then
        )  # fmt: skip
        model = Model(survival_of(survival_lengths(history)))
    opened = [one for one in known if one.ended_at is None]
    made, times = model.rows_of(kept.days()), _stretch(db, kept, procedure_id, at)
    rows = []
    for one in opened:
        moment = moment_of(kept, one, at)
        said = model.says(moment, made)
        if said is not None:
            row = told(kept, one, both_ways(model, moment, made, said, times), at)
            reckoned = _reckoned(kept, said, at, times)
            rows.append(_row(row | reckoned, procedure_id, week, afterwards=afterwards))
    if rows:
        db.execute(insert(past), rows)
    before = _leanings(db, kept, procedure_id, week)
    _keep_weeks(db, procedure_id, week, _weeks(kept, opened, model.survival, week, at, before))
    return len(rows)


_TAKEN: Final = (
    "office_id", "case_id", "made_at", "low_at", "middle_at", "high_at", "promise", "law", "promise_due", "law_due",
    "reckoned_low_at", "reckoned_middle_at", "reckoned_high_at",
)  # fmt: skip


def _row(told_row: dict[str, Any], procedure_id: int, week: date, *, afterwards: bool) -> dict[str, Any]:
    return {name: told_row[name] for name in _TAKEN} | {
        "procedure_id": procedure_id,
        "week": week,
        "afterwards": afterwards,
    }


def _reckoned(kept: Kept, said: Forecast, at: datetime, times: float) -> dict[str, datetime | None]:
    return {
        f"reckoned_{name}_at": None if times == 1.0 else kept.axis.after(at, getattr(said, name))
        for name in ("low", "middle", "high")
    }


def _stretch(db: Connection, kept: Kept, procedure_id: int, at: datetime) -> float:
    """From what had been reckoned in the weeks before, never from what was told, and what was known of it then."""
    since = monday(at.astimezone(kept.axis.calendar.zone).date()) - LEARNED_OVER * _WEEK
    rows = db.execute(
        select(past).where(
            past.c.office_id == OFFICE, past.c.procedure_id == procedure_id, past.c.week >= since, past.c.made_at < at
        )
    ).all()  # fmt: skip
    ended = kept.endings()
    return stretch([_foretold(kept.axis, row, ended.get(row.case_id), at) for row in rows])


def _foretold(axis: Axis, row: Row[*tuple[Any, ...]], ended_at: datetime | None, at: datetime) -> Foretold:
    made, ended = axis.at(row.made_at), ended_at is not None and ended_at <= at
    low, middle, high = (
        axis.at(told if reckoned is None else reckoned) - made
        for told, reckoned in (
            (row.low_at, row.reckoned_low_at), (row.middle_at, row.reckoned_middle_at), (row.high_at, row.reckoned_high_at),
        )
    )  # fmt: skip
    seen = axis.at(ended_at if ended and ended_at is not None else at) - made
    return Foretold(row.case_id, row.week, low, middle, high, seen, ended)


def _settle(db: Connection, kept: Kept, procedure_id: int) -> int:
    """Holds what was foretold to what came, of cases that have ended since."""
    here = past.c.office_id == OFFICE, past.c.procedure_id == procedure_id
    waiting = db.execute(select(past).where(*here, past.c.ended_at.is_(None))).all()
    ended = {one.case_id: one for one in kept.at(kept.now) if one.ended_at is not None}
    done = 0
    for row in waiting:
        one = ended.get(row.case_id)
        if one is None or one.ended_at is None:
            continue
        came: dict[str, Any] = {
            "ended_at": one.ended_at,
            "within": row.low_at <= one.ended_at <= row.high_at,
        }
        for kind in PERIODS:
            if getattr(row, kind) is not None and kind in one.story.dues:
                came[f"missed_{kind}"] = (one.story.ended_by_periods or 0.0) > one.story.dues[kind]
        db.execute(update(past).where(*here, past.c.week == row.week, past.c.case_id == row.case_id).values(**came))
        done += 1
    return done


def _weeks(
    kept: Kept, opened: Sequence[Known], survival: Survival, first: date, at: datetime, before: Sequence[Leanings]
) -> list[Week]:
    axis = kept.axis
    borders = [begins(first + number * _WEEK, axis.calendar) for number in range(WEEKS_AHEAD + 1)]
    ahead = [max(axis.at(end) - axis.at(max(begin, at)), 0.0) for begin, end in itertools.pairwise(borders)]
    asked = [_open(kept, one, survival, borders, at) for one in opened]
    return next_weeks(
        survival, asked, _arrived(kept, first, at), ahead, promised=kept.has_periods, leanings=before
    )  # fmt: skip


def _leanings(db: Connection, kept: Kept, procedure_id: int, first: date) -> list[Leanings]:
    """How weeks that were over by then had come out, by how far ahead they had been foretold."""
    rows = db.execute(
        select(weeks.c.made_on, weeks.c.week, weeks.c.figures)
        .where(
            weeks.c.office_id == OFFICE, weeks.c.procedure_id == procedure_id, weeks.c.week < first,
            weeks.c.week >= first - LEANS_ON * _WEEK,
        )
        .order_by(weeks.c.week)
    )  # fmt: skip
    came: dict[date, tuple[int, int, int]] = {}
    by_place: list[tuple[list[_Over], list[_Over], list[_Over]]] = [([], [], []) for _ in range(WEEKS_AHEAD)]
    for row in rows:
        if row.made_on != monday(row.made_on):
            continue
        said = read_week(orjson.loads(row.figures))
        if row.week not in came:
            came[row.week] = _came_in(kept, row.week)
        of_place = by_place[(row.week - row.made_on) // _WEEK]
        for told_so_far, one, count in zip(of_place, said.held_from(), came[row.week], strict=True):
            if one is not None:
                told_so_far.append((one, count))
    found = [Leanings()]  # further ahead fewer are over: until then they lean as those that are nearer
    for endings, arrivals, late in by_place:
        nearer = found[-1]
        found.append(
            Leanings(
                leaning(endings, nearer.endings), leaning(arrivals, nearer.arrivals), leaning(late, nearer.late)
            )
        )  # fmt: skip
    return found[1:]


def _came_in(kept: Kept, week: date) -> tuple[int, int, int]:
    begin, end = (begins(week + number * _WEEK, kept.axis.calendar) for number in (0, 1))
    return kept.ended(begin, end), kept.began(begin, end), kept.missed(PROMISE, begin, end)


def _open(kept: Kept, one: Known, survival: Survival, borders: Sequence[datetime], at: datetime) -> Open:
    moment = moment_of(kept, one, at)
    due = one.dues.get(PROMISE) if PROMISE in one.running and not one.standing else None
    week = (
        None
        if due is None
        else next((place for place in range(len(borders) - 1) if borders[place] <= due < borders[place + 1]), None)
    )
    said = survival.says(moment)
    chance = said.chances.get(PROMISE, 0.0) if said is not None else 0.0
    return Open(moment, week if due is not None and due > at else None, chance)


def _arrived(kept: Kept, first: date, at: datetime) -> list[tuple[int, float]]:
    """Of each of the last weeks how many cases began, and how long was worked."""
    found = []
    for back in range(_ARRIVALS_OF, 0, -1):
        begin, end = (begins(first - number * _WEEK, kept.axis.calendar) for number in (back, back - 1))
        if begin >= kept.first:
            found.append((kept.began(begin, min(end, at)), kept.axis.at(end) - kept.axis.at(begin)))
    return found


def _keep_weeks(
    db: Connection, procedure_id: int, made_on: date, ahead: Sequence[Week], *, since: date | None = None
) -> None:
    """`since`: the first of the weeks, where it has begun before they were reckoned."""
    first = made_on if since is None else since
    _forget_reckoned(db, procedure_id, [made_on])
    db.execute(
        insert(weeks),
        [
            {
                "office_id": OFFICE, "procedure_id": procedure_id, "made_on": made_on, "week": first + number * _WEEK,
                "figures": orjson.dumps(one.dumped()).decode(),
            }
            for number, one in enumerate(ahead)
        ],
    )  # fmt: skip


def _forget_reckoned(db: Connection, procedure_id: int, made_on: Sequence[date]) -> None:
    if made_on:
        here = weeks.c.office_id == OFFICE, weeks.c.procedure_id == procedure_id
        db.execute(delete(weeks).where(*here, weeks.c.made_on.in_(made_on)))


def _came(db: Connection, kept: Kept, procedure_id: int, this: date) -> None:
    """What came in the weeks that are over."""
    here = weeks.c.office_id == OFFICE, weeks.c.procedure_id == procedure_id, weeks.c.week < this
    for row in db.execute(select(weeks).where(*here, weeks.c.week >= this - (WEEKS_BACK + WEEKS_AHEAD) * _WEEK)).all():
        said = read_week(orjson.loads(row.figures))
        if said.came_endings is not None:
            continue
        endings, arrivals, late = _came_in(kept, row.week)
        came = replace(said, came_endings=endings, came_arrivals=arrivals, came_late=late)
        db.execute(
            update(weeks)
            .where(*here, weeks.c.made_on == row.made_on, weeks.c.week == row.week)
            .values(figures=orjson.dumps(came.dumped()).decode())
        )


def _forget(db: Connection, procedure_id: int, before: date) -> None:
    for table, day in ((past, past.c.week), (weeks, weeks.c.made_on)):
        db.execute(delete(table).where(table.c.office_id == OFFICE, table.c.procedure_id == procedure_id, day < before))
