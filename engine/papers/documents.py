"""Documents made from templates: Word from Word, PDF from an office's own words. Made apart, within limits."""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from engine.base.frozen import frozen
from engine.base.text import Language, Name, Text, one_line
from engine.diagram.notice import NOTICE, WORD, NotANotice, Notice, filled, read
from engine.papers import rules
from engine.papers.kinds import taken_kind
from engine.papers.limited import Failed, apart

_TITLE: Final = re.compile(r"<dc:title>([^<]{1,150})</dc:title>")
_LETTER: Final = Path(__file__).parent / "letter.typ"
_SEALED: Final = Text("(seal)", "（盖章）")
_SIGNED: Final = Text("In charge of the case: {person}, {post}", "承办人：{person}（{post}）")
_WHY: Final = {
    "reaches": Text(
        "the template reaches for what is none of its business ({detail})", "模板试图访问不允许的内容（{detail}）"
    ),
    "template": Text("the template is at fault ({detail})", "模板有误（{detail}）"),
    "large": Text("it grows beyond all measure", "生成的内容过大"),
    "time": Text("it takes far too long", "生成时间过长"),
    "busy": Text("others are being made just now; try again in a moment", "正在生成其他文书，请稍后再试"),
    "broken": Text("the template is damaged ({detail})", "模板已损坏（{detail}）"),
}


class Lacking(Exception):
    """The names of what the case does not know."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(", ".join(names))


class NotMade(Exception):
    """Why, in both languages."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


@frozen
class Made:
    content: bytes
    kind: str


def is_template(path: str) -> bool:
    return path.lower().endswith((NOTICE, WORD))


@lru_cache(maxsize=64)
def title_of(path: str, content: bytes) -> Text:
    """What the document is called: a notice says so itself, a Word document in its properties, else its name does."""
    if path.lower().endswith(NOTICE):
        try:
            return read(content, path).title
        except NotANotice:
            pass
    else:
        named = _word_title(content)
        if named:
            return Name(named, named)
    stem = path.rsplit("/", 1)[-1].partition(".")[0].replace("_", " ").replace("-", " ")
    return Name(stem, stem)


def _word_title(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive, archive.open("docProps/core.xml") as opened:
            found = _TITLE.search(opened.read(20_000).decode("utf-8", "replace"))
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, NotImplementedError, RuntimeError):
        return ""
    return one_line(unescape(found[1])) if found else ""


def made(path: str, content: bytes, facts: Mapping[str, Any], language: Language) -> Made:
    """`facts` are words by name, and lists of words. Raises Lacking, NotMade."""
    try:
        if path.lower().endswith(NOTICE):
            return Made(_pdf(read(content, path), facts, language), "pdf")
        return Made(_docx(content, facts), "docx")
    except NotANotice as refusal:
        raise NotMade(refusal.facts["why"]) from None
    except Failed as fault:
        if fault.why == "missing":
            raise Lacking(fault.facts) from None
        said, detail = _WHY.get(fault.why, _WHY["broken"]), ", ".join(fault.facts) or "?"
        raise NotMade(Name(said.say("en", detail=detail), said.say("zh", detail=detail))) from None


def _docx(content: bytes, facts: Mapping[str, Any]) -> bytes:
    try:
        taken_kind(BytesIO(content), "template.docx", {"docx"})
    except rules.PaperRefused as refusal:
        raise NotMade(Name(refusal.say("en"), refusal.say("zh"))) from None
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.docx"
        template.write_bytes(content)
        with apart("word", {"template": str(template), "facts": dict(facts)}) as (into, told):
            return Path(into, told["made"]).read_bytes()


def _pdf(notice: Notice, facts: Mapping[str, Any], language: Language) -> bytes:
    words = {name: _words(value, language) for name, value in facts.items()}
    lacking = sorted(name for name in notice.asked(language) if not words.get(name))
    if lacking:
        raise Lacking(tuple(lacking))
    said = {
        "language": language,
        "office": words["office"],
        "department": words["department"],
        "number": words["document_number"],
        "date": words["today"],
        "title": filled(notice.title, words, language),
        "parts": [
            part
            for at in range(len(notice.paragraphs))
            if (part := _part(notice, at, words, language))["text"].strip() or part["lines"]
        ],
        "footer": f"{words['document_number']} · {words['number']}",
        "sealed": _SEALED.say(language),
        "signed": _SIGNED.say(language, person=words["person"], post=words["post"]),
    }
    asked = {"page": _LETTER.read_text(encoding="utf-8"), "facts": said}
    with apart("sheet", asked) as (into, told):
        return Path(into, told["made"]).read_bytes()


def _part(notice: Notice, at: int, words: Mapping[str, str], language: Language) -> dict[str, Any]:
    """The first paragraph addresses somebody: it is not indented."""
    one = notice.paragraphs[at]
    lines = words[one.lines_of].splitlines() if one.lines_of else []
    return {
        "heading": filled(one.heading, words, language) if one.heading else "",
        "text": filled(one.text, words, language) if one.text else "",
        "lines": [line.strip() for line in lines if line.strip()],
        "indent": at > 0,
    }


def _words(value: Any, language: Language) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(_words(one, language) for one in value)
    if isinstance(value, dict):
        return ("：" if language == "zh" else ": ").join(_words(one, language) for one in value.values())
    return str(value)
