"""The watch through a browser: figures, the map, the cases behind each number, and only for supervisors."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from engine.cases import acts
from engine.diagram.layout import laid_out
from engine.procedures import reads as procedures
from tests.conftest import Clock
from tests.diagram_text import TWO_DEPARTMENTS
from tests.engine.diagram.builders import end, line, source, start, step, user
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force, next_edition

MACHINE = source(start(), step("serviceTask", "machine"), user("after"), end(), line("s", "machine", "after", "e"))


@pytest.fixture
def procedure_id(rooms: Rooms, clock: Clock) -> int:
    """Two cases at the counter for two days, one handed on to the bureau."""
    with rooms.database.writing() as db:
        found = in_force(db, rooms.office)
        cases = [begun(db, rooms.office, found, matter=f"Matter <{number}>").case_id for number in range(3)]
        acts.complete_task(
            db, by=rooms.office.actor(db, "li"), case_id=cases[0], number=1,
            submitted={"plot": ["C-1"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
    clock.advance(days=2)
    return found


def _edition(rooms: Rooms, procedure_id: int) -> int:
    with rooms.database.reading() as db:
        found = procedures.procedure(db, procedure_id).in_force_id
    assert found is not None
    return found


def _paths(rooms: Rooms, procedure_id: int) -> tuple[str, ...]:
    return ("/watch/", f"/watch/{procedure_id}", f"/watch/{procedure_id}/editions/{_edition(rooms, procedure_id)}.bpmn")


@pytest.mark.parametrize("login", ["li", "wang", "he", "guo"])
def test_the_watch_is_closed_to_everybody_else(rooms: Rooms, procedure_id: int, login: str) -> None:
    visitor = rooms.visitor(login)
    for path in _paths(rooms, procedure_id):
        assert visitor.get(path).status_code == 403
    assert 'href="/watch/"' not in visitor.get("/").text


def test_without_signing_in_it_leads_to_the_entrance(rooms: Rooms, procedure_id: int) -> None:
    for path in _paths(rooms, procedure_id):
        assert rooms.visitor().get(path).headers["Location"].startswith("/sign-in?next=/watch/")


def test_a_supervisor_sees_how_each_procedure_stands(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    assert 'href="/watch/"' in sun.get("/").text
    page = sun.get("/watch/").text
    assert f'href="/watch/{procedure_id}"' in page
    page = sun.get(f"/watch/{procedure_id}").text
    for shown in ("Receive the application", "Review the plans", "Review fire safety", "Counter clerk", "BP-2026-0002"):
        assert shown in page, shown
    assert "Matter &lt;1&gt;" in page
    assert "Matter <1>" not in page


def test_every_badge_of_the_map_stands_in_the_table_too(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get(f"/watch/{procedure_id}").text
    marks = next(
        told for written in re.findall(r'>(\{.*?"badges".*?\})<', unescape(page)) if (told := json.loads(written))
    )
    assert {one["element"]: one["text"] for one in marks["badges"]} == {"receive": "2", "plans": "1", "fire": "1"}
    for one in marks["badges"]:
        assert f'id="{one["href"][1:]}"' in page


def test_a_number_leads_to_exactly_the_cases_behind_it(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get(f"/watch/{procedure_id}?step=receive").text
    assert "BP-2026-0002" in page
    assert "BP-2026-0003" in page
    assert "BP-2026-0001" not in page


def test_each_edition_is_drawn_as_it_was_when_it_was_in_force(rooms: Rooms, procedure_id: int) -> None:
    first = _edition(rooms, procedure_id)
    redrawn = TWO_DEPARTMENTS.replace(b"Review the plans", b"Look at the plans")
    with rooms.database.writing() as db:
        beside = {"receive.form.json": b'{"components":[]}', "decide.form.json": b'{"components":[]}'}
        second = next_edition(db, rooms.office, procedure_id, redrawn, beside=beside)
    sun = rooms.visitor("sun")
    assert sun.get(f"/watch/{procedure_id}/editions/{first}.bpmn").data == laid_out(TWO_DEPARTMENTS, "one.bpmn")
    assert sun.get(f"/watch/{procedure_id}/editions/{second}.bpmn").data == laid_out(redrawn, "two.bpmn")
    assert "BP-2026-0002" in sun.get(f"/watch/{procedure_id}?edition={first}").text


@pytest.mark.parametrize(
    "path",
    [
        "/watch/999",
        f"/watch/{10**30}",
        "/watch/{procedure}/editions/999.bpmn",
        f"/watch/{{procedure}}/editions/{10**30}.bpmn",
        "/watch/999/editions/{edition}.bpmn",
    ],
)
def test_what_is_not_there_is_not_found(rooms: Rooms, procedure_id: int, path: str) -> None:
    address = path.format(procedure=procedure_id, edition=_edition(rooms, procedure_id))
    assert rooms.visitor("sun").get(address).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["edition=x", "edition=999", f"edition={10**30}", "edition=-1", "step=%00", "step=<x>", "step=" + "x" * 4000],
)
def test_an_address_that_makes_no_sense_breaks_nothing(rooms: Rooms, procedure_id: int, query: str) -> None:
    answer = rooms.visitor("sun").get(f"/watch/{procedure_id}?{query}")
    assert answer.status_code in (200, 400)
    assert "<x>" not in answer.text


def test_an_edition_of_another_procedure_is_not_shown_through_ours(rooms: Rooms, procedure_id: int) -> None:
    with rooms.database.writing() as db:
        theirs = in_force(
            db, rooms.office, MACHINE, owners={"process:p": "administrator"}, department="bureau", prefix="BU"
        )
    edition_id = _edition(rooms, theirs)
    sun = rooms.visitor("sun")
    assert sun.get(f"/watch/{theirs}").status_code == 404
    assert sun.get(f"/watch/{theirs}/editions/{edition_id}.bpmn").status_code == 404
    assert sun.get(f"/watch/{procedure_id}/editions/{edition_id}.bpmn").status_code == 404
    assert rooms.visitor("zhou").get(f"/watch/{theirs}").status_code == 200


def test_incidents_stand_on_the_first_page(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, MACHINE, owners={"process:p": "clerk"}, prefix="MA")
        case_id = begun(db, rooms.office, procedure_id).case_id
    page = rooms.visitor("sun").get("/watch/").text
    assert f"/cases/{case_id}#incident-1" in page
    assert "MA-2026-0001" in page
