"""Durations and periods in words."""

from __future__ import annotations

import re
from typing import Final

from engine.base.text import Name, Text
from engine.diagram import voting
from engine.diagram.shape import Element

_PARTS: Final = (
    ("Y", False, Text("year", "年")),
    ("M", False, Text("month", "个月")),
    ("W", False, Text("week", "周")),
    ("D", False, Text("day", "天")),
    ("H", True, Text("hour", "小时")),
    ("M", True, Text("minute", "分钟")),
    ("S", True, Text("second", "秒")),
)
_WORKING_DAY: Final = Text("working day", "个工作日")
_WORKING_HOUR: Final = Text("working hour", "个工作小时")
_FORM: Final = re.compile(r"P([^T]*)(?:T(.*))?")
_NONE: Final = Text("none", "无")


def period(written: str | None, *, working: bool = False) -> Text:
    """“3 working days”; what is no duration as it stands."""
    if not written:
        return _NONE
    match = _FORM.fullmatch(written.strip())
    if match is None:
        return Name(written, written)
    en, zh = [], []
    for sign, of_the_clock, unit in _PARTS:
        number = re.search(rf"(\d+){sign}", (match[2] if of_the_clock else match[1]) or "")
        if number is None:
            continue
        said = unit
        if working and sign in ("D", "H"):
            said = _WORKING_DAY if sign == "D" else _WORKING_HOUR
        count = number[1].lstrip("0") or "0"
        en.append(f"{count} {said.en}{'' if count == '1' else 's'}")
        zh.append(f"{count} {said.zh}" if said.zh.startswith("个") else f"{count}{said.zh}")
    return Name(" ".join(en), " ".join(zh)) if en else Name(written, written)


def vote(one: Element) -> str:
    """The committee with its quorum and majority; empty where none decides."""
    if one.committee is None:
        return ""
    return f"{one.committee} ({one.quorum or voting.QUORUM}, {one.majority or voting.MAJORITY})"
