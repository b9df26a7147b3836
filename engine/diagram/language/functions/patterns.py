"""Patterns of XML Schema as RE2 reads them: no pattern can make the office wait.

What RE2 does not have is put in other words where there are any (a class without another, a block of Unicode),
and refused where there are none (a group that is asked for again).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from engine.diagram.language import limits, reasons
from engine.diagram.language.reasons import Fault

_CLASS_OR_SPACE: Final = re.compile(r"(\[(?:[^\]\\]|\\.)*\])|\s+", re.DOTALL)
_SIGN: Final = re.compile(r"\\[pP]\{[^{}]{1,60}\}|\\.|.", re.DOTALL)
_WITHOUT: Final = re.compile(r"\[((?:[^\[\]\\-]|-(?!\[)|\\.)+)-\[((?:[^\[\]\\]|\\.)+)\]\]", re.DOTALL)
_BLOCK: Final = re.compile(r"\\([pP])\{Is([A-Za-z0-9-]+)\}")
_PLAIN: Final = re.compile(r"(\\[nrt\\|.?*+(){}\-\[\]^]|[^\\])(?:-(\\[nrt\\|.?*+(){}\-\[\]^]|[^\\\-]))?", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_BLOCKS: Final[Mapping[str, tuple[int, int]]] = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_WIDEST: Final = 10_000
"""Characters of all the classes of a pattern that leave others out: they are looked at one by one."""


@lru_cache(256)
def compiled(pattern: str, flags: str) -> Any:
    """A fault where RE2 cannot read it."""
    import re2  # noqa: PLC0415  few diagrams hold a pattern, and it takes 2 MB

    if len(pattern) > limits.PATTERN or not set(flags) <= set("smixq"):
        raise Fault(reasons.BAD_PATTERN, found=pattern)
    written = re2.escape(pattern) if "q" in flags else translated(pattern, flags)
    inline = "".join(sorted(set(flags) & set("smi")))
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(f"(?{inline})(?:{written})" if inline else written, options)
    except re2.error as error:
        raise Fault(reasons.BAD_PATTERN, found=pattern) from error


def translated(pattern: str, flags: str) -> str:
    """What RE2 reads otherwise, in its own words; what it does not have is a fault, never something else."""
    found: list[str] = []
    inside = False
    for sign in _SIGN.findall(_plain(_CLASS_OR_SPACE.sub(r"\1", pattern) if "x" in flags else pattern, flags)):
        if sign == "\\0" or (inside and sign == "[" and found and found[-1] == "-"):
            raise Fault(reasons.BAD_PATTERN, found=pattern)
        inside = (inside or sign == "[") and sign != "]"
        found.append("[^\\n\\r]" if sign == "." and not inside and "s" not in flags else sign)
    return "".join(found)


def _plain(pattern: str, flags: str) -> str:
    """Without classes that leave others out, and without blocks of Unicode outside of classes."""
    classes = _Classes(pattern, alike="i" in flags)

    def block(match: re.Match[str]) -> str:
        if match[2] not in _BLOCKS:
            raise Fault(reasons.BAD_PATTERN, found=pattern)
        return f"[{'^' if match[1] == 'P' else ''}{_class([_BLOCKS[match[2]]])}]"

    return _BLOCK.sub(block, _WITHOUT.sub(lambda match: classes.without(match[1], match[2]), pattern))


class _Classes:
    """The classes of one pattern, character by character. `alike`: capitals and small letters count as the same."""

    def __init__(self, pattern: str, alike: bool) -> None:
        self.pattern = pattern
        self.alike = alike
        self.left = _WIDEST

    def without(self, wide: str, narrow: str) -> str:
        """`[a-z-[aeiou]]`: the characters of the first that are none of the second's."""
        inner = self.characters(narrow.removeprefix("^"))
        if not wide.startswith("^"):
            outer = self.characters(wide)
            kept = outer & inner if narrow.startswith("^") else outer - inner
        elif narrow.startswith("^"):
            kept = inner - self.characters(wide[1:])
        else:
            return f"[^{_class(_single(self.characters(wide[1:]) | inner))}]"
        if not kept:
            raise self.fault()
        return f"[{_class(_single(kept))}]"

    def characters(self, written: str) -> set[int]:
        found: set[int] = set()
        position = 0
        while position < len(written):
            match = _PLAIN.match(written, position)
            if match is None:
                raise self.fault()
            first, last = _code(match[1]), _code(match[2] or match[1])
            self.left -= last - first + 1
            if last < first or self.left < 0:
                raise self.fault()
            found.update(range(first, last + 1))
            position = match.end()
        if self.alike:
            found |= {ord(one) for code in found for one in (chr(code).lower(), chr(code).upper()) if len(one) == 1}
        return found

    def fault(self) -> Fault:
        return Fault(reasons.BAD_PATTERN, found=self.pattern)


def _single(codes: set[int]) -> list[tuple[int, int]]:
    return [(code, code) for code in sorted(codes)]


def _code(written: str) -> int:
    return ord(_ESCAPED.get(written[1], written[1]) if written[0] == "\\" else written)


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return "".join(f"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in joined)
