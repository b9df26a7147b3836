"""Cases that never come to their end, and steps that no case ever comes to: what `engine.diagram.soundness` finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked
from engine.diagram.shape import Finding, Rule, Severity
from engine.diagram.soundness import Fault, FaultKind, Outcome, Unproven, Verdict, verdicts
from engine.diagram.soundness.telling import place, places, split_of, when

NEVER_ENDS: Final = Rule(
    "never-ends",
    Severity.BLOCKS,
    Text(
        en="No case ever comes to its end, whatever is chosen: {outcome} (line {line}).",
        zh="无论如何选择，办件都不会结束：{outcome}（第 {line} 行）。",
    ),
    Text(en="{remedy}", zh="{remedy}"),
)
DEADLOCK: Final = Rule(
    "deadlock",
    Severity.ATTENTION,
    Text(
        en="{when}, the case waits for ever at {place} (line {line}).",
        zh="{when}，办件将永远停在{place}（第 {line} 行）。",
    ),
    Text(
        en="A parallel join waits for every flow that leads to it. Where only one of them is taken, join by an exclusive "
        "gateway; where some are, by an inclusive one.",
        zh="并行汇合会等待流入它的每条流向。如果只会走其中一条，请用排他网关汇合；如果可能走若干条，请用包容网关汇合。",
    ),
)
MUTUAL_WAIT: Final = Rule(
    "mutual-wait",
    Severity.ATTENTION,
    Text(
        en="{when}, {places} wait for each other for ever (line {line}).",
        zh="{when}，{places}将永远互相等待（第 {line} 行）。",
    ),
    Text(
        en="Lead no flow from one of them back to before the other: let a flow back begin and end at exclusive gateways.",
        zh="请不要从其中一个引出流向回到另一个之前：返回的流向应从排他网关引出，并回到排他网关。",
    ),
)
LIVELOCK: Final = Rule(
    "livelock",
    Severity.ATTENTION,
    Text(
        en="{when}, the case goes on through {places} for ever, and no way leads to an end (line {line}).",
        zh="{when}，办件将在{places}之间永远循环，没有通向结束的路径（第 {line} 行）。",
    ),
    Text(
        en="Draw a way out of the circle, from a gateway in it to where the procedure goes on or ends.",
        zh="请从循环中的网关画出一条通向后续环节或结束的路径。",
    ),
)
UNSYNCHRONISED: Final = Rule(
    "unsynchronised",
    Severity.ATTENTION,
    Text(
        en="{when}, the case comes to {place} (line {line}) a second time while the first is still under way: what follows "
        "is done twice.",
        zh="{when}，办件会在前一次尚未办完时再次到达{place}（第 {line} 行），后续环节将重复办理。",
    ),
    Text(
        en="Join the ways before it: by a parallel gateway where all are taken, by an inclusive one where some are. Or let "
        "only one of them be chosen, by an exclusive gateway.",
        zh="请在其之前汇合各路径：全部走时用并行网关，走若干条时用包容网关；或用排他网关只选其中一条。",
    ),
)
DEAD_STEP: Final = Rule(
    "dead-step",
    Severity.ATTENTION,
    Text(
        en="No case ever gets to {place} (line {line}), whatever is chosen and whatever comes first.{behind}",
        zh="无论如何选择、何者先到，办件都到不了{place}（第 {line} 行）。{behind}",
    ),
    Text(
        en="See what it waits for: a flow that is never taken, an event that cannot come. Mend that, or delete the step.",
        zh="请查看它在等待什么：从不会走的流向，或不可能发生的事件。请改正，或删除该环节。",
    ),
)
NEVER_THROWN: Final = Rule(
    "never-thrown",
    Severity.INFO,
    Text(
        en="Nothing inside “{host}” throws what {place} (line {line}) catches, so it never comes about.{behind}",
        zh="“{host}”内部没有抛出{place}（第 {line} 行）所捕获的事件，因此它永远不会发生。{behind}",
    ),
    Text(
        en="Nothing need be done if it is meant for another program. Else choose what is done in such a case at a gateway "
        "behind the step.",
        zh="如果它是为其他软件而画，则无需处理；否则请在该环节之后用网关选择如何处理。",
    ),
)
NOT_PROVEN: Final = Rule(
    "not-proven",
    Severity.INFO,
    Text(
        en="It was not proven that every case of “{process}” (line {line}) comes to its end: {why}.",
        zh="未能证明“{process}”（第 {line} 行）的每个办件都会结束：{why}。",
    ),
    Text(
        en="Nothing need be done. Parts that begin at one gateway and end at one of the same kind are proven soonest; or put "
        "some of the steps into a sub-process.",
        zh="无需处理。从一个网关分开并在同类网关汇合的部分最容易证明；也可以将部分环节放入子流程。",
    ),
)

_WHY: Final = {
    Unproven.TIME: Text(en="there was not enough time for it", zh="时间不足"),
    Unproven.STATES: Text(en="too much can go on side by side", zh="同时进行的情况过多"),
}
_HANGS: Final = {
    FaultKind.DEADLOCK: DEADLOCK,
    FaultKind.MUTUAL_WAIT: MUTUAL_WAIT,
    FaultKind.LIVELOCK: LIVELOCK,
}
_OUTCOMES: Final = {
    FaultKind.DEADLOCK: Text(en="it waits for ever at {place}", zh="将永远停在{place}"),
    FaultKind.MUTUAL_WAIT: Text(en="{places} wait for each other", zh="{places}互相等待"),
    FaultKind.LIVELOCK: Text(en="it goes on through {places} for ever", zh="将在{places}之间永远循环"),
}
BY_RULE: Final = {
    DEADLOCK.code: FaultKind.DEADLOCK,
    MUTUAL_WAIT.code: FaultKind.MUTUAL_WAIT,
    LIVELOCK.code: FaultKind.LIVELOCK,
    UNSYNCHRONISED.code: FaultKind.UNSYNCHRONISED,
}
"""The rules whose findings have a way there that can be shown; `never-ends` has one of any kind."""


def findings(all_of: Checked) -> Iterator[Finding]:
    told: set[tuple[str, str | None]] = set()
    for process, verdict in verdicts(all_of.diagram).items():
        for finding in _of_process(all_of, process, verdict):
            if (finding.rule.code, finding.element) not in told:
                told.add((finding.rule.code, finding.element))
                yield finding


def fault_of(verdict: Verdict, rule: str, element: str) -> Fault | None:
    """What a finding was made of, where it has a way there to be shown."""
    for fault in verdict.faults:
        if fault.element == element and fault.turns:
            if rule == NEVER_ENDS.code and fault.always:
                return fault
            if BY_RULE.get(rule) is fault.kind and not (fault.always and rule != UNSYNCHRONISED.code):
                return fault
    return None


def _of_process(all_of: Checked, process: str, verdict: Verdict) -> Iterator[Finding]:
    splits: set[object] = set()  # what comes twice because of the same split is told once
    always = False
    for fault in verdict.faults:
        if fault.kind in _HANGS:
            if not (fault.always and always):
                yield _hang(all_of, fault)
            always = always or fault.always
        elif fault.kind is FaultKind.UNSYNCHRONISED and _cause(fault) not in splits:
            splits.add(_cause(fault))
            yield all_of.finding(
                UNSYNCHRONISED,
                fault.element,
                when=when(all_of.diagram, fault),
                place=place(all_of.diagram, fault.element),
            )
    if not always:
        yield from _dead(all_of, verdict)
    if verdict.outcome is Outcome.NOT_PROVEN and verdict.why in _WHY:
        yield all_of.finding(NOT_PROVEN, process, process=all_of.called(process), why=_WHY[verdict.why])


def _hang(all_of: Checked, fault: Fault) -> Finding:
    facts = {"place": place(all_of.diagram, fault.element), "places": places(all_of.diagram, fault.elements)}
    rule = _HANGS[fault.kind]
    if not fault.always:
        return all_of.finding(rule, fault.element, when=when(all_of.diagram, fault), **facts)
    outcome = _OUTCOMES[fault.kind]
    said = Name(en=outcome.say("en", **facts), zh=outcome.say("zh", **facts))
    return all_of.finding(NEVER_ENDS, fault.element, outcome=said, remedy=rule.remedy)


def _cause(fault: Fault) -> object:
    split = split_of(fault)
    return None if split is None else (split.element, split.chosen)


def _dead(all_of: Checked, verdict: Verdict) -> Iterator[Finding]:
    waiting = {element for fault in verdict.faults if fault.kind in _HANGS for element in fault.elements}
    for fault in verdict.faults:
        if fault.kind is not FaultKind.DEAD_STEP or waiting & _before(all_of, fault.element):
            continue
        facts = {"place": place(all_of.diagram, fault.element), "behind": _behind(fault.behind)}
        one = all_of.diagram.elements[fault.element]
        if one.event in ("error", "escalation") and one.attached_to:
            yield all_of.finding(NEVER_THROWN, one.id, host=all_of.called(one.attached_to), **facts)
        else:
            yield all_of.finding(DEAD_STEP, one.id, **facts)


def _before(all_of: Checked, element: str) -> set[str]:
    return {element, *(flow.source for flow in all_of.incoming.get(element, ()))}


def _behind(count: int) -> Text:
    if count <= 0:
        return Text(en="", zh="")
    return Text(en=f" No case gets to the {count} behind it either.", zh=f"其后的 {count} 个元素也无法到达。")
