"""What programs outside do to cases."""

from engine.cases.outside.acts.calls import answer_call, give_up_call
from engine.cases.outside.acts.messages import receive_message

__all__ = ["answer_call", "give_up_call", "receive_message"]
