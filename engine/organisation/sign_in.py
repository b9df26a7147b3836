"""Accounts: signing in and out, sessions, passwords, the language somebody reads in.

What concerns one account alone is written on that person's own chain, so that a morning's sign-ins do not queue
behind one row. A session is known by the SHA-256 of a secret that only the browser has.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, union_all, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name
from engine.organisation import acting, reads, rules
from engine.organisation.checking import Checked, Kept, check, hashed, waits_until
from engine.organisation.rules import ABSOLUTE_LIMIT, IDLE_LIMIT, TOUCH_EVERY, Actor
from engine.organisation.tables import absences, offices, persons, sessions
from engine.records.journal import Chain, write


@frozen
class Session:
    """`touch_due` says that `touch` should be called in a writing transaction. The office is told along: every page names it."""

    actor: Actor
    begun_at: datetime
    seen_at: datetime
    touch_due: bool
    office: reads.Office


_IN_USE: Final = (
    sessions.c.token == bindparam("of_token"),
    sessions.c.seen_at > bindparam("seen_after"),
    sessions.c.begun_at > bindparam("begun_after"),
)
_ITSELF: Final = (
    sessions.c.begun_at, sessions.c.seen_at, offices.c.zone, offices.c.name_en.label("office_en"),
    offices.c.name_zh.label("office_zh"), offices.c.calendars_version,
)  # fmt: skip
_SESSION: Final = Prepared(
    union_all(
        select(*acting.own_columns(), *_ITSELF)
        .select_from(
            sessions.join(acting.HELD, persons.c.id == sessions.c.person_id).join(offices, offices.c.id == OFFICE)
        )
        .where(*_IN_USE),
        select(*acting.absent_columns(), *_ITSELF)
        .select_from(
            sessions.join(absences, absences.c.deputy_id == sessions.c.person_id)
            .join(acting.HELD, persons.c.id == absences.c.person_id)
            .join(offices, offices.c.id == OFFICE)
        )
        .where(*_IN_USE, acting.is_away()),
    ).order_by("post_code")
)
_A_DAY: Final = timedelta(days=1)


def session_of(db: Connection, secret: str) -> Session | None:
    """One statement. None where nobody is signed in with that secret (any more)."""
    now = clock.now()
    asked = {"of_token": _token(secret), "seen_after": now - IDLE_LIMIT, "begun_after": now - ABSOLUTE_LIMIT}
    rows = _SESSION.all(db, asked | {"earliest": now.date() - _A_DAY, "latest": now.date() + _A_DAY})
    if not rows:
        return None
    first = next(row for row in rows if row.absence_id is None)
    today = now.astimezone(ZoneInfo(first.zone)).date()
    if first.left_on is not None and first.left_on <= today:
        return None
    actor, office = _told(tuple(rows), today)
    return Session(actor, first.begun_at, first.seen_at, now - first.seen_at >= TOUCH_EVERY, office)


@lru_cache(maxsize=256)
def _told(rows: tuple[Any, ...], on: date) -> tuple[Actor, reads.Office]:
    """The same rows make the same person: asked with each request, they have mostly not changed since the one before."""
    one = rows[0]
    office = reads.Office(Name(one.office_en, one.office_zh), one.zone, one.calendars_version)
    return acting.actor_from(rows, on), office


def actor_of(db: Connection, secret: str) -> Actor | None:
    found = session_of(db, secret)
    return None if found is None else found.actor


def touch(db: Connection, secret: str) -> None:
    """Notes that the session is in use; writes nothing where that was noted in the last minutes."""
    now = clock.now()
    db.execute(
        update(sessions)
        .where(sessions.c.token == _token(secret), sessions.c.seen_at <= now - TOUCH_EVERY)
        .values(seen_at=now)
    )


def sign_in(db: Connection, *, login: str, password: str, checked: Checked | None = None) -> tuple[str, Actor]:
    """The secret for the cookie, and who signed in. Raises WrongPassword, MustWait.

    `checked` is the same password held against what was kept a moment ago; what was changed since is checked here.
    Keep the transaction when it raises: the wrong password is counted in it.
    """
    now = clock.now()
    person = db.execute(select(persons).where(persons.c.login == rules.as_login(login)).with_for_update()).first()
    until = None if person is None else waits_until(person, now)
    if until is not None:
        raise rules.MustWait(until=until)
    kept = Kept(None if person is None else person.password)
    if checked is None or checked.kept != kept:
        checked = check(kept, password)
    if person is None or not checked.fits or _has_left(db, person):
        if person is not None:
            _count_failure(db, person, now)
        raise rules.WrongPassword()
    return _begin_session(db, person, checked, now), reads.actor(db, person.id)


def _begin_session(db: Connection, person: Row[*tuple[Any, ...]], checked: Checked, now: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    db.execute(
        delete(sessions).where(
            sessions.c.person_id == person.id,
            or_(sessions.c.seen_at <= now - IDLE_LIMIT, sessions.c.begun_at <= now - ABSOLUTE_LIMIT),
        )
    )
    db.execute(insert(sessions).values(token=_token(secret), person_id=person.id, begun_at=now, seen_at=now))
    kept = checked.renewed or person.password
    _note(db, person, person.id, "sign_in", {}, failures=0, failed_at=None, password=kept)
    return secret


def _count_failure(db: Connection, person: Row[*tuple[Any, ...]], now: datetime) -> None:
    failures = person.failures + 1
    _note(db, person, None, "sign_in_refused", {"failures": failures}, failures=failures, failed_at=now)
    wait = rules.wait_after(failures)
    if wait:
        raise rules.MustWait(until=now + wait)


def _has_left(db: Connection, person: Row[*tuple[Any, ...]]) -> bool:
    return person.left_on is not None and person.left_on <= reads.today(db)


def sign_out(db: Connection, secret: str) -> None:
    """Of this session. Somebody who is signed out already stays so."""
    ended = db.execute(delete(sessions).where(sessions.c.token == _token(secret)).returning(sessions.c.person_id))
    person_id = ended.scalar()
    if person_id is not None:
        _note(db, _account(db, person_id), person_id, "sign_out", {})


def sign_out_everywhere(db: Connection, *, by: Actor | None, person_id: int) -> None:
    """Every session of the person ends with its next request."""
    rules.must_be_own_or_administer(by, person_id)
    account = _account(db, person_id)
    ended = db.execute(delete(sessions).where(sessions.c.person_id == person_id)).rowcount
    _note(db, account, _id(by), "sign_out_everywhere", {"sessions": ended})


def set_password(
    db: Connection,
    *,
    by: Actor | None,
    person_id: int,
    password: str,
    staying: str | None = None,
    made: str | None = None,
) -> None:
    """Ends the person's sessions but the one whose secret is `staying`; `made`: the same, hashed before. Raises PasswordUnfit."""
    rules.must_be_own_or_administer(by, person_id)
    account = _account(db, person_id)
    kept = made or hashed(login=account.login, password=password)
    others = sessions.c.person_id == person_id
    if staying is not None:
        others &= sessions.c.token != _token(staying)
    db.execute(delete(sessions).where(others))
    _note(db, account, _id(by), "set_password", {}, password=kept, failures=0, failed_at=None)


def choose_language(db: Connection, *, by: Actor, language: str) -> None:
    """Raises LanguageUnknown."""
    spoken = rules.fit_language(language)
    account = _account(db, by.person_id)
    _note(db, account, by.person_id, "choose_language", {"language": spoken}, language=spoken)


def choose_keys(db: Connection, *, by: Actor, single: bool) -> None:
    """Whether one key alone does something on a page."""
    account = _account(db, by.person_id)
    if account.single_keys != single:
        _note(db, account, by.person_id, "choose_keys", {"single": single}, single_keys=single)


def _id(by: Actor | None) -> int | None:
    return None if by is None else by.person_id


def _account(db: Connection, person_id: int) -> Row[*tuple[Any, ...]]:
    """Locked until the transaction ends."""
    row = db.execute(select(persons).where(persons.c.id == person_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=reads.PERSON)
    return row


def _note(
    db: Connection, account: Row[*tuple[Any, ...]], by: int | None, act: str, facts: Mapping[str, Any], **changed: Any
) -> None:
    """One entry on the account's own chain, and what else changes on its row."""
    chain = write(
        db, Chain(account.chain, account.chain_length, account.chain_head), act=act, by=by,
        facts={"person": account.id, **facts},
    )  # fmt: skip
    db.execute(
        update(persons)
        .where(persons.c.id == account.id)
        .values(chain_length=chain.length, chain_head=chain.head, **changed)
    )


def _token(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()
