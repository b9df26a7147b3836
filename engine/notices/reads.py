"""What can be asked of notices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, Row, bindparam, func, or_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.notices import rules, words
from engine.notices.rules import Channel, Group, How, State
from engine.notices.tables import deliveries, notices, webhooks, wishes
from engine.organisation.reads import today
from engine.organisation.rules import Actor, must_administer
from engine.organisation.tables import absences, holdings, persons

WEBHOOK: Final = Text(en="webhook", zh="通知接收地址")
MOST_COUNTED: Final = 1000
"""Where more than that are unread, nobody wants to know how many."""

NOTICE_COLUMNS: Final = (
    notices.c.person_id,
    notices.c.id,
    notices.c.at,
    notices.c.kind,
    notices.c.facts,
    notices.c.case_id,
    notices.c.task_number,
    notices.c.read_at,
)


@frozen
class Notice:
    """`facts` as they were told; `case`: its number, or that of an enquiry; `why`: what somebody typed, or a sentence of the office, for the page alone."""

    person_id: int
    id: int
    at: datetime
    kind: str
    facts: Mapping[str, Any]
    case_id: int | None
    task_number: int | None
    read_at: datetime | None
    case: str | None = None

    @property
    def sentence(self) -> Text:
        return words.sentence(self.kind, self.facts)

    @property
    def why(self) -> Text | str | None:
        return self.facts.get("why") or None


def notice_of(row: Row[*tuple[Any, ...]]) -> Notice:
    facts = {name: rules.told(value) for name, value in orjson.loads(row.facts).items()}
    number = facts.get("number")
    return Notice(
        row.person_id, row.id, row.at, row.kind, facts, row.case_id, row.task_number, row.read_at,
        number if isinstance(number, str) else None,
    )  # fmt: skip


_NEWEST: Final = (
    select(notices.c.id)
    .where(
        notices.c.office_id == OFFICE,
        notices.c.person_id == bindparam("person", type_=notices.c.person_id.type),
        notices.c.read_at.is_(None),
    )
    .order_by(notices.c.id.desc())
    .limit(MOST_COUNTED)
    .subquery()
)
_UNREAD: Final = Prepared(
    select(func.count().label("count"), func.max(_NEWEST.c.id).label("last")).select_from(_NEWEST)
)


@frozen
class Unread:
    """How many, MOST_COUNTED at most, and which came last."""

    count: int
    last: int | None


def unread(db: Connection, person_id: int) -> Unread:
    """One statement, of which the index alone is read."""
    row = _UNREAD.first(db, {"person": person_id})
    return Unread(row.count, row.last) if row is not None else Unread(0, None)


def page(
    db: Connection, *, actor: Actor, is_read: bool, before: int | None = None, limit: int = 50
) -> tuple[Notice, ...]:
    """The person's own, the newest first; `before` continues behind the last one shown."""
    mine = [notices.c.office_id == OFFICE, notices.c.person_id == actor.person_id]
    mine.append(notices.c.read_at.is_not(None) if is_read else notices.c.read_at.is_(None))
    if before is not None:
        mine.append(notices.c.id < before)
    rows = db.execute(select(*NOTICE_COLUMNS).where(*mine).order_by(notices.c.id.desc()).limit(limit))
    return tuple(map(notice_of, rows))


def notice(db: Connection, *, actor: Actor, notice_id: int) -> Notice | None:
    row = db.execute(
        select(*NOTICE_COLUMNS).where(
            notices.c.office_id == OFFICE, notices.c.person_id == actor.person_id, notices.c.id == notice_id
        )
    ).first()
    return None if row is None else notice_of(row)


@frozen
class Wishes:
    """What a person chose; `to_prove`: an address whose code is awaited."""

    address: str | None
    to_prove: str | None
    digest_hour: int
    hows: Mapping[Group, How]


def wishes_of(db: Connection, person_id: int) -> Wishes:
    row = db.execute(select(wishes).where(wishes.c.person_id == person_id)).first()
    if row is None:
        return Wishes(None, None, rules.DIGEST_HOUR, rules.USUAL)
    chosen = orjson.loads(row.hows)
    hows = {group: How(chosen.get(group, rules.USUAL[group])) for group in Group}
    return Wishes(row.address, row.to_prove if row.code else None, row.digest_hour, hows)


@frozen
class Undelivered:
    """Something that was given up. `person` of an e-mail, `url` of a webhook."""

    id: int
    channel: Channel
    made_at: datetime
    tries: int
    person: Name | None
    url: str | None
    notices: int
    fault: str


def undelivered(db: Connection, *, by: Actor, limit: int = 100) -> tuple[Undelivered, ...]:
    """The newest first."""
    must_administer(by)
    rows = db.execute(
        select(
            deliveries.c.id, deliveries.c.channel, deliveries.c.made_at, deliveries.c.tries, deliveries.c.holds,
            deliveries.c.fault, persons.c.name_en, persons.c.name_zh, webhooks.c.url,
        )
        .outerjoin(persons, persons.c.id == deliveries.c.person_id)
        .outerjoin(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(deliveries.c.state == State.GIVEN_UP)
        .order_by(deliveries.c.made_at.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(
        Undelivered(
            row.id, Channel(row.channel), row.made_at, row.tries,
            Name(row.name_en, row.name_zh) if row.name_en else None, row.url, len(orjson.loads(row.holds)),
            row.fault or "",
        )
        for row in rows
    )  # fmt: skip


@frozen
class Webhook:
    id: int
    url: str
    added_at: datetime


def webhooks_in_use(db: Connection, *, by: Actor) -> tuple[Webhook, ...]:
    must_administer(by)
    rows = db.execute(
        select(webhooks.c.id, webhooks.c.url, webhooks.c.added_at)
        .where(webhooks.c.removed_at.is_(None))
        .order_by(webhooks.c.id)
    )
    return tuple(Webhook(row.id, row.url, row.added_at) for row in rows)


def programs_told(db: Connection) -> tuple[tuple[int, str], ...]:
    """The programs that notices can be sent to, by the name of their host alone: the address may hold a secret."""
    rows = db.execute(
        select(webhooks.c.id, webhooks.c.url).where(webhooks.c.removed_at.is_(None)).order_by(webhooks.c.id)
    )
    return tuple((row.id, urlsplit(row.url).hostname or "?") for row in rows)


def logins(db: Connection, person_ids: Collection[int]) -> Mapping[int, str]:
    rows = db.execute(select(persons.c.id, persons.c.login).where(persons.c.id.in_(person_ids)))
    return {row.id: row.login for row in rows}


def persons_of_post(db: Connection, post_id: int, procedure_id: int | None = None) -> frozenset[int]:
    """Who holds it today, and who stands in for them there: in some procedures alone only where the procedure is named."""
    on = today(db)
    held = db.scalars(
        select(holdings.c.person_id)
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(
            holdings.c.post_id == post_id,
            holdings.c.from_day <= on,
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
        )
    ).all()
    away = db.execute(
        select(absences.c.deputy_id, absences.c.post_ids, absences.c.procedure_ids).where(
            absences.c.person_id.in_(held), absences.c.deputy_id.is_not(None), absences.c.closed_at.is_(None),
            absences.c.from_day <= on, absences.c.until_day >= on,
        )
    )  # fmt: skip
    deputies = {
        row.deputy_id for row in away if _is_among(post_id, row.post_ids) and _is_among(procedure_id, row.procedure_ids)
    }
    return frozenset(held) | deputies


def _is_among(wanted: int | None, ids: str) -> bool:
    return not ids or str(wanted) in ids.split()


def unread_before(db: Connection, moment: datetime) -> Mapping[int, int]:
    """Whoever has not read all that they were told before then, with the last of it."""
    rows = db.execute(
        select(notices.c.person_id, func.max(notices.c.id).label("last"))
        .where(notices.c.office_id == OFFICE, notices.c.read_at.is_(None), notices.c.at < moment)
        .group_by(notices.c.person_id)
        .order_by(notices.c.person_id)
    )
    return {row.person_id: row.last for row in rows}
