"""The way into a trap: told turn by turn for whoever designs, and for nobody else."""

from __future__ import annotations

import pytest

from engine.procedures import acts
from tests.diagram_text import END, START, flow, process, step, way
from tests.web.conftest import Rooms

HOSTILE = "&lt;b&gt;J&lt;/b&gt;"
STUCK = process(
    START + step("look") + '<exclusiveGateway id="g" name="Which?"/>' + step("a") + step("b")
    + f'<parallelGateway id="j" name="{HOSTILE}"/>' + END + way("start", "look", "g") + flow("g", "a", name="this way")
    + flow("g", "b", name="that way") + flow("g", "end", name="out") + way("a", "j", "end") + way("b", "j")
)  # fmt: skip


@pytest.fixture
def edition_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        designer = rooms.office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=designer, name="Stuck", prefix="ST", department_id=rooms.office.departments["bureau"]
        )
        return acts.deposit(db, by=designer, procedure_id=procedure_id, file="s.bpmn", source=STUCK, attachments={})


@pytest.mark.parametrize(("language", "said"), [("en", "waits for ever at"), ("zh", "永远停在")])
def test_the_finding_leads_to_its_way_and_the_way_is_told(
    rooms: Rooms, edition_id: int, language: str, said: str
) -> None:
    he = rooms.visitor("he")
    he.post("/language", {"language": language})
    page = he.get(f"/studio/editions/{edition_id}").text
    assert f"/studio/editions/{edition_id}/trace/deadlock/j" in page
    told = he.get(f"/studio/editions/{edition_id}/trace/deadlock/j")
    assert told.status_code == 200
    assert said in told.text
    assert "Look" in told.text
    assert "<b>J</b>" not in told.text


def test_what_is_no_such_finding_is_not_found_and_clerks_are_kept_out(rooms: Rooms, edition_id: int) -> None:
    he, li = rooms.visitor("he"), rooms.visitor("li")
    for path in ("trace/deadlock/a", "trace/livelock/j", "trace/no-start/j", "trace/deadlock/%3Cb%3E"):
        assert he.get(f"/studio/editions/{edition_id}/{path}").status_code == 404
    assert li.get(f"/studio/editions/{edition_id}/trace/deadlock/j").status_code == 403
