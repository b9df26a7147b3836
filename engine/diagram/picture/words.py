"""Names broken into lines, as wide as they will about be: Latin by words, Chinese between any two signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_LATIN: Final = 0x2E7F
_PIECE: Final = re.compile(r"[\u2e80-\uffff]+\s*|[^\s\u2e80-\uffff]+\s*|\s+")


def width(words: str, size: float) -> float:
    return sum(size if ord(sign) > _LATIN else size * 0.54 for sign in words)


def lines(words: str, size: float, room: float, most: int) -> list[str]:
    """At most `most` lines; what does not fit ends in an ellipsis."""
    found = [""]
    for piece in _pieces(words, size, room):
        if found[-1] and width(found[-1] + piece.rstrip(), size) > room:
            found.append("")
        found[-1] += piece if found[-1] else piece.lstrip()
    found = [line.rstrip() for line in found if line.strip()]
    if len(found) > most:
        return [*found[: most - 1], found[most - 1].rstrip("…") + "…"]
    return found


def _pieces(words: str, size: float, room: float) -> Iterator[str]:
    """Words, and runs of Chinese; what is longer than a line is cut."""
    for piece in _PIECE.findall(words):
        start = 0
        for end in range(1, len(piece) + 1):
            if end - start > 1 and width(piece[start:end].rstrip(), size) > room:
                yield piece[start : end - 1]
                start = end - 1
        yield piece[start:]
