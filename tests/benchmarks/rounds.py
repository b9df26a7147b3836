"""The step, in paired rounds: every system in turn, in another order each time, and the ratios of one round to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final

from tests.benchmarks import machine
from tests.benchmarks.databases import Databases, must_be_durable, size
from tests.benchmarks.drive import drive
from tests.benchmarks.systems import SYSTEMS, System, serving, warmed_up


@dataclass(frozen=True, slots=True)
class Load:
    clients: int
    cases_each: int  # one more is walked before, to warm up


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one system under one load in one round."""

    rate: float
    p50: float
    p99: float
    slowest: float
    cpu: float
    """Milliseconds of a step, of the server alone."""
    cpu_database: float
    bytes_per_case: float
    bytes_settled: float
    """The same once nothing is left to be done in the background."""
    resident: float


@dataclass(frozen=True, slots=True)
class Round:
    canary: float
    foreign: float
    """CPUs that others kept busy meanwhile."""
    figures: dict[tuple[str, int], Figures]


FULL: Final = (Load(1, 60), Load(8, 25))
SHORT: Final = (Load(1, 2), Load(3, 2))
_MOST_FOREIGN: Final = 1.0
_MOST_OFF: Final = 0.3
_LEAST: Final = 0.001
"""CPU time comes in hundredths of a second: a few steps may seem to have cost none."""


def measure(system: System, databases: Databases, load: Load) -> Figures:
    url = databases.make()
    try:
        prepared = system.prepare(url, load.clients, load.cases_each + 1)
        must_be_durable(url)
        with serving(system.app, url) as served:
            ready = warmed_up(prepared.enter(served.port))
            server, database = machine.cpu(served.process), machine.cpu(databases.root)
            driven = drive(ready)
            server, database = machine.cpu(served.process) - server, machine.cpu(databases.root) - database
            resident = machine.resident(served.process)
            for client, _tasks, _fields in ready:
                client.close()
        cases = load.clients * (load.cases_each + 1)
        system.check(url, cases, cases * system.steps)
        steps = len(driven.waits)
        assert steps == load.clients * load.cases_each * system.steps
        at_once = size(url)
        system.settle(url)
        return Figures(
            rate=driven.rate,
            p50=driven.percentile(0.5),
            p99=driven.percentile(0.99),
            slowest=max(driven.waits),
            cpu=server * 1000 / steps,
            cpu_database=database * 1000 / steps,
            bytes_per_case=(at_once - prepared.empty) / cases,
            bytes_settled=(size(url) - prepared.empty) / cases,
            resident=resident,
        )
    finally:
        databases.drop(url)


def one_round(databases: Databases, loads: Sequence[Load], number: int, canary: float) -> Round:
    commits = machine.canary(canary)
    busy, own, database = machine.busy(), machine.own(), machine.cpu(databases.root)
    clock = perf_counter()
    figures = {}
    for load in loads:
        turn = number % len(SYSTEMS)
        for system in (*SYSTEMS[turn:], *SYSTEMS[:turn]):
            figures[system.name, load.clients] = measure(system, databases, load)
    ours = machine.own() - own + machine.cpu(databases.root) - database
    foreign = max(0.0, machine.busy() - busy - ours) / (perf_counter() - clock)
    return Round(commits, foreign, figures)


def kept(rounds: Sequence[Round]) -> list[Round]:
    """Without those in which the disk or somebody else disturbed; all of them where hardly any would be left."""
    usual = median(one.canary for one in rounds)
    quiet = [one for one in rounds if abs(one.canary / usual - 1) <= _MOST_OFF and one.foreign <= _MOST_FOREIGN]
    return quiet if len(quiet) * 2 > len(rounds) else list(rounds)


@dataclass(frozen=True, slots=True)
class Spread:
    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))


def ratio(rounds: Sequence[Round], above: str, below: str, clients: int, figure: str) -> Spread:
    """Of two systems within each round, so that a slow minute of the machine counts on both sides."""

    def of(one: Round, name: str) -> float:
        return max(float(getattr(one.figures[name, clients], figure)), _LEAST)

    return Spread.of([of(one, above) / of(one, below) for one in rounds])
