"""What was found, and the way there, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import called_in, listed, name_in
from engine.diagram.kinds import GATEWAYS
from engine.diagram.shape import Diagram
from engine.diagram.soundness.verdict import Chosen, Fault, FaultKind, How, Standing, Turn


def split_of(fault: Fault) -> Turn | None:
    """Where one token last became several: what comes twice because of it has one cause."""
    found, alone = None, True
    for turn in fault.turns:
        several = sum(one.count for one in turn.standing) > 1
        found = turn if several and alone else found
        alone = not several
    return found


def place(diagram: Diagram, element: str) -> Name:
    """By its name; a gateway without one by what stands before it."""
    name = name_in(diagram, element)
    sources = [flow.source for flow in diagram.flows.values() if flow.target == element]
    before = [one for one in (name_in(diagram, source) for source in sources) if one]
    drawn = diagram.elements.get(element)
    if not name and drawn is not None and drawn.attached_to:
        host = called_in(diagram, drawn.attached_to)
        return Name(en=f"the event on the border of “{host}”", zh=f"“{host}”边界上的事件")
    if name or drawn is None or drawn.kind not in GATEWAYS or not before:
        return Name(en=f"“{name or element}”", zh=f"“{name or element}”")
    names = listed(dict.fromkeys(before), most=3)
    return Name(en=f"the gateway behind {names.en}", zh=f"{names.zh}之后的网关")


def places(diagram: Diagram, elements: Sequence[str]) -> Name:
    places = [place(diagram, one) for one in elements[:4]]
    return Name(en=_and([one.en for one in places]), zh="、".join(one.zh for one in places))


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) < 2 else f"{', '.join(words[:-1])} and {words[-1]}"


def when(diagram: Diagram, fault: Fault) -> Text:
    """What happens in the turn after which it cannot be helped any more."""
    turn = fault.turns[fault.decisive]
    split = split_of(fault) if fault.kind is FaultKind.UNSYNCHRONISED else None
    if split is not None and any(len(one.flows) > 1 for one in split.chosen):
        return _if_chosen(diagram, split)
    if turn.chosen:
        return _if_chosen(diagram, turn)
    there = {"place": place(diagram, turn.element)}
    by = turn.by or turn.element
    sentence = _WHEN[turn.how]
    if turn.how is How.BEGINS:
        there = {"place": place(diagram, fault.element)}
    elif turn.by and turn.how is not How.DONE:
        sentence = _WHEN_BESIDE
        there["by"] = place(diagram, by)
    return Name(en=sentence.say("en", **there), zh=sentence.say("zh", **there))


_WHEN: Final = {
    How.BEGINS: Text(en="As soon as it begins", zh="一开始"),
    How.DONE: Text(en="Once {place} is done", zh="一旦办完{place}"),
    How.CHOSEN: Text(en="Once it is decided at {place}", zh="一旦在{place}作出选择"),
    How.TIMER: Text(en="If the time {place} comes first", zh="如果{place}先到时"),
    How.MESSAGE: Text(en="If the message {place} comes first", zh="如果消息{place}先到"),
    How.SIGNAL: Text(en="If the signal {place} comes first", zh="如果信号{place}先到"),
    How.THROWN: Text(en="If {place} comes about", zh="如果发生{place}"),
    How.CONDITION: Text(en="If {place} comes about first", zh="如果{place}先成立"),
}
_WHEN_BESIDE: Final = Text(en="If {place} comes while {by} is under way", zh="如果在办理{by}期间发生{place}")


def _if_chosen(diagram: Diagram, turn: Turn) -> Text:
    """Of the gateways passed, the last; one at which several ways were taken rather."""
    several = [one for one in turn.chosen if len(one.flows) > 1]
    said, where, together = _chosen(diagram, (several or turn.chosen)[-1])
    if together:
        return Name(en=f"If {said.en} are chosen together{where.en}", zh=f"如果{where.zh}同时选择{said.zh}")
    return Name(en=f"If {said.en} is chosen{where.en}", zh=f"如果{where.zh}{_chooses(said.zh)}")


def _chosen(diagram: Diagram, chosen: Chosen) -> tuple[Name, Name, bool]:
    """The ways, the gateway where it has a name, and whether it is more than one way."""
    names = [f"“{called_in(diagram, flow)}”" for flow in chosen.flows] or [f"“{called_in(diagram, chosen.gateway)}”"]
    gateway = name_in(diagram, chosen.gateway) if chosen.flows else None
    where = Name(en=f" at “{gateway}”", zh=f"在“{gateway}”") if gateway else Name(en="", zh="")
    drawn = diagram.elements.get(chosen.gateway)
    only = len(names) == 1 and drawn is not None and drawn.kind == "inclusiveGateway"
    return Name(en="only " * only + _and(names), zh="仅" * only + "".join(names)), where, len(names) > 1


def _chooses(zh: str) -> str:
    return f"仅选择{zh[1:]}" if zh.startswith("仅") else f"选择{zh}"


# Turn by turn.


def said(diagram: Diagram, turn: Turn) -> Text:
    """What came about in it."""
    there = {"place": place(diagram, turn.element)}
    sentence = _SAID[turn.how]
    if turn.how is How.BEGINS and turn.element not in diagram.elements:
        sentence = _BEGINS
    elif turn.by and turn.how is not How.DONE and turn.by in diagram.elements:
        sentence, there["by"] = _SAID_BESIDE, place(diagram, turn.by)
    return Name(en=sentence.say("en", **there), zh=sentence.say("zh", **there))


def ways_said(diagram: Diagram, turn: Turn) -> list[Name]:
    """What was chosen at each gateway passed."""
    found = []
    for one in turn.chosen:
        words, where, _ = _chosen(diagram, one)
        found.append(Name(en=f"{words.en} is chosen{where.en}", zh=f"{where.zh}{_chooses(words.zh)}"))
        if len(one.flows) > 1:
            found[-1] = Name(en=f"{words.en} are chosen{where.en}", zh=f"{where.zh}同时选择{words.zh}")
    return found


def stands_said(diagram: Diagram, standing: Standing) -> Text:
    there = place(diagram, standing.element)
    sentence = _HELD if standing.held else _STANDS
    return Name(en=sentence.say("en", place=there), zh=sentence.say("zh", place=there))


_BEGINS: Final = Text(en="The case begins.", zh="办件开始。")
_SAID: Final = {
    How.BEGINS: Text(en="The case begins at {place}.", zh="办件从{place}开始。"),
    How.DONE: Text(en="{place} is done.", zh="办完{place}。"),
    How.CHOSEN: Text(en="Somebody decides at {place}.", zh="有人在{place}作出选择。"),
    How.TIMER: Text(en="The time {place} comes.", zh="{place}到时。"),
    How.MESSAGE: Text(en="The message {place} comes.", zh="消息{place}到达。"),
    How.SIGNAL: Text(en="The signal {place} comes.", zh="信号{place}到达。"),
    How.CONDITION: Text(en="{place} comes about.", zh="{place}成立。"),
    How.THROWN: Text(en="{place} comes about.", zh="{place}发生。"),
}
_SAID_BESIDE: Final = Text(en="{place} comes while {by} is under way.", zh="在办理{by}期间发生{place}。")
_STANDS: Final = Text(en="{place}", zh="{place}")
_HELD: Final = Text(en="{place}, waiting for the other ways", zh="{place}（等待其他路径）")
