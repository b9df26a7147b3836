"""`python -m tests.benchmarks`: measures, prints tables, and says which gates were missed. See README.md beside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tests.benchmarks import desk, figures, growth, inbox, logs, timers
from tests.benchmarks.databases import Databases, Kind, databases
from tests.benchmarks.report import Report
from tests.benchmarks.rounds import FULL, SHORT, Load, one_round

Part = Literal["steps", "statements", "growth", "inbox", "list", "search", "timers", "figures", "logs"]
PARTS: Final[tuple[Part, ...]] = (
    "steps",
    "statements",
    "growth",
    "inbox",
    "list",
    "search",
    "timers",
    "figures",
    "logs",
)


@dataclass(frozen=True, slots=True)
class Size:
    rounds: int
    loads: Sequence[Load]
    canary: float
    long: int
    cases: int
    turns: int
    open_tasks: tuple[int, int]
    people: int
    asked: int
    listed: tuple[int, int] = (100_000, 1_000_000)
    staff: int = 2000
    timers: tuple[int, float] = (10_000, 15.0)
    """How many fall due at once; seconds for which the desk is measured before."""
    events: tuple[int, int] = (1_000_000, 10_000_000)
    """Of the histories that the watch is asked about."""
    crowd: int = 100_000
    """Open tasks that are added to the larger of them in the end."""
    upkeep: tuple[int, int] = (60, 5)
    """Pairs of rounds, and cases in each."""
    is_tiny: bool = False


def full(rounds: int) -> Size:
    return Size(rounds, FULL, 3.0, 1000, 3, 10_000, (1000, 1_000_000), 10_000, 2000)


TINY: Final = Size(1, SHORT, 0.1, 30, 1, 120, (60, 300), 50, 20, (100, 300), 40, timers=(60, 0.5), events=(2_400, 4_800),
            crowd=200, upkeep=(1, 2), is_tiny=True)  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measures steps and pages.")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--db", choices=("sqlite", "postgresql", "both"), default="both")
    asked.add_argument("--short", action="store_true", help="tiny counts: is everything right, not how fast")
    asked.add_argument("--part", choices=PARTS, action="append", help="only this part; may be given again")
    wanted = asked.parse_args()
    size = TINY if wanted.short else full(wanted.rounds)
    kinds: tuple[Kind, ...] = ("sqlite", "postgresql") if wanted.db == "both" else (wanted.db,)
    report = Report()
    for kind in kinds:
        with databases(kind) as found:
            for part in wanted.part or PARTS:
                _PARTS[part](report, found, size)
    if wanted.short:
        print("\nEverything measured is right; nothing is said of speed.")
        return 0
    return 0 if report.close() else 1


def _steps(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: a step, against the floors")
    every = []
    for number in range(size.rounds):
        every.append(one_round(found, size.loads, number, size.canary))
        print(f"  round {number + 1} of {size.rounds}: others kept {every[-1].foreign:.2f} CPUs busy", flush=True)
    report.rounds(found.kind, size.loads, every)


def _statements(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: what a step asks of the database")
    lengths = (10, size.long)
    short, long = (growth.statements(found, length, length // 2) for length in lengths)
    report.statements(found.kind, short, long, lengths)


def _growth(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: a step of an old case")
    report.growth(found.kind, f"procedure of {size.long} steps", growth.long_procedure(found, size.long, size.cases))
    report.growth(found.kind, f"loop of {size.turns} turns", growth.long_loop(found, size.turns))


def _inbox(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: the desk, {size.people:,} people, {inbox.POSTS} posts")
    small, large = (
        inbox.pages(found, open_tasks=count, people=size.people, asked=size.asked) for count in size.open_tasks
    )
    report.inbox(found.kind, small, large)


def _list(report: Report, found: Databases, size: Size) -> None:
    for open_tasks, most in zip(size.listed, (100, 150), strict=True):
        if most == 150 and found.kind == "sqlite" and not size.is_tiny:
            continue  # so large an office shares a server
        report.head(f"{found.kind}: the list, {open_tasks:,} open, {size.staff:,} people, {desk.POSTS} posts")
        every = desk.lists(found, open_tasks=open_tasks, people=size.staff, asked=size.asked // 4)
        report.asked(f"{found.kind}: list, {open_tasks:,} open", every, most, statements=8)


def _search(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: the search, {size.listed[0]:,} open, {size.staff:,} people, {desk.POSTS} posts")
    every = desk.searches(found, open_tasks=size.listed[0], people=size.staff, asked=size.asked // 4)
    report.asked(f"{found.kind}: search", every, 150, statements=16)


def _timers(report: Report, found: Databases, size: Size) -> None:
    many, quiet = size.timers
    report.head(f"{found.kind}: {many:,} timers due at once")
    report.timers(found.kind, timers.drained(found, timers=many, quiet=quiet))


def _figures(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: what keeping figures costs a step")
    report.upkeep(found.kind, figures.upkeep(found, rounds=size.upkeep[0], cases_each=size.upkeep[1]))
    report.head(f"{found.kind}: the watch, of histories made in bulk by SQL, not by acts")
    told = figures.histories(found, events=size.events, asked=3 if size.is_tiny else 20, crowd=size.crowd)
    for one in told:
        report.history(one)
    report.histories(found.kind, *told)


def _logs(report: Report, found: Databases, size: Size) -> None:
    report.head(f"{found.kind}: event logs, read, measured and kept")
    logs.told(found.kind, logs.measured(found, made=40 if size.is_tiny else 10_000))


_PARTS: Final = {
    "steps": _steps, "statements": _statements, "growth": _growth, "inbox": _inbox, "list": _list, "search": _search,
    "timers": _timers, "figures": _figures, "logs": _logs,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
