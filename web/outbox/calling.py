"""One round of calls: take what is due, ask the connector outside of any transaction, put what came of it into the case."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.text import Name, Text
from engine.cases.outside import sending
from engine.cases.outside.acts import answer_call, give_up_call
from engine.cases.outside.acts.calls import Answered
from engine.cases.outside.sending import Taken
from engine.connectors.reads import Connector
from engine.connectors.rules import Kind
from engine.connectors.sealing import Seal
from web.outbox.asking import Failed, ask, failed, request_of
from web.outbox.means import Means
from web.outbox.posting import post

_log: Final = logging.getLogger("officium.connectors")
_MOST_IN_A_ROUND: Final = 500
_OURS: Final = Text("the fault is ours and has been noted: {fault}", "系统内部故障，已记录：{fault}")


def call_due(database: Database, means: Means, going_on: Callable[[], bool] = lambda: True) -> int:
    """Everything that is due now; how many calls came to an end. `going_on` is asked before each.

    A connector that failed once is left alone until the next round: each try may take seconds, and others wait.
    """
    with database.reading() as db:
        if sending.is_idle(db):
            return 0
    ended, silent = 0, set[str]()
    for _ in range(_MOST_IN_A_ROUND):
        taken = _take(database, silent) if going_on() else None
        if taken is None:
            break
        over, good = _one(database, means, taken)
        ended += over
        if not good:
            silent.add(taken.code)
    return ended


def _take(database: Database, silent: set[str]) -> Taken | None:
    with database.writing() as db:
        return sending.take(db, but=silent)


def _one(database: Database, means: Means, taken: Taken) -> tuple[bool, bool]:
    """Whether it is over, and whether the connector answered."""
    if taken.why is not None or taken.connector is None:
        return _give_up(database, taken, Failed(taken.why or sending.UNKNOWN)), True
    try:
        answer = _asked(means, taken, taken.connector)
    except Failed as fault:
        return _failed(database, taken, fault), fault.for_good
    except Refusal as refusal:  # what it is given does not fit, or its secrets cannot be read
        said = Name(refusal.say("en"), refusal.say("zh"))
        return _give_up(database, taken, Failed(said, for_good=True)), True
    except Exception as fault:
        # Whatever is wrong with one call must not keep the others waiting.
        _log.exception("Call %s of connector %s failed", taken.id, taken.code)
        return _failed(database, taken, failed(_OURS, fault=type(fault).__name__)), False
    with database.writing() as db:
        return answer_call(db, taken=taken, answer=answer), True


def _asked(means: Means, taken: Taken, connector: Connector) -> Answered:
    if connector.kind is Kind.MAIL:
        return post(connector, taken.given, key=taken.key, means=means)
    headers, secret = connector.secrets(Seal(means.secret))
    at = int(clock.now().timestamp())
    request = request_of(
        connector, taken.given, key=taken.key, case=taken.case_number, headers=headers, secret=secret, at=at
    )
    return ask(connector, request, inside=means.inside)


def _failed(database: Database, taken: Taken, fault: Failed) -> bool:
    """Whether it is over."""
    if not fault.for_good:
        with database.writing() as db:
            if sending.note_failed(
                db, taken, fault.why, status=fault.status, took=fault.took, asked=fault.asked, detail=fault.detail
            ):
                _log.warning("Connector %s, try %s: %s", taken.code, taken.tries, fault)
                return False
    return _give_up(database, taken, fault)


def _give_up(database: Database, taken: Taken, fault: Failed) -> bool:
    _log.warning("Connector %s, given up after %s tries: %s", taken.code, taken.tries, fault)
    with database.writing() as db:
        return give_up_call(db, taken=taken, why=fault.why, status=fault.status, took=fault.took, detail=fault.detail)
