"""Somebody leaves: all they have claimed is handed over in one act."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from engine.base.text import Name
from engine.cases.acts.work import locked_task
from engine.cases.asked.lapsing import lapse
from engine.cases.duties.acts.returning import give_back
from engine.cases.duties.reads import Kept, Left, claimed_by, must_watch
from engine.cases.duties.reassigning import reassign, step_of, what_keeps
from engine.cases.duties.rules import SuccessorUnfit
from engine.organisation import acts as organisation
from engine.organisation import reads
from engine.organisation.absence import acts as absence
from engine.organisation.absence.reads import absences_of, standing_in
from engine.organisation.kept import on_person
from engine.organisation.rules import Actor


def hand_over_work(
    db: Connection, *, by: Actor, person_id: int, to: Mapping[int, int | None], leaves: bool = True
) -> Kept:
    """`to`: for each post its successor; None or a post not named: to everybody who holds it.

    With it the person's absences end, those too in which they are the deputy; with `leaves`, which is for
    administrators, also their holdings and sessions, and what was asked of them in person lapses. What separation of duties or an interest keeps from a successor
    goes to the post, and is told. Raises SuccessorUnfit, NotTheirSupervisor.
    """
    person = reads.person(db, person_id)
    must_watch(db, by, person_id, person.name)
    for post_id, successor in to.items():
        if successor is not None:
            _must_hold(db, successor, post_id)
    for line in absences_of(db, person_id) + standing_in(db, person_id):
        if not line.closed:
            absence.close_absence(db, by=None if line.person_id != person_id else by, absence_id=line.id, anyway=True)
            give_back(db, line.id, line.person_id, by)
    lapsed = lapse(db, by=by, person_id=person_id, name=person.name) if leaves else 0
    given, released, left = 0, 0, []
    for one in claimed_by(db, person_id):
        task = locked_task(db, one.case_id, one.number)
        step = step_of(db, task)
        if task.kind is not None and one.in_person:
            left.append(Left(one, None))
            continue
        successor = to.get(task.post_id)
        kept = None if successor is None else what_keeps(db, task, step, successor)
        if kept is not None:
            left.append(Left(one, kept))
        receiver = None if kept is not None else successor
        reassign(db, task, step, receiver, by, "hand_over_work")
        given, released = given + (receiver is not None), released + (receiver is None)
    if leaves:
        organisation.person_leaves(db, by=by, person_id=person_id)
    facts = {
        "to": {str(post): successor for post, successor in to.items()}, "given": given, "released": released,
        "left": [[one.task.case_id, one.task.number] for one in left], "leaves": leaves, "lapsed": lapsed,
    }  # fmt: skip
    on_person(db, person_id, by, "hand_over_work", facts)
    return Kept(given, released, tuple(left), lapsed)


def _must_hold(db: Connection, successor: int, post_id: int) -> None:
    found = reads.actor(db, successor)
    if post_id not in found.post_ids:
        raise SuccessorUnfit(person=Name(found.name_en, found.name_zh), post=reads.post_name(db, post_id))
