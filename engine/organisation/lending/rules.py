"""What is allowed with lending people to posts. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.organisation.rules import Right

LONGEST: Final = timedelta(days=92)
MOST_REASON: Final = 500
_GIVEN: Final = frozenset({Right.RECEIVE})
"""What a lent post may carry though the lender has it not; else what they have themselves over its department."""
_NEVER: Final = frozenset({Right.ADMINISTER, Right.INSPECT, Right.APPROVE})


class NotYoursToLend(NotAllowed):
    """“{post}” is not a post of a department that you supervise. Ask its supervisor, or an administrator."""

    zh = "“{post}”不属于您监督的部门。请联系其监督人员或管理员。"


class RightsNotLent(NotAllowed):
    """“{post}” carries rights that only an administrator gives. Ask an administrator to give the post."""

    zh = "“{post}”带有仅由管理员授予的权限。请由管理员任命。"


class SupervisionNotLent(NotAllowed):
    """“{post}” supervises its department. Only whoever supervises a department above it gives or ends that for a time; ask them, or an administrator."""

    zh = "“{post}”对本部门负有监督职责，只能由上级部门的监督人员临时安排或终止。请联系上级或管理员。"


class NotToYourself(NotAllowed):
    """Nobody gives a post to themselves. Ask your superior, or an administrator."""

    zh = "不能给自己安排岗位。请由上级或管理员安排。"


class LendUntil(Refusal):
    """Say until which day: from the first day on, at most {most} days."""

    zh = "请填写截止日：自起始日起不超过 {most} 天。"


class LendFrom(Refusal):
    """The first day is over already. Choose today or a later day."""

    zh = "起始日已过。请选择今天或之后的日期。"


class LendReason(Refusal):
    """Say why the post needs somebody more, in at most {most} characters: it goes into the record."""

    zh = "请说明该岗位为何需要增加人手，不超过 {most} 字：这将写入记录。"


class LoanEndReason(Refusal):
    """Say why it ends before its day, in at most {most} characters: it goes into the record."""

    zh = "请说明为何提前结束，不超过 {most} 字：这将写入记录。"


class PostMissing(Refusal):
    """Choose the post that somebody is added to."""

    zh = "请选择要增加人手的岗位。"


class PersonMissing(Refusal):
    """Choose whom you add to the post."""

    zh = "请选择安排哪位人员。"


class NotLent(Refusal):
    """This post was not given for a time by a supervisor. An administrator ends it."""

    zh = "该任职不是由监督人员临时安排的，须由管理员终止。"


def must_be_lendable(post: object, rights: frozenset[Right], *, over: frozenset[Right], from_above: bool) -> None:
    """`over`: those of the lender's rights that reach the post's department; `from_above`: they supervise one above it.

    A right is handed on only by whoever has it over that department; the right to supervise it, only from above:
    nobody makes a second of themselves. Raises RightsNotLent, SupervisionNotLent.
    """
    if rights & _NEVER or not rights - {Right.SUPERVISE} <= over | _GIVEN:
        raise RightsNotLent(post=post)
    if Right.SUPERVISE in rights and not from_above:
        raise SupervisionNotLent(post=post)


def fit_from(asked: date | None, today: date) -> date:
    """Today, where none was asked for."""
    if asked is not None and asked < today:
        raise LendFrom()
    return asked or today


def fit_until(first: date, until: date | None) -> date:
    if until is None or until < first or until - first > LONGEST:
        raise LendUntil(most=LONGEST.days)
    return until


def fit_reason(words: str, otherwise: type[Refusal] = LendReason) -> str:
    said = words.strip()
    if not said or len(said) > MOST_REASON:
        raise otherwise(most=MOST_REASON)
    return said


def last_day(first: date, today: date) -> date:
    """Of what is ended today: yesterday; of one that begins today, today; one that would only begin never does."""
    return max(first, today - timedelta(days=1))
