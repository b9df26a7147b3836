"""The page on which running cases are moved to the edition in force."""

from __future__ import annotations

from html import unescape

import pytest
from sqlalchemy import select

from engine.cases.tables import cases
from engine.control.moving import rules
from engine.organisation.sign_in import choose_language
from tests.diagram_text import END, START, lanes, process, step, way
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force, next_edition


def straight(*steps: str) -> bytes:
    bureau = steps[1:]
    held = lanes(counter=("start", steps[0], "end"), bureau=bureau)
    return process(held + START + "".join(step(one) for one in steps) + END + way("start", *steps, "end"))


@pytest.fixture
def changed(rooms: Rooms) -> tuple[int, list[int]]:
    """Three running cases at the first step, and an edition in force that has one step more."""
    with rooms.database.writing() as db:
        procedure = in_force(db, rooms.office, straight("receive", "review"))
        ids = [begun(db, rooms.office, procedure, matter=f"<b>House {number}</b>").case_id for number in range(3)]
        edition = next_edition(db, rooms.office, procedure, straight("receive", "review", "file"))
    return edition, ids


def _editions(rooms: Rooms) -> list[int]:
    with rooms.database.reading() as db:
        return list(db.scalars(select(cases.c.edition_id).order_by(cases.c.id)))


def test_the_page_tells_which_cases_move_and_writes_nothing(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    edition, _ids = changed
    page = rooms.visitor("he").get(f"/studio/editions/{edition}/cases").text
    assert "Move 3 cases" in page
    assert page.count("comes to its end") == 3
    assert "&lt;b&gt;House 0&lt;/b&gt;" in page
    assert "<b>House" not in page
    assert edition not in _editions(rooms)


def test_the_page_speaks_chinese(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    with rooms.database.writing() as db:
        choose_language(db, by=rooms.office.actor(db, "he"), language="zh")
    page = rooms.visitor("he").get(f"/studio/editions/{changed[0]}/cases").text
    assert "转版 3 件" in page
    assert "办件所处的各环节新版都有" in page
    assert "Every place where it stands" not in page


def test_cases_are_moved_and_moved_back(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    edition, ids = changed
    before = _editions(rooms)
    he = rooms.visitor("he")
    answer = he.post(f"/studio/editions/{edition}/cases")
    assert answer.status_code == 303
    assert _editions(rooms) == [edition] * 3
    page = he.get(answer.location).text
    assert "3 cases were moved." in page
    assert "Move 3 cases back" in page
    assert "No case runs on an earlier edition" in page
    answer = he.post(f"/studio/editions/{edition}/cases/{ids[0]}/back")
    assert answer.status_code == 303
    assert _editions(rooms) == [before[0], edition, edition]
    he.post(f"/studio/editions/{edition}/cases/back")
    assert _editions(rooms) == before


def test_many_cases_are_moved_in_batches_and_the_page_tells_how_far_it_is(
    rooms: Rooms, changed: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    edition, _ids = changed
    monkeypatch.setattr(
        "engine.control.moving.acts.move_cases.__kwdefaults__", {"to": None, "unproved": False, "limit": 2}
    )
    he = rooms.visitor("he")
    answer = he.post(f"/studio/editions/{edition}/cases")
    page = he.get(answer.location).text
    assert "2 of 3" in page
    assert 'hx-trigger="load' in page
    assert _editions(rooms).count(edition) == 2
    answer = he.post(f"/studio/editions/{edition}/cases", {"done": "2"})
    assert "3 cases were moved." in he.get(answer.location).text
    assert _editions(rooms) == [edition] * 3


def test_an_address_made_elsewhere_moves_nothing_by_itself(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    page = rooms.visitor("he").get(f"/studio/editions/{changed[0]}/cases?way=on&done=0&total=3&seal=0").text
    assert "0 of 3" in page
    assert "hx-post" not in page


def test_a_choice_is_made_on_the_page_and_tried_before_anything_is_written(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure = in_force(db, rooms.office, straight("receive", "review"))
        begun(db, rooms.office, procedure)
        edition = next_edition(db, rooms.office, procedure, straight("take_in", "review"))
    he = rooms.visitor("he")
    page = he.get(f"/studio/editions/{edition}/cases").text
    assert 'name="at:receive"' in page
    assert "the next that is still there" in page
    assert "Move 1 case" not in page
    page = he.get(f"/studio/editions/{edition}/cases?at:receive=review").text
    assert "Move 1 case" in page
    assert '<input type="hidden" name="at:receive" value="review">' in page
    he.post(f"/studio/editions/{edition}/cases", {"at:receive": "review"})
    assert _editions(rooms) == [edition]


def test_an_edition_that_is_not_in_force_takes_no_case(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    first = _editions(rooms)[0]
    he = rooms.visitor("he")
    page = he.get(f"/studio/editions/{first}/cases").text
    assert "To the edition in force" in page
    answer = he.post(f"/studio/editions/{first}/cases")
    assert answer.status_code == 422
    assert rules.NotTheOneInForce(edition=1).say("en") in unescape(answer.text)


def test_only_designers_may_look_and_move(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    li = rooms.visitor("li")
    for answer in (
        li.get(f"/studio/editions/{changed[0]}/cases"),
        li.post(f"/studio/editions/{changed[0]}/cases"),
        li.post(f"/studio/editions/{changed[0]}/cases/back"),
        li.post(f"/studio/editions/{changed[0]}/cases/{changed[1][0]}/back"),
    ):
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "asked", ["page=-1", "page=9999999999999999999999", "kind=<script>", "at:<x>=<y>", "at:=", "way=on&done=x"]
)
def test_a_crooked_address_shows_the_page(rooms: Rooms, changed: tuple[int, list[int]], asked: str) -> None:
    answer = rooms.visitor("he").get(f"/studio/editions/{changed[0]}/cases?{asked}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace('<script type="module"', "")


def test_the_case_page_tells_that_it_was_moved(rooms: Rooms, changed: tuple[int, list[int]]) -> None:
    edition, ids = changed
    rooms.visitor("he").post(f"/studio/editions/{edition}/cases")
    page = rooms.visitor("zhou").get(f"/cases/{ids[0]}").text
    assert "moved here from edition 1" in page
    assert "edition 2" in page
    assert "moved the case to another edition" in page
