"""What each rule means, why it matters, how to mend what breaks it, and a small diagram that does.

Told in `rules/help/*.toml`, one file a family; the diagrams stand in `rules/examples`, named by the rule's code, with
whatever belongs to one beside it: `CODE.fees.dmn`, `CODE.start.form.json`, and in `CODE.staffing.json` who is there.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram import lint
from engine.diagram.layout import laid_out
from engine.diagram.read import read
from engine.diagram.shape import Diagram, Finding, Rule
from engine.diagram.staffing import StaffedPost, Staffing

_RULES: Final = files("engine.diagram.rules")
_STAFFING: Final = "staffing.json"


@frozen
class Page:
    """The help for one rule."""

    rule: Rule
    title: Name
    means: Name
    matters: Name
    mend: Name


@frozen
class Family:
    title: Name
    pages: tuple[Page, ...]


@frozen
class Example:
    """A diagram that breaks the rule, and where. `drawing` has coordinates."""

    diagram: Diagram
    attachments: Mapping[str, bytes]
    staffing: Staffing | None
    drawing: bytes
    findings: tuple[Finding, ...]


@cache
def families() -> tuple[Family, ...]:
    """Every rule of the house that has a page, in the order of the families' files."""
    found = []
    for file in sorted(_folder("help"), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            told = tomllib.loads(file.read_text("utf-8"))
            pages = tuple(_page(lint.RULES[code], told[code]) for code in told if code in lint.RULES)
            found.append(Family(_said(told["title"]), pages))
    return tuple(found)


@cache
def _pages() -> Mapping[str, Page]:
    return {page.rule.code: page for family in families() for page in family.pages}


def page(code: str) -> Page | None:
    return _pages().get(code)


@lru_cache(32)
def example(code: str) -> Example | None:
    """None where the rule has none, or is no rule."""
    if code not in lint.RULES:
        return None
    beside = {one.name: one.read_bytes() for one in _folder("examples") if one.name.startswith(f"{code}.")}
    source = beside.pop(f"{code}.bpmn", None)
    if source is None:
        return None
    told = beside.pop(f"{code}.{_STAFFING}", None)
    staffing = None if told is None else _staffing(json.loads(told))
    diagram = read(source, f"{code}.bpmn")
    found = tuple(one for one in lint.findings(diagram, beside, staffing) if one.rule.code == code)
    drawing = source if diagram.has_coordinates else laid_out(source, diagram.file)
    return Example(diagram, beside, staffing, drawing, found)


def _folder(name: str) -> list[Traversable]:
    return list(_RULES.joinpath(name).iterdir())


def _page(rule: Rule, told: Mapping[str, Any]) -> Page:
    mend = _said(told["mend"]) if "mend" in told else Name(rule.remedy.en, rule.remedy.zh)
    return Page(rule, _said(told["title"]), _said(told["means"]), _said(told["matters"]), mend)


def _said(both: list[str]) -> Name:
    english, chinese = both
    return Name(english, chinese)


def _staffing(told: Mapping[str, Any]) -> Staffing:
    return Staffing(
        {
            key: StaffedPost(
                name=Name(one["en"], one["zh"]),
                department=one["department"],
                department_name=Name(one.get("department_en", ""), one.get("department_zh", "")),
                holders={int(person): Name(name, name) for person, name in one["holders"].items()},
                superiors=frozenset(one["superiors"]),
            )
            for key, one in told.items()
            if ":" in key
        },
        members=told.get("members", {}),
        departments=frozenset(told.get("departments", ())),
        connectors=frozenset(told.get("connectors", ())),
    )
