"""Why a period ends when it does, line by line, so that it can be read out to an applicant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from engine.base.text import Language, Name, Text, day_in_full
from engine.worktime.calendar import WorkCalendar
from engine.worktime.units import Period, Stop, Unit, length_of

_DAY: Final = timedelta(days=1)
_LOOKED_THROUGH: Final = timedelta(days=400)
"""Of a longer period nobody wants every holiday read out."""

_BEGUN: Final = Text(
    "It began on {day}; that day is not counted. The period is {period}.", "自 {day} 起算，当日不计入，期限为{period}。"
)
_BEGUN_WITH: Final = Text(
    "It began on {day}, which is counted. The period is {period}.", "自 {day} 起算，当日计入，期限为{period}。"
)
_BEGUN_AT: Final = Text(
    "It began on {day} at {time}. The period is {period}.", "自 {day} {time} 起算，期限为{period}。"
)
_STOPPED: Final = Text(
    "The clock stood from {begin} to {end}: {ground}. These days are not counted.",
    "{begin} 至 {end} 中止计时：{ground}，期间不计入。",
)
_STANDS: Final = Text(
    "The clock has stood since {begin}: {ground}. Until it goes on no day is counted.",
    "自 {begin} 起中止计时：{ground}，恢复前不计入。",
)
_EXTENDED: Final = Text("It was extended by {period}.", "已延长{period}。")
_HOLIDAYS: Final = Text("Holidays are not counted: {days}.", "节假日不计入：{days}。")
_WORKED: Final = Text("Worked instead, and counted: {days}.", "调休上班，计入：{days}。")
_ROLLED: Final = Text(
    "The last day, {day}, is not worked: the next working day stands for it.",
    "期限末日 {day} 不上班，顺延至其后第一个工作日。",
)
_ENDS: Final = Text("So it ends on {day} at {time}.", "因此于 {day} {time} 届满。")
_UNCERTAIN: Final = Text(
    "The holidays of {years} are not published yet, so this day is provisional.",
    "{years} 年的放假安排尚未公布，该日期为暂定。",
)


def because(
    period: Period,
    extended_by: int,
    calendar: WorkCalendar,
    begin: datetime,
    due: datetime,
    *,
    stops: Sequence[Stop],
    nominal: date | None,
    uncertain: Sequence[int],
) -> Iterator[Text]:
    """`nominal`: the last day as it is counted; None of a period that is no matter of days."""
    first, last = calendar.local_day(begin), calendar.local_day(due)
    length = length_of(period.length, period.unit)
    if nominal is None:
        yield _said(_BEGUN_AT, day=first, time=_clock(calendar, begin), period=length)
    else:
        yield _said(_BEGUN_WITH if period.counts_first_day else _BEGUN, day=first, period=length)
    for stop in sorted(stops, key=lambda one: one.begin):
        began = calendar.local_day(stop.begin)
        if stop.end is None:
            yield _said(_STANDS, begin=began, ground=stop.ground)
        else:
            yield _said(_STOPPED, begin=began, end=calendar.local_day(stop.end), ground=stop.ground)
    if extended_by:
        yield _said(_EXTENDED, period=length_of(extended_by, period.unit))
    if period.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS) and due - begin <= _LOOKED_THROUGH:
        yield from _exceptions(calendar, first + _DAY, last, stops)
    if nominal is not None and nominal != last and not calendar.works_on(nominal):
        yield _said(_ROLLED, day=nominal)
    yield _said(_ENDS, day=last, time=_clock(calendar, due))
    if uncertain:
        yield _said(_UNCERTAIN, years=", ".join(map(str, uncertain)))


def _exceptions(calendar: WorkCalendar, first: date, last: date, stops: Sequence[Stop]) -> Iterator[Text]:
    """What is other than the week says, each run of days with its name; a holiday on a day of rest changes nothing."""
    stood = [(calendar.local_day(one.begin), calendar.local_day(one.end) if one.end else last) for one in stops]
    rested: list[tuple[date, date, Name]] = []
    worked: list[tuple[date, date, Name]] = []
    day = first
    while day <= last:
        told = calendar.exceptional(day)
        if told is not None and not any(begin <= day <= end for begin, end in stood):
            runs = worked if told.works else rested
            if runs and runs[-1][1] == day - _DAY and runs[-1][2] == told.name:
                runs[-1] = (runs[-1][0], day, told.name)
            else:
                runs.append((day, day, told.name))
        day += _DAY
    matters = [run for run in rested if any(calendar.week[one.weekday()] for one in _through(run))]
    made_up = [run for run in worked if any(not calendar.week[one.weekday()] for one in _through(run))]
    if matters:
        yield _said(_HOLIDAYS, days=_listed(matters))
    if made_up:
        yield _said(_WORKED, days=_listed(made_up))


def _through(run: tuple[date, date, Name]) -> Iterator[date]:
    return (run[0] + number * _DAY for number in range((run[1] - run[0]).days + 1))


def _listed(runs: Sequence[tuple[date, date, Name]]) -> Name:
    return Name(
        ", ".join(f"{_days(first, last, 'en')} ({name.en})" for first, last, name in runs),
        "、".join(f"{_days(first, last, 'zh')}（{name.zh}）" for first, last, name in runs),
    )


def _days(first: date, last: date, language: Language) -> str:
    begun, ended = day_in_full(first, language), day_in_full(last, language)
    return begun if first == last else f"{begun}至{ended}" if language == "zh" else f"{begun} to {ended}"


def _clock(calendar: WorkCalendar, instant: datetime) -> str:
    """The last second of a day is its 24:00."""
    local = f"{instant.astimezone(calendar.zone):%H:%M:%S}"
    return "24:00" if local == "23:59:59" else local[:5]


def _said(words: Text, **facts: object) -> Text:
    return Name(words.say("en", **_told(facts, "en")), words.say("zh", **_told(facts, "zh")))


def _told(facts: Mapping[str, object], language: Language) -> dict[str, object]:
    return {key: day_in_full(value, language) if isinstance(value, date) else value for key, value in facts.items()}
