"""What a diagram says of a committee: how many must be there, how many must be for it. Pure arithmetic, no rounding errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from lxml import etree

from engine.base.text import Name, Text
from engine.diagram.dialects import own

QUORUM: Final = "1/2"
MAJORITY: Final = "1/2"
"""Where the diagram says nothing."""

RESULT: Final = ("votes_for", "votes_against", "abstained", "present", "adopted")
"""The answers that a vote leaves in the case."""
COUNTERSIGNED: Final = ("consents", "objections", "countersigned")
"""The answers that the departments' countersigning leaves in the case, where the diagram asks for it."""

SAID: Final[Mapping[str, Text]] = {
    "votes_for": Text("Votes for", "赞成票"),
    "votes_against": Text("Votes against", "反对票"),
    "abstained": Text("Abstained", "弃权票"),
    "present": Text("Present", "到会"),
    "adopted": Text("Adopted", "通过"),
    "consents": Text("Departments that consent", "会签同意的部门"),
    "objections": Text("Departments that object", "提出异议的部门"),
    "countersigned": Text("Countersigned without objection", "会签无异议"),
}
"""What each of these answers is called."""

_SHARE: Final = re.compile(r"([1-9][0-9]{0,2})\s*/\s*([1-9][0-9]{0,2})")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}")
_HALF: Final = Fraction(1, 2)


def countersign_of(node: etree._Element) -> tuple[str, ...]:
    """Codes of departments as written, each once."""
    return tuple(dict.fromkeys((own(node, "countersign") or "").replace(",", " ").split()))


def quorum(written: str | None) -> Fraction | int | None:
    """A share of the members, or so many of them; None where it is neither."""
    said = (written or QUORUM).strip()
    if _NUMBER.fullmatch(said):
        return int(said)
    share = _share(said)
    return share if share is not None and share <= 1 else None


def majority(written: str | None) -> Fraction | None:
    """At least a half, at most all; None where it is no such share."""
    share = _share((written or MAJORITY).strip())
    return share if share is not None and _HALF <= share <= 1 else None


def quorum_or_usual(written: str | None) -> Fraction | int:
    """What nobody can read is told before the procedure comes into force; here it is as if nothing were said."""
    return quorum(written) or _HALF


def majority_or_usual(written: str | None) -> Fraction:
    return majority(written) or _HALF


def _share(said: str) -> Fraction | None:
    found = _SHARE.fullmatch(said)
    return Fraction(int(found[1]), int(found[2])) if found else None


def needed_present(quorum: Fraction | int, members: int) -> int:
    """How many must vote: at least the share of the members, and never nobody."""
    return max(1, quorum if isinstance(quorum, int) else -(-members * quorum.numerator // quorum.denominator))


def needed_for(majority: Fraction, present: int) -> int:
    """How many votes adopt it: more than half of those present, or at least any larger share of them."""
    if majority == _HALF:
        return present // 2 + 1
    return max(1, -(-present * majority.numerator // majority.denominator))


def is_adopted(majority: Fraction, present: int, votes_for: int) -> bool:
    """Whoever abstains is present and not for it; a tie adopts nothing."""
    return votes_for >= needed_for(majority, present)


def quorum_in_words(quorum: Fraction | int) -> Text:
    if isinstance(quorum, int):
        return Name(f"at least {quorum} members", f"至少 {quorum} 名成员")
    share = f"{quorum.numerator}/{quorum.denominator}"
    if quorum == 1:
        return Name("all members", "全体成员")
    return Name(f"at least {share} of the members", f"不少于成员的 {share}")


def majority_in_words(majority: Fraction) -> Text:
    share = f"{majority.numerator}/{majority.denominator}"
    if majority == _HALF:
        return Name("more than half of those present; a tie is not adopted", "到会成员过半数；票数相等为未通过")
    if majority == 1:
        return Name("all of those present", "到会成员全体")
    return Name(f"at least {share} of those present", f"不少于到会成员的 {share}")
