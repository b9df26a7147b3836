"""What is allowed with what is asked beside the diagram: who answers how, whose turn it is, what is still missing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from fractions import Fraction
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.rules import Kind
from engine.diagram import voting


class Outcome(IntEnum):
    """How something asked was answered, or why it needs no answer. Numbers are stored: never renumber."""

    AGREED = 1
    AGREED_WITH_REMARKS = 2
    DISAGREED = 3
    GIVEN_BACK = 4
    SIGNED = 5
    REFUSED = 6
    CONSENTED = 7
    OBJECTED = 8
    FOR = 9
    AGAINST = 10
    ABSTAINED = 11
    WITHDRAWN = 12
    """Whoever asked took it back."""
    EXCLUDED = 13
    """A member of the committee who takes no part in this matter."""
    LEFT = 14
    """Whoever was asked in person has left the office without an answer."""


ANSWERS: Final[Mapping[Kind, tuple[Outcome, ...]]] = {
    Kind.OPINION: (Outcome.AGREED, Outcome.AGREED_WITH_REMARKS, Outcome.DISAGREED, Outcome.GIVEN_BACK),
    Kind.SIGNATURE: (Outcome.SIGNED, Outcome.REFUSED),
    Kind.COUNTERSIGNATURE: (Outcome.CONSENTED, Outcome.OBJECTED),
    Kind.VOTE: (Outcome.FOR, Outcome.AGAINST, Outcome.ABSTAINED),
}
"""How each can be answered by whoever was asked."""

WITH_WORDS: Final = frozenset({
    Outcome.AGREED_WITH_REMARKS, Outcome.DISAGREED, Outcome.GIVEN_BACK, Outcome.REFUSED, Outcome.OBJECTED,
    Outcome.AGAINST, Outcome.ABSTAINED,
})  # fmt: skip
"""Answers that must say why."""

MOVES: Final[Mapping[Kind, str]] = {
    Kind.OPINION: "consult",
    Kind.SIGNATURE: "sign",
    Kind.COUNTERSIGNATURE: "countersign",
}
"""By which word a step can be without it. A vote is where the diagram says so."""

MOST_ASKED: Final = 50
MOST_WORDS: Final = 4000


class AskedBeside(Refusal):
    """At “{task}” you were asked for an answer: give it on the task's page. Only the step itself is completed."""

    zh = "在“{task}”中请您答复的事项，须在任务页面上作出答复；只有环节本身才能办结。"


class NothingAsked(Refusal):
    """Say what you ask, in at most {most} characters: whoever is asked must understand it without asking back."""

    zh = "请写明所询事项，不超过 {most} 字：被询问人应无需再问即可明白。"


class AnswerWithoutWords(Refusal):
    """Say why, in at most {most} characters: an answer like this is of use only with its reason."""

    zh = "请说明理由，不超过 {most} 字：此类答复须附理由。"


class AnswerNotChosen(Refusal):
    """Choose one of the answers."""

    zh = "请选择一项答复。"


class NobodyChosen(Refusal):
    """Choose at least one post or person, at most {most}."""

    zh = "请至少选择一个岗位或一名人员，最多 {most} 个。"


class NobodyToAsk(Refusal):
    """{whom} cannot be asked: nobody would see it. The post is vacant, or the person holds none or has left."""

    zh = "无法向{whom}提出：无人会看到。该岗位空缺，或此人未任职或已离任。"


class AskedOneself(Refusal):
    """You cannot ask yourself. Choose somebody else."""

    zh = "不能向自己提出，请选择其他人。"


class AlreadyAsked(Refusal):
    """{whom} has been asked the same already and has not answered yet. Wait for the answer, or withdraw what you asked."""

    zh = "已向{whom}提出，尚未答复。请等待答复，或先撤回。"


class SignaturesMissing(Refusal):
    """“{task}” cannot be completed yet. Still to sign: {who}. Wait for them, or withdraw what you asked of them."""

    zh = "“{task}”尚不能办结。待签：{who}。请等待签署，或撤回加签。"


class CountersignaturesMissing(Refusal):
    """“{task}” cannot be completed yet. Still to countersign: {who}. They answer on their own desks."""

    zh = "“{task}”尚不能办结。待会签：{who}。请等待其在各自办公台答复。"


class VoteMissing(Refusal):
    """“{task}” is decided by a committee. Open the vote, and close it once enough members have voted."""

    zh = "“{task}”由委员会表决。请发起表决，并在到会人数足够后结束表决。"


class CannotDecide(Refusal):
    """The vote cannot be closed: {present} of {members} members have voted and {needed} are needed. {missing} are missing."""

    zh = "不能结束表决：成员 {members} 名，已表决 {present} 名，须达到 {needed} 名，尚缺 {missing} 名。"


class NoCommittee(Refusal):
    """No committee decides “{task}”: the procedure does not name one there."""

    zh = "“{task}”不由委员会表决：程序在此处未指定委员会。"


class CommitteeEmpty(Refusal):
    """Nobody can vote on “{task}”: {committee} has no member who may take part. Ask an administrator to fill the post."""

    zh = "“{task}”无人可以表决：{committee}没有可参加表决的成员。请联系管理员配备人员。"


class VoteOpenAlready(Refusal):
    """The committee has been asked to vote on this already. Close that vote, or give it up first."""

    zh = "已就此发起表决。请先结束或终止该表决。"


class VoteClosed(Refusal):
    """The vote was closed on {at}. Nothing can be changed in it any more."""

    zh = "表决已于 {at} 结束，不能再作更改。"


class VotedInPerson(NotAllowed):
    """A vote is cast by the member in person; nobody votes on behalf of somebody else."""

    zh = "表决须由成员本人进行，不得代为表决。"


class DepartmentNotThere(Refusal):
    """There is no department “{code}” with a post that somebody holds. Ask a designer to correct the procedure."""

    zh = "没有代码为“{code}”且有人任职的部门。请联系流程设计人员更正程序。"


class RequiredHere(Refusal):
    """{whom} must countersign here: the procedure says so. It cannot be withdrawn."""

    zh = "程序规定此处须由{whom}会签，不能撤回。"


class NotYoursToWithdraw(NotAllowed):
    """What was asked at “{task}” is withdrawn by whoever works on that task. You do not."""

    zh = "“{task}”中提出的事项只能由该任务的办理人撤回，而您不是办理人。"


class NoLongerAsked(Refusal):
    """It was answered or withdrawn meanwhile. Look at the page again."""

    zh = "该事项已被答复或撤回，请重新查看页面。"


class NothingWaitsForYou(Refusal):
    """No signer waits for you to have done your part. Look at the page again."""

    zh = "没有等待您办完后再签署的人员，请重新查看页面。"


class AskedInPerson(Refusal):
    """“{task}” was asked of you in person and is free for nobody else. Answer it, or say why you give it back."""

    zh = "“{task}”是请您本人办理的，不能退给他人。请答复，或说明理由后退回。"


class DayHasPassed(Refusal):
    """The day {day} has passed already. Choose a later one, or none."""

    zh = "{day} 已经过去。请另选日期，或不填。"


@frozen
class Ask:
    """One thing asked of one, as far as the rules look at it. `opened`: it lies on a desk, or has."""

    number: int
    kind: Kind
    outcome: Outcome | None = None
    behind: int | None = None
    after: bool = False
    opened: bool = False
    again: int | None = None


def fit_words(words: str) -> str:
    cleaned = words.replace("\0", "").strip()
    if not cleaned or len(cleaned) > MOST_WORDS:
        raise NothingAsked(most=MOST_WORDS)
    return cleaned


def fit_answer(kind: Kind, outcome: int | None, words: str) -> tuple[Outcome, str]:
    if outcome not in ANSWERS[kind]:
        raise AnswerNotChosen()
    said, cleaned = Outcome(outcome), words.replace("\0", "").strip()
    if len(cleaned) > MOST_WORDS or (said in WITH_WORDS and not cleaned):
        raise AnswerWithoutWords(most=MOST_WORDS)
    return said, cleaned


def fit_due(due: datetime | None, now: datetime) -> datetime | None:
    if due is not None and due <= now:
        raise DayHasPassed(day=due)
    return due


def must_choose(chosen: Collection[object]) -> None:
    if not 0 < len(chosen) <= MOST_ASKED:
        raise NobodyChosen(most=MOST_ASKED)


def whose_turn(asks: Iterable[Ask]) -> tuple[int, ...]:
    """Signers whose turn has come and who have not been told: whoever stands before them has signed, was withdrawn or has left."""
    known = {one.number: one for one in asks}

    def passed(number: int | None, seen: frozenset[int] = frozenset()) -> bool:
        one = known.get(number) if number is not None else None
        if one is None or one.number in seen:
            return True
        if one.again is not None:  # asked anew: whoever stood behind it stands behind that one
            return passed(one.again, seen | {one.number})
        if one.outcome in (Outcome.WITHDRAWN, Outcome.LEFT):
            return passed(one.behind, seen | {one.number})
        return one.outcome is Outcome.SIGNED

    return tuple(
        one.number
        for one in known.values()
        if not one.opened and one.outcome is None and not one.after and passed(one.behind)
    )


def missing(asks: Iterable[Ask], kind: Kind) -> tuple[int, ...]:
    """Those without whom the step is not completed: not answered, or a signature that was refused and still stands."""
    return tuple(
        one.number
        for one in asks
        if one.kind is kind and one.again is None and one.outcome in (None, Outcome.REFUSED)
    )  # fmt: skip


@frozen
class Count:
    """A vote as counted. `members`: those who may take part."""

    members: int
    votes_for: int
    votes_against: int
    abstained: int

    @property
    def present(self) -> int:
        return self.votes_for + self.votes_against + self.abstained


def counted(outcomes: Sequence[Outcome | None]) -> Count:
    """Of everybody asked to vote; None where somebody has not. Who is excluded or has left counts nowhere."""
    asked = [one for one in outcomes if one not in (Outcome.EXCLUDED, Outcome.LEFT)]
    return Count(
        len(asked), asked.count(Outcome.FOR), asked.count(Outcome.AGAINST), asked.count(Outcome.ABSTAINED)
    )  # fmt: skip


def must_decide(count: Count, quorum: Fraction | int) -> None:
    """Raises CannotDecide."""
    needed = voting.needed_present(quorum, count.members)
    if count.present < needed:
        raise CannotDecide(
            present=count.present, members=count.members, needed=needed, missing=needed - count.present
        )  # fmt: skip


def result(count: Count, adopted: bool) -> dict[str, int | bool]:
    """The answers that a vote leaves in the case."""
    values = (count.votes_for, count.votes_against, count.abstained, count.present, adopted)
    return dict(zip(voting.RESULT, values, strict=True))


def countersigned(outcomes: Iterable[Outcome]) -> dict[str, int | bool]:
    """The answers that the departments leave in the case."""
    found = list(outcomes)
    consents, objections = found.count(Outcome.CONSENTED), found.count(Outcome.OBJECTED)
    return dict(zip(voting.COUNTERSIGNED, (consents, objections, not objections), strict=True))


SAID: Final[Mapping[Outcome, Text]] = {
    Outcome.AGREED: Text("agrees", "同意"),
    Outcome.AGREED_WITH_REMARKS: Text("agrees with remarks", "原则同意，有补充意见"),
    Outcome.DISAGREED: Text("disagrees", "不同意"),
    Outcome.GIVEN_BACK: Text("gave it back", "已退回"),
    Outcome.SIGNED: Text("signed", "已签署"),
    Outcome.REFUSED: Text("refuses to sign", "拒绝签署"),
    Outcome.CONSENTED: Text("consents", "会签同意"),
    Outcome.OBJECTED: Text("objects", "提出异议"),
    Outcome.FOR: Text("for", "赞成"),
    Outcome.AGAINST: Text("against", "反对"),
    Outcome.ABSTAINED: Text("abstained", "弃权"),
    Outcome.WITHDRAWN: Text("withdrawn", "已撤回"),
    Outcome.EXCLUDED: Text("takes no part: a declared interest", "回避"),
    Outcome.LEFT: Text("left the office without an answer", "已离任，未答复"),
}
"""What each outcome is called where it is listed."""
