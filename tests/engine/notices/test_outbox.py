"""What is to be sent: made once, taken by one sender at a time, tried again, given up in the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.base.text import Name
from engine.notices import acts, outbox, reads, rules
from engine.notices.outbox import Taken
from engine.notices.rules import Channel, Group, How, State
from engine.notices.tables import deliveries, notices
from engine.organisation import acts as organisation
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.notices.told import code_of, reachable, told

LETTERS = (Channel.MAIL, Channel.PROOF)


def _sort(database: Database, *, by_mail: bool = True) -> int:
    with database.writing() as db:
        return outbox.sort(db, by_mail=by_mail)


def _made(database: Database) -> list[Any]:
    """But those that prove an address."""
    with database.reading() as db:
        query = select(deliveries).where(deliveries.c.channel != Channel.PROOF).order_by(deliveries.c.id)
        return list(db.execute(query).all())


def _take(database: Database, *channels: Channel) -> Taken | None:
    with database.writing() as db:
        return outbox.take(db, channels=channels or tuple(Channel))


@pytest.fixture
def li(database: Database, office: SmallOffice) -> int:
    """Wants everything at once; the message with the code is out of the way."""
    with database.writing() as db:
        reachable(db, office, "li", How.AT_ONCE)
        db.execute(update(deliveries).values(state=State.SENT))
    return office.persons["li"]


def test_who_gave_no_address_is_not_written_to(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        told(db, office, "wang")
    assert _sort(database) == 1
    assert _made(database) == []
    assert _sort(database) == 0


def test_at_once_is_one_letter_with_all_that_was_told_since(database: Database, office: SmallOffice, li: int) -> None:
    with database.writing() as db:
        told(db, office, "li", "wang")
        told(db, office, "li", kind="urged")
    _sort(database)
    _sort(database)
    (made,) = _made(database)
    assert (made.person_id, made.channel, made.state, made.tries) == (li, Channel.MAIL, State.WAITING, 0)
    taken = _take(database)
    assert taken is not None
    with database.reading() as db:
        assert [one.kind for one in outbox.contents(db, taken)] == ["returned", "urged"]
        to = outbox.addressee(db, taken)
    assert to is not None
    assert to.address == "li@office.example"


def test_without_a_mail_server_nothing_piles_up(database: Database, office: SmallOffice, li: int) -> None:
    with database.writing() as db:
        told(db, office, "li")
    assert _sort(database, by_mail=False) == 1
    assert _made(database) == []
    with database.reading() as db:
        assert outbox.is_idle(db)


def test_a_digest_comes_at_its_hour_once_and_holds_what_is_still_unread(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Nine in the morning; the digest is at eight."""
    with database.writing() as db:
        reachable(db, office, "li")
        db.execute(update(deliveries).values(state=State.SENT))
        for kind in ("returned", "urged", "copied"):
            told(db, office, "li", kind=kind)
    _sort(database)
    clock.advance(hours=22, minutes=59)
    _sort(database)
    assert _made(database) == []
    with database.writing() as db:
        actor = office.actor(db, "li")
        newest = reads.page(db, actor=actor, is_read=False)[0]
        acts.mark_read(db, by=actor, notice_id=newest.id)
    clock.advance(minutes=1)
    _sort(database)
    _sort(database)
    (made,) = _made(database)
    taken = _take(database)
    assert taken is not None
    with database.reading() as db:
        assert [one.kind for one in outbox.contents(db, taken)] == ["returned", "urged"]
    assert made.made_at == BEGINNING + timedelta(hours=23)
    clock.advance(days=1)
    assert _sort(database) == 0


def test_a_digest_of_nothing_unread_is_not_sent(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        reachable(db, office, "li")
        told(db, office, "li")
    _sort(database)
    with database.writing() as db:
        acts.mark_all_read(db, by=office.actor(db, "li"))
    clock.advance(days=2)
    _sort(database)
    assert _made(database) == []


def test_whoever_changes_their_mind_before_the_hour_gets_no_digest(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        reachable(db, office, "li")
        told(db, office, "li")
    _sort(database)
    with database.writing() as db:
        acts.choose_notices(db, by=office.actor(db, "li"), hows=dict.fromkeys(Group, How.NOT), digest_hour=8)
    clock.advance(days=2)
    _sort(database)
    assert _made(database) == []


def test_each_group_goes_its_own_way(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        reachable(db, office, "li")
        acts.choose_notices(
            db, by=office.actor(db, "li"), hows={Group.URGENT: How.AT_ONCE, Group.COURSE: How.NOT}, digest_hour=8
        )
        for kind in ("urged", "returned", "cancelled"):
            told(db, office, "li", kind=kind)
    _sort(database)
    (made,) = _made(database)
    assert made.holds.count("[") == 2
    with database.reading() as db:
        by_kind = {row.kind: row.sort_at for row in db.execute(select(notices.c.kind, notices.c.sort_at))}
    assert (by_kind["urged"], by_kind["cancelled"]) == (None, None)
    assert by_kind["returned"] is not None


def test_a_message_is_taken_by_one_of_two_who_ask_at_once(database: Database, office: SmallOffice, li: int) -> None:
    with database.writing() as db:
        for _ in range(20):
            told(db, office, "li")
            outbox.sort(db, by_mail=True)
    together = Barrier(2)
    now = base_clock.now()

    def ask() -> list[int]:
        found = []
        with base_clock.reading(lambda: now):
            together.wait()
            while (taken := _take(database)) is not None:
                found.append(taken.id)
        return found

    with ThreadPoolExecutor(2) as two:
        mine, theirs = (one.result() for one in [two.submit(ask), two.submit(ask)])
    assert len(mine) + len(theirs) == len({*mine, *theirs}) == 20


def test_two_who_sort_at_once_make_one_digest_and_one_letter(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        for login in ("li", "wang"):
            reachable(db, office, login)
        reachable(db, office, "sun", How.AT_ONCE)
        for _ in range(40):
            told(db, office, "li", "wang")
    _sort(database)
    clock.advance(days=1)
    with database.writing() as db:
        acts.tell(db, persons=[office.persons["sun"]], kind="urged", facts={})
    together = Barrier(2)
    now = base_clock.now()

    def sort() -> None:
        with base_clock.reading(lambda: now):
            together.wait()
            while _sort(database):
                pass

    with ThreadPoolExecutor(2) as two:
        for one in [two.submit(sort), two.submit(sort)]:
            one.result()
    made = _made(database)
    assert sorted(one.person_id for one in made) == sorted(office.persons[login] for login in ("li", "wang", "sun"))
    assert sorted(one.holds.count("[") - 1 for one in made) == [1, 40, 40]


def _failing(database: Database, clock: Clock) -> Iterator[timedelta]:
    """How long after each failure it is taken again."""
    while (taken := _take(database)) is not None:
        with database.writing() as db:
            again = outbox.note_failed(db, taken, "421 come back later")
        failed = clock.now()
        if not again:
            return
        while _take_is_due(database) is False:
            clock.advance(seconds=30)
        yield clock.now() - failed


def _take_is_due(database: Database) -> bool:
    with database.reading() as db:
        return not outbox.is_idle(db)


def test_what_fails_is_tried_again_ever_later_and_then_given_up(
    database: Database, office: SmallOffice, li: int, clock: Clock
) -> None:
    with database.writing() as db:
        told(db, office, "li")
    _sort(database)
    waits = list(_failing(database, clock))
    assert waits == [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
    with database.reading() as db:
        (given_up,) = reads.undelivered(db, by=office.actor(db, "guo"))
    assert (given_up.person, given_up.fault, given_up.tries) == (
        Name("Li Ming", "李明"),
        "421 come back later",
        6,
    )
    assert _take(database) is None
    with database.writing() as db:
        assert acts.try_again(db, by=office.actor(db, "guo"), delivery_id=given_up.id) == 1
        assert reads.undelivered(db, by=office.actor(db, "guo")) == ()
    taken = _take(database)
    assert taken is not None
    assert taken.tries == 1


def test_the_same_message_keeps_its_id_at_every_try(
    database: Database, office: SmallOffice, li: int, clock: Clock
) -> None:
    with database.writing() as db:
        told(db, office, "li")
    _sort(database)
    first = _take(database)
    assert first is not None
    assert _take(database) is None, "it is in somebody's hands"
    clock.advance(minutes=11)  # who took it is gone
    second = _take(database)
    assert second is not None
    assert (second.id, second.message_id, second.tries) == (first.id, first.message_id, 2)
    with database.writing() as db:
        outbox.note_failed(db, first, "too late")
        assert db.scalar(select(deliveries.c.fault).where(deliveries.c.id == first.id)) is None
        outbox.note_sent(db, second)
        outbox.note_failed(db, second, "never")
    assert _made(database)[0].state == State.SENT


def test_ids_of_messages_are_never_alike(database: Database, office: SmallOffice, li: int) -> None:
    with database.writing() as db:
        for _ in range(50):
            told(db, office, "li")
            outbox.sort(db, by_mail=True)
    ids = [one.message_id for one in _made(database)]
    assert len(ids) == len(set(ids)) == 50
    assert all(one.isascii() and " " not in one and "@" not in one for one in ids)


def test_nobody_writes_to_somebody_who_has_left(database: Database, office: SmallOffice, li: int, clock: Clock) -> None:
    with database.writing() as db:
        told(db, office, "li")
    _sort(database)
    with database.writing() as db:
        organisation.person_leaves(db, by=office.actor(db, "guo"), person_id=li)
    clock.advance(days=1)
    taken = _take(database)
    assert taken is not None
    with database.reading() as db:
        assert outbox.addressee(db, taken) is None


def test_a_code_goes_to_the_address_that_is_to_be_proved_and_an_older_one_nowhere(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        actor = office.actor(db, "li")
        acts.give_address(db, by=actor, address="old@office.example")
        clock.advance(minutes=5)
        acts.give_address(db, by=actor, address="new@office.example")
        code = code_of(db, office, "li")
    older, newer = _take(database, *LETTERS), _take(database, *LETTERS)
    assert older is not None
    assert newer is not None
    with database.reading() as db:
        assert outbox.addressee(db, older) is None
        found = outbox.addressee(db, newer)
    assert found is not None
    assert (found.address, found.code) == ("new@office.example", code)


def test_every_program_gets_every_notice_once(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        guo = office.actor(db, "guo")
        for name in ("a", "b", "c"):
            acts.add_webhook(db, by=guo, url=f"https://{name}.example/hook")
        gone = reads.webhooks_in_use(db, by=guo)[2]
        acts.remove_webhook(db, by=guo, webhook_id=gone.id)
        for _ in range(60):
            told(db, office, "li", "wang")
    while _sort(database, by_mail=False):
        pass
    sent: dict[int | None, list[tuple[int, int]]] = {}
    while (taken := _take(database)) is not None:
        sent.setdefault(taken.webhook_id, []).extend(taken.holds)
        assert len(taken.holds) <= 100
    assert len(sent) == 2
    for held in sent.values():
        assert len(held) == len(set(held)) == 120


def test_a_program_that_was_silent_is_passed_over_for_others(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        guo = office.actor(db, "guo")
        for name in ("a", "b"):
            acts.add_webhook(db, by=guo, url=f"https://{name}.example/hook")
        told(db, office, "li")
    _sort(database, by_mail=False)
    first = _take(database)
    assert first is not None
    with database.writing() as db:
        other = outbox.take(db, channels=(Channel.WEBHOOK,), but_webhooks={first.webhook_id or 0})
        assert other is not None
        assert other.webhook_id != first.webhook_id
        assert outbox.take(db, channels=(Channel.WEBHOOK,), but_webhooks={1, 2}) is None


def test_asking_whether_there_is_anything_writes_nothing(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        assert outbox.is_idle(db)
    with database.writing() as db:
        told(db, office, "li")
    with database.reading() as db:
        assert not outbox.is_idle(db)


def test_the_last_wait_is_the_last(database: Database) -> None:
    assert [one.total_seconds() / 60 for one in rules.AFTER_FAILING] == [1, 5, 30, 120, 720]
