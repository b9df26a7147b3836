from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.errors import NotAllowed
from engine.diagram import lint
from engine.diagram.owners import owners
from engine.diagram.read import read
from engine.organisation.rules import Actor, HeldPost, Right
from engine.procedures import rules
from engine.procedures.rules import EditionState
from tests.diagram_text import END, START, TWO_DEPARTMENTS, flow, process, step, way


def _actor(*rights: Right) -> Actor:
    post = HeldPost(
        post_id=1, department_id=1, rights=frozenset(rights), name_en="Post", name_zh="岗位",
        department_en="Department", department_zh="部门",
    )  # fmt: skip
    return Actor(person_id=1, login="x", name_en="X", name_zh="某", language="en", posts=(post,))


@pytest.mark.parametrize("right", [None, Right.SUPERVISE, Right.ADMINISTER])
def test_only_designers_design(right: Right | None) -> None:
    with pytest.raises(NotAllowed):
        rules.must_design(_actor(*([right] if right else [])))
    rules.must_design(_actor(Right.DESIGN))


@pytest.mark.parametrize(("typed", "kept"), [("BP", "BP"), (" bp ", "BP"), ("permit", "PERMIT")])
def test_a_prefix_is_two_to_six_capitals(typed: str, kept: str) -> None:
    assert rules.fit_prefix(typed) == kept


@pytest.mark.parametrize("typed", ["", "B", "BUILDING", "B1", "B-P", "许可", "B P", "ＢＰ", "BP\n-"])
def test_anything_else_is_no_prefix(typed: str) -> None:
    with pytest.raises(rules.PrefixUnfit) as refused:
        rules.fit_prefix(typed)
    assert refused.value.facts == {"prefix": typed}


@given(st.text(max_size=12))
def test_what_is_accepted_as_a_prefix_never_breaks_a_case_number(typed: str) -> None:
    try:
        kept = rules.fit_prefix(typed)
    except rules.PrefixUnfit:
        return
    assert kept.isascii()
    assert kept.isalpha()
    assert kept == kept.upper()
    assert 2 <= len(kept) <= 6


@pytest.mark.parametrize("state", list(EditionState))
def test_only_a_draft_can_be_changed(state: EditionState) -> None:
    if state is EditionState.DRAFT:
        rules.must_be_draft(3, state)
        return
    with pytest.raises(rules.NotADraft) as refused:
        rules.must_be_draft(3, state)
    assert "Edition 3" in refused.value.say("en")


_SECOND = b'<process id="second"><startEvent id="s2"/><endEvent id="e2"/></process></definitions>'
_EMPTY = b'<process id="second"/></definitions>'


def _with(second: bytes) -> bytes:
    return process(START + step("one") + END + way("start", "one", "end")).replace(b"</definitions>", second)


def test_a_case_begins_in_the_only_process_with_content() -> None:
    assert rules.main_process(read(_with(_EMPTY), "p.bpmn"), None) == "procedure"


def test_of_several_processes_one_must_be_chosen() -> None:
    diagram = read(_with(_SECOND), "p.bpmn")
    assert rules.main_process(diagram, None) is None
    assert rules.main_process(diagram, "second") == "second"
    assert rules.main_process(diagram, "third") is None


def test_an_owner_is_remembered_by_name_whatever_its_id() -> None:
    drawn = owners(read(TWO_DEPARTMENTS, "p.bpmn"))
    renamed = owners(read(TWO_DEPARTMENTS.replace(b'lane id="counter"', b'lane id="lane_7"'), "p.bpmn"))
    known = {owner.name: number for number, owner in enumerate(drawn)}
    assert rules.remembered(renamed, known)["lane:lane_7"] == known["Counter"]
    assert rules.remembered(renamed, {"Registry": 9}) == {}


def test_a_lane_without_a_step_needs_no_post() -> None:
    body = (
        '<laneSet id="lanes"><lane id="a" name="A"><flowNodeRef>one</flowNodeRef></lane>'
        '<lane id="b" name="B"><flowNodeRef>end</flowNodeRef></lane></laneSet>'
    ) + START + step("one") + END + way("start", "one", "end")  # fmt: skip
    drawn = owners(read(process(body), "p.bpmn"))
    assert [owner.name for owner in rules.unmapped(drawn, set())] == ["A"]
    assert rules.unmapped(drawn, {"lane:a"}) == []


def test_files_beside_a_diagram_have_their_limits() -> None:
    rules.must_be_modest({"a.dmn": b"x" * rules.MOST_ATTACHED_BYTES})
    with pytest.raises(rules.AttachmentsTooLarge):
        rules.must_be_modest({"a.dmn": b"x" * rules.MOST_ATTACHED_BYTES, "b.dmn": b"x"})
    with pytest.raises(rules.AttachmentsTooLarge):
        rules.must_be_modest({f"{number}.dmn": b"x" for number in range(rules.MOST_ATTACHMENTS + 1)})


def test_an_unreadable_condition_keeps_out_only_where_nobody_is_asked() -> None:
    body = (
        START + step("one") + '<exclusiveGateway id="way" default="way_to_end"/>' + step("two") + END
        + way("start", "one", "way") + flow("way", "two", "__import__('os')") + flow("way", "end") + way("two", "end")
    )  # fmt: skip
    found = lint.findings(read(process(body), "p.bpmn"))
    assert [one.element for one in rules.keeping_out(found, set())] == ["way_to_two"]
    assert rules.keeping_out(found, {"way_to_end"}) == rules.keeping_out(found, set())
    assert rules.keeping_out(found, {"way_to_two"}) == []
