"""What is allowed with cases and tasks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from engine.base.errors import NotAllowed, Overtaken, Refusal
from engine.base.text import Text, one_line
from engine.organisation.rules import Actor

NO_DUE: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""When nothing is promised: sorts behind everything that is."""

MOST_MATTER: Final = 200


class Change(IntEnum):
    """A change of a task, as kept in `task_events`. Numbers are stored: never renumber."""

    OFFERED = 1
    CLAIMED = 2
    BEGUN = 3
    PAUSED = 4
    RESUMED = 5
    COMPLETED = 6
    CANCELLED = 7
    RELEASED = 8


class Closed(IntEnum):
    COMPLETED = 1
    CANCELLED = 2


class Kind(IntEnum):
    """What is asked of somebody beside the diagram, as a task of their own. Numbers are stored: never renumber."""

    OPINION = 1
    SIGNATURE = 2
    COUNTERSIGNATURE = 3
    VOTE = 4
    EXTENSION = 5


class Mark(IntEnum):
    """Why a task lies where it lies. Numbers are stored: never renumber."""

    RETURNED = 1
    WITHDRAWN = 2
    URGED = 3
    GIVEN = 4
    """Handed over to a colleague, or given back."""
    HAND_OVER_RETURNED = 5
    ESCALATED = 6
    EXTENDED = 7
    RESUMED = 8
    GIVEN_BACK = 9
    """Taken from whoever had it, and free again for its post."""
    SOONER = 10
    """Served before what is due first."""
    LATER = 11
    """Served after all else."""
    ACCEPTED_FOR = 12
    """Its hand-over was accepted by a supervisor in the receiver's stead."""
    YELLOW_CARD = 20
    RED_CARD = 21
    SENT_UP = 22
    """Told up the line of posts: it is late."""


class Order(IntEnum):
    """Where a task stands in the order of service. Numbers are stored: never renumber."""

    SOONER = 1
    NORMAL = 2
    LATER = 3


BY_HAND: Final = "by hand"
"""The kind of an incident that somebody opened: no machine knows of it, and none can try it again."""


class Ended(IntEnum):
    CANCELLED = 1


class Applicant(IntEnum):
    """What whoever applies is. Numbers are stored: never renumber."""

    PERSON = 1
    BODY = 2
    AUTHORITY = 3


APPLICANTS: Final[Mapping[Applicant, Text]] = {
    Applicant.PERSON: Text("a natural person", "个人"),
    Applicant.BODY: Text("an enterprise or another body", "企业或其他组织"),
    Applicant.AUTHORITY: Text("a public authority", "国家机关"),
}


def applicant_kind(typed: str) -> Applicant | None:
    """Of what was chosen in a form; None where nobody said."""
    return next((kind for kind in Applicant if str(kind.value) == typed), None)


class AlreadyCompleted(Overtaken):
    """“{task}” was completed by {person} on {at}. What you typed is still here, but it was not sent."""

    zh = "“{task}”已由{person}于 {at} 完成。您填写的内容仍保留在此，但未提交。"


class NoLongerNeeded(Overtaken):
    """“{task}” is no longer needed: the case went another way on {at}. What you typed was not sent."""

    zh = "“{task}”已不再需要：办件已于 {at} 转往其他环节。您填写的内容未提交。"


class ClaimedBySomebody(Overtaken):
    """“{task}” was claimed by {person} on {at}. Ask them to release it, or choose another task."""

    zh = "“{task}”已由{person}于 {at} 认领。请联系其将任务退回岗位，或选择其他任务。"


class NotClaimedByYou(Refusal):
    """“{task}” is not claimed by you, so you cannot release or pause it."""

    zh = "“{task}”并非由您认领，无法退回岗位或暂停。"


class FormFaults(Refusal):
    """The form cannot be sent yet: {count} fields need your attention. They are marked below."""

    zh = "表单暂不能提交：有 {count} 处需要修改，已在下方标出。"

    def __init__(self, *, errors: Mapping[str, Text], typed: Mapping[str, Collection[str]]) -> None:
        self.errors = errors
        self.typed = typed
        super().__init__(count=len(errors))


class MatterMissing(Refusal):
    """A case needs a matter: one line that says what it is about, at most {most} characters."""

    zh = "办件需要事由：用一行说明办什么事，不超过 {most} 字。"


class ApplicantMissing(Refusal):
    """A case needs an applicant: the person or body it is for."""

    zh = "办件需要申请人：为谁办理的个人或单位。"


class CaseFaults(Refusal):
    """The case cannot be started yet: {count} things are missing or wrong. Each is told below."""

    zh = "办件暂不能发起：有 {count} 处缺漏或有误，已在下方逐一列出。"

    def __init__(self, *, each: Sequence[Refusal]) -> None:
        self.each = each
        super().__init__(count=len(each))


class CaseEnded(Overtaken):
    """Case {case} ended on {at}. Nothing more can be done in it."""

    zh = "办件 {case} 已于 {at} 办结，不能再作处理。"


class WrongPost(NotAllowed):
    """“{task}” belongs to the post “{post}”, which you do not hold."""

    zh = "“{task}”属于岗位“{post}”，您不在该岗位。"


class DutiesApart(NotAllowed):
    """“{task}” is not done by whoever did “{other}” in the same case: you did. Leave it to another holder of the post."""

    zh = "在同一办件中，“{task}”不得由办理“{other}”的人员办理，而“{other}”正是由您办理。请由该岗位的其他人员办理。"


class DepartmentsApart(NotAllowed):
    """“{task}” is not done in {department}, which did “{other}” in the same case. Leave it to somebody elsewhere."""

    zh = "在同一办件中，“{other}”由{department}办理，“{task}”不得由同一部门办理。请由其他部门的人员办理。"


class MoveSwitchedOff(NotAllowed):
    """At “{task}” nobody may {move}: whoever drew the procedure has switched that off. Complete the task, or ask your superior."""

    zh = "“{task}”不允许{move}：程序设计时已关闭该操作。请直接办理，或请示上级。"


class PaperWithdrawn(Refusal):
    """“{title}” was struck out on {at}. It stays to be seen, and nothing more is done with it. Add a new paper instead."""

    zh = "“{title}”已于 {at} 作废，仅供查阅，不能再作处理。请另行添加材料。"


class IssuedStays(Refusal):
    """“{title}” was issued, and stays as it was issued. Strike it out with a reason and issue another one."""

    zh = "“{title}”已经出具，不能更改。请说明理由将其作废后另行出具。"


class IssuedMeanwhile(Refusal):
    """Another document was issued in this case at the same moment, and has taken the number. Produce yours once more."""

    zh = "同一时刻本办件已出具另一份文书并占用了该编号。请重新生成。"


class NothingToProduce(Refusal):
    """This step has no document “{template}” to produce. Load the page again: the procedure may have changed."""

    zh = "此环节没有可生成的文书“{template}”。程序可能已变更，请重新载入页面。"


class DocumentLacks(Refusal):
    """“{template}” cannot be produced yet: the case holds no answer for {missing}. Give these answers first."""

    zh = "“{template}”暂不能生成：办件中缺少以下内容：{missing}。请先填写。"


class DocumentFails(Refusal):
    """“{template}” cannot be produced: {why}. Tell whoever designs the procedure."""

    zh = "“{template}”无法生成：{why}。请告知流程设计人员。"


class DecidedElsewhere(Refusal):
    """“{task}” is decided on the review page of the edition it is about, not here. Open that page from the task."""

    zh = "“{task}”须在所审版本的审核页面上作出决定，不能在此办理。请从任务中打开该页面。"


class BegunElsewhere(Refusal):
    """A case of this procedure begins when an edition is submitted for review. Submit it on the edition's page."""

    zh = "该程序的办件在提交版本审核时产生。请在该版本的页面上提交。"


class NotTogether(Refusal):
    """“{task}” is completed one at a time, not together with others. Open it and complete it there."""

    zh = "“{task}”须逐件办理，不能批量完成。请打开该任务办理。"


class NotWaiting(Overtaken):
    """Nothing waits there any more: somebody was quicker, or the case went another way. Look at the case again."""

    zh = "该处已不再等待：可能已有人处理，或办件已转往其他环节。请重新查看办件。"


class WorkNotPossible(Refusal):
    """“{task}” cannot be {change} now. Look at the task again: it has changed meanwhile."""

    zh = "“{task}”目前不能{change}。任务已有变化，请重新查看。"


class ReasonMissing(Refusal):
    """Say in a sentence what was done and why: it goes into the record."""

    zh = "请用一句话说明做了什么、为什么：这将写入记录。"


SWITCHED: Final[Mapping[str, Text]] = {
    "return": Text(en="return it to an earlier step", zh="退回前一环节"),
    "withdraw": Text(en="take back what was completed", zh="撤回已办结的内容"),
    "transfer": Text(en="hand it over to a colleague", zh="转办"),
    "consult": Text(en="ask a colleague for an opinion", zh="征求意见"),
    "sign": Text(en="add signers", zh="加签"),
    "countersign": Text(en="have it counter-signed", zh="会签"),
    "suspend": Text(en="suspend the case", zh="中止办件"),
    "extend": Text(en="ask for more time", zh="申请延期"),
    "copy": Text(en="send a copy", zh="抄送"),
    "urge": Text(en="urge", zh="催办"),
    "cancel": Text(en="cancel the case", zh="撤销办件"),
}
"""What nobody may do at a step where it is switched off, by its word in the diagram."""


def must_be_switched_on(task: str, without: Collection[str], move: str) -> None:
    """Raises MoveSwitchedOff."""
    if move in without:
        raise MoveSwitchedOff(task=task, move=SWITCHED[move])


@dataclass(slots=True)  # made with each step: frozen it would take six times as long
class Standing:
    """A task as far as the rules ask."""

    name: str
    post_id: int
    post: Text
    person_id: int | None
    person: Text
    claimed_at: datetime | None
    closed_at: datetime | None
    closed_how: int | None


def must_be_open(task: Standing) -> None:
    if task.closed_at is None:
        return
    if task.closed_how == Closed.COMPLETED:
        raise AlreadyCompleted(task=task.name, person=task.person, at=task.closed_at)
    raise NoLongerNeeded(task=task.name, at=task.closed_at)


def must_be_of_my_posts(task: Standing, actor: Actor) -> None:
    if task.post_id not in actor.post_ids:
        raise WrongPost(task=task.name, post=task.post)


def must_not_be_anothers(task: Standing, actor: Actor) -> None:
    if task.person_id is not None and task.person_id != actor.person_id:
        raise ClaimedBySomebody(task=task.name, person=task.person, at=task.claimed_at)


def must_be_mine_or_of_my_posts(task: Standing, actor: Actor) -> None:
    """Somebody who left the post may still give back what they claimed in it."""
    if task.person_id != actor.person_id:
        must_be_of_my_posts(task, actor)


def must_be_mine(task: Standing, actor: Actor) -> None:
    if task.person_id != actor.person_id:
        raise NotClaimedByYou(task=task.name)


_NEXT: Final[Mapping[Change, frozenset[Change | None]]] = {
    Change.BEGUN: frozenset({Change.CLAIMED}),
    Change.PAUSED: frozenset({Change.BEGUN, Change.RESUMED}),
    Change.RESUMED: frozenset({Change.PAUSED}),
}
_DONE_WORD: Final = {
    Change.BEGUN: Text(en="begun", zh="开始"),
    Change.PAUSED: Text(en="paused", zh="暂停"),
    Change.RESUMED: Text(en="resumed", zh="继续"),
}


def work_may(task: Standing, last: Change | None, wanted: Change) -> None:
    """Work is begun once after claiming, then paused and resumed in turn."""
    if last not in _NEXT[wanted]:
        raise WorkNotPossible(task=task.name, change=_DONE_WORD[wanted])


def fit_matter(matter: str) -> str:
    cleaned = one_line(matter)
    if not cleaned or len(cleaned) > MOST_MATTER:
        raise MatterMissing(most=MOST_MATTER)
    return cleaned


def fit_applicant(applicant: str) -> str:
    cleaned = one_line(applicant)
    if not cleaned or len(cleaned) > MOST_MATTER:
        raise ApplicantMissing()
    return cleaned


COMPLETED: Final = "complete_task"


def tells_passed(act: str, facts: Mapping[str, Any], passed: Sequence[str]) -> bool:
    """Whether an entry of the record says what the token left. That a completed task was left goes without saying."""
    return len(passed) != 1 or passed[0] != facts["element"] if act == COMPLETED else bool(passed)


def passed_in(act: str, facts: Mapping[str, Any]) -> Sequence[str]:
    """What the token left with an act, in order, by the facts of its entry. Where one got stuck nothing goes without saying."""
    told: Sequence[str] | None = facts.get("passed")
    if told is None:
        return (facts["element"],) if act == COMPLETED and "troubles" not in facts else ()
    return told


def kept_of(receipt: bytes | None) -> bytes | None:
    """What a task keeps of the receipt it was completed with: half of it tells one page of one person from another."""
    return None if receipt is None else receipt[:8]


def is_sent_again(kept: bytes | None, receipt: bytes | None) -> bool:
    return kept is not None and kept_of(kept) == kept_of(receipt)
