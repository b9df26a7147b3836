"""Which answers, or which way out of a step, refuse what was applied for, and in which fields the ground stands.

On the step: officium:refusal='decision = "refuse"', or the id of the way out; officium:ground="legal_basis reasons".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.base.frozen import frozen
from engine.diagram import language
from engine.diagram.shape import Diagram, Element, Flow

LEAST_GROUND: Final = 4
GROUNDS: Final = ("grounds", "ground", "reasons", "reason", "legal_basis")
"""Where a ground is looked for where the step names no field: keys that are so called, or end so."""


@frozen
class Refusing:
    """`way`: it is refused by that flow. `ground`: keys of answers; none: whatever is called so by convention."""

    element: str
    condition: str | None
    way: Flow | None
    ground: tuple[str, ...]

    def refuses(self, answers: Mapping[str, Any], chosen: Mapping[str, Sequence[str]]) -> bool:
        """`answers`: of the case, with those of the step; `chosen`: where a person was asked for the way."""
        if self.way is not None:
            if self.way.source in chosen:
                return self.way.id in chosen[self.way.source]
            return self.way.condition is not None and _holds(self.way.condition, answers)
        return self.condition is not None and _holds(self.condition, answers)

    def is_grounded(self, answers: Mapping[str, Any]) -> bool:
        if not self.ground:
            return has_ground(answers)
        return any(_is_said(answers.get(key)) for key in self.ground)


def refusing(diagram: Diagram) -> dict[str, Refusing]:
    """By the step."""
    return {one.id: read(diagram, one) for one in diagram.elements.values() if one.refusal}


def read(diagram: Diagram, step: Element) -> Refusing:
    written = (step.refusal or "").strip()
    way = diagram.flows.get(written)
    return Refusing(step.id, None if way is not None else written, way, step.ground)


def has_ground(answers: Mapping[str, Any]) -> bool:
    """Something that a person could read stands where grounds, reasons or a legal basis are asked."""
    return any(
        _is_said(value)
        for key, value in answers.items()
        if any(key == one or key.endswith(f"_{one}") for one in GROUNDS)
    )


def _is_said(value: Any) -> bool:
    return value is not None and sum(sign.isalpha() for sign in str(value)) >= LEAST_GROUND


def _holds(condition: str, answers: Mapping[str, Any]) -> bool:
    """What cannot be worked out refuses nothing: the findings of the edition told of it."""
    try:
        return language.evaluate(condition, answers) is True
    except (language.CannotEvaluate, language.NotAnExpression):
        return False
