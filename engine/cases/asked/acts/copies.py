"""Copies for information: sent with a word, read by each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, or_, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.text import Text
from engine.cases.acts.moving import CASE_COLUMNS, Note, keep_note
from engine.cases.asked import people, rules
from engine.cases.asked.acts.beginning import workable_step
from engine.cases.asked.tables import copies, copies_read
from engine.cases.tables import cases
from engine.notices import acts as notices
from engine.organisation.rules import Actor

COPY = Text("copy", "抄送件")


def send_copy(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    whom: Sequence[str],
    words: str,
    receipt: bytes | None = None,
) -> None:
    """From now on they may see the case; nothing is asked of them. Raises MoveSwitchedOff, NobodyChosen, NobodyToAsk."""
    held = workable_step(db, by, case_id, number, "copy")
    mine = copies.c.office_id == OFFICE, copies.c.case_id == case_id
    if receipt is not None and db.scalar(
        select(func.count()).where(*mine, copies.c.sent_by == by.person_id, copies.c.receipt == receipt)
    ):
        return
    chosen, cleaned = people.chosen(db, whom), rules.fit_words(words)
    first = (db.scalar(select(func.max(copies.c.number)).where(*mine)) or 0) + 1
    at = clock.now()
    db.execute(
        insert(copies),
        [
            {
                "office_id": OFFICE, "case_id": case_id, "number": first + place, "person_id": one.person_id,
                "post_id": one.post_id if one.person_id is None else None, "of_task": number,
                "sent_by": by.person_id, "at": at, "words": cleaned, "receipt": receipt,
            }
            for place, one in enumerate(chosen)
        ],
    )  # fmt: skip
    told = {holder for one in chosen for holder in ({one.person_id} if one.person_id is not None else one.holders)}
    notices.tell(
        db, persons=told, kind="copied", facts={"who": by.name, "why": cleaned}, case_id=case_id,
        except_for=by.person_id,
    )  # fmt: skip
    facts = {
        "task": number, "element": held.task.element, "note": cleaned,
        "whom": [[one.post_id, one.person_id] for one in chosen],
    }  # fmt: skip
    keep_note(db, held.task, Note("send_copy", by, held.hand.post_id, facts))


def read_copy(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    """Also after the case has ended; once more does nothing. Raises NotFound where it was not sent to the person."""
    case = db.execute(
        select(*CASE_COLUMNS).where(cases.c.office_id == OFFICE, cases.c.id == case_id).with_for_update()
    ).first()
    mine = or_(copies.c.person_id == by.person_id, copies.c.post_id.in_(by.post_ids))
    sent = select(copies.c.number).where(
        copies.c.office_id == OFFICE, copies.c.case_id == case_id, copies.c.number == number, mine
    )
    if case is None or db.scalar(sent) is None:
        raise NotFound(what=COPY)
    read = (
        copies_read.c.office_id == OFFICE, copies_read.c.person_id == by.person_id, copies_read.c.case_id == case_id,
        copies_read.c.number == number,
    )  # fmt: skip
    if db.scalar(select(func.count()).where(*read)):
        return
    db.execute(
        insert(copies_read).values(
            office_id=OFFICE, person_id=by.person_id, case_id=case_id, number=number, at=clock.now()
        )
    )
    keep_note(db, case, Note("read_copy", by, None, {"copy": number}))
