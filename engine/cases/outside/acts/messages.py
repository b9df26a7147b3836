"""What a program outside tells the office: it reaches the one case that awaits it, or begins one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.dialects import upserting
from engine.base.errors import NotAllowed, Overtaken, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text, one_line
from engine.cases import moves, rules
from engine.cases.acts.journey import Beginning, begin, route
from engine.cases.acts.moving import Note, keep, locked, move_of, ready
from engine.cases.tables import awaited, cases
from engine.connectors.reads import Program
from engine.connectors.states import Outcome
from engine.connectors.tables import program_tokens, received
from engine.diagram import language, run
from engine.diagram.connecting import correlation, outcome
from engine.procedures.editions import contents
from engine.procedures.rules import EditionState, main_process
from engine.procedures.runnable import runnable
from engine.procedures.tables import editions, procedures

MOST_CANDIDATES: Final = 20


class KeyUsed(Overtaken):
    """This Idempotency-Key came before with another message. Use a new key for each message, and the same one for each try of it."""

    zh = "该 Idempotency-Key 曾用于另一条消息。每条消息请使用新的键，重试同一条消息时使用相同的键。"


class TooMany(Refusal):
    """{count} cases await the message “{message}” by this correlation. Nothing was done: name the case by its number."""

    zh = "有 {count} 个办件以该关联值等待消息“{message}”。未作任何处理：请写明办件编号。"


class NobodyAwaits(Refusal):
    """No case awaits the message “{message}” by what was told, and none begins with it. Nothing was done; it may be sent again, with the same key."""

    zh = "没有办件按所述条件等待消息“{message}”，也没有办件由其发起。未作任何处理；可用相同的键再次发送。"


class CorrelationUnfit(Refusal):
    """The correlation must be a text, a number, yes or no, or several of them by name."""

    zh = "关联值须为文本、数字、是非值，或由这些值按名称组成。"


class ArrivedUnfit(Refusal):
    """“{element}” cannot take what came: {why}."""

    zh = "“{element}”无法采用所收到的内容：{why}。"


_NOT_ITS: Final = Text("this program may not send the message “{message}”", "该程序无权发送消息“{message}”")


@frozen
class Incoming:
    """A message as it came. `case`: the number of the one that is meant; `keys`: by what it is found, where it is not told.

    `matter` and `applicant` are for a case that begins with it.
    """

    name: str
    key: str
    digest: bytes
    size: int
    case: str | None = None
    keys: Any = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    matter: str = ""
    applicant: str = ""


@frozen
class Arrived:
    """What became of it. `again`: it had come before, and nothing was done now. `count`: how many await it, where that is not one."""

    outcome: Outcome
    case_id: int | None = None
    case_number: str | None = None
    again: bool = False
    count: int = 0


def receive_message(db: Connection, *, program: Program, token_digest: bytes, message: Incoming) -> Arrived:
    """Takes effect once, however often it comes. Where nobody awaits it yet, the same key may be tried again later.

    Raises NotAllowed, KeyUsed, CorrelationUnfit, CaseRests, ArrivedUnfit.
    """
    if message.name not in program.messages:
        raise NotAllowed(why=Text(_NOT_ITS.say("en", message=message.name), _NOT_ITS.say("zh", message=message.name)))
    kept = _kept(db, program, message)
    if kept.outcome in (Outcome.DELIVERED, Outcome.STARTED):
        return Arrived(Outcome(kept.outcome), kept.case_id, kept.case_number, again=True)
    arrived = _find(db, program, message)
    db.execute(
        update(received)
        .where(received.c.office_id == OFFICE, received.c.id == kept.id)
        .values(outcome=arrived.outcome, case_id=arrived.case_id, case_number=arrived.case_number, at=clock.now())
    )
    db.execute(update(program_tokens).where(program_tokens.c.digest == token_digest).values(last_used_at=clock.now()))
    return arrived


def _kept(db: Connection, program: Program, message: Incoming) -> Row[*tuple[Any, ...]]:
    """The row of this key, new or from before; of two that come at once one waits for the other here."""
    insert_into = upserting(db.dialect.name)
    db.execute(
        insert_into(received)
        .values(
            office_id=OFFICE, id=new_id(), at=clock.now(), program_id=program.id, size=message.size,
            outcome=Outcome.NOBODY, key=message.key, name=message.name, digest=message.digest,
        )
        .on_conflict_do_nothing(index_elements=["office_id", "program_id", "key"])
    )  # fmt: skip
    row = db.execute(
        select(received)
        .where(
            received.c.office_id == OFFICE, received.c.program_id == program.id, received.c.key == message.key
        )
        .with_for_update()
    ).one()  # fmt: skip
    if row.digest != message.digest:
        raise KeyUsed()
    return row


def _find(db: Connection, program: Program, message: Incoming) -> Arrived:
    waiting = _awaiting(db, message)
    if len(waiting) == 1:
        return _deliver(db, program, message, waiting[0])
    if waiting:
        return Arrived(Outcome.AMBIGUOUS, count=len(waiting))
    if message.case is not None:
        return Arrived(Outcome.NOBODY)
    begins = _beginning_with(db, message.name)
    if len(begins) == 1:
        return _start(db, program, message, *begins[0])
    return Arrived(Outcome.AMBIGUOUS, count=len(begins)) if begins else Arrived(Outcome.NOBODY)


def _awaiting(db: Connection, message: Incoming) -> Sequence[Row[*tuple[Any, ...]]]:
    """By the case's number, by the keys, or by both; without either no case that waits is meant."""
    where = [
        awaited.c.office_id == OFFICE, awaited.c.name == message.name, awaited.c.kind == "message",
        awaited.c.closed_at.is_(None), cases.c.ended_at.is_(None),
    ]  # fmt: skip
    if message.case is not None:
        where.append(cases.c.number == message.case)
    if message.keys is not None:
        keys = correlation(message.keys)
        if keys is None:
            raise CorrelationUnfit()
        where.append(awaited.c.correlation == keys)
    elif message.case is None:
        return ()
    return db.execute(
        select(awaited.c.case_id, awaited.c.token, awaited.c.element, cases.c.number)
        .join(cases, (cases.c.office_id == awaited.c.office_id) & (cases.c.id == awaited.c.case_id))
        .where(*where)
        .limit(MOST_CANDIDATES)
    ).all()


def _deliver(db: Connection, program: Program, message: Incoming, waits: Row[*tuple[Any, ...]]) -> Arrived:
    try:
        case = locked(db, waits.case_id)
    except rules.CaseEnded:
        return Arrived(Outcome.NOBODY)
    moves.must_not_rest(case)
    if not _still(db, waits):  # somebody was quicker
        return Arrived(Outcome.NOBODY)
    made_ready = ready(db, case)
    payload = _mapped(db, case.case_edition_id, waits.element, message.payload)
    at = clock.now()
    position = run.deliver(made_ready.model, case.state, waits.token, payload, now=at)
    facts = {**_facts(program, message), "element": waits.element}
    if payload:
        facts["answers"] = payload
    keep(db, case, position, move_of(case, at), Note("receive_message", None, None, facts), made_ready)
    if position.sent:
        route(db, case, position.sent, made_ready)
    return Arrived(Outcome.DELIVERED, waits.case_id, waits.number)


def _still(db: Connection, waits: Row[*tuple[Any, ...]]) -> bool:
    return (
        db.scalar(
            select(awaited.c.token).where(
                awaited.c.office_id == OFFICE, awaited.c.case_id == waits.case_id, awaited.c.token == waits.token,
                awaited.c.closed_at.is_(None),
            )
        )
        is not None
    )  # fmt: skip


def _mapped(db: Connection, edition_id: int, element: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the diagram wishes of it, where it says; else all of it."""
    drawn = contents(db, edition_id).diagram.elements.get(element)
    if drawn is None or not drawn.outputs:
        return dict(payload)
    try:
        return outcome(drawn.outputs, {"body": dict(payload), "status": None, "given": {}})
    except (language.NotAnExpression, language.CannotEvaluate) as unfit:
        raise ArrivedUnfit(element=drawn.name or element, why=unfit.facts.get("why", "")) from None


def _facts(program: Program, message: Incoming) -> dict[str, Any]:
    return {"program": program.name, "program_id": program.id, "message": message.name, "key": message.key}


def _beginning_with(db: Connection, name: str) -> list[tuple[int, str, str]]:
    """Editions in force whose cases begin with this message, each with its prefix and start event."""
    rows = db.execute(
        select(editions.c.id, editions.c.process, procedures.c.prefix)
        .join(procedures, procedures.c.id == editions.c.procedure_id)
        .where(editions.c.state == EditionState.IN_FORCE)
        .order_by(editions.c.id)
    )
    found = []
    for row in rows:
        diagram = contents(db, row.id).diagram
        process = main_process(diagram, row.process)
        found += [
            (row.id, row.prefix, one.id)
            for one in diagram.elements.values()
            if one.kind == "startEvent"
            and one.event == "message"
            and one.event_name == name
            and one.scope == process
            and one.act is None
        ]
    return found


def _start(db: Connection, program: Program, message: Incoming, edition_id: int, prefix: str, start: str) -> Arrived:
    payload = _mapped(db, edition_id, start, message.payload)
    matter = one_line(message.matter)[: rules.MOST_MATTER] or message.name[: rules.MOST_MATTER]
    applicant = one_line(message.applicant)[: rules.MOST_MATTER] or program.name
    made_ready = runnable(db, edition_id).counting(db)
    facts = _facts(program, message)
    begun = begin(
        db, Beginning(made_ready, prefix, matter, applicant, payload, {}, None, None, start, None, facts=facts)
    )
    return Arrived(Outcome.STARTED, begun.case_id, begun.number)
