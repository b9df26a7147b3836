"""What is worked out while nobody looks: the simulation is held against the last four weeks, and questions are answered.

Nothing is locked while it is simulated. What a stopped process leaves half done is begun anew by another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from engine.base import clock
from engine.base.database import OFFICE, Database
from engine.base.errors import Refusal
from engine.cases.tables import tasks
from engine.procedures.reads import element_names
from engine.supervision.whatif import kept, rules
from engine.supervision.whatif.gathering import PAST, gathered, stored, together
from engine.supervision.whatif.kept import Known
from engine.supervision.whatif.reads import names_of
from engine.supervision.whatif.record import DAY_MS, Record
from engine.supervision.whatif.rules import Change, Tested, TestedCycle

STALE: Final = timedelta(minutes=5)
ANEW_AFTER: Final = timedelta(hours=20)
_SAID_EVERY: Final = 10
"""Simulations after which it is written how far they are."""
GoingOn = Callable[[], bool]


def is_wanted(database: Database, what: str) -> bool:
    """Whether there is a question, or the last test is old and there is something to hold it against."""
    with database.reading() as db:
        return bool(kept.waiting(db)) if what == "answer" else _is_old(db) and bool(together(db))


def _is_old(db: Connection) -> bool:
    before = kept.tested_at(db)
    return before is None or clock.now() - before >= ANEW_AFTER


def look_back(database: Database, going_on: GoingOn = lambda: True, runs: int = rules.TEST_RUNS) -> int:
    """Once a day: every procedure with those it shares posts or persons with."""
    with database.reading() as db:
        if not _is_old(db):
            return 0
        groups = together(db)
    from engine.supervision.whatif.backtest import Stopped  # noqa: PLC0415  whoever simulates needs what it is done with

    departments: list[Tested] = []
    cycles: list[TestedCycle] = []
    places: list[Known] = []
    learned: set[int] = set()
    for group in groups:
        with database.reading() as db:
            record = gathered(db, group)
            names = _names(db, group)
        ended = Counter(one.procedure for one in record.cases.values() if one.ended is not None)
        places += _places(record, names)
        enough = {procedure for procedure in group if ended[procedure] >= rules.FEWEST}
        learned |= enough
        if not enough:
            continue
        try:
            tested, of_cases = _tested(record, going_on, runs)
        except Stopped:
            return 0
        departments += tested
        cycles += of_cases
    with database.writing() as db:
        kept.keep_tests(db, departments, cycles, places, learned)
    return 1


def _tested(record: Record, going_on: GoingOn, runs: int) -> tuple[list[Tested], list[TestedCycle]]:
    from engine.supervision.whatif.backtest import back_test  # noqa: PLC0415  as above

    now = stored(clock.now())
    return back_test(record, now - rules.DAYS * DAY_MS, now, going_on, runs)


def _names(db: Connection, group: Sequence[int]) -> dict[tuple[int, str], str]:
    """Of each step, as the newest edition it was done by calls it."""
    rows = db.execute(
        select(tasks.c.procedure_id, tasks.c.element, func.max(tasks.c.edition_id).label("edition_id"))
        .where(
            tasks.c.office_id == OFFICE, tasks.c.kind.is_(None), tasks.c.procedure_id.in_(group),
            tasks.c.opened_at >= clock.now() - PAST,
        )
        .group_by(tasks.c.procedure_id, tasks.c.element)
    )  # fmt: skip
    return {
        (row.procedure_id, row.element): element_names(db, row.edition_id).get(row.element, row.element) for row in rows
    }


def _places(record: Record, names: dict[tuple[int, str], str]) -> list[Known]:
    counts = Counter(
        (one.place, one.department) for of in record.tasks.values() for one in of if one.served and one.claimed
    )
    return [
        Known(place, department, names.get(place[:2], place[1]), n)
        for (place, department), n in sorted(counts.items(), key=lambda one: -one[1])
    ]


def answer_due(database: Database, going_on: GoingOn = lambda: True, runs: int = rules.RUNS) -> int:
    """Every question that waits. Asks first whether there is any."""
    done = 0
    while going_on():
        with database.reading() as db:
            if not kept.waiting(db):
                return done
        with database.writing() as db:
            row = kept.claim(db, clock.now() - STALE)
        if row is None:
            return done
        try:
            _answer(database, row, going_on, runs)
        except Refusal as refusal:
            with database.writing() as db:
                kept.give_up(db, row.id, refusal)
        done += 1
    return done


def _answer(database: Database, row: Row[*tuple[Any, ...]], going_on: GoingOn, runs: int) -> None:
    from engine.supervision.whatif.answering import answered  # noqa: PLC0415  as above
    from engine.supervision.whatif.backtest import Stopped  # noqa: PLC0415  as above

    with database.reading() as db:
        group = next((one for one in together(db) if row.procedure_id in one), (row.procedure_id,))
        record = gathered(db, group)
        _departments, names = names_of(db)
    counted = 0

    def also() -> bool:
        nonlocal counted
        counted += 1
        if counted % _SAID_EVERY == 0:
            with database.writing() as db:
                kept.touch(db, row.id, done=counted // 2)
        return going_on()

    try:
        answers = answered(record, stored(clock.now()), Change.read(row.question), row.procedure_id, also, runs)
    except Stopped:
        with database.writing() as db:
            kept.touch(db, row.id, state=rules.State.WAITING)
        return
    if not answers:
        raise rules.TooFewCases(procedure=names[row.procedure_id], fewest=rules.FEWEST)
    with database.writing() as db:
        kept.finish(db, row.id, rules.answers_written(answers), runs)
