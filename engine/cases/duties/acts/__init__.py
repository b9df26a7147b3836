"""What is done where somebody comes back, leaves, or has an interest in a case."""

from engine.cases.duties.acts.interests import ask_withdrawal, declare_interest, withdraw_interest
from engine.cases.duties.acts.leaving import hand_over_work
from engine.cases.duties.acts.returning import absence_over, change_absence, end_absence, plan_absence

__all__ = [
    "absence_over",
    "ask_withdrawal",
    "change_absence",
    "declare_interest",
    "end_absence",
    "hand_over_work",
    "plan_absence",
    "withdraw_interest",
]
