"""What is allowed at the counter. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text, one_line
from engine.organisation.rules import Actor, Right

MOST_NAME: Final = 200
MOST_CONTACT: Final = 200
MOST_MATTER: Final = 2000
LEAST_LOOKED_FOR: Final = 2


class Channel(IntEnum):
    """How somebody came. Numbers are stored: never renumber."""

    IN_PERSON = 1
    TELEPHONE = 2
    LETTER = 3
    ONLINE = 4


CHANNELS: Final = {
    Channel.IN_PERSON: Text("in person", "当面"),
    Channel.TELEPHONE: Text("by telephone", "电话"),
    Channel.LETTER: Text("by letter", "来信"),
    Channel.ONLINE: Text("online", "网上"),
}


class CallerMissing(Refusal):
    """Say who asks: a name of at most {most} characters."""

    zh = "请填写来访人：姓名或单位，不超过 {most} 字。"


class EnquiryMissing(Refusal):
    """Say what is asked, in at most {most} characters."""

    zh = "请填写所询事项，不超过 {most} 字。"


class ContactTooLong(Refusal):
    """The contact is longer than {most} characters. A telephone number or an address is enough."""

    zh = "联系方式超过 {most} 字。填写电话或地址即可。"


class AnswerMissing(Refusal):
    """Say what was answered: it closes the enquiry and goes into the record."""

    zh = "请填写答复内容：答复后咨询办结，并写入记录。"


class WhyMissing(Refusal):
    """Say why: whoever gets the enquiry needs to know, and it goes into the record."""

    zh = "请说明理由：接手的人需要知道，并写入记录。"


class EnquiryClosed(Refusal):
    """Enquiry {number} was answered by {person} on {at}. Nothing more can be done with it."""

    zh = "咨询 {number} 已由{person}于 {at} 答复，不能再作处理。"


class NotYourEnquiry(NotAllowed):
    """Enquiry {number} belongs to {person}, who was asked first. Only they can answer it or hand it on."""

    zh = "咨询 {number} 由首问责任人{person}负责，只能由其答复或转交。"


class HandedOnAlready(Refusal):
    """Enquiry {number} is on its way to “{post}”. It stays yours until somebody there accepts it or gives it back."""

    zh = "咨询 {number} 正在转交“{post}”。在对方接收或退回之前，仍由您负责。"


class NobodyThere(Refusal):
    """Nobody holds the post “{post}” today, so nobody could accept the enquiry. Choose another post."""

    zh = "岗位“{post}”目前无人任职，无人可以接收。请另选岗位。"


class HandedToOneself(Refusal):
    """You hold the post “{post}” yourself. The enquiry is yours already."""

    zh = "岗位“{post}”正是由您担任，该咨询已由您负责。"


class NotHandedToYou(Refusal):
    """Enquiry {number} does not wait for you to accept it: somebody answered already, or it was handed elsewhere."""

    zh = "咨询 {number} 不在等待您接收：可能已有人处理，或已转交他处。"


class NothingMissing(Refusal):
    """Nothing is missing: every paper that the procedure asks for was brought."""

    zh = "材料齐全：程序要求的材料均已提交。"


class NoticeGiven(Refusal):
    """What is missing was told on {at}, all at once. It is told only once; papers that come later are noted here."""

    zh = "已于 {at} 一次性告知所缺材料。告知只进行一次，后补的材料请在此登记。"


class NoNotice(Refusal):
    """No notice was given for case {case} yet. Give it on the page of the receipt first."""

    zh = "办件 {case} 尚未出具告知书。请先在回执页面出具。"


class TooShort(Refusal):
    """Type a whole case number, or at least {least} signs of a name."""

    zh = "请输入完整的办件编号，或至少 {least} 个字的名称。"


class ReceivedElsewhere(Refusal):
    """Case {case} was not received at the counter, so there is no receipt for it."""

    zh = "办件 {case} 不是在窗口受理的，没有回执。"


_NOT_RECEIVING: Final = Text(
    "this is done at the counter, by posts that receive applications", "此项由窗口受理岗位办理"
)


def must_receive(by: Actor) -> None:
    if not by.may(Right.RECEIVE):
        raise NotAllowed(why=_NOT_RECEIVING)


def fit_caller(typed: str) -> str:
    cleaned = one_line(typed)
    if not cleaned or len(cleaned) > MOST_NAME:
        raise CallerMissing(most=MOST_NAME)
    return cleaned


def fit_contact(typed: str) -> str:
    cleaned = one_line(typed)
    if len(cleaned) > MOST_CONTACT:
        raise ContactTooLong(most=MOST_CONTACT)
    return cleaned


def fit_matter(typed: str) -> str:
    cleaned = _lines(typed)
    if not cleaned or len(cleaned) > MOST_MATTER:
        raise EnquiryMissing(most=MOST_MATTER)
    return cleaned


def fit_answer(typed: str) -> str:
    cleaned = _lines(typed)[:MOST_MATTER]
    if not cleaned:
        raise AnswerMissing()
    return cleaned


def fit_reason(typed: str) -> str:
    cleaned = one_line(typed)[:MOST_NAME]
    if not cleaned:
        raise WhyMissing()
    return cleaned


def fit_channel(typed: str) -> Channel:
    """Whatever is no channel came in person: nobody is sent away for it."""
    known = {str(int(one)): one for one in Channel}
    return known.get(typed, Channel.IN_PERSON)


def fit_looked_for(typed: str) -> str:
    cleaned = one_line(typed)[:MOST_NAME]
    if len(cleaned) < LEAST_LOOKED_FOR:
        raise TooShort(least=LEAST_LOOKED_FOR)
    return cleaned


def _lines(typed: str) -> str:
    kept = (one_line(line) for line in typed.splitlines())
    return "\n".join(line for line in kept if line)


@frozen
class Paper:
    """A paper that a procedure asks for, and whether it was brought."""

    name: Name
    brought: bool


def checked(asked: Sequence[Name], brought: Collection[int]) -> tuple[Paper, ...]:
    """`brought`: places in `asked`, from 0. A paper that two steps ask for is asked for once."""
    found: dict[tuple[str, str], bool] = {}
    for place, name in enumerate(asked):
        key = (name.en, name.zh)
        found[key] = found.get(key, False) or place in brought
    return tuple(Paper(Name(en, zh), there) for (en, zh), there in found.items())


def missing(papers: Sequence[Paper]) -> tuple[Name, ...]:
    return tuple(one.name for one in papers if not one.brought)
