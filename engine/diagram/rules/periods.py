"""Whether the times that steps may take, the period that is promised and the one the law sets go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked, listed
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
        en="Write days or hours, such as P20D or PT8H (months have no fixed length).",
        zh="请以天或小时书写，如 P20D 或 PT8H（月没有固定长度）。",
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
        zh="请缩短某一步骤的标准用时，改为并行办理，或延长承诺期限。",
    ),
)
TIMER_BEFORE_STANDARD: Final = Rule(
    "timer-before-standard",
    Severity.ATTENTION,
    Text(
        en="The timer “{name}” (line {line}) breaks off “{step}” after {after}, though the step may take {standard}.",
        zh="定时器“{name}”（第 {line} 行）在 {after}后中断“{step}”，而该步骤的标准用时为 {standard}。",
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
    Text(en="Say how long the step should take, such as P3D.", zh="请写明该步骤应在多长时间内完成，如 P3D。"),
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
    return Name(en=f"None of the {count} steps of “{name}” has", zh=f"“{name}”的 {count} 个步骤均")


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
        if after is not None and after < standard:
            facts = {"step": all_of.called(host.id), "after": in_words(after)}
            standard_said = in_words(standard, working=host.working_time)
            yield all_of.finding(TIMER_BEFORE_STANDARD, timer.id, **facts, standard=standard_said)


def _periods(all_of: Checked, process: Process, longest: _Longest | None) -> Iterator[Finding]:
    lengths: dict[Text, timedelta] = {}
    for which, written in ((_PROMISED, process.promised), (_STATUTORY, process.statutory)):
        length = duration(written) if written else None
        if length is not None:
            lengths[which] = length
        elif written:
            yield all_of.finding(PERIOD_UNREADABLE, process.id, which=which, written=written)
    promised, statutory = lengths.get(_PROMISED), lengths.get(_STATUTORY)
    if promised is None:
        return
    said = in_words(promised, working=process.working_time)
    if statutory is not None and promised > statutory:
        law = in_words(statutory, working=process.working_time)
        yield all_of.finding(PROMISED_OVER_STATUTORY, process.id, promised=said, statutory=law)
    total, way = longest.of(process.id) if longest else (timedelta(0), [])
    if total > promised:
        steps = listed(all_of.called(one) for one in way)
        yield all_of.finding(TIMES_OVER_PROMISED, process.id, total=in_words(total), promised=said, way=steps)


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
        return duration(one.standard_time) or timedelta(0)

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
