"""The watch through a browser: figures, the map, the cases behind each number, and only for supervisors."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from engine.cases import acts
from engine.diagram.layout import laid_out
from engine.procedures import reads as procedures
from tests.conftest import Clock
from tests.diagram_text import TWO_DEPARTMENTS
from tests.engine.diagram.builders import end, line, source, start, step, user
from tests.engine.supervision.cards.scene import OVER
from tests.web.conftest import SETTINGS, Rooms, Visitor
from tests.worlds import begun, in_force, next_edition
from web import create_app

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
    return (
        "/watch/",
        f"/watch/{procedure_id}",
        "/watch/map",
        f"/watch/behind?procedure={procedure_id}",
        f"/watch/{procedure_id}/editions/{_edition(rooms, procedure_id)}.bpmn",
    )


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
    for shown in ("Receive the application", "Review the plans", "Review fire safety", "Counter clerk"):
        assert shown in page, shown
    page = sun.get(f"/watch/behind?number=now.open&procedure={procedure_id}").text
    assert "BP-2026-0002" in page
    assert "Matter &lt;1&gt;" in page
    assert "Matter <1>" not in page


def _marks(page: str) -> dict[str, Any]:
    told: dict[str, Any] = next(
        found for written in re.findall(r">(\{.*?\"splits\".*?\})<", unescape(page)) if (found := json.loads(written))
    )
    return told


def test_every_badge_of_the_map_stands_in_the_table_too(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get(f"/watch/{procedure_id}?measure=open").text
    marks = _marks(page)
    told = {one["element"]: [(part["kind"], part["text"]) for part in one["parts"]] for one in marks["splits"]}
    assert told == {"receive": [("wait", "2")], "plans": [("hand", "1")], "fire": [("hand", "1")]}
    for one in marks["splits"]:
        assert f'id="{one["href"][1:]}"' in page


def test_flows_are_as_thick_as_their_traffic(rooms: Rooms, procedure_id: int) -> None:
    marks = _marks(rooms.visitor("sun").get(f"/watch/{procedure_id}").text)
    told = {one["element"]: (one["level"], one["label"]) for one in marks["flows"]}
    assert told["start_to_receive"] == (3, "3 times")
    assert told["split_to_plans"] == told["split_to_fire"] == told["complete_to_split"] == (1, "1 times")
    assert "join_to_decide" not in told


@pytest.mark.parametrize(
    ("measure", "shown"),
    [("share", "of its own|standard time"), ("open", "20"), ("throughput", "a day"), ("oldest", "wd"), ("late", "%"), ("rework", "%")],
)  # fmt: skip
def test_the_map_is_coloured_by_the_measure_that_is_asked_for(
    rooms: Rooms, procedure_id: int, measure: str, shown: str
) -> None:
    page = rooms.visitor("sun").get(f"/watch/{procedure_id}?measure={measure}").text
    assert f'<option value="{measure}" selected>' in page
    assert re.search(shown, page)


def test_a_step_without_a_standard_time_says_so(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get(f"/watch/{procedure_id}").text
    fire = page[page.index('id="step-fire"') :]
    assert "no standard time, too few to compare with" in fire[: fire.index("</tr>")]
    plans = page[page.index('id="step-plans"') :]
    assert "no standard time" not in plans[: plans.index("</tr>")]


@pytest.mark.parametrize(
    ("narrowed", "left"),
    [("department={review}", {"plans", "fire"}), ("post={clerk}", {"receive"}), ("kind=2", set()), ("", {"receive", "plans", "fire"})],
)  # fmt: skip
def test_the_map_is_narrowed(rooms: Rooms, procedure_id: int, narrowed: str, left: set[str]) -> None:
    ids = {**rooms.office.departments, **rooms.office.posts}
    page = rooms.visitor("sun").get(f"/watch/{procedure_id}?{narrowed.format(**ids)}").text
    assert {one["element"] for one in _marks(page)["splits"]} == left


def test_a_number_leads_to_exactly_the_cases_behind_it(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    page = sun.get(f"/watch/{procedure_id}").text
    received = page[page.index('id="step-receive"') :]
    links = re.findall(r'href="(/watch/behind[^"]*)">(\d+)<', received[: received.index("</tr>")])
    assert {number for _url, number in links} >= {"2", "1", "3"}
    for url, number in links:
        shown = sun.get(unescape(url)).text
        assert len(set(re.findall(r"BP-2026-\d+", shown))) == int(number), url
    page = sun.get(f"/watch/behind?number=now.waiting&procedure={procedure_id}&step=receive").text
    assert "BP-2026-0002" in page
    assert "BP-2026-0003" in page
    assert "BP-2026-0001" not in page


def test_all_of_a_page_are_chosen_without_a_script(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    page = sun.get(f"/watch/behind?number=now.open&procedure={procedure_id}").text
    boxes = re.findall(r'<input type="checkbox" name="task"[^>]*>', page)
    assert len(boxes) == 4
    assert not any("checked" in one for one in boxes)
    (everything,) = re.findall(r'href="(/watch/behind[^"]*chosen=all[^"]*)"', page)
    boxes = re.findall(r'<input type="checkbox" name="task"[^>]*>', sun.get(unescape(everything)).text)
    assert len(boxes) == 4
    assert all("checked" in one for one in boxes)


def test_a_number_that_there_is_not_is_said_to_be_none(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    for number in ("nonsense", "now.", "hand:x:y", "x" * 5000, "%00"):
        assert sun.get(f"/watch/behind?number={number}&procedure={procedure_id}").status_code in (400, 404, 422), number
    assert sun.get("/watch/behind?procedure=999").status_code == 404


def test_the_tabs_lead_only_to_rooms_that_there_are(rooms: Rooms, procedure_id: int) -> None:
    app = create_app(SETTINGS, database=rooms.database, rooms=("entrance", "desk", "cases", "clocks", "cards", "watch"))
    visitor = Visitor(app.test_client())
    visitor.sign_in("sun")
    page = visitor.get(f"/watch/{procedure_id}").text
    tabs = page[page.index("Pages of the watch") :]
    found = re.findall(r'href="([^"]*)"', tabs[: tabs.index("</nav>")])
    assert found == [f"/watch/?procedure={procedure_id}", f"/watch/{procedure_id}", f"/clocks?procedure={procedure_id}"]
    assert visitor.get(f"/watch/behind?procedure={procedure_id}").status_code == 200  # and it acts on nothing


def test_a_bottleneck_is_told_in_words_with_the_way_to_its_cases(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        taken, *_others = [begun(db, rooms.office, procedure_id) for _ in range(13)]
        acts.claim(db, by=rooms.office.actor(db, "chen"), case_id=taken.case_id, number=1)
    clock.advance(days=9)
    sun = rooms.visitor("sun")
    page = sun.get("/watch/").text
    assert "“Receive the application” in Service counter" in page
    assert "12 waiting" in page
    assert f"/watch/behind?number=now.queue&amp;procedure={procedure_id}&amp;step=receive" in page
    behind = sun.get(f"/watch/behind?number=now.queue&procedure={procedure_id}&step=receive").text
    assert behind.count('<input type="checkbox" name="task"') == 12, "the one in somebody's hands does not wait"
    assert "How this is worked out" in page
    (form,) = (unescape(one) for one in re.findall(r'href="(/watch/corrective/new[^"]*)"', page))
    entered = sun.get(form).text
    assert "“Receive the application” in Service counter: 12 waiting" in entered
    assert f'<option value="{procedure_id}" selected>' in entered
    assert '<input type="hidden" name="step" value="receive">' in entered
    assert "“Receive the application” in Service counter" not in rooms.visitor("li").get("/").text
    sun.post("/language", {"language": "zh"})
    assert "服务窗口的“Receive the application”" in sun.get("/watch/").text
    assert "12件等待" in sun.get("/watch/").text


def test_an_office_where_nothing_waits_long_is_told_so(rooms: Rooms, procedure_id: int) -> None:
    assert "No bottleneck" in rooms.visitor("sun").get("/watch/").text


def test_each_edition_is_drawn_as_it_was_when_it_was_in_force(rooms: Rooms, procedure_id: int) -> None:
    first = _edition(rooms, procedure_id)
    redrawn = TWO_DEPARTMENTS.replace(b"Review the plans", b"Look at the plans")
    with rooms.database.writing() as db:
        beside = {"receive.form.json": b'{"components":[]}', "decide.form.json": b'{"components":[]}'}
        second = next_edition(db, rooms.office, procedure_id, redrawn, beside=beside)
    sun = rooms.visitor("sun")
    assert sun.get(f"/watch/{procedure_id}/editions/{first}.bpmn").data == laid_out(TWO_DEPARTMENTS, "one.bpmn")
    assert sun.get(f"/watch/{procedure_id}/editions/{second}.bpmn").data == laid_out(redrawn, "two.bpmn")
    page = sun.get(f"/watch/{procedure_id}?edition={first}").text
    assert f"/watch/{procedure_id}/editions/{first}.bpmn" in page
    assert [one["element"] for one in _marks(page)["splits"]]
    page = sun.get(f"/watch/{procedure_id}").text
    assert f"/watch/{procedure_id}/editions/{second}.bpmn" in page
    assert not _marks(page)["splits"]


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
    [
        "days=0",
        "days=x",
        "since=2026-02-30",
        "since=2026-03-01&until=2020-01-01",
        "measure=x",
        "department=999",
        f"post={10**30}",
        "kind=77",
        "edition=x",
        "edition=999",
        f"edition={10**30}",
        "edition=-1",
        "step=%00",
        "step=<x>",
        "step=" + "x" * 4000,
    ],
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


def test_the_totals_of_the_overview_lead_to_as_many_cases(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    page = sun.get("/watch/").text
    head = page[page.index('class="o-stats"') : page.index("</dl>")]
    found = re.findall(r'href="(/watch/behind[^"]*)">(\d+)<', head)
    assert found
    for url, count in found:
        opened = unescape(sun.get(unescape(url)).text)
        assert f"<dd>{count}</dd>" in opened, url


def test_the_tab_of_the_map_leads_to_one_from_everywhere(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    assert 'href="/watch/map"' in sun.get("/watch/").text
    for asked_for in ("", f"&procedure={procedure_id}", "&procedure=999"):
        answer = sun.get(f"/watch/map?days=365&measure=open{asked_for}")
        assert answer.status_code == 303
        where = answer.headers["Location"]
        assert where.startswith(f"/watch/{procedure_id}?")
        assert "days=365" in where
        assert '<option value="365" selected>' in sun.get(where).text


def test_what_was_asked_about_goes_along_from_tab_to_tab(rooms: Rooms, procedure_id: int) -> None:
    """Also through pages that are about everything, and is never asked of there."""
    sun = rooms.visitor("sun")
    review, reviewer = rooms.office.departments["review"], rooms.office.posts["reviewer"]
    narrowed = {"days": "90", "department": str(review), "post": str(reviewer), "kind": "1"}

    def leads(page: str, path: str) -> str:
        links = [urlsplit(unescape(one)) for one in re.findall(r'href="([^"]*)"', page)]
        return next(
            one.geturl() for one in links if one.path == path and dict(parse_qsl(one.query)).items() >= narrowed.items()
        )

    page = sun.get(f"/watch/{procedure_id}?{urlencode(narrowed)}").text
    for path in ("/watch/alerts/", "/watch/people", "/watch/", f"/watch/flow/{procedure_id}"):
        page = sun.get(leads(page, path)).text if path != f"/watch/flow/{procedure_id}" else page
    moved = sun.get(leads(page, f"/watch/flow/{procedure_id}")).location
    assert dict(parse_qsl(urlsplit(moved).query)) == {**narrowed, "procedure": str(procedure_id)}
    flow = sun.get(moved).text
    assert "Procedure BP, Review section, Reviewer, natural persons" in flow
    assert f'<option value="{reviewer}" selected>' in flow
    assert leads(sun.get(leads(flow, "/watch/flow/workload")).text, f"/watch/{procedure_id}")


def test_what_a_reader_may_not_open_is_counted_without_a_name_and_cannot_be_chosen(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, department="counter")
        begun(db, rooms.office, procedure_id)
    page = rooms.visitor("sun").get(f"/watch/behind?number=now.open&procedure={procedure_id}").text
    assert "counted here, but not open to your posts" in page
    assert "Matter" not in page
    assert 'name="task"' not in page
    assert "Reassign" not in page


def test_only_what_is_theirs_to_act_on_can_be_ticked(rooms: Rooms, clock: Clock) -> None:
    """Sun heads the section that the second lane lies in: what went back to the counter is seen, and the counter's."""
    with rooms.database.writing() as db:
        found = in_force(db, rooms.office, OVER, department="counter")
        here, back = (begun(db, rooms.office, found).case_id for _one in range(2))
        li, wang = rooms.office.actor(db, "li"), rooms.office.actor(db, "wang")
        for one in (here, back):
            acts.complete_task(db, by=li, case_id=one, number=1, submitted={})
        acts.return_task(db, by=wang, case_id=back, number=2, to_element="ask", reason="Not complete.")
    for login, ticked in (
        ("sun", {f"{here}-2-0"}),
        ("zhou", {f"{here}-2-0", f"{back}-3-{rooms.office.persons['li']}"}),
    ):
        visitor = rooms.visitor(login)
        page = visitor.get("/watch/behind?number=now.open").text
        assert {f"/cases/{here}", f"/cases/{back}"} <= set(re.findall(r'href="(/cases/\d+)"', page))
        boxes = set(re.findall(r'name="task" value="([^"]+)"', page))
        assert boxes == ticked
        assert ("supervised by others" in page) == (login == "sun")
        form = {"task": [*boxes], "do": "order", "order": "sooner", "order:words": "Soon.", "own:back": "/watch/"}
        assert visitor.post("/watch/act?number=now.open", form).status_code == 303, "nothing that is offered is refused"
        form |= {"order": "normal", "task": [*boxes]}
        assert visitor.post("/watch/act?number=now.open", form).status_code == 303
