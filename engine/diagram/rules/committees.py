"""Whether a committee that is to decide can decide, and departments that are to countersign can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram import voting
from engine.diagram.checked import Checked, listed, placed
from engine.diagram.kinds import HUMAN
from engine.diagram.shape import Diagram, Element, Finding, Rule, Severity
from engine.diagram.staffing import Staffing

COMMITTEE_UNFIT: Final = Rule(
    "committee-unfit",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) cannot be decided by a vote: {why}.",
        zh="“{name}”（第 {line} 行）无法由委员会表决：{why}。",
    ),
    Text(
        en="Name the post of the members. The quorum is a share such as 1/2 or a number, the majority a share from 1/2 to 1/1.",
        zh="请指定成员岗位。法定人数为几分之几（如 1/2）或人数，通过条件为 1/2 至 1/1 之间的比例。",
    ),
)
COMMITTEE_TOO_SMALL: Final = Rule(
    "committee-too-small",
    Severity.ATTENTION,
    Text(
        en="The committee that decides “{name}” (line {line}) cannot decide today: {why}.",
        zh="表决“{name}”（第 {line} 行）的委员会目前无法作出决定：{why}。",
    ),
    Text(
        en="Give the members' post to enough people, or ask for a smaller quorum.",
        zh="请为成员岗位配备足够人员，或降低法定人数。",
    ),
)
COUNTERSIGN_UNFIT: Final = Rule(
    "countersign-unfit",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) is to be countersigned by {departments}, but {why}.",
        zh="“{name}”（第 {line} 行）须由{departments}会签，但{why}。",
    ),
    Text(
        en="Write the codes of departments that have somebody in them, at a step that a person does.",
        zh="请在由人办理的环节上填写有人任职的部门代码。",
    ),
)
_NO_PERSON: Final = Text(en="no person does this step", zh="该环节不由人办理")
_NO_POST: Final = Text(en="the post of its members is not named", zh="未指定成员岗位")
_UNKNOWN: Final = Text(
    en="there is no such department with somebody in it", zh="没有代码相同且有人任职的部门"
)  # fmt: skip


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        why = _unfit(element)
        if why is not None:
            yield all_of.finding(COMMITTEE_UNFIT, element.id, why=why)
        if element.countersign and element.kind not in HUMAN:
            yield all_of.finding(
                COUNTERSIGN_UNFIT, element.id, departments=listed(element.countersign), why=_NO_PERSON
            )  # fmt: skip


def _unfit(element: Element) -> Text | None:
    if not (element.committee or element.quorum or element.majority):
        return None
    if element.kind not in HUMAN:
        return _NO_PERSON
    if element.committee is None:
        return _NO_POST
    if voting.quorum(element.quorum) is None:
        return Name(f"“{element.quorum}” is no quorum", f"“{element.quorum}”不是法定人数")
    if voting.majority(element.majority) is None:
        return Name(f"“{element.majority}” is no majority", f"“{element.majority}”不是通过条件")
    return None


def staffed(diagram: Diagram, staffing: Staffing) -> Iterator[Finding]:
    for element in diagram.elements.values():
        if element.kind not in HUMAN:
            continue
        if element.committee is not None:
            why = _too_small(element, element.committee, staffing.members.get(element.committee))
            if why is not None:
                yield placed(diagram, COMMITTEE_TOO_SMALL, element.id, why=why)
        unknown = [code for code in element.countersign if code not in staffing.departments]
        if unknown:
            yield placed(diagram, COUNTERSIGN_UNFIT, element.id, departments=listed(unknown), why=_UNKNOWN)


def _too_small(element: Element, code: str, members: int | None) -> Text | None:
    if members is None:
        return Name(f"there is no post “{code}”", f"没有岗位“{code}”")
    quorum = voting.quorum(element.quorum)
    needed = 1 if quorum is None else voting.needed_present(quorum, members)
    if members >= needed:
        return None
    return Name(f"it needs {needed} members and has {members}", f"须有 {needed} 名成员，现有 {members} 名")
