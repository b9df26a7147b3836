"""A password is held against what is kept: some 50 ms of reckoning, so before a transaction is opened.

Nothing here changes anything. The act trusts what was found for as long as the same password is kept.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.base import clock
from engine.base.frozen import frozen
from engine.organisation import passwords, rules
from engine.organisation.tables import persons


@frozen
class Kept:
    """What a password is held against. `password` None: nobody has that login, or they have no password."""

    password: str | None = field(repr=False)


@frozen
class Checked:
    """Whether what was typed fits what was kept. `renewed`: the same at today's cost, where it was kept at another."""

    kept: Kept
    fits: bool
    renewed: str | None = field(repr=False)


def kept_of(db: Connection, *, login: str) -> Kept | None:
    """None where the person must wait: then nothing is to be checked."""
    person = db.execute(
        select(persons.c.password, persons.c.failures, persons.c.failed_at).where(
            persons.c.login == rules.as_login(login)
        )
    ).first()
    if person is not None and waits_until(person, clock.now()) is not None:
        return None
    return Kept(None if person is None else person.password)


def check(kept: Kept, password: str) -> Checked:
    """Takes as long where nobody has that login."""
    typed = rules.as_password(password)
    fits = passwords.fits(kept.password, typed)
    stale = fits and kept.password is not None and passwords.is_stale(kept.password)
    return Checked(kept, fits, passwords.hashed(typed) if stale else None)


def hashed(*, login: str, password: str) -> str:
    """As it will be kept. Raises PasswordUnfit."""
    return passwords.hashed(rules.fit_password(password, login))


def waits_until(person: Row[*tuple[Any, ...]], now: datetime) -> datetime | None:
    if person.failed_at is None:
        return None
    until: datetime = person.failed_at + rules.wait_after(person.failures)
    return until if now < until else None
