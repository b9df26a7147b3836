"""Whether what a diagram says of its periods can be held to: by a law that is known, from and to steps that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked
from engine.diagram.clocks import extension_of, grounds_of, is_longer, is_working, length, plans_of, rule_set_of
from engine.diagram.kinds import HUMAN
from engine.diagram.rule_sets import DECIDING, RULE_SETS, Expiry, Ground
from engine.diagram.shape import Element, Finding, Periods, Process, Rule, Severity

PERIOD_WORD_UNKNOWN: Final = Rule(
    "period-word-unknown",
    Severity.ATTENTION,
    Text(
        en="Of its periods “{name}” (line {line}) says {what} “{written}”, which nobody here knows. It is left out.",
        zh="“{name}”（第 {line} 行）的期限设置中，{what}“{written}”无法识别，将不予采用。",
    ),
    Text(en="Choose among: {known}.", zh="可选：{known}。"),
)
PERIOD_ELEMENT_MISSING: Final = Rule(
    "period-element-missing",
    Severity.ATTENTION,
    Text(
        en="The period of “{name}” (line {line}) is to {what} “{written}”, which is nowhere in it. {so}",
        zh="“{name}”（第 {line} 行）的期限{what}“{written}”，但程序中没有该环节。{so}",
    ),
    Text(en="Choose a step, an event or a gateway of the procedure.", zh="请选择程序中的环节、事件或网关。"),
)
PERIOD_OVER_LAW: Final = Rule(
    "period-over-law",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) sets {which} of {written}, while {law} allows {allowed}.",
        zh="“{name}”（第 {line} 行）设定{which}为{written}，而{law}规定为{allowed}。",
    ),
    Text(
        en="Shorten it, or name another law. A lawyer must confirm which holds.",
        zh="请缩短，或改用其他规则。适用何种规则须经法律顾问确认。",
    ),
)
CLOCK_STOP_UNFIT: Final = Rule(
    "clock-stop-unfit",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) is to stop the clock on the ground “{written}”, but {problem}. The clock goes on.",
        zh="“{name}”（第 {line} 行）以“{written}”为由中止计时，但{problem}，计时不会中止。",
    ),
    Text(en="Choose among: {known}.", zh="可选：{known}。"),
)

_LAW: Final = Text(en="the law", zh="规则")
_GROUND: Final = Text(en="the ground for stopping", zh="中止事由")
_EFFECT: Final = Text(en="the effect of its end", zh="届满效力")
_BEGIN: Final = Text(en="begin with", zh="起算于")
_PROMISE: Final = Text(en="be promised from", zh="承诺起算于")
_TOLD: Final = Text(en="count as told with", zh="以此视为已告知")
_DECIDED: Final = Text(en="end with", zh="截止于")
_NEVER_BEGINS: Final = Text(en="It never begins there.", zh="期限不会因此起算。")
_NEVER_ENDS: Final = Text(en="It does not end there.", zh="期限不会因此截止。")
_STATUTORY: Final = Text(en="a statutory period", zh="法定期限")
_EXTENSION: Final = Text(en="an extension", zh="延长期限")
_NO_GROUND: Final = Text(en="there is no such ground", zh="没有这样的事由")
_NOT_HERE: Final = Text(en="its procedure does not allow that ground", zh="本程序不允许该事由")
_NO_WAIT: Final = Text(en="nothing waits there", zh="该处不等待")
_NO_PERIOD: Final = Text(en="no period is set for the procedure", zh="程序没有设定期限")
_WAITING: Final = HUMAN | {"receiveTask", "intermediateCatchEvent"}


def findings(all_of: Checked) -> Iterator[Finding]:
    for process in all_of.diagram.processes.values():
        if process.periods is not None:
            yield from _words(all_of, process, process.periods)
            yield from _elements(all_of, process, process.periods)
            yield from _law(all_of, process, process.periods)
    for element in all_of.diagram.elements.values():
        if element.stops_clock:
            yield from _stop(all_of, element, element.stops_clock)


def _words(all_of: Checked, process: Process, said: Periods) -> Iterator[Finding]:
    grounds = [one.value for one in Ground]
    effects = [one.value for one in Expiry]
    for what, written, known in (
        (_LAW, (said.rule_set,), list(RULE_SETS)),
        (_EFFECT, (said.expiry,), effects),
        (_GROUND, said.stops or (), grounds),
    ):
        for one in written:
            if one and one not in known:
                yield all_of.finding(PERIOD_WORD_UNKNOWN, process.id, what=what, written=one, known=", ".join(known))


def _elements(all_of: Checked, process: Process, said: Periods) -> Iterator[Finding]:
    for what, named, so in (
        (_BEGIN, said.counts_from, _NEVER_BEGINS),
        (_PROMISE, tuple(one for one in said.promise_from if one != "start"), _NEVER_BEGINS),
        (_TOLD, said.notice_by, _NEVER_ENDS),
        (_DECIDED, said.decided_by, _NEVER_ENDS),
    ):
        for one in named:
            element = all_of.diagram.elements.get(one)
            if element is None or element.process != process.id:
                yield all_of.finding(PERIOD_ELEMENT_MISSING, process.id, what=what, written=one, so=so)


def _law(all_of: Checked, process: Process, said: Periods) -> Iterator[Finding]:
    law, working = rule_set_of(said), is_working(said)
    joint = said.joint and law.joint is not None
    for which, written, allowed in (
        (_STATUTORY, length(said.statutory, working=working), law.joint if joint else law.statutory),
        (_EXTENSION, extension_of(said), law.joint_extension if joint else law.extension),
    ):
        most = length(allowed, working=law.working)
        if written is not None and most is not None and is_longer(written, most):
            facts = {"which": which, "written": written.words, "law": law.name, "allowed": most.words}
            yield all_of.finding(PERIOD_OVER_LAW, process.id, **facts)
    if said.extension and extension_of(said) is None:
        yield all_of.finding(PERIOD_WORD_UNKNOWN, process.id, what=_EXTENSION, written=said.extension, known="P10D")


def _stop(all_of: Checked, element: Element, written: str) -> Iterator[Finding]:
    process = all_of.diagram.processes.get(element.process)
    deciding = [one for one in plans_of(process) if one.kind in DECIDING]
    allowed = grounds_of(process.periods) if process is not None and process.periods is not None else frozenset()
    known = [one.value for one in Ground if not allowed or one in allowed]
    problem: Text | None = None
    if written not in {one.value for one in Ground}:
        problem = _NO_GROUND
    elif element.kind not in _WAITING:
        problem = _NO_WAIT
    elif not deciding:
        problem = _NO_PERIOD
    elif written not in allowed:
        problem = _NOT_HERE
    if problem is not None:
        yield all_of.finding(
            CLOCK_STOP_UNFIT, element.id, written=Name(written, written), problem=problem, known=", ".join(known)
        )
