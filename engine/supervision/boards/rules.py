"""What is allowed with wall boards. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum
from hashlib import sha256
from typing import Final

from engine.base.errors import NotFound, Overtaken, Refusal
from engine.base.text import Text, one_line

GOOD_FOR: Final = timedelta(days=365)
BEGINS: Final = "wall_"
"""How every link's secret begins, so that one that got lost is known for what it is."""
MOST_LINKS: Final = 50
_MOST_PLACE: Final = 100


class Board(IntEnum):
    """Numbers are stored: never renumber."""

    OFFICE = 1
    """For those who walk by: promises kept, today's arrivals and endings."""
    LEADER = 2
    """For whoever leads: the same beside last month, the law's period, what stands still."""


NAMES: Final = {Board.OFFICE: Text("Office board", "机关大屏"), Board.LEADER: Text("Leader's board", "领导大屏")}


class PlaceMissing(Refusal):
    """Say where the screen hangs: the list of links is known by it, and so is the record."""

    zh = "请写明屏幕所在位置：链接清单和记录均以此识别。"


class LinksTooMany(Refusal):
    """There are {most} links in use already. Revoke one that no screen shows any more."""

    zh = "已有 {most} 个链接在用。请先撤销不再使用的链接。"


class LinkThere(Refusal):
    """{person} made a link to this board for the screen at “{place}” on {at}. It is shown once only: where it was lost, revoke it and make another."""

    zh = "{person}已于 {at} 为“{place}”处屏幕生成该大屏的链接。链接只显示一次：如已遗失，请撤销后重新生成。"


class RevokedAlready(Overtaken):
    """The link of the screen at “{place}” was revoked by {person} on {at}."""

    zh = "“{place}”处屏幕的链接已由{person}于 {at} 撤销。"


class LinkUnknown(NotFound):
    """This screen may not show the board: its link was revoked, has run out, or is not known here. Ask an administrator for a new one."""

    zh = "此屏幕不能显示大屏：链接已撤销、已到期或无法识别。请向管理员索取新链接。"


def fit_place(typed: str) -> str:
    found = one_line(typed)[:_MOST_PLACE]
    if not found:
        raise PlaceMissing()
    return found


def digest_of(secret: str) -> bytes:
    """Of 256 random bits: nothing slower is needed, as nobody can go through them."""
    return sha256(secret.encode()).digest()
