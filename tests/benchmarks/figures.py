"""The questions of the watch's pages on a synthetic history, beside the same asked of the rows by SQL; what upkeep costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, event, select, text

from engine import migrations
from engine.base import clock
from engine.base.database import Database, to_stored
from engine.cases import acts
from engine.cases.tables import cases, tasks
from engine.organisation import reads as organised
from engine.organisation.tables import holdings, persons
from engine.supervision.figures import now, reads
from engine.supervision.figures.folding import fold_all, fold_worth
from engine.supervision.figures.rebuilding import Compared, wrong_steps
from engine.supervision.figures.rules import Scope
from tests.benchmarks import machine
from tests.benchmarks.databases import Databases, must_be_durable
from tests.benchmarks.figures_world import DAYS, STEPS, UNTIL, World, made, opened

_TODAY: Final = UNTIL.date()
_DAY: Final = 86_400_000
Page = Callable[[Connection, World, Scope], object]


def _map(db: Connection, world: World, scope: Scope) -> object:
    given: dict[str, Any] = {"actor": world.supervisor, "scope": scope}
    return reads.steps(db, **given), reads.flows(db, **given), now.steps_now(db, now=UNTIL, **given)


def _now(db: Connection, world: World, scope: Scope) -> object:
    return now.steps_now(db, actor=world.supervisor, scope=scope, now=UNTIL)


def _flow(db: Connection, world: World, scope: Scope) -> object:
    given: dict[str, Any] = {"actor": world.supervisor, "scope": scope}
    return reads.whole(db, **given), reads.steps(db, **given), reads.days(db, **given)


def _between(db: Connection, world: World, scope: Scope) -> object:
    given: dict[str, Any] = {"actor": world.supervisor, "scope": scope}
    return reads.hand_overs(db, **given), reads.variants(db, limit=20, **given)


def _load(db: Connection, world: World, scope: Scope) -> object:
    return reads.workload(db, actor=world.supervisor, scope=scope)


PAGES: Final[Mapping[str, Page]] = {
    "map: steps, flows, now": _map,
    "flow: whole, steps, days": _flow,
    "hand-overs and ways": _between,
    "posts": _load,
}
CROWDED: Final = "the office, 90 days, crowded"
"""With many more open tasks, all of which came within the period."""
_BY_SQL: Final[Mapping[str, str]] = {
    "what is open now": "SELECT edition_id, element, count(*), min(opened_at) FROM tasks WHERE closed_at IS NULL GROUP BY 1, 2",
    "map: steps, flows, now": (
        "SELECT edition_id, element, count(*), avg(claimed_at - opened_at), avg(closed_at - claimed_at) FROM tasks "
        "WHERE office_id = 1 AND closed_how = 1 AND closed_at BETWEEN :since AND :until {procedure} GROUP BY edition_id, element"
    ),
    "flow: whole, steps, days": (
        "SELECT (closed_at + 28800000) / 86400000, element, count(*), sum(closed_at - opened_at) FROM tasks "
        "WHERE office_id = 1 AND closed_how = 1 AND closed_at BETWEEN :since AND :until {procedure} GROUP BY 1, 2"
    ),
    "hand-overs and ways": (
        "SELECT from_department_id, department_id, count(*), avg(claimed_at - opened_at) FROM tasks WHERE office_id = 1 "
        "AND from_department_id <> department_id AND opened_at BETWEEN :since AND :until {procedure} GROUP BY 1, 2"
    ),
    "posts": (
        "SELECT post_id, count(*), sum(closed_at - claimed_at) FROM tasks WHERE office_id = 1 AND closed_how = 1 "
        "AND closed_at BETWEEN :since AND :until {procedure} GROUP BY post_id"
    ),
}
"""The least of what each page asks, of the tasks alone: no percentiles, nothing of what was stopped or handed over."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Milliseconds."""

    page: str
    of: str
    p50: float
    p99: float
    cpu: float  # of this process, the middle: on a file all there is, however busy the machine
    statements: int
    by_sql: float


@dataclass(slots=True)
class Measured:
    events: int
    made_in: float  # seconds
    made_cpu: float  # of them this process's: on a file all
    tasks: int = 0
    compared: int = 0
    asked: list[Asked] = field(default_factory=list)

    def find(self, page: str, of: str) -> Asked:
        return next(one for one in self.asked if (one.page, one.of) == (page, of))


def scopes(world: World) -> dict[str, Scope]:
    one = world.procedures[0]
    year = _TODAY - timedelta(days=365)
    return {
        "a procedure, 30 days": Scope(_TODAY - timedelta(days=30), _TODAY, procedure_id=one),
        "a procedure, a year": Scope(year, _TODAY, procedure_id=one),
        "the office, 90 days": Scope(_TODAY - timedelta(days=90), _TODAY),
        "the office, three years": Scope(_TODAY - timedelta(days=DAYS), _TODAY),
        "the office, odd days": Scope(_TODAY - timedelta(days=106), _TODAY - timedelta(days=16)),
    }


def histories(found: Databases, *, events: Sequence[int], asked: int, crowd: int) -> tuple[Measured, ...]:
    """All are made first and then asked in turn, so that whatever else the machine does happens to all of them."""
    urls = [found.make() for _one in events]
    bases = [Database(url) for url in urls]
    try:
        worlds, told = [], []
        for url, database, count in zip(urls, bases, events, strict=True):
            migrations.upgrade(database)
            begun, cpu = time.monotonic(), time.process_time()
            worlds.append(made(database, count))
            told.append(Measured(count, time.monotonic() - begun, time.process_time() - cpu))
            must_be_durable(url)
        with clock.reading(lambda: UNTIL):
            for database, measured in zip(bases, told, strict=True):
                _must_be_right(database, measured)
            ask_all(list(zip(bases, worlds, told, strict=True)), asked)
            opened(bases[-1], crowd)
            for page, ask in {"what is open now": _now, **PAGES}.items():
                taker = _Asking(bases[-1], worlds[-1], page, ask, "the office, 90 days")
                for _turn in range(asked // 2 + 2):
                    taker.ask()
                told[-1].asked.append(replace(taker.told(), of=CROWDED))
        return tuple(told)
    finally:
        for url, database in zip(urls, bases, strict=True):
            database.close()
            found.drop(url)


def ask_all(every: Sequence[tuple[Database, World, Measured]], asked: int) -> None:
    for page, ask in PAGES.items():
        for of in scopes(every[0][1]):
            takers = [_Asking(database, world, page, ask, of) for database, world, _told in every]
            for _turn in range(asked + 1):
                for taker in takers:
                    taker.ask()
            for taker, (_database, _world, measured) in zip(takers, every, strict=True):
                measured.asked.append(taker.told())


class NotRight(Exception):
    """What was made in bulk is not what the engine makes of the rows: its figures would mean nothing."""


def _must_be_right(database: Database, measured: Measured) -> None:
    with database.reading() as db:
        measured.tasks = db.scalar(text("SELECT count(*) FROM tasks")) or 0
        every = select(cases.c.id).order_by(cases.c.id)
        some = [*db.scalars(every.limit(60)), *db.scalars(select(cases.c.id).order_by(cases.c.id.desc()).limit(60))]
        told = Compared()
        if wrong_steps(db, some, told):
            raise NotRight(str(told))
        measured.compared = told.steps


class _Asking:
    """One page about one thing, again and again."""

    def __init__(self, database: Database, world: World, page: str, ask: Page, of: str) -> None:
        self._database, self._world, self._page, self._ask, self._of = database, world, page, ask, of
        self._scope = scopes(world)[of]
        self._times: list[float] = []
        self._spent: list[float] = []
        self._statements = 0

    def ask(self) -> None:
        with self._database.reading() as db, _counting(self._database) as counted:
            begun, cpu = time.perf_counter(), time.process_time()
            self._ask(db, self._world, self._scope)
            self._times.append((time.perf_counter() - begun) * 1000)
            self._spent.append((time.process_time() - cpu) * 1000)
            self._statements = len(counted)

    def told(self) -> Asked:
        """The first time fills what the process keeps."""
        times, spent = self._times[1:], self._spent[1:]
        by_sql = _by_sql(self._database, self._page, self._scope)
        return Asked(self._page, self._of, statistics.median(times), _p99(times), statistics.median(spent),
                     self._statements, by_sql)  # fmt: skip


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[-(-len(times) * 99 // 100) - 1]


class _counting:  # noqa: N801 -- read like the function it stands for
    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._heard: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._hear)
        return self._heard

    def __exit__(self, *_fault: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._hear)

    def _hear(self, _db: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self._heard.append(statement)


def _by_sql(database: Database, page: str, scope: Scope) -> float:
    procedure = "" if scope.procedure_id is None else f"AND procedure_id = {scope.procedure_id}"
    until = to_stored(UNTIL)
    since = until - (scope.until - scope.since).days * _DAY
    times = []
    with database.reading() as db:
        for _turn in range(2):
            begun = time.perf_counter()
            db.execute(text(_BY_SQL[page].format(procedure=procedure)), {"since": since, "until": until}).all()
            times.append((time.perf_counter() - begun) * 1000)
    return min(times)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Seconds a step, of each round: with triggers, and without. Then CPU, of this process and of the database, however
    busy the machine; and CPU of each fold, for each step that was done since the last."""

    kept: tuple[float, ...]
    bare: tuple[float, ...]
    kept_cpu: tuple[float, ...]
    bare_cpu: tuple[float, ...]
    folds_cpu: tuple[float, ...]

    @property
    def noting(self) -> float:
        return statistics.median(self.kept_cpu) / statistics.median(self.bare_cpu) - 1

    @property
    def folding(self) -> float:
        return statistics.median(self.folds_cpu) / statistics.median(self.bare_cpu)

    @property
    def share_cpu(self) -> float:
        return self.noting + self.folding


def upkeep(found: Databases, *, rounds: int, cases_each: int) -> Upkeep:
    """Whole cases through the acts, in pairs of short rounds that alternate; folded as in service: when it is worth it."""
    url = found.make()
    database, worker = Database(url), Database(url)  # whoever folds has connections of their own, as in service
    kept: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    folds: list[float] = []
    try:
        migrations.upgrade(database)
        world = made(database, 24 * 50)
        _round(found, database, world, cases_each, notes=True)
        fold_all(worker)
        since = 0
        for number in range(rounds):
            for notes in (True, False) if number % 2 else (False, True):
                (kept if notes else bare).append(_round(found, database, world, cases_each, notes=notes))
            since += cases_each * STEPS
            cpu = _spent(found)
            if fold_worth(worker) or (number == rounds - 1 and fold_all(worker) and not folds):
                folds.append((_spent(found) - cpu) / since)
                since = 0
        (took, cpu_kept), (took_bare, cpu_bare) = zip(*kept, strict=True), zip(*bare, strict=True)
        return Upkeep(took, took_bare, cpu_kept, cpu_bare, tuple(folds))
    finally:
        database.close()
        worker.close()
        found.drop(url)


def _round(found: Databases, database: Database, world: World, count: int, *, notes: bool) -> tuple[float, float]:
    with database.writing() as db:
        if not notes:
            dropped = list(_drop(db))
    done = 0
    begun, cpu = time.monotonic(), _spent(found)
    for _number in range(count):
        with database.writing() as db:
            started = acts.start_case(
                db, by=_clerk(db, _first_post(db, world)),
                procedure_id=world.procedures[0], matter="A matter", applicant="Somebody", submitted={},
            )  # fmt: skip
        for step in range(1, STEPS + 1):
            with database.writing() as db:
                by = _clerk(db, _post_of(db, started.case_id, step))
                acts.complete_task(db, by=by, case_id=started.case_id, number=step, submitted={})
            done += 1
    spent = (time.monotonic() - begun) / done, (_spent(found) - cpu) / done
    if not notes:
        with database.writing() as db:
            for statement in dropped:
                db.exec_driver_sql(statement)
    return spent


def _spent(found: Databases) -> float:
    """Seconds of CPU so far: of this process, and of the database where it is another."""
    return time.process_time() + (0.0 if found.root is None else machine.cpu(found.root))


_clerks: dict[int, Any] = {}


def _clerk(db: Connection, post: int) -> Any:
    if post not in _clerks:
        person = db.scalar(
            select(holdings.c.person_id).join(persons, persons.c.id == holdings.c.person_id)
            .where(holdings.c.post_id == post).limit(1)
        )  # fmt: skip
        assert person is not None
        _clerks[post] = organised.actor(db, person)
    return _clerks[post]


def _post_of(db: Connection, case_id: int, number: int) -> int:
    return int(
        db.execute(select(tasks.c.post_id).where(tasks.c.case_id == case_id, tasks.c.number == number)).scalar_one()
    )


def _first_post(db: Connection, world: World) -> int:
    return int(
        db.execute(
            text(
                "SELECT post_id FROM figure_places WHERE procedure_id = :one AND element = 's0' AND post_id > 0 LIMIT 1"
            ),
            {"one": world.procedures[0]},
        ).scalar_one()
    )


def _drop(db: Connection) -> Iterator[str]:
    """What makes the triggers of figures again."""
    if db.dialect.name == "sqlite":
        rows = db.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%for_figures'")
        )
        for row in rows.all():
            db.exec_driver_sql(f"DROP TRIGGER {row.name}")
            yield row.sql
        return
    for table in ("tasks", "cases"):
        names = db.scalars(
            text("SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:one AS regclass) AND tgname LIKE '%for_figures'"),
            {"one": table},
        ).all()
        for name in names:
            db.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
            yield f"ALTER TABLE {table} ENABLE TRIGGER {name}"
