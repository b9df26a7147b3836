"""The table of rules as it is delivered. An office changes it in the room of cards, not here."""

from __future__ import annotations

from typing import Final

from engine.base.text import Name
from engine.supervision.cards.facts import Subject
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.rules import Rule

_STEP, _CASE, _HANDED = Subject.STEP, Subject.CASE, Subject.HAND_OVER
_YELLOW, _RED, _UP = Kind.YELLOW, Kind.RED, Kind.ESCALATION

READY_MADE: Final = (
    Rule("step_near", Name("Step nearly due", "环节即将到期"), _STEP, _YELLOW,
         "step.share_used >= 0.8 and not(step.late)"),
    Rule("step_late", Name("Step late though the case is not", "环节逾期而办件未逾期"), _STEP, _RED,
         "step.late and not(case.late)"),
    Rule("case_near", Name("Case nearly due", "办件即将到期"), _CASE, _YELLOW,
         "case.days_left <= 2 and not(case.late)"),
    Rule("case_late", Name("Case late", "办件逾期"), _CASE, _RED, "case.late"),
    Rule("supplement_again", Name("Second supplement notice", "再次补正告知"), _CASE, _RED, "case.supplements >= 2"),
    Rule("refused_without_ground", Name("Refused without a ground", "不予办理未说明理由"), _CASE, _RED,
         "case.refused_without_ground"),
    Rule("untouched_near", Name("Claimed and soon untouched too long", "认领后迟迟未办（预警）"), _STEP, _YELLOW,
         "step.claimed_untouched_days >= 3 and step.claimed_untouched_days < 5"),
    Rule("untouched", Name("Claimed and untouched for five days", "认领后五个工作日未办"), _STEP, _RED,
         "step.claimed_untouched_days >= 5"),
    Rule("ping_pong", Name("To and fro more than twice", "往返超过两次"), _CASE, _RED, "case.ping_pong_rounds > 2"),
    Rule("hand_over_near", Name("Hand-over nearly overdue", "交接即将逾期"), _HANDED, _YELLOW,
         "handover.share_used >= 0.8 and not(handover.late)"),
    Rule("hand_over_late", Name("Hand-over not accepted in time", "交接逾期未接收"), _HANDED, _RED, "handover.late"),
    Rule("late_up_1", Name("Late: to the superior", "逾期：上报上级"), _STEP, _UP, "step.late", 1),
    Rule("late_up_2", Name("Two working days late: one further up", "逾期两个工作日：再上一级"), _STEP, _UP,
         "step.working_days_late >= 2", 2),
    Rule("late_up_3", Name("Five working days late: two further up", "逾期五个工作日：再上两级"), _STEP, _UP,
         "step.working_days_late >= 5", 3),
)  # fmt: skip
