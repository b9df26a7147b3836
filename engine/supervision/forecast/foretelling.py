"""What goes on by itself: a procedure is learned, its open cases are foretold, and what was foretold is held to what came.

Nothing here is anybody's decision, so nothing stands in the record: a forecast changes no case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.tables import cases
from engine.organisation.calendars.reads import calendars_version
from engine.procedures.tables import procedures
from engine.supervision.forecast.apart import NotGrown, grown_apart
from engine.supervision.forecast.forests import ModelUnfit
from engine.supervision.forecast.history import Kept, Known
from engine.supervision.forecast.kept import Learned, keep_model, learned, learned_of, model_of, stored_stretch
from engine.supervision.forecast.learning import History, asked_now_and_then, survival_lengths, visits
from engine.supervision.forecast.model import Forecast, Model
from engine.supervision.forecast.prefixes import Rows
from engine.supervision.forecast.rules import LAW, PERIODS, PROMISE, Basis
from engine.supervision.forecast.stories import Moment
from engine.supervision.forecast.stretching import both_ways
from engine.supervision.forecast.survival import FEWEST
from engine.supervision.forecast.tables import forecasts, models

_log: Final = logging.getLogger("officium.forecast")
ANEW_AFTER: Final = timedelta(hours=20)
"""A model as old is learned anew where any case has ended since; and sooner where a tenth more have."""
_ASKED_AGAIN: Final = timedelta(hours=12)
"""So long after a forecast was made it is made again, though nothing happened: that nothing did tells something."""
_AT_ONCE: Final = 500

Trees = Callable[[History], Mapping[str, Any]]


@frozen
class Lesson:
    """What was learned of a procedure, not kept yet."""

    about: Learned
    said: Mapping[str, Any]


def procedures_to_learn(db: Connection, *, at: datetime) -> tuple[int, ...]:
    """Those without a model, with an old one where cases have ended since, or with a tenth more cases than it knows."""
    ended = db.execute(
        select(cases.c.procedure_id, func.count().label("ended"), func.max(cases.c.ended_at).label("last"))
        .where(cases.c.office_id == OFFICE, cases.c.ended_at.is_not(None))
        .group_by(cases.c.procedure_id)
    ).all()
    known = learned(db)
    return tuple(row.procedure_id for row in ended if row.ended >= FEWEST and _is_due(row, known, at))


def _is_due(row: Row[*tuple[Any, ...]], known: Mapping[int, Learned], at: datetime) -> bool:
    model = known.get(row.procedure_id)
    if model is None:
        return True
    if row.last > model.learned_at and at - model.learned_at >= ANEW_AFTER:
        return True
    return bool(row.ended - model.cases >= max(0.1 * model.cases, FEWEST))


def lesson(db: Connection, *, procedure_id: int, trees: Trees | None = grown_apart) -> Lesson:
    """Reads and reckons; keeps nothing. `trees` None: survival alone, which takes no time."""
    now = clock.now()
    kept = Kept(db, procedure_id, now)
    known = kept.at(now)
    history = History(
        [one.story for one in known], kept.axis.at(now), kept.days(), visits, asked_now_and_then
    )  # fmt: skip
    ended = sum(one.ended_at is not None for one in known)
    grown: Mapping[str, Any] = {"boosted": None, "measured": {"ended": ended}}
    if trees is not None:
        try:
            grown = trees(history)
        except NotGrown as why:
            _log.warning("No trees were grown for procedure %s (%s): survival alone is used", procedure_id, why)
    said = {"survival": survival_lengths(history), **grown}
    before = learned_of(db, procedure_id)
    about = Learned(
        procedure_id, 1 if before is None else before.version + 1, now, ended, calendars_version(db),
        grown["boosted"] is not None, grown["measured"], 1.0 if before is None else before.stretch,
    )  # fmt: skip
    return Lesson(about, said)


def learn(db: Connection, *, one: Lesson) -> bool:
    """Keeps it. False where another process learned meanwhile."""
    return keep_model(db, one.about, one.said)


def cases_to_foretell(db: Connection, *, procedure_id: int, at: datetime) -> tuple[int, ...]:
    """Open cases that have changed since, were foretold by an older model, another stretch or long ago, or never."""
    same = (forecasts.c.office_id == cases.c.office_id) & (forecasts.c.case_id == cases.c.id)
    model = learned_of(db, procedure_id)
    if model is None:
        return ()
    rows = db.scalars(
        select(cases.c.id)
        .outerjoin(forecasts, same)
        .where(
            cases.c.office_id == OFFICE, cases.c.procedure_id == procedure_id, cases.c.ended_at.is_(None),
            forecasts.c.case_id.is_(None)
            | (forecasts.c.case_version != cases.c.version)
            | (forecasts.c.model_version != model.version)
            | forecasts.c.stretch.is_distinct_from(stored_stretch(model.stretch))
            | (forecasts.c.made_at < at - _ASKED_AGAIN),
        )
        .order_by(cases.c.id)
    )  # fmt: skip
    return tuple(rows)


def foretell(db: Connection, *, procedure_id: int, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows for `keep_forecasts`; reads and reckons alone. Nothing where nothing was learned or it is damaged."""
    try:
        found, about = model_of(db, procedure_id), learned_of(db, procedure_id)
    except ModelUnfit:
        _log.warning("The model of procedure %s is damaged: it is learned anew", procedure_id)
        return []
    if found is None or about is None:
        return []
    version, model = found
    now = clock.now()
    rows: list[dict[str, Any]] = []
    for begin in range(0, len(case_ids), _AT_ONCE):
        kept = Kept(db, procedure_id, now, case_ids[begin : begin + _AT_ONCE])
        made = model.rows_of(kept.days())
        rows.extend(
            told(kept, one, _said(model, moment_of(kept, one, now), made, about.stretch), now)
            | {"procedure_id": procedure_id, "model_version": version, "stretch": stored_stretch(about.stretch)}
            for one in kept.at(now, only_open=True)
        )
    return rows


def _said(model: Model, one: Moment, rows: Rows | None, times: float) -> Forecast | None:
    said = model.says(one, rows)
    return None if said is None else both_ways(model, one, rows, said, times)


def moment_of(kept: Kept, one: Known, at: datetime) -> Moment:
    """The case asked then."""
    last = one.story.events[-1]
    counted = None if one.story.counted_until is None else one.story.counted_until - last.by_periods
    return Moment(one.story, len(one.story.events), kept.axis.at(at) - last.at, counted)


def told(kept: Kept, one: Known, said: Forecast | None, at: datetime) -> dict[str, Any]:
    """As it is kept. Chances stand only for periods that run."""
    row: dict[str, Any] = {
        "office_id": OFFICE, "case_id": one.case_id, "case_version": one.version, "made_at": at,
        "standing": one.standing, "element": one.story.events[-1].activity, "similar": 0, "basis": Basis.TOO_FEW,
        "worst": -1, "low_at": None, "middle_at": None, "high_at": None,
    }  # fmt: skip
    for kind in PERIODS:
        row[kind] = None
        row[f"{kind}_due"] = one.dues[kind] if kind in one.running else None
    if said is None:
        return row
    for name in ("low", "middle", "high"):
        row[f"{name}_at"] = kept.axis.after(at, getattr(said, name))
    row["similar"], row["basis"] = said.similar, _basis(said)
    for kind, chance in said.chances.items():
        if kind in one.running:
            row[kind] = round(chance * 1000)
    row["worst"] = max(row[PROMISE] if row[PROMISE] is not None else -1, row[LAW] if row[LAW] is not None else -1)
    return row


def _basis(said: Forecast) -> Basis:
    if said.boosted:
        return Basis.STEP_BOOSTED if said.at_step else Basis.AGE_BOOSTED
    return Basis.STEP if said.at_step else Basis.AGE


def keep_forecasts(db: Connection, *, rows: Iterable[dict[str, Any]]) -> int:
    """In place of those before. A case that has ended meanwhile is left out by the next round."""
    kept = 0
    every = list(rows)
    for begin in range(0, len(every), _AT_ONCE):
        some = every[begin : begin + _AT_ONCE]
        db.execute(
            delete(forecasts).where(
                forecasts.c.office_id == OFFICE, forecasts.c.case_id.in_([row["case_id"] for row in some])
            )
        )
        db.execute(insert(forecasts), some)
        kept += len(some)
    return kept


def ended_but_kept(db: Connection, *, limit: int = _AT_ONCE) -> tuple[int, ...]:
    """Cases that have ended and of which a forecast stands yet."""
    same = (forecasts.c.office_id == cases.c.office_id) & (forecasts.c.case_id == cases.c.id)
    rows = db.scalars(
        select(forecasts.c.case_id)
        .join(cases, same)
        .where(forecasts.c.office_id == OFFICE, cases.c.ended_at.is_not(None))
        .limit(limit)
    )
    return tuple(rows)


def forget(db: Connection, *, case_ids: Sequence[int]) -> None:
    """What was foretold of them each week is kept apart."""
    db.execute(delete(forecasts).where(forecasts.c.office_id == OFFICE, forecasts.c.case_id.in_(list(case_ids))))


def learned_procedures(db: Connection) -> tuple[int, ...]:
    """Those of which something was learned, and that still stand."""
    known = learned(db)
    return tuple(db.scalars(select(procedures.c.id).where(procedures.c.id.in_(list(known))).order_by(procedures.c.id)))


def forget_damaged(db: Connection, *, procedure_id: int) -> bool:
    """What cannot be used is thrown away, so that it is learned anew. False where it is sound."""
    try:
        model_of(db, procedure_id)
    except ModelUnfit:
        db.execute(delete(models).where(models.c.office_id == OFFICE, models.c.procedure_id == procedure_id))
        return True
    return False
