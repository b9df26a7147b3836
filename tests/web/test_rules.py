"""The pages of the rules, and warnings waived in the browser."""

from __future__ import annotations

import re
from html import unescape

import pytest

from engine.diagram import help as told
from engine.diagram import lint
from engine.diagram.read import read
from tests.diagram_text import END, START, lanes, process, step, way
from tests.web.conftest import Rooms, Visitor
from tests.web.test_studio import _edition_of, _new

ALIKE = process(
    lanes(counter=("start", "one", "two", "end"))
    + START
    + step("one", "Review the plans 审图")
    + step("two", "Review the plans 审图")
    + END
    + way("start", "one", "two", "end")
)


@pytest.fixture
def he(rooms: Rooms) -> Visitor:
    return rooms.visitor("he")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_rule_has_a_page_that_the_list_leads_to(he: Visitor, language: str) -> None:
    if language == "zh":
        he.post("/language", {"language": "zh", "next": "/"})
    listed = set(re.findall(r'href="/studio/rules/([a-z-]+)"', he.get("/studio/rules").text))
    assert listed == set(lint.RULES)
    page = unescape(he.get("/studio/rules/variable-unknown").text)
    shown = told.page("variable-unknown")
    assert shown is not None
    for words in (shown.title, shown.means, shown.matters, shown.mend):
        assert (words.zh if language == "zh" else words.en) in page


def test_the_diagram_that_breaks_a_rule_is_drawn_on_its_page(he: Visitor) -> None:
    for code in lint.RULES:
        answer = he.get(f"/studio/rules/{code}")
        assert answer.status_code == 200
        assert f"/studio/rules/{code}/example.bpmn" in answer.text
        drawn = read(he.get(f"/studio/rules/{code}/example.bpmn").data, "example.bpmn")
        assert drawn.has_coordinates or not drawn.elements
        assert 'id="finding-1"' in answer.text


@pytest.mark.parametrize(
    "path", ["/studio/rules/no-such-rule", "/studio/rules/..%2f..%2fhelp", "/studio/rules/%3Cb%3E/example.bpmn"]
)
def test_there_is_no_page_for_what_is_no_rule(he: Visitor, path: str) -> None:
    assert he.get(path).status_code == 404


def test_only_designers_read_them(rooms: Rooms) -> None:
    assert rooms.visitor("li").get("/studio/rules").status_code == 403


def test_a_warning_is_waived_with_a_reason_and_taken_back(rooms: Rooms, he: Visitor) -> None:
    edition_id = _edition_of(_new(he, rooms, ALIKE))
    page = f"/studio/editions/{edition_id}"
    assert "/studio/rules/duplicate-names" in he.get(page).text
    place = {"rule": "duplicate-names", "element": "two"}
    assert he.post(f"{page}/waivers", {**place, "reason": "<b>Two rounds.</b>"}).status_code == 303
    shown = he.get(page).text
    assert "Waived: &lt;b&gt;Two rounds.&lt;/b&gt;" in shown
    assert "He Jun" in shown
    assert he.post(f"{page}/waivers/back", place).status_code == 303
    assert "Waived:" not in he.get(page).text


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"rule": "duplicate-names", "element": "two", "reason": " "}, "Write why it may stand"),
        ({"rule": "lane-unmapped", "element": "counter", "reason": "Later."}, "is mended, never waived"),
        ({"rule": "duplicate-names", "element": "one", "reason": "Later."}, "no such warning here any more"),
        ({}, "no such warning here any more"),
    ],
)
def test_what_cannot_be_waived_is_refused_in_words(rooms: Rooms, he: Visitor, sent: dict[str, str], says: str) -> None:
    edition_id = _edition_of(_new(he, rooms, ALIKE))
    answer = he.post(f"/studio/editions/{edition_id}/waivers", sent)
    assert answer.status_code == 422
    assert says in unescape(answer.text)


def test_only_designers_waive(rooms: Rooms, he: Visitor) -> None:
    edition_id = _edition_of(_new(he, rooms, ALIKE))
    sent = {"rule": "duplicate-names", "element": "two", "reason": "I say so."}
    assert rooms.visitor("li").post(f"/studio/editions/{edition_id}/waivers", sent).status_code == 403


def test_what_asks_nothing_of_anybody_is_told_once_for_a_rule(rooms: Rooms, he: Visitor) -> None:
    names = ("Review 审图", "Sign", "File", "Send", "Archive")
    steps = "".join(step(f"s{number}", name) for number, name in enumerate(names))
    ids = [f"s{number}" for number in range(len(names))]
    source = process(lanes(counter=("start", *ids, "end")) + START + steps + END + way("start", *ids, "end"))
    edition_id = _edition_of(_new(he, rooms, source))
    page = he.get(f"/studio/editions/{edition_id}").text
    assert page.count("/studio/rules/name-in-one-language") == 1
    assert "Named in one language only" in page
    assert "5 places" in page  # the lane as well
