"""Event logs: read, measured and kept, beside pm4py doing the same where somebody has installed it (it is never a part of
this). Logs are read from the folder named by OFFICIUM_SHARED; without it one is made here.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection

from engine import migrations
from engine.base.database import Database
from engine.papers.store import Folder
from engine.papers.taking import Cabinet
from engine.supervision.mining import acts, importing, reads
from engine.supervision.mining.events import Event, Trace
from engine.supervision.mining.opened import take_log
from engine.supervision.mining.reads import Behind
from engine.supervision.mining.writing import xes
from tests.benchmarks.databases import Databases
from tests.builders import small_office

SHARED = Path(os.environ.get("OFFICIUM_SHARED", Path(__file__).parents[3] / "shared")) / "logs"
_NAMES = ("bpic2020_domestic_declarations.xes.gz", "bpic2012_loan.xes.gz")


@dataclass(frozen=True)
class Taken:
    """Seconds of one log: to read, measure and keep it; of pages of it, each once warm. `others`: pm4py's seconds."""

    name: str
    events: int
    imported: float
    worked: float  # of that, seconds of a core
    pages: dict[str, float]
    others: float | None
    megabytes: int


def measured(found: Databases, *, made: int) -> list[Taken]:
    """`made`: cases of the log that is made where there is no other."""
    with tempfile.TemporaryDirectory() as folder:
        files = [SHARED / name for name in _NAMES if made > 1000 and (SHARED / name).exists()]
        return [_one(found, file, Path(folder)) for file in files or [_made(Path(folder), made)]]


def _made(folder: Path, cases: int) -> Path:
    chance, begin = Random(7), datetime(2026, 1, 5, 1, tzinfo=UTC)

    def traces() -> Iterator[Trace]:
        for number in range(cases):
            at = begin + timedelta(minutes=30 * number)
            names = ["receive", *chance.choices(["review", "ask", "answer"], k=chance.randint(1, 6)), "issue"]
            yield Trace(str(number), [Event(name, at + timedelta(hours=5 * place)) for place, name in enumerate(names)])

    file = folder / "made.xes"
    file.write_bytes(b"".join(xes(traces(), "made")))
    return file


def _one(found: Databases, file: Path, folder: Path) -> Taken:
    url = found.make()
    database = Database(url)
    try:
        migrations.upgrade(database)
        papers = Cabinet(Folder(folder / "papers"))
        with database.writing() as db:
            office = small_office(db)
            actor = office.actor(db, "sun")
            with file.open("rb") as stream:
                taken = take_log(papers, stream, file.name)
            log_id = acts.hand_in(db, by=actor, store=papers.store, taken=taken)
        begun, at_work = time.perf_counter(), time.process_time()
        importing.read_due(database, papers.store)
        imported, worked = time.perf_counter() - begun, time.process_time() - at_work
        pages = _pages(database, actor, log_id)
        with database.reading() as db:
            page = reads.log(db, actor=actor, log_id=log_id)
    finally:
        database.close()
        found.drop(url)
    assert page.figures is not None
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Taken(file.name, page.figures.events, imported, worked, pages, _by_others(file), megabytes)


def _pages(database: Database, actor: Any, log_id: int) -> dict[str, float]:
    def behind(db: Connection) -> None:
        figures = reads.log(db, actor=actor, log_id=log_id).figures
        assert figures is not None
        path = figures.paths[0]
        reads.cases_behind(db, actor=actor, log_id=log_id, behind=Behind(path.target, path.source))

    asked: dict[str, Callable[[Connection], object]] = {
        "figures": lambda db: reads.log(db, actor=actor, log_id=log_id),
        "ways": lambda db: reads.ways(db, actor=actor, log_id=log_id),
        "cases behind a path": behind,
        "one case": lambda db: reads.case(db, actor=actor, log_id=log_id, number=1),
    }
    found = {}
    for name, ask in asked.items():
        best = 1e9
        for _ in range(4):
            with database.reading() as db:
                begun = time.perf_counter()
                ask(db)
                best = min(best, time.perf_counter() - begun)
        found[name] = best
    return found


def _by_others(file: Path) -> float | None:
    """Reading, what directly follows what, and variants."""
    if importlib.util.find_spec("pm4py") is None:
        return None
    pm4py: Any = importlib.import_module("pm4py")
    begun = time.perf_counter()
    log = pm4py.read_xes(str(file))
    pm4py.discover_dfg(log)
    pm4py.get_variants(log)
    return time.perf_counter() - begun


def told(kind: str, every: list[Taken]) -> None:
    for one in every:
        others = "pm4py is not installed" if one.others is None else f"pm4py {one.others:.1f} s"
        print(
            f"{kind}: {one.name}, {one.events:,} events: read, measured and kept in {one.imported:.1f} s, of a core {one.worked:.1f} s ({others})"
        )
        print("  " + ", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in one.pages.items()))
        print(f"  this process at most {one.megabytes} MB")
