"""Whether the times that steps may take, the period that is promised and the one the law sets go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked, listed
from engine.diagram.clocks import (
    MONTHS,
    WORKING_HOURS,
    Length,
    is_longer,
    is_working,
    length,
    promised_of,
    statutory_of,
)
from engine.diagram.drawn import child_text, triggers
from engine.diagram.durations import duration, in_words, is_literal, unquoted
from engine.diagram.kinds import HUMAN
from engine.diagram.passages import Passages, element_at, passages
from engine.diagram.shape import Element, Finding, Process, Rule, Severity

PERIOD_UNREADABLE: Final = Rule(
    "period-unreadable",
    Severity.ATTENTION,
    Text(
        en="The {which} period of “{name}” (line {line}) cannot be read: “{written}”. It is not watched.",
        zh="“{name}”（第 {line} 行）的{which}期限“{written}”无法读取，将不予监控。",
    ),
    Text(
        en="Write one unit: days such as P20D, months such as P2M, or, in working time, hours such as PT8H.",
        zh="请以一种单位书写：天（如 P20D）、月（如 P2M），或按工作时间计算的小时（如 PT8H）。",
    ),
)
PROMISED_OVER_STATUTORY: Final = Rule(
    "promised-over-statutory",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) promises an answer within {promised}, later than the {statutory} that the law allows.",
        zh="“{name}”（第 {line} 行）承诺 {promised}内办结，超过法定的 {statutory}。",
    ),
    Text(en="Promise no more than the law allows.", zh="承诺期限不得长于法定期限。"),
)
TIMES_OVER_PROMISED: Final = Rule(
    "times-over-promised",
    Severity.ATTENTION,
    Text(
        en="The standard times on one way through “{name}” (line {line}) add up to {total}, while the promise is {promised}: "
        "{way}.",
        zh="“{name}”（第 {line} 行）中一条路径的标准用时合计 {total}，而承诺期限为 {promised}：{way}。",
    ),
    Text(
        en="Shorten a standard time, let steps go side by side, or promise a longer period.",
        zh="请缩短某一环节的标准用时，改为并行办理，或延长承诺期限。",
    ),
)
TIMER_BEFORE_STANDARD: Final = Rule(
    "timer-before-standard",
    Severity.ATTENTION,
    Text(
        en="The timer “{name}” (line {line}) breaks off “{step}” after {after}, though the step may take {standard}.",
        zh="定时器“{name}”（第 {line} 行）在 {after}后中断“{step}”，而该环节的标准用时为 {standard}。",
    ),
    Text(
        en="Let the timer run at least as long as the standard time, or shorten the standard time.",
        zh="请使定时器不短于标准用时，或缩短标准用时。",
    ),
)
STANDARD_TIME_MISSING: Final = Rule(
    "standard-time-missing",
    Severity.INFO,
    Text(
        en="{who} no standard time (line {line}), so nobody can see whether it takes too long.",
        zh="{who}（第 {line} 行）没有标准用时，无法判断是否超时。",
    ),
    Text(en="Say how long the step should take, such as P3D.", zh="请写明该环节应在多长时间内完成，如 P3D。"),
)

_PROMISED: Final = Text(en="promised", zh="承诺")
_STATUTORY: Final = Text(en="statutory", zh="法定")


def findings(all_of: Checked) -> Iterator[Finding]:
    yield from _missing(all_of)
    for element in all_of.diagram.elements.values():
        if element.kind == "boundaryEvent" and element.interrupting and element.event == "timer":
            yield from _broken_off(all_of, element)
    processes = [one for one in all_of.diagram.processes.values() if one.promised or one.statutory]
    longest = _Longest(all_of) if any(one.promised for one in processes) else None
    for process in processes:
        yield from _periods(all_of, process, longest)


def human_steps(all_of: Checked) -> Mapping[str, list[Element]]:
    """By process, in the order of the file."""
    found: dict[str, list[Element]] = {}
    for one in all_of.diagram.elements.values():
        if one.kind in HUMAN:
            found.setdefault(one.process, []).append(one)
    return found


def none_has(name: str, count: int) -> Name:
    """Told of the process where it is so of every step of it."""
    return Name(en=f"Each of the {count} steps of “{name}” has", zh=f"“{name}”的 {count} 个环节均")


def it_has(name: str) -> Name:
    return Name(en=f"“{name}” has", zh=f"“{name}”")


def _missing(all_of: Checked) -> Iterator[Finding]:
    for process, steps in human_steps(all_of).items():
        without = [one for one in steps if not one.standard_time]
        if len(without) == len(steps) > 1:
            yield all_of.finding(STANDARD_TIME_MISSING, process, who=none_has(all_of.called(process), len(steps)))
        else:
            for one in without:
                yield all_of.finding(STANDARD_TIME_MISSING, one.id, who=it_has(all_of.called(one.id)))


def _broken_off(all_of: Checked, timer: Element) -> Iterator[Finding]:
    host = all_of.diagram.elements.get(timer.attached_to or "")
    standard = duration(host.standard_time) if host is not None and host.standard_time else None
    if host is None or standard is None:
        return
    for trigger in triggers(all_of.place(timer.id).node):
        written = child_text(trigger, "timeDuration")
        after = duration(unquoted(written)) if written and is_literal(written) else None
        if after is None:
            continue
        may_take = _in_days(standard, working=host.working_time, of_working=timer.working_time)
        if _in_days(after, working=timer.working_time, of_working=timer.working_time) < may_take:
            said = in_words(standard, working=host.working_time)
            if host.working_time != timer.working_time:
                said = _taken_as(said, may_take, working=timer.working_time)
            facts = {"step": all_of.called(host.id), "after": in_words(after, working=timer.working_time)}
            yield all_of.finding(TIMER_BEFORE_STANDARD, timer.id, **facts, standard=said)


def _periods(all_of: Checked, process: Process, longest: _Longest | None) -> Iterator[Finding]:
    said = process.periods
    if said is None:
        return
    for which, written in ((_PROMISED, said.promised), (_STATUTORY, said.statutory)):
        if written and length(written, working=is_working(said)) is None:
            yield all_of.finding(PERIOD_UNREADABLE, process.id, which=which, written=written)
    promised, statutory = promised_of(said), statutory_of(said)
    if promised is None:
        return
    if statutory is not None and is_longer(promised, statutory):
        yield all_of.finding(PROMISED_OVER_STATUTORY, process.id, promised=promised.words, statutory=statutory.words)
    total, way = longest.of(process.id) if longest else (timedelta(0), [])
    if total > _as_days(promised):
        steps = listed(all_of.called(one) for one in way)
        working = is_working(said)
        words = _days_in_words(total, working=working) if working else in_words(total)
        if any(all_of.diagram.elements[one].working_time != working for one in way):
            words = Name(f"{words.en}{_HELD_AGAINST.en}", f"{words.zh}{_HELD_AGAINST.zh}")
        yield all_of.finding(TIMES_OVER_PROMISED, process.id, total=words, promised=promised.words, way=steps)


_WORKED_A_DAY: Final = 8
_OF_A_DAY: Final = 24 // _WORKED_A_DAY
"""An hour that is worked is so many times as much of a day as one by the clock."""
_WORKED_A_WEEK: Final = 5
_HELD_AGAINST: Final = Name(en=" (5 working days taken as 7 days)", zh="（按 5 个工作日折合 7 天）")


def _in_days(length: timedelta, *, working: bool, of_working: bool) -> timedelta:
    """In working days or in days by the clock, whichever it is held against: five working days are an ordinary week."""
    if working:
        length += timedelta(seconds=length.seconds) * (_OF_A_DAY - 1)  # beside whole days
    if working == of_working:
        return length
    return length * 7 / _WORKED_A_WEEK if working else length * _WORKED_A_WEEK / 7


def _taken_as(said: Name, days: timedelta, *, working: bool) -> Name:
    other = _days_in_words(days, working=working)
    return Name(f"{said.en}, taken as {other.en}", f"{said.zh}（折合{other.zh}）")


def _days_in_words(length: timedelta, *, working: bool) -> Name:
    days = round(length / timedelta(days=1), 1)
    kind, chinese = ("working ", "个工作日") if working else ("", "天")
    return Name(f"{days:g} {kind}day{'' if days == 1 else 's'}", f"{days:g} {chinese}")


_LONGEST_MONTH: Final = 31


def _as_days(promised: Length) -> timedelta:
    """A day is a day here, worked or not: what steps may take is told in either."""
    if promised.unit == WORKING_HOURS:
        return timedelta(days=promised.count / _WORKED_A_DAY)
    return timedelta(days=promised.count * (_LONGEST_MONTH if promised.unit == MONTHS else 1))


class _Longest:
    """The longest way from a beginning that goes nowhere twice. What is waited for outside the office is not counted."""

    def __init__(self, all_of: Checked) -> None:
        self._all = all_of
        self._ways = passages(all_of)
        self._order = _order(self._ways)
        self._length: dict[str, timedelta] = {}
        self._before: dict[str, str | None] = {}
        place = {node: position for position, node in enumerate(self._order)}
        for node in self._order:
            known = [one for one in self._ways.before[node] if place.get(one, len(place)) < place[node]]
            best = max(known, key=lambda one: self._length[one], default=None)
            self._before[node] = best
            self._length[node] = (self._length[best] if best else timedelta(0)) + self._takes(node)

    def _takes(self, node: str) -> timedelta:
        one = self._all.diagram.elements[element_at(node)]
        if one.kind not in HUMAN or one.external or not one.standard_time:
            return timedelta(0)
        takes = duration(one.standard_time) or timedelta(0)
        periods = self._all.diagram.processes[one.process].periods
        against = periods is not None and is_working(periods)
        return _in_days(takes, working=one.working_time, of_working=against)

    def of(self, process: str) -> tuple[timedelta, list[str]]:
        elements = self._all.diagram.elements
        last = [node for node in self._order if elements[element_at(node)].process == process]
        at: str | None = max(last, key=lambda node: self._length[node], default=None)
        total = self._length[at] if at else timedelta(0)
        way: list[str] = []
        while at is not None:
            if self._takes(at):
                way.append(element_at(at))
            at = self._before[at]
        return total, way[::-1]


def _order(ways: Passages) -> list[str]:
    """Every node that can be got to, each after those that lead to it, but for the ways that lead back."""
    seen: set[str] = set()
    done: list[str] = []
    for first in ways.first:
        if first in seen:
            continue
        seen.add(first)
        trail = [(first, iter(ways.after[first]))]
        while trail:
            node, following = trail[-1]
            step = next((one for one in following if one not in seen), None)
            if step is None:
                done.append(node)
                trail.pop()
            else:
                seen.add(step)
                trail.append((step, iter(ways.after[step])))
    return done[::-1]
