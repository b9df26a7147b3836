"""Trying a draft in the browser: begin, complete as any post, step back, keep as a scenario, coverage, files."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select, update

from engine.cases.tables import cases
from engine.organisation import acts as organisation
from engine.procedures import acts, reads
from engine.procedures.tables import editions
from tests.builders import FROM_DAY
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE, process, step, way
from tests.web.conftest import PASSWORD, Rooms, Visitor

SPLIT = {"way:complete": "complete_to_split"}
SCENARIO = b"""name = "Received"
[[step]]
complete = "receive"
then = ["fire", "plans"]
chosen = { complete = ["complete_to_split"] }
[step.answers]
plot = "12"
"""


@pytest.fixture
def edition(rooms: Rooms) -> int:
    return deposited(rooms)


def deposited(rooms: Rooms, source: bytes = TWO_DEPARTMENTS) -> int:
    with rooms.database.writing() as db:
        by = rooms.office.actor(db, "he")
        procedure = acts.open_procedure(
            db, by=by, name="Permit", prefix="BP", department_id=rooms.office.departments["review"]
        )
        edition = acts.deposit(
            db, by=by, procedure_id=procedure, file="a.bpmn", source=source, attachments=TWO_DEPARTMENTS_BESIDE
        )
        owned = {line.owner.key for line in reads.edition(db, edition).owners}
        mapped = {"lane:counter": "clerk", "lane:bureau": "reviewer"}
        posts = {key: rooms.office.posts[code] for key, code in mapped.items() if key in owned}
        acts.map_owners(db, by=by, edition_id=edition, mapped=posts)
    return edition


def begun(he: Visitor, edition: int) -> str:
    answer = he.post(f"/studio/editions/{edition}/trial")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def sent(page: str) -> dict[str, str]:
    """The hidden fields of the form that is open."""
    opened = page[page.index('id="open"') :]
    return dict(re.findall(r'type="hidden" name="(own:[^"]+)" value="([^"]*)"', opened[: opened.index("</form>")]))


def move(he: Visitor, trial: str, **fields: str) -> int:
    page = he.get(trial).text
    return he.post(f"{trial}/moves", {**sent(page), **fields}).status_code


def test_a_trial_is_begun_completed_and_explained(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    page = he.get(trial).text
    assert "Waits at “Receive the application”" in page
    assert "You act as" in page
    assert move(he, trial, plot="12", **SPLIT) == 303
    page = he.get(trial).text
    assert "At “Complete?” it went to “complete”: so it was chosen." in page
    assert "Handed over from" in page
    assert "“Review the plans” is put before" in page
    with rooms.database.reading() as db:
        assert db.execute(select(cases.c.id)).all() == []


def test_a_gateways_conditions_are_told_with_their_values(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    move(he, trial, plot="12", **SPLIT)
    move(he, trial)
    move(he, trial)
    move(he, trial)
    page = he.get(trial).text
    assert "because no other condition holds" in page
    assert "<code>grant = true</code> is false" in page
    assert "<code>grant = false</code>" in page


def test_a_fault_of_the_form_brings_it_back_with_what_was_typed(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    fields = sent(he.get(trial).text)
    answer = he.post(f"{trial}/moves", {**fields, "plot": "", "area": "7", **SPLIT})
    assert answer.status_code == 422
    assert 'href="#f-plot"' in answer.text
    assert 'value="7"' in answer.text
    assert he.post(f"{trial}/moves", {**fields, "plot": "1"}).status_code == 422
    assert "· 0 moves" in he.get(trial).text


def test_a_double_click_and_an_old_page_are_harmless(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    fields = sent(he.get(trial).text)
    for _ in range(2):
        assert he.post(f"{trial}/moves", {**fields, "plot": "12", **SPLIT}).status_code == 303
    assert "· 1 move ·" in he.get(trial).text
    other = he.post(
        f"{trial}/moves", {**fields, "own:receipt": "ab" * 16, "plot": "12", **SPLIT}, follow_redirects=True
    )
    assert "has gone on since the page was loaded" in other.text


def test_stepping_back_and_dropping(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    move(he, trial, plot="12", **SPLIT)
    assert he.post(f"{trial}/back", {"to": "0"}).status_code == 303
    assert "Waits at “Receive the application”" in he.get(trial).text
    assert he.post(f"{trial}/drop").status_code == 303
    assert he.get(trial).status_code == 404


def test_another_persons_trial_is_not_there(rooms: Rooms, edition: int) -> None:
    with rooms.database.writing() as db:
        person = organisation.add_person(db, by=None, login="deng", name_en="Deng", name_zh="邓", password=PASSWORD)
        organisation.give_post(db, by=None, person_id=person, post_id=rooms.office.posts["designer"], from_day=FROM_DAY)
    trial = begun(rooms.visitor("he"), edition)
    deng = rooms.visitor("deng")
    assert deng.get(trial).status_code == 404
    for act in ("moves", "back", "replay", "drop", "scenario"):
        assert deng.post(f"{trial}/{act}", {"own:name": "x"}).status_code == 404
    assert rooms.visitor("li").get(trial).status_code == 403


def test_a_trial_is_kept_as_a_scenario_with_coverage_and_as_a_file(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    move(he, trial, plot="12", **SPLIT)
    nameless = he.post(f"{trial}/scenario", {"own:name": " "})
    assert nameless.status_code == 422
    assert "A scenario needs a name" in nameless.text
    assert he.post(f"{trial}/scenario", {"own:name": "Received at once"}).status_code == 303
    page = he.get(f"/studio/editions/{edition}/trial").text
    assert "1 of 1 go as expected" in page
    assert "Received at once" in page
    assert "What no scenario comes to" in page
    assert "Issue the permit" in page
    assert "Every scenario goes as expected" in he.get(f"/studio/editions/{edition}").text
    file = he.get(f"/studio/editions/{edition}/scenarios/received_at_once.toml")
    assert file.headers["Content-Disposition"] == "attachment; filename=received_at_once.toml"
    assert 'name = "Received at once"' in file.text
    looked = he.post(f"/studio/editions/{edition}/scenarios/received_at_once/trial")
    assert "Waits at" in he.get(looked.headers["Location"]).text
    assert he.post(f"/studio/editions/{edition}/scenarios/received_at_once/drop").status_code == 303
    assert "No scenario yet" in he.get(f"/studio/editions/{edition}/trial").text


def take_in(he: Visitor, edition: int, *files: tuple[bytes, str]) -> str:
    data = {"scenario": [(io.BytesIO(content), name) for content, name in files]}
    return he.post(f"/studio/editions/{edition}/scenarios", data, follow_redirects=True).text


def test_scenario_files_are_taken_in_all_or_none(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    assert "Choose a .toml file first." in take_in(he, edition)
    refused = take_in(he, edition, (SCENARIO, "good.toml"), (b"name = ", "../bad.toml"))
    assert "bad.toml: The file is not a scenario" in refused
    assert "No scenario yet" in refused
    assert "1 scenario taken in." in take_in(he, edition, (SCENARIO, "good.toml"))
    huge = b"name = 'x'\n#" + b"x" * 300_000
    assert "larger than 200 kB" in take_in(he, edition, (huge, "huge.toml"))


def test_a_failing_scenario_is_told_step_by_step_and_on_the_editions_page(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    take_in(he, edition, (SCENARIO.replace(b'["fire", "plans"]', b'["issue"]'), "other.toml"))
    page = he.get(f"/studio/editions/{edition}/trial").text
    assert "move 1:" in page
    assert "expected to wait at “Issue the permit”, waits at “Review fire safety”, “Review the plans”" in page
    found = he.get(f"/studio/editions/{edition}").text
    assert "0 of 1 scenarios go as expected" in found


def test_markup_in_a_scenario_is_shown_as_text(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    hostile = SCENARIO.replace(b"Received", b"<script>alert(1)</script>")
    page = take_in(he, edition, (hostile, "<b>.toml"))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def waiting_for_a_letter() -> bytes:
    return process(
        '<startEvent id="start"/><endEvent id="end"/>'
        '<intermediateCatchEvent id="later" name="Later"><timerEventDefinition><timeDuration>P2D</timeDuration>'
        '</timerEventDefinition></intermediateCatchEvent><intermediateCatchEvent id="letter" name="Answer">'
        '<messageEventDefinition messageRef="m"/></intermediateCatchEvent>' + step("file", "File")
        + way("start", "later", "letter", "file", "end"),
        before='<message id="m" name="Letter"/>',
    )  # fmt: skip


def test_a_timer_is_jumped_to_and_a_message_brings_json(rooms: Rooms) -> None:
    he = rooms.visitor("he")
    trial = begun(he, deposited(rooms, waiting_for_a_letter()))
    page = he.get(trial).text
    assert "Waits at “Later”" in page
    fields = dict(re.findall(r'name="(own:[^"]+)" value="([^"]*)"', page[page.index('id="waits"') :]))
    assert (
        he.post(f"{trial}/moves", {key: fields[key] for key in ("own:token", "own:moves", "own:receipt")}).status_code
        == 303
    )
    token = re.search(r'id="wait-(\d+)"', he.get(trial).text)
    assert token is not None
    opened = f"{trial}?at={token[1]}"
    fields = sent(he.get(opened).text)
    bad = he.post(f"{trial}/moves", {**fields, "own:payload": "{nonsense"})
    assert bad.status_code == 422
    assert "it is not JSON" in bad.text
    assert "{nonsense" in bad.text
    assert he.post(f"{trial}/moves", {**fields, "own:payload": '{"ok": true}'}).status_code == 303
    assert "Waits at “File”" in he.get(trial).text


def test_trouble_shows_its_reason_and_is_mended(rooms: Rooms) -> None:
    source = process(
        '<startEvent id="start"/><endEvent id="end"/><exclusiveGateway id="g" name="How?"/>' + step("a", "A") + step("b", "B")
        + way("start", "g") + '<sequenceFlow id="to_a" sourceRef="g" targetRef="a"><conditionExpression>n &gt; 1</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="to_b" sourceRef="g" targetRef="b"><conditionExpression>n &lt; 1</conditionExpression></sequenceFlow>'
        + way("a", "end") + way("b", "end")
    )  # fmt: skip
    he = rooms.visitor("he")
    trial = begun(he, deposited(rooms, source))
    page = he.get(trial).text
    assert "Trouble at “How?”" in page
    assert "could not be worked out" in page
    assert move(he, trial, **{"own:name": "n", "own:value": "0"}) == 303
    page = he.get(trial).text
    assert "Waits at “B”" in page
    assert "n &lt; 1 (n = 0) holds" in page


def test_an_edition_that_cannot_run_says_why_and_offers_no_trial(rooms: Rooms) -> None:
    source = process(
        '<startEvent id="start"/><callActivity id="c" name="Ask them" calledElement="gone"/>' + way("start", "c")
    )
    he = rooms.visitor("he")
    edition = deposited(rooms, source)
    page = he.get(f"/studio/editions/{edition}/trial")
    assert page.status_code == 200
    assert "“Ask them” cannot be run" in page.text
    assert 'id="begin"' not in page.text
    assert he.post(f"/studio/editions/{edition}/trial").status_code == 422


def test_the_pages_speak_chinese(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    he.post("/language", {"language": "zh", "next": "/"})
    trial = begun(he, edition)
    move(he, trial, plot="12", **SPLIT)
    page = he.get(trial).text
    assert "按选择走向“complete”" in page
    assert "上一步的经过" in page
    assert "办件记录将如此记载" in page


def test_a_strange_trial_or_edition_is_not_there(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    assert he.get("/studio/editions/999/trial").status_code == 404
    assert he.post("/studio/editions/999/trial").status_code == 404
    assert he.get("/studio/trials/12345").status_code == 404
    assert he.get(f"/studio/editions/{edition}/scenarios/none.toml").status_code == 404


def test_a_changed_drawing_is_told_with_what_no_longer_fits(rooms: Rooms, edition: int) -> None:
    he = rooms.visitor("he")
    trial = begun(he, edition)
    move(he, trial, plot="12", **SPLIT)
    move(he, trial)
    with rooms.database.writing() as db:
        redrawn = TWO_DEPARTMENTS.replace(b'"plans"', b'"maps"').replace(b">plans<", b">maps<")
        db.execute(update(editions).where(editions.c.id == edition).values(source=redrawn))
    page = he.get(trial).text
    assert "The drawing has changed since this trial was begun" in page
    assert "1 of 2 moves fit" in page
    assert 'id="open"' not in page
    told = he.post(f"{trial}/back", {"to": "0"}, follow_redirects=True).text
    assert "Replay it on the new drawing first" in told
    replayed = he.post(f"{trial}/replay", follow_redirects=True).text
    assert "without the moves that no longer fit" in replayed
    assert 'id="open"' in replayed
    assert move(he, trial) == 303
