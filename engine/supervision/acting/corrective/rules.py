"""What is allowed with corrective actions. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.text import Text
from engine.organisation.rules import Actor

MOST_LINE: Final = 300
LONGEST: Final = timedelta(days=730)


class State(IntEnum):
    """Numbers are stored: never renumber."""

    OPEN = 1
    DONE = 2
    """Carried out; somebody else is to say whether it helped."""
    VERIFIED = 3
    DROPPED = 4


class FindingMissing(Refusal):
    """Say in one line what was found: at most {most} characters."""

    zh = "请用一行说明发现了什么，不超过 {most} 字。"


class CauseMissing(Refusal):
    """Say what the cause is. An action against what shows alone lets it come back."""

    zh = "请说明原因。只处理表面现象，问题还会再发生。"


class MeasureMissing(Refusal):
    """Say what is to be done to remove the cause."""

    zh = "请说明采取什么措施消除原因。"


class DueUnfit(Refusal):
    """Choose the day until which it is done: from today on, within two years."""

    zh = "请选择完成期限：自今日起两年以内。"


class PostUnfit(Refusal):
    """Choose the post that answers for it: one of a department that you supervise."""

    zh = "请选择负责岗位：须属于您监督的部门。"


class WordsMissing(Refusal):
    """Say in a sentence what was done or seen: it goes into the record."""

    zh = "请用一句话说明做了什么或看到了什么：这将写入记录。"


class NotYoursToCarryOut(NotAllowed):
    """Corrective action {number} is carried out by “{post}”, which you do not hold."""

    zh = "纠正措施 {number} 由岗位“{post}”负责，您不在该岗位。"


class NotYoursToVerify(NotAllowed):
    """Corrective action {number} is verified by a supervisor of its department, or by the supervision office."""

    zh = "纠正措施 {number} 由所属部门的监督人员或效能监察人员验证。"


class OwnAction(NotAllowed):
    """You carried out corrective action {number} yourself: somebody else says whether it helped."""

    zh = "纠正措施 {number} 由您本人完成，须由他人验证其效果。"


class NotOpen(Refusal):
    """Corrective action {number} is not open any more: {person} {did} on {at}."""

    zh = "纠正措施 {number} 已不在办理中：{person}已于 {at} {did}。"


class NotDone(Refusal):
    """Corrective action {number} is not reported as done, so there is nothing to verify."""

    zh = "纠正措施 {number} 尚未报告完成，无需验证。"


class OpenedAgain(Refusal):
    """{person} opened corrective action {number} again on {at}: it is not reported as done yet."""

    zh = "{person}已于 {at} 重新开启纠正措施 {number}：尚未报告完成。"


DID: Final = {
    State.DONE: Text("reported it as done", "报告完成"),
    State.VERIFIED: Text("found it effective", "确认有效"),
    State.DROPPED: Text("dropped it", "撤销"),
}


ACTION: Final = Text(en="corrective action", zh="纠正措施")


def fit_line(words: str) -> str:
    said = " ".join(words.split())
    if not said or len(said) > MOST_LINE:
        raise FindingMissing(most=MOST_LINE)
    return said


def fit_due(due: date | None, today: date) -> date:
    if due is None or due < today or due - today > LONGEST:
        raise DueUnfit()
    return due


def must_be_another(number: int, by: Actor, done_by: int | None) -> None:
    if by.person_id == done_by:
        raise OwnAction(number=number)
