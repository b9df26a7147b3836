"""China's calendar of 2024 to 2026, copied by hand from the State Council's yearly notices; 2027 without its days worked instead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.text import Name
from engine.worktime.calendar import Exceptional, Hours, WorkCalendar, fit_week

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
DAY_HOURS: Final = (Hours(time(8, 30), time(12)), Hours(time(14), time(17, 30)))
WEEK: Final = fit_week([DAY_HOURS] * 5 + [()] * 2)

_OFF: Final = (
    ("2024-01-01", 1), ("2024-02-10", 8), ("2024-04-04", 3), ("2024-05-01", 5), ("2024-06-10", 1), ("2024-09-15", 3), ("2024-10-01", 7),
    ("2025-01-01", 1), ("2025-01-28", 8), ("2025-04-04", 3), ("2025-05-01", 5), ("2025-05-31", 3), ("2025-10-01", 8),
    ("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3), ("2026-10-01", 7),
    ("2027-01-01", 1), ("2027-10-01", 3),
)  # fmt: skip
_WORKED_INSTEAD: Final = (
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)  # fmt: skip


def _exceptional() -> Iterable[tuple[date, Exceptional]]:
    for first, count in _OFF:
        for number in range(count):
            yield (
                date.fromisoformat(first) + timedelta(days=number),
                Exceptional(False, Name("holiday", "放假"), "notice"),
            )
    for day in _WORKED_INSTEAD:
        yield date.fromisoformat(day), Exceptional(True, Name("worked instead", "调休上班"), "notice")


CHINA: Final = WorkCalendar(SHANGHAI, WEEK, dict(_exceptional()), published=frozenset({2024, 2025, 2026}))
