"""What is allowed when somebody will be absent. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text

MOST_WHY: Final = 200
LONGEST: Final = timedelta(days=400)
NOBODY: Final = Text("nobody to stand in", "暂缺")


class NotYoursToPlan(NotAllowed):
    """The absence of {person} is planned by {person}, by a supervisor of their department or by an administrator."""

    zh = "{person}的外出安排由本人、其所在部门的监督人员或管理员办理。"


class AbsenceInThePast(Refusal):
    """An absence cannot begin on {day}: today is {today}. Plan it from today on."""

    zh = "外出不能从 {day} 开始：今天是 {today}。请从今天或以后的日期开始安排。"


class AbsenceTooLong(Refusal):
    """From {from_day} until {until_day} is longer than an absence can be. Whoever is away for that long hands over the post."""

    zh = "{from_day} 至 {until_day} 的时间过长，不能作为外出安排。长期离岗请办理岗位交接。"


class AbsenceInverted(Refusal):
    """The last day of the absence, {until_day}, lies before its first, {from_day}. Correct one of them."""

    zh = "外出的最后一天 {until_day} 早于第一天 {from_day}。请更正其一。"


class OwnDeputy(Refusal):
    """{person} cannot stand in for {person}. Choose a colleague."""

    zh = "{person}不能代理自己。请另选同事。"


class DeputyLeft(Refusal):
    """{deputy} leaves on {day} and cannot stand in until {until_day}. Choose somebody else, or end the absence before."""

    zh = "{deputy}将于 {day} 离任，不能代理至 {until_day}。请另选他人，或提前结束外出。"


class DeputyAbsent(Refusal):
    """{deputy} is absent too, from {from_day} until {until_day}, and whoever stands in for {deputy} then does not stand in for {person}. Choose somebody else."""

    zh = "{deputy}在 {from_day} 至 {until_day} 期间也外出，而其代理人不会再代理{person}。请另选他人。"


class DeputyWithoutPost(Refusal):
    """{deputy} holds no post at that time and cannot act for anybody. Choose somebody who holds a post."""

    zh = "{deputy}届时没有任何岗位，不能代理他人。请另选有岗位的人员。"


class AbsenceOverlaps(Refusal):
    """There is an absence of {person} for the same posts and procedures already, from {from_day} until {until_day}, with {deputy}. Change that one, or choose other days or posts."""

    zh = "{person}在 {from_day} 至 {until_day} 期间就相同的岗位和程序已有外出安排（代理人{deputy}）。请修改该安排，或另选日期、岗位。"


class PostNotHeld(Refusal):
    """{person} does not hold “{post}” at that time, so nobody can stand in for it."""

    zh = "{person}届时未任“{post}”，无法由他人代理该岗位。"


class AbsenceOver(Refusal):
    """This absence is over since {day} and is not changed any more."""

    zh = "此次外出已于 {day} 结束，不能再修改。"


class WhyTooLong(Refusal):
    """The word why takes at most {most} characters."""

    zh = "事由最多 {most} 字。"


@frozen
class Scope:
    """None named: every one."""

    post_ids: frozenset[int] = frozenset()
    procedure_ids: frozenset[int] = frozenset()

    def meets(self, other: Scope) -> bool:
        return _meet(self.post_ids, other.post_ids) and _meet(self.procedure_ids, other.procedure_ids)


def _meet(one: frozenset[int], other: frozenset[int]) -> bool:
    return not one or not other or bool(one & other)


def words_of(ids: Collection[int]) -> str:
    return " ".join(map(str, sorted(ids)))


def ids_of(words: str) -> frozenset[int]:
    return frozenset(map(int, words.split()))


def fit_days(from_day: date, until_day: date, today: date, *, begun: bool = False) -> None:
    """`begun`: it began before and only its last day is chosen anew."""
    if until_day < from_day:
        raise AbsenceInverted(from_day=from_day, until_day=until_day)
    if (from_day < today and not begun) or until_day < today:
        raise AbsenceInThePast(day=min(from_day, until_day) if not begun else until_day, today=today)
    if until_day - from_day > LONGEST:
        raise AbsenceTooLong(from_day=from_day, until_day=until_day)


def fit_why(why: str) -> str:
    cleaned = " ".join(why.split())
    if len(cleaned) > MOST_WHY:
        raise WhyTooLong(most=MOST_WHY)
    return cleaned
