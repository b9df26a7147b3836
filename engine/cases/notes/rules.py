"""What is allowed with notes, and how somebody is mentioned in one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.text import one_line
from engine.organisation.rules import Actor, as_login

MOST_TEXT: Final = 4000
MOST_REASON: Final = 500
MAY_CORRECT: Final = timedelta(minutes=15)
MOST_MENTIONED: Final = 20


class NoteEmpty(Refusal):
    """A note needs words: at most {most} characters of them."""

    zh = "备注须有内容，且不超过 {most} 字。"


class NoteOfOthers(NotAllowed):
    """Note {number} was written by {person}. Only its writer corrects it; write a note of your own."""

    zh = "备注 {number} 由{person}所写，只有本人可以更正。请另写一条备注。"


class NoteSettled(Refusal):
    """Note {number} can no longer be corrected: that ended at {until}. Strike it out, or write another one."""

    zh = "备注 {number} 已于 {until} 起不能更正。请将其划去，或另写一条备注。"


class NoteStruck(Refusal):
    """Note {number} was struck out on {at}. It stays as it is."""

    zh = "备注 {number} 已于 {at} 划去，不再变动。"


class NotForYouToStrike(NotAllowed):
    """Note {number} is struck out by {person}, who wrote it, or by a supervisor of the procedure."""

    zh = "备注 {number} 只能由撰写人{person}或程序的监督人员划去。"


class NotAnAudience(Refusal):
    """A note is for all the case's people, for your own department, or for one that takes part in the case."""

    zh = "备注可供办件全体经办人、您所在部门或参与办理的部门阅看，请选择其一。"


class MayNotSeeCase(Refusal):
    """{person} may not see this case, so a note cannot be shown to them. Send a copy of the case or ask for an opinion instead."""

    zh = "{person}无权查看此办件，不能在备注中提及。请改用抄送或征求意见。"


class NotInAudience(Refusal):
    """{person} is not in {department}, for which this note is. Choose all the case's people as readers, or leave the name out."""

    zh = "{person}不在此备注的阅看部门{department}。请改选办件全体经办人，或不提及该人员。"


class TooManyMentioned(Refusal):
    """A note tells at most {most} persons. Mention fewer."""

    zh = "一条备注最多提及 {most} 人，请减少提及的人员。"


class ReasonUnfit(Refusal):
    """Say why the note is struck out, in at most {most} characters."""

    zh = "请说明划去备注的理由，不超过 {most} 字。"


class NoteAltered(Refusal):
    """Note {number} on the case {case} is not as it was written: its text does not fit the digest in the record."""

    zh = "办件 {case} 的备注 {number} 与写入时不符：其内容与记录中的摘要不一致。"


def fit_text(typed: str) -> str:
    """Line breaks stay; signs that nobody can see go."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join("".join(s if s.isprintable() else " " for s in line).rstrip() for line in lines).strip("\n ")
    if not text or len(text) > MOST_TEXT:
        raise NoteEmpty(most=MOST_TEXT)
    return text


def fit_reason(typed: str) -> str:
    reason = one_line(typed)
    if not reason or len(reason) > MOST_REASON:
        raise ReasonUnfit(most=MOST_REASON)
    return reason


def departments_of(actor: Actor) -> frozenset[int]:
    """Of their own posts, and of those they stand in for."""
    own = {post.department_id for post in actor.posts}
    return frozenset(own | {post.department_id for one in actor.stands_in for post in one.posts})


def may_correct_until(at: datetime) -> datetime:
    return at + MAY_CORRECT


_MENTION: Final = re.compile(r"(?<![A-Za-z0-9._@-])@(\w(?:[\w.-]{0,38}\w)?)")
_TURN: Final = re.compile(r"(?<=[\x00-\x7f])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[\x00-\x7f])")


def possible_logins(text: str) -> frozenset[str]:
    """What may be a login behind an @. Chinese is written without spaces: in “@li请看” also what stands before the first sign."""
    return frozenset(login for _begin, _end, login in _possible(text))


def _possible(text: str) -> Iterator[tuple[int, int, str]]:
    """Longest first at each place."""
    for found in _MENTION.finditer(text):
        written = found[1]
        ends = [len(written), *(turn.start() for turn in reversed(list(_TURN.finditer(written))))]
        for end in ends:
            login = as_login(written[:end])
            if login:
                yield found.start(), found.start(1) + end, login


def mentioned(text: str, known: Mapping[str, int]) -> Iterator[tuple[int, int, int]]:
    """Begin, end and person of each mention. `known`: persons by login. What is no login is text."""
    seen = -1
    for begin, end, login in _possible(text):
        if begin > seen and login in known:
            seen = end
            yield begin, end, known[login]


def digest(salt: bytes, text: str) -> str:
    """What the record holds of a text: proves it, and tells nothing of it."""
    return sha256(salt + text.encode()).hexdigest()
