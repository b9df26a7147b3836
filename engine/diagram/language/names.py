"""Names as they stand in a source. Those with spaces or signs are told from operations by being known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

START: Final = r"(?:[^\W\d]|[\U00010000-\U000EFFFF])"
PART: Final = r"[\w\u00B7\u0300-\u036F\u203F-\u2040\U00010000-\U000EFFFF]"
WORD: Final = re.compile(f"{START}{PART}*")
_AFTER: Final = f"(?!{PART})"


def normal(name: str) -> str:
    return " ".join(name.split())


def is_plain(name: str) -> bool:
    """One word: it needs no scope to be read."""
    return WORD.fullmatch(name) is not None


def peculiar(names: Iterable[str]) -> frozenset[str]:
    """Those that are read only where they are known."""
    return frozenset(normal(name) for name in names if name.strip() and not is_plain(name))


@lru_cache(1024)
def pattern(names: frozenset[str]) -> re.Pattern[str]:
    """The longest of the names that stands at a place."""
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile("|".join(_one(name) for name in longest_first) or r"(?!)")


def _one(name: str) -> str:
    words = r"\s+".join(re.escape(word) for word in name.split())
    return words + (_AFTER if re.match(PART, name[-1]) else "")
