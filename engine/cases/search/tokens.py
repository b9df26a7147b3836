"""Text cut into what it is found by: words and numbers as they stand, Chinese in pairs of characters. Pure.

A text is folded first: full-width letters, capitals and compatible characters become the plain ones. A run of Chinese
(or Japanese) gives each pair of neighbours, and its last character alone: so whoever types two characters or more of
it looks for pairs that are there, and whoever types one looks for everything that begins with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from engine.base.frozen import frozen

MOST_LETTERS: Final = 40
"""Of a word: what comes behind is not looked at."""
MOST_ASKED: Final = 24
"""Tokens of a question: what comes behind is not looked for."""
_LEAST_BEGINNING: Final = 2
"""Letters from which on a word is found by its beginning."""
_LEAST_DIGITS: Final = 4
"""The same of a number: whoever looks for 100 does not mean 1000."""

_PAIRED: Final = "\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"([{_PAIRED}]+)|((?:[^\W_{_PAIRED}])+)")
_PIECE: Final = re.compile(r"\d+|\D+")


@frozen
class Token:
    """`begins`: everything that begins so is meant."""

    word: str
    begins: bool = False


@frozen
class Folded:
    """`text` is folded; its character i stands for the one at `places[i]` of what was written."""

    text: str
    places: Sequence[int]
    length: int

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text stands in what was written: never half a character."""
        last = self.places[end - 1]
        while end < len(self.places) and self.places[end] == last:
            end += 1
        return self.places[begin], self.places[end] if end < len(self.places) else self.length


def fold(written: str) -> Folded:
    if written.isascii():
        return Folded(written.lower(), range(len(written)), len(written))
    text: list[str] = []
    places: list[int] = []
    for place, cluster in _clusters(written):
        folded = _folded(cluster)
        text.append(folded)
        places += [place] * len(folded)
    return Folded("".join(text), places, len(written))


def _clusters(written: str) -> Iterator[tuple[int, str]]:
    """Each character with the accents that follow it."""
    begin = 0
    for place, character in enumerate(written):
        if place > begin and not _is_accent(character):
            yield begin, written[begin:place]
            begin = place
    if written:
        yield begin, written[begin:]


@lru_cache(maxsize=65536)
def _is_accent(character: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFKC", character)[0]) != 0


@lru_cache(maxsize=65536)
def _folded(cluster: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())


def kept(texts: Iterable[str]) -> set[str]:
    """Every token that the texts are found by."""
    found: set[str] = set()
    for text in texts:
        for paired, word in _RUN.findall(fold(text).text):
            if paired:
                found.update(map("".join, pairwise(paired)))
                found.add(paired[-1])
            else:
                found.update(_of_word(word))
    return found


def _of_word(word: str) -> Iterator[str]:
    yield word[:MOST_LETTERS]
    pieces = _PIECE.findall(word)
    for piece in pieces:
        if len(pieces) > 1:
            yield piece[:MOST_LETTERS]
        if piece[0] == "0" and (bare := piece.lstrip("0")):
            yield bare[:MOST_LETTERS]


def asked(words: str) -> tuple[Token, ...]:
    """All of them must be found. Empty where nothing was typed that anything could be found by."""
    found: dict[Token, None] = {}
    for paired, word in _RUN.findall(fold(words).text):
        if len(paired) > 1:
            found.update((Token(first + second), None) for first, second in pairwise(paired))
        elif paired:
            found[Token(paired, begins=True)] = None
        else:
            least = _LEAST_DIGITS if word.isdecimal() else _LEAST_BEGINNING
            found[Token(word[:MOST_LETTERS], begins=len(word) >= least)] = None
    return tuple(found)[:MOST_ASKED]


def places(words: str, text: str) -> list[tuple[int, int]]:
    """Where in the text the words stand, in order; stretches that touch are one."""
    folded = fold(text)
    looked_for = [_pattern(paired, word) for paired, word in _RUN.findall(fold(words).text)[:MOST_ASKED]]
    spans = sorted(folded.span(*one.span()) for pattern in looked_for for one in pattern.finditer(folded.text))
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _pattern(paired: str, word: str) -> re.Pattern[str]:
    """A word where one begins; a number also where letters stand before it."""
    if paired:
        return re.compile(re.escape(paired))
    written = re.escape(word)
    if not word.isdecimal():
        return re.compile(rf"(?<![^\W_{_PAIRED}]){written}")
    return re.compile(rf"(?<!\d)0*{written}" + ("" if len(word) >= _LEAST_DIGITS else r"(?!\d)"))
