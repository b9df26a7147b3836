"""Run as a program: working time reckoned where the machine's own zone is whatever TZ says. Prints one line a reckoning."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from engine.worktime.counting import add_time, time_between
from engine.worktime.periods import Period, Unit, read
from engine.worktime.spans import after, share_used, span
from tests.engine.worktime.china import CHINA
from tests.engine.worktime.golden import BERLIN

BEGINS = [datetime(2026, month, 27, 23, 40, tzinfo=UTC) for month in range(1, 11)]


def main() -> None:
    time.tzset()
    for calendar in (CHINA, BERLIN):
        for begin in BEGINS:
            for unit in Unit:
                found = read(Period(7, unit), calendar, begin, begin + timedelta(days=3))
                sys.stdout.write(f"{found.due_at.isoformat()} {found.elapsed} {found.left} {found.late}\n")
            for written in ("P3D", "PT9H", "P1M"):
                long = span(written, working=True)
                assert long is not None
                over = after(long, calendar, begin)
                share = share_used(long, calendar, begin, begin + timedelta(days=1))
                sys.stdout.write(f"{over.isoformat()} {share}\n")
            sys.stdout.write(f"{add_time(calendar, begin, timedelta(hours=31)).isoformat()}\n")
            sys.stdout.write(f"{time_between(calendar, begin, begin + timedelta(days=99))}\n")
    sys.stdout.write(f"{time.tzname}\n")


if __name__ == "__main__":
    main()
