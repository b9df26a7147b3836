"""Whether timers can be set, and how long a step should take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree

from engine.base import clock
from engine.base.text import Name, Text
from engine.diagram import cron, language
from engine.diagram.checked import Checked
from engine.diagram.drawn import child_text, triggers
from engine.diagram.durations import duration, in_iso, is_literal, unquoted
from engine.diagram.limits import SHORTEST_CYCLE_SECONDS
from engine.diagram.rules.expressions import unreadable
from engine.diagram.shape import Element, Finding, Rule, Severity

TIMER_UNREADABLE: Final = Rule(
    "timer-unreadable",
    Severity.BLOCKS,
    Text(
        en="The timer of “{name}” (line {line}) cannot be set: “{timer}” is not {wanted}.{why}",
        zh="“{name}”（第 {line} 行）的定时器无法设定：“{timer}”不是{wanted}。{why}",
    ),
    Text(
        en="Write a duration such as P3D or PT12H, a date such as 2027-01-31T09:00:00+08:00, a repetition such as R/P1D or "
        "0 0 9 ? * MON-FRI, or a FEEL expression that gives one.",
        zh="请写成时长（如 P3D、PT12H）、日期（如 2027-01-31T09:00:00+08:00）、重复（如 R/P1D 或 0 0 9 ? * MON-FRI），或能得出这些值的 FEEL 表达式。",
    ),
)
TIMER_TOO_FAST: Final = Rule(
    "timer-too-fast",
    Severity.BLOCKS,
    Text(
        en="The timer of “{name}” (line {line}) repeats every {timer}, faster than once in {least} seconds.",
        zh="“{name}”（第 {line} 行）的定时器按 {timer} 重复，间隔短于 {least} 秒。",
    ),
    Text(
        en="Let it repeat at most once a minute; offices count in hours and days.",
        zh="请改为至多每分钟一次；办公时限通常以小时和天计。",
    ),
)
TIMER_MISSING: Final = Rule(
    "timer-missing",
    Severity.ATTENTION,
    Text(
        en="The timer of “{name}” (line {line}) does not say when. It never goes off by itself; the person in charge of the "
        "case must let it.",
        zh="“{name}”（第 {line} 行）的定时器没有写明时间，不会自行触发，须由办件负责人触发。",
    ),
    Text(en="Write a duration such as P3D, or a date.", zh="请写明时长（如 P3D）或日期。"),
)
WORKING_TIME_IDLE: Final = Rule(
    "working-time-idle",
    Severity.ATTENTION,
    Text(
        en="The timer of “{name}” (line {line}) is to count working time, but “{timer}” counts no days or hours: it comes on "
        "that date, whether it is worked or not.",
        zh="“{name}”（第 {line} 行）的定时器设为按工作时间计算，但“{timer}”不含天数或小时数：无论是否工作日，都按该时间触发。",
    ),
    Text(
        en="Write days or hours, such as P2D, PT4H or R/P1D; or do not count in working time.",
        zh="请写成天数或小时数，如 P2D、PT4H 或 R/P1D；或取消“按工作时间计算”。",
    ),
)
START_TIMER_ASKS: Final = Rule(
    "start-timer-asks",
    Severity.BLOCKS,
    Text(
        en="The timer of the start “{name}” (line {line}) asks for “{asked}”, but nothing has been answered before a case begins.",
        zh="开始事件“{name}”（第 {line} 行）的定时器用到“{asked}”，而办件开始之前尚无任何答复。",
    ),
    Text(
        en="Write the date or repetition out, such as R/2027-01-01T09:00:00+08:00/P1M.",
        zh="请直接写出日期或重复周期，例如 R/2027-01-01T09:00:00+08:00/P1M。",
    ),
)
START_MATTER_UNKNOWN: Final = Rule(
    "start-matter-unknown",
    Severity.ATTENTION,
    Text(
        en="The matter of “{name}” (line {line}) holds “{word}” in braces, which nothing is known for. It stays in the matter as it is written.",
        zh="“{name}”（第 {line} 行）的事项在花括号中写有“{word}”，没有对应的内容，将原样保留。",
    ),
    Text(
        en="Write one of day, week, month, quarter or year in braces, or one of them with _before behind it.",
        zh="请在花括号中写 day、week、month、quarter、year 之一，或在其后加 _before。",
    ),
)
STANDARD_TIME_UNREADABLE: Final = Rule(
    "standard-time-unreadable",
    Severity.ATTENTION,
    Text(
        en="The standard time of “{name}” (line {line}) cannot be read: “{written}”. The step has no standard time.",
        zh="“{name}”（第 {line} 行）的标准用时“{written}”无法读取，该环节将没有标准用时。",
    ),
    Text(
        en="Write days or hours, such as P3D or PT4H (months have no fixed length).",
        zh="请以天或小时书写，如 P3D 或 PT4H（月没有固定长度）。",
    ),
)

ACCEPT_WITHIN_UNREADABLE: Final = Rule(
    "accept-within-unreadable",
    Severity.ATTENTION,
    Text(
        en="How soon a hand-over to “{name}” (line {line}) is to be accepted cannot be read: “{written}”. A day counts instead.",
        zh="“{name}”（第 {line} 行）的交接接收期限“{written}”无法读取，将按一天计算。",
    ),
    Text(
        en="Write days or hours, such as P1D or PT4H (months have no fixed length).",
        zh="请以天或小时书写，如 P1D 或 PT4H（月没有固定长度）。",
    ),
)

_NEVER_COMES: Final = Text(en=" That time never comes.", zh="该时间永远不会到来。")
_KINDS: Final = ("timeDate", "timeDuration", "timeCycle")
_WANTED: Final = {
    "timeDate": Text(en="a date with a time", zh="日期时间"),
    "timeDuration": Text(en="a duration", zh="时长"),
    "timeCycle": Text(en="a repetition", zh="重复周期"),
}
_DURATION: Final = re.compile(
    r"P(?=\d|T\d)(?:\d{1,4}Y)?(?:\d{1,4}M)?(?:\d{1,4}W)?(?:\d{1,5}D)?"
    r"(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,7}M)?(?:\d{1,8}(?:[.,]\d{1,9})?S)?)?"
)
_CYCLE: Final = re.compile(r"R\d{0,9}/(?P<parts>[^/]+(?:/[^/]+)?)")


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        for trigger in triggers(all_of.place(element.id).node):
            if str(trigger.tag).endswith("}timerEventDefinition"):
                yield from _timer(all_of, element, trigger)
                yield from _idle(all_of, element, trigger)
                yield from _by_themselves(all_of, element, trigger)
        if element.standard_time and duration(element.standard_time) is None:
            yield all_of.finding(STANDARD_TIME_UNREADABLE, element.id, written=element.standard_time)
    said = [(one.id, one.accept_within) for one in all_of.diagram.elements.values()]
    said += [(one.id, one.accept_within) for one in all_of.diagram.processes.values()]
    for place, written in said:
        if written and not duration(written):
            yield all_of.finding(ACCEPT_WITHIN_UNREADABLE, place, written=written)


TURN_WORDS: Final = frozenset(
    f"{word}{when}" for word in ("day", "week", "month", "quarter", "year") for when in ("", "_before")
)
"""What may stand in braces in the matter of cases that a timer begins."""
_IN_BRACES: Final = re.compile(r"\{([^{}]{1,40})\}")


def _by_themselves(all_of: Checked, element: Element, trigger: etree._Element) -> Iterator[Finding]:
    """Of a start of a whole process: cases begin by it with nobody there."""
    if element.kind != "startEvent" or element.scope != element.process:
        return
    for text in filter(None, (child_text(trigger, kind) for kind in _KINDS)):
        if not is_literal(text) and unreadable(text) is None:
            asked = sorted(language.expression(text).names)
            if asked:
                yield all_of.finding(START_TIMER_ASKS, element.id, asked=", ".join(asked))
    for word in dict.fromkeys(_IN_BRACES.findall(element.matter or "")):
        if word not in TURN_WORDS:
            yield all_of.finding(START_MATTER_UNKNOWN, element.id, word=word)


def _idle(all_of: Checked, element: Element, trigger: etree._Element) -> Iterator[Finding]:
    written = [text for kind in _KINDS if (text := child_text(trigger, kind)) and is_literal(text)]
    for text in written if element.working_time else ():
        bare = unquoted(text)
        if cron.is_cron(bare) or not bare.startswith(("P", "R")):
            yield all_of.finding(WORKING_TIME_IDLE, element.id, timer=text)


def _timer(all_of: Checked, element: Element, trigger: etree._Element) -> Iterator[Finding]:
    written = [(kind, text) for kind in _KINDS if (text := child_text(trigger, kind))]
    if not written:
        yield all_of.finding(TIMER_MISSING, element.id)
    for kind, text in written:
        if is_literal(text):
            yield from _literal(all_of, element, kind, text)
            continue
        reason = unreadable(text)
        if reason is not None:
            because = Name(en=f" {reason.en}", zh=reason.zh)
            yield all_of.finding(TIMER_UNREADABLE, element.id, timer=text, wanted=_WANTED[kind], why=because)


def _literal(all_of: Checked, element: Element, kind: str, text: str) -> Iterator[Finding]:
    bare = unquoted(text)
    if kind == "timeCycle" and cron.is_cron(bare):
        yield from _cron(all_of, element, text, bare)
        return
    bare = _in_iso(kind, bare)
    readable = {"timeDate": _is_date, "timeDuration": _is_duration, "timeCycle": _is_cycle}[kind]
    if not readable(bare):
        nothing = Text(en="", zh="")
        yield all_of.finding(TIMER_UNREADABLE, element.id, timer=text, wanted=_WANTED[kind], why=nothing)
    elif kind == "timeCycle" and _is_fast(bare):
        yield all_of.finding(TIMER_TOO_FAST, element.id, timer=text, least=SHORTEST_CYCLE_SECONDS)


def _in_iso(kind: str, text: str) -> str:
    length = in_iso(text)
    if length is None or kind == "timeDate":
        return text
    if kind == "timeCycle":
        return f"R/{length.rpartition('/')[2]}"
    return text if length.startswith("R") else length


def _cron(all_of: Checked, element: Element, written: str, bare: str) -> Iterator[Finding]:
    try:
        read = cron.read(bare)
    except cron.NotACron as wrong:
        because = Name(en=f" {wrong.why.en}.", zh=f"{wrong.why.zh}。")
        yield all_of.finding(TIMER_UNREADABLE, element.id, timer=written, wanted=_WANTED["timeCycle"], why=because)
        return
    if read.after(clock.now(), ZoneInfo("UTC")) is None:
        yield all_of.finding(TIMER_UNREADABLE, element.id, timer=written, wanted=_WANTED["timeCycle"], why=_NEVER_COMES)
    elif read.is_fast:
        yield all_of.finding(TIMER_TOO_FAST, element.id, timer=written, least=SHORTEST_CYCLE_SECONDS)


def _is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None and any(one.isdigit() for one in text)


def _is_date(text: str) -> bool:
    """FEEL names the zone behind the offset: 2027-01-31T09:00:00@Asia/Shanghai."""
    bare = text.partition("@")[0].partition("[")[0]
    try:
        datetime.fromisoformat(bare)
    except ValueError:
        return False
    return True


def _is_cycle(text: str) -> bool:
    """How often, and how long between; perhaps with the date of the first or after the last."""
    cycle = _CYCLE.fullmatch(text)
    if cycle is None:
        return False
    kinds = [(_is_duration(part), _is_date(part)) for part in cycle["parts"].split("/")]
    return all(any(kind) for kind in kinds) and sum(is_duration for is_duration, _ in kinds) == 1


def _is_fast(cycle: str) -> bool:
    return any(_seconds(part) < SHORTEST_CYCLE_SECONDS for part in cycle.split("/")[1:] if _is_duration(part))


def _seconds(text: str) -> float:
    """At least this long: months and years are longer than any limit here, fractions shorter."""
    if re.match(r"P[^T]*[1-9]\d*[YM]", text):
        return float("inf")
    whole = duration(re.sub(r"[.,]\d+S", "S", re.sub(r"P(0+Y)?(0+M)?", "P", text)))
    return whole.total_seconds() if whole else 0.0
