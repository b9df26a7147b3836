"""What was asked beside a step, as far as the step itself needs to know: what is missing, what it adds to the answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases.asked import kept, rules
from engine.cases.asked.people import Place, places
from engine.cases.asked.rules import Outcome
from engine.cases.asked.tables import asked, ballots
from engine.cases.beside import StepAt
from engine.cases.rules import Kind
from engine.organisation.rules import Actor
from engine.procedures.runnable import Step

_LAPSED: Final = (Outcome.WITHDRAWN, Outcome.LEFT)


def must_be_a_step(task: Any, step: Step) -> None:
    """What was asked beside a step is answered, and never completed. Raises AskedBeside."""
    if task.kind is not None:
        raise rules.AskedBeside(task=step.name)


def must_not_be_asked_in_person(db: Connection, task: Any, step: Step) -> None:
    """Raises AskedInPerson: nobody else of the post was asked."""
    if task.kind in kept.TOLD:
        row = kept.of_task_row(db, task.case_id, task.number)
        if row.person_id is not None:
            raise rules.AskedInPerson(task=step.name)


def answered_beside(db: Connection, task: Any, step: Step) -> dict[str, Any]:
    """What the step leaves in the case besides its form. A plain one costs nothing.

    Raises SignaturesMissing, CountersignaturesMissing, VoteMissing.
    """
    if not (task.asks or step.committee or step.countersign):
        return {}
    rows = kept.beside_step(db, task.case_id, task.number)
    asks = [kept.as_ask(row) for row in rows]
    unsigned = set(rules.missing(asks, Kind.SIGNATURE))
    if unsigned:
        raise rules.SignaturesMissing(task=step.name, who=_listed(rows, unsigned))
    silent = set(rules.missing(asks, Kind.COUNTERSIGNATURE))
    never_asked = required(db, step, rows)
    if silent or never_asked:
        who = Name(
            ", ".join(filter(None, [_listed(rows, silent).en, *(one.name.en for one in never_asked)])),
            "、".join(filter(None, [_listed(rows, silent).zh, *(one.name.zh for one in never_asked)])),
        )
        raise rules.CountersignaturesMissing(task=step.name, who=who)
    answers: dict[str, Any] = {}
    if step.countersign:
        given = [one.outcome for one in asks if one.kind is Kind.COUNTERSIGNATURE and one.again is None]
        answers |= rules.countersigned(one for one in given if one in (Outcome.CONSENTED, Outcome.OBJECTED))
    if step.committee:
        answers |= _voted(db, task, step)
    return answers


def _listed(rows: Iterable[Any], numbers: set[int]) -> Name:
    names = [kept.named(row) for row in rows if row.number in numbers]
    return Name(", ".join(one.en for one in names), "、".join(one.zh for one in names))


def required(db: Connection, step: Step, rows: Iterable[Any]) -> list[Place]:
    """Departments that the diagram names and nobody has asked yet. Raises DepartmentNotThere."""
    if not step.countersign:
        return []
    there = {one.code: one for one in places(db, step.countersign)}
    for code in step.countersign:
        if code not in there:
            raise rules.DepartmentNotThere(code=code)
    done = {row.department_id for row in rows if row.kind == Kind.COUNTERSIGNATURE and row.outcome not in _LAPSED}
    return [there[code] for code in step.countersign if there[code].department_id not in done]


def ask_required(db: Connection, task: Any, step: Step, by: Actor) -> None:
    """The departments that the diagram names, by their heads. What cannot be asked is told where it is asked by hand."""
    try:
        waiting = required(db, step, kept.beside_step(db, task.case_id, task.number))
    except rules.DepartmentNotThere:
        return
    if waiting:
        question = kept.Question(Kind.COUNTERSIGNATURE, "", by, task.post_id)
        at_step = StepAt(task.number, task.edition_id, task.element)
        kept.ask(db, task, at_step, step, [one.posts[0] for one in waiting], question, {"required": True})


def _voted(db: Connection, task: Any, step: Step) -> dict[str, Any]:
    row = db.execute(
        select(ballots).where(
            ballots.c.office_id == OFFICE, ballots.c.case_id == task.case_id, ballots.c.of_task == task.number,
            ballots.c.adopted.is_not(None),
        )
    ).first()  # fmt: skip
    if row is None:
        raise rules.VoteMissing(task=step.name)
    count = rules.Count(0, row.votes_for, row.votes_against, row.abstained)
    return dict(rules.result(count, bool(row.adopted)))


def outcomes_of(db: Connection, case_id: int, round_number: int) -> list[Outcome | None]:
    """Of everybody in one round."""
    found = db.scalars(select(asked.c.outcome).where(kept.of_case(case_id), asked.c.round == round_number))
    return [None if one is None else Outcome(one) for one in found]
