"""What people do with the clocks of a case, and what time does to them."""

from engine.cases.clocks.acts.counting import recompute, recompute_case
from engine.cases.clocks.acts.expiring import confirm_expiry, note_expiry, warn_of_expiry
from engine.cases.clocks.acts.extending import ask_period, decline_period, extend_period
from engine.cases.clocks.acts.stopping import resume_clock, stop_clock

__all__ = [
    "ask_period",
    "confirm_expiry",
    "decline_period",
    "extend_period",
    "note_expiry",
    "recompute",
    "recompute_case",
    "resume_clock",
    "stop_clock",
    "warn_of_expiry",
]
