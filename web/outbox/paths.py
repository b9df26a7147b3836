"""Where a notice leads, as a path: letters are written where there is no request to ask."""

from __future__ import annotations

from engine.notices.reads import Notice

WISHES = "/notices/wishes"


def path_of(notice: Notice) -> str | None:
    """The task it is about, else the case or the enquiry; None where it is about neither."""
    if notice.case_id is None:
        return f"/counter/enquiries/{notice.facts['enquiry']}" if "enquiry" in notice.facts else None
    if notice.task_number is not None:
        return f"/tasks/{notice.case_id}/{notice.task_number}"
    anchor = f"#note-{notice.facts['note']}" if "note" in notice.facts else ""
    return f"/cases/{notice.case_id}{anchor}"
