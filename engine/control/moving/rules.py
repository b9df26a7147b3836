"""What is allowed with cases that run on an earlier edition. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram.run import Hindrance, Obstacle
from engine.diagram.shape import Element
from engine.procedures.rules import EditionState

BATCH: Final = 50
"""How many cases one request moves."""
UNDO: Final = timedelta(hours=24)


class Kind(StrEnum):
    MOVES = "moves"
    CHOICE = "choice"
    STAYS = "stays"


class NotTheOneInForce(Refusal):
    """Edition {edition} is not in force. Running cases can be moved to the edition in force only."""

    zh = "第 {edition} 版未生效。运行中的办件只能转到生效的版本。"


class NotMovable(Refusal):
    """Case {case} was not moved: {why}."""

    zh = "办件 {case} 未转版：{why}。"


class NotMoved(Refusal):
    """Case {case} was not moved from another edition, or was already moved back."""

    zh = "办件 {case} 未曾转版，或已转回。"


class TooLate(Refusal):
    """Case {case} was moved on {at}. It can be moved back for 24 hours only."""

    zh = "办件 {case} 于 {at} 转版，仅可在二十四小时内撤回。"


class GoneOn(Refusal):
    """Case {case} has gone on since it was moved on {at}, so it cannot be moved back: what was done would be lost."""

    zh = "办件 {case} 自 {at} 转版后已有进展，不能撤回，否则已办内容将丢失。"


def must_be_in_force(number: int, state: str) -> None:
    if state != EditionState.IN_FORCE:
        raise NotTheOneInForce(edition=number)


def must_be_undoable(case: str, moved_at: datetime, now: datetime, is_as_left: bool) -> None:
    if now - moved_at > UNDO:
        raise TooLate(case=case, at=moved_at)
    if not is_as_left:
        raise GoneOn(case=case, at=moved_at)


_NO_PLACE: Final = frozenset({"startEvent", "boundaryEvent"})


def is_place(one: Element) -> bool:
    """Whether a case may be told to go on there: not where only an event brings it."""
    return one.kind not in _NO_PLACE and not one.triggered_by_event


@frozen
class Verdict:
    """`needs`: elements of the old edition about which somebody must say where the case goes on.

    `proved`: from its new place a way to the end was found; None where it does not move.
    """

    kind: Kind
    reasons: tuple[Text, ...]
    needs: tuple[str, ...] = ()
    proved: bool | None = None


_HINDRANCES: Final[Mapping[Hindrance, Text]] = {
    Hindrance.GONE: Text(
        "It stands at “{name}”, which the new edition does not have.", "办件停在“{name}”，新版没有此环节。"
    ),
    Hindrance.OTHER_KIND: Text(
        "It stands at “{name}”, which is another kind of step in the new edition.",
        "办件停在“{name}”，该环节在新版中的类型不同。",
    ),
    Hindrance.REPEATED: Text(
        "It stands at “{name}”, which the new edition repeats otherwise.",
        "办件停在“{name}”，新版中该环节的重复方式不同。",
    ),
    Hindrance.JOIN: Text(
        "It waits at “{name}” for others, and the new edition waits there for other ones.",
        "办件在“{name}”等待汇合，而新版在该处汇合的分支不同。",
    ),
}
_SAME: Final = Text(
    "Every place where it stands is in the new edition, and the way it went is the same there.",
    "办件所处的各环节新版都有，已走过的路径在新版中也相同。",
)
_SAME_PLACE: Final = Text(
    "The new edition is not the same where it has been, but leads to the same place.",
    "办件走过的部分在新版中有变化，但仍到达同一位置。",
)
_TOLD: Final = Text("It goes on where you have chosen.", "按您的选择继续。")
_LED_ELSEWHERE: Final = Text(
    "It has been at “{passed}”, which is different in the new edition: there it would stand at “{there}” now.",
    "办件已经过“{passed}”，该处在新版中不同：按新版现应停在“{there}”。",
)
_LOST: Final = Text(
    "It has been at “{passed}”, which is different in the new edition: what was done cannot be followed there.",
    "办件已经过“{passed}”，该处在新版中不同：已办过程无法在新版中重走。",
)
_NO_PROCESS: Final = Text(
    "It runs the process “{name}”, which the new edition does not have.", "办件运行流程“{name}”，新版没有该流程。"
)
_UNPROVED: Final = Text("No way from there to the end was found in the dry run.", "试运行中未找到从该处到结束的路径。")
_ENDED: Final = Text("the end", "结束")
_AND: Final = Text("{one}” and “{other}", "{one}”和“{other}")


def _words(sentence: Text, **facts: str | Text) -> Text:
    """Names come from the diagram: they are shown as they stand."""
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))


def hindered(obstacles: Collection[Obstacle], names: Mapping[str, str], chosen: Mapping[str, str]) -> Verdict:
    """What somebody can choose about, and what keeps the case where it is."""
    reasons = tuple(_words(_HINDRANCES[one.why], name=names.get(one.element, one.element)) for one in obstacles)
    final = any(one.why is Hindrance.JOIN or one.element in chosen for one in obstacles)
    if final:
        return Verdict(Kind.STAYS, reasons)
    return Verdict(Kind.CHOICE, reasons, tuple(dict.fromkeys(one.element for one in obstacles)))


def without_process(name: str) -> Verdict:
    return Verdict(Kind.STAYS, (_words(_NO_PROCESS, name=name),))


def moves(*, told: bool, elsewhere: bool, proved: bool) -> Verdict:
    reason = _TOLD if told else _SAME_PLACE if elsewhere else _SAME
    return Verdict(Kind.MOVES, (reason,) if proved else (reason, _UNPROVED), (), proved)


def led_elsewhere(
    been: str, there: Collection[str] | None, needs: Collection[str], names: Mapping[str, str]
) -> Verdict:
    """`there`: where the new edition would have led it; None where it cannot be followed."""
    passed = names.get(been, been)
    if there is None:
        return Verdict(Kind.CHOICE, (_words(_LOST, passed=passed),), tuple(needs))
    place = _listed([names.get(one, one) for one in there]) if there else _ENDED
    return Verdict(Kind.CHOICE, (_words(_LED_ELSEWHERE, passed=passed, there=place),), tuple(needs))


def _listed(names: Collection[str]) -> Text:
    first, *rest = list(dict.fromkeys(names))[:3]
    said: Text = Name(first, first)
    for one in rest:
        said = _words(_AND, one=said, other=one)
    return said
