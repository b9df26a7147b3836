"""What is allowed in document control: who decides on an edition, with which words, from which day. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from engine.base.errors import NotAllowed, Overtaken, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.organisation.rules import Actor, Right
from engine.procedures.rules import STATES, EditionState

DEFAULT_MONTHS: Final = 12
"""A procedure in force is reviewed again after so many months, unless it is told otherwise."""
MOST_MONTHS: Final = 120
MOST_WORDS: Final = 2000
MOST_COMMENTS: Final = 500
FARTHEST: Final = timedelta(days=5 * 366)


class Act(StrEnum):
    """What a step or event of the approval procedure decides or waits for: `officium:act` in its diagram."""

    CHECK = "check"
    CONSENT = "consent"
    REVISE = "revise"
    APPROVE = "approve"
    IN_FORCE = "in_force"


class Outcome(StrEnum):
    """How a round of review ended."""

    APPROVED = "approved"
    RETURNED = "returned"


class CommentState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class NoApprovalHere(Refusal):
    """No procedure of approval is in force here, so nothing is submitted. A designer puts edition {edition} in force."""

    zh = "本机关没有生效的审批程序，无需提交。第 {edition} 版可由流程设计人员直接使其生效。"


class NotInReview(Overtaken):
    """Edition {edition} is {state}. This is decided only while an edition is in review."""

    zh = "第 {edition} 版的状态为“{state}”。只有审核中的版本才能作此决定。"


class NotApproved(Refusal):
    """Edition {edition} is {state}. A day is set only for an edition that is approved and not yet in force."""

    zh = "第 {edition} 版的状态为“{state}”。只有已批准、尚未生效的版本才能确定生效日。"


class AlreadyDecided(Overtaken):
    """This was decided by {person} on {at}. Look at the review again; what you typed was not kept."""

    zh = "此事已由{person}于 {at} 决定。请重新查看审核页面；您填写的内容未保存。"


class NotItsTurn(Overtaken):
    """This is not to be decided now: the review stands at another step. Look at it again."""

    zh = "现在还不能作此决定：审核正处于其他环节。请重新查看。"


class NotYourDecision(NotAllowed):
    """“{step}” is decided by the post “{post}”, which you do not hold."""

    zh = "“{step}”由岗位“{post}”决定，您不在该岗位。"


class AuthorDecides(NotAllowed):
    """You wrote in edition {edition} yourself. Whoever wrote in an edition neither checks, consents to nor approves it."""

    zh = "第 {edition} 版有您编制的内容。编制人不得审核、会签或批准自己编制的版本。"


class AuthorDecidesFor(NotAllowed):
    """{person}, for whom you stand in, wrote in edition {edition}: it is neither checked, consented to nor approved in their name."""

    zh = "您所代理的{person}编制过第 {edition} 版，不得以其名义审核、会签或批准该版本。"


class ReasonsMissing(Refusal):
    """Say why, in at most {most} characters: whoever wrote the edition must know what to mend."""

    zh = "请说明理由（不超过 {most} 字），以便编制人知道如何修改。"


class RemarksTooLong(Refusal):
    """These remarks have {length} characters; at most {most} are kept. Shorten them, or attach a comment to a step."""

    zh = "意见共 {length} 字，最多 {most} 字。请精简，或在具体环节上加批注。"


class NobodyElse(Refusal):
    """“{post}” decides on this edition, but nobody holds it today who did not write in it. Give the post to another."""

    zh = "此版本由岗位“{post}”决定，但今天没有编制人以外的人在该岗位。请先另行安排人员。"


class DayPast(Refusal):
    """{day} lies in the past. Choose today or a later day."""

    zh = "{day} 已经过去。请选择今天或以后的日期。"


class DayTooFar(Refusal):
    """{day} is too far ahead: an edition approved today comes into force within five years. Choose an earlier day."""

    zh = "{day} 过于遥远：今天批准的版本应在五年内生效。请选择更早的日期。"


class CommentMissing(Refusal):
    """A comment needs some words, at most {most} characters. Write what you see and what should be otherwise."""

    zh = "批注需要文字，不超过 {most} 字。请写明所见及建议。"


class ElementUnknown(Refusal):
    """“{element}” is nothing that this diagram draws. Choose a step from the list."""

    zh = "流程图中没有“{element}”。请从列表中选择。"


class CommentClosed(Refusal):
    """Comment {number} is closed. Write a new one if there is more to say."""

    zh = "第 {number} 条批注已关闭。如有其他意见，请另写一条。"


class NoMoreComments(Refusal):
    """This edition has {most} comments already. Close the review, and mend what has been said."""

    zh = "该版本已有 {most} 条批注。请先处理已有的意见。"


class EditionSettled(Refusal):
    """Edition {edition} is {state}: nothing more is commented on there. Comment on the next edition's draft."""

    zh = "第 {edition} 版的状态为“{state}”，不再接受批注。请在下一版的草稿上批注。"


class MonthsUnfit(Refusal):
    """A procedure is reviewed every 1 to {most} months. Write a whole number."""

    zh = "程序的复审周期为 1 至 {most} 个月。请填写整数。"


_OWN_COMMENTS: Final = Text(
    en="a comment is closed by whoever wrote it, or by the holder of an approving post",
    zh="批注由提出人或批准岗位的人员关闭",
)
APPROVERS: Final = Text(
    en="editions are approved, and their day is set, by the holders of an approving post",
    zh="版本由批准岗位的人员批准并确定生效日",
)
_REGISTRARS: Final = Text(
    en="the register is kept by process designers and by the holders of an approving post",
    zh="程序清单由流程设计人员和批准岗位的人员维护",
)
TAKES_NO_PART: Final = Text(
    en="a review is open to process designers and to those who decide in it",
    zh="审核页面仅供流程设计人员和参与审核的人员查看",
)


@frozen
class Chair:
    """A post as far as it matters who speaks for its department."""

    id: int
    department_id: int
    reports_to: int | None
    supervises: bool


def consenting(crossed: Iterable[int], chairs: Collection[Chair], above: Mapping[int, int | None]) -> dict[int, int]:
    """Department to the post that consents for it, of the departments `crossed` by lanes.

    It is the department's top post: nobody of the same department stands above it. A department without
    anybody who supervises is spoken for by the nearest one above it that has; where none has, by its own top post.
    """
    found: dict[int, int] = {}
    for department in crossed:
        at: int | None = department
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            top = _top(at, chairs, only_supervising=True)
            if top is not None:
                found[at] = top
                break
            at = above.get(at)
        else:
            own = _top(department, chairs, only_supervising=False)
            if own is not None:
                found[department] = own
    return found


def _top(department: int, chairs: Collection[Chair], *, only_supervising: bool) -> int | None:
    inside = {one.id: one for one in chairs if one.department_id == department}
    tops = [one for one in inside.values() if one.reports_to not in inside]
    fit = [one for one in tops if one.supervises] if only_supervising else tops
    return min((one.id for one in fit), default=None)


def must_be_in_review(number: int, state: str) -> None:
    if state != EditionState.IN_REVIEW:
        raise NotInReview(edition=number, state=STATES.get(state, state))


def must_be_approved(number: int, state: str) -> None:
    if state != EditionState.APPROVED:
        raise NotApproved(edition=number, state=STATES.get(state, state))


def must_not_be_author(number: int, by: Actor, authors: Collection[int]) -> None:
    if by.person_id in authors:
        raise AuthorDecides(edition=number)


def must_not_be_for_author(number: int, behalf: int | None, name: Text, authors: Collection[int]) -> None:
    """What keeps an author from deciding keeps their deputy from it."""
    if behalf in authors:
        raise AuthorDecidesFor(edition=number, person=name)


def may_approve(by: Actor, behalf: int | None = None) -> bool:
    """`behalf`: whom they stand in for, whose posts then carry the right."""
    if behalf is None:
        return by.may(Right.APPROVE)
    return any(Right.APPROVE in post.rights for one in by.stands_in if one.person_id == behalf for post in one.posts)


def must_approve(by: Actor, behalf: int | None = None) -> None:
    if not may_approve(by, behalf):
        raise NotAllowed(why=APPROVERS)


def must_keep_register(by: Actor) -> None:
    if not (by.may(Right.DESIGN) or by.may(Right.APPROVE)):
        raise NotAllowed(why=_REGISTRARS)


def may_close(by: Actor, written_by: int) -> bool:
    return by.person_id == written_by or by.may(Right.APPROVE)


def must_close(by: Actor, written_by: int) -> None:
    if not may_close(by, written_by):
        raise NotAllowed(why=_OWN_COMMENTS)


def must_be_open_to_comments(number: int, state: str) -> None:
    if state not in (EditionState.DRAFT, EditionState.IN_REVIEW, EditionState.APPROVED):
        raise EditionSettled(edition=number, state=STATES.get(state, state))


def fit_remarks(typed: str) -> str:
    cleaned = _words(typed)
    if len(cleaned) > MOST_WORDS:
        raise RemarksTooLong(length=len(cleaned), most=MOST_WORDS)
    return cleaned


def fit_reasons(typed: str) -> str:
    cleaned = _words(typed)
    if not cleaned or len(cleaned) > MOST_WORDS:
        raise ReasonsMissing(most=MOST_WORDS)
    return cleaned


def fit_comment(typed: str) -> str:
    cleaned = _words(typed)
    if not cleaned or len(cleaned) > MOST_WORDS:
        raise CommentMissing(most=MOST_WORDS)
    return cleaned


def _words(typed: str) -> str:
    """As typed, with its line breaks, without signs that nobody can see."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(sign for sign in line if sign.isprintable() or sign == "\t") for line in lines).strip()


def fit_day(day: date | None, today: date) -> date:
    """No day means today."""
    chosen = day or today
    if chosen < today:
        raise DayPast(day=chosen)
    if chosen - today > FARTHEST:
        raise DayTooFar(day=chosen)
    return chosen


def fit_months(months: int) -> int:
    if not 1 <= months <= MOST_MONTHS:
        raise MonthsUnfit(most=MOST_MONTHS)
    return months


def months_after(day: date, months: int) -> date:
    """The same day of a later month; its last day where it has no such day."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    first_after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (first_after - timedelta(days=1)).day))
