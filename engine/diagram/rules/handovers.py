"""Work that goes from one post to another and back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.base.text import Text
from engine.diagram.checked import Checked
from engine.diagram.kinds import HUMAN
from engine.diagram.owners import lane_name, owner_of, parts_by_condition
from engine.diagram.passages import element_at, passages
from engine.diagram.shape import Element, Finding, Rule, Severity

HANDED_BACK: Final = Rule(
    "handed-back-unrecorded",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) comes from “{from_lane}” and goes straight back there, and nothing is recorded in it.",
        zh="“{name}”（第 {line} 行）由“{from_lane}”交接而来又立即退回，期间没有任何记录。",
    ),
    Text(
        en="Give the step a form or a decision that says what came of it, or leave the work where it was.",
        zh="请为该环节设置表单或判断以记录结果，或不再交接。",
    ),
)
BACK_AND_FORTH: Final = Rule(
    "back-and-forth",
    Severity.INFO,
    Text(
        en="Work goes from “{name}” (line {line}) to “{other}” in {there} places, and back in {back}.",
        zh="工作由“{name}”（第 {line} 行）交接给“{other}”共 {there} 处，又退回 {back} 处。",
    ),
    Text(
        en="Nothing need be done. See whether steps of one post can follow each other: each hand-over waits in a tray.",
        zh="无需处理。请考虑能否将同一岗位的环节连续办理：每次交接都要等待。",
    ),
)

_MOST_OWNERS: Final = 64
_OFTEN: Final = 2


def findings(all_of: Checked) -> Iterator[Finding]:
    owned = owner_of(all_of.diagram)
    human = {one.id: owned[one.id] for one in all_of.diagram.elements.values() if one.kind in HUMAN and one.id in owned}
    keys = list(dict.fromkeys(human.values()))
    if not 1 < len(keys) <= _MOST_OWNERS:
        return
    ways = passages(all_of)
    bits = {key: 1 << position for position, key in enumerate(keys)}
    own = {step: bits[key] for step, key in human.items()}
    came = _nearest(own, ways.before, ways.after)
    if all_of.forms:
        goes = _nearest(own, ways.after, ways.before)
        yield from _bounced(all_of, own, {bit: key for key, bit in bits.items()}, came, goes)
    yield from _often(all_of, human, bits, came)


def _nearest(
    own: Mapping[str, int], before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """The owners of the human steps next before each node; next after it, where the two mappings change places."""
    found = dict.fromkeys(before, 0)
    waiting = deque(found)
    queued = set(found)
    while waiting:
        node = waiting.popleft()
        queued.discard(node)
        owners = 0
        for source in before[node]:
            owners |= own.get(element_at(source), 0) or found[source]
        if owners != found[node]:
            found[node] = owners
            for following in after[node]:
                if following not in queued:
                    queued.add(following)
                    waiting.append(following)
    return found


def _bounced(
    all_of: Checked, own: Mapping[str, int], keys: Mapping[int, str], came: Mapping[str, int], goes: Mapping[str, int]
) -> Iterator[Finding]:
    for step, bit in own.items():
        element = all_of.diagram.elements[step]
        before = came[step]
        if before == goes[step] and before in keys and before != bit and not _records(all_of, element):
            yield all_of.finding(HANDED_BACK, step, from_lane=_called(all_of, keys[before]))


def _records(all_of: Checked, element: Element) -> bool:
    """Something comes of it: an answer, a paper, a choice; or it is somebody else's to do."""
    if element.id in all_of.forms or element.documents or element.external or element.act:
        return True
    leaving = all_of.outgoing.get(element.id, ())
    if len(leaving) != 1:
        return parts_by_condition(element, leaving) or not leaving
    following = all_of.diagram.elements[leaving[0].target]
    return following.kind in ("exclusiveGateway", "inclusiveGateway") and len(all_of.outgoing.get(following.id, ())) > 1


def _often(
    all_of: Checked, human: Mapping[str, str], bits: Mapping[str, int], came: Mapping[str, int]
) -> Iterator[Finding]:
    counts: dict[tuple[str, str], int] = {}
    for step, key in human.items():
        for other, bit in bits.items():
            if other != key and came[step] & bit:
                counts[other, key] = counts.get((other, key), 0) + 1
    for (one, other), there in counts.items():
        back = counts.get((other, one), 0)
        if list(bits).index(one) < list(bits).index(other) and min(there, back) > _OFTEN:
            element = (
                one.partition(":")[2]
                if not one.startswith("group:")
                else next(step for step, key in human.items() if key == one)
            )
            facts = {"other": _called(all_of, other), "there": there, "back": back}
            yield all_of.finding(BACK_AND_FORTH, element, **facts)


def _called(all_of: Checked, key: str) -> str:
    kind, _, rest = key.partition(":")
    lane = all_of.diagram.lanes.get(rest) if kind == "lane" else None
    return lane_name(all_of.diagram, lane) if lane is not None else rest if kind == "group" else all_of.called(rest)
