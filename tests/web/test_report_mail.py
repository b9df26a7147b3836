"""A weekly report goes by mail to who is told of it, as PDF, and to nobody who may not see it any more."""

from __future__ import annotations

from sqlalchemy import select, update

from engine.base.database import Database
from engine.notices.rules import How, State
from engine.notices.tables import deliveries
from engine.organisation import acts as organisation
from engine.organisation.tables import holdings
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.notices.told import reachable
from tests.web.mailbox import Mailbox, port_of, receiving
from tests.worlds import begun, in_force
from web.outbox.means import MailServer, Means
from web.outbox.sending import send_due
from web.working.kinds import always
from web.working.watching import make_reports


def test_it_is_in_the_letter_and_not_for_who_left_the_post(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        begun(db, office, in_force(db, office))
        for login in ("zhou", "sun"):
            reachable(db, office, login, How.AT_ONCE)
        db.execute(update(deliveries).values(state=State.SENT))
    clock.advance(days=7)
    assert make_reports(database, always)
    with database.writing() as db:
        held = db.scalar(select(holdings.c.id).where(holdings.c.person_id == office.persons["sun"]))
        organisation.end_holding(db, by=None, holding_id=held or 0)
    clock.advance(days=1)
    mailbox = Mailbox()
    with receiving(mailbox) as server:
        means = Means(MailServer("127.0.0.1", port_of(server)), "officium@office.example", "https://office.example")
        assert send_due(database, means) == 2
    letters = {one["To"].addresses[0].username: one for one in mailbox.letters}
    attached = list(letters["zhou"].iter_attachments())
    assert {one.get_content_type() for one in attached} == {"application/pdf"}
    assert all(one.get_content().startswith(b"%PDF") for one in attached)
    plain = letters["zhou"].get_body(("plain",))
    assert plain is not None
    assert "https://office.example/watch/reports/" in plain.get_content()
    assert list(letters["sun"].iter_attachments()) == []
