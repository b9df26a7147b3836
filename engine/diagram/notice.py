"""Texts from which an office's documents are made: `*.notice.toml` beside a diagram. What they hold is words, never code.

```toml
title = { en = "Supplement notice", zh = "补正材料一次性告知书" }
mark = "BZ"

[[paragraph]]
en = "{applicant}: your application {number} lacks what is named below."
zh = "{applicant}：您的申请（{number}）缺少以下材料。"

[[paragraph]]
heading = { en = "To be supplied", zh = "需补正的内容" }
lines_of = "notice_items"
```
`{name}` stands for what the case knows under that name; `{name?}` may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Language, Name, Text, one_line

NOTICE: Final = ".notice.toml"
WORD: Final = ".docx"
MOST_PARAGRAPHS: Final = 200
_MOST_WORDS: Final = 10_000
_HOLE: Final = re.compile(r"\{\{|\}\}|\{([^\W\d]\w{0,80})(\?)?\}")
_MARK: Final = re.compile(r"[A-Z]{1,6}")


class NotANotice(Refusal):
    """“{file}” is not the text of a document: {why}"""

    zh = "“{file}”不是文书文本：{why}"


_TOML: Final = Text("it is not TOML ({detail}).", "不是 TOML 格式（{detail}）。")
_TITLE: Final = Text("it has no title in both languages.", "缺少中英文标题。")
_PARAGRAPH: Final = Text(
    "paragraph {number} says neither a text in both languages nor lines_of.",
    "第 {number} 段既没有中英文文本，也没有 lines_of。",
)
_LONG: Final = Text("it is longer than a document is.", "内容过长。")
_MARKED: Final = Text("mark is one to six capital letters.", "mark 应为一至六个大写字母。")


@frozen
class Paragraph:
    """`lines_of` names an answer whose lines become the items of a list."""

    text: Text | None
    heading: Text | None
    lines_of: str | None


@frozen
class Notice:
    title: Text
    mark: str
    paragraphs: tuple[Paragraph, ...]

    def asked(self, language: Language) -> frozenset[str]:
        """The names it cannot do without."""
        texts = [self.title, *(one for each in self.paragraphs for one in (each.heading, each.text) if one)]
        named = {
            found[1] for text in texts for found in _HOLE.finditer(_in(text, language)) if found[1] and not found[2]
        }
        return frozenset(named | {one.lines_of for one in self.paragraphs if one.lines_of})


def read(content: bytes, file: str) -> Notice:
    """Raises NotANotice."""
    if len(content) > 200_000:
        raise NotANotice(file=file, why=_LONG)
    import tomllib  # noqa: PLC0415  whoever only looks whether there are texts needs none of it

    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        detail = one_line(str(fault))[:120]
        raise NotANotice(file=file, why=Name(_TOML.say("en", detail=detail), _TOML.say("zh", detail=detail))) from None
    title, mark, written = _both(told.get("title")), told.get("mark", ""), told.get("paragraph", [])
    if title is None:
        raise NotANotice(file=file, why=_TITLE)
    if mark != "" and not (isinstance(mark, str) and _MARK.fullmatch(mark)):
        raise NotANotice(file=file, why=_MARKED)
    if not isinstance(written, list) or not 0 < len(written) <= MOST_PARAGRAPHS:
        raise NotANotice(file=file, why=_numbered(1) if written == [] else _LONG)
    return Notice(title, mark, tuple(_paragraph(one, number, file) for number, one in enumerate(written, 1)))


def _paragraph(one: Any, number: int, file: str) -> Paragraph:
    facts: Mapping[str, Any] = one if isinstance(one, dict) else {}
    text, lines = _both(facts), facts.get("lines_of")
    if text is None and not (isinstance(lines, str) and lines):
        raise NotANotice(file=file, why=_numbered(number))
    return Paragraph(text, _both(facts.get("heading")), lines if isinstance(lines, str) else None)


def _numbered(number: int) -> Name:
    return Name(_PARAGRAPH.say("en", number=number), _PARAGRAPH.say("zh", number=number))


def _both(told: Any) -> Text | None:
    if not isinstance(told, dict):
        return None
    en, zh = told.get("en"), told.get("zh")
    if not isinstance(en, str) or not isinstance(zh, str) or not en.strip() or not zh.strip():
        return None
    return Name(en.strip()[:_MOST_WORDS], zh.strip()[:_MOST_WORDS])


def _in(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def filled(text: Text, facts: Mapping[str, str], language: Language) -> str:
    """Every `{name}` with what is known; what stands in a fact is never looked at again."""

    def said(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        return facts.get(found[1], "")

    return _HOLE.sub(said, _in(text, language))
