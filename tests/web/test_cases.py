"""Cases through a browser: the list, a case with its record, noting what came, mending incidents."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import awaited, cases, incidents
from engine.diagram.layout import laid_out
from tests.conftest import Clock
from tests.diagram_text import TWO_DEPARTMENTS
from tests.engine.diagram.builders import catch, end, line, message, source, start, step, user
from tests.web.conftest import Rooms
from tests.worlds import TWO_LANES, begun, in_force

CLERK = {"process:p": "clerk"}
LETTER = source(start(), catch("letter", message("Answer")), user("read"), end(), line("s", "letter", "read", "e"))
MACHINE = source(start(), step("serviceTask", "machine"), user("after"), end(), line("s", "machine", "after", "e"))


def _begun(rooms: Rooms, drawn: bytes, prefix: str = "BP") -> int:
    with rooms.database.writing() as db:
        owners = TWO_LANES if drawn == TWO_DEPARTMENTS else CLERK
        return begun(db, rooms.office, in_force(db, rooms.office, drawn, prefix=prefix, owners=owners)).case_id


def _token(database: Database, case_id: int) -> str:
    with database.reading() as db:
        query = select(awaited.c.token).where(awaited.c.case_id == case_id)
        return str(db.execute(query).scalar_one())


def _awaited(database: Database, case_id: int) -> int:
    with database.reading() as db:
        query = select(awaited.c.token).where(awaited.c.case_id == case_id, awaited.c.closed_at.is_(None))
        return len(db.execute(query).all())


def _open_incidents(database: Database, case_id: int) -> list[int]:
    with database.reading() as db:
        query = select(incidents.c.number).where(incidents.c.case_id == case_id, incidents.c.closed_at.is_(None))
        return list(db.scalars(query))


# who may


def test_nobody_sees_cases_without_signing_in(rooms: Rooms) -> None:
    case_id = _begun(rooms, TWO_DEPARTMENTS)
    visitor = rooms.visitor()
    for path in ("/cases/", f"/cases/{case_id}", f"/cases/{case_id}/diagram.bpmn"):
        assert visitor.get(path).headers["Location"].startswith("/sign-in")
    for path in ("messages", "incidents/1/retry", "incidents/1/settle"):
        assert visitor.post(f"/cases/{case_id}/{path}").status_code == 401


@pytest.mark.parametrize(
    ("login", "sees"), [("li", True), ("sun", True), ("wang", False), ("he", False), ("guo", False)]
)
def test_a_case_is_there_for_those_who_may_see_it_and_for_nobody_else(rooms: Rooms, login: str, sees: bool) -> None:
    case_id = _begun(rooms, TWO_DEPARTMENTS)
    visitor = rooms.visitor(login)
    assert (f"/cases/{case_id}" in visitor.get("/cases/").text) is sees
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/diagram.bpmn"):
        assert visitor.get(path).status_code == (200 if sees else 404)
    if not sees:
        for path in ("messages", "incidents/1/retry", "incidents/1/settle"):
            assert visitor.post(f"/cases/{case_id}/{path}", {"token": "x", "note": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["/cases/7", f"/cases/{10**30}", f"/cases/{10**30}/diagram.bpmn", "/cases/x"])
def test_what_is_not_there_is_not_found(rooms: Rooms, path: str) -> None:
    assert rooms.visitor("sun").get(path).status_code == 404


# the page and the list


def test_the_page_of_a_case_shows_where_it_stands_and_what_was_done(rooms: Rooms) -> None:
    case_id = _begun(rooms, TWO_DEPARTMENTS)
    with rooms.database.writing() as db:
        acts.complete_task(
            db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1,
            submitted={"plot": ["<C-1>"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
    li = rooms.visitor("li")
    page = li.get(f"/cases/{case_id}").text
    for shown in (
        "BP-2026-0001",
        "Review the plans",
        "Review fire safety",
        "Li Ming",
        "&lt;C-1&gt;",
        "completed the task",
    ):
        assert shown in page, shown
    assert "<C-1>" not in page
    drawn = li.get(f"/cases/{case_id}/diagram.bpmn")
    assert drawn.data == laid_out(TWO_DEPARTMENTS, "one.bpmn")
    assert drawn.mimetype == "application/xml"


def test_a_case_is_found_by_words_and_the_words_stay_in_the_box(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        for matter in ("A 100% subsidy", "A 1000 subsidy"):
            begun(db, rooms.office, procedure_id, matter=matter)
    page = rooms.visitor("li").get("/cases/", query_string={"words": '100% "'.rstrip(' "')}).text
    assert "A 100% subsidy" in page
    assert "A 1000 subsidy" not in page
    assert 'value="100%"' in page


@pytest.mark.parametrize(
    "query",
    [
        {"words": "x" * 5000}, {"words": "%_\\'\";--"}, {"words": "\x00"}, {"procedure": "x"}, {"procedure": str(10**30)},
        {"procedure": str(2**40)}, {"before": "2026-01-01"}, {"before": "x"}, {"before": "2026-01-01T00:00:00+00:00"},
        {"before": f"{10**30}_1"}, {"before": f"1_{10**30}"}, {"before": "-1_-1"}, {"state": "x"},
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_breaks_nothing(rooms: Rooms, query: dict[str, str]) -> None:
    _begun(rooms, TWO_DEPARTMENTS)
    assert rooms.visitor("li").get("/cases/", query_string=query).status_code in (200, 400)


def test_the_pages_of_the_list_hold_every_case_once_though_all_began_together(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        expected = {f"/cases/{begun(db, rooms.office, procedure_id).case_id}" for _ in range(120)}
        clock.advance(milliseconds=129)
        expected |= {f"/cases/{begun(db, rooms.office, procedure_id).case_id}" for _ in range(10)}
    li = rooms.visitor("li")
    shown: list[str] = []
    path = "/cases/?words=BP"
    for _ in range(10):
        page = li.get(path).text
        shown += re.findall(r'class="o-t" href="(/cases/\d+)"', page)
        following = re.search(r'href="(/cases/\?[^"]*before=[^"]+)"', page)
        if following is None:
            break
        path = unescape(following[1])
        assert "words=BP" in path
    assert len(shown) == len(set(shown))
    assert set(shown) == expected


# what came


def test_what_came_is_noted_by_whoever_works_there(rooms: Rooms) -> None:
    case_id = _begun(rooms, LETTER)
    token = _token(rooms.database, case_id)
    assert rooms.visitor("zhou").get(f"/cases/{case_id}").status_code == 200
    li = rooms.visitor("li")
    assert token in li.get(f"/cases/{case_id}").text
    answer = li.post(f"/cases/{case_id}/messages", {"token": token, "note": "a <letter>"})
    assert answer.status_code == 303
    assert _awaited(rooms.database, case_id) == 0
    page = li.get(f"/cases/{case_id}").text
    assert "a &lt;letter&gt;" in page
    again = li.post(f"/cases/{case_id}/messages", {"token": token, "note": "again"})
    assert again.status_code == 409


@pytest.mark.parametrize("token", ["", "x", "\x00", "9" * 4000])
def test_what_is_not_awaited_is_a_conflict(rooms: Rooms, token: str) -> None:
    case_id = _begun(rooms, LETTER)
    assert rooms.visitor("li").post(f"/cases/{case_id}/messages", {"token": token}).status_code in (400, 409)
    assert _awaited(rooms.database, case_id) == 1


# incidents


def test_an_incident_is_shown_to_all_and_mended_by_supervisors(rooms: Rooms) -> None:
    case_id = _begun(rooms, MACHINE)
    li, sun = rooms.visitor("li"), rooms.visitor("sun")
    path = f"/cases/{case_id}/incidents/1"
    with rooms.database.writing() as db:
        # Nobody has a task in it yet: the clerk sees it because she began it.
        assert db.scalar(select(cases.c.started_by).where(cases.c.id == case_id)) == rooms.office.persons["li"]
    assert "incident-1" in li.get(f"/cases/{case_id}").text
    assert f"{path}/settle" not in li.get(f"/cases/{case_id}").text
    assert f"{path}/settle" in sun.get(f"/cases/{case_id}").text
    for deed in ("retry", "settle"):
        assert li.post(f"{path}/{deed}", {"note": "done"}).status_code == 403
    assert sun.post(f"{path}/settle", {"note": "  "}).status_code == 422
    assert "The way so far" not in sun.get(f"/cases/{case_id}").text, "no task, no way"
    assert _open_incidents(rooms.database, case_id) == [1]
    assert sun.post(f"{path}/settle", {"note": "told them by <letter>"}).status_code == 303
    assert _open_incidents(rooms.database, case_id) == []
    page = sun.get(f"/cases/{case_id}").text
    assert "told them by &lt;letter&gt;" in page
    assert "The way so far" in page
    for deed in ("retry", "settle"):
        assert sun.post(f"{path}/{deed}", {"note": "again"}).status_code == 409


def test_tried_again_in_vain_it_says_so_and_stays(rooms: Rooms) -> None:
    case_id = _begun(rooms, MACHINE)
    sun = rooms.visitor("sun")
    answer = sun.post(f"/cases/{case_id}/incidents/1/retry", {"name": "x", "value": "1"})
    assert answer.status_code == 303
    assert _open_incidents(rooms.database, case_id) == [2]
    assert "incident-2" in sun.get(f"/cases/{case_id}").text


@pytest.mark.parametrize(
    ("name", "value"), [("a" * 5000, "1"), ("__class__", "x"), ("\x00", "\x00"), ("x", "9" * 400), ("", "1")]
)
def test_an_odd_correction_breaks_nothing(rooms: Rooms, name: str, value: str) -> None:
    case_id = _begun(rooms, MACHINE)
    answer = rooms.visitor("sun").post(f"/cases/{case_id}/incidents/1/retry", {"name": name, "value": value})
    assert answer.status_code < 500
    assert len(_open_incidents(rooms.database, case_id)) == 1
