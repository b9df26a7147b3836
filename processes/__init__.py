"""Procedures that come with the product, and the demo office: content, read from the folders beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from processes.shape import (
    Answers,
    Applicant,
    Arrival,
    CalendarPlan,
    Chosen,
    DayPlan,
    Demo,
    DepartmentPlan,
    HoldingPlan,
    Matter,
    OfficePlan,
    Outcome,
    Pace,
    PersonPlan,
    PostPlan,
    Shipped,
)

DIAGRAM = "procedure.bpmn"
_ATTACHED = ("forms", "decisions", "documents")
_ROOT = files("processes")


@cache
def shipped() -> tuple[Shipped, ...]:
    """Every procedure folder, by key."""
    folders = (one for one in _ROOT.iterdir() if one.is_dir() and (one / DIAGRAM).is_file())
    return tuple(_procedure(folder) for folder in sorted(folders, key=lambda one: one.name))


@cache
def office() -> OfficePlan:
    return office_in(_ROOT / "office")


def office_in(folder: Traversable) -> OfficePlan:
    """The office that `office.toml` and `persons.toml` of the folder tell of. Raises KeyError where something lacks."""
    plan = _toml(folder / "office.toml")
    return OfficePlan(
        name_en=plan["name_en"],
        name_zh=plan["name_zh"],
        zone=plan["zone"],
        departments=tuple(
            DepartmentPlan(one["code"], one.get("parent"), one["name_en"], one["name_zh"]) for one in plan["department"]
        ),
        posts=tuple(
            PostPlan(
                code=one["code"],
                department=one["department"],
                name_en=one["name_en"],
                name_zh=one["name_zh"],
                reports_to=one.get("reports_to"),
                rights=tuple(one.get("rights", ())),
            )
            for one in plan["post"]
        ),
        persons=tuple(_person(one) for one in _toml(folder / "persons.toml")["person"]),
        calendars=tuple(_calendar(one) for one in plan.get("calendar", ())),
    )


def _toml(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _in(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else []


def _person(one: Mapping[str, Any]) -> PersonPlan:
    return PersonPlan(
        login=one["login"],
        name_en=one["name_en"],
        name_zh=one["name_zh"],
        language=one["language"],
        holdings=tuple(HoldingPlan(held["post"], held["from"], held.get("until")) for held in one["holdings"]),
    )


def _calendar(one: Mapping[str, Any]) -> CalendarPlan:
    days = tuple(
        DayPlan(day["day"], day["name_en"], day["name_zh"], day.get("hours", "")) for day in one.get("day", ())
    )
    return CalendarPlan(
        one.get("department"), tuple(one.get("hours", ())), one.get("country"), tuple(one.get("years", ())), days
    )


def _procedure(folder: Traversable) -> Shipped:
    told = _toml(folder / "procedure.toml")
    return Shipped(
        key=folder.name,
        name=told["name"],
        prefix=told["prefix"],
        department=told["department"],
        purpose_en=told["purpose"]["en"],
        purpose_zh=told["purpose"]["zh"],
        scope_en=told["scope"]["en"],
        scope_zh=told["scope"]["zh"],
        start_form=told.get("start_form", ""),
        diagram=(folder / DIAGRAM).read_bytes(),
        # An edition keeps its files by name alone, so that an upload of single files finds them too.
        attachments={file.name: file.read_bytes() for place in _ATTACHED for file in _in(folder / place)},
        owners=told["owners"],
        scenarios={file.name.removesuffix(".toml"): file.read_bytes() for file in _in(folder / "scenarios")},
        demo=_demo(told["demo"]),
    )


def _chosen(one: Mapping[str, Any]) -> Chosen:
    asked: Mapping[str, Sequence[str]] = one.get("chosen", {})
    return {gateway: tuple(flows) for gateway, flows in asked.items()}


def _demo(told: Mapping[str, Any]) -> Demo:
    return Demo(
        cases_per_day=told["cases_per_day"],
        applicants=tuple(Applicant(one["en"], one["zh"], one.get("start", {})) for one in told["applicants"]),
        matters=tuple(
            Matter(one["en"], one["zh"], one.get("start", {}), one.get("answers", {})) for one in told["matters"]
        ),
        paces={element: _pace(one) for element, one in told["steps"].items()},
        messages={
            element: Arrival(one["hours"], one.get("payload", {})) for element, one in told.get("messages", {}).items()
        },
    )


def _pace(told: Mapping[str, Any]) -> Pace:
    return Pace(
        tray=told["tray"],
        work=told["work"],
        unanswered=told.get("unanswered", 0),
        outcomes=tuple(
            Outcome(one["weight"], one.get("again", one["weight"]), one.get("answers", {}), _chosen(one))
            for one in told["outcomes"]
        ),
    )


__all__ = [
    "Answers",
    "Demo",
    "Matter",
    "OfficePlan",
    "Outcome",
    "Shipped",
    "office",
    "office_in",
    "shipped",
]
