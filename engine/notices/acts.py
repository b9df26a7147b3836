"""What is told to whom, and what each person and the administrators choose about it.

A notice is written in the transaction of the act that it tells of: undone with it, kept with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.dialects import upserting
from engine.base.errors import NotFound
from engine.notices import rules
from engine.notices.kept import on_account, on_office
from engine.notices.reads import WEBHOOK, persons_of_post
from engine.notices.rules import Channel, Group, How, State
from engine.notices.tables import deliveries, notices, webhooks, wishes
from engine.organisation.rules import Actor, must_administer


def tell(
    db: Connection,
    *,
    persons: Collection[int],
    kind: str,
    facts: Mapping[str, Any],
    case_id: int | None = None,
    task_number: int | None = None,
    except_for: int | None = None,
) -> int:
    """One notice for each of them but `except_for`, who acted; to how many. For kinds and facts see words.py."""
    at = clock.now()
    told = orjson.dumps({name: rules.stored(value) for name, value in facts.items()}).decode()
    rows = [
        {
            "office_id": OFFICE,
            "person_id": person,
            "id": new_id(),
            "case_id": case_id,
            "at": at,
            "task_number": task_number,
            "kind": kind,
            "facts": told,
            "read_at": None,
            "sort_at": at,
            "sorted": False,
        }
        for person in sorted(set(persons) - {except_for})
    ]
    if rows:
        db.execute(insert(notices), rows)
    return len(rows)


def tell_post(
    db: Connection,
    *,
    post_id: int,
    kind: str,
    facts: Mapping[str, Any],
    case_id: int | None = None,
    task_number: int | None = None,
    except_for: int | None = None,
    procedure_id: int | None = None,
) -> int:
    """Whoever holds the post today, and whoever stands in for them: in that procedure, where one is named."""
    return tell(
        db, persons=persons_of_post(db, post_id, procedure_id), kind=kind, facts=facts, case_id=case_id,
        task_number=task_number, except_for=except_for,
    )  # fmt: skip


def tell_program(db: Connection, *, webhook_id: int, person_id: int, kind: str, facts: Mapping[str, Any]) -> bool:
    """To one program alone; with the person whose it is it stands as read. False where nothing is sent there any more."""
    if db.scalar(select(webhooks.c.id).where(webhooks.c.id == webhook_id, webhooks.c.removed_at.is_(None))) is None:
        return False
    at, made, message = clock.now(), new_id(), new_id()
    told = orjson.dumps({name: rules.stored(value) for name, value in facts.items()}).decode()
    db.execute(
        insert(notices).values(
            office_id=OFFICE, person_id=person_id, id=made, at=at, kind=kind, facts=told, read_at=at, sort_at=None,
            sorted=True,
        )
    )  # fmt: skip
    db.execute(
        insert(deliveries).values(
            id=message, made_at=at, next_try=at, webhook_id=webhook_id, channel=Channel.WEBHOOK, state=State.WAITING,
            tries=0, holds=orjson.dumps([[person_id, made]]).decode(),
            message_id=rules.message_id(message, secrets.token_hex(8)),
        )
    )  # fmt: skip
    return True


def mark_read(db: Connection, *, by: Actor, notice_id: int) -> None:
    """One of the person's own; once more does nothing."""
    db.execute(
        update(notices)
        .where(
            notices.c.office_id == OFFICE, notices.c.person_id == by.person_id, notices.c.id == notice_id,
            notices.c.read_at.is_(None),
        )
        .values(read_at=clock.now())
    )  # fmt: skip


def mark_all_read(db: Connection, *, by: Actor, up_to: int | None = None) -> int:
    """Those told up to the one named: what came while the page was read stays unread."""
    mine = [notices.c.office_id == OFFICE, notices.c.person_id == by.person_id, notices.c.read_at.is_(None)]
    if up_to is not None:
        mine.append(notices.c.id <= up_to)
    return db.execute(update(notices).where(*mine).values(read_at=clock.now())).rowcount


def choose_notices(db: Connection, *, by: Actor, hows: Mapping[Group, How], digest_hour: int) -> None:
    """How each group of kinds is sent to the person who chooses. Raises HourUnfit."""
    hour = rules.fit_hour(digest_hour)
    chosen = {group.value: hows.get(group, rules.USUAL[group]).value for group in Group}
    _keep_wishes(db, by, digest_hour=hour, hows=orjson.dumps(chosen).decode())
    on_account(db, by, "choose_notices", {"hows": chosen, "digest_hour": hour})


def give_address(db: Connection, *, by: Actor, address: str) -> None:
    """Sends a code there; only once that is typed in is anything else sent there. Raises AddressUnfit, CodeJustSent."""
    found, at = rules.fit_address(address), clock.now()
    until = db.scalar(select(wishes.c.code_until).where(wishes.c.person_id == by.person_id).with_for_update())
    if until is not None and at < until - rules.CODE_GOOD_FOR + rules.CODE_AGAIN_AFTER:
        raise rules.CodeJustSent(address=found)
    code = f"{secrets.randbelow(1_000_000):06d}"
    _keep_wishes(db, by, to_prove=found, code=code, code_until=at + rules.CODE_GOOD_FOR, code_tries=0)
    made = new_id()
    db.execute(
        insert(deliveries).values(
            id=made, made_at=at, next_try=at, person_id=by.person_id, channel=Channel.PROOF, state=State.WAITING,
            tries=0, holds="[]", message_id=rules.message_id(made, secrets.token_hex(8)),
        )
    )  # fmt: skip
    on_account(db, by, "give_address", {"address": found})


def prove_address(db: Connection, *, by: Actor, code: str) -> None:
    """Raises CodeWrong, CodeTooOld: keep the transaction then too, the wrong code is counted in it."""
    row = db.execute(select(wishes).where(wishes.c.person_id == by.person_id).with_for_update()).first()
    if row is None or row.code is None or row.code_tries >= rules.MOST_CODE_TRIES or clock.now() > row.code_until:
        raise rules.CodeTooOld()
    if not secrets.compare_digest("".join(code.split()).encode(), row.code.encode()):
        _keep_wishes(db, by, code_tries=row.code_tries + 1)
        raise rules.CodeWrong(most=rules.MOST_CODE_TRIES)
    _keep_wishes(db, by, address=row.to_prove, to_prove=None, code=None, code_until=None, code_tries=0)
    on_account(db, by, "prove_address", {"address": row.to_prove})


def forget_address(db: Connection, *, by: Actor) -> None:
    """Nothing is sent to the person any more."""
    _keep_wishes(db, by, address=None, to_prove=None, code=None, code_until=None, code_tries=0)
    on_account(db, by, "forget_address", {})


def _keep_wishes(db: Connection, by: Actor, **values: Any) -> None:
    """Two pages of one person may both be the first to say something."""
    usual = {"digest_hour": rules.DIGEST_HOUR, "hows": "{}", "code_tries": 0}
    first = upserting(db.dialect.name)(wishes).values({"person_id": by.person_id, **usual, **values})
    db.execute(first.on_conflict_do_update(index_elements=[wishes.c.person_id], set_=values))


def add_webhook(db: Connection, *, by: Actor, url: str, inside: bool = False) -> str:
    """The secret that what is sent is signed with; it is told this once. Raises WebhookUnfit, WebhookThere."""
    must_administer(by)
    found = rules.fit_webhook(url, inside=inside)
    if db.scalar(select(webhooks.c.id).where(webhooks.c.url == found, webhooks.c.removed_at.is_(None))) is not None:
        raise rules.WebhookThere(url=found)
    secret = secrets.token_urlsafe(32)
    made = db.execute(
        insert(webhooks).values(url=found, secret=secret, added_at=clock.now()).returning(webhooks.c.id)
    ).scalar_one()
    on_office(db, by, "add_webhook", {"webhook": made, "url": found})
    return secret


def remove_webhook(db: Connection, *, by: Actor, webhook_id: int) -> None:
    """What still waits to be sent there is not sent."""
    must_administer(by)
    removed = db.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook_id, webhooks.c.removed_at.is_(None))
        .values(removed_at=clock.now())
    )
    if removed.rowcount != 1:
        raise NotFound(what=WEBHOOK)
    on_office(db, by, "remove_webhook", {"webhook": webhook_id})


def try_again(db: Connection, *, by: Actor, delivery_id: int | None = None) -> int:
    """What was given up is sent anew, as the same message: the one named, or all of them."""
    must_administer(by)
    chosen = [deliveries.c.state == State.GIVEN_UP]
    if delivery_id is not None:
        chosen.append(deliveries.c.id == delivery_id)
    found = db.execute(
        update(deliveries).where(*chosen).values(state=State.WAITING, tries=0, next_try=clock.now())
    ).rowcount  # fmt: skip
    on_office(db, by, "try_again", {"deliveries": found, "delivery": delivery_id})
    return found
