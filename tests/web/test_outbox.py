"""Letters reach a mail server once, whole, in the reader's language; whatever happens on the way."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.base.text import Name
from engine.notices import acts, outbox
from engine.notices.outbox import Addressee
from engine.notices.rules import Channel, How, State
from engine.notices.tables import deliveries
from engine.organisation.sign_in import choose_language
from engine.organisation.tables import persons
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.notices.told import code_of, reachable, told
from tests.web.mailbox import Mailbox, certificate, only, port_of, receiving, words_of
from web.outbox import mail, sending
from web.outbox.means import MailServer, Means, SenderMissing, SmtpUnfit, UrlUnfit
from web.outbox.sending import send_due
from web.outbox.wording import letter
from web.settings import Settings
from web.working.kinds import Tools
from web.working.rounds import Poller
from web.working.waking import ring

URL = "https://office.example"
SENDER = "officium@office.example"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def means(mailbox: Mailbox) -> Iterator[Means]:
    with receiving(mailbox) as server:
        yield Means(MailServer("127.0.0.1", port_of(server)), SENDER, URL)


@pytest.fixture
def li(database: Database, office: SmallOffice) -> SmallOffice:
    """Wants everything at once; the message with the code is out of the way."""
    with database.writing() as db:
        reachable(db, office, "li", How.AT_ONCE)
        db.execute(update(deliveries).values(state=State.SENT))
    return office


def _tell(database: Database, office: SmallOffice, *logins: str, **facts: Any) -> None:
    with database.writing() as db:
        told(db, office, *(logins or ("li",)), **facts)


def _states(database: Database) -> list[tuple[int, int]]:
    with database.reading() as db:
        query = select(deliveries.c.state, deliveries.c.tries).where(deliveries.c.channel == Channel.MAIL)
        return [(row.state, row.tries) for row in db.execute(query.order_by(deliveries.c.id))]


def test_a_letter_says_what_has_happened_and_where_to_look(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means
) -> None:
    _tell(database, li, why="The applicant Wang Fang forgot her identity number 1101")
    assert send_due(database, means) == 1
    assert send_due(database, means) == 0
    (letter,) = mailbox.letters
    assert letter["Subject"] == "BP-2026-00001: He Jun returned “Review the plans 审图” to you."
    assert letter["To"] == "Li Ming <li@office.example>"
    assert letter["From"] == f"Planning Bureau <{SENDER}>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@office.example>")
    assert mailbox.receivers == [["li@office.example"]]
    for kind in ("plain", "html"):
        words = mailbox.words(kind=kind)
        assert "BP-2026-00001" in words
        assert f"{URL}/tasks/7/2" in words
        assert f"{URL}/notices/wishes" in words
        assert "Wang Fang" not in words, "what was typed stays in the house"
        assert "1101" not in words


def test_a_digest_is_told_by_day_in_the_readers_own_language(
    database: Database, office: SmallOffice, mailbox: Mailbox, means: Means, clock: Clock
) -> None:
    with database.writing() as db:
        for login in ("li", "wang"):
            reachable(db, office, login)
        db.execute(update(deliveries).values(state=State.SENT))
        choose_language(db, by=office.actor(db, "wang"), language="zh")
    _tell(database, office, "li", "wang")
    clock.advance(hours=7)
    _tell(database, office, "li", "wang", kind="mentioned")
    assert send_due(database, means) == 0
    clock.advance(days=1)
    assert send_due(database, means) == 2
    letters = {letter["To"].addresses[0].username: letter for letter in mailbox.letters}
    english, chinese = (words_of(letters[login]) for login in ("li", "wang"))
    assert letters["li"]["Subject"] == "2 new notices"
    assert letters["wang"]["Subject"] == "2 条新通知"
    assert letters["wang"]["To"] == "王磊 <wang@office.example>"
    assert letters["wang"]["Content-Language"] == "zh-Hans"
    assert english.splitlines()[0] == "Monday 2 March 2026"
    assert "09:00 BP-2026-00001 He Jun returned “Review the plans 审图” to you." in english
    assert "16:00 BP-2026-00001 He Jun mentioned you in a note." in english
    assert chinese.splitlines()[0] == "2026年3月2日 星期一"
    assert "09:00 BP-2026-00001 何军将“Review the plans 审图”退回给您。" in chinese
    assert "16:00 BP-2026-00001 何军在备注中提到了您。" in chinese


def test_the_code_that_proves_an_address_is_sent_there(
    database: Database, office: SmallOffice, mailbox: Mailbox, means: Means
) -> None:
    with database.writing() as db:
        acts.give_address(db, by=office.actor(db, "li"), address="li@office.example")
        code = code_of(db, office, "li")
    assert send_due(database, means) == 1
    assert mailbox.letters[0]["Subject"] == f"Code for your address: {code}"
    assert code in mailbox.words()


@pytest.mark.parametrize(
    "name", ["Li\r\nBcc: all@office.example", "Li\nSubject: x", 'Li "Boss" <x@y.example>,', "李\u2028明"]
)
def test_a_name_makes_no_header(database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, name: str) -> None:
    with database.writing() as db:
        db.execute(update(persons).where(persons.c.login == "li").values(name_en=name))
        told(db, li, "li", who=Name(name, name), task=f"{name}\r\n\r\n<script>alert(1)</script>", number=name)
    assert send_due(database, means) == 1
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    assert len(letter.get_all("Subject", [])) == 1
    assert [one.addr_spec for one in letter["To"].addresses] == ["li@office.example"]
    assert mailbox.receivers == [["li@office.example"]]
    assert "<script>" not in mailbox.words(kind="html")
    assert "alert(1)" in mailbox.words(kind="html")


def test_a_server_that_refuses_gets_the_same_message_again(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    _tell(database, li)
    mailbox.refuses = "450 mailbox busy"
    with caplog.at_level(logging.WARNING, logger="officium.outbox"):
        assert send_due(database, means) == 0
    assert "450 mailbox busy" in caplog.text
    mailbox.refuses = None
    assert send_due(database, means) == 0, "not before its time"
    clock.advance(minutes=1)
    mailbox.answer = "451 disk full"
    assert send_due(database, means) == 0
    mailbox.answer = None
    clock.advance(minutes=5)
    assert send_due(database, means) == 1
    assert len(mailbox.letters) == 1
    assert _states(database) == [(State.SENT, 3)]


def test_one_letter_that_is_refused_keeps_no_other_waiting(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means
) -> None:
    with database.writing() as db:
        reachable(db, li, "wang", How.AT_ONCE)
        db.execute(update(deliveries).values(state=State.SENT))
        told(db, li, "li", "wang")
    takes = mailbox.handle_RCPT

    async def not_li(server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        return (
            "550 no such user"
            if address.startswith("li@")
            else await takes(server, session, envelope, address, options)
        )

    mailbox.handle_RCPT = not_li  # type: ignore[method-assign,assignment]
    assert send_due(database, means) == 1
    assert mailbox.receivers == [["wang@office.example"]]
    assert sorted(_states(database)) == [(State.WAITING, 1), (State.SENT, 1)]


def test_a_server_that_dies_with_the_letter_in_its_hands_may_get_it_twice_under_one_id(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, clock: Clock
) -> None:
    _tell(database, li)
    mailbox.drops = True
    assert send_due(database, means) == 0
    mailbox.drops = False
    clock.advance(minutes=1)
    assert send_due(database, means) == 1
    first, second = mailbox.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


def test_a_server_that_says_nothing_is_given_up_for_this_time(
    database: Database, li: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.outbox.sending.Postman", lambda server, sender: mail.Postman(server, sender, time_out=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _tell(database, li)
        assert send_due(database, Means(MailServer("127.0.0.1", silent.getsockname()[1]), SENDER, URL)) == 0
    assert _states(database) == [(State.WAITING, 1)]


@pytest.mark.parametrize("fault", ["looks up for ever", "drips"])
def test_a_server_that_is_never_quite_silent_is_given_up_too(
    database: Database, li: SmallOffice, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def hasty(server: MailServer, sender: str) -> mail.Postman:
        return mail.Postman(server, sender, time_out=0.4, whole=0.6)

    monkeypatch.setattr("web.outbox.sending.Postman", hasty)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            way, _from = server.accept()
            with way, suppress(OSError):
                while not over.wait(0.1):
                    way.sendall(b"2")

        if fault == "drips":
            threading.Thread(target=drip, daemon=True).start()
        else:
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: over.wait(60))
        _tell(database, li)
        since = time.monotonic()
        try:
            assert send_due(database, Means(MailServer("localhost", server.getsockname()[1]), SENDER, URL)) == 0
            assert time.monotonic() - since < 30, "whoever sends was held up"
        finally:
            over.set()
    assert _states(database) == [(State.WAITING, 1)]


def test_where_the_server_is_away_one_letter_is_tried_and_the_others_wait(database: Database, li: SmallOffice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for _ in range(5):
        with database.writing() as db:
            told(db, li, "li")
            outbox.sort(db, by_mail=True)
    assert send_due(database, Means(MailServer("127.0.0.1", port), SENDER, URL)) == 0
    assert sorted(tries for _state, tries in _states(database)) == [0, 0, 0, 0, 1]


def test_two_tickers_at_once_send_each_letter_once(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means
) -> None:
    with database.writing() as db:
        for login in ("wang", "chen", "zhao", "sun"):
            reachable(db, li, login, How.AT_ONCE)
        db.execute(update(deliveries).values(state=State.SENT))
    for _ in range(8):
        with database.writing() as db:
            told(db, li, "li", "wang", "chen", "zhao", "sun")
            outbox.sort(db, by_mail=True)
    together, now = Barrier(2), base_clock.now()

    def tick() -> int:
        with base_clock.reading(lambda: now):
            together.wait()
            return send_due(database, means)

    with ThreadPoolExecutor(2) as two:
        sent = [one.result() for one in [two.submit(tick), two.submit(tick)]]
    assert sum(sent) == len(mailbox.letters) == 40
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 40


def test_what_was_told_when_the_machine_died_is_sent_when_it_stands_again(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each step between the act's commit and the note that it is sent."""
    _tell(database, li)

    class Killed(BaseException):
        """Nobody catches it."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    for step in ("outbox.take", "outbox.addressee", "outbox.note_sent"):
        with monkeypatch.context() as patch:
            patch.setattr(f"web.outbox.sending.{step}", die)
            with pytest.raises(Killed):
                send_due(database, means)
        clock.advance(minutes=11)
    assert len(mailbox.letters) == 1, "it was sent before the last death"
    assert send_due(database, means) == 1
    assert send_due(database, means) == 0
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 1


_DIES_AFTER_SENDING = """
import os, sys
from engine.base.database import Database
from web.outbox import sending
from web.outbox.means import MailServer, Means

sending.outbox.note_sent = lambda *_: os.kill(os.getpid(), 9)
sending.send_due(Database(sys.argv[1]), Means(MailServer("127.0.0.1", int(sys.argv[2])), sys.argv[3], sys.argv[4]))
"""


def test_a_process_that_is_killed_with_the_letter_sent_and_not_noted_loses_nothing(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, clock: Clock
) -> None:
    _tell(database, li)
    assert means.server is not None
    url = database.engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", _DIES_AFTER_SENDING, url, str(means.server.port), SENDER, URL],
        cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert died.returncode == -9
    assert len(mailbox.letters) == 1
    clock.set(datetime.now(UTC))
    assert send_due(database, means) == 0, "somebody may still be at it"
    clock.advance(minutes=11)
    assert send_due(database, means) == 1
    first, second = mailbox.letters
    assert first.as_bytes() == second.as_bytes(), "the same message, so that it is shown once"
    with database.reading() as db:
        assert outbox.is_idle(db)


def test_one_letter_that_cannot_be_written_keeps_no_other_waiting(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        reachable(db, li, "wang", How.AT_ONCE)
        db.execute(update(deliveries).values(state=State.SENT))
        told(db, li, "li", "wang")

    def fails(to: Addressee, *more: Any, **named: Any) -> Any:
        return letter(to, *more, **named) if to.address.startswith("wang@") else 1 / 0

    monkeypatch.setattr(sending, "letter", fails)
    assert send_due(database, means) == 1
    assert sorted(_states(database)) == [(State.WAITING, 1), (State.SENT, 1)]


def test_the_ticking_server_sends_by_itself_and_stops_at_once(
    database: Database, li: SmallOffice, mailbox: Mailbox, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And after an act of this process without waiting for the next round."""
    monkeypatch.setattr("web.working.rounds._EVERY", 60.0)
    _tell(database, li)
    poller = Poller(database, Tools(means))
    poller.start()
    try:
        assert _until(lambda: len(mailbox.letters) == 1)
        _tell(database, li)
        time.sleep(0.2)
        assert len(mailbox.letters) == 1, "nothing rang"
        ring()
        assert _until(lambda: len(mailbox.letters) == 2)
    finally:
        poller.stop()
    assert not [one for one in threading.enumerate() if one.name.startswith("working")]


def _until(true: Callable[[], bool]) -> bool:
    for _ in range(500):
        if true():
            return True
        time.sleep(0.02)
    return False


def test_stopping_ends_between_two_letters(database: Database, li: SmallOffice, mailbox: Mailbox, means: Means) -> None:
    for _ in range(3):
        with database.writing() as db:
            told(db, li, "li")
            outbox.sort(db, by_mail=True)
    asked = iter([True, True, True, False])
    assert send_due(database, means, lambda: next(asked, False)) == 2
    assert len(mailbox.letters) == 2


def test_a_password_and_a_letter_go_only_through_a_connection_whose_certificate_fits(
    database: Database, li: SmallOffice, mailbox: Mailbox, tmp_path: Path, clock: Clock
) -> None:
    context, made = certificate(tmp_path)
    _tell(database, li)
    with receiving(
        mailbox,
        tls_context=context,
        require_starttls=True,
        authenticator=only("office", "a secret"),
        auth_required=True,
    ) as server:
        url = f"smtp://office:a%20secret@localhost:{port_of(server)}?starttls=1"
        assert send_due(database, Means(MailServer.from_url(url), SENDER, URL)) == 0, "signed by nobody we know"
        clock.advance(hours=1)
        assert send_due(database, Means(MailServer.from_url(f"{url}&ca={made}"), SENDER, URL)) == 1
        clock.advance(hours=1)
        _tell(database, li)
        wrong = url.replace("a%20secret", "guessed")
        assert send_due(database, Means(MailServer.from_url(f"{wrong}&ca={made}"), SENDER, URL)) == 0
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    "url", ["", "office.example", "http://office.example", "smtp://", "smtp://li:x@office.example", "smtp://h:port"]
)
def test_a_server_that_cannot_be_meant_is_told_at_the_start(url: str) -> None:
    with pytest.raises(SmtpUnfit):
        MailServer.from_url(url)


def test_what_an_installation_says_is_read_from_its_settings() -> None:
    given = {
        "OFFICIUM_SECRET": "x", "DATABASE_URL": "sqlite://", "OFFICIUM_URL": "https://office.example/",
        "OFFICIUM_SMTP": "smtps://li:p%40ss@mail.example", "OFFICIUM_MAIL_FROM": SENDER,
    }  # fmt: skip
    means = Means.from_settings(Settings.from_environment(given))
    assert means.server == MailServer("mail.example", 465, "li", "p@ss", tls=True)
    assert (means.sender, means.url) == (SENDER, URL)
    with pytest.raises(SenderMissing):
        Means.from_settings(Settings.from_environment({**given, "OFFICIUM_MAIL_FROM": ""}))
    with pytest.raises(UrlUnfit):
        Means.from_settings(Settings.from_environment({**given, "OFFICIUM_URL": "office.example"}))
    assert Means.from_settings(Settings.from_environment({**given, "OFFICIUM_SMTP": ""})).server is None


def test_no_thread_is_left_behind(database: Database, li: SmallOffice, means: Means) -> None:
    before = threading.active_count()
    _tell(database, li)
    send_due(database, means)
    assert threading.active_count() == before
