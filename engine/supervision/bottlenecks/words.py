"""Bottlenecks in sentences of both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from engine.base.text import LANGUAGES, Name, Text
from engine.supervision.bottlenecks.rules import Bottleneck, Cause, Found

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_OF_WEEK: Final = "一二三四五六日"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")

_PLACE: Final = Text("“{step}” in {department}", "{department}的“{step}”")
_WAITING: Final = Text("{n} waiting", "{n}件等待")
_GROWS: Final = Text(
    "arrivals {arrivals} a day against {finished} finished for {days} working days",
    "近{days}个工作日，日均到达{arrivals}件、办结{finished}件",
)
_NOTHING: Final = Text(
    "arrivals {arrivals} a day and nothing finished for {days} working days",
    "近{days}个工作日，日均到达{arrivals}件，没有办结",
)
_STEADY: Final = Text(
    "arrivals {arrivals} a day against {finished} finished, so the queue does not shrink",
    "日均到达{arrivals}件、办结{finished}件，积压未见减少",
)
_MISSES: Final = Text("at this rate {n} more miss their promise by {day}", "照此速度，到{day}将再有{n}件超过承诺时限")
_MISSES_ONE: Final = Text("at this rate one more misses its promise by {day}", "照此速度，到{day}将再有1件超过承诺时限")
_LATE: Final = Text("{n} are past their promise already", "已有{n}件超过承诺时限")
_LATE_ONE: Final = Text("one is past its promise already", "已有1件超过承诺时限")
_OVERDUE: Final = Text("at this rate {n} more will be past due by {day}", "照此速度，到{day}将再有{n}件任务逾期")
_OVERDUE_ONE: Final = Text("at this rate one more will be past due by {day}", "照此速度，到{day}将再有1件任务逾期")
_DUE: Final = Text("{n} are past due already", "已有{n}件任务逾期")
_DUE_ONE: Final = Text("one is past due already", "已有1件任务逾期")
_OLDEST: Final = Text("the oldest has waited {days} working days", "最久的已等待{days}个工作日")
_OLDEST_ONE: Final = Text("the oldest has waited one working day", "最久的已等待1个工作日")

_CAUSES: Final = {
    Cause.VACANCY: Text("{now} of the post's {before} places are vacant.", "该岗位{before}个编制中有{now}个空缺。"),
    Cause.ABSENCE: Text("{now} of the post's {before} people are away.", "该岗位{before}人中有{now}人外出。"),
    Cause.ARRIVALS: Text("Arrivals have grown from {before} to {now} a day.", "到达量由日均{before}件增至{now}件。"),
    Cause.HAND_OVER: Text(
        "{now} hand-overs have not been accepted yet; {before} of the waiting is for acceptance.",
        "有{now}件交接尚未接收；等待时间的{before}是在等待接收。",
    ),
    Cause.REWORK: Text("{now} of what is finished here had been here before.", "在此办结的事项中有{now}是再次办理。"),
    Cause.BATCHING: Text(
        "Work is done in batches: something was finished on only {now} of {before} working days.",
        "集中批量办理：{before}个工作日中仅{now}日有办结。",
    ),
    Cause.SLOWER: Text(
        "Each is in hand for {now} working days; it was {before} before.",
        "每件经办时间由{before}个工作日增至{now}个工作日。",
    ),
    Cause.FEWER: Text(
        "Fewer are finished: {now} a day, where it was {before} before. The record does not say why.",
        "办结量由日均{before}件降至{now}件，记录未显示原因。",
    ),
}
_ONE: Final = {
    Cause.VACANCY: Text("One of the post's {before} places is vacant.", "该岗位{before}个编制中有1个空缺。"),
    Cause.ABSENCE: Text("One of the post's {before} people is away.", "该岗位{before}人中有1人外出。"),
    Cause.HAND_OVER: Text(
        "One hand-over has not been accepted yet; {before} of the waiting is for acceptance.",
        "有1件交接尚未接收；等待时间的{before}是在等待接收。",
    ),
}
_NOBODY: Final = Text("Nobody holds the post.", "该岗位无人任职。")
_AWAY_LATELY: Final = Text("People of the post were away much of the time lately.", "该岗位人员近期多有外出。")
_TRANSIT_LATELY: Final = Text(
    "{before} of the waiting is for the department to accept the hand-over.",
    "等待时间的{before}是在等待部门接收交接。",
)
_NO_CAUSE: Final = Text("The record does not say why.", "记录未显示原因。")
_APART: Final = Text("Not counted in it: {parts}.", "以下不计入：{parts}。")
_OUTSIDE: Final = Text("{count} waiting for the applicant or somebody outside", "等待申请人或外部单位的{count}件")
_STOPPED: Final = Text("{count} with the clock stopped", "中止计时的{count}件")
CAUSE: Final = {
    Cause.VACANCY: Text("a vacancy", "岗位空缺"),
    Cause.ABSENCE: Text("absence", "人员外出"),
    Cause.ARRIVALS: Text("more arrivals", "到达量增加"),
    Cause.HAND_OVER: Text("hand-overs not taken", "交接未接收"),
    Cause.REWORK: Text("a rework loop", "反复返工"),
    Cause.BATCHING: Text("work in batches", "批量集中办理"),
    Cause.SLOWER: Text("slower work", "经办变慢"),
    Cause.FEWER: Text("fewer finished", "办结减少"),
}


_NOT_TOLD: Final = Text("not told by the record", "记录未显示")


def place(one: Bottleneck) -> Name:
    """“Review” in Transport."""
    return _said(_PLACE, step=one.at.step, department=one.at.department)


def standing(one: Bottleneck, by: date) -> Name:
    """How much waits, how it moves, and what it will cost in promises by a day; where there are none, in tasks past due."""
    parts = [_said(_WAITING, n=figure(one.at.queue)), _rates(one)]
    promises = []
    missed = (_MISSES, _MISSES_ONE) if one.at.promised else (_OVERDUE, _OVERDUE_ONE)
    late = (_LATE, _LATE_ONE) if one.at.promised else (_DUE, _DUE_ONE)
    if one.misses:
        promises.append(_said(missed[one.misses == 1], n=figure(one.misses), day=day(by)))
    if one.late:
        promises.append(_said(late[one.late == 1], n=figure(one.late)))
    if not promises:
        oldest = figure(one.at.oldest)
        promises.append(_said(_OLDEST_ONE) if oldest == "1" else _said(_OLDEST, days=oldest))
    return _sentence(parts, promises)


def _rates(one: Bottleneck) -> Name:
    rates = {"arrivals": figure(one.arrivals), "finished": figure(one.finished)}
    if not one.growing_for:
        return _said(_STEADY, **rates)
    return _said(_GROWS if rates["finished"] != "0" else _NOTHING, days=one.growing_for, **rates)


def causes(one: Bottleneck) -> tuple[Name, ...]:
    """Each with its figures, the likeliest first."""
    return tuple(cause(found) for found in one.causes) or (_said(_NO_CAUSE),)


def cause_word(one: Bottleneck) -> Name:
    """The likeliest cause in a word or two."""
    return _said(CAUSE[one.causes[0].cause] if one.causes else _NOT_TOLD)


def apart(one: Bottleneck) -> Name | None:
    """What no post is blamed for."""
    told = [
        _said(words, count=count) for words, count in ((_OUTSIDE, one.at.outside), (_STOPPED, one.at.stopped)) if count
    ]
    if not told:
        return None
    return Name(
        _APART.say("en", parts=", ".join(each.en for each in told)),
        _APART.say("zh", parts="，".join(each.zh for each in told)),
    )


def cause(found: Found) -> Name:
    now, before = _FIGURES.get(found.cause, _plain)(found)
    if found.cause is Cause.VACANCY and found.now == found.before:
        return _said(_NOBODY)
    if found.cause is Cause.ABSENCE and not found.now:
        return _said(_AWAY_LATELY)
    if found.cause is Cause.HAND_OVER and not found.now:
        return _said(_TRANSIT_LATELY, before=before)
    told = _ONE.get(found.cause) if found.now == 1 else None
    return _said(told or _CAUSES[found.cause], now=now, before=before)


def _plain(found: Found) -> tuple[str, str]:
    return figure(found.now), figure(found.before)


_FIGURES: Final[dict[Cause, Callable[[Found], tuple[str, str]]]] = {
    Cause.REWORK: lambda found: (percent(found.now), figure(found.before)),
    Cause.HAND_OVER: lambda found: (figure(found.now), percent(found.before)),
}


def day(at: date) -> Name:
    return Name(
        en=f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}",
        zh=f"{at.month}月{at.day}日（周{_DAYS_OF_WEEK[at.weekday()]}）",
    )


def figure(value: float) -> str:
    """To one decimal; both languages write it alike."""
    written = f"{Decimal(str(value)):,.1f}"
    return written.removesuffix(".0")


def percent(value: float) -> str:
    """Never all, nor nothing, where it is only nearly so."""
    said = f"{Decimal(str(value)):.0%}"
    if said == "100%" and value < 1:
        return "99%"
    return "1%" if said == "0%" and value > 0 else said


def _said(text: Text, **facts: Any) -> Name:
    return Name(*(text.say(language, **facts) for language in LANGUAGES))


def _sentence(parts: list[Name], promises: list[Name]) -> Name:
    return Name(
        en=", ".join(one.en for one in parts) + "; " + "; ".join(one.en for one in promises) + ".",
        zh="，".join(one.zh for one in parts) + "；" + "；".join(one.zh for one in promises) + "。",
    )
