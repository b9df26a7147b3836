"""The page that tells what is different between two editions."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from engine.organisation.sign_in import choose_language
from engine.procedures import acts
from engine.procedures.tables import editions
from tests.diagram_text import END, START, lanes, process, step, way
from tests.web.conftest import Rooms
from tests.worlds import in_force, next_edition


def straight(*steps: str, **named: str) -> bytes:
    held = lanes(counter=("start", steps[0], "end"), bureau=steps[1:])
    inner = "".join(step(one, named.get(one)) for one in steps)
    return process(held + START + inner + END + way("start", *steps, "end"))


@pytest.fixture
def three(rooms: Rooms) -> list[int]:
    """Three editions: a step came, then it was renamed. The second is in force."""
    with rooms.database.writing() as db:
        procedure = in_force(db, rooms.office, straight("receive", "review"))
        next_edition(db, rooms.office, procedure, straight("receive", "review", "file"))
        hostile = straight("receive", "review", "file", file="&lt;img src=x onerror=alert(1)&gt; {name}")
        he = rooms.office.actor(db, "he")
        acts.deposit(db, by=he, procedure_id=procedure, file="third.bpmn", source=hostile, attachments={})
        return list(db.scalars(select(editions.c.id).order_by(editions.c.id)))


def _words(page: str) -> str:
    body = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", body, flags=re.DOTALL))).split()
    )


def test_a_draft_is_compared_with_the_edition_in_force(rooms: Rooms, three: list[int]) -> None:
    page = rooms.visitor("he").get(f"/studio/editions/{three[2]}/differences").text
    assert "From edition 2 to edition 3" in page
    assert "“File” is now called “<img src=x onerror=alert(1)> {name}”." in _words(page)
    assert "<img src=x" not in page


def test_the_edition_in_force_is_compared_with_the_one_before(rooms: Rooms, three: list[int]) -> None:
    page = rooms.visitor("he").get(f"/studio/editions/{three[1]}/differences").text
    assert "From edition 1 to edition 2" in page
    assert "“File” is new, after “Review” and before" in _words(page)
    assert f"/studio/editions/{three[0]}/diagram.bpmn" in page
    assert f"/studio/editions/{three[1]}/diagram.bpmn" in page
    assert '"added": ["file"' in page


def test_any_two_editions_are_compared_from_the_older_to_the_newer(rooms: Rooms, three: list[int]) -> None:
    he = rooms.visitor("he")
    one = he.get(f"/studio/editions/{three[0]}/differences?with={three[2]}").text
    other = he.get(f"/studio/editions/{three[2]}/differences?with={three[0]}").text
    assert "From edition 1 to edition 3" in one
    assert "From edition 1 to edition 3" in other
    assert "is new" in one


def test_editions_that_say_the_same_are_told_to(rooms: Rooms, three: list[int]) -> None:
    with rooms.database.writing() as db:
        row = db.execute(select(editions.c.procedure_id, editions.c.source).where(editions.c.id == three[1])).one()
        he = rooms.office.actor(db, "he")
        same = acts.deposit(
            db, by=he, procedure_id=row.procedure_id, file="same.bpmn", source=row.source, attachments={}
        )
    page = rooms.visitor("he").get(f"/studio/editions/{same}/differences?with={three[1]}").text
    assert "Nothing is different" in page
    assert "data-diagram=" not in page


def test_an_only_edition_has_nothing_to_be_compared_with(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        in_force(db, rooms.office, straight("receive", "review"))
        edition = db.scalar(select(editions.c.id))
    page = rooms.visitor("he").get(f"/studio/editions/{edition}/differences").text
    assert "There is nothing to compare it with" in page


def test_an_edition_of_another_procedure_is_not_found(rooms: Rooms, three: list[int]) -> None:
    with rooms.database.writing() as db:
        in_force(db, rooms.office, straight("receive", "review"), prefix="XX")
        foreign = db.scalar(select(editions.c.id).order_by(editions.c.id.desc()).limit(1))
    assert rooms.visitor("he").get(f"/studio/editions/{three[0]}/differences?with={foreign}").status_code == 404
    assert rooms.visitor("he").get("/studio/editions/999/differences").status_code == 404


@pytest.mark.parametrize("wanted", ["x", "-1", "99999999999999999999", "<script>"])
def test_a_crooked_address_is_answered(rooms: Rooms, three: list[int], wanted: str) -> None:
    assert rooms.visitor("he").get(f"/studio/editions/{three[0]}/differences?with={wanted}").status_code in (200, 404)


def test_the_page_speaks_chinese(rooms: Rooms, three: list[int]) -> None:
    with rooms.database.writing() as db:
        choose_language(db, by=rooms.office.actor(db, "he"), language="zh")
    page = rooms.visitor("he").get(f"/studio/editions/{three[2]}/differences").text
    assert "从第 2 版到第 3 版" in page
    assert "更名为" in page


def test_only_designers_see_it(rooms: Rooms, three: list[int]) -> None:
    assert rooms.visitor("li").get(f"/studio/editions/{three[1]}/differences").status_code == 403
