"""The receipt and the notice of what is missing, on A4. Whatever somebody typed reaches the page as text, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from engine.base.text import Language, Text
from engine.counter.reads import Receipt
from engine.counter.rules import NoNotice
from engine.organisation.reads import Office

_PAGE: Final = """
#let d = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: (x: 25mm, top: 25mm, bottom: 20mm), footer: align(center, text(8pt, fill: luma(90), d.footer)))
#set text(font: ("Noto Sans CJK SC", "Noto Sans", "Libertinus Serif"), size: 10.5pt, lang: d.language)
#align(center)[#text(15pt, weight: "bold", d.office) \\ #v(2mm) #text(13pt, d.title)]
#line(length: 100%, stroke: 0.8pt + rgb("#a5301c"))
#v(4mm)
#grid(columns: (36mm, 1fr), row-gutter: 3.2mm, ..d.facts.map(f => (text(fill: luma(80), f.at(0)), text(weight: if f.at(2) { "bold" } else { "regular" }, f.at(1)))).flatten())
#if d.intro != "" [#v(5mm) #d.intro]
#if d.papers.len() > 0 [
  #v(4mm)
  #table(columns: (10mm, 1fr, 30mm), stroke: 0.4pt + luma(160), inset: 2.4mm,
    ..d.head.map(h => text(weight: "bold", h)),
    ..d.papers.enumerate().map(((i, p)) => (str(i + 1), p.at(0), p.at(1))).flatten())
]
#v(6mm)
#for words in d.closing [#par(words)]
#v(16mm)
#grid(columns: (1fr, 1fr), d.signed, align(right, d.at))
"""

_WORDS: Final = {
    "receipt": Text("Receipt of an application", "受理回执"),
    "notice": Text("Notice of missing papers", "材料补正一次性告知书"),
    "number": Text("Number", "办件编号"),
    "procedure": Text("Procedure", "办理事项"),
    "applicant": Text("Applicant", "申请人"),
    "contact": Text("How they are reached", "联系方式"),
    "matter": Text("Matter", "事由"),
    "received": Text("Received", "收件时间"),
    "due": Text("Promised by", "承诺办结日期"),
    "no date": Text("no date promised", "未承诺期限"),
    "paper": Text("Paper", "材料名称"),
    "state": Text("State", "状态"),
    "brought": Text("brought", "已提交"),
    "missing": Text("missing", "待补正"),
    "by": Text("Received by: {person}", "经办人：{person}"),
    "keep": Text(
        "Keep this receipt. With its number you are told at the counter, at any time, where the case stands.",
        "请妥善保管本回执。凭办件编号可随时到窗口查询办理进度。",
    ),
    "missing intro": Text(
        "Your application was received, but the papers below are missing. All that is missing is named here at once; "
        "nothing else will be asked for later.",
        "您的申请已收到，但尚缺下列材料。所缺材料已在此一次性全部告知，不再另行要求补正其他材料。",
    ),
    "bring": Text(
        "Bring them to the counter, or send them, naming the number above.", "请携带或寄送上述材料至窗口，并注明办件编号。"
    ),
}  # fmt: skip


def receipt(one: Receipt, office: Office, language: Language) -> bytes:
    """A PDF of one page."""
    papers = [
        (paper.name.say(language), _say("brought" if paper.brought else "missing", language)) for paper in one.papers
    ]
    facts = [
        *_facts(one, office, language),
        (_say("due", language), str(one.due_on) if one.due_on else _say("no date", language), one.due_on is not None),
    ]
    return _printed("receipt", one, office, language, facts, papers, "", ["keep"], one.received_at)


def notice(one: Receipt, office: Office, language: Language) -> bytes:
    """As it was given, whatever was brought since. Raises NoNotice."""
    if one.notice_at is None:
        raise NoNotice(case=one.number)
    papers = [(paper.name.say(language), _say("missing", language)) for paper in one.told]
    facts = _facts(one, office, language)
    return _printed(
        "notice", one, office, language, facts, papers, _say("missing intro", language), ["bring"], one.notice_at
    )


def _facts(one: Receipt, office: Office, language: Language) -> list[tuple[str, str, bool]]:
    received = one.received_at.astimezone(office.zone_info)
    found = [
        ("number", one.number, True),
        ("procedure", one.procedure, False),
        ("applicant", one.applicant, False),
        ("contact", one.contact, False),
        ("matter", one.matter, False),
        ("received", f"{received:%Y-%m-%d %H:%M}", False),
    ]
    return [(_say(name, language), value, bold) for name, value, bold in found if value]


def _printed(
    title: str,
    one: Receipt,
    office: Office,
    language: Language,
    facts: Sequence[tuple[str, str, bool]],
    papers: Sequence[tuple[str, str]],
    intro: str,
    closing: Sequence[str],
    at: datetime,
) -> bytes:
    import typst  # noqa: PLC0415 -- 30 MB that only a printed page needs

    data: dict[str, Any] = {
        "language": language,
        "office": office.name.say(language),
        "title": _say(title, language),
        "facts": facts,
        "papers": papers,
        "head": ["", _say("paper", language), _say("state", language)],
        "intro": intro,
        "closing": [_say(words, language) for words in closing],
        "signed": _WORDS["by"].say(language, person=one.received_by),
        "at": f"{at.astimezone(office.zone_info):%Y-%m-%d}",
        "footer": f"{office.name.say(language)} · {one.number}",
    }
    made = typst.compile(_PAGE.encode(), format="pdf", sys_inputs={"data": orjson.dumps(data).decode()})
    if not isinstance(made, bytes):  # pragma: no cover -- a PDF is one file however many pages it has
        raise RuntimeError("a PDF came out as several files")
    return made


def _say(words: str, language: Language) -> str:
    return _WORDS[words].say(language)
