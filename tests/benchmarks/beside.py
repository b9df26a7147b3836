"""`python -m tests.benchmarks.beside`: what the watch tells of a history beside what pm4py makes of the same events.

pm4py has an environment of its own (`make beside` makes it) and is another process: it is no part of this, and AGPL.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select, text

from engine import migrations
from engine.base import clock
from engine.base.database import Database
from engine.organisation import reads as organised
from engine.organisation.rules import Actor
from engine.organisation.tables import persons
from engine.supervision.figures import reads
from engine.supervision.figures.rules import Scope
from tests.benchmarks.databases import databases
from tests.benchmarks.figures_world import DAYS, UNTIL, made

_OTHER: Final = Path(__file__).with_name("beside_pm4py.py")
_EVENTS: Final = (
    "SELECT c.id, c.procedure_id, '' AS element, c.started_at, c.ended_at IS NOT NULL, 0 AS number FROM cases c UNION ALL "
    "SELECT t.case_id, t.procedure_id, t.element, coalesce(t.closed_at, t.opened_at), c.ended_at IS NOT NULL, t.number "
    "FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.kind IS NULL ORDER BY 1, 6"
)
"""The beginning of each case, which has no name, and its steps: when they were closed, those that are open when they came."""
_A_BIN: Final = 2 ** (1 / 8)


@dataclass(frozen=True, slots=True)
class Asked:
    """By what is asked: what is told, and seconds."""

    told: dict[str, Any]
    took: dict[str, float]


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.beside", description="The watch beside pm4py.")
    asked.add_argument("--events", type=int, default=1_000_000)
    asked.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--at", help="the address of a history made before, in place of a new one")
    asked.add_argument("--python", required=True, help="the Python that has pm4py")
    asked.add_argument("--turns", type=int, default=3, help="how often each is asked; the best counts")
    wanted = asked.parse_args()
    with _history(wanted.at, wanted.db, wanted.events) as database:
        return 0 if _compare(database, wanted.python, wanted.turns) else 1


@contextmanager
def _history(at: str | None, kind: Any, events: int) -> Iterator[Database]:
    if at is not None:
        yield Database(at)
        return
    with databases(kind) as found:
        url = found.make()
        database = Database(url)
        migrations.upgrade(database)
        made(database, events)
        try:
            yield database
        finally:
            database.close()
            found.drop(url)


def _compare(database: Database, python: str, turns: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        file, answers = Path(folder) / "events.csv", Path(folder) / "answers.json"
        with database.reading() as db:
            count = _write(db, file)
        with clock.reading(lambda: UNTIL):
            ours = _ours(database, turns)
        asked = [python, str(_OTHER), str(file), str(answers), str(turns)]
        subprocess.run(asked, check=True, env=_plain(), stdout=subprocess.DEVNULL)
        found = json.loads(answers.read_text(encoding="utf-8"))
    theirs = Asked(_read(found["told"]), found["took"])
    print(f"{count:,} beginnings and steps; pm4py {found['version']}, at most {found['megabytes']:,} MB")
    print(
        f"  pm4py reads the file in {theirs.took['read']:.2f} s, sorts and converts it in {theirs.took['format']:.2f} s"
    )
    right = [_line(what, ours, theirs) for what in ours.took]
    return all(right)


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _write(db: Connection, file: Path) -> int:
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(("case:concept:name", "concept:name", "time:timestamp", "ended"))
        count = 0
        for row in db.execute(text(_EVENTS)).yield_per(10_000):
            rows.writerow((row[0], f"{row[1]}/{row[2]}", row[3], int(row[4])))
            count += 1
    return count


def _ours(database: Database, turns: int) -> Asked:
    scope = Scope(UNTIL.date() - timedelta(days=DAYS + 1), UNTIL.date())
    asked: dict[str, Callable[[Connection, Actor], Any]] = {
        "activities": lambda db, by: Counter(
            {f"{one.procedure_id}/{one.element}": one.arrived for one in reads.steps(db, actor=by, scope=scope)}
        ),
        "follows": lambda db, by: Counter(
            {
                (f"{one.procedure_id}/{one.from_element or ''}", f"{one.procedure_id}/{one.to_element}"): one.n
                for one in reads.flows(db, actor=by, scope=scope)
                if one.to_element is not None
            }
        ),
        "variants": lambda db, by: Counter(
            {one.elements: one.n for one in reads.variants(db, actor=by, scope=scope, limit=1000)}
        ),
        "cycle time": lambda db, by: _spread(reads.whole(db, actor=by, scope=scope).cycle),
    }
    found = Asked({}, {})
    for what, ask in asked.items():
        took = []
        for _turn in range(turns + 1):  # the first fills what a process keeps
            with database.reading() as db:
                by = organised.actor(db, db.scalars(select(persons.c.id).where(persons.c.login == "chief")).one())
                begun = time.perf_counter()
                found.told[what] = ask(db, by)
                took.append(time.perf_counter() - begun)
        found.took[what] = min(took[1:])
    return found


def _spread(one: Any) -> dict[str, float]:
    return {
        name: value.total_seconds()
        for name, value in (("median", one.median), ("p85", one.p85), ("p95", one.p95), ("mean", one.mean))
    }


def _read(told: dict[str, Any]) -> dict[str, Any]:
    """Of pairs and ways, which JSON has no keys for."""
    ways: Counter[tuple[str, ...]] = Counter()
    for names, n in told["variants"]:
        ways[tuple(name.partition("/")[2] for name in names[1:])] += n
    return {
        "activities": Counter({name: n for name, n in told["activities"].items() if not name.endswith("/")}),
        "follows": Counter({(a, b): n for a, b, n in told["follows"]}),
        "variants": ways,
        "cycle time": told["cycle time"],
    }


def _line(what: str, ours: Asked, theirs: Asked) -> bool:
    one, other = ours.told[what], theirs.told[what]
    if what == "cycle time":
        same = abs(one["mean"] - other["mean"]) < 0.001 * other["mean"] and all(
            other[name] / _A_BIN - 1 <= one[name] <= other[name] * _A_BIN + 1 for name in ("median", "p85", "p95")
        )
        said = "the mean is the same, percentiles lie in the same bin" if same else f"DIFFERENT: {one} and {other}"
    else:
        same = one == other
        said = (
            f"{len(one)} numbers, {sum(one.values()):,} in all, the same" if same else f"DIFFERENT: {one} and {other}"
        )
    mine, its = ours.took[what], theirs.took[what]
    print(f"  {what:12} the watch {1000 * mine:8.1f} ms, pm4py {1000 * its:10.1f} ms, {its / mine:8.1f} times; {said}")
    return same


if __name__ == "__main__":
    sys.exit(main())
