"""What people do in document control: review and approve editions, comment on them, keep the register."""

from engine.control.acts.comments import close_comment, comment, reply
from engine.control.acts.force import come_into_force, hold_up, set_effective
from engine.control.acts.register import note_periodic_review, set_review_interval
from engine.control.acts.review import (
    Submitted,
    approve,
    check,
    consent,
    give_up,
    return_to_author,
    submit_for_review,
)

__all__ = [
    "Submitted",
    "approve",
    "check",
    "close_comment",
    "come_into_force",
    "comment",
    "consent",
    "give_up",
    "hold_up",
    "note_periodic_review",
    "reply",
    "return_to_author",
    "set_effective",
    "set_review_interval",
    "submit_for_review",
]
