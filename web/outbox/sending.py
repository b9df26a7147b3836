"""One round of sending: sort what was told, then take one after the other, send it outside of any transaction, note how it went."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from engine.base import clock
from engine.base.database import Database
from engine.cases.numbers import with_numbers
from engine.notices import outbox
from engine.notices.outbox import Taken
from engine.notices.reads import logins
from engine.notices.rules import Channel
from engine.organisation.reads import Office, is_founded, office
from web import catalogue
from web.outbox import webhook
from web.outbox.attaching import attach
from web.outbox.mail import NotAccepted, NotReached, Postman
from web.outbox.means import Means
from web.outbox.webhook import NotTaken
from web.outbox.wording import for_program, letter

_log: Final = logging.getLogger("officium.outbox")
_MAIL: Final = (Channel.MAIL, Channel.PROOF)
_MOST_IN_A_ROUND: Final = 1000


def go_on() -> bool:
    return True


def send_due(database: Database, means: Means, going_on: Callable[[], bool] = go_on) -> int:
    """Everything that is due now; how many messages went out. `going_on` is asked before each."""
    with database.reading() as db:
        if outbox.is_idle(db) or not is_founded(db):
            return 0
        here = office(db)
    catalogue.compile_all()
    while going_on():
        with database.writing() as db:
            if not outbox.sort(db, by_mail=means.server is not None):
                break
    return _letters(database, means, here, going_on) + _to_programs(database, means, going_on)


def _letters(database: Database, means: Means, here: Office, going_on: Callable[[], bool]) -> int:
    if means.server is None:
        return 0
    sent = 0
    with Postman(means.server, means.sender) as postman:
        for _ in range(_MOST_IN_A_ROUND):
            taken = _take(database, _MAIL) if going_on() else None
            if taken is None:
                break
            try:
                sent += _post(database, means, here, postman, taken)
            except NotReached as fault:
                # All that waits would meet the same, and each would wait for it: the next round tries one again.
                _failed(database, taken, str(fault))
                break
            except NotAccepted as fault:
                _failed(database, taken, str(fault))
            except Exception as fault:
                # Whatever is wrong with one letter must not keep the others waiting; administrators see what it was.
                _log.exception("Letter %s could not be written", taken.id)
                _failed(database, taken, f"{type(fault).__name__}: {fault}")
    return sent


def _post(database: Database, means: Means, here: Office, postman: Postman, taken: Taken) -> bool:
    with database.reading() as db:
        to = outbox.addressee(db, taken)
        notices = with_numbers(db, outbox.contents(db, taken))
    if to is None or (not notices and to.code is None):
        with database.writing() as db:
            outbox.note_not_needed(db, taken, "nobody is there to be written to")
        return False
    written = letter(to, taken, notices, office=here.name, zone=here.zone_info, means=means)
    attach(written, database, to, notices, here)
    postman.send(written, to.address)
    with database.writing() as db:
        outbox.note_sent(db, taken)
    return True


def _to_programs(database: Database, means: Means, going_on: Callable[[], bool]) -> int:
    sent, silent = 0, set[int]()
    for _ in range(_MOST_IN_A_ROUND):
        taken = _take(database, (Channel.WEBHOOK,), silent) if going_on() else None
        if taken is None:
            break
        try:
            sent += _notify(database, means, taken)
        except NotTaken as fault:
            _failed(database, taken, str(fault))
            silent.add(taken.webhook_id or 0)  # each try may take seconds: what else waits for it waits a round more
    return sent


def _notify(database: Database, means: Means, taken: Taken) -> bool:
    with database.reading() as db:
        endpoint = outbox.endpoint(db, taken)
        notices = with_numbers(db, outbox.contents(db, taken))
        known = logins(db, {one.person_id for one in notices})
    if endpoint is None:
        with database.writing() as db:
            outbox.note_not_needed(db, taken, "the webhook was removed")
        return False
    body = for_program(taken, notices, known, means.url)
    webhook.send(endpoint, body, delivery=taken.message_id, at=_seconds(clock.now()), inside=means.inside)
    with database.writing() as db:
        outbox.note_sent(db, taken)
    return True


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _take(database: Database, channels: tuple[Channel, ...], silent: set[int] | None = None) -> Taken | None:
    with database.writing() as db:
        return outbox.take(db, channels=channels, but_webhooks=silent or ())


def _failed(database: Database, taken: Taken, fault: str) -> None:
    with database.writing() as db:
        again = outbox.note_failed(db, taken, fault)
    _log.warning("%s %s was not sent (%s): %s", taken.channel.name.lower(), taken.id, _next(again), fault)


def _next(again: bool) -> str:
    return "it is tried again" if again else "given up"
