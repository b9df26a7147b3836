"""Rows of what was asked: written, read and moved on by every act of asking. The case must be locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.cases import beside
from engine.cases.acts.moving import Note, keep_note
from engine.cases.asked import rules
from engine.cases.asked.people import Whom
from engine.cases.asked.rules import Ask
from engine.cases.asked.tables import asked
from engine.cases.beside import Beside, StepAt
from engine.cases.rules import Kind
from engine.notices import acts as notices
from engine.organisation.rules import Actor
from engine.organisation.tables import persons, posts
from engine.procedures.runnable import Step

Kept = Row[*tuple[Any, ...]]

TOLD: Final[Mapping[Kind, str]] = {
    Kind.OPINION: "opinion_asked",
    Kind.SIGNATURE: "signature_asked",
    Kind.COUNTERSIGNATURE: "countersign_asked",
    Kind.VOTE: "vote_opened",
}
ACT: Final[Mapping[Kind, str]] = {
    Kind.OPINION: "consult",
    Kind.SIGNATURE: "add_signers",
    Kind.COUNTERSIGNATURE: "countersign",
    Kind.VOTE: "open_vote",
}

_BESIDE: Final = Prepared(
    select(
        asked,
        posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
        persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
    )
    .join(posts, posts.c.id == asked.c.post_id)
    .outerjoin(persons, persons.c.id == asked.c.person_id)
    .where(
        asked.c.office_id == OFFICE, asked.c.case_id == bindparam("case_id"), asked.c.of_task == bindparam("of_task")
    )
    .order_by(asked.c.number)
)  # fmt: skip


def beside_step(db: Connection, case_id: int, of_task: int) -> list[Any]:
    """Everything asked beside one step, with the names of whom."""
    return _BESIDE.all(db, {"case_id": case_id, "of_task": of_task})


def named(row: Any) -> Text:
    """Who was asked."""
    return Name(row.person_en, row.person_zh) if row.person_id is not None else Name(row.post_en, row.post_zh)


def as_ask(row: Any) -> Ask:
    return Ask(
        row.number, Kind(row.kind), None if row.outcome is None else rules.Outcome(row.outcome), row.behind,
        bool(row.after), row.task_number is not None, row.again,
    )  # fmt: skip


@frozen
class Question:
    """What is asked of several at once, by whom and beside which step."""

    kind: Kind
    words: str
    by: Actor
    post_id: int
    due_at: datetime | None = None
    receipt: bytes | None = None
    in_turn: bool = False  # one behind the other
    after: bool = False  # once whoever asks has done their own part


def was_asked(db: Connection, case_id: int, by: Actor, receipt: bytes | None) -> bool:
    """The same page sent again."""
    if receipt is None:
        return False
    return db.scalar(
        select(func.count()).where(
            asked.c.office_id == OFFICE, asked.c.case_id == case_id, asked.c.asked_by == by.person_id,
            asked.c.receipt == receipt,
        )
    ) != 0  # fmt: skip


def must_be_askable(whom: Sequence[Whom], by: Actor, before: Sequence[Any], kind: Kind) -> None:
    """Raises AskedOneself, AlreadyAsked."""
    open_before = {
        (row.post_id, row.person_id) for row in before if row.kind == kind and row.outcome is None and row.again is None
    }
    for one in whom:
        if one.person_id == by.person_id or one.holders == {by.person_id}:
            raise rules.AskedOneself()
        if (one.post_id, one.person_id) in open_before:
            raise rules.AlreadyAsked(whom=one.name)


def ask(
    db: Connection, case: Any, at_step: StepAt, step: Step, whom: Sequence[Whom], question: Question,
    facts: Mapping[str, Any] | None = None, behind: int | None = None,
) -> tuple[int, ...]:  # fmt: skip
    """Opens the tasks of those whose turn it is, tells them, and writes the entry. The numbers of what was asked."""
    at = clock.now()
    first = next_number(db, case.case_id)
    numbers = tuple(range(first, first + len(whom)))
    before = [behind, *numbers[:-1]] if question.in_turn else [behind] * len(whom)
    at_once = [
        place for place, one in enumerate(before) if not question.after and (one is None or not question.in_turn)
    ] if behind is None else []  # fmt: skip
    opened = beside.open_tasks(
        db, case, at_step, at,
        [Beside(question.kind, whom[one].post_id, whom[one].person_id, question.due_at) for one in at_once],
    )  # fmt: skip
    if not opened:
        beside.note_asked(db, case.case_id, at_step.number, len(whom))
    tasks = dict(zip(at_once, opened, strict=True))
    db.execute(
        insert(asked),
        [
            _row(case.case_id, at_step.number, numbers, place, one, question, at) | {
                "behind": before[place], "task_number": tasks.get(place),
            }
            for place, one in enumerate(whom)
        ],
    )  # fmt: skip
    for place in at_once:
        tell(
            db, case.case_id, step, question.by, question.kind, whom[place].post_id, whom[place].person_id, tasks[place]
        )
    note = {
        "task": at_step.number, "element": at_step.element, "asked": list(numbers),
        "whom": [[one.post_id, one.person_id] for one in whom], **(facts or {}),
    }  # fmt: skip
    if question.words:
        note["note"] = question.words
    keep_note(db, case, Note(ACT[question.kind], question.by, question.post_id, note), opened=len(opened))
    return numbers


def _row(
    case_id: int, of_task: int, numbers: Sequence[int], place: int, one: Whom, question: Question, at: datetime
) -> dict[str, Any]:
    return {
        "office_id": OFFICE, "case_id": case_id, "number": numbers[place], "round": numbers[0], "kind": question.kind,
        "of_task": of_task, "after": question.after, "post_id": one.post_id, "department_id": one.department_id,
        "person_id": one.person_id, "asked_by": question.by.person_id, "asked_post": question.post_id, "at": at,
        "due_at": question.due_at, "words": question.words, "answer": "", "receipt": question.receipt,
    }  # fmt: skip


def next_number(db: Connection, case_id: int) -> int:
    last = db.scalar(select(func.max(asked.c.number)).where(asked.c.office_id == OFFICE, asked.c.case_id == case_id))
    return (last or 0) + 1


def tell(
    db: Connection, case_id: int, step: Step, by: Actor, kind: Kind, post_id: int, person_id: int | None, number: int
) -> None:
    facts = {"who": by.name, "task": Name(step.name, step.name)}
    if person_id is None:
        notices.tell_post(
            db, post_id=post_id, kind=TOLD[kind], facts=facts, case_id=case_id, task_number=number,
            except_for=by.person_id,
        )  # fmt: skip
    else:
        notices.tell(db, persons=[person_id], kind=TOLD[kind], facts=facts, case_id=case_id, task_number=number)


def open_next(db: Connection, case: Any, at_step: StepAt, step: Step, by: Actor, at: datetime) -> int:
    """Signers whose turn has come now; how many. Whoever keeps the note counts them as opened."""
    rows = beside_step(db, case.case_id, at_step.number)
    turn = set(rules.whose_turn([as_ask(row) for row in rows if row.kind == Kind.SIGNATURE]))
    coming = [row for row in rows if row.number in turn]
    opened = beside.open_tasks(
        db, case, at_step, at, [Beside(Kind.SIGNATURE, row.post_id, row.person_id, row.due_at) for row in coming]
    )
    for row, number in zip(coming, opened, strict=True):
        set_row(db, case.case_id, row.number, task_number=number)
        tell(db, case.case_id, step, by, Kind.SIGNATURE, row.post_id, row.person_id, number)
    return len(opened)


def set_row(db: Connection, case_id: int, number: int, **values: Any) -> None:
    db.execute(update(asked).where(of_case(case_id), asked.c.number == number).values(**values))


def of_case(case_id: int) -> Any:
    return and_(asked.c.office_id == OFFICE, asked.c.case_id == case_id)


def of_task_row(db: Connection, case_id: int, task_number: int) -> Any:
    """What lies on a desk as this task. Raises NoLongerAsked."""
    row = db.execute(select(asked).where(of_case(case_id), asked.c.task_number == task_number)).first()
    if row is None:
        raise rules.NoLongerAsked()
    return row


def numbered(db: Connection, case_id: int, of_task: int, number: int) -> Any:
    """One thing asked beside a step, with the names of whom. Raises NoLongerAsked."""
    row = next((one for one in beside_step(db, case_id, of_task) if one.number == number), None)
    if row is None:
        raise rules.NoLongerAsked()
    return row
