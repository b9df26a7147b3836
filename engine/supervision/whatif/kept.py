"""The rows of what-if: the last test, and the questions that wait or were answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, func, insert, or_, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import LANGUAGES
from engine.supervision.whatif.record import Place
from engine.supervision.whatif.rules import State, Tested, TestedCycle
from engine.supervision.whatif.tables import what_if_runs, what_if_tests

_TO_DO: Final = 10


@frozen
class Known:
    """A place where work waited in the last half-year, as it is chosen from."""

    place: Place
    department: int
    step: str
    n: int


@frozen
class Tests:
    """What came of holding the simulation against the last four weeks."""

    version: int
    made_at: datetime
    departments: Mapping[int, Tested]
    cycles: Mapping[int, TestedCycle]
    places: tuple[Known, ...]
    learned: frozenset[int]  # procedures of which enough cases have ended


def tests(db: Connection) -> Tests | None:
    row = db.execute(select(what_if_tests).where(what_if_tests.c.office_id == OFFICE)).first()
    if row is None:
        return None
    said: dict[str, Any] = orjson.loads(row.figures)
    return Tests(
        row.version, row.made_at,
        {one["department"]: Tested(**one) for one in said["departments"]},
        {one["procedure"]: TestedCycle(**one) for one in said["cycles"]},
        tuple(Known((one[0], one[1], one[2]), one[3], one[4], one[5]) for one in said["places"]),
        frozenset(said["learned"]),
    )  # fmt: skip


def keep_tests(
    db: Connection, departments: list[Tested], cycles: list[TestedCycle], places: list[Known], learned: set[int]
) -> None:
    figures = orjson.dumps(
        {
            "departments": [asdict(one) for one in departments],
            "cycles": [asdict(one) for one in cycles],
            "places": [[*one.place, one.department, one.step, one.n] for one in places],
            "learned": sorted(learned),
        }
    ).decode()
    before = db.scalar(select(what_if_tests.c.version).where(what_if_tests.c.office_id == OFFICE).with_for_update())
    if before is None:
        db.execute(insert(what_if_tests).values(office_id=OFFICE, version=1, made_at=clock.now(), figures=figures))
        return
    db.execute(
        update(what_if_tests)
        .where(what_if_tests.c.office_id == OFFICE)
        .values(version=before + 1, made_at=clock.now(), figures=figures)
    )


def tested_at(db: Connection) -> datetime | None:
    return db.scalar(select(what_if_tests.c.made_at).where(what_if_tests.c.office_id == OFFICE))


def waiting(db: Connection) -> int:
    """How many questions there is something to do for."""
    return (
        db.scalar(
            select(func.count())
            .select_from(what_if_runs)
            .where(what_if_runs.c.office_id == OFFICE, what_if_runs.c.state < _TO_DO)
        )
        or 0
    )


def claim(db: Connection, stale: datetime) -> Row[*tuple[Any, ...]] | None:
    """The question that has waited longest, or whose worker has said nothing since `stale`."""
    row = db.execute(
        select(what_if_runs)
        .where(
            what_if_runs.c.office_id == OFFICE, what_if_runs.c.state < _TO_DO,
            or_(what_if_runs.c.state == State.WAITING, what_if_runs.c.touched_at < stale),
        )
        .order_by(what_if_runs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()  # fmt: skip
    if row is not None:
        touch(db, row.id, done=0, state=State.WORKING)
    return row


def touch(db: Connection, run_id: int, **values: Any) -> None:
    db.execute(
        update(what_if_runs)
        .where(what_if_runs.c.office_id == OFFICE, what_if_runs.c.id == run_id, what_if_runs.c.state < _TO_DO)
        .values(touched_at=clock.now(), **values)
    )


def finish(db: Connection, run_id: int, figures: str, done: int) -> None:
    touch(db, run_id, state=State.DONE, done=done, ended_at=clock.now(), figures=figures)


def give_up(db: Connection, run_id: int, refusal: Refusal) -> None:
    said = {one: refusal.say(one) for one in LANGUAGES}
    touch(db, run_id, state=State.FAILED, ended_at=clock.now(), problem=orjson.dumps(said).decode())


def give_up_since(db: Connection, since: datetime, refusal: Refusal) -> None:
    """What was being worked on since then: whoever did is gone, and would be again with the next try."""
    ids = db.scalars(
        select(what_if_runs.c.id).where(
            what_if_runs.c.office_id == OFFICE,
            what_if_runs.c.state == State.WORKING,
            what_if_runs.c.touched_at >= since,
        )
    ).all()
    for run_id in ids:
        give_up(db, run_id, refusal)
