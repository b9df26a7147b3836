"""An edition: its findings, its lanes and posts, in force, its file."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Final

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.frozen import frozen
from engine.control.acts import give_up
from engine.diagram import help as told
from engine.diagram.shape import Finding
from engine.organisation.rules import Right
from engine.procedures import acts, reads
from engine.procedures.waivers import Waiver
from web.attached import as_attachment
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.studio.room import room, states


@room.get("/editions/<int:edition_id>")
@allows(Right.DESIGN)
def edition(edition_id: int) -> ResponseReturnValue:
    """The diagram with its findings, and the same findings as a table."""
    page = reads.edition(g.db, edition_id)
    groups = _groups(page, most=None if "all" in request.args else _MOST_ROWS)
    return render_template(
        "studio/edition.html",
        page=page,
        unmapped=[one for one in page.owners if one.owner.steps and one.post_id is None],
        groups=groups,
        marks=_marks(groups),
        flows=page.diagram.flows,
        file_sizes=[(path, f"{max(1, size // 1000)} kB") for path, size in page.attachments.items()],
        **states(),
    )


@frozen
class Line:
    """A row of the table: one finding, or all of a rule that asks nothing of anybody."""

    number: int
    findings: tuple[Finding, ...]
    waiver: Waiver | None = None

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def count(self) -> int:
        return len(self.findings)

    @property
    def title(self) -> str:
        page = told.page(self.first.rule.code)
        return page.title.say(language()) if page else self.first.sentence(language())


Group = tuple[str, str, list[Line], int]
_TOGETHER: Final = 3
"""More of one rule than this are told in one row, where nothing need be done."""
_MOST_ROWS: Final = 200
"""Of a group: a browser takes many seconds to lay out thousands. The rest is shown when it is asked for."""


def _groups(page: reads.EditionPage, most: int | None) -> list[Group]:
    """Title, kind, numbered rows and how many findings there are in all, of each group that has any."""
    numbers = itertools.count(1)
    kinds = (
        (_("Keeps it out of force"), "late", [(one,) for one in page.keeping_out]),
        (_("Needs a post"), "", [(one,) for one in page.without_post]),
        (_("To look at"), "", [(one,) for one in page.to_look_at]),
        (_("For information"), "", _together(page.told)),
    )
    groups = [
        (title, kind, [Line(next(numbers), one) for one in found[:most]], sum(len(one) for one in found))
        for title, kind, found in kinds
        if found
    ]
    if page.waived:
        lines = [Line(next(numbers), (one.finding,), one.waiver) for one in page.waived]
        groups.append((_("Waived"), "", lines, len(lines)))
    return groups


def _together(found: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    by_rule: dict[str, list[Finding]] = {}
    for one in found:
        by_rule.setdefault(one.rule.code, []).append(one)
    rows: list[tuple[Finding, ...]] = []
    for several in by_rule.values():
        rows += [tuple(several)] if len(several) > _TOGETHER else [(one,) for one in several]
    return rows


def _marks(groups: list[Group]) -> dict[str, Any]:
    return {
        "findings": [
            {
                "element": one.element,
                "severity": "info" if line.waiver else one.rule.severity,
                "number": line.number,
                "href": f"#finding-{line.number}",
                "label": one.sentence(language()),
            }
            for _title, _kind, lines, _count in groups
            for line in lines
            for one in line.findings
            if one.element
        ]
    }


@room.get("/editions/<int:edition_id>/owners")
@allows(Right.DESIGN)
def owners(edition_id: int) -> ResponseReturnValue:
    page = reads.edition(g.db, edition_id)
    posts = reads.post_choices(g.db)
    return render_template(
        "studio/owners.html",
        page=page,
        posts=posts,
        post_names={one.id: one.name.say(language()) for one in posts},
        names={one.id: one.name for one in page.diagram.elements.values() if one.name},
        processes=[one for one in page.diagram.processes.values() if one.has_content],
        **states(),
    )


@room.post("/editions/<int:edition_id>/owners")
@allows(Right.DESIGN)
def map_owners(edition_id: int) -> ResponseReturnValue:
    mapped = {
        key.removeprefix("owner:"): request.form.get(key, 0, type=whole)
        for key, value in request.form.items()
        if key.startswith("owner:") and value
    }
    acts.map_owners(g.db, by=g.actor, edition_id=edition_id, mapped=mapped)
    process = request.form.get("process")
    if process:
        acts.choose_process(g.db, by=g.actor, edition_id=edition_id, process=process)
    tell(_("Lanes and posts are kept."))
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


@room.post("/editions/<int:edition_id>/questions")
@allows(Right.DESIGN)
def ask_instead(edition_id: int) -> ResponseReturnValue:
    """At these flows a person is asked, since the condition cannot be read."""
    asked = reads.edition(g.db, edition_id).asked | set(request.form.getlist("flow"))
    acts.ask_instead(g.db, by=g.actor, edition_id=edition_id, flows=asked - set(request.form.getlist("condition")))
    tell(_("Kept: a person will be asked there."))
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


@room.post("/editions/<int:edition_id>/force")
@allows(Right.DESIGN)
def put_in_force(edition_id: int) -> ResponseReturnValue:
    acts.put_in_force(g.db, by=g.actor, edition_id=edition_id)
    page = reads.edition(g.db, edition_id)
    tell(_("Edition %(number)s is in force.", number=page.line.number))
    return redirect(url_for("studio.procedure", procedure_id=page.procedure_id), 303)


@room.post("/editions/<int:edition_id>/withdraw")
@allows(Right.DESIGN)
def withdraw(edition_id: int) -> ResponseReturnValue:
    give_up(g.db, by=g.actor, edition_id=edition_id)
    tell(_("The draft is withdrawn."))
    page = reads.edition(g.db, edition_id)
    return redirect(url_for("studio.procedure", procedure_id=page.procedure_id), 303)


@room.get("/editions/<int:edition_id>/diagram.bpmn")
@allows(Right.DESIGN)
def diagram(edition_id: int) -> ResponseReturnValue:
    """To be drawn by the page; or, where it is to be saved, exactly as uploaded."""
    if "save" not in request.args:
        reads.must_exist(g.db, edition_id)
        return Response(reads.drawing(g.db, edition_id), mimetype="application/xml")
    file, source = reads.source(g.db, edition_id)
    answer = Response(source, mimetype="application/xml")
    answer.headers["Content-Disposition"] = as_attachment(file)
    return answer
