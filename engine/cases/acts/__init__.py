"""What people do with cases."""

from engine.cases.acts.journey import Started
from engine.cases.acts.start import start_case
from engine.cases.acts.waits import deliver_message, fire_timer, retry_incident, settle_incident
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
    "Started",
    "begin_work",
    "claim",
    "complete_task",
    "deliver_message",
    "fire_timer",
    "pause_work",
    "release",
    "resume_work",
    "retry_incident",
    "settle_incident",
    "start_case",
]
