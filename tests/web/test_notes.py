"""Notes on a case in the page: written, proposed, corrected, struck out; and nobody outside ever sees one."""

from __future__ import annotations

import re

import pytest

from engine.base.database import Database
from engine.cases.notes import acts
from engine.records.journal import entries
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.house.tree import imported, modules, named
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web.guard import rules

SECRET = "The applicant is known to be difficult"


@pytest.fixture
def case_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return begun(db, rooms.office, in_force(db, rooms.office)).case_id


def test_a_note_is_written_on_the_page_it_is_read_on(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    sent = li.post(f"/cases/{case_id}/notes/", {"text": "Two maps <script>\nand @chen should look", "task": "1"})
    assert sent.headers["Location"] == f"/tasks/{case_id}/1#note-1"
    page = li.get(f"/tasks/{case_id}/1").text
    assert "told to Chen Yan" in page
    assert "Two maps &lt;script&gt;\nand " in page
    assert re.search(r'class="o-remark-mention"[^>]*>@chen<', page)
    sent = li.post(f"/cases/{case_id}/notes/", {"text": "Another"})
    assert sent.headers["Location"] == f"/cases/{case_id}#note-2"
    assert "Nobody was told" in li.get(f"/cases/{case_id}").text


def test_what_was_typed_comes_back_where_it_is_refused(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    counter = rooms.office.departments["counter"]
    refused = li.post(f"/cases/{case_id}/notes/", {"text": "Long thoughts for @wang", "audience": str(counter)})
    assert refused.status_code == 422
    assert "Wang Lei may not see this case" in refused.text
    assert "Long thoughts for @wang</textarea>" in refused.text
    assert f'name="audience" value="{counter}"' in refused.text


@pytest.mark.parametrize("text", ["", "  \n ", "\0", "x" * 30_000])
def test_what_is_no_note_is_refused_in_words(rooms: Rooms, case_id: int, text: str) -> None:
    refused = rooms.visitor("li").post(f"/cases/{case_id}/notes/", {"text": text})
    assert refused.status_code == 422
    assert "A note needs words" in refused.text


@pytest.mark.parametrize("audience", ["x", "-1", "99999999999999999999", "999"])
def test_an_audience_that_is_none_shows_the_note_to_nobody(rooms: Rooms, case_id: int, audience: str) -> None:
    """A page that was tampered with must not turn a department's note into everybody's."""
    answer = rooms.visitor("li").post(f"/cases/{case_id}/notes/", {"text": SECRET, "audience": audience})
    assert answer.status_code == 422
    assert SECRET not in rooms.visitor("sun").get(f"/cases/{case_id}").text


def test_who_may_not_see_the_case_can_do_nothing_there(rooms: Rooms, case_id: int) -> None:
    wang = rooms.visitor("wang")
    rooms.visitor("li").post(f"/cases/{case_id}/notes/", {"text": SECRET})
    for path in ("notes/", "notes/1/correct", "notes/1/strike"):
        assert wang.post(f"/cases/{case_id}/{path}", {"text": "x", "reason": "y"}).status_code == 404, path
    assert wang.get(f"/cases/{case_id}/notes/readers?words=c").get_json() == []
    assert rooms.visitor().get(f"/cases/{case_id}/notes/readers?words=c").status_code == 303


def test_a_note_for_a_department_is_not_on_the_page_of_others(rooms: Rooms, case_id: int) -> None:
    counter = str(rooms.office.departments["counter"])
    rooms.visitor("li").post(f"/cases/{case_id}/notes/", {"text": SECRET, "audience": counter})
    assert SECRET in rooms.visitor("chen").get(f"/cases/{case_id}").text
    for login in ("sun", "zhou"):
        page = rooms.visitor(login).get(f"/cases/{case_id}").text
        assert SECRET not in page, login
        assert "wrote a note" in page, "that there is one is on the record"


def test_names_are_proposed_behind_an_at(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    found = li.get(f"/cases/{case_id}/notes/readers?words=ch").get_json()
    assert found == [{"login": "chen", "name": "Chen Yan"}]
    counter = rooms.office.departments["counter"]
    assert li.get(f"/cases/{case_id}/notes/readers?words=zhou&audience={counter}").get_json() == []


def test_a_note_is_corrected_and_struck_out_on_the_page(rooms: Rooms, case_id: int, clock: Clock) -> None:
    li = rooms.visitor("li")
    li.post(f"/cases/{case_id}/notes/", {"text": "Plot C-1"})
    assert li.post(f"/cases/{case_id}/notes/1/correct", {"text": "Plot C-2"}).status_code == 303
    page = li.get(f"/cases/{case_id}").text
    assert "What it said before" in page
    assert f"/cases/{case_id}/notes/1/correct" in page
    assert f"/cases/{case_id}/notes/1/correct" not in rooms.visitor("chen").get(f"/cases/{case_id}").text
    clock.advance(minutes=16)
    assert f"/cases/{case_id}/notes/1/correct" not in li.get(f"/cases/{case_id}").text
    late = li.post(f"/cases/{case_id}/notes/1/correct", {"text": "Plot C-3, after long thought"})
    assert late.status_code == 422
    assert "Plot C-3, after long thought" in late.text
    assert li.post(f"/cases/{case_id}/notes/1/strike", {"reason": ""}).status_code == 422
    assert li.post(f"/cases/{case_id}/notes/1/strike", {"reason": "Wrong plot"}).status_code == 303
    page = li.get(f"/cases/{case_id}").text
    assert "<s>Plot C-2</s>" in page
    assert "Wrong plot" in page


def test_no_page_that_is_open_to_everybody_reads_notes(rooms: Rooms, case_id: int) -> None:
    """Every address that needs no sign-in is opened; none of them says what is noted."""
    with rooms.database.writing() as db:
        acts.write_note(db, by=rooms.office.actor(db, "li"), case_id=case_id, text=SECRET)
    stranger, opened = rooms.visitor(), 0
    open_to_all = {endpoint for endpoint, rule in rules(rooms.app).items() if not rule.signed_in}
    for route in rooms.app.url_map.iter_rules():
        if route.endpoint not in open_to_all or "GET" not in (route.methods or set()):
            continue
        filled = {name: case_id for name in route.arguments}
        with rooms.app.test_request_context():
            path = rooms.app.url_map.bind("localhost").build(route.endpoint, filled)
        opened += 1
        assert SECRET not in stranger.get(path).text, path
    assert opened


def test_what_is_handed_to_an_applicant_is_not_made_where_notes_are_read() -> None:
    """Receipts, notices on missing papers and documents issued know nothing of notes."""
    readers = {
        named(file)
        for file in modules("engine", "web")
        if b"notes" in file.read_bytes() and any(name.startswith("engine.cases.notes") for name in imported(file))
    }
    own = {name for name in readers if name.startswith("engine.cases.notes.")}
    assert readers - own <= {
        "web.notes",
        "web.beside.notes",
        "web.commands.keeping",
        "engine.supervision.acting.together",
        "web.acting.together",
    }


def test_the_record_of_a_case_tells_nothing_of_its_notes(rooms: Rooms, database: Database, case_id: int) -> None:
    """Whatever excerpt of the record an applicant is ever given."""
    office: SmallOffice = rooms.office
    with database.writing() as db:
        acts.write_note(db, by=office.actor(db, "li"), case_id=case_id, text=SECRET)
        acts.strike_note(db, by=office.actor(db, "li"), case_id=case_id, number=1, reason=SECRET)
        assert all(SECRET not in entry.facts for entry in entries(db, case_id))
