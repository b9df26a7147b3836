"""Decision tables and their kind (DMN), evaluated with the office's own FEEL."""

from __future__ import annotations

from engine.diagram.decisions.decide import Told, decide, told
from engine.diagram.decisions.model import Decision, Decisions
from engine.diagram.decisions.read import read
from engine.diagram.decisions.refusals import NoSingleAnswer, NotADecisionFile
from engine.diagram.decisions.rules import findings
from engine.diagram.language import CannotEvaluate

__all__ = [
    "CannotEvaluate",
    "Decision",
    "Decisions",
    "NoSingleAnswer",
    "NotADecisionFile",
    "Told",
    "decide",
    "findings",
    "read",
    "told",
]
