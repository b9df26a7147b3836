"""FEEL, the language of conditions and decisions: read, checked and evaluated without ever running Python."""

from __future__ import annotations

from engine.diagram.language.expressions import Expression, UnaryTests, evaluate, expression, jsonable, passes, tests
from engine.diagram.language.reasons import CannotEvaluate, NotAnExpression
from engine.diagram.language.script import Assignment, assignments
from engine.diagram.language.values import Value

__all__ = [
    "Assignment",
    "CannotEvaluate",
    "Expression",
    "NotAnExpression",
    "UnaryTests",
    "Value",
    "assignments",
    "evaluate",
    "expression",
    "jsonable",
    "passes",
    "tests",
]
