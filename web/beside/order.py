"""That a supervisor has put a task before or behind what is due first, and why: read from the record that the page holds."""

from __future__ import annotations

from engine.cases.reads import CasePage, EntryLine, TaskPage
from web.beside.part import Part


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """Of open tasks alone; on the page of a task of that one."""
    steps = {one.number: one.name for one in case.open_tasks if task is None or one.number == task.line.number}
    last: dict[int, EntryLine] = {}
    for one in case.record:
        if one.act == "change_order" and one.facts["task"] in steps:
            last[one.facts["task"]] = one
    put = [
        (steps[number], entry) for number, entry in last.items() if entry.facts["order"] != "normal"
    ]  # fmt: skip
    return Part("head", "beside/order.html", {"put": put, "on_task": task is not None}) if put else None
