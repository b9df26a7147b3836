"""Where a notice leads, as a path: letters are written where there is no request to ask."""

from __future__ import annotations

from typing import Final

from engine.notices.reads import Notice

WISHES = "/notices/wishes"
_ABSENCE: Final = {"deputy_dropped", "nobody_stands_in", "deputy_away"}


def path_of(notice: Notice) -> str | None:
    """The task it is about, else the case, or what else it tells of; None where it is about nothing that has a page."""
    if notice.case_id is None:
        return _beside(notice)
    if notice.task_number is not None:
        return f"/tasks/{notice.case_id}/{notice.task_number}"
    anchor = f"#note-{notice.facts['note']}" if "note" in notice.facts else ""
    return f"/cases/{notice.case_id}{anchor}"


def _beside(notice: Notice) -> str | None:
    facts = notice.facts
    if "enquiry" in facts:
        return f"/counter/enquiries/{facts['enquiry']}"
    if "action" in facts:
        return f"/watch/corrective/{facts['action']}"
    if notice.kind == "weekly_report" and {"department_id", "week"} <= facts.keys():
        return f"/watch/reports/{facts['department_id']}/{facts['week']}"
    if "alert" in facts:
        return f"/watch/alerts/{facts['alert']}/figure"
    if notice.kind in _ABSENCE:
        return "/absence" if notice.person_id == facts.get("absent") else "/absence/people"
    return "/watch/alerts/" if notice.kind in ("alert_fired", "alert_paused") else None
