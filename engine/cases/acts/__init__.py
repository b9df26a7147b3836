"""What people do with cases."""

from engine.cases.acts.ending import cancel_case
from engine.cases.acts.extending import ask_extension, decide_extension
from engine.cases.acts.firing import fire_timer, recount_timers
from engine.cases.acts.giving import give_back, transfer
from engine.cases.acts.journey import Started
from engine.cases.acts.ordering import change_order
from engine.cases.acts.overseeing import accept_on_behalf, open_incident
from engine.cases.acts.papers import (
    add_version,
    attach_paper,
    issue_document,
    refuse_paper,
    scan_paper,
    withdraw_paper,
)
from engine.cases.acts.resting import resume, suspend
from engine.cases.acts.returning import Returned, return_task, withdraw
from engine.cases.acts.start import start_case
from engine.cases.acts.together import complete_together
from engine.cases.acts.turning import begin_by_timer, recount_start_timers
from engine.cases.acts.urging import urge
from engine.cases.acts.waits import deliver_message, retry_incident, settle_incident
from engine.cases.acts.work import (
    Completed,
    begin_work,
    claim,
    complete_task,
    pause_work,
    release,
    resume_work,
)

__all__ = [
    "Completed",
    "Returned",
    "Started",
    "accept_on_behalf",
    "add_version",
    "ask_extension",
    "attach_paper",
    "begin_by_timer",
    "begin_work",
    "cancel_case",
    "change_order",
    "claim",
    "complete_task",
    "complete_together",
    "decide_extension",
    "deliver_message",
    "fire_timer",
    "give_back",
    "issue_document",
    "open_incident",
    "pause_work",
    "recount_start_timers",
    "recount_timers",
    "refuse_paper",
    "release",
    "resume",
    "resume_work",
    "retry_incident",
    "return_task",
    "scan_paper",
    "settle_incident",
    "start_case",
    "suspend",
    "transfer",
    "urge",
    "withdraw",
    "withdraw_paper",
]
