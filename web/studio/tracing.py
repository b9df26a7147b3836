"""How a case comes to where a finding says: the shortest way, turn by turn, on the diagram and in a table."""

from __future__ import annotations

from typing import Any, Final

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.rules.soundness import BY_RULE, NEVER_ENDS, fault_of
from engine.diagram.shape import Diagram, Finding
from engine.diagram.soundness import Fault, Turn, telling, verdicts
from engine.organisation.rules import Right
from engine.procedures import reads
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.studio.room import room, states

TRACED: Final = frozenset({*BY_RULE, NEVER_ENDS.code})
"""Codes of the rules whose findings can be shown so."""
_WAY: Final = Text(en="way to such a finding in this edition", zh="该版本中通往此问题的路径")


@frozen
class TurnLine:
    """A turn as its row says it."""

    said: str
    ways: tuple[str, ...]
    stands: tuple[tuple[str, int], ...]
    decisive: bool


@room.get("/editions/<int:edition_id>/trace/<rule>/<path:element>")
@allows(Right.DESIGN)
def trace(edition_id: int, rule: str, element: str) -> ResponseReturnValue:
    page = reads.edition(g.db, edition_id)
    finding, fault = _found(page, rule, element)
    lines = [_line(page.diagram, turn, number == fault.decisive) for number, turn in enumerate(fault.turns)]
    return render_template(
        "studio/trace.html",
        page=page,
        finding=finding,
        lines=lines,
        marks={"trace": _marks(fault, lines)},
        **states(),
    )


def _found(page: reads.EditionPage, rule: str, element: str) -> tuple[Finding, Fault]:
    """Raises NotFound."""
    for finding in page.findings:
        if finding.rule.code == rule and finding.element == element:
            for verdict in verdicts(page.diagram).values():
                fault = fault_of(verdict, rule, element)
                if fault is not None:
                    return finding, fault
    raise NotFound(what=_WAY)


def _line(diagram: Diagram, turn: Turn, decisive: bool) -> TurnLine:
    return TurnLine(
        said=_sentence(telling.said(diagram, turn)),
        ways=tuple(_sentence(one) for one in telling.ways_said(diagram, turn)),
        stands=tuple((_sentence(telling.stands_said(diagram, one)), one.count) for one in turn.standing),
        decisive=decisive,
    )


def _sentence(words: Text) -> str:
    said = words.say(language())
    return said[:1].upper() + said[1:]


def _marks(fault: Fault, lines: list[TurnLine]) -> dict[str, Any]:
    return {
        "said": _("Turn {number} of {count}: {said}"),
        "turns": [
            {
                "said": line.said,
                "passed": [*turn.passed, *turn.flows],
                "standing": [
                    {"element": one.element, "count": one.count, "held": one.held, "label": said}
                    for one, (said, _count) in zip(turn.standing, line.stands, strict=True)
                ],
            }
            for turn, line in zip(fault.turns, lines, strict=True)
        ],
    }


@room.context_processor
def _traced() -> dict[str, Any]:
    return {"traced": TRACED}
