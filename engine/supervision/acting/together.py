"""Many tasks at once: each is an act of its own, and what is refused to one keeps none of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.base.database import OFFICE, apart
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.cases import acts
from engine.cases.acts.made import is_new
from engine.cases.acts.moving import TASK, locked
from engine.cases.acts.waits import tried_already
from engine.cases.inbox import titles
from engine.cases.moves import NothingFailed
from engine.cases.notes.acts import write_note
from engine.cases.rules import BY_HAND, Order
from engine.cases.tables import incidents
from engine.organisation.rules import Actor
from engine.supervision.acting import acts as mine
from engine.supervision.acting import rules
from engine.supervision.acting.rules import Act, Outcome
from engine.supervision.reads import must_watch


@frozen
class Wish:
    """What is to be done. `words`: the reason, or what is said; `to_person` None: back to the posts; `seen`: who had each
    task when it was ticked, 0 nobody.
    """

    act: Act
    words: str
    to_person: int | None = None
    order: Order | None = None
    receipt: bytes | None = None
    seen: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def receipt_for(self, number: int) -> bytes | None:
        return rules.receipt_for(self.receipt, number, self.act, self.words, self.to_person, self.order)


def act_on(db: Connection, *, by: Actor, chosen: Collection[tuple[int, int]], wish: Wish) -> tuple[Outcome, ...]:
    """Tasks by case and number, in the order of their cases: two who choose the same wait for each other once.

    What is wrong with the wish itself is raised; what keeps one task from it stands in its outcome. At most rules.MOST.
    """
    must_watch(by)
    wanted = sorted(set(chosen))[: rules.MOST]
    if not wanted:
        raise rules.NoTaskChosen()
    if wish.act is Act.ORDER and wish.order is None:
        raise rules.OrderUnknown()
    known = titles(db, actor=by, wanted=wanted)
    return tuple(_one(db, by, task, known.get(task), wish) for task in wanted)


def _one(db: Connection, by: Actor, task: tuple[int, int], title: tuple[str, str] | None, wish: Wish) -> Outcome:
    """What the person may not even see is not there."""
    case_id, number = task
    step, case = title or ("", "")
    try:
        if title is None:
            raise NotFound(what=TASK)
        with apart(db):
            _DOES[wish.act](db, by, case_id, number, wish)
    except Refusal as refusal:
        return Outcome(case_id, number, step, case, refusal)
    return Outcome(case_id, number, step, case)


def _reassign(db: Connection, by: Actor, case_id: int, number: int, wish: Wish) -> None:
    mine.reassign(
        db, by=by, case_id=case_id, number=number, to_person=wish.to_person, reason=wish.words,
        receipt=wish.receipt_for(number), seen=wish.seen.get((case_id, number)),
    )  # fmt: skip


def _urge(db: Connection, by: Actor, case_id: int, number: int, wish: Wish) -> None:
    receipt = wish.receipt_for(number)
    acts.urge(db, by=by, case_id=case_id, number=number, words=wish.words, receipt=receipt)


def _accept(db: Connection, by: Actor, case_id: int, number: int, wish: Wish) -> None:
    receipt = wish.receipt_for(number)
    acts.accept_on_behalf(db, by=by, case_id=case_id, number=number, reason=wish.words, receipt=receipt)


def _order(db: Connection, by: Actor, case_id: int, number: int, wish: Wish) -> None:
    acts.change_order(
        db, by=by, case_id=case_id, number=number, order=wish.order or Order.NORMAL, reason=wish.words,
        receipt=wish.receipt_for(number),
    )  # fmt: skip


def _incident(db: Connection, by: Actor, case_id: int, number: int, wish: Wish) -> None:
    receipt = wish.receipt_for(number)
    acts.open_incident(db, by=by, case_id=case_id, number=number, words=wish.words, receipt=receipt)


def _retry(db: Connection, by: Actor, case_id: int, number: int, wish: Wish) -> None:
    """Everything in the case that a machine could not do. Once it went on, sending it again finds nothing."""
    locked(db, case_id)
    if not is_new(db, case_id, wish.receipt_for(0)):
        return
    failed = db.scalars(
        select(incidents.c.number)
        .where(
            incidents.c.office_id == OFFICE, incidents.c.case_id == case_id, incidents.c.closed_at.is_(None),
            incidents.c.kind != BY_HAND,
        )
        .order_by(incidents.c.number)
    ).all()  # fmt: skip
    if not failed:
        known = titles(db, actor=by, wanted=[(case_id, number)])
        case = known[case_id, number][1]
        raise tried_already(db, case_id, case) or NothingFailed(case=case)
    for one in failed:
        acts.retry_incident(db, by=by, case_id=case_id, number=one)


def _comment(db: Connection, by: Actor, case_id: int, _number: int, wish: Wish) -> None:
    """Once a case, whatever the number of its tasks."""
    locked(db, case_id)
    if is_new(db, case_id, wish.receipt_for(0)):
        write_note(db, by=by, case_id=case_id, text=wish.words)


_DOES: Final[Mapping[Act, Callable[[Connection, Actor, int, int, Wish], Any]]] = {
    Act.REASSIGN: _reassign,
    Act.URGE: _urge,
    Act.ACCEPT: _accept,
    Act.ORDER: _order,
    Act.INCIDENT: _incident,
    Act.RETRY: _retry,
    Act.COMMENT: _comment,
}
