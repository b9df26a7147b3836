"""Every sentence a page can say in English can be said in Chinese, with the same facts in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po

from tests.house.tree import ROOT, kept_files, modules, shown

TRANSLATIONS: Final = ROOT / "web" / "translations"
CHINESE: Final = re.compile("[\u4e00-\u9fff]")
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[a-z]|%[sd]")
ENGLISH_SIGN: Final = re.compile(r"(?:\}\}|\{% end(?:if|for) %\})[.,:;](?=\s|<|$)")
UNSEEN: Final = re.compile(r"\{#.*?#\}|<script.*?</script>|<style.*?</style>", re.DOTALL)
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "_l": None}

SAME_IN_BOTH: Final = frozenset({"BPMN", "DMN", "PDF", "CSV", "JSON", "SVG", "XML", "Officium", "English", "中文"})
"""Names that are not translated."""


def _said() -> dict[str, str]:
    """Sentence -> where it is said first."""
    found: dict[str, str] = {}
    templates = [
        file
        for file in kept_files()
        if file.suffix in {".html", ".txt"} and file.is_relative_to(ROOT / "web" / "templates")
    ]
    for method, files in (("python", modules("web")), ("jinja2.ext:babel_extract", templates)):
        for file in files:
            _note(found, method, file)
    return found


def _note(found: dict[str, str], method: str, file: Path) -> None:
    options = {"trimmed": "false", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
    for line, message, _comments, _context in extract(
        method, BytesIO(file.read_bytes()), keywords=KEYWORDS, options=options
    ):
        for one in (message,) if isinstance(message, str) else message:
            if one:
                found.setdefault(one, f"{shown(file)}:{line}")


def _sources(locale: str) -> list[Path]:
    return sorted((TRANSLATIONS / locale / "LC_MESSAGES").glob("*.po"))


def _translations(locale: str) -> Iterable[tuple[Path, Catalog]]:
    for source in _sources(locale):
        yield source, read_po(BytesIO(source.read_bytes()), locale=locale, abort_invalid=True)


def _each(message: object) -> tuple[str, ...]:
    return (
        (message,)
        if isinstance(message, str)
        else tuple(str(one) for one in message)
        if isinstance(message, tuple | list)
        else ()
    )


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    found = _said()
    assert len(found) > 20, "the pages say almost nothing: are they still looked for in the right place?"
    return found


@pytest.fixture(scope="module")
def translated() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for _source, catalogue in _translations("zh_Hans"):
        for message in catalogue:
            for one in _each(message.id):
                if one and not message.fuzzy:
                    found[one] = _each(message.string)
    assert found
    return found


def test_every_sentence_is_translated(said: dict[str, str], translated: dict[str, tuple[str, ...]]) -> None:
    missing = {sentence: where for sentence, where in said.items() if not all(translated.get(sentence, ("",)))}
    assert missing == {}


def test_a_translation_is_chinese_and_has_the_same_facts(translated: dict[str, tuple[str, ...]]) -> None:
    for sentence, strings in translated.items():
        for chinese in strings:
            assert set(PLACEHOLDER.findall(chinese)) == set(PLACEHOLDER.findall(sentence)), sentence
            if re.search(r"[a-z]{2}", PLACEHOLDER.sub("", sentence)) and sentence not in SAME_IN_BOTH:
                assert CHINESE.search(chinese), f"{sentence!r} is translated as {chinese!r}"


def test_what_stands_behind_a_word_is_said_in_its_language_too() -> None:
    """“：” and “。” of a Chinese page are said like any other word."""
    files = [
        file for file in kept_files() if file.suffix == ".html" and file.is_relative_to(ROOT / "web" / "templates")
    ]
    assert files
    texts = {shown(file): UNSEEN.sub("", file.read_text(encoding="utf-8")) for file in files}
    assert [(name, hit.group()) for name, text in texts.items() for hit in ENGLISH_SIGN.finditer(text)] == []


def test_nothing_is_translated_that_nobody_says(said: dict[str, str], translated: dict[str, tuple[str, ...]]) -> None:
    assert set(translated) - set(said) == set()


def test_two_rooms_translate_a_sentence_alike() -> None:
    first: dict[str, tuple[str, Path]] = {}
    for source, catalogue in _translations("zh_Hans"):
        for message in catalogue:
            if message.id and message.string:
                before = first.setdefault(str(message.id), (str(message.string), source))
                assert before[0] == str(message.string), f"{message.id!r} in {before[1].name} and {source.name}"
