"""What is different between two editions: told in sentences, and marked on both diagrams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from engine.base.text import Text
from engine.diagram.differ import Change, Difference, Group
from engine.organisation.rules import Right
from engine.procedures import comparing, reads
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.studio.room import room, states


@room.get("/editions/<int:edition_id>/differences")
@allows(Right.DESIGN)
def differences(edition_id: int) -> ResponseReturnValue:
    """With the edition named by `with`; else with the one in force, or the one before."""
    page = reads.edition(g.db, edition_id)
    beside = comparing.beside(g.db, edition_id)
    wanted = request.args.get("with", type=whole) or (beside.id if beside else None)
    found = None
    if wanted is not None and wanted != edition_id:
        found = comparing.compared(g.db, edition_id=edition_id, other_id=wanted)
    told = _told(found.differences) if found else []
    return render_template(
        "studio/differences.html",
        page=page,
        found=found,
        wanted=wanted,
        others=[one for one in reads.editions(g.db, page.procedure_id) if one.id != edition_id],
        groups=_groups(told),
        marks=_marks(found.differences, told) if found else ({}, {}),
        counts={change: sum(one.change is change for _number, one in told) for change in Change},
        changes=_changes(),
        **states(),
    )


Told = list[tuple[int, Difference]]


def _told(found: Iterable[Difference]) -> Told:
    """Numbered; a flow that came or went together with a step is only marked."""
    return list(enumerate((one for one in found if one.sentence.en), start=1))


def _changes() -> dict[Change, tuple[str, str]]:
    return {
        Change.ADDED: (_("new"), "ok"),
        Change.CHANGED: (_("changed"), "warn"),
        Change.REMOVED: (_("removed"), "late"),
    }


def _groups(told: Told) -> list[tuple[str, Told]]:
    titles: dict[Group, str] = {
        Group.STEPS: _("Steps"),
        Group.WHO: _("Who does it"),
        Group.WAY: _("Which way a case goes"),
        Group.TIME: _("By when"),
        Group.FORMS: _("Forms"),
        Group.DECISIONS: _("Decision tables"),
        Group.WORK: _("Work instructions and documents"),
        Group.NAMES: _("Names and notes"),
    }
    groups = ((title, [one for one in told if one[1].group is group]) for group, title in titles.items())
    return [(title, found) for title, found in groups if found]


def _marks(found: Iterable[Difference], told: Told) -> tuple[dict[str, Any], dict[str, Any]]:
    """For the old diagram and for the new one. A number leads to its sentence, from the newer place where there is one."""
    old: dict[str, Any] = {"removed": [], "changed": [], "badges": []}
    new: dict[str, Any] = {"added": [], "changed": [], "badges": []}
    for one in found:
        if one.change is Change.CHANGED or (one.old and one.new):
            old["changed"] += one.old
            new["changed"] += one.new
        else:
            old["removed"] += one.old
            new["added"] += one.new
    for number, one in told:
        place, elements = (new, one.new) if one.new else (old, one.old)
        place["badges"] += [_badge(number, element, one.sentence) for element in elements[:1]]
    for side in (old, new):
        gone = {*side.get("removed", ()), *side.get("added", ())}
        side["changed"] = sorted(set(side["changed"]) - gone)
    return old, new


def _badge(number: int, element: str, sentence: Text) -> dict[str, Any]:
    return {
        "element": element,
        "text": str(number),
        "href": f"#difference-{number}",
        "label": sentence.say(language()),
        "level": 0,
    }
