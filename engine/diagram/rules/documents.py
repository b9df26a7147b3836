"""Documents that are to be made at a step, and the templates they are made from."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked
from engine.diagram.notice import NOTICE, WORD, NotANotice, read
from engine.diagram.shape import Finding, Rule, Severity

TEMPLATE_MISSING: Final = Rule(
    "template-missing",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) makes a document from {template}, but no such template is attached.",
        zh="“{name}”（第 {line} 行）使用 {template} 生成文书，但未附该模板。",
    ),
    Text(
        en="Attach it under this name: a Word document that ends in .docx, or a text that ends in .notice.toml.",
        zh="请以该名称附上模板：以 .docx 结尾的 Word 文档，或以 .notice.toml 结尾的文本。",
    ),
)
TEMPLATE_UNREADABLE: Final = Rule(
    "template-unreadable",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) makes a document from {template}, which cannot be read: {why}",
        zh="“{name}”（第 {line} 行）使用 {template} 生成文书，但该模板无法读取：{why}",
    ),
    Text(en="Mend {template} and attach it again.", zh="请修正 {template} 后重新附上。"),
)
_NO_WORD: Final = Text("it is not a Word document (.docx).", "它不是 Word 文档（.docx）。")


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        for template in element.produces:
            content = all_of.attachments.get(template)
            if content is None or not template.lower().endswith((NOTICE, WORD)):
                yield all_of.finding(TEMPLATE_MISSING, element.id, template=template[:120])
            elif (why := _unreadable(template, content)) is not None:
                yield all_of.finding(TEMPLATE_UNREADABLE, element.id, template=template, why=why)


def _unreadable(template: str, content: bytes) -> Text | None:
    if template.lower().endswith(NOTICE):
        try:
            read(content, template)
        except NotANotice as refusal:
            why: Text = refusal.facts["why"]
            return Name(why.say("en"), why.say("zh"))
        return None
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return None if "word/document.xml" in archive.namelist() else _NO_WORD
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return _NO_WORD
