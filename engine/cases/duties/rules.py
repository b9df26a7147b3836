"""What is allowed where somebody stands in for another, has an interest in a case, or leaves. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.text import Text

MOST_WORDS: Final = 500


class Interest(IntEnum):
    """What ties somebody to a case. Numbers are stored: never renumber."""

    RELATIVE = 1
    PARTY = 2
    OTHER = 3


KINDS: Final = {
    Interest.RELATIVE: Text("a relative", "亲属关系"),
    Interest.PARTY: Text("a party to it", "本人为当事人"),
    Interest.OTHER: Text("another interest", "其他利害关系"),
}


class DutiesApartInFor(NotAllowed):
    """“{task}” is not done by whoever did “{other}” in the same case, nor in their name: {person} did. Leave it to another holder of the post."""

    zh = "在同一办件中，“{other}”由{person}办理，“{task}”不得由其本人或以其名义办理。请由该岗位的其他人员办理。"


class InterestDeclared(NotAllowed):
    """{person} has declared an interest in this case ({kind}) and does nothing in it: not “{task}” either. Leave it to somebody else."""

    zh = "{person}已申报与本办件有利害关系（{kind}），应当回避，不得办理“{task}”。请由其他人员办理。"


class InterestUnfit(Refusal):
    """Say what the interest is, in at most {most} characters, and in whom: in a case, or in an applicant by name."""

    zh = "请说明利害关系（不超过 {most} 字），并指明所涉办件或申请人姓名。"


class InterestThere(Refusal):
    """{person} has declared an interest there already, on {at}. It stands until it is withdrawn."""

    zh = "{person}已于 {at} 就此申报利害关系，撤回之前一直有效。"


class InterestNotOpen(Refusal):
    """This declaration no longer stands: it was withdrawn."""

    zh = "此项申报已撤回，不再有效。"


class ConsentMissing(NotAllowed):
    """A declared interest is withdrawn only with a supervisor's consent, and nobody consents to their own. Ask for it, with a reason."""

    zh = "撤回利害关系申报须经监督人员同意，且不得由本人自行同意。请说明理由并提出申请。"


class NotTheirSupervisor(NotAllowed):
    """This is for {person}, or for whoever supervises their department or administers the office."""

    zh = "此事由{person}本人、其所在部门的监督人员或管理员办理。"


class SuccessorUnfit(Refusal):
    """{person} cannot take over “{post}”: they do not hold it today. Give them the post first, or choose somebody who holds it."""

    zh = "{person}目前未任“{post}”，不能接手。请先任命其担任该岗位，或选择该岗位的在任人员。"


def fit_words(words: str) -> str:
    cleaned = " ".join(words.split())
    if not 0 < len(cleaned) <= MOST_WORDS:
        raise InterestUnfit(most=MOST_WORDS)
    return cleaned


_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")


def keys_of(name: str) -> frozenset[str]:
    """What a name is compared by: whatever its case, width and spaces; each script of “Wang Fang 王芳” by itself too."""
    letters = "".join(one for one in unicodedata.normalize("NFKC", name).casefold() if one.isalnum())
    han = "".join(_HAN.findall(letters))
    other = _HAN.sub("", letters)
    return frozenset(one for one in (letters, han, other) if one)
