"""What administrators do with connectors and with the programs that may send messages."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from engine.base import clock
from engine.base.errors import NotFound
from engine.connectors import rules
from engine.connectors.reads import CONNECTOR, PROGRAM, TOKEN
from engine.connectors.rules import Fit, Wanted
from engine.connectors.sealing import Seal, SealBroken
from engine.connectors.tables import connectors, program_tokens, programs
from engine.notices.kept import on_office
from engine.organisation.rules import Actor, must_administer


def add_connector(db: Connection, *, by: Actor, wanted: Wanted, seal: Seal, inside: bool = False) -> tuple[int, str]:
    """Its id and, of a webhook, the secret that what is sent is signed with, which is told this once.

    Raises what `rules.fit` raises, CodeInUse.
    """
    must_administer(by)
    found = rules.fit(wanted, inside=inside)
    _must_be_free(db, found.code, None)
    secret = secrets.token_urlsafe(32) if found.kind is rules.Kind.WEBHOOK else ""
    sealed = _sealed({"headers": dict(found.headers or {}), "secret": secret}, seal)
    values = {**_values(found, wanted), "kind": found.kind, "sealed": sealed}
    made = db.execute(insert(connectors).values(**values).returning(connectors.c.id)).scalar_one()
    on_office(db, by, "add_connector", {"connector": made, **_told(found, wanted)})
    return made, secret


def change_connector(
    db: Connection, *, by: Actor, connector_id: int, wanted: Wanted, seal: Seal, inside: bool = False
) -> None:
    """Calls that wait go by the new settings from their next try on. Its kind stays what it is."""
    must_administer(by)
    row = _locked(db, connector_id)
    found = rules.fit(_of_kind(wanted, row.kind), inside=inside)
    _must_be_free(db, found.code, connector_id)
    values = _values(found, wanted)
    if found.headers is None:
        values["how"] = _stored({**found.how.stored(), "header_names": orjson.loads(row.how)["header_names"]})
    else:
        kept = {} if row.sealed is None else orjson.loads(_opened(row.sealed, seal))
        values["sealed"] = _sealed({"headers": dict(found.headers), "secret": kept.get("secret", "")}, seal)
    db.execute(update(connectors).where(connectors.c.id == connector_id).values(**values))
    facts = {"connector": connector_id, "headers_changed": found.headers is not None, **_told(found, wanted)}
    on_office(db, by, "change_connector", facts)


def switch_connector(db: Connection, *, by: Actor, connector_id: int, enabled: bool) -> None:
    """While it is off, a case that comes to it stops with an incident."""
    must_administer(by)
    row = _locked(db, connector_id)
    if row.enabled == enabled:
        return
    db.execute(
        update(connectors).where(connectors.c.id == connector_id).values(enabled=enabled, changed_at=clock.now())
    )
    on_office(db, by, "switch_connector", {"connector": connector_id, "code": row.code, "enabled": enabled})


def try_connector(db: Connection, *, by: Actor, connector_id: int, key: str, digest: bytes, size: int) -> None:
    """The administrator is about to ask it beside any case; written before it is asked. Also one that is switched off."""
    must_administer(by)
    row = _locked(db, connector_id)
    facts = {"connector": connector_id, "code": row.code, "key": key, "given_digest": digest.hex(), "given_size": size}
    on_office(db, by, "try_connector", facts)


def note_tried(db: Connection, *, by: Actor, connector_id: int, status: int | None, took: int, size: int) -> None:
    """What came of it: never what was said."""
    must_administer(by)
    row = _locked(db, connector_id)
    facts = {"connector": connector_id, "code": row.code, "status": status, "took": took, "size": size}
    on_office(db, by, "note_tried", facts)


def remove_connector(db: Connection, *, by: Actor, connector_id: int) -> None:
    """Its secrets are forgotten. Cases that wait for it, or come to it, stop with an incident."""
    must_administer(by)
    row = _locked(db, connector_id)
    db.execute(update(connectors).where(connectors.c.id == connector_id).values(removed_at=clock.now(), sealed=None))
    on_office(db, by, "remove_connector", {"connector": connector_id, "code": row.code})


def add_program(db: Connection, *, by: Actor, name: str, messages: str) -> int:
    """A program outside that may send these messages and nothing else. Raises ProgramUnnamed, MessagesMissing."""
    must_administer(by)
    called, may_send = rules.fit_program(name), rules.fit_messages(messages)
    made: int = db.execute(
        insert(programs).values(name=called, messages=_stored(may_send), added_at=clock.now()).returning(programs.c.id)
    ).scalar_one()
    on_office(db, by, "add_program", {"program": made, "name": called, "messages": may_send})
    return made


def change_program(db: Connection, *, by: Actor, program_id: int, name: str, messages: str) -> None:
    """Counts from the next message on. Raises ProgramUnnamed, MessagesMissing."""
    must_administer(by)
    called, may_send = rules.fit_program(name), rules.fit_messages(messages)
    _program(db, program_id)
    db.execute(update(programs).where(programs.c.id == program_id).values(name=called, messages=_stored(may_send)))
    on_office(db, by, "change_program", {"program": program_id, "name": called, "messages": may_send})


def remove_program(db: Connection, *, by: Actor, program_id: int) -> None:
    """All its tokens are void."""
    must_administer(by)
    _program(db, program_id)
    at = clock.now()
    db.execute(update(programs).where(programs.c.id == program_id).values(removed_at=at))
    db.execute(
        update(program_tokens)
        .where(program_tokens.c.program_id == program_id, program_tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    on_office(db, by, "remove_program", {"program": program_id})


def make_token(db: Connection, *, by: Actor, program_id: int) -> str:
    """The token, which is told this once: only its digest is kept. Earlier ones stay good, so that it can be changed over."""
    must_administer(by)
    _program(db, program_id)
    token, at = rules.BEGINS + secrets.token_urlsafe(32), clock.now()
    made = db.execute(
        insert(program_tokens)
        .values(
            program_id=program_id, digest=rules.digest_of(token), hint=token[-4:], made_at=at, made_by=by.person_id,
            good_until=at + rules.TOKEN_GOOD_FOR,
        )
        .returning(program_tokens.c.id)
    ).scalar_one()  # fmt: skip
    on_office(db, by, "make_token", {"program": program_id, "token": made})
    return token


def revoke_token(db: Connection, *, by: Actor, token_id: int) -> None:
    """Nothing that carries it is taken any more, from the next request on."""
    must_administer(by)
    revoked = db.execute(
        update(program_tokens)
        .where(program_tokens.c.id == token_id, program_tokens.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    if revoked.rowcount != 1:
        raise NotFound(what=TOKEN)
    on_office(db, by, "revoke_token", {"token": token_id})


def _values(found: Fit, wanted: Wanted) -> dict[str, Any]:
    procedures = wanted.procedures
    return {
        "code": found.code, "name_en": found.name.en, "name_zh": found.name.zh, "how": _stored(found.how.stored()),
        "enabled": wanted.enabled, "procedures": None if procedures is None else _stored(sorted(set(procedures))),
        "changed_at": clock.now(), **found.numbers,
    }  # fmt: skip


def _told(found: Fit, wanted: Wanted) -> dict[str, Any]:
    """For the record: everything but secrets."""
    return {
        "code": found.code, "name": [found.name.en, found.name.zh], "kind": found.kind, "how": found.how.stored(),
        "enabled": wanted.enabled, "procedures": wanted.procedures, **found.numbers,
    }  # fmt: skip


def _of_kind(wanted: Wanted, kind: str) -> Wanted:
    if wanted.kind == kind:
        return wanted
    told = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    return Wanted(**{**told, "kind": rules.Kind(kind)})


def _must_be_free(db: Connection, code: str, but: int | None) -> None:
    there = db.scalar(select(connectors.c.id).where(connectors.c.code == code, connectors.c.removed_at.is_(None)))
    if there is not None and there != but:
        raise rules.CodeInUse(code=code)


def _locked(db: Connection, connector_id: int) -> Row[*tuple[Any, ...]]:
    row = db.execute(
        select(connectors).where(connectors.c.id == connector_id, connectors.c.removed_at.is_(None)).with_for_update()
    ).first()
    if row is None:
        raise NotFound(what=CONNECTOR)
    return row


def _program(db: Connection, program_id: int) -> None:
    there = db.scalar(
        select(programs.c.id).where(programs.c.id == program_id, programs.c.removed_at.is_(None)).with_for_update()
    )
    if there is None:
        raise NotFound(what=PROGRAM)


def _stored(value: dict[str, Any] | Collection[Any]) -> str:
    return orjson.dumps(value).decode()


def _sealed(held: dict[str, Any], seal: Seal) -> bytes | None:
    return seal.close(_stored(held)) if held["headers"] or held["secret"] else None


def _opened(sealed: bytes, seal: Seal) -> str:
    """Where the seal is broken, everything is typed in anew."""
    try:
        return seal.open(sealed)
    except SealBroken:
        return "{}"
