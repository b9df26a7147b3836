"""The rules a diagram is checked by: what each means, why it matters, how to mend what breaks it, and what that looks like."""

from __future__ import annotations

from typing import Final

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound
from engine.base.text import Text
from engine.diagram import help as told
from engine.diagram.shape import Severity
from engine.organisation.rules import Right
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.studio.room import room

_RULE: Final = Text(en="rule", zh="规则")
_KINDS: Final = {Severity.BLOCKS: "late", Severity.ATTENTION: "warn", Severity.INFO: ""}


@room.get("/rules")
@allows(Right.DESIGN)
def rules() -> ResponseReturnValue:
    return render_template("studio/rules.html", families=told.families(), severities=_severities(), kinds=_KINDS)


@room.get("/rules/<code>")
@allows(Right.DESIGN)
def rule(code: str) -> ResponseReturnValue:
    """With a diagram that breaks it, and the findings that are told of that."""
    page, example = told.page(code), told.example(code)
    if page is None:
        raise NotFound(what=_RULE)
    found = list(enumerate(example.findings, 1)) if example else []
    return render_template(
        "studio/rule.html",
        page=page,
        example=example,
        found=found,
        marks={
            "findings": [
                {
                    "element": one.element, "severity": one.rule.severity, "number": number,
                    "href": f"#finding-{number}", "label": one.sentence(language()),
                }
                for number, one in found
                if one.element
            ]
        },
        drawing=url_for("studio.rule_example", code=code),
        severities=_severities(),
        kinds=_KINDS,
    )  # fmt: skip


def _severities() -> dict[Severity, str]:
    return {
        Severity.BLOCKS: _("keeps it out of force"),
        Severity.ATTENTION: _("to look at"),
        Severity.INFO: _("for information"),
    }


@room.get("/rules/<code>/example.bpmn")
@allows(Right.DESIGN)
def rule_example(code: str) -> ResponseReturnValue:
    example = told.example(code)
    if example is None:
        raise NotFound(what=_RULE)
    return Response(example.drawing, mimetype="application/xml")
