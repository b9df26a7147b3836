"""Where a case begins and ends, and what it can never get to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Text
from engine.diagram.checked import Checked, listed
from engine.diagram.reach import beginnings, is_handler, links, reached, roots, ways
from engine.diagram.shape import Element, Finding, Rule, Severity

NOTHING_DRAWN: Final = Rule(
    "nothing-drawn",
    Severity.BLOCKS,
    Text(
        en="No process of this file holds a step; “{name}” (line {line}) is empty.",
        zh="该文件的所有流程中都没有环节；“{name}”（第 {line} 行）为空。",
    ),
    Text(en="Draw the steps of the procedure inside the pool.", zh="请在泳池内画出程序的各个环节。"),
)
NO_START: Final = Rule(
    "no-start",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) has no start event, and every step in it has a flow leading to it: nothing can begin.",
        zh="“{name}”（第 {line} 行）没有开始事件，且其中每个环节都有流入的流向：无法起始。",
    ),
    Text(en="Draw a start event and lead a flow from it to the first step.", zh="请画一个开始事件，并连到第一个环节。"),
)
IMPLICIT_START: Final = Rule(
    "implicit-start",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) has no start event. It begins with what no flow leads to: {steps}.",
        zh="“{name}”（第 {line} 行）没有开始事件，将从没有流入流向的元素起始：{steps}。",
    ),
    Text(
        en="Draw a start event before the first step, so that nobody has to guess where the procedure begins.",
        zh="请在第一个环节之前画一个开始事件，使程序的起点一目了然。",
    ),
)
SUB_PROCESS_START: Final = Rule(
    "sub-process-start",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) {problem}.",
        zh="“{name}”（第 {line} 行）{problem}。",
    ),
    Text(
        en="An event sub-process needs exactly one start event that says what starts it; any other sub-process needs a "
        "start event without a symbol.",
        zh="事件子流程需要且仅需要一个注明触发条件的开始事件；其他子流程需要一个不带标记的开始事件。",
    ),
)
EMPTY_SUB_PROCESS: Final = Rule(
    "empty-sub-process",
    Severity.ATTENTION,
    Text(
        en="The sub-process “{name}” (line {line}) holds no steps; a case passes through it at once.",
        zh="子流程“{name}”（第 {line} 行）中没有环节；办件将直接通过。",
    ),
    Text(
        en="Draw the steps inside it. If it is the work of one person, make it a task.",
        zh="请画出其中的环节；如果只是一个人的工作，请改为任务。",
    ),
)
NO_END: Final = Rule(
    "no-end",
    Severity.INFO,
    Text(
        en="“{name}” (line {line}) has no end event. It ends where no flow leads on: {steps}.",
        zh="“{name}”（第 {line} 行）没有结束事件，将在没有流出流向之处结束：{steps}。",
    ),
    Text(
        en="Draw an end event for each way the matter can end, and name it by its result.",
        zh="请为每种办理结果画一个结束事件，并以结果命名。",
    ),
)
DEAD_END: Final = Rule(
    "dead-end",
    Severity.INFO,
    Text(
        en="No flow leaves “{name}” (line {line}): the way ends there, though other ways end in an end event.",
        zh="“{name}”（第 {line} 行）没有流出的流向：此路到此为止，而其他路径以结束事件收尾。",
    ),
    Text(
        en="If a flow was forgotten, draw it; otherwise add an end event.",
        zh="如有遗漏的流向，请补画；否则请添加结束事件。",
    ),
)
UNREACHABLE_ELEMENT: Final = Rule(
    "unreachable-element",
    Severity.ATTENTION,
    Text(
        en="No case can ever get to “{name}” (line {line}): no way from the start leads there.{behind}",
        zh="任何办件都到不了“{name}”（第 {line} 行）：从起点没有通往此处的路径。{behind}",
    ),
    Text(
        en="Draw the flow that leads there, or delete what is not needed.",
        zh="请画出通往此处的流向，或删除不需要的部分。",
    ),
)
SEVERAL_PROCESSES: Final = Rule(
    "several-processes",
    Severity.INFO,
    Text(
        en="The file holds {count} processes: {processes}. The second stands in line {line}. A case begins in "
        "one of them.",
        zh="该文件包含 {count} 个流程：{processes}，第二个在第 {line} 行。办件从其中之一开始。",
    ),
    Text(
        en="Choose the process a case begins in when the edition is put in force.",
        zh="在使该版本生效时，请选择办件从哪个流程开始。",
    ),
)
LINK_UNMATCHED: Final = Rule(
    "link-unmatched",
    Severity.BLOCKS,
    Text(
        en="The link event “{name}” (line {line}) {problem}.",
        zh="链接事件“{name}”（第 {line} 行）{problem}。",
    ),
    Text(
        en="Draw exactly one catching link event of the same name in the same process, or connect the steps by a flow.",
        zh="请在同一流程中画出且仅画出一个同名的捕获链接事件，或直接用流向连接。",
    ),
)

_NO_CATCH: Final = Text(
    en="leads nowhere: no catching link of that name stands in the same process",
    zh="无处可去：同一流程中没有同名的捕获链接事件",
)
_TWO_CATCHES: Final = Text(
    en="catches the same link as another one, so it is not clear where the case goes on",
    zh="与另一个链接事件捕获同一链接，无法确定办件的去向",
)
_TRIGGERED: Final = Text(
    en="begins with a start event that waits for something, which only an event sub-process may",
    zh="以带触发条件的开始事件起始，而只有事件子流程才可以这样",
)
_NOT_ONE: Final = Text(
    en="is an event sub-process without exactly one start event", zh="是事件子流程，但其开始事件不是恰好一个"
)
_UNTRIGGERED: Final = Text(
    en="is an event sub-process whose start event does not say what starts it",
    zh="是事件子流程，但其开始事件未注明触发条件",
)


def findings(all_of: Checked) -> Iterator[Finding]:
    yield from _processes(all_of)
    for process in all_of.diagram.processes.values():
        if process.has_content:
            yield from _start(all_of, process.id)
            yield from _end(all_of, process.id)
    for sub_process in all_of.sub_processes():
        yield from _sub_process(all_of, sub_process)
    yield from _unreachable(all_of)
    yield from _links(all_of)


def _processes(all_of: Checked) -> Iterator[Finding]:
    processes = list(all_of.diagram.processes.values())
    filled = [one for one in processes if one.has_content]
    if not filled:
        yield all_of.finding(NOTHING_DRAWN, processes[0].id)
    if len(filled) > 1:
        names = listed(one.pool or one.name or one.id for one in filled)
        yield all_of.finding(SEVERAL_PROCESSES, filled[1].id, count=len(filled), processes=names)


def _start(all_of: Checked, scope: str) -> Iterator[Finding]:
    if any(one.kind == "startEvent" for one in all_of.inside[scope]):
        return
    first = roots(all_of, scope)
    if first:
        yield all_of.finding(IMPLICIT_START, scope, steps=listed(all_of.called(one.id) for one in first))
    else:
        yield all_of.finding(NO_START, scope)


def _end(all_of: Checked, scope: str) -> Iterator[Finding]:
    inside = all_of.inside[scope]
    last = [one for one in inside if _ends_there(all_of, one)]
    if any(one.kind == "endEvent" for one in inside):
        yield from (all_of.finding(DEAD_END, one.id) for one in last)
    elif last:
        yield all_of.finding(NO_END, scope, steps=listed(all_of.called(one.id) for one in last))


def _ends_there(all_of: Checked, one: Element) -> bool:
    return not (
        all_of.outgoing.get(one.id)
        or one.kind in ("endEvent", "eventBasedGateway")
        or one.event == "link"
        or one.triggered_by_event
        or is_handler(all_of, one)
    )


def _sub_process(all_of: Checked, sub_process: Element) -> Iterator[Finding]:
    inside = all_of.inside.get(sub_process.id, ())
    starts = [one for one in inside if one.kind == "startEvent"]
    if sub_process.triggered_by_event:
        if len(starts) != 1:
            yield all_of.finding(SUB_PROCESS_START, sub_process.id, problem=_NOT_ONE)
        elif starts[0].event is None:
            yield all_of.finding(SUB_PROCESS_START, sub_process.id, problem=_UNTRIGGERED)
    elif not inside:
        yield all_of.finding(EMPTY_SUB_PROCESS, sub_process.id)
    elif any(one.event for one in starts):
        yield all_of.finding(SUB_PROCESS_START, sub_process.id, problem=_TRIGGERED)
    elif sub_process.kind != "adHocSubProcess":
        yield from _start(all_of, sub_process.id)
    if inside:
        yield from _end(all_of, sub_process.id)


def _unreachable(all_of: Checked) -> Iterator[Finding]:
    ways_out = ways(all_of)
    begin = [one.id for process in all_of.diagram.processes for one in beginnings(all_of, process)]
    begin += [
        one.id
        for one in all_of.diagram.elements.values()
        if one.scope in all_of.diagram.processes and (one.triggered_by_event or is_handler(all_of, one))
    ]
    known = reached(ways_out, [*begin, *_told_of_elsewhere(all_of)])
    lost = [name for name in all_of.diagram.elements if name not in known]
    behind = {one for name in lost for one in ways_out[name] if one != name}
    # First what nothing lost leads to, then one of each circle that is left.
    for name in (*(one for one in lost if one not in behind), *lost):
        if name not in known:
            new = reached(ways_out, [name], beyond=known)
            known |= new
            yield all_of.finding(UNREACHABLE_ELEMENT, name, behind=_behind(len(new) - 1))


def _told_of_elsewhere(all_of: Checked) -> Iterator[str]:
    """What is cut off only by something that has a finding of its own."""
    for process in all_of.diagram.processes:
        if not beginnings(all_of, process):
            yield from (one.id for one in all_of.inside.get(process, ()))
    for name, place in all_of.drawn.flows.items():
        target = all_of.drawn.reference(place.node, "targetRef", all_of.drawn.nodes)
        if target and name not in all_of.diagram.flows:
            yield target
    for one in all_of.diagram.elements.values():
        if one.kind == "boundaryEvent" and one.attached_to is None:
            yield one.id


def _behind(count: int) -> Text:
    if count <= 0:
        return Text(en="", zh="")
    return Text(en=f" Nor to the {count} behind it.", zh=f"其后的 {count} 个元素也无法到达。")


def _links(all_of: Checked) -> Iterator[Finding]:
    caught: set[str] = set()
    for throwing, catching in links(all_of).items():
        if not catching:
            yield all_of.finding(LINK_UNMATCHED, throwing, problem=_NO_CATCH)
        for one in catching[1:]:
            if one not in caught:
                yield all_of.finding(LINK_UNMATCHED, one, problem=_TWO_CATCHES)
                caught.add(one)
