"""What is to be sent: made of notices by each person's wishes, taken by one sender at a time, noted when it is gone.

Four steps, each in a transaction of its own: `sort`, `take`, then the sending itself, outside of any transaction, then
`note_sent` or `note_failed`. Whoever takes something has it for a while (rules.LEASE); when nothing is heard of it by
then, it is taken and sent again, as the same message. So a crash loses nothing, and repeats at worst a message whose id
is already known where it arrives.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.frozen import frozen
from engine.base.text import Language, Name
from engine.notices import rules
from engine.notices.reads import NOTICE_COLUMNS, Notice, notice_of
from engine.notices.rules import Channel, How, State
from engine.notices.tables import deliveries, notices, webhooks, wishes
from engine.organisation.reads import office
from engine.organisation.tables import persons

_AT_ONCE: Final = 500
_PERSONS: Final = 100
_MOST_IN_ONE: Final = 100
"""Notices in one message to a program."""

Told = Row[*tuple[Any, ...]]


@frozen
class Wish:
    """How one person wants to be written to. `address` None: not at all."""

    address: str | None
    digest_hour: int
    hows: Mapping[str, str]

    def how(self, kind: str) -> How:
        group = rules.group_of(kind)
        return How(self.hows.get(group, rules.USUAL[group]))


_NO_WISH: Final = Wish(None, rules.DIGEST_HOUR, {})


def is_idle(db: Connection) -> bool:
    """Nothing is due. Cheap enough to be asked every few seconds, and writes nothing."""
    at = clock.now()
    told = select(notices.c.id).where(notices.c.sorted.in_((False, True)), notices.c.sort_at <= at).limit(1)
    waiting = select(deliveries.c.id).where(deliveries.c.state == State.WAITING, deliveries.c.next_try <= at).limit(1)
    return db.scalar(told) is None and db.scalar(waiting) is None


def waiting(db: Connection) -> int:
    """How much is to be sent and was not yet: what was told and not looked at, and messages."""
    told = select(func.count()).select_from(notices).where(notices.c.sorted.is_(False), notices.c.sort_at.is_not(None))
    messages = select(func.count()).select_from(deliveries).where(deliveries.c.state == State.WAITING)
    return (db.scalar(told) or 0) + (db.scalar(messages) or 0)


def given_up(db: Connection) -> int:
    """How many messages could not be sent, however often it was tried."""
    return db.scalar(select(func.count()).select_from(deliveries).where(deliveries.c.state == State.GIVEN_UP)) or 0


def sort(db: Connection, *, by_mail: bool) -> int:
    """Looks at what was told since: makes what is to be sent of it, or puts it by for a digest. How many notices it saw.

    `by_mail`: this installation can send e-mail.
    """
    at = clock.now()
    fresh = db.execute(
        select(notices.c.person_id, notices.c.id, notices.c.kind)
        .where(notices.c.sorted.is_(False), notices.c.sort_at <= at)
        .order_by(notices.c.sort_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if fresh:
        _to_programs(db, fresh, at)
        _to_persons(db, fresh, at, _wishes(db, {row.person_id for row in fresh}) if by_mail else {})
    return len(fresh) + (_digests(db, at) if by_mail else 0)


def _to_programs(db: Connection, fresh: Sequence[Told], at: datetime) -> None:
    for webhook_id in db.scalars(select(webhooks.c.id).where(webhooks.c.removed_at.is_(None))):
        for begin in range(0, len(fresh), _MOST_IN_ONE):
            _make(db, at, Channel.WEBHOOK, fresh[begin : begin + _MOST_IN_ONE], webhook_id=webhook_id)


def _to_persons(db: Connection, fresh: Sequence[Told], at: datetime, known: Mapping[int, Wish]) -> None:
    zone = office(db).zone_info
    at_once: dict[int, list[Told]] = defaultdict(list)
    until: dict[datetime, list[Told]] = defaultdict(list)
    done: list[Told] = []
    for row in fresh:
        wish = known.get(row.person_id, _NO_WISH)
        how = wish.how(row.kind) if wish.address else How.NOT
        if how is How.DIGEST:
            until[rules.next_digest(at, wish.digest_hour, zone)].append(row)
            continue
        done.append(row)
        if how is How.AT_ONCE:
            at_once[row.person_id].append(row)
    for person_id, rows in at_once.items():
        _make(db, at, Channel.MAIL, rows, person_id=person_id)
    _put_by(db, done, None)
    for moment, rows in until.items():
        _put_by(db, rows, moment)


def _digests(db: Connection, at: datetime) -> int:
    """One message for each person whose hour has come, of what they have not read in the page meanwhile."""
    due = [notices.c.sorted.is_(True), notices.c.sort_at <= at]
    whose = db.scalars(select(notices.c.person_id).where(*due).distinct().limit(_PERSONS)).all()
    if not whose:
        return 0
    # Whoever sorts for a person has their row: of two at once one passes the person over, and nobody gets two digests.
    known = _wishes(db, whose, locked=True)
    rows = db.execute(
        select(notices.c.person_id, notices.c.id, notices.c.kind, notices.c.read_at)
        .where(*due, notices.c.person_id.in_(known))
        .order_by(notices.c.person_id, notices.c.id)
    ).all()
    of_person: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        if row.read_at is None and known[row.person_id].address and known[row.person_id].how(row.kind) is not How.NOT:
            of_person[row.person_id].append(row)
    for person_id, unread in of_person.items():
        _make(db, at, Channel.MAIL, unread, person_id=person_id)
    _put_by(db, rows, None)
    return len(rows)


def _wishes(db: Connection, person_ids: Collection[int], *, locked: bool = False) -> dict[int, Wish]:
    query = select(wishes.c.person_id, wishes.c.address, wishes.c.digest_hour, wishes.c.hows).where(
        wishes.c.person_id.in_(person_ids)
    )
    if locked:
        query = query.with_for_update(skip_locked=True)
    return {row.person_id: Wish(row.address, row.digest_hour, orjson.loads(row.hows)) for row in db.execute(query)}


def _make(
    db: Connection,
    at: datetime,
    channel: Channel,
    rows: Sequence[Told],
    *,
    person_id: int | None = None,
    webhook_id: int | None = None,
) -> None:
    made = new_id()
    db.execute(
        insert(deliveries).values(
            id=made, made_at=at, next_try=at, person_id=person_id, webhook_id=webhook_id, channel=channel,
            state=State.WAITING, tries=0, holds=orjson.dumps([[row.person_id, row.id] for row in rows]).decode(),
            message_id=rules.message_id(made, secrets.token_hex(8)),
        )
    )  # fmt: skip


_PUT_BY: Final = (
    update(notices)
    .where(
        notices.c.office_id == OFFICE, notices.c.person_id == bindparam("of_person"), notices.c.id == bindparam("of_id")
    )
    .values(sorted=True)
)  # fmt: skip


def _put_by(db: Connection, rows: Sequence[Told], until: datetime | None) -> None:
    if rows:
        db.execute(_PUT_BY.values(sort_at=until), [{"of_person": row.person_id, "of_id": row.id} for row in rows])


@frozen
class Taken:
    """Something to be sent, by whoever took it. Pass it on to `note_sent` or `note_failed`."""

    id: int
    channel: Channel
    tries: int  # this one included
    person_id: int | None
    webhook_id: int | None
    holds: tuple[tuple[int, int], ...]
    message_id: str
    made_at: datetime


def take(db: Connection, *, channels: Collection[Channel], but_webhooks: Collection[int] = ()) -> Taken | None:
    """The one that has waited longest. Of two who ask at once each gets another one, or none."""
    at = clock.now()
    waiting = [deliveries.c.state == State.WAITING, deliveries.c.next_try <= at, deliveries.c.channel.in_(channels)]
    if but_webhooks:
        waiting.append(or_(deliveries.c.webhook_id.is_(None), deliveries.c.webhook_id.not_in(but_webhooks)))
    longest = (
        select(deliveries.c.id)
        .where(*waiting)
        .order_by(deliveries.c.next_try)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = db.execute(
        update(deliveries)
        .where(deliveries.c.id == longest, deliveries.c.state == State.WAITING, deliveries.c.next_try <= at)
        .values(tries=deliveries.c.tries + 1, next_try=at + rules.LEASE)
        .returning(*deliveries.c)
    ).first()
    if row is None:
        return None
    holds = tuple((person, notice) for person, notice in orjson.loads(row.holds))
    return Taken(
        row.id, Channel(row.channel), row.tries, row.person_id, row.webhook_id, holds, row.message_id, row.made_at
    )


def note_sent(db: Connection, taken: Taken) -> None:
    _note(db, taken, state=State.SENT, sent_at=clock.now(), fault=None)


def note_not_needed(db: Connection, taken: Taken, why: str) -> None:
    """There is nobody any more to send it to."""
    _note(db, taken, state=State.NOT_NEEDED, fault=why)


def note_failed(db: Connection, taken: Taken, fault: str) -> bool:
    """Whether it will be tried again."""
    again = taken.tries <= len(rules.AFTER_FAILING)
    after = rules.AFTER_FAILING[taken.tries - 1] if again else None
    _note(
        db, taken, state=State.WAITING if after else State.GIVEN_UP, fault=fault[:_MOST_FAULT],
        next_try=clock.now() + (after or rules.LEASE),
    )  # fmt: skip
    return again


_MOST_FAULT: Final = 500


def _note(db: Connection, taken: Taken, **values: Any) -> None:
    """Nothing, where somebody else took it since."""
    db.execute(
        update(deliveries)
        .where(deliveries.c.id == taken.id, deliveries.c.state == State.WAITING, deliveries.c.tries == taken.tries)
        .values(**values)
    )


@frozen
class Addressee:
    """To whom an e-mail goes, and in which language. `code`: what proves `address`, for a message that carries it."""

    person_id: int
    name: Name
    language: Language
    address: str
    code: str | None = None


def addressee(db: Connection, taken: Taken) -> Addressee | None:
    """As things stand now. None where the person has left or wants nothing sent, or the code is void."""
    row = db.execute(
        select(
            persons.c.id, persons.c.name_en, persons.c.name_zh, persons.c.language, persons.c.left_on,
            wishes.c.address, wishes.c.to_prove, wishes.c.code, wishes.c.code_until,
        )
        .join(wishes, wishes.c.person_id == persons.c.id)
        .where(persons.c.id == taken.person_id)
    ).first()  # fmt: skip
    at = clock.now()
    if row is None or (row.left_on is not None and row.left_on <= at.astimezone(office(db).zone_info).date()):
        return None
    name, language = Name(row.name_en, row.name_zh), row.language
    if taken.channel is Channel.PROOF:
        # A newer code has a message of its own.
        good = row.code is not None and at <= row.code_until and row.code_until - rules.CODE_GOOD_FOR == taken.made_at
        return Addressee(row.id, name, language, row.to_prove, row.code) if good else None
    return Addressee(row.id, name, language, row.address) if row.address else None


@frozen
class Endpoint:
    url: str
    secret: str


def endpoint(db: Connection, taken: Taken) -> Endpoint | None:
    row = db.execute(
        select(webhooks.c.url, webhooks.c.secret).where(
            webhooks.c.id == taken.webhook_id, webhooks.c.removed_at.is_(None)
        )
    ).first()
    return None if row is None else Endpoint(row.url, row.secret)


def contents(db: Connection, taken: Taken) -> tuple[Notice, ...]:
    """The notices in it, in the order they were told."""
    of_person: dict[int, list[int]] = defaultdict(list)
    for person_id, notice_id in taken.holds:
        of_person[person_id].append(notice_id)
    if not of_person:
        return ()
    named = or_(*(and_(notices.c.person_id == one, notices.c.id.in_(ids)) for one, ids in of_person.items()))
    rows = db.execute(select(*NOTICE_COLUMNS).where(notices.c.office_id == OFFICE, named).order_by(notices.c.id))
    return tuple(map(notice_of, rows))
