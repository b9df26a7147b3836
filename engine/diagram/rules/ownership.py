"""Whether every step has somebody responsible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked, listed, placed
from engine.diagram.kinds import HUMAN
from engine.diagram.owners import lane_name, owner_of, owners
from engine.diagram.read import lanes_naming
from engine.diagram.shape import Diagram, Finding, Owner, Rule, Severity
from engine.diagram.staffing import Staffing

NO_OWNER: Final = Rule(
    "no-owner",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) stands in no lane, so its work would wait for nobody.",
        zh="“{name}”（第 {line} 行）不在任何泳道中，其工作将无人负责。",
    ),
    Text(
        en="Move the step into the lane of the post that is responsible for it.",
        zh="请将该环节移入负责岗位的泳道。",
    ),
)
TWO_OWNERS: Final = Rule(
    "two-owners",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) stands in several lanes at once: {lanes}. Nobody could say whose work it is.",
        zh="“{name}”（第 {line} 行）同时位于多个泳道：{lanes}。无法确定由谁负责。",
    ),
    Text(
        en="Draw the step inside one lane. If two posts have a part in it, draw two steps.",
        zh="请将该环节画在一个泳道内；如由两个岗位共同办理，请画成两个环节。",
    ),
)
NO_LANES: Final = Rule(
    "no-lanes",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) has no lanes, so the diagram does not say who does what: {steps}. The process is given "
        "to one post as a whole.",
        zh="“{name}”（第 {line} 行）没有泳道，流程图未说明由谁办理：{steps}。整个流程将交由一个岗位负责。",
    ),
    Text(
        en="Draw a lane for each post that has a part in the procedure, and put its steps inside.",
        zh="请为每个参与的岗位画一个泳道，并将其环节放入其中。",
    ),
)
LANE_WITHOUT_STEPS: Final = Rule(
    "lane-without-steps",
    Severity.INFO,
    Text(
        en="The lane “{name}” (line {line}) holds no step that a person does.",
        zh="泳道“{name}”（第 {line} 行）中没有需要人办理的环节。",
    ),
    Text(
        en="Nothing need be done; it is given to no post. Delete it if it is a remainder.",
        zh="无需处理，该泳道不对应岗位；如为残留请删除。",
    ),
)
LANE_UNMAPPED: Final = Rule(
    "lane-unmapped",
    Severity.BLOCKS,
    Text(
        en="{owner} is not mapped to a post, so its steps would wait for nobody.",
        zh="{owner}尚未对应岗位，其环节将无人负责。",
    ),
    Text(en="Choose the post that is responsible for these steps.", zh="请选择负责这些环节的岗位。"),
)
_NOTHING: Final = Text(en="", zh="")
POST_VACANT: Final = Rule(
    "post-vacant",
    Severity.ATTENTION,
    Text(
        en="Nobody holds the post “{post}” that owns “{name}” (line {line}): its work would wait for nobody.{handed}",
        zh="岗位“{post}”负责“{name}”（第 {line} 行），但目前无人任职，其工作将无人办理。{handed}",
    ),
    Text(en="Give the post to somebody, or choose another post.", zh="请任命该岗位的人员，或另选岗位。"),
)
POST_WITHOUT_DEPUTY: Final = Rule(
    "post-without-deputy",
    Severity.ATTENTION,
    Text(
        en="Only {person} holds the post “{post}” that owns “{name}” (line {line}), and nobody could stand in: its work "
        "stops when they are away.",
        zh="岗位“{post}”负责“{name}”（第 {line} 行），目前只有{person}一人任职，且无人可以代理：其不在岗时工作将停滞。",
    ),
    Text(
        en="Give the post to a second person, or see that the post it reports to is held by somebody else.",
        zh="请再任命一人，或使其上级岗位由他人担任。",
    ),
)


def findings(all_of: Checked) -> Iterator[Finding]:
    diagram = all_of.diagram
    owned = owner_of(diagram)
    for element in diagram.elements.values():
        if element.kind in HUMAN and element.id not in owned:
            yield all_of.finding(NO_OWNER, element.id)
    for name, lanes in lanes_naming(all_of.drawn).items():
        if diagram.elements[name].kind in HUMAN and _same_depth(all_of, lanes):
            shown = listed(lane_name(diagram, diagram.lanes[lane]) for lane in lanes)
            yield all_of.finding(TWO_OWNERS, name, lanes=shown)
    whole: dict[str, list[str]] = {}
    for step, key in owned.items():
        if key.startswith("process:") and diagram.elements[step].kind in HUMAN:
            whole.setdefault(diagram.elements[step].process, []).append(step)
    for process, human in whole.items():
        yield all_of.finding(NO_LANES, process, steps=listed(all_of.called(step) for step in human))
    yield from _idle(all_of)


def staffed(diagram: Diagram, staffing: Staffing) -> Iterator[Finding]:
    """Of every owner that has a step: its post, whoever holds it, whoever could stand in."""
    handing = _handing(diagram)
    for owner in owners(diagram):
        post = staffing.posts.get(owner.key)
        element = owner.steps[0] if owner.key.startswith("group:") else owner.key.partition(":")[2]
        if not owner.steps:
            continue
        if post is None:
            yield placed(diagram, LANE_UNMAPPED, element, owner=_spoken_of(owner))
        elif not post.holders:
            yield placed(diagram, POST_VACANT, element, post=post.name, handed=_handed(handing.get(owner.key, ())))
        elif len(post.holders) == 1 and not post.superiors - set(post.holders):
            (person,) = post.holders.values()
            yield placed(diagram, POST_WITHOUT_DEPUTY, element, post=post.name, person=person)


def _spoken_of(owner: Owner) -> Name:
    kind, name = owner.key.partition(":")[0], owner.name
    if kind == "lane":
        return Name(f"The lane “{name}”", f"泳道“{name}”")
    if kind == "group":
        return Name(f"The group “{name}”", f"组“{name}”")
    return Name(f"“{name}” has no lanes and", f"“{name}”没有泳道，也")


def _handing(diagram: Diagram) -> dict[str, list[str]]:
    """Owner key -> what the owners are called from whom work comes by a flow."""
    owned = owner_of(diagram)
    names = {owner.key: owner.name for owner in owners(diagram)}
    found: dict[str, list[str]] = {}
    for flow in diagram.flows.values():
        source, target = owned.get(flow.source), owned.get(flow.target)
        if source in names and target is not None and source != target:
            found.setdefault(target, []).append(names[source])
    return found


def _handed(names: Iterable[str]) -> Text:
    said = listed(dict.fromkeys(names))
    return (
        Name(en=f" Work is handed over to it by {said.en}.", zh=f"由{said.zh}向其交接工作。") if said.en else _NOTHING
    )


def _same_depth(all_of: Checked, lanes: list[str]) -> bool:
    """A lane and the lane inside it may both name a step: the inner one is meant."""
    if len(lanes) < 2:
        return False
    first, second = (all_of.drawn.lanes[lane] for lane in lanes[:2])
    return (first.nesting, first.depth) == (second.nesting, second.depth)


def _idle(all_of: Checked) -> Iterator[Finding]:
    diagram = all_of.diagram
    parents = {lane.parent for lane in diagram.lanes.values()}
    human = [one for one in diagram.elements.values() if one.kind in HUMAN]
    named = lanes_naming(all_of.drawn)
    busy = {one.lane for one in human}.union(*(named.get(one.id, ()) for one in human))
    for lane in diagram.lanes.values():
        if lane.id not in busy and lane.id not in parents:
            yield all_of.finding(LANE_WITHOUT_STEPS, lane.id)
