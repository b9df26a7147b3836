"""Whether a person may do a task of a case. Every way to a task leads through here: claiming, completing, receiving it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row

from engine.base import clock
from engine.base.text import Name, Text
from engine.cases import rules
from engine.cases.duties.declared import must_have_no_interest
from engine.cases.duties.standing_in import Hand, hand_of
from engine.cases.rules import Standing
from engine.cases.separation import Place, apart_at, must_be_apart
from engine.diagram import run
from engine.organisation.reads import actor, person_name, post_name
from engine.organisation.rules import Actor
from engine.procedures.runnable import Step, drawn_in, runnable

__all__ = ["Hand", "must_be_fit", "must_be_let", "must_be_workable", "standing"]


def must_be_workable(db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor) -> Hand:
    """Raises WrongPost, AlreadyCompleted, NoLongerNeeded, ClaimedBySomebody, DutiesApart, DepartmentsApart, InterestDeclared.

    What keeps the one from it who is stood in for keeps the deputy from it too.
    """
    hand = hand_of(task, by)
    known = standing(db, task, step, by, hand)
    if hand is None:
        rules.must_be_of_my_posts(known, by)
    rules.must_be_open(known)
    if hand is None or task.person_id is None or task.person_id != hand.behalf:
        rules.must_not_be_anothers(known, by)
    found = hand or Hand(task.post_id)
    if step.apart:
        must_be_apart(db, task.case_id, step, by, found)
    if getattr(task, "interests", True):
        must_have_no_interest(db, task.case_id, step.name, by, found.behalf)
    return found


def must_be_fit(
    db: Connection, *, case: Row[*tuple[Any, ...]], step: Step, person_id: int, post_id: int, behalf: int | None = None
) -> None:
    """That somebody may be given a step of the case: separation of duties and declared interests, not the post.

    Raises DutiesApart, DepartmentsApart, InterestDeclared.
    """
    receiver = actor(db, person_id)
    if step.apart:
        must_be_apart(db, case.case_id, step, receiver, Hand(post_id, behalf))
    must_have_no_interest(db, case.case_id, step.name, receiver, behalf)


def must_be_let(db: Connection, case: Row[*tuple[Any, ...]], token: str, element: str, by: Actor) -> None:
    """What somebody does by hand where the case waits for a machine or a message counts like a step done.

    Raises DutiesApart, DepartmentsApart, InterestDeclared.
    """
    made_ready = runnable(db, case.case_edition_id, case.process)
    process = run.process_of(made_ready.model, case.state, token, now=clock.now())
    edition_id = drawn_in(db, case.case_edition_id, process)
    apart, name = apart_at(db, edition_id, element)
    here = Place(edition_id, name, apart)
    if apart:
        must_be_apart(db, case.case_id, here, by, Hand(0))
    must_have_no_interest(db, case.case_id, name, by, None)


_NAMELESS: Final = Text(en="", zh="")


def standing(db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor, hand: Hand | None = None) -> Standing:
    """Names are looked up only where a refusal will need them."""
    another = task.person_id is not None and task.person_id != by.person_id
    foreign = hand is None and task.post_id not in by.post_ids
    mine = Name(en=by.name_en, zh=by.name_zh)
    return Standing(
        name=step.name,
        post_id=task.post_id,
        post=post_name(db, task.post_id) if foreign else _NAMELESS,
        person_id=task.person_id,
        person=person_name(db, task.person_id) if another else mine,
        claimed_at=task.claimed_at,
        closed_at=task.closed_at,
        closed_how=task.closed_how,
    )
