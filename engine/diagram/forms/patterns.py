"""Patterns that designers wrote. RE2 alone reads them: its time grows only with the text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

MOST_LENGTH: Final = 1000


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any | None:
    import re2  # noqa: PLC0415  few forms hold a pattern, and it takes 2 MB

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 256 * 1024
    try:
        return re2.compile(_respelled(pattern), options)
    except re2.error:
        return None


def is_pattern(pattern: str) -> bool:
    return len(pattern) <= MOST_LENGTH and _compiled(pattern) is not None


def holds(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text, as JSON Schema and form-js mean it."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.search(text) is not None


def _respelled(pattern: str) -> str:
    r"""JavaScript writes \u4e00 and \u{4e00} where RE2 writes \x{4e00}; \/ and \- mean themselves."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] != "\\":
            out.append(pattern[at])
            at += 1
        elif pattern[at + 1 : at + 2] == "u":
            letter, at = _code_point(pattern, at + 2)
            out.append(letter)
        else:
            out.append(pattern[at : at + 2])
            at += 2
    return "".join(out)


def _code_point(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at : at + 1] == "{":
        end = pattern.find("}", at)
        return (rf"\x{{{pattern[at + 1 : end]}}}", end + 1) if end > 0 else (r"\u", at)
    return (rf"\x{{{pattern[at : at + 4]}}}", at + 4)
