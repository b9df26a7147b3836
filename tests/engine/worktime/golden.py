"""Periods worked out by hand with a wall calendar, each with its reckoning. No value here was ever copied from output.

China's days are those of `china.py`; what 2027 might bring is SUPPOSED, since its notice is not published. In the
reckonings a number in brackets is how many days are counted by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.text import Name
from engine.worktime.calendar import Exceptional, Hours, WorkCalendar, fit_week
from engine.worktime.periods import Unit
from tests.engine.worktime.china import CHINA, SHANGHAI, WEEK

_ZONE: Final = ZoneInfo("Europe/Berlin")
_OFFICE: Final = fit_week([(Hours(time(9), time(17)),)] * 5 + [()] * 2)
_NIGHTS: Final = fit_week([(Hours(time(0), time(6)), Hours(time(22), time(0)))] * 7)


def _rests(days: Iterable[str]) -> dict[date, Exceptional]:
    return {date.fromisoformat(day): Exceptional(False, Name("holiday", "放假"), "by hand") for day in days}


BERLIN: Final = WorkCalendar(
    _ZONE, _OFFICE,
    _rests((
        "2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01", "2024-05-09", "2024-05-20", "2024-10-03", "2024-12-25", "2024-12-26",
        "2025-01-01", "2025-04-18", "2025-04-21", "2025-05-01", "2025-05-29", "2025-06-09", "2025-10-03", "2025-12-25", "2025-12-26",
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-10-03", "2026-12-25", "2026-12-26",
        "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-17", "2027-10-03", "2027-12-25", "2027-12-26",
    )),
)  # fmt: skip
NIGHTS: Final = WorkCalendar(_ZONE, _NIGHTS)
_WORKED: Final = Exceptional(True, Name("worked instead", "调休上班"), "supposed")
SUPPOSED: Final = WorkCalendar(
    SHANGHAI, WEEK,
    _rests(
        [f"2027-01-0{day}" for day in (1, 2, 3)]
        + [(date(2027, 2, 5) + timedelta(days=number)).isoformat() for number in range(7)]
        + [f"2027-10-0{day}" for day in range(1, 8)]
    )
    | dict.fromkeys(map(date.fromisoformat, ("2027-01-31", "2027-02-13", "2027-09-26", "2027-10-09")), _WORKED),
    published=frozenset({2024, 2025, 2026, 2027}), above=CHINA,
)  # fmt: skip
"""A notice for 2027 as there might be one: 5 to 11 February off, 31 January and 13 February worked; the first week of
October off, 26 September and 9 October worked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A day without a time begins at ten and ends with business. `rests` are stops."""

    calendar: WorkCalendar
    length: int
    unit: Unit
    begin: str
    due: str
    why: str
    rests: tuple[tuple[str, str], ...] = ()
    more: int = 0
    rolls: bool = True
    first: bool = False
    uncertain: tuple[int, ...] = ()


D, C, H, M, T = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.WORKING_HOURS, Unit.MONTHS, Unit.HOURS
_WINTER = (("2026-02-03", "2026-02-25"),)

SPRING_FESTIVALS: Final = (
    # 2024: 10 to 17 February off; Sundays the 4th and the 18th worked
    Row(CHINA, 5, D, "2024-02-02", "2024-02-08", "Friday; Sun 4 (1), 5, 6, 7, Thu 8 (5)"),
    Row(CHINA, 10, D, "2024-02-02", "2024-02-21", "Sun 4, 5-9 (6), Sun 18 (7), 19, 20, Wed 21 (10)"),
    Row(CHINA, 20, D, "2024-01-22", "2024-02-22", "23-26 (4), 29-2 (9), Sun 4 (10), 5-9 (15), Sun 18 (16), 19-22 (20)"),
    Row(CHINA, 1, D, "2024-02-12", "2024-02-18", "the event on a holiday; the next day worked is Sunday the 18th"),
    Row(CHINA, 10, C, "2024-02-05", "2024-02-18", "5 + 10 = 15, off until the 17th; Sunday the 18th is worked"),
    Row(CHINA, 10, C, "2024-02-05", "2024-02-15T23:59:59", "as before, but it does not give way", rolls=False),
    Row(CHINA, 1, M, "2024-01-12", "2024-02-18", "12 February is off; Sunday the 18th is worked"),
    # 2025: 28 January to 4 February off; Sunday 26 January and Saturday 8 February worked
    Row(CHINA, 5, D, "2025-01-24", "2025-02-07", "Friday; Sun 26 (1), 27 (2), Wed 5, 6, Fri 7 (5)"),
    Row(CHINA, 6, D, "2025-01-24", "2025-02-08", "as before, and Saturday 8 (6)"),
    Row(CHINA, 20, D, "2025-01-13", "2025-02-14", "14-17 (4), 20-24 (9), Sun 26 (10), 27 (11), 5-7 (14), Sat 8 (15), 10-14 (20)"),
    Row(CHINA, 45, D, "2025-01-02", "2025-03-12", "jointly: 3 (1), 6-10 (6), 13-17 (11), 20-24 (16), 26-27 (18), 5-8 (22), four weeks to 7 Mar (42), 12 (45)"),
    Row(CHINA, 45, D, "2025-01-02", "2025-04-02", "15 more: 13-14 (47), 17-21 (52), 24-28 (57), 31, 1, 2 Apr (60)", more=15),
    Row(CHINA, 15, C, "2025-01-20", "2025-02-05", "20 + 15 = 4 February, the last holiday; so the 5th"),
    Row(CHINA, 1, M, "2024-12-31", "2025-02-05", "31 January is off until 4 February"),
    # 2026: 15 to 23 February off; Saturdays the 14th and the 28th worked
    Row(CHINA, 5, D, "2026-02-10", "2026-02-24", "11-13 (3), Sat 14 (4), Tue 24 (5)"),
    Row(CHINA, 20, D, "2026-01-26", "2026-02-28", "27-30 (4), 2-6 (9), 9-13 (14), Sat 14 (15), 24-27 (19), Sat 28 (20)"),
    Row(CHINA, 20, D, "2026-01-26", "2026-03-17", "27-30 (4), 2 (5), stands 3-25, 26-28 (8), 2-6 (13), 9-13 (18), 16, 17 (20)", rests=_WINTER),
    Row(CHINA, 20, D, "2026-01-26", "2026-03-31", "and ten more: 18-20 (23), 23-27 (28), 30, 31 (30)", rests=_WINTER, more=10),
    Row(CHINA, 5, D, "2026-02-13", "2026-02-27", "Friday; Sat 14 (1), Tue 24, 25, 26, Fri 27 (5)"),
    Row(CHINA, 10, H, "2026-02-14T14:00", "2026-02-24T17:00", "Sat 14:00-17:30 is 3:30; Tue 24 the other 6:30: 3:30 and then 3 from 14:00"),
    Row(CHINA, 8, H, "2026-02-20T10:00", "2026-02-25T09:30", "nothing till the 24th, which has 7; one more on the 25th from 8:30"),
    # 2027, as it may become
    Row(SUPPOSED, 5, D, "2027-01-29", "2027-02-04", "Friday; Sun 31 (1), 1-4 (5)"),
    Row(SUPPOSED, 6, D, "2027-01-29", "2027-02-12", "as before; off 5-11; Fri 12 (6)"),
    Row(SUPPOSED, 7, D, "2027-01-29", "2027-02-13", "as before, and Saturday 13 (7)"),
    Row(SUPPOSED, 20, D, "2027-01-18", "2027-02-18", "19-22 (4), 25-29 (9), Sun 31 (10), 1-4 (14), 12, 13 (16), 15-18 (20)"),
    Row(CHINA, 5, D, "2027-01-29", "2027-02-05", "before the notice: 1-5 (5), and nobody can be sure", uncertain=(2027,)),
)  # fmt: skip

NATIONAL_DAYS: Final = (
    # 2024: 1 to 7 October off; Sunday 29 September and Saturday 12 October worked
    Row(CHINA, 5, D, "2024-09-27", "2024-10-10", "Friday; Sun 29 (1), 30 (2), Tue 8, 9, 10 (5)"),
    Row(CHINA, 8, D, "2024-09-27", "2024-10-14", "as before; 11 (6), Sat 12 (7), Mon 14 (8)"),
    Row(CHINA, 20, D, "2024-09-10", "2024-10-14", "11-13 (3), Sat 14 (4), off 15-17, 18-20 (7), 23-27 (12), Sun 29, 30 (14), 8-11 (18), Sat 12, Mon 14 (20)"),
    Row(CHINA, 1, M, "2024-09-02", "2024-10-08", "2 October is off until the 7th"),
    Row(CHINA, 30, C, "2024-09-05", "2024-10-08", "5 September + 30 = 5 October, off until the 7th"),
    # 2025: 1 to 8 October off; Sunday 28 September and Saturday 11 October worked
    Row(CHINA, 5, D, "2025-09-26", "2025-10-10", "Friday; Sun 28, 29, 30 (3), Thu 9, Fri 10 (5)"),
    Row(CHINA, 6, D, "2025-09-26", "2025-10-11", "as before, and Saturday 11 (6)"),
    Row(CHINA, 20, D, "2025-09-15", "2025-10-17", "16-19 (4), 22-26 (9), Sun 28 (10), 29, 30 (12), 9, 10 (14), Sat 11 (15), 13-17 (20)"),
    Row(CHINA, 10, D, "2025-10-02", "2025-10-21", "the event on a holiday; 9, 10, Sat 11 (3), 13-17 (8), 20, 21 (10)"),
    Row(CHINA, 3, M, "2025-07-05", "2025-10-09", "5 October is off until the 8th"),
    # 2026: 25 to 27 September and 1 to 7 October off; Sunday 20 September and Saturday 10 October worked
    Row(CHINA, 5, D, "2026-09-28", "2026-10-10", "29, 30 (2), Thu 8, Fri 9 (4), Sat 10 (5)"),
    Row(CHINA, 20, D, "2026-09-07", "2026-10-10", "8-11 (4), 14-18 (9), Sun 20 (10), 21-24 (14), 28-30 (17), 8, 9 (19), Sat 10 (20)"),
    Row(CHINA, 15, C, "2026-09-16", "2026-10-08", "16 + 15 = 1 October, off until the 7th"),
    Row(CHINA, 2, M, "2026-08-03", "2026-10-08", "3 October is off until the 7th"),
    Row(CHINA, 14, H, "2026-09-30T14:00", "2026-10-09T12:00", "3:30 on the 30th, 7 on the 8th, the last 3:30 on the morning of the 9th"),
    Row(CHINA, 2, D, "2026-10-07", "2026-10-09", "the last holiday; 8 (1), 9 (2)"),
    # 2027, as it may become
    Row(SUPPOSED, 5, D, "2027-09-24", "2027-09-30", "Friday; Sun 26 (1), 27-30 (5)"),
    Row(SUPPOSED, 6, D, "2027-09-24", "2027-10-08", "as before; off 1-7; Fri 8 (6)"),
    Row(SUPPOSED, 1, M, "2027-09-03", "2027-10-08", "3 October is off until the 7th"),
    Row(CHINA, 5, D, "2027-09-24", "2027-10-04", "before the notice: 27-30 (4), off by statute 1-3, Mon 4 (5)", uncertain=(2027,)),
)  # fmt: skip

ENDS_OF_MONTHS_AND_YEARS: Final = (
    Row(CHINA, 30, D, "2026-12-10", "2027-01-22", "11 (1), 14-18 (6), 21-25 (11), 28-31 (15), 4-8 (20), 11-15 (25), 18-22 (30)", uncertain=(2027,)),
    Row(CHINA, 1, D, "2025-12-31", "2026-01-04", "1-3 January off, Sunday the 4th worked"),
    Row(CHINA, 1, D, "2024-02-28", "2024-02-29", "a leap day is a day"),
    Row(CHINA, 3, D, "2024-02-28", "2024-03-04", "Thu 29 (1), Fri 1 (2), Mon 4 (3)"),
    Row(CHINA, 1, C, "2024-02-28", "2024-02-29", "a leap day is a day"),
    Row(CHINA, 12, M, "2024-02-29", "2025-02-28", "2025 has no 29th: the last day of February, a Friday"),
    Row(CHINA, 1, M, "2024-01-31", "2024-02-29", "the last day of a leap February, a Thursday"),
    Row(CHINA, 1, M, "2026-01-31", "2026-02-28", "the last day of February, a Saturday that is worked"),
    Row(CHINA, 48, M, "2024-02-29", "2028-02-29", "four years on there is a 29th, a Tuesday", uncertain=(2028,)),
    Row(CHINA, 1, M, "2026-03-31", "2026-04-30", "April has no 31st; Thursday"),
    Row(CHINA, 6, M, "2025-08-31", "2026-02-28", "the last day of February, worked"),
    Row(CHINA, 1, M, "2026-05-31", "2026-06-30", "June has no 31st; Tuesday"),
    Row(CHINA, 30, C, "2026-01-31", "2026-03-02", "28 days are 28 February, two more 2 March, a Monday"),
    Row(CHINA, 5, D, "2026-03-02", "2026-03-06", "the first counted: Mon 2 (1) to Fri 6 (5)", first=True),
    Row(CHINA, 1, M, "2026-03-02", "2026-04-01", "the first counted: it ends before the 2nd; Wednesday", first=True),
    Row(CHINA, 1, M, "2026-01-31", "2026-02-28", "the first counted: there is no 31st to end before", first=True),
    Row(CHINA, 10, C, "2026-03-02", "2026-03-11", "the first counted: 2 (1) to 11 (10)", first=True),
    Row(CHINA, 1, D, "2026-03-03T00:30", "2026-03-04", "half past midnight is the 3rd here, though still the 2nd in Europe"),
)  # fmt: skip

STOPS_AND_EXTENSIONS: Final = (
    Row(CHINA, 10, D, "2026-03-02", "2026-03-19", "3 (1), stands 4-6, 9-13 (6), 16-19 (10)", rests=(("2026-03-04", "2026-03-06"),)),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-24", "overlapping, 4 to 11: 3 (1), 12, 13 (3), 16-20 (8), 23, 24 (10)", rests=(("2026-03-04", "2026-03-06"), ("2026-03-05", "2026-03-11"))),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-24", "a weekend between them: the same days stand", rests=(("2026-03-04", "2026-03-06"), ("2026-03-09", "2026-03-11"))),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-24", "one within the other: the same days stand", rests=(("2026-03-04", "2026-03-11"), ("2026-03-05", "2026-03-06"))),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-24", "one ends on the day the other begins", rests=(("2026-03-04", "2026-03-06"), ("2026-03-06T15:00", "2026-03-11"))),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-17", "an hour of the 4th takes the day: 3 (1), 5, 6 (3), 9-13 (8), 16, 17 (10)", rests=(("2026-03-04T10:00", "2026-03-04T11:00"),)),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-16", "over before it began: 3-6 (4), 9-13 (9), 16 (10)", rests=(("2026-02-25", "2026-02-27"),)),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-16", "begun after it ended: as before", rests=(("2026-03-18", "2026-03-20"),)),
    Row(CHINA, 10, D, "2026-03-02", "2026-03-18", "stands already when it begins: 5, 6 (2), 9-13 (7), 16-18 (10)", rests=(("2026-02-26", "2026-03-04"),)),
    Row(CHINA, 10, D, "2026-09-21", "2026-10-19", "over holidays: 22, 23 (2), 9, Sat 10 (4), 12-16 (9), 19 (10)", rests=(("2026-09-24", "2026-10-08"),)),
    Row(CHINA, 10, H, "2026-03-02T09:00", "2026-03-05T12:00", "1 on the 2nd, 5:30 of the 4th from ten, 3:30 on the 5th", rests=(("2026-03-02T10:00", "2026-03-04T10:00"),)),
    Row(CHINA, 5, H, "2026-03-02T09:00", "2026-03-03T11:00", "1, then from 16:00 1:30, then 2:30 on the 3rd from 8:30", rests=(("2026-03-02T10:00", "2026-03-02T15:00"), ("2026-03-02T14:00", "2026-03-02T16:00"))),
    Row(CHINA, 10, C, "2026-03-02", "2026-03-16", "12 and three days that stood: Sunday 15, so Monday", rests=(("2026-03-04", "2026-03-06"),)),
    Row(CHINA, 2, M, "2026-03-02", "2026-05-06", "2 May and three days that stood: 5 May, the last holiday", rests=(("2026-03-10", "2026-03-12"),)),
    Row(CHINA, 5, C, "2026-03-02", "2026-03-11", "Saturday 7 gives way to Monday 9, which stands since Sunday: behind it", rests=(("2026-03-08", "2026-03-10"),)),
    Row(CHINA, 20, D, "2026-01-26", "2026-03-05", "27, 30 (2), 2-6 (7), 11-13 (10), Sat 14 (11), 24-28 (16), 2-5 (20)", rests=(("2026-01-28", "2026-01-29"), ("2026-02-09", "2026-02-10"))),
    Row(CHINA, 5, D, "2026-03-02", "2026-03-16", "5 and 3 more: 5, 6 (2), 9-13 (7), 16 (8)", rests=(("2026-03-03", "2026-03-04"),), more=3),
    Row(CHINA, 8, H, "2026-03-02T08:30", "2026-03-03T15:30", "8 and 4 more: 7 on the 2nd, 3:30 and 1:30 on the 3rd", more=4),
    Row(CHINA, 1, M, "2026-01-30", "2026-03-30", "one month and one more from 30 January: 30 March, a Monday", more=1),
    Row(CHINA, 48, T, "2026-03-02T09:00", "2026-03-04T15:00", "two days by the clock and six hours that stood", rests=(("2026-03-02T20:00", "2026-03-03T02:00"),)),
)  # fmt: skip

CLOCKS_PUT_ON_AND_BACK: Final = (
    # Germany: on by an hour on 29 March 2026, back on 25 October 2026; 31 March 2024; 28 March 2027
    Row(BERLIN, 10, D, "2026-03-25", "2026-04-10", "26, 27 (2), 30-2 (6), Good Friday and Easter Monday, 7-10 (10)"),
    Row(BERLIN, 1, D, "2026-03-27", "2026-03-30", "Friday to Monday, 17:00 of summer"),
    Row(BERLIN, 1, D, "2026-10-23", "2026-10-26", "Friday to Monday, 17:00 of winter"),
    Row(BERLIN, 8, H, "2026-03-27T13:00", "2026-03-30T13:00", "4 on Friday, 4 on Monday from nine"),
    Row(BERLIN, 72, T, "2026-03-27T12:00", "2026-03-30T13:00", "the night of Sunday has an hour less"),
    Row(BERLIN, 72, T, "2026-10-23T12:00", "2026-10-26T11:00", "the night of Sunday has an hour more"),
    Row(NIGHTS, 8, H, "2026-03-28T22:00", "2026-03-29T23:00", "2 before midnight, 5 from 0 to 6, the last from 22:00"),
    Row(NIGHTS, 8, H, "2026-10-24T22:00", "2026-10-25T05:00", "2 before midnight; 0 to 6 has 7 hours, the sixth ends at five"),
    Row(BERLIN, 1, C, "2026-03-28", "2026-03-30", "Sunday 29 gives way to Monday"),
    Row(BERLIN, 1, C, "2026-10-24", "2026-10-25T23:59:59", "the end of a day of 25 hours", rolls=False),
    Row(BERLIN, 1, M, "2026-02-28", "2026-03-30", "28 March is a Saturday; Monday"),
    Row(BERLIN, 3, M, "2024-11-30", "2025-02-28", "February has no 30th; Friday"),
    Row(BERLIN, 14, C, "2024-12-12", "2024-12-27", "26 December is a holiday; Friday 27"),
    Row(BERLIN, 3, D, "2024-03-28", "2024-04-04", "Good Friday and Easter Monday; 2, 3, 4 (3)"),
    Row(BERLIN, 5, D, "2027-03-24", "2027-04-02", "25 (1), Good Friday 26, Easter Monday 29, 30-2 (5)"),
    Row(BERLIN, 2, D, "2025-10-01", "2025-10-06", "2 (1), Friday 3 a holiday, Monday 6 (2)"),
)  # fmt: skip

GOLDEN: Final = (
    *SPRING_FESTIVALS, *NATIONAL_DAYS, *ENDS_OF_MONTHS_AND_YEARS, *STOPS_AND_EXTENSIONS, *CLOCKS_PUT_ON_AND_BACK,
)  # fmt: skip
