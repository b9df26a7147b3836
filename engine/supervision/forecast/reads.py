"""What can be asked of forecasts: the open cases, one case, what the next weeks bring, how good earlier ones were.

For whoever supervises the procedure; of one case for the accountable post too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, Row, Select, case, func, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.handing.reads import accountable
from engine.cases.tables import cases
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names, supervised_departments, supervises
from engine.procedures.tables import procedures
from engine.supervision.bottlenecks.maps import day_length
from engine.supervision.forecast import rules
from engine.supervision.forecast.history import monday
from engine.supervision.forecast.kept import Learned, learned, learned_of, read_stretch
from engine.supervision.forecast.rules import Basis, Score, Told, score, sentence
from engine.supervision.forecast.tables import forecasts, past, weeks
from engine.supervision.forecast.weeks import Week, read_week
from engine.supervision.reads import must_watch
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import days_between
from engine.worktime.quick import worked_between

Order = Literal["late", "due", "end"]
ORDERS: Final[tuple[Order, ...]] = ("late", "due", "end")
_PROCEDURE: Final = Text(en="procedure", zh="程序")
Days = Callable[[datetime, datetime], float]
"""How many working days lie between two instants."""
_WEEK: Final = timedelta(days=7)


@frozen
class CaseForecast:
    """`low` to `high`: within which it ends with 80 %. None, all three, where there are too few similar cases.

    `promise`, `law`: chances in percent; None where no such period runs. `left`: working days until the promise is over,
    less than 0 once it is. `why_held`: what was changed by how the weeks before came out.
    """

    made_at: datetime
    basis: Basis
    similar: int
    low: datetime | None
    middle: datetime | None
    high: datetime | None
    promise: int | None
    law: int | None
    promise_due: datetime | None
    law_due: datetime | None
    standing: bool
    late: bool
    left: int | None
    said: Text
    source: Text
    why_held: Text | None


@frozen
class OpenCase:
    case_id: int
    number: str
    matter: str
    procedure_id: int
    procedure: str
    step: str
    started_at: datetime
    forecast: CaseForecast


@frozen
class Held:
    """How many forecasts came to their end, and the share of them whose case ended within the range."""

    count: int
    share: float


@frozen
class ProcedureForecast:
    """`likely`: open cases that are likelier than not to miss a period, and those that have. `next_week` None: too few cases.

    `held`: of forecasts told in time, else of those reckoned afterwards; None: too few have come to their end.
    """

    procedure_id: int
    name: str
    prefix: str
    open: int
    told: int
    likely: int
    next_week: Week | None
    learned: Learned | None
    held: Held | None = None


@frozen
class ToldWeek:
    """A week as it was foretold at its own beginning, or is foretold now."""

    week: date
    figures: Week


@frozen
class Missed:
    """A forecast that came to its end, with its case."""

    case_id: int
    number: str
    week: date
    low: datetime
    middle: datetime
    high: datetime
    ended_at: datetime
    within: bool
    promise: int | None
    missed: bool | None
    off: float
    """Working days by which it came later than foretold; less than 0: earlier."""


@frozen
class ProcedurePage:
    """`score` of what was foretold in time, `afterwards` of what was reckoned later from what was known then; None: too few.

    `reckoned_on`: the day from which on `ahead` tells of a week that has begun.
    """

    procedure_id: int
    name: str
    learned: Learned | None
    ahead: tuple[ToldWeek, ...]
    came: tuple[ToldWeek, ...]
    score: Score | None
    afterwards: Score | None
    last: tuple[Missed, ...]
    calendar: WorkCalendar
    reckoned_on: date | None

    @property
    def held(self) -> Held | None:
        one = self.score or self.afterwards
        return None if one is None else Held(one.count, one.within)


def watched_procedures(db: Connection, actor: Actor) -> Select[Any]:
    """Ids of those that the person supervises."""
    return select(procedures.c.id).where(procedures.c.department_id.in_(supervised_departments(db, actor)))


def overview(db: Connection, *, actor: Actor, now: datetime) -> tuple[ProcedureForecast, ...]:
    """Every procedure the person supervises."""
    must_watch(actor)
    mine = watched_procedures(db, actor)
    known = learned(db)
    expected, held = _next_weeks(db, mine, now), _held(db, mine, now)
    counted = {
        row.procedure_id: row
        for row in db.execute(
            select(
                forecasts.c.procedure_id,
                func.sum(case((forecasts.c.similar > 0, 1), else_=0)).label("told"),
                func.sum(case((forecasts.c.worst >= rules.LIKELY, 1), else_=0)).label("likely"),
            )
            .where(forecasts.c.office_id == OFFICE, forecasts.c.procedure_id.in_(mine))
            .group_by(forecasts.c.procedure_id)
        )
    }
    opened = func.count(cases.c.id).label("open")
    rows = db.execute(
        select(procedures.c.id, procedures.c.name, procedures.c.prefix, opened)
        .outerjoin(
            cases,
            (cases.c.office_id == OFFICE) & (cases.c.procedure_id == procedures.c.id) & cases.c.ended_at.is_(None),
        )
        .where(procedures.c.id.in_(mine))
        .group_by(procedures.c.id, procedures.c.name, procedures.c.prefix)
        .order_by(procedures.c.prefix)
    )
    return tuple(
        ProcedureForecast(
            row.id, row.name, row.prefix, row.open,
            int(counted[row.id].told) if row.id in counted else 0,
            int(counted[row.id].likely) if row.id in counted else 0,
            expected.get(row.id), known.get(row.id), held.get(row.id),
        )
        for row in rows
    )  # fmt: skip


def _next_weeks(db: Connection, mine: Select[Any], now: datetime) -> dict[int, Week]:
    """Of each procedure the first week that begins after now, as it was foretold last."""
    newest = (
        select(weeks.c.procedure_id, func.max(weeks.c.made_on).label("made_on"))
        .where(weeks.c.office_id == OFFICE, weeks.c.procedure_id.in_(mine))
        .group_by(weeks.c.procedure_id)
        .subquery()
    )
    rows = db.execute(
        select(weeks.c.procedure_id, weeks.c.week, weeks.c.figures)
        .join(newest, (newest.c.procedure_id == weeks.c.procedure_id) & (newest.c.made_on == weeks.c.made_on))
        .where(weeks.c.office_id == OFFICE, weeks.c.week > now.date())
        .order_by(weeks.c.week)
    )
    found: dict[int, Week] = {}
    for row in rows:
        found.setdefault(row.procedure_id, read_week(orjson.loads(row.figures)))
    return found


def _held(db: Connection, mine: Select[Any], now: datetime) -> dict[int, Held]:
    """Of the same forecasts as the page of each procedure tells."""
    since = monday(calendar_of(db).local_day(now)) - (rules.WEEKS_BACK + 1) * _WEEK
    rows = db.execute(
        select(past.c.procedure_id, func.count().label("n"), func.sum(case((past.c.within, 1), else_=0)).label("held"))
        .where(
            past.c.office_id == OFFICE, past.c.procedure_id.in_(mine), past.c.week >= since, past.c.ended_at.is_not(None)
        )
        .group_by(past.c.procedure_id, past.c.afterwards)
        .having(func.count() >= rules.FEWEST_TO_JUDGE)
        .order_by(past.c.afterwards.desc())
    )  # fmt: skip
    return {row.procedure_id: Held(row.n, int(row.held) / row.n) for row in rows}


_LINE: Final = (
    forecasts, cases.c.number, cases.c.matter, cases.c.started_at, cases.c.edition_id,
    procedures.c.name.label("procedure"), procedures.c.department_id,
)  # fmt: skip


def _lines() -> Select[Any]:
    return (
        select(*_LINE)
        .join(cases, (cases.c.office_id == forecasts.c.office_id) & (cases.c.id == forecasts.c.case_id))
        .join(procedures, procedures.c.id == forecasts.c.procedure_id)
        .where(forecasts.c.office_id == OFFICE, cases.c.ended_at.is_(None))
    )


def open_cases(
    db: Connection,
    *,
    actor: Actor,
    now: datetime,
    procedure_id: int | None = None,
    order: Order = "late",
    limit: int = 50,
    offset: int = 0,
) -> tuple[OpenCase, ...]:
    """The likeliest to be late first; or whose promise is over next, or that end last. Raises NotFound, NotAllowed."""
    must_watch(actor)
    query = _lines()
    if procedure_id is not None:
        _must_supervise(db, actor, procedure_id)
        query = query.where(forecasts.c.procedure_id == procedure_id)
    else:
        query = query.where(forecasts.c.procedure_id.in_(watched_procedures(db, actor)))
    first = {
        "late": (forecasts.c.worst.desc(),),
        "due": (forecasts.c.promise_due.is_(None), forecasts.c.promise_due),
        "end": (forecasts.c.middle_at.is_(None), forecasts.c.middle_at.desc()),
    }[order]
    rows = db.execute(query.order_by(*first, forecasts.c.case_id).limit(limit).offset(offset)).all()
    version = calendars_version(db)
    return tuple(
        OpenCase(
            row.case_id, row.number, row.matter, row.procedure_id, row.procedure,
            element_names(db, row.edition_id).get(row.element, row.element), row.started_at,
            _forecast(row, now, calendar_of(db, row.department_id, version)),
        )
        for row in rows
    )  # fmt: skip


def _must_supervise(db: Connection, actor: Actor, procedure_id: int) -> None:
    if not supervises(db, actor, procedure_id):
        raise NotFound(what=_PROCEDURE)


def _forecast(row: Row[*tuple[Any, ...]], now: datetime, calendar: WorkCalendar) -> CaseForecast:
    late = row.promise is not None and not row.standing and row.promise_due <= now
    left = None
    if row.promise_due is not None and not row.standing:
        left = days_between(calendar, calendar.local_day(now), calendar.local_day(row.promise_due))
    basis, times = Basis(row.basis), read_stretch(row.stretch)
    return CaseForecast(
        row.made_at, basis, row.similar, row.low_at, row.middle_at, row.high_at,
        None if row.promise is None or late else rules.percent(row.promise),
        None if row.law is None else rules.percent(row.law),
        row.promise_due, row.law_due, row.standing, late, left,
        sentence(basis, row.similar, row.promise, row.law, late=late, times=times),
        rules.source(basis, row.similar, times), rules.why_held(times) if basis is not Basis.TOO_FEW else None,
    )  # fmt: skip


def case_forecast(
    db: Connection, *, actor: Actor, case_id: int, now: datetime, version: int | None = None
) -> CaseForecast | None:
    """Read from one row. None where there is none, and for whoever neither supervises the procedure nor answers for the case."""
    row = db.execute(_lines().where(forecasts.c.case_id == case_id)).first()
    if row is None:
        return None
    if not supervises(db, actor, row.procedure_id):
        lead = accountable(db, case_id)
        if lead is None or lead.post_id not in actor.post_ids:
            return None
    return _forecast(row, now, calendar_of(db, row.department_id, version))


def procedure_page(db: Connection, *, actor: Actor, procedure_id: int, now: datetime) -> ProcedurePage:
    """Raises NotFound where the person does not supervise it."""
    must_watch(actor)
    _must_supervise(db, actor, procedure_id)
    name, department = db.execute(
        select(procedures.c.name, procedures.c.department_id).where(procedures.c.id == procedure_id)
    ).one()
    calendar = calendar_of(db, department)
    today = calendar.local_day(now)
    this, days = monday(today), partial(_days, calendar, day_length(calendar, today))
    ahead, came, reckoned_on = _weeks(db, procedure_id, this)
    told = db.execute(
        select(past, cases.c.number)
        .join(cases, (cases.c.office_id == past.c.office_id) & (cases.c.id == past.c.case_id))
        .where(
            past.c.office_id == OFFICE, past.c.procedure_id == procedure_id, past.c.ended_at.is_not(None),
            past.c.week >= this - (rules.WEEKS_BACK + 1) * _WEEK,
        )
        .order_by(past.c.ended_at.desc(), past.c.case_id, past.c.week)
    ).all()  # fmt: skip
    last: dict[int, Row[*tuple[Any, ...]]] = {}
    for row in told:
        # What was told at the beginning of the week in which it ended, or the latest before: a week ago.
        last[row.case_id] = row
    return ProcedurePage(
        procedure_id, name, learned_of(db, procedure_id), ahead, came,
        score([_told(row, days) for row in told if not row.afterwards]),
        score([_told(row, days) for row in told if row.afterwards]),
        tuple(_missed(row, days) for row in list(last.values())[:20]),
        calendar, reckoned_on,
    )  # fmt: skip


def _weeks(
    db: Connection, procedure_id: int, this: date
) -> tuple[tuple[ToldWeek, ...], tuple[ToldWeek, ...], date | None]:
    """Those to come as they were reckoned last, of those that are over what was foretold at their beginning, and when."""
    rows = db.execute(
        select(weeks.c.made_on, weeks.c.week, weeks.c.figures)
        .where(
            weeks.c.office_id == OFFICE, weeks.c.procedure_id == procedure_id,
            weeks.c.made_on >= this - rules.WEEKS_BACK * _WEEK,
        )
        .order_by(weeks.c.made_on, weeks.c.week)
    ).all()  # fmt: skip
    newest = max((row.made_on for row in rows), default=None)
    ahead = [row for row in rows if row.made_on == newest and row.week >= this]
    came = [row for row in rows if row.made_on == row.week and row.week < this]
    return _told_weeks(ahead), _told_weeks(came), newest


def _told_weeks(rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[ToldWeek, ...]:
    return tuple(ToldWeek(row.week, read_week(orjson.loads(row.figures))) for row in rows)


def _days(calendar: WorkCalendar, length: timedelta, begin: datetime, end: datetime) -> float:
    return worked_between(calendar, begin, end) / length


def _told(row: Row[*tuple[Any, ...]], days: Days) -> Told:
    return Told(
        row.week, days(row.made_at, row.middle_at), days(row.made_at, row.ended_at),
        bool(row.within), None if row.promise is None else row.promise / 1000,
        None if row.missed_promise is None else bool(row.missed_promise),
    )  # fmt: skip


def _missed(row: Row[*tuple[Any, ...]], days: Days) -> Missed:
    return Missed(
        row.case_id, row.number, row.week, row.low_at, row.middle_at, row.high_at, row.ended_at, bool(row.within),
        None if row.promise is None else rules.percent(row.promise), row.missed_promise,
        round(days(row.middle_at, row.ended_at), 1),
    )  # fmt: skip
