"""What is allowed with the moves of a case that are not its way: back, to rest, to somebody else, to an end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.base.errors import NotAllowed, Overtaken, Refusal
from engine.base.text import Text

MOST_WORDS: Final = 2000
MOST_DAYS: Final = 365


class Ground(IntEnum):
    """On which ground a case rests. Numbers are stored: never renumber."""

    SUPPLEMENT = 1
    EXAMINATION = 2
    OTHER_CASE = 3
    QUESTION_OF_LAW = 4
    SUCCESSION = 5
    FORCE = 6
    OTHER = 7


GROUNDS: Final[Mapping[Ground, Text]] = {
    Ground.SUPPLEMENT: Text("the applicant has to supply or correct something", "等待申请人补正材料"),
    Ground.EXAMINATION: Text(
        "a hearing, an inspection, a test or an expert opinion is under way", "正在听证、检验、检测、鉴定或专家评审"
    ),
    Ground.OTHER_CASE: Text("it depends on another case that is not decided yet", "须以另案结果为依据，而另案尚未审结"),
    Ground.QUESTION_OF_LAW: Text(
        "which law applies has to be answered by a higher authority", "法律适用问题须由有权机关作出解释或确认"
    ),
    Ground.SUCCESSION: Text(
        "the applicant has died or was dissolved, and a successor has to be waited for",
        "申请人死亡或终止，须等待承受人",
    ),
    Ground.FORCE: Text("force majeure keeps the office or the applicant from going on", "因不可抗力无法继续办理"),
    Ground.OTHER: Text("another ground laid down by law", "法律、法规规定的其他情形"),
}
"""As the law of administrative procedure knows them. A case rests on one of these, or not at all."""


class CaseRests(Refusal):
    """Case {case} is suspended since {at}: nothing can be completed in it until it is resumed."""

    zh = "办件 {case} 自 {at} 起中止，恢复之前不能办结任何事项。"


class NotResting(Refusal):
    """Case {case} is not suspended, so there is nothing to resume."""

    zh = "办件 {case} 未中止，无需恢复。"


class GroundMissing(Refusal):
    """Choose the ground on which the case is suspended: it can rest only on one that the law knows."""

    zh = "请选择中止事由：只有法定事由才能中止办件。"


class WordsTooLong(Refusal):
    """Say it in at most {most} characters."""

    zh = "请将内容控制在 {most} 字以内。"


class NeverThere(Refusal):
    """“{task}” cannot go back to that step: nobody has completed it in this case, it lies on another branch, or in parallel work that cannot be taken up again in part. Choose one of those offered."""

    zh = "“{task}”不能退回到该环节：本办件中无人办过该环节，或它在另一分支上，或属于不能只重办一部分的并行环节。请从所列环节中选择。"


class NothingBefore(Refusal):
    """“{task}” has no earlier step to go back to: none before it was completed in this case, or what was lies on another branch, or in parallel work that cannot be taken up again in part."""

    zh = "“{task}”没有可退回的前面环节：本办件中此前无已办结环节，或其在另一分支上，或属于不能只重办一部分的并行环节。"


class NoColleague(Refusal):
    """Nobody else holds the post “{post}”."""

    zh = "岗位“{post}”没有其他人员。"


class WayUnproved(Refusal):
    """It was not moved: from there no way to the end of the case was found. Ask a supervisor, or go on from here."""

    zh = "未予变更：从该处未找到通往办结的路径。请联系监督人员，或从当前环节继续办理。"


class NotYoursToTakeBack(NotAllowed):
    """“{task}” was not completed by you, so you cannot take it back. Ask {person}, or have it returned."""

    zh = "“{task}”不是由您办结的，您不能撤回。请联系{person}，或请其退回。"


class NotCompleted(Refusal):
    """“{task}” was not completed, so there is nothing to take back."""

    zh = "“{task}”尚未办结，没有可撤回的内容。"


class AlreadyBegun(Overtaken):
    """It is too late to take “{task}” back: {person} has begun “{next}”. Ask them to return it to you."""

    zh = "已来不及撤回“{task}”：{person}已开始办理“{next}”。请联系其退回。"


class GoneOutside(Refusal):
    """“{task}” cannot be taken back: something was sent outside by it, and cannot be called back."""

    zh = "“{task}”不能撤回：办结时已向外发出信息，无法收回。"


class ExtensionAsked(Refusal):
    """More time was already asked for at “{task}”, on {at}. It can be asked for once."""

    zh = "“{task}”已于 {at} 申请过延期。每项任务只能申请一次。"


class ExtensionDays(Refusal):
    """Say by how many days: a whole number from 1 to {most}."""

    zh = "请填写延长的天数：1 至 {most} 的整数。"


class NothingPromised(Refusal):
    """“{task}” has no due date that could be moved."""

    zh = "“{task}”没有可延长的办理期限。"


class NobodyDecides(Refusal):
    """Nobody can decide on more time for “{task}”: no post stands above it. Ask an administrator to say to whom the post reports."""

    zh = "“{task}”的延期申请无人可以决定：该岗位没有上级岗位。请联系管理员设置上级岗位。"


class NotAnExtension(Refusal):
    """This task asks for no decision on more time."""

    zh = "该任务不是延期申请。"


class OwnExtension(NotAllowed):
    """You asked for this extension yourself: somebody else who holds the post decides on it."""

    zh = "该延期由您本人申请，须由该岗位的其他人员决定。"


class NotYoursToCancel(NotAllowed):
    """Case {case} is cancelled by a supervisor of the procedure, or by whoever started it while nothing is completed in it."""

    zh = "办件 {case} 只能由程序的监督人员撤销；尚未办结任何环节时，也可由发起人撤销。"


class NotYoursToSuspend(NotAllowed):
    """Case {case} is suspended and resumed by whoever has a task of it in hand, or by a supervisor of the procedure."""

    zh = "办件 {case} 只能由正在办理其任务的人员或程序的监督人员中止和恢复。"


class NotYoursToUrge(NotAllowed):
    """“{task}” is urged by a supervisor, by whoever started the case, or by whoever completed the step before."""

    zh = "“{task}”只能由监督人员、办件发起人或前一环节的办理人催办。"


class UrgedToday(Refusal):
    """You have urged “{task}” today already, at {at}. Once a day is enough; speak with {whom} if it cannot wait."""

    zh = "您今天已于 {at} 催办过“{task}”。每天限一次；如不能等待，请直接联系{whom}。"


class NotYoursToGive(NotAllowed):
    """“{task}” is handed over by whoever has it, by a holder of its post while it is free, or by a supervisor."""

    zh = "“{task}”只能由当前办理人转办；无人认领时可由该岗位人员转办；监督人员也可转办。"


class NotOfThePost(NotAllowed):
    """{person} does not hold the post “{post}”. Only a supervisor hands a task over to another post, of the same department."""

    zh = "{person}不在岗位“{post}”。只有监督人员可以转给同一部门的其他岗位。"


class OwnAlready(Refusal):
    """{person} has “{task}” already."""

    zh = "“{task}”已在{person}处。"


class NobodysYet(Refusal):
    """Nobody has claimed “{task}”: it lies free with its post already."""

    zh = "“{task}”无人认领，本来就在岗位待办中。"


MOST_SOONER: Final = 20


class NotYoursToOrder(NotAllowed):
    """The order in which “{task}” is served is changed by whoever supervises it. Ask your superior."""

    zh = "“{task}”的办理顺序只能由其监督人员调整。请联系上级。"


class OrderAlready(Refusal):
    """“{task}” stands there in the order of service already."""

    zh = "“{task}”的办理顺序已是如此。"


class OrderedAlready(Refusal):
    """{person} put “{task}” there in the order of service on {at}."""

    zh = "{person}已于 {at} 这样调整“{task}”的办理顺序。"


class TooManySooner(Refusal):
    """{most} tasks of “{post}” are to be served sooner already. Where everything comes first, nothing does: put some of them back first."""

    zh = "岗位“{post}”已有 {most} 项优先办理的任务。全部优先等于没有优先，请先取消一部分。"


class NotYoursToAccept(NotAllowed):
    """The hand-over of “{task}” is accepted by its post, or on its behalf by a supervisor of the department that received it."""

    zh = "“{task}”的交接由其岗位接收，或由接收部门的监督人员代为接收。"


class NotYoursToReport(NotAllowed):
    """An incident at “{task}” is opened by whoever supervises it. Write a note, or tell your superior."""

    zh = "“{task}”的异常只能由其监督人员登记。请写备注或告知上级。"


class NothingFailed(Refusal):
    """Nothing in case {case} waits to be tried again."""

    zh = "办件 {case} 没有可重试的异常。"


class TriedAlready(Overtaken):
    """What had failed in case {case} was tried again or settled by {person} on {at}."""

    zh = "办件 {case} 的异常已由{person}于 {at} 重试或处理。"


def reason(words: str, missing: type[Refusal]) -> str:
    """Without blanks around it. Raises `missing` where nothing is said, WordsTooLong."""
    said = words.strip()
    if not said:
        raise missing()
    if len(said) > MOST_WORDS:
        raise WordsTooLong(most=MOST_WORDS)
    return said


def must_not_rest(case: Any) -> None:
    """`case`: a row with `suspended_at` and `case_number`."""
    if case.suspended_at is not None:
        raise CaseRests(case=case.case_number, at=case.suspended_at)


def ground(number: int) -> Ground:
    if number not in {one.value for one in Ground}:
        raise GroundMissing()
    return Ground(number)


def must_be_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise ExtensionDays(most=MOST_DAYS)


def is_same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    return one.astimezone(zone).date() == other.astimezone(zone).date()
