"""Soundness: whether every case of a process comes to its end, and if not, the shortest way to where it does not.

`check` is all there is to call. Conditions are free choices, and whatever is waited for may come at any time; what a
token does is what it does when a case is run (decision 0016).
"""

from engine.diagram.soundness.checking import BUDGET, Study, check, verdicts
from engine.diagram.soundness.verdict import (
    Chosen,
    Fault,
    FaultKind,
    How,
    Outcome,
    Standing,
    Turn,
    Unproven,
    Verdict,
)

__all__ = [
    "BUDGET",
    "Chosen",
    "Fault",
    "FaultKind",
    "How",
    "Outcome",
    "Standing",
    "Study",
    "Turn",
    "Unproven",
    "Verdict",
    "check",
    "verdicts",
]
