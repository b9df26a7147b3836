"""The periods of the golden table end as they do by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.base.text import Text
from engine.worktime.periods import Period, Stop, due_at, read
from tests.engine.worktime.golden import GOLDEN, Row

GROUND = Text("hearing", "听证")


def _instant(row: Row, written: str) -> datetime:
    return datetime.fromisoformat(written if "T" in written else f"{written}T10:00").replace(tzinfo=row.calendar.zone)


def _end(row: Row) -> datetime:
    """A day without a time: when business ends there."""
    if "T" in row.due:
        return _instant(row, row.due)
    closes = {"Asia/Shanghai": "17:30", "Europe/Berlin": "17:00"}[str(row.calendar.zone)]
    return _instant(row, f"{row.due}T{closes}")


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row.length} {row.unit} from {row.begin}")
def test_a_period_of_the_golden_table_ends_to_the_second_as_it_does_by_hand(row: Row) -> None:
    stops = [Stop(_instant(row, one), _instant(row, other), GROUND) for one, other in row.rests]
    period, begin = Period(row.length, row.unit, row.rolls, row.first), _instant(row, row.begin)
    due = due_at(period, row.calendar, begin, stops=stops, extended_by=row.more)
    assert due == _end(row), row.why
    after = read(period, row.calendar, begin, due + timedelta(seconds=1), stops=stops, extended_by=row.more)
    before = read(period, row.calendar, begin, due, stops=stops, extended_by=row.more)
    assert (before.due_at, before.uncertain, before.late, after.late) == (due, row.uncertain, False, True)


def test_the_golden_table_has_eighty_rows_and_more() -> None:
    assert len(GOLDEN) >= 80
    assert len({repr((str(one.calendar.zone), one.calendar.published, one)) for one in GOLDEN}) == len(GOLDEN)


def test_two_processes_with_different_zones_of_their_own_agree_to_the_second() -> None:
    told = [_reckoned_in(zone) for zone in ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Apia")]
    assert len({zone for _lines, zone in told}) == 3, "the machine's own zone was never another"
    assert len(told[0][0]) > 100
    assert told[0][0] == told[1][0] == told[2][0]


def _reckoned_in(zone: str) -> tuple[list[str], str]:
    found = subprocess.run(
        [sys.executable, "-m", "tests.engine.worktime.two_zones"],
        env={**os.environ, "TZ": zone}, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
    )  # fmt: skip
    *lines, own = found.stdout.splitlines()
    return lines, own
