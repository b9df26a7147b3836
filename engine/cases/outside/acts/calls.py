"""What comes of a call: the connector's answer goes into the case, or one incident tells that none came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from engine.base import clock
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases import rules
from engine.cases.acts.journey import route
from engine.cases.acts.moving import Note, keep, locked, move_of, ready
from engine.cases.outside import sending
from engine.cases.outside.sending import Taken
from engine.connectors.states import State
from engine.diagram import language, run
from engine.diagram.connecting import outcome
from engine.diagram.position import Position, TroubleKind
from engine.procedures.runnable import Runnable


@frozen
class Answered:
    """What came back. `raw`: as it came, of which the digest is kept."""

    status: int
    body: Any
    raw: bytes
    took: int


def answer_call(db: Connection, *, taken: Taken, answer: Answered) -> bool:
    """What the diagram wishes of the answer becomes part of the case, once, and the case goes on.

    False where the case no longer waits for it. What cannot be mapped is an incident.
    """
    case = _standing(db, taken)
    if case is None:
        return False
    made_ready = ready(db, case)
    outputs = made_ready.outputs.get((taken.process, taken.element), ())
    seen = {"body": answer.body, "status": answer.status, "given": dict(taken.given)}
    try:
        answers = outcome(outputs, seen)
    except (language.NotAnExpression, language.CannotEvaluate) as unfit:
        trouble = _expression(unfit)
        sending.close(
            db, taken, State.GIVEN_UP, status=answer.status, took=answer.took, answer=answer.raw,
            fault=Name(trouble["why"], trouble["why_zh"]),
        )  # fmt: skip
        _fail(db, case, made_ready, taken, TroubleKind.EXPRESSION, trouble)
        return True
    at = clock.now()
    position = run.deliver(made_ready.model, case.state, taken.token, answers, now=at)
    sending.close(db, taken, State.ANSWERED, status=answer.status, took=answer.took, answer=answer.raw)
    facts: dict[str, Any] = {**_facts(taken), "status": answer.status, "tries": taken.tries}
    if answers:
        facts["answers"] = answers
    keep(db, case, position, move_of(case, at), Note("answer_call", None, None, facts), made_ready)
    _send_on(db, case, position, made_ready)
    return True


def give_up_call(
    db: Connection, *, taken: Taken, why: Text, status: int | None = None, took: int | None = None, detail: str = ""
) -> bool:
    """One incident, which somebody tries again or settles by hand. False where the case no longer waits for it.

    `detail`: what the machine said, kept beside `why`.
    """
    case = _standing(db, taken)
    if case is None:
        return False
    told = Name(why.say("en", code=taken.code), why.say("zh", code=taken.code))
    sending.close(db, taken, State.GIVEN_UP, status=status, took=took, fault=told, detail=detail)
    name = taken.connector.name if taken.connector else Name(taken.code, taken.code)
    facts = {
        "connector": name.en, "connector_zh": name.zh, "why": told.en, "why_zh": told.zh, "tries": str(taken.tries),
        **({"detail": detail} if detail else {}),
    }  # fmt: skip
    _fail(db, case, ready(db, case), taken, TroubleKind.SERVICE, facts)
    return True


def _standing(db: Connection, taken: Taken) -> Row[*tuple[Any, ...]] | None:
    """The case, locked, where this is still what it waits for; else the call is over."""
    try:
        case = locked(db, taken.case_id)
    except rules.CaseEnded:
        return None  # seen at the next try: nothing awaits it any more
    return case if sending.still_out(db, taken) and sending.is_awaited(db, taken) else None


def _fail(
    db: Connection,
    case: Row[*tuple[Any, ...]],
    made_ready: Runnable,
    taken: Taken,
    kind: TroubleKind,
    facts: Mapping[str, str],
) -> None:
    at = clock.now()
    position = run.fail(made_ready.model, case.state, taken.token, now=at, kind=kind, facts=facts)
    told = {**_facts(taken), "tries": taken.tries, "why": facts["why"]}
    if "detail" in facts:
        told["detail"] = facts["detail"]
    keep(db, case, position, move_of(case, at), Note("give_up_call", None, None, told), made_ready)
    _send_on(db, case, position, made_ready)


def _facts(taken: Taken) -> dict[str, Any]:
    return {"element": taken.element, "connector": taken.code, "key": taken.key}


def _send_on(db: Connection, case: Row[*tuple[Any, ...]], position: Position, made_ready: Runnable) -> None:
    if position.sent:
        route(db, case, position.sent, made_ready)


def _expression(unfit: Refusal) -> dict[str, str]:
    reason = unfit.facts.get("why")
    said = reason if isinstance(reason, Text) else unfit.text()
    given = {} if isinstance(reason, Text) else unfit.facts
    return {
        "expression": str(unfit.facts.get("source", ""))[:200], "why": said.say("en", **given),
        "why_zh": said.say("zh", **given),
    }  # fmt: skip
