"""The acts of a review: submitted, checked, consented to, returned, approved; and the day it comes into force.

Each is a step of a case of the approval procedure. The act completes the step in the same transaction, and where
the case then stands says what becomes of the edition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.base import clock
from engine.base.frozen import frozen
from engine.cases import acts as cases
from engine.cases.duties.standing_in import Hand
from engine.control import rules
from engine.control.acts.force import come_in, note_day
from engine.control.acts.kept import decided_before, locked_edition, to_state
from engine.control.parties import authors, consenting_posts, latest_round, must_have_somebody_else
from engine.control.rules import Act, Outcome
from engine.control.tables import consents, decisions, reviews
from engine.control.turns import Turn, subject_of, turns, turns_of
from engine.organisation.reads import person_name, post_name, today
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures.acts import withdraw
from engine.procedures.acts.force import made_fit
from engine.procedures.approving import approving
from engine.procedures.kept import locked_draft, note
from engine.procedures.rules import EditionState, main_process, must_design
from engine.procedures.tables import editions


@frozen
class Submitted:
    case_id: int
    round: int


def submit_for_review(db: Connection, *, by: Actor, edition_id: int, note: str = "") -> Submitted:
    """The draft is frozen, and a case of the approval procedure begins, or goes on where it was returned.

    Raises NoApprovalHere, NobodyElse, and whatever would keep the edition out of force.
    """
    must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    approval = approving(db)
    if approval is None:
        raise rules.NoApprovalHere(edition=edition.number)
    remarks = rules.fit_remarks(note)
    held = made_fit(db, edition, procedure)
    asked = consenting_posts(db, edition_id)
    must_have_somebody_else(db, frozenset(asked.values()), authors(db, edition_id))
    db.execute(
        update(editions).where(editions.c.id == edition_id).values(process=main_process(held.diagram, edition.process))
    )
    to_state(db, edition_id, EditionState.IN_REVIEW)
    before = latest_round(db, edition_id)
    codes = ",".join(db.scalars(select(posts.c.code).where(posts.c.id.in_(asked.values())).order_by(posts.c.code)))
    case_id = _resubmitted(db, by, before, edition_id, codes, remarks)
    if case_id is None:
        case_id = _begun(db, by, approval.procedure_id, edition, procedure, codes, remarks)
    round_ = before.round + 1 if before else 1
    _keep_round(db, by, edition_id, round_, case_id, remarks, asked)
    _told(db, procedure, by, "submit_for_review", edition, {"round": round_, "case": case_id, "consenting": codes})
    return Submitted(case_id, round_)


def _resubmitted(
    db: Connection, by: Actor, before: Row[*tuple[Any, ...]] | None, edition_id: int, codes: str, remarks: str
) -> int | None:
    """The case it was returned in goes on, where that still waits for the author."""
    turn = None if before is None else next((one for one in turns(db, before.case_id) if one.act is Act.REVISE), None)
    if before is None or turn is None:
        return None
    answers = {"revise": "resubmitted", "consenting": codes, "remarks": remarks}
    _complete(db, by, edition_id, before.case_id, turn, answers)
    case_id: int = before.case_id
    return case_id


def _begun(
    db: Connection,
    by: Actor,
    approval_id: int,
    edition: Row[*tuple[Any, ...]],
    procedure: Row[*tuple[Any, ...]],
    codes: str,
    remarks: str,
) -> int:
    owner = db.execute(
        select(departments.c.name_en, departments.c.name_zh).where(departments.c.id == procedure.department_id)
    ).one()
    answers = {
        "procedure": procedure.name, "edition": str(edition.number), "consenting": codes, "remarks": remarks,
    }  # fmt: skip
    started = cases.start_case(
        db,
        by=by,
        procedure_id=approval_id,
        matter=f"{procedure.name} · edition {edition.number} 第{edition.number}版"[-200:],
        applicant=f"{owner.name_en} {owner.name_zh}"[:200],
        submitted=_typed(answers),
        subject=subject_of(edition.id),
    )
    return started.case_id


def _keep_round(
    db: Connection, by: Actor, edition_id: int, round_: int, case_id: int, remarks: str, asked: Mapping[int, int]
) -> None:
    db.execute(
        insert(reviews).values(
            edition_id=edition_id, round=round_, case_id=case_id, submitted_at=clock.now(), submitted_by=by.person_id,
            note=remarks,
        )
    )  # fmt: skip
    rows = [
        {"edition_id": edition_id, "round": round_, "department_id": department, "post_id": post}
        for department, post in asked.items()
    ]
    if rows:
        db.execute(insert(consents), rows)


def check(db: Connection, *, by: Actor, edition_id: int, remarks: str = "") -> None:
    """It is well made: the departments it crosses are asked. Raises AuthorDecides, NotYourDecision, NotItsTurn."""
    said = rules.fit_remarks(remarks)
    edition, procedure, round_ = _in_review(db, edition_id, Act.CHECK)
    turn, hand = _my_turn(db, by, edition, round_, (Act.CHECK,))
    _keep_decision(db, by, round_, turn, said, passed=True)
    _complete(db, by, edition_id, round_.case_id, turn, {"check": "passed", "remarks": said})
    _told(db, procedure, by, "check", edition, {"round": round_.round, "remarks": said, "for": hand.behalf})
    _follow(db, edition, round_)


def consent(db: Connection, *, by: Actor, edition_id: int, agreed: bool, remarks: str = "") -> None:
    """For the department the person's post speaks for. A refusal needs its reasons; the others are still asked."""
    said = rules.fit_remarks(remarks) if agreed else rules.fit_reasons(remarks)
    edition, procedure, round_ = _in_review(db, edition_id, Act.CONSENT, by=by)
    turn, hand = _my_turn(db, by, edition, round_, (Act.CONSENT,))
    asked = db.execute(
        select(consents.c.department_id, posts.c.code)
        .join(posts, posts.c.id == consents.c.post_id)
        .where(
            consents.c.edition_id == edition_id,
            consents.c.round == round_.round,
            (posts.c.code == turn.item) | (consents.c.post_id == turn.post_id),
        )
    ).all()
    department = next((row.department_id for row in asked if row.code == turn.item), None)
    db.execute(
        update(consents)
        .where(
            consents.c.edition_id == edition_id,
            consents.c.round == round_.round,
            consents.c.department_id == department,
        )
        .values(agreed=agreed, remarks=said, decided_at=clock.now(), decided_by=by.person_id)
    )
    answers = {"consent": "agreed" if agreed else "refused", "remarks": said}
    _complete(db, by, edition_id, round_.case_id, turn, answers)
    facts = {"round": round_.round, "department": department, "agreed": agreed, "remarks": said, "for": hand.behalf}
    _told(db, procedure, by, "consent", edition, facts)
    _follow(db, edition, round_)


def return_to_author(db: Connection, *, by: Actor, edition_id: int, reasons: str) -> None:
    """By whoever checks or approves it; it is a draft again."""
    said = rules.fit_reasons(reasons)
    edition, procedure, round_ = _in_review(db, edition_id)
    turn, hand = _my_turn(db, by, edition, round_, (Act.CHECK, Act.APPROVE))
    if turn.act is Act.APPROVE:
        rules.must_approve(by, hand.behalf)
    _keep_decision(db, by, round_, turn, said, passed=False)
    _complete(db, by, edition_id, round_.case_id, turn, {turn.act: "returned", "remarks": said})
    facts = {"round": round_.round, "at": turn.act, "reasons": said, "for": hand.behalf}
    _told(db, procedure, by, "return_to_author", edition, facts)
    _follow(db, edition, round_)


def approve(
    db: Connection, *, by: Actor, edition_id: int, from_day: date | None = None, remarks: str = ""
) -> EditionState:
    """In force from that day on, in the office's zone; at once where it is today or no day is named.

    By a holder of the step's post whose posts carry the right to approve, or their deputy; never by or for an author.
    """
    said = rules.fit_remarks(remarks)
    edition, procedure, round_ = _in_review(db, edition_id, Act.APPROVE)
    turn, hand = _my_turn(db, by, edition, round_, (Act.APPROVE,))
    rules.must_approve(by, hand.behalf)
    day = rules.fit_day(from_day, today(db))
    _keep_decision(db, by, round_, turn, said, passed=True)
    answers = {"approve": "approved", "in_force_on": day.isoformat(), "remarks": said}
    _complete(db, by, edition_id, round_.case_id, turn, answers)
    to_state(db, edition_id, EditionState.APPROVED)
    _close(db, round_, Outcome.APPROVED)
    facts = {"round": round_.round, "from": day, "remarks": said, "for": hand.behalf}
    _told(db, procedure, by, "approve", edition, facts)
    note_day(db, edition_id, by, day)
    return come_in(db, edition_id, by) if day <= today(db) else EditionState.APPROVED


def give_up(db: Connection, *, by: Actor, edition_id: int) -> None:
    """The draft is withdrawn, and the review that had returned it ends."""
    withdraw(db, by=by, edition_id=edition_id)
    before = latest_round(db, edition_id)
    turn = None if before is None else next((one for one in turns(db, before.case_id) if one.act is Act.REVISE), None)
    if before is not None and turn is not None and turn.post_id in by.post_ids:
        _complete(db, by, edition_id, before.case_id, turn, {"revise": "given_up"})


def _in_review(
    db: Connection, edition_id: int, act: Act | None = None, by: Actor | None = None
) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    """Edition, procedure and round, locked: whoever was first has decided, and whoever comes second is told."""
    edition, procedure = locked_edition(db, edition_id)
    round_ = latest_round(db, edition_id)
    if round_ is not None and act is not None:
        decided_before(db, round_, act, by)
    rules.must_be_in_review(edition.number, edition.state)
    if round_ is None:
        raise rules.NotItsTurn()
    return edition, procedure, round_


def _my_turn(
    db: Connection, by: Actor, edition: Row[*tuple[Any, ...]], round_: Row[*tuple[Any, ...]], acts: Sequence[Act]
) -> tuple[Turn, Hand]:
    """Of several the first that neither they nor whom they stand in for is kept from."""
    open_ = [one for one in turns(db, round_.case_id) if one.act in acts]
    if not open_:
        raise rules.NotItsTurn()
    mine = turns_of(open_, by)
    if not mine:
        raise rules.NotYourDecision(step=open_[0].name, post=post_name(db, open_[0].post_id))
    wrote = authors(db, edition.id)
    rules.must_not_be_author(edition.number, by, wrote)
    turn, hand = next((pair for pair in mine if pair[1].behalf not in wrote), mine[0])
    if hand.behalf is not None:
        rules.must_not_be_for_author(edition.number, hand.behalf, person_name(db, hand.behalf), wrote)
    return turn, hand


def _keep_decision(
    db: Connection, by: Actor, round_: Row[*tuple[Any, ...]], turn: Turn, said: str, *, passed: bool
) -> None:
    db.execute(
        insert(decisions).values(
            edition_id=round_.edition_id, round=round_.round, act=turn.act, passed=passed, remarks=said,
            post_id=turn.post_id, decided_at=clock.now(), decided_by=by.person_id,
        )
    )  # fmt: skip


def _complete(db: Connection, by: Actor, edition_id: int, case_id: int, turn: Turn, answers: Mapping[str, str]) -> None:
    cases.complete_task(
        db, by=by, case_id=case_id, number=turn.number, submitted=_typed(answers), subject=subject_of(edition_id)
    )


def _typed(answers: Mapping[str, str]) -> dict[str, list[str]]:
    return {key: [value] for key, value in answers.items() if value}


def _follow(db: Connection, edition: Row[*tuple[Any, ...]], round_: Row[*tuple[Any, ...]]) -> None:
    """Where the case has come back to the author, or has ended, the edition is a draft again."""
    waiting = [one.act for one in turns(db, round_.case_id)]
    if Act.REVISE in waiting or not waiting:
        to_state(db, edition.id, EditionState.DRAFT)
        _close(db, round_, Outcome.RETURNED)


def _close(db: Connection, round_: Row[*tuple[Any, ...]], outcome: Outcome) -> None:
    db.execute(
        update(reviews)
        .where(reviews.c.edition_id == round_.edition_id, reviews.c.round == round_.round)
        .values(outcome=outcome, closed_at=clock.now())
    )


def _told(
    db: Connection,
    procedure: Row[*tuple[Any, ...]],
    by: Actor,
    act: str,
    edition: Row[*tuple[Any, ...]],
    facts: Mapping[str, Any],
) -> None:
    said = {key: value for key, value in facts.items() if value not in ("", None)}
    note(db, procedure, by, act, {"edition": edition.number, **said})
