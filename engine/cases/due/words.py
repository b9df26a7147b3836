"""Days, lengths and the way to a due date, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.due.rules import Later, More, Rest, counted, is_working
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import time_between
from engine.worktime.periods import UNITS, Unit
from engine.worktime.spans import Span

_A_DAY: Final = timedelta(days=1)
_MOST_DAYS: Final = 800
_MOST_WEEKENDS: Final = 3
"""Beyond them they are counted, not told one by one."""
_WEEKDAYS: Final = (
    ("Mon", "一"),
    ("Tue", "二"),
    ("Wed", "三"),
    ("Thu", "四"),
    ("Fri", "五"),
    ("Sat", "六"),
    ("Sun", "日"),
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")

_DAYS_COUNT: Final = Text(
    "The task came to {whose} on {began}. That day is not counted. The step may take {length}, by the calendar of {whose}.",
    "任务于 {began} 到达{whose}，当日不计入。本环节时限为 {length}，按{whose}的工作日历计算。",
)
_HOURS_COUNT: Final = Text(
    "The task came to {whose} on {began}. The step may take {length}, counted while {whose} is at work.",
    "任务于 {began} 到达{whose}。本环节时限为 {length}，只计{whose}的工作时间。",
)
_CLOCK_COUNTS: Final = Text(
    "The task came to {whose} on {began}. The step may take {length}, counted day and night.",
    "任务于 {began} 到达{whose}。本环节时限为 {length}，按自然时间连续计算。",
)
_GOES_ON: Final = Text(
    "It goes on with the clock of the same step, which was taken back: that began on {began}.",
    "本任务沿用被撤回环节的计时，自 {began} 起算。",
)
_NOT_WORKED: Final = Text("Not worked in between: {days}.", "其间不上班：{days}。")
_MADE_UP: Final = Text("Worked in between although it is a day of rest: {days}.", "其间调休上班：{days}。")
_RESTED: Final = Text(
    "The case was suspended from {begin} to {end}{ground}. It is due later by {length}.",
    "办件自 {begin} 至 {end} 中止{ground}，期限顺延 {length}。",
)
_RESTED_IDLE: Final = Text(
    "The case was suspended from {begin} to {end}{ground}. Nobody would have worked in that time, so nothing moves.",
    "办件自 {begin} 至 {end} 中止{ground}。该时段不上班，期限不变。",
)
_RESTS: Final = Text(
    "The case is suspended since {begin}. When it goes on, it is due later by as much.",
    "办件自 {begin} 起中止，恢复后期限相应顺延。",
)
_STOOD: Final = Text(
    "The clock stood from {begin} to {end}{ground}. It is due later by {length}.",
    "自 {begin} 至 {end} 停止计时{ground}，期限顺延 {length}。",
)
_STOOD_IDLE: Final = Text(
    "The clock stood from {begin} to {end}{ground}. Nobody would have worked in that time, so nothing moves.",
    "自 {begin} 至 {end} 停止计时{ground}。该时段不上班，期限不变。",
)
_STANDS: Final = Text(
    "The clock stands since {begin}. When it goes on, it is due later by as much, and nobody is late meanwhile.",
    "自 {begin} 起停止计时，恢复计时后期限相应顺延，其间不计逾期。",
)
_MORE: Final = Text("{days} more were granted on {at}{by}.", "{at} 经批准延长 {days}{by}。")
_SO: Final = Text("So it is due on {due}.", "因此于 {due} 到期。")
_NAMED: Final = Text("Whoever asked for this named the day: {due}.", "提出请求的人指定的答复期限：{due}。")
_PROVISIONAL: Final = Text(
    "The holidays of {years} are not published yet: until they are, this day is provisional.",
    "{years} 年的放假安排尚未公布，该日期为暂定。",
)
_AS_TOLD: Final = Text(
    "By the calendar of today it would be {due}. What was told stays.", "按现行日历应为 {due}，已告知的期限不变。"
)


@frozen
class Asked:
    """What a due date is explained from. `began` is before `opened` where a clock goes on."""

    span: Span | None
    calendar: WorkCalendar
    whose: Text
    opened: datetime
    began: datetime
    due: datetime
    later: Sequence[Later] = ()
    suspended: datetime | None = None
    stands: datetime | None = None
    provisional: bool = False


def why(asked: Asked) -> tuple[Text, ...]:
    """Line by line, so that it can be read out."""
    return tuple(_lines(asked))


def _lines(asked: Asked) -> Iterator[Text]:
    calendar, span = asked.calendar, asked.span
    if span is None:
        yield _said(_NAMED, due=moment(asked.due, calendar))
        return
    words = {Unit.WORKING_DAYS: _DAYS_COUNT, Unit.WORKING_HOURS: _HOURS_COUNT}.get(span.unit, _CLOCK_COUNTS)
    yield _said(words, whose=asked.whose, began=moment(asked.opened, calendar), length=length(span))
    if asked.began != asked.opened:
        yield _said(_GOES_ON, began=moment(asked.began, calendar))
    if is_working(span):
        yield from _between(calendar, asked.began, asked.due)
    for one in sorted(asked.later, key=lambda one: one.end if isinstance(one, Rest) else one.at):
        if isinstance(one, More) or one.end > asked.began:
            yield _moved(one, asked)
    yield from _standing(asked)
    yield _said(_SO, due=moment(asked.due, calendar))
    if asked.provisional:
        years = range(calendar.local_day(asked.began).year, calendar.local_day(asked.due).year + 1)
        untold = ", ".join(str(year) for year in years if not calendar.is_certain(year))
        if untold:
            yield _said(_PROVISIONAL, years=untold)
        return
    today = counted(span, calendar, asked.began, asked.later).at
    if abs(today - asked.due) >= timedelta(minutes=1):
        yield _said(_AS_TOLD, due=moment(today, calendar))


def _standing(asked: Asked) -> Iterator[Text]:
    if asked.suspended is not None:
        yield _said(_RESTS, begin=moment(asked.suspended, asked.calendar))
    elif asked.stands is not None:
        yield _said(_STANDS, begin=moment(max(asked.stands, asked.opened), asked.calendar))


def _moved(one: Later, asked: Asked) -> Text:
    calendar, working = asked.calendar, is_working(asked.span)
    if isinstance(one, More):
        days = _counted(one.days, Unit.WORKING_DAYS if working else Unit.CALENDAR_DAYS)
        by = Name(f", by {one.by.en}", f"（批准人：{one.by.zh}）") if one.by is not None else Name("", "")
        return _said(_MORE, days=days, at=day(one.at, calendar), by=by)
    begin = max(one.begin, asked.began)
    ground = Name(f": {one.ground.en}", f"（{one.ground.zh}）") if one.ground is not None else Name("", "")
    facts = {"begin": moment(one.begin, calendar), "end": moment(one.end, calendar), "ground": ground}
    rested = time_between(calendar, begin, one.end) if working else one.end - begin
    if not rested:
        return _said(_STOOD_IDLE if one.clock else _RESTED_IDLE, **facts)
    return _said(_STOOD if one.clock else _RESTED, **facts, length=_time(rested, working=working))


def _between(calendar: WorkCalendar, begin: datetime, due: datetime) -> Iterator[Text]:
    first, last = calendar.local_day(begin), calendar.local_day(due)
    days = [first + number * _A_DAY for number in range(1, min((last - first).days, _MOST_DAYS) + 1)]
    idle = [(one, None if (said := calendar.exceptional(one)) is None else said.name) for one in days
            if not calendar.works_on(one)]  # fmt: skip
    told = [_run(*run) for run in _runs(one for one in idle if one[1] is not None)]
    weekly = _runs(one for one in idle if one[1] is None)
    if len(weekly) > _MOST_WEEKENDS:
        count = sum(1 for _day, name in idle if name is None)
        told.append(Name(f"{count} days of weekly rest", f"周末休息 {count} 天"))
    else:
        told = [_run(*run) for run in _runs(idle)]
    if told:
        yield _said(_NOT_WORKED, days=_listed(told))
    made_up = [(one, said.name) for one in days if (said := calendar.exceptional(one)) is not None and said.works
               and not calendar.week[one.weekday()]]  # fmt: skip
    if made_up:
        yield _said(_MADE_UP, days=_listed([_run(*run) for run in _runs(made_up)]))


Run = tuple[date, date, Text | None]


def _runs(days: Iterable[tuple[date, Text | None]]) -> list[Run]:
    """Days in a row of one name are told once."""
    found: list[Run] = []
    for one, name in days:
        if found and found[-1][1] + _A_DAY == one and found[-1][2] == name:
            found[-1] = (found[-1][0], one, name)
        else:
            found.append((one, one, name))
    return found


def _listed(told: Sequence[Text]) -> Text:
    return Name("; ".join(one.en for one in told), "；".join(one.zh for one in told))


def _run(first: date, last: date, name: Text | None) -> Text:
    begin, end = _day(first), _day(last)
    one = begin if first == last else Name(f"{begin.en} to {end.en}", f"{begin.zh}至{end.zh}")
    return one if name is None else Name(f"{one.en} ({name.en})", f"{one.zh}（{name.zh}）")


def day(instant: datetime, calendar: WorkCalendar) -> Text:
    return _day(calendar.local_day(instant))


def moment(instant: datetime, calendar: WorkCalendar) -> Text:
    there = instant.astimezone(calendar.zone)
    on = _day(there.date())
    return Name(f"{on.en} {there:%H:%M}", f"{on.zh} {there:%H:%M}")


def _day(one: date) -> Text:
    en, zh = _WEEKDAYS[one.weekday()]
    return Name(
        f"{en} {one.day} {_MONTHS[one.month - 1]} {one.year}", f"{one.year}年{one.month}月{one.day}日（周{zh}）"
    )


def length(span: Span) -> Text:
    """“3 working days”, “90 minutes”."""
    if span.unit in (Unit.HOURS, Unit.WORKING_HOURS):
        return _time(timedelta(hours=span.amount), working=span.unit is Unit.WORKING_HOURS)
    whole = _counted(int(span.amount), span.unit)
    if not span.hours:
        return whole
    more = _time(timedelta(hours=span.hours), working=span.unit is Unit.WORKING_DAYS)
    return Name(f"{whole.en} and {more.en}", f"{whole.zh}又{more.zh}")


def _counted(count: int, unit: Unit) -> Text:
    said = UNITS[unit]
    english = said.say("en", count=count)
    return Name(english[:-1] if count == 1 else english, said.say("zh", count=count))


def _time(time: timedelta, *, working: bool) -> Text:
    minutes = round(time.total_seconds() / 60)
    kind, chinese = ("working ", "工作") if working else ("", "")
    days, hours, minutes = (0, *divmod(minutes, 60)) if working else (minutes // 1440, minutes // 60 % 24, minutes % 60)
    parts = [
        (days, "day", "天"),
        (hours, f"{kind}hour", f"个{chinese}小时" if working else "小时"),
        (minutes, "minute", "分钟"),
    ]
    en = " ".join(f"{count} {word}{'s' if count != 1 else ''}" for count, word, _zh in parts if count)
    zh = " ".join(f"{count} {word}" for count, _en, word in parts if count)
    return Name(en or "no time", zh or "零时长")


def _said(words: Text, **facts: object) -> Text:
    return Name(words.say("en", **facts), words.say("zh", **facts))
