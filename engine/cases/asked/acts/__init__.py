"""What people ask of each other beside the diagram, and how it is answered."""

from engine.cases.asked.acts.answering import answer, ask_again, withdraw_asked
from engine.cases.asked.acts.asking import add_behind, add_signers, consult, countersign, part_done
from engine.cases.asked.acts.copies import read_copy, send_copy
from engine.cases.asked.acts.votes import cast_vote, close_vote, give_up_vote, open_vote

__all__ = [
    "add_behind",
    "add_signers",
    "answer",
    "ask_again",
    "cast_vote",
    "close_vote",
    "consult",
    "countersign",
    "give_up_vote",
    "open_vote",
    "part_done",
    "read_copy",
    "send_copy",
    "withdraw_asked",
]
