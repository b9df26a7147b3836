"""A committee decides: the vote is opened, each member votes, it is closed once enough have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.base.text import Name, Text
from engine.cases import beside
from engine.cases import rules as cases
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.asked import kept, people, rules
from engine.cases.asked.acts.beginning import Held, workable_step
from engine.cases.asked.rules import Outcome
from engine.cases.asked.step import outcomes_of
from engine.cases.asked.tables import asked, ballots
from engine.cases.beside import Beside
from engine.cases.entitled import must_be_workable
from engine.cases.rules import Kind
from engine.diagram import voting
from engine.notices import acts as notices
from engine.organisation import reads as organisation
from engine.organisation.rules import Actor
from engine.procedures.runnable import place

ADOPTED = Text("adopted", "通过")
NOT_ADOPTED = Text("not adopted", "未通过")


def open_vote(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    question: str,
    due_at: datetime | None = None,
    receipt: bytes | None = None,
) -> None:
    """Every member of the committee that may take part is asked to vote; the others are noted as excluded.

    Raises NoCommittee, CommitteeEmpty, NothingAsked, VoteOpenAlready, VoteClosed.
    """
    held = workable_step(db, by, case_id, number, None)
    if kept.was_asked(db, case_id, by, receipt):
        return
    if held.step.committee is None:
        raise rules.NoCommittee(task=held.step.name)
    _must_be_the_first(db, case_id, number)
    words, due = rules.fit_words(question), rules.fit_due(due_at, clock.now())
    committee, may = _members(db, held, held.step.committee)
    at, first = clock.now(), kept.next_number(db, case_id)
    voters = [one for one, takes_part in may.items() if takes_part]
    given = [Beside(Kind.VOTE, committee.post_id, one, due) for one in voters]
    opened = dict(zip(voters, beside.open_tasks(db, held.task, held.at_step, at, given), strict=True))
    common = {
        "office_id": OFFICE, "case_id": case_id, "round": first, "kind": Kind.VOTE, "of_task": number, "after": False,
        "post_id": committee.post_id, "department_id": committee.department_id, "asked_by": by.person_id,
        "asked_post": held.hand.post_id, "at": at, "due_at": due, "words": words, "answer": "", "receipt": receipt,
    }  # fmt: skip
    members = [
        {**common, "number": first + place, "person_id": one, "task_number": opened.get(one),
         "outcome": None if one in opened else Outcome.EXCLUDED}
        for place, one in enumerate(may)
    ]  # fmt: skip
    db.execute(insert(asked), members)
    db.execute(
        insert(ballots).values(
            office_id=OFFICE, case_id=case_id, round=first, of_task=number, post_id=committee.post_id, question=words,
            quorum=held.step.quorum or voting.QUORUM, majority=held.step.majority or voting.MAJORITY,
            opened_by=by.person_id, opened_at=at, why="",
        )
    )  # fmt: skip
    for one, task in opened.items():
        kept.tell(db, case_id, held.step, by, Kind.VOTE, committee.post_id, one, task)
    _note_opened(db, held, by, first, words, may)


def _note_opened(
    db: Connection, held: Held, by: Actor, vote: int, words: str, may: Mapping[int, bool]
) -> None:  # fmt: skip
    voters = [one for one, takes_part in may.items() if takes_part]
    facts = {
        "task": held.task.number, "element": held.task.element, "vote": vote, "members": voters,
        "excluded": [one for one in may if one not in voters], "note": words,
    }  # fmt: skip
    keep_note(db, held.task, Note("open_vote", by, held.hand.post_id, facts), opened=len(voters))


def _members(db: Connection, held: Held, code: str) -> tuple[people.Whom, Mapping[int, bool]]:
    """The committee's post, and of each member whether they may take part. Raises CommitteeEmpty."""
    committee = people.members(db, code)
    may = {} if committee is None else _taking_part(db, held, committee)
    if committee is None or not any(may.values()):
        name = Name(code, code) if committee is None else committee.name
        raise rules.CommitteeEmpty(task=held.step.name, committee=name)
    return committee, may


def _must_be_the_first(db: Connection, case_id: int, number: int) -> None:
    """One vote a step: a result is not voted on until it pleases."""
    rows = db.execute(
        select(ballots.c.closed_at, ballots.c.adopted).where(
            ballots.c.office_id == OFFICE, ballots.c.case_id == case_id, ballots.c.of_task == number
        )
    )
    for row in rows:
        if row.closed_at is None:
            raise rules.VoteOpenAlready()
        if row.adopted is not None:
            raise rules.VoteClosed(at=row.closed_at)


def _taking_part(db: Connection, held: Held, committee: people.Whom) -> dict[int, bool]:
    """Each member, and whether the separation of duties lets them decide this."""
    found: dict[int, bool] = {}
    for member in sorted(committee.holders):
        seat = held.task._replace(
            post_id=committee.post_id, department_id=committee.department_id, person_id=member, claimed_at=None
        )
        try:
            must_be_workable(db, seat, held.step, organisation.actor(db, member))
            found[member] = True
        except NotAllowed:
            found[member] = False
    return found


def cast_vote(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    outcome: int | None,
    words: str,
    receipt: bytes | None = None,
) -> None:
    """A member votes, or votes otherwise as long as the vote is open. Raises VoteClosed, VotedInPerson, AnswerNotChosen …"""
    task = locked_task(db, case_id, number)
    if cases.is_sent_again(task.receipt, receipt) and task.person_id == by.person_id:
        return
    if task.kind != Kind.VOTE:
        raise rules.NoLongerAsked()
    row = kept.of_task_row(db, case_id, number)
    ballot = _ballot(db, case_id, row.round)
    if ballot.closed_at is not None:
        raise rules.VoteClosed(at=ballot.closed_at)
    changed = row.outcome is not None
    step = place(db, ready(db, task), task.edition_id, task.element)
    seat = cast(Any, task)._replace(closed_at=None, closed_how=None) if changed else task
    if must_be_workable(db, seat, step, by).behalf is not None or row.person_id != by.person_id:
        raise rules.VotedInPerson()
    said, cleaned = rules.fit_answer(Kind.VOTE, outcome, words)
    at = clock.now()
    if not changed:
        beside.complete(db, task, by.person_id, at, receipt, step.external)
    kept.set_row(db, case_id, row.number, outcome=said, answer=cleaned, answered_by=by.person_id, answered_at=at)
    facts = {"task": number, "element": task.element, "vote": row.round, "outcome": said, "why": cleaned}
    keep_note(db, task, Note("change_vote" if changed else "cast_vote", by, task.post_id, facts))


def close_vote(db: Connection, *, by: Actor, case_id: int, number: int) -> bool:
    """Counts the votes: True where it is adopted. The step is then completed with the result. Raises CannotDecide."""
    held = workable_step(db, by, case_id, number, None)
    ballot = _latest(db, case_id, number)
    if ballot is None:
        raise rules.VoteMissing(task=held.step.name)
    if ballot.closed_at is not None:
        if ballot.adopted is not None:
            return bool(ballot.adopted)
        raise rules.VoteMissing(task=held.step.name)
    count = rules.counted(outcomes_of(db, case_id, ballot.round))
    rules.must_decide(count, voting.quorum_or_usual(ballot.quorum))
    adopted = voting.is_adopted(voting.majority_or_usual(ballot.majority), count.present, count.votes_for)
    _end(
        db, held, ballot, by, votes_for=count.votes_for, votes_against=count.votes_against, abstained=count.abstained,
        adopted=adopted,
    )  # fmt: skip
    facts = {"task": number, "element": held.task.element, "vote": ballot.round, **rules.result(count, adopted)}
    keep_note(db, held.task, Note("close_vote", by, held.hand.post_id, facts))
    return adopted


def give_up_vote(db: Connection, *, by: Actor, case_id: int, number: int, why: str) -> None:
    """An open vote is ended without a result, as where the question was wrong; then another may be opened."""
    held = workable_step(db, by, case_id, number, None)
    ballot = _latest(db, case_id, number)
    if ballot is None or (ballot.closed_at is not None and ballot.adopted is None):
        raise rules.VoteMissing(task=held.step.name)
    if ballot.closed_at is not None:
        raise rules.VoteClosed(at=ballot.closed_at)
    if not why.strip():
        raise cases.ReasonMissing()
    cleaned = why.strip()[: rules.MOST_WORDS]
    _end(db, held, ballot, by, why=cleaned)
    facts = {"task": number, "element": held.task.element, "vote": ballot.round, "note": cleaned}
    keep_note(db, held.task, Note("give_up_vote", by, held.hand.post_id, facts))


def _end(db: Connection, held: Held, ballot: Any, by: Actor, **values: Any) -> None:
    case_id, at = held.task.case_id, clock.now()
    db.execute(
        update(ballots)
        .where(ballots.c.office_id == OFFICE, ballots.c.case_id == case_id, ballots.c.round == ballot.round)
        .values(closed_at=at, closed_by=by.person_id, **values)
    )
    members = db.execute(
        select(asked.c.person_id, asked.c.task_number).where(
            kept.of_case(case_id), asked.c.round == ballot.round, asked.c.task_number.is_not(None)
        )
    ).all()
    beside.close_open(db, case_id, [row.task_number for row in members], at)
    outcome = None if "adopted" not in values else ADOPTED if values["adopted"] else NOT_ADOPTED
    notices.tell(
        db, persons=[row.person_id for row in members], kind="vote_closed",
        facts={"task": Name(held.step.name, held.step.name), **({"outcome": outcome} if outcome else {})},
        case_id=case_id, task_number=ballot.of_task, except_for=by.person_id,
    )  # fmt: skip


def _ballot(db: Connection, case_id: int, round_number: int) -> Any:
    return db.execute(
        select(ballots).where(
            ballots.c.office_id == OFFICE, ballots.c.case_id == case_id, ballots.c.round == round_number
        )
    ).one()


def _latest(db: Connection, case_id: int, number: int) -> Any:
    return db.execute(
        select(ballots)
        .where(ballots.c.office_id == OFFICE, ballots.c.case_id == case_id, ballots.c.of_task == number)
        .order_by(ballots.c.round.desc())
        .limit(1)
    ).first()
