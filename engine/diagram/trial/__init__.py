"""A procedure tried out: one run of it without a case, what happened in each move and why, and scenarios kept of it."""

from engine.diagram.trial.coverage import Coverage, coverage
from engine.diagram.trial.ground import Ground, Place, Source, lay
from engine.diagram.trial.play import Moment, Open, Standing, begin, go, questions
from engine.diagram.trial.refusals import AnswersUnfit, NotAScenario, NothingWaitsThere, PayloadUnfit, TrialTooLong
from engine.diagram.trial.replay import Difference, Played, play
from engine.diagram.trial.scenario import Beginning, Move, Scenario, ScenarioStep
from engine.diagram.trial.written import MOST_BYTES, MOST_NAME, from_told, key_of, payload, read, told, write

__all__ = [
    "MOST_BYTES",
    "MOST_NAME",
    "AnswersUnfit",
    "Beginning",
    "Coverage",
    "Difference",
    "Ground",
    "Moment",
    "Move",
    "NotAScenario",
    "NothingWaitsThere",
    "Open",
    "PayloadUnfit",
    "Place",
    "Played",
    "Scenario",
    "ScenarioStep",
    "Source",
    "Standing",
    "TrialTooLong",
    "begin",
    "coverage",
    "from_told",
    "go",
    "key_of",
    "lay",
    "payload",
    "play",
    "questions",
    "read",
    "told",
    "write",
]
