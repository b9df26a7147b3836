"""Wall boards: what they show and to whom, how they refresh, and the links of screens that nobody sits at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from engine.cases import acts
from engine.records.tables import entries
from engine.supervision.boards.rules import GOOD_FOR
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web.boards.room import AT_ONCE, EVERY
from web.boards.walls import part_shown

PROMISED = 'officium:ruleSet="cn-licensing" officium:promised="P3D" officium:promiseFrom="start"'
DRAWN = process(START + step("review") + END + way("start", "review", "end")).replace(
    b"<process ", f"<process {PROMISED} ".encode(), 1
)


def _complete(db: Connection, rooms: Rooms, case_id: int) -> None:
    acts.complete_task(db, by=rooms.office.actor(db, "wang"), case_id=case_id, number=1, submitted={})


@pytest.fixture
def procedure_id(rooms: Rooms, clock: Clock) -> int:
    """Four cases of three promised days: ended in time, ended late, late and open, begun today. It is the week after."""
    with rooms.database.writing() as db:
        found = in_force(db, rooms.office, DRAWN, owners={"process:procedure": "reviewer"})
        cases = [begun(db, rooms.office, found, by="sun", matter="Garage of Mr Zhao").case_id for _ in range(3)]
    clock.advance(days=1)
    with rooms.database.writing() as db:
        _complete(db, rooms, cases[0])
    clock.advance(days=7)
    with rooms.database.writing() as db:
        _complete(db, rooms, cases[1])
        begun(db, rooms.office, found, by="sun")
    return found


def _tiles(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)", page)
    return {name: figure.strip() for name, figure in found}


def test_the_board_tells_how_the_office_stands(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get("/boards/office").text
    assert _tiles(page) == {
        "Promises kept this month": "1 of 2", "Steps late now": "0",
        "Cases past their period": "1", "Oldest open case": "8 d", "Arrived today": "1",
        "Ended today": "1",
    }  # fmt: skip
    assert "Review section" in page


def test_the_leaders_board_tells_of_last_month_too_and_none_of_applicants_or_persons(
    rooms: Rooms, procedure_id: int, clock: Clock
) -> None:
    for board in ("office", "leader"):
        page = rooms.visitor("sun").get(f"/boards/{board}").text
        for name in ("Wang Fang", "王芳", "Wang Lei", "Sun Wei", "Garage", "BP-2026"):
            assert name not in page
    clock.advance(days=31)
    page = rooms.visitor("zhou").get("/boards/leader").text
    tiles = _tiles(page)
    assert tiles["Promises kept this month"] == "—"
    assert "last month 1 of 2" in page
    assert tiles["Cases that stand still"] == "0"


@pytest.mark.parametrize("departments", [1, 4, 5, 60])
def test_more_departments_than_are_read_from_afar_take_turns(departments: int) -> None:
    begin = datetime(2026, 11, 23, 9, 0, 7, tzinfo=UTC)
    looks = [part_shown(departments, begin + n * timedelta(seconds=EVERY)) for n in range(-(-departments // AT_ONCE))]
    assert all(len(one) <= AT_ONCE for one in looks)
    assert sorted(n for one in looks for n in one) == list(range(departments))


def test_a_board_is_for_supervisors(rooms: Rooms, procedure_id: int) -> None:
    li = rooms.visitor("li")
    for page in ("/boards/", "/boards/office", "/boards/leader"):
        assert li.get(page).status_code == 403
    assert rooms.visitor("guo").get("/boards/office").status_code == 403
    assert rooms.visitor().get("/boards/office").status_code == 303


def test_it_refreshes_itself_with_and_without_a_script(rooms: Rooms, procedure_id: int, clock: Clock) -> None:
    sun = rooms.visitor("sun")
    page = sun.get("/boards/office").text
    assert 'hx-get="/boards/office" hx-trigger="every 30s"' in page
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    assert "as of 09:00" in page
    clock.advance(minutes=1)
    part = sun.get("/boards/office", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "as of 09:01" in part
    assert 'hx-swap-oob="true"' in part  # what was said of a lost network goes with it


def _link(rooms: Rooms, **more: str) -> str:
    page = rooms.visitor("guo").post(
        "/boards/links",
        {"board": "leader", "department": str(rooms.office.departments["bureau"]), "place": "Hall, by the lift",
         "language": "zh", **more},
    )  # fmt: skip
    assert page.status_code == 200
    found = re.search(r"<code class=\"o-secret\">http://localhost(/boards/screen/[^<]+)</code>", page.text)
    assert found is not None
    return found[1]


def test_a_screen_shows_its_board_by_a_link_that_is_told_once(rooms: Rooms, procedure_id: int) -> None:
    address = _link(rooms)
    screen = rooms.visitor()
    page = screen.get(address)
    assert page.status_code == 200
    assert "领导大屏" in page.text
    assert "本月承诺按时率" in page.text
    assert f'hx-get="{address}"' in page.text
    listed = rooms.visitor("guo").get("/boards/").text
    assert "Hall, by the lift" in listed
    assert address.split("/")[-1].partition("?")[0] not in listed
    assert screen.get("/watch/").status_code == 303  # it opens nothing else


def test_a_link_that_was_revoked_or_has_run_out_shows_nothing(rooms: Rooms, procedure_id: int, clock: Clock) -> None:
    address, other = _link(rooms), _link(rooms, place="Lift")
    guo = rooms.visitor("guo")
    link = re.findall(r"/boards/links/(\d+)/revoke", guo.get("/boards/").text)[0]
    assert guo.post(f"/boards/links/{link}/revoke").status_code == 303
    screen = rooms.visitor()
    assert screen.get(address).status_code == 404
    polled = screen.get(address, headers={"HX-Request": "true"})
    assert (polled.status_code, polled.headers["HX-Refresh"]) == (404, "true")
    assert screen.get("/boards/screen/wall_made-up").status_code == 404
    assert screen.get(other).status_code == 200
    clock.moment += GOOD_FOR
    assert screen.get(other).status_code == 404


def test_links_are_made_by_administrators_with_a_place_and_on_the_record(rooms: Rooms, procedure_id: int) -> None:
    asked = {"board": "office", "department": str(rooms.office.departments["bureau"]), "place": "Hall"}
    assert rooms.visitor("sun").post("/boards/links", asked).status_code == 403
    assert rooms.visitor("guo").post("/boards/links", {**asked, "place": "  "}).status_code == 422
    assert rooms.visitor("guo").post("/boards/links", {**asked, "department": "99999"}).status_code == 404
    address = _link(rooms)
    secret = address.split("/")[-1].partition("?")[0]
    with rooms.database.reading() as db:
        said = list(db.scalars(select(entries.c.facts).where(entries.c.act == "make_board_link")))
    assert len(said) == 1
    assert "Hall, by the lift" in said[0]
    assert secret not in said[0]
