"""Real logs of two administrations and a bank: what is told of them is what another way of counting tells.

One of them is read whole in every run; the others with LOGS set (`make logs`), or a part of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.organisation.calendars.rules import PLAIN_WEEK
from engine.supervision.mining.events import Trace
from engine.supervision.mining.figures import LogFigures, Tally, VariantFigures
from engine.supervision.mining.reading import CsvMapping, read_csv, read_xes
from engine.supervision.mining.refusals import Told
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import time_between
from tests.engine.supervision.mining import oracle

SHARED = Path(os.environ.get("OFFICIUM_SHARED", Path(__file__).parents[5] / "shared")) / "logs"
WHOLE = "LOGS" in os.environ
PART = 900
"""Cases of the large logs, where not all of them are read."""
RECEIPT, DECLARATIONS, LOAN = "wabo_receipt.csv.gz", "bpic2020_domestic_declarations.xes.gz", "bpic2012_loan.xes.gz"
KNOWN = {RECEIPT: (1_434, 8_577, 27), DECLARATIONS: (10_357, 55_628, 14), LOAN: (13_087, 262_200, 24)}
CALENDAR = WorkCalendar(ZoneInfo("Europe/Amsterdam"), PLAIN_WEEK)
COLUMNS = CsvMapping(
    "case:concept:name", "concept:name", "time:timestamp", resource="org:resource", group="org:group",
    lifecycle="lifecycle:transition",
)  # fmt: skip

Found = tuple[LogFigures, tuple[VariantFigures, ...], oracle.Counted, int]


def _traces(file: Path, told: Told) -> Iterator[Trace]:
    with file.open("rb") as stream:
        yield from read_csv(stream, COLUMNS, told=told) if file.name == RECEIPT else read_xes(stream, told=told)


@pytest.fixture(scope="module", params=[RECEIPT, DECLARATIONS, LOAN])
def found(request: pytest.FixtureRequest) -> Found:
    file = SHARED / request.param
    if not file.exists():
        pytest.skip(f"{file} is not here: name the folder of shared material in OFFICIUM_SHARED")
    if request.param == LOAN and not WHOLE:
        pytest.skip("the largest log is read with LOGS set, as `make logs` does")
    told, tally = Told(), Tally(CALENDAR)
    named: set[str] = set()
    most = None if WHOLE or request.param == RECEIPT else PART
    for one in islice(_traces(file, told), most):
        tally.add(one)
        named |= {event.activity for event in one.events}
    assert not told.left_out
    rows = oracle.of_csv(file) if request.param == RECEIPT else oracle.of_xes(file, most)
    if most is None:
        assert (tally.cases, tally.events, len(named)) == KNOWN[request.param]
    return tally.figures(), tally.variants(), oracle.counted(rows), len(rows)


def test_cases_events_and_activities_are_as_many(found: Found) -> None:
    figures, _variants, counted, rows = found
    assert (figures.cases, figures.events) == (counted.cases, rows)
    assert {one.activity: one.n for one in figures.activities} == counted.activities


def test_what_directly_follows_what_is_counted_alike(found: Found) -> None:
    figures, _variants, counted, _rows = found
    assert {(one.source, one.target): one.n for one in figures.paths} == counted.follows
    for one in figures.paths:
        assert sorted(counted.gaps[one.source, one.target])[-1] >= one.gap.median
        assert one.gap.total == pytest.approx(sum(counted.gaps[one.source, one.target]), abs=len(counted.durations))


def test_durations_are_alike(found: Found) -> None:
    figures, _variants, counted, _rows = found
    assert figures.cycle.total == pytest.approx(sum(counted.durations), abs=2 * counted.cases)
    assert figures.cycle.median == pytest.approx(counted.median, abs=2)


def test_rework_is_counted_alike(found: Found) -> None:
    figures, _variants, counted, _rows = found
    assert {one.activity: one.repeated for one in figures.activities if one.repeated} == counted.rework
    assert figures.reworked == counted.reworked


def test_variants_are_counted_alike(found: Found) -> None:
    figures, variants, counted, _rows = found
    assert Counter({one.steps: one.n for one in variants}) == counted.variants
    assert figures.ways == len(counted.variants)


def test_working_time_is_that_of_the_calendar() -> None:
    file = SHARED / RECEIPT
    if not file.exists():
        pytest.skip(f"{file} is not here: name the folder of shared material in OFFICIUM_SHARED")
    traces = list(islice(_traces(file, Told()), 60))
    tally = Tally(CALENDAR)
    for one in traces:
        tally.add(one)
    worked = [time_between(CALENDAR, one.events[0].at, one.events[-1].at).total_seconds() * 1000 for one in traces]
    assert tally.figures().cycle_worked.total == pytest.approx(sum(worked), abs=2 * len(worked))


@pytest.mark.parametrize("name", [DECLARATIONS, LOAN] if WHOLE else [])
def test_pm4py_counts_the_same(name: str) -> None:
    """Where it happens to be installed: it is never a part of this."""
    pm4py: Any = pytest.importorskip("pm4py", reason="pm4py is not installed, and need not be")
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"{file} is not here: name the folder of shared material in OFFICIUM_SHARED")
    tally = Tally(CALENDAR)
    for one in _traces(file, Told()):
        tally.add(one)
    frame = pm4py.read_xes(str(file))
    if "lifecycle:transition" in frame:
        frame = frame[frame["lifecycle:transition"].str.lower() == "complete"]
    follows, _begin, _end = pm4py.discover_dfg(frame)
    figures = tally.figures()
    assert {(one.source, one.target): one.n for one in figures.paths} == dict(follows)
    assert len(pm4py.get_variants(frame)) == figures.ways
