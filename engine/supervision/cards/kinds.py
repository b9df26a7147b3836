"""What a rule may give: cards, and word to those above."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from engine.base.text import Text


class Kind(IntEnum):
    """Numbers are stored: never renumber."""

    YELLOW = 1
    RED = 2
    ESCALATION = 3


KINDS: Final[Mapping[Kind, Text]] = {
    Kind.YELLOW: Text("yellow card", "黄牌"),
    Kind.RED: Text("red card", "红牌"),
    Kind.ESCALATION: Text("escalation", "上报"),
}
