"""The bell, the page of notices, “My notices by e-mail”, and what administrators see of the sending."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select, update

from engine.base.database import new_id
from engine.notices import acts, reads
from engine.notices.reads import Notice
from engine.notices.rules import Channel, Group, How, State
from engine.notices.tables import deliveries, notices
from engine.organisation.tables import sessions
from tests.conftest import BEGINNING, Clock
from tests.counting import counting
from tests.engine.notices.told import code_of, told
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web.outbox.paths import WISHES, path_of


@pytest.fixture
def case_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return begun(db, rooms.office, in_force(db, rooms.office)).case_id


def _tell(rooms: Rooms, *logins: str, kind: str = "returned") -> None:
    with rooms.database.writing() as db:
        told(db, rooms.office, *logins, kind=kind)


def _bell(page: str) -> str | None:
    found = re.search(r'class="o-bell-count"[^>]*>([^<]+)<', page)
    return found and found[1]


def test_the_bell_tells_the_true_number_on_every_page(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    assert _bell(li.get("/password").text) is None
    for _ in range(3):
        _tell(rooms, "li", "wang")
    for path in ("/", "/cases/", "/notices/", "/password"):
        assert _bell(li.get(path).text) == "3", path
    assert "3 unread" in li.get("/password").text


def test_the_bell_costs_one_statement(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    _tell(rooms, "li")
    li.get("/password")
    with counting(rooms.database) as counted:
        li.get("/password")
    assert len([one for one in counted.statements if "notices" in one]) == 1


def test_an_open_page_is_told_only_of_what_is_new_and_keeps_nobody_signed_in(rooms: Rooms, clock: Clock) -> None:
    li = rooms.visitor("li")
    shown = re.search(r'data-tag="([^"]+)"', li.get("/password").text)
    assert shown is not None
    tag = shown[1].replace("&#34;", '"')
    clock.advance(minutes=10)
    with counting(rooms.database) as counted:
        answer = li.get("/notices/bell", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert counted.commits == 0
    with rooms.database.reading() as db:
        assert db.scalar(select(sessions.c.seen_at)) == BEGINNING, "a page that lies open is nobody at work"
    _tell(rooms, "li")
    answer = li.get("/notices/bell", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert _bell(answer.text) == "1"
    assert li.get("/notices/bell", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_notices_stand_by_day_the_unread_ones_first_and_lead_to_their_task(
    rooms: Rooms, case_id: int, clock: Clock
) -> None:
    with rooms.database.writing() as db:
        for kind, number in (("cancelled", None), ("returned", 1)):
            acts.tell(
                db, persons=[rooms.office.persons["li"]], kind=kind, case_id=case_id, task_number=number,
                facts={"who": rooms.office.actor(db, "wang").name, "task": "Receive", "why": "<b>Page 3</b>"},
            )  # fmt: skip
            acts.mark_all_read(db, by=rooms.office.actor(db, "li")) if number is None else None
            clock.advance(days=1)
    page = rooms.visitor("li").get("/notices/").text
    assert page.index("Unread") < page.index("Wang Lei returned “Receive” to you.") < page.index("Read before")
    assert page.index("Read before") < page.index("Wang Lei cancelled the case.")
    assert f'href="/tasks/{case_id}/1"' in page
    assert "BP-2026-0001" in page
    assert "&lt;b&gt;Page 3&lt;/b&gt;" in page


def test_a_notice_leads_where_its_page_is(rooms: Rooms) -> None:
    def leads(**facts: object) -> str | None:
        return path_of(Notice(1, 2, BEGINNING, "mentioned", facts.pop("facts", {}), **facts))  # type: ignore[arg-type]

    with rooms.app.test_request_context():
        assert leads(case_id=7, task_number=3, read_at=None) == url_for("desk.task", case_id=7, number=3)
        assert leads(case_id=7, task_number=None, read_at=None) == url_for("cases.case", case_id=7)
        noted = leads(case_id=7, task_number=None, read_at=None, facts={"note": 4})
        assert noted == url_for("cases.case", case_id=7, _anchor="note-4")
        asked = leads(case_id=None, task_number=None, read_at=None, facts={"enquiry": 5})
        assert asked == url_for("counter.enquiry", enquiry_id=5)
        assert leads(case_id=None, task_number=None, read_at=None) is None
        assert url_for("letters.wishes") == WISHES


def test_reading_one_and_reading_all(rooms: Rooms) -> None:
    for _ in range(3):
        _tell(rooms, "li", "wang")
    li = rooms.visitor("li")
    with rooms.database.reading() as db:
        newest = reads.page(db, actor=rooms.office.actor(db, "li"), is_read=False)[0]
    assert li.post(f"/notices/{newest.id}/read").status_code == 303
    assert _bell(li.get("/password").text) == "2"
    shown = re.search(r'name="up_to" value="(\d+)"', li.get("/notices/").text)
    assert shown is not None
    _tell(rooms, "li")
    assert li.post("/notices/read", {"up_to": shown[1]}).status_code == 303
    assert _bell(li.get("/password").text) == "1", "the one that came while the page lay open"
    assert _bell(rooms.visitor("wang").get("/password").text) == "3"


def test_two_thousand_notices_are_paged(rooms: Rooms) -> None:
    _tell(rooms, "li")
    with rooms.database.writing() as db:
        one = dict(db.execute(select(notices)).one()._mapping)
        db.execute(notices.insert(), [{**one, "id": one["id"] + n} for n in range(1, 2000)])
    li = rooms.visitor("li")
    seen, path = 0, "/notices/"
    with counting(rooms.database) as counted:
        page = li.get(path).text
    assert len(counted.statements) <= 6
    assert _bell(page) == "999+"
    for _ in range(50):
        page = li.get(path).text
        seen += page.count("o-notice-new")
        more = re.search(r'href="([^"]+)" rel="next"', page)
        if more is None:
            break
        path = more[1].replace("&amp;", "&")
    assert seen == 2000


def test_a_person_chooses_what_is_sent(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    assert "sends no e-mail at present" in li.get("/notices/wishes").text
    chosen = {group.value: How.NOT.value for group in Group} | {"urgent": "at once", "hour": "17"}
    assert li.post("/notices/wishes", chosen).status_code == 303
    page = li.get("/notices/wishes").text
    assert re.search(r'name="urgent" value="at once" checked', page)
    assert re.search(r'name="work" value="not" checked', page)
    assert '<option value="17" selected>' in page
    for hour in ("24", "-1", "x", ""):
        assert li.post("/notices/wishes", {**chosen, "hour": hour}).status_code == 422


def test_an_address_is_proved_by_its_code_and_wrong_codes_are_counted(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    assert li.post("/notices/address", {"address": "li@office.example\nBcc: x@y.example"}).status_code == 422
    assert li.post("/notices/address", {"address": "li@office.example"}).status_code == 303
    with rooms.database.reading() as db:
        code = code_of(db, rooms.office, "li")
    for _ in range(5):
        assert li.post("/notices/address/proof", {"code": "nonsense"}).status_code == 422
    wrong = li.post("/notices/address/proof", {"code": code})
    assert wrong.status_code == 422
    assert "No code is awaited any more" in wrong.text
    assert "li@office.example" in wrong.text


def test_a_proved_address_is_shown_and_can_be_forgotten(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    li.post("/notices/address", {"address": "li@office.example"})
    with rooms.database.reading() as db:
        code = code_of(db, rooms.office, "li")
    assert li.post("/notices/address/proof", {"code": code}).status_code == 303
    assert "Letters go to li@office.example." in li.get("/notices/wishes").text
    assert li.post("/notices/address/forget").status_code == 303
    assert "li@office.example" not in li.get("/notices/wishes").text


def test_administrators_alone_see_the_sending(rooms: Rooms) -> None:
    for login, status in (("li", 403), ("sun", 403), ("he", 403), ("guo", 200)):
        assert rooms.visitor(login).get("/notices/sending").status_code == status, login
    assert rooms.visitor().get("/notices/sending").status_code == 303
    assert "/notices/sending" in rooms.visitor("guo").get("/").text
    assert "/notices/sending" not in rooms.visitor("li").get("/").text


def test_what_was_given_up_is_shown_and_tried_again(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        for number in range(2):
            db.execute(
                deliveries.insert().values(
                    id=new_id(), made_at=BEGINNING - timedelta(days=1), next_try=BEGINNING, channel=Channel.MAIL,
                    person_id=rooms.office.persons["li"], state=State.GIVEN_UP, tries=6, holds="[[1, 2]]",
                    message_id=f"m{number}", fault="550 <script>no such user</script>",
                )
            )  # fmt: skip
    guo = rooms.visitor("guo")
    page = guo.get("/notices/sending").text
    assert page.count("550 &lt;script&gt;no such user") == 2
    with rooms.database.reading() as db:
        one = db.scalar(select(deliveries.c.id).limit(1))
    assert guo.post(f"/notices/sending/{one}/again").status_code == 303
    assert guo.get("/notices/sending").text.count("550 &lt;script&gt;") == 1
    assert guo.post("/notices/sending/again").status_code == 303
    assert "Everything was sent" in guo.get("/notices/sending").text
    with rooms.database.reading() as db:
        assert set(db.scalars(select(deliveries.c.state))) == {State.WAITING}


def test_the_secret_of_a_program_is_shown_once(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    refused = guo.post("/notices/sending/webhooks", {"url": "https://127.0.0.1/x"})
    assert refused.status_code == 422
    assert "own network" in refused.text
    assert 'value="https://127.0.0.1/x"' in refused.text
    added = guo.post("/notices/sending/webhooks", {"url": "https://hooks.example/x"})
    secret = re.search(r'class="o-secret">([^<]+)<', added.text)
    assert secret is not None
    page = guo.get("/notices/sending").text
    assert "https://hooks.example/x" in page
    assert secret[1] not in page
    there = re.search(r"/notices/sending/webhooks/(\d+)/remove", page)
    assert there is not None
    assert guo.post(there[0]).status_code == 303
    assert "hooks.example" not in guo.get("/notices/sending").text


def test_both_languages_are_spoken(rooms: Rooms) -> None:
    _tell(rooms, "guo", kind="urged")
    with rooms.database.writing() as db:
        db.execute(update(notices).values(task_number=None, case_id=None))
    guo = rooms.visitor("guo")
    guo.post("/language", {"language": "zh", "next": "/"})
    assert "何军催办“Review the plans 审图”。" in guo.get("/notices/").text
    for path, words in (
        ("/notices/", "全部标为已读"),
        ("/notices/wishes", "邮件通知设置"),
        ("/notices/sending", "通知发送"),
    ):
        assert words in guo.get(path).text
