"""Documents from templates: what the case knows stands in them as text; hostile templates are stopped."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pypdfium2
import pytest

from engine.papers.documents import Lacking, NotMade, made
from tests.engine.papers import files
from tests.thorough import looks

FACTS: dict[str, Any] = {
    "office": "规划局", "department": "审批科", "post": "审核岗", "person": "王磊", "applicant": "Wang Fang 王芳",
    "matter": "A house", "number": "BP-2026-0001", "document_number": "BP-2026-0001-BZ1", "today": "2 March 2026",
    "items": "one\ntwo", "fees": [{"name": "stamp", "fee": "5"}],
}  # fmt: skip

NOTICE = """
title = { en = "Notice for {applicant}", zh = "致{applicant}的通知" }
mark = "BZ"
[[paragraph]]
en = "About {matter}{remark?}."
zh = "关于{matter}{remark?}。"
[[paragraph]]
heading = { en = "Items", zh = "事项" }
lines_of = "items"
"""


def words(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return text


def of_word(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("word/document.xml").decode()


def test_a_notice_is_a_pdf_with_the_letterhead_and_what_the_case_knows() -> None:
    english = words(made("x.notice.toml", NOTICE.encode(), FACTS, "en").content)
    for word in (
        "规划局",
        "BP-2026-0001-BZ1",
        "Notice for Wang Fang 王芳",
        "About A house.",
        "one",
        "two",
        "seal",
        "王磊",
    ):
        assert word in english
    chinese = words(made("x.notice.toml", NOTICE.encode(), FACTS, "zh").content)
    assert "关于A house。".replace(" ", "") in chinese.replace(" ", "")


@pytest.mark.parametrize(
    "typed", ["#panic()", '#read("/etc/passwd")', "$x$ *b* _c_ `d` @e <f>", "\\ \\u{41} //", "#import x: *", "] #[ {"]
)
def test_what_people_typed_stands_in_the_pdf_as_they_typed_it(typed: str) -> None:
    facts = {**FACTS, "matter": typed, "items": typed}
    text = words(made("x.notice.toml", NOTICE.encode(), facts, "en").content)
    assert typed.split(maxsplit=1)[0] in text
    assert "root:" not in text


def test_braces_in_an_answer_are_no_holes() -> None:
    facts = {**FACTS, "matter": "{applicant} {nothing}"}
    assert "About {applicant} {nothing}" in words(made("x.notice.toml", NOTICE.encode(), facts, "en").content)


def test_all_that_is_missing_is_told_by_name() -> None:
    facts = {key: value for key, value in FACTS.items() if key not in ("matter", "items")}
    with pytest.raises(Lacking) as lacking:
        made("x.notice.toml", NOTICE.encode(), facts, "en")
    assert lacking.value.names == ("items", "matter")
    with pytest.raises(Lacking) as lacking:
        made("x.docx", files.docx("{{ matter }} {{ one }} {{ two }}"), facts, "en")
    assert set(lacking.value.names) == {"matter", "one", "two"}


def test_a_word_template_is_filled_in_and_what_people_typed_is_text() -> None:
    template = files.docx(
        "{{ applicant }}\n{{ matter }}\n{% for one in fees %}{{ loop.index }} {{ one.name }} {{ one.fee }}{% endfor %}\n"
        "{% if remark is defined %}{{ remark }}{% else %}no remark{% endif %}"
    )
    made_of = made("x.docx", template, {**FACTS, "matter": "<w:p/> & {{ office }}"}, "en")
    assert made_of.kind == "docx"
    text = of_word(made_of.content)
    assert "Wang Fang 王芳" in text
    assert "&lt;w:p/&gt; &amp; {{ office }}" in text
    assert "1 stamp 5" in text
    assert "no remark" in text


WALKS = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ applicant.__init__.__globals__ }}",
    "{{ ''['__class__'] }}",
    "{{ applicant|attr('__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ loop.__class__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ '{0.__class__}'.format(applicant) }}",
    "{{ fees.append(1) }}",
    "{{ fees[0].update({}) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}{{ os }}",
    "{% extends '/etc/passwd' %}",
)


@pytest.mark.parametrize("template", WALKS)
def test_a_template_that_reaches_further_than_the_facts_is_stopped(template: str) -> None:
    with pytest.raises((NotMade, Lacking)) as stopped:
        made("x.docx", files.docx(template), FACTS, "en")
    if isinstance(stopped.value, NotMade):
        assert "root:" not in stopped.value.why.en
        assert stopped.value.why.zh != stopped.value.why.en


_LONG = "x" * 900
_WITHIN = "".join(f"{{% for {name} in '{_LONG}' %}}" for name in "abcd") + "y" + "{% endfor %}" * 4
ENDLESS = {
    "many turns": "{% for a in range(99999999) %}x{% endfor %}",
    "turns within turns": _WITHIN,
    "a word without end": "{{ 'x' * 99999999999 }}",
    "a number without end": "{{ 9 ** (9 ** 9) }}",
    "itself again": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "a wide word": "{{ '%999999999d' % 1 }}",
}


# Several go on for as many seconds as they are given: one of those is enough for every day.
@pytest.mark.parametrize(
    "what", looks(list(ENDLESS), "many turns", "turns within turns", "a word without end", "itself again")
)
def test_a_template_without_end_is_ended(what: str) -> None:
    begun = time.monotonic()
    with pytest.raises((NotMade, Lacking)):
        made("x.docx", files.docx(ENDLESS[what]), FACTS, "en")
    assert time.monotonic() - begun < 90


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no", files.zipped({"a": b"a"}), files.bomb(), files.docx()[:2000]]
)
def test_a_template_that_is_no_word_document_is_told(content: bytes) -> None:
    with pytest.raises(NotMade):
        made("x.docx", content, FACTS, "en")
