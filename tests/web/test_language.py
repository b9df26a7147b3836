from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from tests.web.conftest import Visitor
from web import catalogue
from web.catalogue import TranslatedTwice

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-Hans-CN", "zh-Hans"),
        ("en-US,en;q=0.9", "en-GB"),
        ("fr-FR,zh-CN;q=0.5", "zh-Hans"),
        ("fr", "en-GB"),
        ("", "en-GB"),
        ("*", "en-GB"),
        (";;;q=x", "en-GB"),
    ],
)
def test_a_stranger_is_spoken_to_as_the_browser_asks(visitor: Visitor, asked: str, tag: str) -> None:
    answer = visitor.get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{tag}">' in answer.text
    assert ("登录" in answer.text) == (tag == "zh-Hans")


def test_the_other_language_is_offered_in_its_own_words(visitor: Visitor) -> None:
    assert 'lang="zh-Hans">中文</button>' in visitor.get("/sign-in").text
    assert 'lang="en">English</button>' in visitor.get("/sign-in", headers={"Accept-Language": "zh"}).text


def test_caches_know_that_a_page_depends_on_the_language(visitor: Visitor) -> None:
    assert "Accept-Language" in visitor.get("/sign-in").headers["Vary"]


def _home(tmp_path: Path, **files: str) -> Path:
    home = tmp_path / "zh_Hans" / "LC_MESSAGES"
    home.mkdir(parents=True)
    for name, body in files.items():
        (home / f"{name}.po").write_text(HEAD + body, encoding="utf-8")
    return home


def test_the_files_of_all_rooms_become_one_catalogue(tmp_path: Path) -> None:
    home = _home(
        tmp_path,
        one='msgid "Desk"\nmsgstr "办公台"\n',
        two='msgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "%(num)s天"\n',
    )
    catalogue.compile_all(tmp_path)
    found = gettext.translation("messages", tmp_path, ["zh_Hans"])
    assert found.gettext("Desk") == "办公台"
    assert found.ngettext("%(num)s day", "%(num)s days", 2) == "%(num)s天"
    assert [one.name for one in home.glob("messages.*")] == ["messages.mo"]


def test_a_catalogue_is_made_again_only_when_a_file_is_newer(tmp_path: Path) -> None:
    home = _home(tmp_path, one='msgid "Desk"\nmsgstr "办公台"\n')
    catalogue.compile_all(tmp_path)
    made = home / "messages.mo"
    made.write_bytes(b"untouched")
    catalogue.compile_all(tmp_path)
    assert made.read_bytes() == b"untouched"
    later = made.stat().st_mtime + 10
    os.utime(home / "one.po", (later, later))
    catalogue.compile_all(tmp_path)
    assert made.read_bytes() != b"untouched"


def test_one_sentence_has_one_translation(tmp_path: Path) -> None:
    _home(tmp_path, one='msgid "Open"\nmsgstr "打开"\n', two='msgid "Open"\nmsgstr "未结"\n')
    with pytest.raises(TranslatedTwice, match="Open"):
        catalogue.compile_all(tmp_path)
