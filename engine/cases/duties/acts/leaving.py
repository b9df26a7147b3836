"""Somebody leaves: all they have claimed is handed over in one act, and whoever they stood in for needs another deputy."""

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
from engine.notices import acts as notices
from engine.organisation import acts as organisation
from engine.organisation import reads
from engine.organisation.absence import acts as absence
from engine.organisation.absence.reads import AbsenceLine, absences_of, planners_for, standing_in
from engine.organisation.kept import on_person
from engine.organisation.rules import Actor


def hand_over_work(
    db: Connection, *, by: Actor, person_id: int, to: Mapping[int, int | None], leaves: bool = True
) -> Kept:
    """`to`: for each post its successor; None or a post not named: to everybody who holds it.

    With it they stand in for nobody any more: those absences go on, and whoever has to name somebody else is told. With `leaves`, which is for
    administrators, also their own absences end, their holdings and sessions, and what was asked of them in person lapses. What separation of duties or
    an interest keeps from a successor goes to the post, and is told. Raises SuccessorUnfit, NotTheirSupervisor.
    """
    person = reads.person(db, person_id)
    must_watch(db, by, person_id, person.name)
    for post_id, successor in to.items():
        if successor is not None:
            _must_hold(db, successor, post_id)
    if leaves:
        for line in absences_of(db, person_id):
            if absence.close_absence(db, by=by, absence_id=line.id, back=False) is not None:
                give_back(db, line.id, person_id, by, "drop_deputy")
    alone = tuple(line for line in standing_in(db, person_id) if _falls_away(db, by, line, person))
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
        "alone": [one.id for one in alone],
    }  # fmt: skip
    on_person(db, person_id, by, "hand_over_work", facts)
    return Kept(given, released, tuple(left), lapsed, alone)


def _falls_away(db: Connection, by: Actor, line: AbsenceLine, deputy: reads.Person) -> bool:
    """What they had begun is handed over with the rest: whoever is away would not come to it, and nobody stands in."""
    if absence.drop_deputy(db, by=by, absence_id=line.id, deputy_id=deputy.id) is None:
        return False
    first, last = line.from_day.isoformat(), line.until_day.isoformat()
    days = Name(f"from {first} to {last}", f"{first} 至 {last}")
    facts = {"who": deputy.name, "of": line.person, "days": days, "absent": line.person_id}
    planners = planners_for(db, line.person_id, besides=deputy.id)
    notices.tell(db, persons=[line.person_id], kind="deputy_dropped", facts=facts)
    notices.tell(db, persons=planners, kind="nobody_stands_in", facts=facts)
    return True


def _must_hold(db: Connection, successor: int, post_id: int) -> None:
    found = reads.actor(db, successor)
    if post_id not in found.post_ids:
        raise SuccessorUnfit(person=Name(found.name_en, found.name_zh), post=reads.post_name(db, post_id))
