"""Answering what was asked, withdrawing it, asking it anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.base.text import Name
from engine.cases import beside
from engine.cases import rules as cases
from engine.cases.acts.moving import Note, keep_note
from engine.cases.acts.work import locked_task
from engine.cases.asked import kept, people, rules
from engine.cases.asked.acts.beginning import Held, asked_task, workable_step
from engine.cases.asked.kept import Question
from engine.cases.asked.rules import Outcome
from engine.cases.rules import Kind
from engine.notices import acts as notices
from engine.organisation.rules import Actor

_ANSWERED = {
    Kind.OPINION: "give_opinion",
    Kind.SIGNATURE: "sign",
    Kind.COUNTERSIGNATURE: "answer_countersign",
}
_TOLD = {
    Outcome.SIGNED: "signed",
    Outcome.REFUSED: "refused",
    Outcome.GIVEN_BACK: "refused",
    Outcome.OBJECTED: "refused",
}


def answer(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    outcome: int | None,
    words: str,
    receipt: bytes | None = None,
) -> None:
    """An opinion, a signature or a department's word; whoever asked is told.

    Raises AnswerNotChosen, AnswerWithoutWords, AlreadyCompleted, NoLongerNeeded, WrongPost. The same `receipt` sent
    twice does nothing the second time.
    """
    task = locked_task(db, case_id, number)
    if cases.is_sent_again(task.receipt, receipt) and task.person_id == by.person_id:
        return
    if task.kind not in _ANSWERED:
        raise rules.NoLongerAsked()
    held, kind = asked_task(db, by, task), Kind(task.kind)
    said, cleaned = rules.fit_answer(kind, outcome, words)
    row, at = kept.of_task_row(db, case_id, number), clock.now()
    beside.complete(db, task, by.person_id, at, receipt, held.step.external)
    kept.set_row(
        db, case_id, row.number, outcome=said, answer=cleaned, answered_by=by.person_id, answered_at=at,
        answered_for=held.hand.behalf,
    )  # fmt: skip
    opened = kept.open_next(db, task, held.at_step, held.step, by, at) if said is Outcome.SIGNED else 0
    notices.tell(
        db, persons=[row.asked_by], kind=_TOLD.get(said, "opinion_given"),
        facts={"who": by.name, "task": Name(held.step.name, held.step.name), **({"why": cleaned} if cleaned else {})},
        case_id=case_id, task_number=task.of_task, except_for=by.person_id,
    )  # fmt: skip
    facts = {"task": number, "element": task.element, "of_task": task.of_task, "asked": row.number, "outcome": said}
    keep_note(
        db, task, Note(_ANSWERED[kind], by, held.hand.post_id, {**facts, **_noted(cleaned)}), opened=opened
    )  # fmt: skip


def _noted(words: str) -> dict[str, Any]:
    return {"note": words} if words else {}


def withdraw_asked(db: Connection, *, by: Actor, case_id: int, number: int, asked: int, why: str) -> None:
    """Whoever works the step no longer asks it; whoever stands behind in the row of signers is asked next.

    Raises ReasonMissing, RequiredHere, NoLongerAsked.
    """
    held = workable_step(db, by, case_id, number, None)
    row = kept.numbered(db, case_id, number, asked)
    if row.kind == Kind.VOTE or row.again is not None or row.outcome not in (None, Outcome.REFUSED):
        raise rules.NoLongerAsked()
    if row.kind == Kind.COUNTERSIGNATURE and _is_required(db, held, row):
        raise rules.RequiredHere(whom=kept.named(row))
    if not why.strip():
        raise cases.ReasonMissing()
    at = clock.now()
    if row.task_number is not None:
        beside.close_open(db, case_id, [row.task_number], at)
        _tell_withdrawn(db, held, row, by, why.strip())
    if row.outcome == Outcome.REFUSED:
        kept.set_row(db, case_id, asked, again=0)
    else:
        kept.set_row(db, case_id, asked, outcome=Outcome.WITHDRAWN, answered_by=by.person_id, answered_at=at)
    opened = 0
    if row.kind == Kind.SIGNATURE:
        opened = kept.open_next(db, held.task, held.at_step, held.step, by, at)
    facts = {"task": number, "element": held.task.element, "asked": asked, "note": why.strip()[: rules.MOST_WORDS]}
    keep_note(db, held.task, Note("withdraw_asked", by, held.hand.post_id, facts), opened=opened)


def _is_required(db: Connection, held: Held, row: Any) -> bool:
    return any(one.department_id == row.department_id for one in people.places(db, held.step.countersign or ("",)))


def _tell_withdrawn(db: Connection, held: Held, row: Any, by: Actor, why: str) -> None:
    if row.outcome is not None:
        return
    facts = {"who": by.name, "task": Name(held.step.name, held.step.name), "why": why}
    where = {"case_id": held.task.case_id, "except_for": by.person_id}
    if row.person_id is None:
        notices.tell_post(db, post_id=row.post_id, kind="not_needed", facts=facts, **where)
    else:
        notices.tell(db, persons=[row.person_id], kind="not_needed", facts=facts, **where)


def ask_again(
    db: Connection, *, by: Actor, case_id: int, number: int, asked: int, words: str, receipt: bytes | None = None
) -> None:
    """A signature that was refused is asked for once more, in the same place of the row."""
    held = workable_step(db, by, case_id, number, "sign")
    if kept.was_asked(db, case_id, by, receipt):
        return
    row = kept.numbered(db, case_id, number, asked)
    if row.kind != Kind.SIGNATURE or row.outcome != Outcome.REFUSED or row.again is not None:
        raise rules.NoLongerAsked()
    question = Question(Kind.SIGNATURE, rules.fit_words(words), by, held.hand.post_id, None, receipt)
    key = f"post:{row.post_id}" if row.person_id is None else f"person:{row.person_id}"
    (anew,) = kept.ask(db, held.task, held.at_step, held.step, people.chosen(db, [key]), question, {"again": asked})
    kept.set_row(db, case_id, asked, again=anew)
