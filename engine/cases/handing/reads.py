"""What can be asked of hand-overs, and of who is accountable. Whoever may see the case may see these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, Row, Select, and_, bindparam, exists, or_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.cases.accountable import Facts, Held, Lying, Verdict, Why, accountable_of
from engine.cases.clocks.still import clock_stands
from engine.cases.handing.rows import SILENT
from engine.cases.handing.rules import HandOver
from engine.cases.rules import Closed
from engine.cases.tables import cases, hand_overs, incidents, tasks
from engine.diagram import run
from engine.organisation.reads import today
from engine.organisation.rules import Right, rights_of
from engine.organisation.tables import absences, departments, persons, posts
from engine.procedures.reads import element_names
from engine.procedures.runnable import Runnable, place, runnable
from engine.procedures.tables import procedures
from engine.records.tables import entries

_MOST_SHOWN: Final = 500
_sender, _receiver = departments.alias("sender"), departments.alias("receiver")
_sent_by, _accepted_by, _returned_by = (persons.alias(name) for name in ("sent_by", "accepted_by_", "returned_by_"))


def _named(*of: tuple[str, Any]) -> list[Any]:
    return [table.c[f"name_{one}"].label(f"{name}_{one}") for name, table in of for one in ("en", "zh")]


_OF_CASE: Final = Prepared(
    select(
        hand_overs.c.task_number, hand_overs.c.from_department_id, hand_overs.c.to_department_id, hand_overs.c.sent_at,
        hand_overs.c.answer_by, hand_overs.c.accepted_at, hand_overs.c.returned_at, hand_overs.c.reason,
        hand_overs.c.escalated_at, hand_overs.c.lapsed_at, tasks.c.edition_id, tasks.c.element, tasks.c.closed_at,
        *_named(
            ("sender", _sender), ("receiver", _receiver), ("sent_by", _sent_by), ("accepted_by", _accepted_by),
            ("returned_by", _returned_by),
        ),
    )
    .join(
        tasks,
        and_(
            tasks.c.office_id == hand_overs.c.office_id,
            tasks.c.case_id == hand_overs.c.case_id,
            tasks.c.number == hand_overs.c.task_number,
        ),
    )
    .join(_sender, _sender.c.id == hand_overs.c.from_department_id)
    .join(_receiver, _receiver.c.id == hand_overs.c.to_department_id)
    .outerjoin(_sent_by, _sent_by.c.id == hand_overs.c.from_person_id)
    .outerjoin(_accepted_by, _accepted_by.c.id == hand_overs.c.accepted_by)
    .outerjoin(_returned_by, _returned_by.c.id == hand_overs.c.returned_by)
    .where(hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == bindparam("of_case", type_=BigInteger))
    .order_by(hand_overs.c.task_number.desc())
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip


def hand_overs_of(db: Connection, case_id: int) -> tuple[HandOver, ...]:
    """Of one case, the last one first; of a very long one the last five hundred."""
    rows = _OF_CASE.all(db, {"of_case": case_id, "most": _MOST_SHOWN})
    return tuple(_hand_over(row, element_names(db, row.edition_id)) for row in rows)


def _hand_over(row: Any, names: Mapping[str, str]) -> HandOver:
    def said(name: str) -> Text | None:
        return Name(getattr(row, f"{name}_en"), getattr(row, f"{name}_zh")) if getattr(row, f"{name}_en") else None

    return HandOver(
        number=row.task_number, task=names.get(row.element, row.element),
        sender_id=row.from_department_id, sender=Name(row.sender_en, row.sender_zh), sender_person=said("sent_by"),
        receiver_id=row.to_department_id, receiver=Name(row.receiver_en, row.receiver_zh),
        sent_at=row.sent_at, answer_by=row.answer_by,
        accepted_at=row.accepted_at, accepted_by=said("accepted_by"),
        returned_at=row.returned_at, returned_by=said("returned_by"), reason=row.reason,
        escalated_at=row.escalated_at, lapsed_at=row.lapsed_at, closed_at=row.closed_at,
    )  # fmt: skip


def silent_hand_overs(db: Connection, *, at: datetime, limit: int = 100) -> tuple[tuple[int, int], ...]:
    """Case and task of those that nobody has answered in time and nobody was told of, the longest first.

    None of a case that stands still: its time to answer goes on when the case does.
    """
    rows = db.execute(
        select(hand_overs.c.case_id, hand_overs.c.task_number)
        .join(cases, and_(cases.c.office_id == hand_overs.c.office_id, cases.c.id == hand_overs.c.case_id))
        .where(
            SILENT, hand_overs.c.escalated_at.is_(None), hand_overs.c.answer_by <= at, cases.c.suspended_at.is_(None),
            cases.c.ended_at.is_(None), hand_overs.c.case_id.not_in(clock_stands()),
        )
        .order_by(hand_overs.c.answer_by)
        .limit(limit)
    )  # fmt: skip
    return tuple((row.case_id, row.task_number) for row in rows)


@frozen
class Unanswered:
    """A hand-over that nobody has accepted or returned yet, and the post that is to answer."""

    case_id: int
    number: int
    post_id: int


def unanswered(db: Connection, *, limit: int = 100) -> tuple[Unanswered, ...]:
    """For the engine's own use, the last ones first: nobody is asked whether they may see the cases."""
    rows = db.execute(
        select(hand_overs.c.case_id, hand_overs.c.task_number, tasks.c.post_id)
        .join(
            tasks,
            and_(
                tasks.c.office_id == hand_overs.c.office_id,
                tasks.c.case_id == hand_overs.c.case_id,
                tasks.c.number == hand_overs.c.task_number,
            ),
        )
        .where(SILENT, hand_overs.c.office_id == OFFICE, tasks.c.closed_at.is_(None))
        .order_by(hand_overs.c.sent_at.desc(), hand_overs.c.case_id, hand_overs.c.task_number)
        .limit(limit)
    )
    return tuple(Unanswered(row.case_id, row.task_number, row.post_id) for row in rows)


def way_back(
    db: Connection, task: Row[*tuple[Any, ...]], from_task: int | None, made_ready: Runnable, at: datetime
) -> tuple[str, str] | None:
    """Process and element of the step that sent it, where the token can be put back there."""
    if from_task is None:
        return None
    element = db.scalar(
        select(tasks.c.element).where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.number == from_task
        )
    )
    places = run.returnable(made_ready.model, task.state, task.token, now=at)
    return next((one for one in places if one[1] == element and one in made_ready.steps), None)


@frozen
class Back:
    """Where a hand-over would be returned to. `off`: the designer has switched returning off; neither: no way leads back."""

    step: str | None
    off: bool = False


def back(db: Connection, *, case_id: int, number: int, at: datetime) -> Back:
    """Of a hand-over that nobody has answered yet."""
    row = db.execute(
        select(
            tasks.c.case_id, tasks.c.number, tasks.c.token, tasks.c.edition_id, tasks.c.element, cases.c.state,
            cases.c.process, cases.c.edition_id.label("case_edition_id"), hand_overs.c.from_task,
        )
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
        .join(
            hand_overs,
            and_(
                hand_overs.c.office_id == tasks.c.office_id,
                hand_overs.c.case_id == tasks.c.case_id,
                hand_overs.c.task_number == tasks.c.number,
            ),
        )
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number)
    ).one()  # fmt: skip
    made_ready = runnable(db, row.case_edition_id, row.process)
    if "return" in place(db, made_ready, row.edition_id, row.element).without:
        return Back(None, off=True)
    way = way_back(db, row, row.from_task, made_ready, at)
    return Back(None if way is None else made_ready.steps[way].name)


@frozen
class Accountable:
    """`person`: who has it in hand, None: nobody yet. `assisting`: the posts of the other open steps.

    `alone_until`: the last day of an absence of theirs in which nobody stands in for them here.
    """

    post_id: int
    post: Text
    department: Text
    person_id: int | None
    person: Text | None
    why: Why
    step: str | None
    assisting: tuple[Text, ...] = ()
    stood_in_by: tuple[Text, ...] = ()
    alone_until: date | None = None


_sending, _held = posts.alias("sending"), posts.alias("held")
_holder = persons.alias("holder")
_STANDING: Final = Prepared(
    select(
        cases.c.procedure_id, cases.c.ended_at, cases.c.suspended_at, tasks.c.number, tasks.c.edition_id,
        tasks.c.element, tasks.c.post_id, tasks.c.person_id, tasks.c.due_at, tasks.c.opened_at,
        hand_overs.c.from_post_id, hand_overs.c.from_person_id, hand_overs.c.escalated_at,
        exists()
        .where(
            incidents.c.office_id == OFFICE, incidents.c.case_id == cases.c.id, incidents.c.closed_at.is_(None)
        )
        .label("has_incident"),
        *_named(("post", _held), ("department", _receiver), ("person", _holder), ("sending", _sending),
                ("sender", _sender), ("sent_by", _sent_by)),
    )
    .select_from(cases)
    .outerjoin(
        tasks,
        and_(
            tasks.c.office_id == cases.c.office_id, tasks.c.case_id == cases.c.id, tasks.c.closed_at.is_(None),
            tasks.c.kind.is_(None),
        ),
    )
    .outerjoin(
        hand_overs,
        and_(
            hand_overs.c.office_id == tasks.c.office_id, hand_overs.c.case_id == tasks.c.case_id,
            hand_overs.c.task_number == tasks.c.number, SILENT,
        ),
    )
    .outerjoin(_held, _held.c.id == tasks.c.post_id)
    .outerjoin(_receiver, _receiver.c.id == tasks.c.department_id)
    .outerjoin(_holder, _holder.c.id == tasks.c.person_id)
    .outerjoin(_sending, _sending.c.id == hand_overs.c.from_post_id)
    .outerjoin(_sender, _sender.c.id == hand_overs.c.from_department_id)
    .outerjoin(_sent_by, _sent_by.c.id == hand_overs.c.from_person_id)
    .where(cases.c.office_id == OFFICE, cases.c.id == bindparam("of_case", type_=BigInteger))
)  # fmt: skip


def accountable(db: Connection, case_id: int) -> Accountable | None:
    """None once the case has ended: nothing is to be done any more."""
    rows = _STANDING.all(db, {"of_case": case_id})
    if not rows or rows[0].ended_at is not None:
        return None
    steps = {row.number: row for row in rows if row.number is not None}
    verdict = accountable_of(_facts(db, case_id, rows[0], list(steps.values())))
    one = steps.get(verdict.step)
    named = _of_row(verdict, one) if one is not None else _looked_up(db, verdict)
    assisting = {
        steps[number].post_id: Name(steps[number].post_en, steps[number].post_zh) for number in verdict.assisting
    }
    assisting.pop(verdict.held.post_id, None)
    step = None if one is None else element_names(db, one.edition_id).get(one.element, one.element)
    post, department, person = named
    return Accountable(
        verdict.held.post_id, post, department, verdict.held.person_id, person, verdict.why, step,
        tuple(assisting.values()),
        *_stood_in_by(db, verdict.held, rows[0].procedure_id),
    )  # fmt: skip


def _stood_in_by(db: Connection, held: Held, procedure_id: int) -> tuple[tuple[Text, ...], date | None]:
    """Who does it today, while the person who has it is absent, and until when nobody does."""
    if held.person_id is None:
        return (), None
    on = today(db)
    rows = db.execute(
        select(
            persons.c.name_en, persons.c.name_zh, absences.c.post_ids, absences.c.procedure_ids, absences.c.deputy_id,
            absences.c.until_day,
        )
        .select_from(absences)
        .outerjoin(persons, persons.c.id == absences.c.deputy_id)
        .where(
            absences.c.person_id == held.person_id, absences.c.closed_at.is_(None), absences.c.from_day <= on,
            absences.c.until_day >= on,
        )
        .order_by(absences.c.id)
    )  # fmt: skip
    wanted = (str(held.post_id), str(procedure_id))
    here = [
        row
        for row in rows
        if all(
            not scope or one in scope.split()
            for one, scope in zip(wanted, (row.post_ids, row.procedure_ids), strict=True)
        )
    ]
    return (
        tuple(Name(row.name_en, row.name_zh) for row in here if row.deputy_id is not None),
        max((row.until_day for row in here if row.deputy_id is None), default=None),
    )


def _facts(db: Connection, case_id: int, case: Any, steps: Sequence[Any]) -> Facts:
    """Only what the rule will look at is asked for: mostly the open steps alone."""
    lying = tuple(
        Lying(
            row.number, Held(row.post_id, row.person_id), row.due_at, row.opened_at,
            None if row.from_post_id is None else Held(row.from_post_id, row.from_person_id),
            row.escalated_at is not None,
        )
        for row in steps
    )  # fmt: skip
    suspended_by = _suspended_by(db, case_id) if case.suspended_at is not None else None
    last = _completed_last(db, case_id) if not lying else None
    # Nobody but an incident, or a case in which nothing was ever done, asks for the owner.
    needed = case.has_incident or (not lying and last is None)
    owner = Held(_owner(db, case.procedure_id)) if needed else Held(0)
    return Facts(owner, suspended_by, bool(case.has_incident), lying, last)


def _suspended_by(db: Connection, case_id: int) -> Held | None:
    row = db.execute(
        select(entries.c.post_id, entries.c.person_id)
        .where(entries.c.office_id == OFFICE, entries.c.chain == case_id, entries.c.act == "suspend")
        .order_by(entries.c.number.desc())
        .limit(1)
    ).first()
    return None if row is None or row.post_id is None else Held(row.post_id, row.person_id)


def _completed_last(db: Connection, case_id: int) -> Held | None:
    row = db.execute(
        select(tasks.c.post_id, tasks.c.person_id)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_how == Closed.COMPLETED,
            tasks.c.kind.is_(None),
        )
        .order_by(tasks.c.closed_at.desc(), tasks.c.number.desc())
        .limit(1)
    ).first()  # fmt: skip
    return None if row is None else Held(row.post_id, row.person_id)


def _owner(db: Connection, procedure_id: int) -> int:
    """The post that supervises the procedure's department, else the one above it; in the last resort who administers."""
    rights = (Right.SUPERVISE, Right.ADMINISTER)
    able = db.execute(
        select(posts.c.id, posts.c.department_id, posts.c.rights)
        .where(or_(*(posts.c.rights.contains(one.value) for one in rights)))
        .order_by(posts.c.id)
    ).all()
    above = {row.id: row.parent_id for row in db.execute(select(departments.c.id, departments.c.parent_id))}
    department = db.scalar(select(procedures.c.department_id).where(procedures.c.id == procedure_id))
    while department is not None:
        here = [row.id for row in able if row.department_id == department and Right.SUPERVISE in rights_of(row.rights)]
        if here:
            return int(here[0])
        department = above.get(department)
    found = [row.id for row in able if Right.ADMINISTER in rights_of(row.rights)] or [row.id for row in able]
    return int(found[0])


def _of_row(verdict: Verdict, row: Any) -> tuple[Text, Text, Text | None]:
    if verdict.why is Why.SENT:
        person = Name(row.sent_by_en, row.sent_by_zh) if row.sent_by_en else None
        return Name(row.sending_en, row.sending_zh), Name(row.sender_en, row.sender_zh), person
    person = Name(row.person_en, row.person_zh) if row.person_en else None
    return Name(row.post_en, row.post_zh), Name(row.department_en, row.department_zh), person


def _looked_up(db: Connection, verdict: Verdict) -> tuple[Text, Text, Text | None]:
    query: Select[Any] = (
        select(*_named(("post", posts), ("department", departments), ("person", persons)))
        .select_from(posts)
        .join(departments, departments.c.id == posts.c.department_id)
        .outerjoin(persons, persons.c.id == verdict.held.person_id)
        .where(posts.c.id == verdict.held.post_id)
    )
    row = db.execute(query).one()
    person = Name(row.person_en, row.person_zh) if row.person_en else None
    return Name(row.post_en, row.post_zh), Name(row.department_en, row.department_zh), person
