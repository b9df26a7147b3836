"""What is taken away of one office is taken in by another; pictures and files come as files, never as pages."""

from __future__ import annotations

import io

import pytest

from engine.base.database import Database
from engine.procedures import acts, reads
from engine.procedures.package import unpacked
from tests.diagram_text import TWO_DEPARTMENTS
from tests.web.conftest import Rooms, Visitor
from tests.worlds import in_force


@pytest.fixture
def he(rooms: Rooms) -> Visitor:
    return rooms.visitor("he")


@pytest.fixture
def edition_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        return reads.editions(db, procedure_id)[0].id


@pytest.mark.parametrize(
    ("path", "begins", "mime"),
    [
        ("diagram.bpmn?save=1", TWO_DEPARTMENTS[:40], "application/xml"),
        ("executed.bpmn", b"<?xml", "application/xml"),
        ("picture.svg", b"<svg ", "image/svg+xml"),
        ("picture.png", b"\x89PNG", "image/png"),
        ("picture.pdf", b"%PDF-", "application/pdf"),
        ("whole.zip", b"PK", "application/zip"),
    ],
)
def test_everything_is_saved_as_a_file(he: Visitor, edition_id: int, path: str, begins: bytes, mime: str) -> None:
    answer = he.get(f"/studio/editions/{edition_id}/{path}")
    assert answer.status_code == 200
    assert answer.data.startswith(begins)
    assert answer.mimetype == mime
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert he.get(f"/studio/editions/9999/{path}").status_code == 404


def test_only_designers_take_procedures_away(rooms: Rooms, edition_id: int) -> None:
    li = rooms.visitor("li")
    for path in ("exchange", "whole.zip", "picture.pdf", "executed.bpmn"):
        assert li.get(f"/studio/editions/{edition_id}/{path}").status_code == 403


def test_the_page_leads_to_all_of_it(he: Visitor, edition_id: int) -> None:
    page = he.get(f"/studio/editions/{edition_id}/exchange").text
    for path in ("whole.zip", "diagram.bpmn?save=1", "executed.bpmn", "picture.svg", "picture.png", "picture.pdf"):
        assert f"/studio/editions/{edition_id}/{path}" in page


def test_a_zip_of_a_procedure_becomes_its_next_edition_with_posts_mapped(
    rooms: Rooms, he: Visitor, edition_id: int
) -> None:
    whole = he.get(f"/studio/editions/{edition_id}/whole.zip").data
    answer = he.post("/studio/new", {"diagram": (io.BytesIO(whole), "permit.zip"), "department": "1"})
    assert answer.status_code == 303
    new = int(answer.headers["Location"].rsplit("/", 1)[1])
    with rooms.database.reading() as db:
        before, after = reads.edition(db, edition_id), reads.edition(db, new)
        assert (after.procedure_id, after.line.number) == (before.procedure_id, 2)
        assert after.diagram.source == before.diagram.source
        assert [(one.owner.name, one.post_id) for one in after.owners] == [
            (one.owner.name, one.post_id) for one in before.owners
        ]
        assert after.attachments == before.attachments


def test_another_office_takes_it_in_as_a_procedure_of_its_own(rooms: Rooms, he: Visitor, edition_id: int) -> None:
    whole = he.get(f"/studio/editions/{edition_id}/whole.zip").data
    fields = {"diagram": (io.BytesIO(whole), "permit.zip"), "department": "1", "prefix": "ZZ", "name": "Ours"}
    answer = he.post("/studio/new", fields)
    assert answer.status_code == 303
    with rooms.database.reading() as db:
        page = reads.edition(db, int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert (page.procedure, page.line.number) == ("Ours", 1)
    assert all(one.post_id for one in page.owners)


def test_a_package_with_another_departments_prefix_is_refused_and_nothing_is_kept(
    rooms: Rooms, he: Visitor, edition_id: int
) -> None:
    whole = he.get(f"/studio/editions/{edition_id}/whole.zip").data
    with rooms.database.writing() as db:
        other = next(one for one in rooms.office.departments.values() if one != reads.procedures(db)[0].department_id)
        acts.open_procedure(db, by=rooms.office.actor(db, "he"), name="Other", prefix="OTHER", department_id=other)
    fields = {"diagram": (io.BytesIO(whole), "permit.zip"), "department": "1", "prefix": "OTHER", "name": "Mine"}
    answer = he.post("/studio/new", fields)
    assert answer.status_code == 422
    assert "already belongs to" in answer.text
    assert "Mine" in answer.text
    with rooms.database.reading() as db:
        assert len(reads.procedures(db)) == 2


def test_a_bad_zip_is_refused_and_what_was_typed_is_there(rooms: Rooms, he: Visitor) -> None:
    fields = {"diagram": (io.BytesIO(b"PK\x03\x04 rubbish"), "p.zip"), "name": "My procedure", "prefix": "MP"}
    answer = he.post("/studio/new", fields)
    assert answer.status_code == 422
    assert "is not a ZIP that can be read" in answer.text
    assert "My procedure" in answer.text
    assert _procedures(rooms.database) == 0


def _procedures(database: Database) -> int:
    with database.reading() as db:
        return len(reads.procedures(db))


def test_a_zip_tells_who_owns_what(he: Visitor, edition_id: int) -> None:
    whole = he.get(f"/studio/editions/{edition_id}/whole.zip").data
    package = unpacked(whole, "permit.zip")
    assert package.prefix == "BP"
    assert len(package.owners) == 2
    assert all(package.owners.values())
