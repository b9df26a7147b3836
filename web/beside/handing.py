"""The hand-over that brought the task here; on the page of a case all of them."""

from __future__ import annotations

from flask import g

from engine.base import clock
from engine.cases.handing.reads import back, hand_overs_of
from engine.cases.handing.rules import HandOver, State, to_and_fro
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part
from web.forms import new_receipt


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    if not any(one.handed_over_from for one in case.tasks):
        return None
    if task is None:
        handed = hand_overs_of(g.db, case.case_id)
        return Part("main", "beside/hand_overs.html", {"handed": handed, "swings": to_and_fro(handed)})
    if task.line.handed_over_from is None:
        return None
    handed = hand_overs_of(g.db, case.case_id)
    one = next((one for one in handed if one.number == task.line.number), None)
    return None if one is None else _of_task(case, task, one, handed)


def _of_task(case: CasePage, task: TaskPage, one: HandOver, handed: tuple[HandOver, ...]) -> Part:
    waits = one.state is State.WAITING and task.line.closed_at is None
    answers = waits and task.may_work
    back_to = back(g.db, case_id=case.case_id, number=one.number, at=clock.now()) if answers else None
    here = {one.sender_id, one.receiver_id}
    swings = to_and_fro([other for other in handed if {other.sender_id, other.receiver_id} == here])
    return Part(
        "head" if waits else "aside",
        "beside/handed.html" if waits else "beside/handed_on.html",
        {
            "one": one,
            "answers": answers,
            "back": back_to,
            "swings": swings,
            "receipt": new_receipt(),
            "case_id": case.case_id,
        },
    )
