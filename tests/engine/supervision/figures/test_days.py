"""Which day of the office an instant lies in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.database import to_stored
from engine.supervision.figures.unended import Days

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_UNTIL: Final = date(2026, 3, 2)
_NOON: Final = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_instants_are_counted_by_the_days_of_the_office() -> None:
    late = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # a minute before midnight in the office
    instants = [to_stored(one) for one in (late, late + timedelta(minutes=1), _NOON)]
    assert Days(_ZONE, _UNTIL).counted(instants) == [(_UNTIL.toordinal() - 1, 1), (_UNTIL.toordinal(), 2)]


def test_what_a_clock_wrote_that_went_too_fast_is_counted_and_breaks_nothing() -> None:
    days = Days(_ZONE, _UNTIL)
    instants = [to_stored(_NOON), to_stored(_NOON + timedelta(days=20)), to_stored(_NOON + timedelta(days=21))]
    assert sum(count for _day, count in days.counted(instants)) == 3
    assert days.counted(instants)[0] == (_UNTIL.toordinal(), 1)
