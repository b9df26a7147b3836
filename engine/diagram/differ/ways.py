"""Which way a case goes: flows, their conditions, and what is taken otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Text
from engine.diagram.differ.matching import Pairs
from engine.diagram.differ.sides import Change, Difference, Group, Side, as_typed, filled
from engine.diagram.differ.steps import quoted
from engine.diagram.shape import Flow

_ADDED: Final = Text("A case can now go from {source} to {target}.", "新增流向：由{source}到{target}。")
_REMOVED: Final = Text("A case no longer goes from {source} to {target}.", "取消流向：由{source}到{target}。")
_CONDITION: Final = Text(
    "The condition of {flow} changed from “{before}” to “{after}”.", "{flow}的条件由“{before}”改为“{after}”。"
)
_CONDITION_ADDED: Final = Text("{flow} is now taken only where “{after}”.", "{flow}现在只在“{after}”时才走。")
_CONDITION_REMOVED: Final = Text(
    "{flow} no longer has a condition; it was “{before}”.", "{flow}不再有条件（原为“{before}”）。"
)
_DEFAULT: Final = Text(
    "Where no condition holds, the case goes from {name} to {after} instead of {before}.",
    "条件都不成立时，{name}由走向{before}改为走向{after}。",
)
_ASKED: Final = Text("A person now says whether {flow} is taken.", "{flow}现在由人决定是否走。")
_ASKED_NOT: Final = Text("{flow} is now taken by its condition; nobody is asked.", "{flow}现在按条件走，不再询问。")
_NAMED: Final = Text(
    "The way {flow} is now called “{after}”, before “{before}”.", "流向{flow}由“{before}”更名为“{after}”。"
)
_NONE: Final = Text("nowhere", "无")


def differences(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    for here, there in matched.flows.items():
        yield from _flow(old, new, old.diagram.flows[here], new.diagram.flows[there])
    yield from _came_and_went(old, new, matched)
    for here, there in matched.elements.items():
        yield from _default(old, new, matched, here, there)


def _flow(old: Side, new: Side, one: Flow, other: Flow) -> Iterator[Difference]:
    name, ends = new.flow_label(other), ((one.id,), (other.id,))
    before, after = (one.condition or "").strip(), (other.condition or "").strip()
    if before != after:
        sentence = _CONDITION if before and after else _CONDITION_ADDED if after else _CONDITION_REMOVED
        said = filled(sentence, flow=name, before=as_typed(before), after=as_typed(after))
        yield Difference("condition", Group.WAY, Change.CHANGED, said, *ends)
    was, now = one.id in old.asked, other.id in new.asked
    if was != now:
        yield Difference("asked", Group.WAY, Change.CHANGED, filled(_ASKED if now else _ASKED_NOT, flow=name), *ends)
    if (one.name or "") != (other.name or ""):
        way = filled(Text("{source} → {target}", "{source} → {target}"), source=new.label(other.source),
                     target=new.label(other.target))  # fmt: skip
        said = filled(_NAMED, flow=way, before=one.name or "—", after=other.name or "—")
        yield Difference("flow-name", Group.NAMES, Change.CHANGED, said, *ends)


def _came_and_went(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    """What follows from a step that came or went is not told again."""
    elements, back = matched.elements, matched.back
    kept = set(matched.flows.values())
    for flow in new.diagram.flows.values():
        if flow.id in kept:
            continue
        ends = (back.get(flow.source), back.get(flow.target))
        if None in ends or _leads(old, ends[0] or "", ends[1] or "", set(elements)):
            yield Difference("flow-added", Group.WAY, Change.ADDED, _IMPLIED, new=(flow.id,))
            continue
        said = filled(_ADDED, source=quoted(new, flow.source), target=quoted(new, flow.target))
        yield Difference("flow-added", Group.WAY, Change.ADDED, said, new=(flow.id,))
    for flow in old.diagram.flows.values():
        if flow.id in matched.flows:
            continue
        ends = (elements.get(flow.source), elements.get(flow.target))
        if None in ends or _leads(new, ends[0] or "", ends[1] or "", set(back)):
            yield Difference("flow-removed", Group.WAY, Change.REMOVED, _IMPLIED, old=(flow.id,))
            continue
        said = filled(_REMOVED, source=quoted(old, flow.source), target=quoted(old, flow.target))
        yield Difference("flow-removed", Group.WAY, Change.REMOVED, said, old=(flow.id,))


_IMPLIED: Final = Text("", "")
"""Only a mark on the diagram: the step at its end tells of it."""


def _leads(at: Side, source: str, target: str, known: set[str]) -> bool:
    """From the one to the other through steps that the other edition does not have."""
    waiting = [flow.target for flow in at.leaving.get(source, ()) if flow.target not in known]
    seen = set(waiting)
    while waiting:
        for flow in at.leaving.get(waiting.pop(), ()):
            if flow.target == target:
                return True
            if flow.target not in known and flow.target not in seen:
                seen.add(flow.target)
                waiting.append(flow.target)
    return False


def _default(old: Side, new: Side, matched: Pairs, here: str, there: str) -> Iterator[Difference]:
    was, now = _otherwise(old, here), _otherwise(new, there)
    if (was is None) == (now is None) and (was is None or matched.elements.get(was) == now):
        return
    before = quoted(old, was) if was else _NONE
    after = quoted(new, now) if now else _NONE
    said = filled(_DEFAULT, name=quoted(new, there), before=before, after=after)
    yield Difference("default", Group.WAY, Change.CHANGED, said, (here,), (there,))


def _otherwise(at: Side, name: str) -> str | None:
    flow = at.diagram.flows.get(at.element(name).default or "")
    return None if flow is None else flow.target
