"""The administrators' page of background work, health, figures, and what is shown while the database is away."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Blueprint, g
from sqlalchemy import event, text, update
from sqlalchemy.exc import OperationalError

from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.text import Text
from engine.cases.tables import cases
from engine.organisation import acts as organisation
from engine.records.verify import first_broken
from engine.working import kept, reads
from engine.working.rules import Kind
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import border, end, line, source, start, timer, user
from tests.web.conftest import SETTINGS, Opened, Rooms
from tests.worlds import begun, every_head, in_force
from web.guard import public
from web.settings import Settings
from web.working.draining import drain
from web.working.kinds import Errand, Handler, Tools
from web.working.registry import ERRANDS, HANDLERS
from web.working.rounds import Poller, Pulse, run_errand, tick

LATE = source(
    start(), user("work"), border("bell", "work", timer("P1D")), user("late"), end(),
    line("s", "work", "e"), line("bell", "late", "e"),
)  # fmt: skip


class OutOfPaper(Refusal):
    """The printer has no paper."""

    zh = "打印机缺纸。"


def _timed(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, LATE, owners={"process:p": "clerk"})
        return begun(db, rooms.office, procedure_id).case_id


def _broken(rooms: Rooms) -> int:
    case_id = _timed(rooms)
    with rooms.database.writing() as db:
        db.execute(update(cases).where(cases.c.id == case_id).values(state=b"rubbish"))
    return case_id


def test_administrators_alone_see_it_and_find_it_in_their_menu(rooms: Rooms) -> None:
    for login, status in (("guo", 200), ("li", 403), ("he", 403)):
        assert rooms.visitor(login).get("/background/").status_code == status, login
    assert 'href="/background/"' in rooms.visitor("guo").get("/").text
    assert 'href="/background/"' not in rooms.visitor("li").get("/").text


def test_what_could_not_be_done_is_shown_with_its_sentence_and_tried_again_when_asked(
    rooms: Rooms, clock: Clock
) -> None:
    case_id = _broken(rooms)
    clock.advance(days=1, minutes=10)
    assert tick(rooms.database) == 0
    guo = rooms.visitor("guo")
    page = guo.get("/background/").text
    assert str(case_id) in page
    with rooms.database.reading() as db:
        (trouble,) = reads.in_trouble(db)
    assert trouble.fault.en in page
    assert trouble.tries == 1
    with rooms.database.writing() as db:
        other = begun(db, rooms.office, _procedure(rooms)).case_id
        state = db.scalar(text("SELECT state FROM cases WHERE id = :id").bindparams(id=other))
        db.execute(update(cases).where(cases.c.id == case_id).values(state=state))
    assert tick(rooms.database) == 0, "it rests"
    answer = guo.post("/background/again", {"handler": "timers", "key": trouble.key})
    assert answer.status_code == 303
    assert tick(rooms.database) == 1
    assert "Nothing has failed" in guo.get("/background/").text
    with rooms.database.reading() as db:
        assert first_broken(db, every_head(db)) is None


def _procedure(rooms: Rooms) -> int:
    with rooms.database.reading() as db:
        found: int = db.execute(text("SELECT id FROM procedures")).scalar_one()
        return found


def test_nobody_else_may_have_it_tried_again(rooms: Rooms) -> None:
    assert rooms.visitor("li").post("/background/again").status_code == 403


def test_the_page_says_what_each_has_done_and_who_is_at_work_in_both_languages(rooms: Rooms, clock: Clock) -> None:
    _timed(rooms)
    clock.advance(days=2)
    Pulse(rooms.database, Kind.EMBEDDED).beat()
    assert tick(rooms.database) == 1
    guo = rooms.visitor("guo")
    page = guo.get("/background/").text
    assert "Timers of cases" in page
    assert "1 done" in page
    assert "beside the pages" in page
    assert "Nobody is at work" not in page
    guo.post("/language", {"language": "zh"})
    page = guo.get("/background/").text
    assert "后台工作" in page
    assert "办件定时" in page
    clock.advance(minutes=5)
    assert "无人处理" in guo.get("/background/").text, (
        "of those that have long been silent nothing is said to be at work"
    )


def test_health_tells_what_a_watcher_needs_and_nothing_of_a_case(rooms: Rooms, clock: Clock) -> None:
    visitor = rooms.visitor()
    told: Any = visitor.get("/health").get_json()
    assert told == {
        "live": True, "ready": True, "database": True, "migrations": True,
        "work": {"processes": 0, "last_seen": None, "troubles": 0, "late": {}},
    }  # fmt: skip
    _timed(rooms)
    Pulse(rooms.database, Kind.EMBEDDED).beat()
    clock.advance(days=1, hours=2)
    told = visitor.get("/health").get_json()
    assert told["work"]["late"] == {"timers": 3600}
    assert told["work"]["last_seen"] == 26 * 3600
    tick(rooms.database)
    assert visitor.get("/health").get_json()["work"]["late"] == {}


class Away:
    """The database does not answer: every statement fails as it would."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._fail)

    def __exit__(self, *_: Any) -> None:
        event.remove(self._engine, "before_cursor_execute", self._fail)

    def _fail(self, *_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))


def test_without_its_database_it_lives_and_is_not_ready(rooms: Rooms) -> None:
    visitor = rooms.visitor()
    with Away(rooms.database):
        assert visitor.get("/health/live").get_json() == {"live": True}
        answer = visitor.get("/health")
        assert answer.status_code == 503
        assert answer.get_json() == {"live": True, "ready": False, "database": False, "migrations": False}
        assert answer.headers["Retry-After"]
    assert visitor.get("/health").status_code == 200


def test_a_database_that_was_not_upgraded_is_not_ready(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = rooms.visitor().get("/health")
    assert answer.status_code == 503
    assert answer.get_json()["migrations"] is False


SCRAPED = Settings(
    secret="for tests only",
    sign_ins="1000 per minute",
    metrics_token="a long token",
    metrics_from=(ip_network("10.1.0.0/16"),),
)


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "192.0.2.1", 403),
        ({"Authorization": "Bearer a long token"}, "192.0.2.1", 200),
        ({"Authorization": "Bearer another"}, "192.0.2.1", 403),
        ({"Authorization": "Basic a long token"}, "192.0.2.1", 403),
        ({}, "10.1.2.3", 200),
        ({}, "10.2.2.3", 403),
    ],
)
def test_figures_are_for_those_who_hold_the_token_or_ask_from_where_it_is_allowed(
    opened: Opened, headers: dict[str, str], address: str, status: int
) -> None:
    visitor = opened(_working(), settings=SCRAPED)
    answer = visitor.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def _working() -> Blueprint:
    from web.working.served import room  # noqa: PLC0415  other tests open it with all rooms

    return room


def test_without_a_token_and_addresses_nobody_reads_the_figures(rooms: Rooms) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}):
        assert rooms.visitor().get("/metrics", headers=headers).status_code == 403


def test_figures_are_as_the_rows_say(opened: Opened, database: Database, small: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, small, LATE, owners={"process:p": "clerk"})
        for _ in range(3):
            begun(db, small, procedure_id)
    clock.advance(days=1, minutes=2)
    visitor = opened(_working(), settings=SCRAPED)
    assert _figures(visitor)['officium_work_due{handler="timers"}'] == 3
    clock.advance(minutes=10)
    assert _figures(visitor)['officium_work_late{handler="timers"}'] == 3
    assert tick(database) == 3
    found = _figures(visitor)
    assert found['officium_work_due{handler="timers"}'] == 0
    assert found['officium_work_done_total{handler="timers"}'] == 3
    assert found["officium_incidents_open"] == 0
    assert found['officium_work_last_timestamp_seconds{handler="timers"}'] == clock.now().timestamp()


def _figures(visitor: Any) -> dict[str, float]:
    page = visitor.get("/metrics", headers={"Authorization": "Bearer a long token"}).text
    told = (one.rpartition(" ") for one in page.splitlines() if not one.startswith("#"))
    return {name: float(figure) for name, _, figure in told}


# What cannot be done


@pytest.fixture
def attempts(small: SmallOffice) -> list[int]:
    return []


def _handler(attempts: list[int], due: list[int], fault: Exception | None) -> Handler:
    def do(_db: Any, key: int) -> bool:
        attempts.append(key)
        if fault is not None and key == 7:
            raise fault
        due.remove(key)
        return True

    return Handler("printing", Text("Printing", "打印"), lambda _db, _at, limit: tuple(due[:limit]), do)


@pytest.mark.parametrize(
    ("fault", "en", "zh"),
    [
        (OutOfPaper(), "The printer has no paper.", "打印机缺纸。"),
        (ValueError("no ink\nand more"), "ValueError: no ink", "ValueError: no ink"),
    ],
)
def test_what_fails_rests_longer_each_time_keeps_nothing_waiting_and_is_forgotten_once_done(
    database: Database, clock: Clock, attempts: list[int], fault: Exception, en: str, zh: str
) -> None:
    due = [7, 8]
    failing, sound = _handler(attempts, due, fault), _handler(attempts, due, None)
    assert drain(database, failing).done == 1
    assert attempts == [7, 8]
    waits = []
    for _ in range(5):
        with database.reading() as db:
            (trouble,) = reads.in_trouble(db)
        assert (trouble.fault.en, trouble.fault.zh) == (en, zh)
        waits.append(trouble.next_at - clock.now())
        clock.set(trouble.next_at - timedelta(milliseconds=1))
        assert drain(database, failing).faults == 0, "it rests until then"
        clock.set(trouble.next_at)
        assert drain(database, failing).faults == 1
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] == timedelta(hours=1)
    clock.advance(hours=1)
    assert drain(database, sound).done == 1
    with database.reading() as db:
        assert reads.in_trouble(db) == ()


def test_what_needs_not_be_done_any_more_is_no_trouble_any_more(
    database: Database, clock: Clock, attempts: list[int]
) -> None:
    due = [7]
    drain(database, _handler(attempts, due, ValueError()))
    due.clear()
    clock.advance(hours=1)
    drain(database, _handler(attempts, due, None))
    with database.reading() as db:
        assert reads.in_trouble(db) == ()


def test_an_errand_with_a_pace_is_run_by_one_process_at_a_time_and_at_its_pace(
    database: Database, small: SmallOffice, clock: Clock
) -> None:
    ran: list[str] = []

    def run(_tools: Tools, among: Database, _going_on: Any) -> int:
        ran.append("report")
        assert run_errand(among, report, Tools(), process="another").done == 0, "while one is at it no other begins"
        return 1

    report = Errand("report", Text("Report", "报告"), run, every=timedelta(hours=1))
    assert run_errand(database, report, Tools(), process="one").done == 1
    clock.advance(minutes=59)
    assert run_errand(database, report, Tools(), process="another").done == 0
    clock.advance(minutes=1)
    assert run_errand(database, report, Tools(), process="another").done == 1
    assert len(ran) == 2


def test_an_errand_whose_process_was_killed_is_taken_over(database: Database, small: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        hour = timedelta(hours=1)
        assert kept.take_turn(db, name="report", process="killed", every=hour, lease=timedelta(minutes=90))
    report = Errand("report", Text("Report", "报告"), lambda *_: 1, every=hour)
    clock.advance(minutes=61)
    assert run_errand(database, report, Tools()).done == 0, "it may be at it still"
    clock.advance(minutes=30)
    assert run_errand(database, report, Tools()).done == 1


def test_a_fault_of_one_errand_or_handler_keeps_no_other_from_its_work(
    rooms: Rooms, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("a fault of the program")

    broken = Handler("broken", Text("Broken", "损坏"), fails, fails)
    monkeypatch.setattr("web.working.rounds.HANDLERS", (broken, *HANDLERS))
    monkeypatch.setattr("web.working.rounds.ERRANDS", (Errand("broken too", Text("", ""), fails), *ERRANDS))
    _timed(rooms)
    clock.advance(days=2)
    assert tick(rooms.database) == 1
    with rooms.database.reading() as db:
        assert reads.told(db)["broken"].faults == 1
        assert reads.told(db)["broken too"].faults == 1


def test_what_cannot_be_looked_up_between_two_rounds_ends_no_thread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Semaphore(0)

    def fails(*_: Any) -> Any:
        asked.release()
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr("web.working.rounds.HANDLERS", (Handler("broken", Text("Broken", "损坏"), fails, fails),))
    monkeypatch.setattr("web.working.rounds.ERRANDS", ())
    monkeypatch.setattr("web.working.rounds._EVERY", 0.01)
    poller = Poller(database)
    poller.start()
    try:
        assert all(asked.acquire(timeout=60) for _ in range(6)), "in the round, and before the next one"
    finally:
        poller.stop()


# While the database is away


def _failing() -> Blueprint:
    room = Blueprint("test", __name__)

    @room.post("/writes")
    @public
    def writes() -> str:
        organisation.add_department(g.db, by=None, code="kept", name_en="Kept", name_zh="部门")
        return "done"

    return room


def test_what_was_typed_stands_on_the_page_that_says_the_database_is_away_and_can_be_sent_from_there(
    opened: Opened, database: Database
) -> None:
    visitor = opened(_failing())
    typed = {"note": 'two\nlines <b>"quoted"</b>', "ways": ["left", "right"]}
    token = visitor.token()
    with Away(database):
        page = visitor.client.post("/writes?part=2", data={"csrf_token": token, **typed})
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert "Nothing was done" in page.text
    assert 'action="/writes?part=2"' in page.text
    assert "two\nlines &lt;b&gt;&#34;quoted&#34;&lt;/b&gt;</textarea>" in page.text
    assert re.findall(r'name="ways" hidden>\n(\w+)<', page.text) == ["left", "right"]
    sent = re.search(r'name="csrf_token" value="([^"]+)"', page.text[page.text.index('action="/writes') :])
    assert sent is not None
    assert visitor.client.post("/writes?part=2", data={"csrf_token": sent[1], **typed}).status_code == 200


def test_it_says_so_in_chinese_too(opened: Opened, database: Database) -> None:
    visitor = opened(_failing())
    token = visitor.token()
    with Away(database):
        sent = {"csrf_token": token, "note": "x"}
        page = visitor.client.post("/writes", data=sent, headers={"Accept-Language": "zh-CN"})
    assert "数据库" in page.text
    assert "重新提交" in page.text


def test_a_password_stands_on_no_page(opened: Opened, database: Database) -> None:
    visitor = opened()
    token = visitor.token()
    with Away(database):
        page = visitor.client.post("/sign-in", data={"csrf_token": token, "login": "li", "password": "a secret"})
    assert page.status_code == 503
    assert "a secret" not in page.text


def test_what_broke_off_while_it_was_being_kept_is_not_said_to_be_undone(
    opened: Opened, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = opened(_failing())
    token = visitor.token()

    def fail(_db: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    event.listen(database.engine, "commit", fail)
    try:
        page = visitor.client.post("/writes", data={"csrf_token": token, "note": "x"})
    finally:
        event.remove(database.engine, "commit", fail)
    assert page.status_code == 503
    assert "Perhaps not kept" in page.text
    assert "Nothing was done" not in page.text


def test_settings_name_who_works_and_who_reads_the_figures() -> None:
    found = Settings.from_environment(
        {
            "OFFICIUM_SECRET": "s", "DATABASE_URL": "sqlite://", "OFFICIUM_WORK": "Workers",
            "OFFICIUM_METRICS_TOKEN": "t", "OFFICIUM_METRICS_FROM": "127.0.0.1 fd00::/8",
        }
    )  # fmt: skip
    assert found.work == "workers"
    assert [str(one) for one in found.metrics_from] == ["127.0.0.1/32", "fd00::/8"]
    assert SETTINGS.work == "embedded"
