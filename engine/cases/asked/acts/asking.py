"""Asking: for opinions, for signatures, for the word of other departments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from engine.base import clock
from engine.cases import rules as cases
from engine.cases.acts.moving import Note, keep_note
from engine.cases.acts.work import locked_task
from engine.cases.asked import kept, people, rules
from engine.cases.asked.acts.beginning import Held, asked_task, workable_step
from engine.cases.asked.kept import Question
from engine.cases.asked.step import required
from engine.cases.asked.tables import asked
from engine.cases.rules import Kind
from engine.organisation.rules import Actor


def consult(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    whom: Sequence[str],
    words: str,
    due_at: datetime | None = None,
    receipt: bytes | None = None,
) -> None:
    """Asks for opinions without giving up the task. `whom`: `post:12`, `person:7`.

    Raises MoveSwitchedOff, NothingAsked, NobodyChosen, NobodyToAsk, AskedOneself, AlreadyAsked, DayHasPassed. The same
    `receipt` sent twice asks once.
    """
    _ask(db, by, case_id, number, whom, Kind.OPINION, words, due_at, receipt)


def add_signers(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    whom: Sequence[str],
    words: str,
    in_turn: bool = False,
    after: bool = False,
    due_at: datetime | None = None,
    receipt: bytes | None = None,
) -> None:
    """The step waits until all of them have signed: together or in turn, before one's own part or `after` it."""
    _ask(db, by, case_id, number, whom, Kind.SIGNATURE, words, due_at, receipt, in_turn=in_turn, after=after)


def countersign(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    whom: Sequence[str],
    words: str,
    due_at: datetime | None = None,
    receipt: bytes | None = None,
) -> None:
    """The step waits for the word of each department: `department:3` is asked by its head, `post:12` by that post.

    Those that the diagram names and nobody has asked yet are asked too.
    """
    _ask(db, by, case_id, number, whom, Kind.COUNTERSIGNATURE, words, due_at, receipt)


def _ask(
    db: Connection, by: Actor, case_id: int, number: int, whom: Sequence[str], kind: Kind, words: str,
    due_at: datetime | None, receipt: bytes | None, *, in_turn: bool = False, after: bool = False,
) -> None:  # fmt: skip
    held = workable_step(db, by, case_id, number, rules.MOVES[kind])
    if kept.was_asked(db, case_id, by, receipt):
        return
    rows = kept.beside_step(db, case_id, number)
    chosen = _chosen(db, held, whom, kind, rows)
    kept.must_be_askable(chosen, by, rows, kind)
    question = Question(
        kind, rules.fit_words(words), by, held.hand.post_id, rules.fit_due(due_at, clock.now()), receipt, in_turn, after
    )
    kept.ask(db, held.task, held.at_step, held.step, chosen, question)


def _chosen(
    db: Connection, held: Held, whom: Sequence[str], kind: Kind, rows: Sequence[object]
) -> tuple[people.Whom, ...]:
    """Of each department one post; those required by the diagram are added."""
    waiting = required(db, held.step, rows) if kind is Kind.COUNTERSIGNATURE else []
    if waiting and not whom:
        return tuple(one.posts[0] for one in waiting)
    chosen = people.chosen(db, whom)
    if kind is not Kind.COUNTERSIGNATURE:
        return chosen
    by_department = {one.department_id: one for one in [*(one.posts[0] for one in waiting), *chosen]}
    return tuple(by_department.values())


def add_behind(
    db: Connection, *, by: Actor, case_id: int, number: int, whom: str, words: str, receipt: bytes | None = None
) -> None:
    """A signer asks for one more signature behind their own; whoever was to sign next signs after that."""
    task = locked_task(db, case_id, number)
    if kept.was_asked(db, case_id, by, receipt):
        return
    if task.kind != Kind.SIGNATURE:
        raise rules.NoLongerAsked()
    held = asked_task(db, by, task)
    cases.must_be_switched_on(held.step.name, held.step.without, "sign")
    own = kept.of_task_row(db, case_id, number)
    chosen = people.chosen(db, [whom])
    kept.must_be_askable(chosen, by, kept.beside_step(db, case_id, task.of_task), Kind.SIGNATURE)
    question = Question(Kind.SIGNATURE, rules.fit_words(words), by, held.hand.post_id, None, receipt, in_turn=True)
    (added,) = kept.ask(
        db, task, held.at_step, held.step, chosen, question, {"behind": own.number}, behind=own.number
    )  # fmt: skip
    db.execute(
        update(asked)
        .where(kept.of_case(case_id), asked.c.behind == own.number, asked.c.number != added)
        .values(behind=added)
    )


def part_done(db: Connection, *, by: Actor, case_id: int, number: int, words: str = "") -> None:
    """Whoever asked for signatures after their own part has done it: now the signers are asked. Raises NothingWaitsForYou."""
    held = workable_step(db, by, case_id, number, None)
    rows = kept.beside_step(db, case_id, number)
    waiting = [row for row in rows if row.after and row.outcome is None and row.task_number is None]
    if not waiting:
        raise rules.NothingWaitsForYou()
    db.execute(
        update(asked)
        .where(kept.of_case(case_id), asked.c.number.in_([row.number for row in waiting]))
        .values(after=False)
    )
    opened = kept.open_next(db, held.task, held.at_step, held.step, by, clock.now())
    facts = {"task": number, "element": held.task.element, **({"note": words.strip()} if words.strip() else {})}
    keep_note(db, held.task, Note("part_done", by, held.hand.post_id, facts), opened=opened)
