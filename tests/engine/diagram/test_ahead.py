"""What comes after a step, read from the diagram."""

from __future__ import annotations

from engine.diagram.ahead import Coming, Wait, ahead
from engine.diagram.read import read
from tests.diagram_text import END, START, TWO_DEPARTMENTS, flow, process, step, way

TIMER = "<timerEventDefinition><timeDuration>P15D</timeDuration></timerEventDefinition>"


def after(source: bytes, element: str) -> tuple[Coming, ...]:
    return ahead(read(source, "procedure.bpmn"), element)


def told(source: bytes, element: str) -> list[tuple[str, ...]]:
    """Element and the ways that lead there."""
    return [
        (one.element, *(way.name or way.condition or ("otherwise" if way.otherwise else "?") for way in one.ways))
        for one in after(source, element)
    ]


def test_each_choice_leads_to_its_own() -> None:
    assert told(TWO_DEPARTMENTS, "receive") == [
        ("plans", "complete"),
        ("fire", "complete"),
        ("receive", "something is missing"),
    ]
    assert [one.beside for one in after(TWO_DEPARTMENTS, "receive")] == [True, True, False]


def test_a_join_names_what_must_be_done_as_well() -> None:
    (decide,) = after(TWO_DEPARTMENTS, "plans")
    assert (decide.element, decide.also, decide.beside) == ("decide", ("fire",), False)


def test_conditions_and_the_way_taken_otherwise() -> None:
    assert told(TWO_DEPARTMENTS, "decide") == [("issue", "grant = true"), ("receive", "otherwise")]


def test_the_end_is_told() -> None:
    (end,) = after(TWO_DEPARTMENTS, "issue")
    assert (end.element, end.kind) == ("end", "end")


def test_what_is_waited_for_on_the_way_and_what_overtakes_the_step() -> None:
    source = process(
        START
        + step("ask")
        + f'<intermediateCatchEvent id="pause" name="A pause">{TIMER}</intermediateCatchEvent>'
        + f'<boundaryEvent id="late" name="15 days" attachedToRef="ask">{TIMER}</boundaryEvent>'
        + f'<boundaryEvent id="nudge" name="7 days" cancelActivity="false" attachedToRef="ask">{TIMER}</boundaryEvent>'
        + step("go_on") + step("give_up") + step("urge") + END
        + way("start", "ask", "pause", "go_on", "end") + way("late", "give_up", "end") + way("nudge", "urge", "end")
    )  # fmt: skip
    assert [(one.element, one.waits) for one in after(source, "ask")] == [
        ("go_on", (Wait("timer", "A pause"),)),
        ("give_up", (Wait("timer", "15 days", overtakes=True),)),
        ("urge", (Wait("timer", "7 days"),)),
    ]


def test_into_a_sub_process_and_out_of_it() -> None:
    source = process(
        START + step("before")
        + '<subProcess id="sub"><startEvent id="in"/>' + step("inside") + '<endEvent id="out"/>'
        + way("in", "inside", "out") + "</subProcess>"
        + step("behind") + END + way("start", "before", "sub", "behind", "end")
    )  # fmt: skip
    assert told(source, "before") == [("inside",)]
    assert told(source, "inside") == [("behind",)]


def test_a_call_and_a_link() -> None:
    source = process(
        START + step("one") + step("two")
        + '<callActivity id="call" name="The other" calledElement="other"/>'
        + '<intermediateThrowEvent id="jump"><linkEventDefinition name="A"/></intermediateThrowEvent>'
        + '<intermediateCatchEvent id="land"><linkEventDefinition name="A"/></intermediateCatchEvent>'
        + END + way("start", "one", "call", "two", "jump") + way("land", "end")
    )  # fmt: skip
    assert [(one.element, one.kind) for one in after(source, "one")] == [("call", "call")]
    assert [(one.element, one.kind) for one in after(source, "two")] == [("end", "end")]


def test_a_loop_without_a_person_in_it_ends() -> None:
    source = process(
        START + step("one") + '<exclusiveGateway id="again" default="again_to_end"/><serviceTask id="call"/>' + END
        + way("start", "one", "again") + flow("again", "call", "more") + way("call", "again") + flow("again", "end")
    )  # fmt: skip
    assert told(source, "one") == [("end", "otherwise")]


def test_what_comes_next_is_never_told_without_end() -> None:
    """Gateways in a row, each with two ways: two to the tenth of them."""
    row = [f"g{number}" for number in range(10)]
    source = process(
        START + step("one") + step("last") + END
        + "".join(f'<exclusiveGateway id="{one}"/>' for one in row)
        + way("start", "one", "g0")
        + "".join(flow(one, other, f"a = {number}") + flow(one, other, f"b = {number}").replace('id="', 'id="second_')
                  for number, (one, other) in enumerate(zip(row, [*row[1:], "last"], strict=True)))
        + way("last", "end")
    )  # fmt: skip
    assert 1 <= len(after(source, "one")) <= 24


def test_an_element_that_is_not_there_is_followed_by_nothing() -> None:
    assert after(TWO_DEPARTMENTS, "nowhere") == ()
