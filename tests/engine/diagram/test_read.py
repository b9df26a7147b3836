"""What reading a diagram keeps of it."""

from __future__ import annotations

import pytest

from engine.diagram.read import read
from engine.diagram.refusals import NotADrawing, WrongEncoding
from engine.diagram.shape import Diagram, Severity

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPACES = (
    'xmlns:officium="urn:officium:procedure:1" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def definitions(body: str) -> str:
    return f'<definitions xmlns="{BPMN}" {SPACES} targetNamespace="urn:test">{body}</definitions>'


def drawn(body: str) -> Diagram:
    """What is read from one process that holds `body`."""
    return read(definitions(f'<process id="p">{body}</process>').encode(), "p.bpmn")


def lane(name: str, *steps: str, inner: str = "") -> str:
    return (
        f'<lane id="{name}" name="{name}">{"".join(f"<flowNodeRef>{one}</flowNodeRef>" for one in steps)}{inner}</lane>'
    )


# What every element says of itself.


def test_kind_name_line_process_and_scope_are_kept() -> None:
    diagram = drawn('\n<subProcess id="sub">\n<userTask id="t" name="Review the plans 审图"/></subProcess>')
    task = diagram.elements["t"]
    assert (task.kind, task.name, task.line, task.process, task.scope) == (
        "userTask", "Review the plans 审图", 3, "p", "sub",
    )  # fmt: skip
    assert diagram.elements["sub"].scope == "p"


def test_the_line_is_the_one_an_element_begins_in() -> None:
    diagram = drawn('<task\n\nid="a"\n/>\n<task id="b"/>')
    assert [one.line for one in diagram.elements.values()] == [1, 5]


def test_lines_beyond_65535_are_exact() -> None:
    diagram = drawn("\n" * 70_000 + '<task id="a"/>\n\n<task id="b"/>')
    assert [one.line for one in diagram.elements.values()] == [70_001, 70_003]


def test_elements_keep_the_order_of_the_document_through_sub_processes() -> None:
    diagram = drawn('<task id="a"/><subProcess id="b"><task id="c"/></subProcess><task id="d"/>')
    assert list(diagram.elements) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("definition", "event"),
    [
        ("timerEventDefinition", "timer"),
        ("messageEventDefinition", "message"),
        ("conditionalEventDefinition", "conditional"),
        ("compensateEventDefinition", "compensate"),
    ],
)
def test_an_event_says_what_it_waits_for(definition: str, event: str) -> None:
    diagram = drawn(f'<intermediateCatchEvent id="e"><{definition}/></intermediateCatchEvent>')
    assert diagram.elements["e"].event == event


def test_an_event_has_the_name_of_its_message_even_by_a_prefixed_reference() -> None:
    source = definitions(
        '<message id="m" name="Payment received"/><process id="p"><startEvent id="s">'
        '<messageEventDefinition messageRef="tns:m"/></startEvent></process>'
    )
    assert read(source.encode(), "p.bpmn").elements["s"].event_name == "Payment received"


def test_a_link_event_has_the_name_of_its_link() -> None:
    link = '<intermediateThrowEvent id="e" name="E"><linkEventDefinition name="page 2"/></intermediateThrowEvent>'
    assert drawn(link).elements["e"].event_name == "page 2"


def test_boundary_events_interrupt_unless_they_say_otherwise() -> None:
    diagram = drawn(
        '<task id="t"/><boundaryEvent id="a" attachedToRef="t"/>'
        '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"/>'
    )
    assert [diagram.elements[one].interrupting for one in "ab"] == [True, False]
    assert diagram.elements["a"].attached_to == "t"


@pytest.mark.parametrize(
    ("characteristics", "loop"),
    [
        ("<multiInstanceLoopCharacteristics/>", "parallel"),
        ('<multiInstanceLoopCharacteristics isSequential="true"/>', "sequential"),
        ("<standardLoopCharacteristics/>", "standard"),
        ("", None),
    ],
)
def test_repetitions_are_told_apart(characteristics: str, loop: str | None) -> None:
    assert drawn(f'<task id="t">{characteristics}</task>').elements["t"].loop == loop


def test_documentation_is_the_elements_own() -> None:
    diagram = drawn(
        '<subProcess id="s"><task id="t"><documentation>\n  Look closely.\n  </documentation></task></subProcess>'
    )
    assert diagram.elements["s"].documentation is None
    assert diagram.elements["t"].documentation == "Look closely."


def test_a_called_process_loses_its_prefix() -> None:
    assert drawn('<callActivity id="c" calledElement="tns:hearing"/>').elements["c"].called == "hearing"


def test_our_own_attributes_are_read() -> None:
    task = drawn('<task id="t" officium:standardTime="P3D" officium:external="true"/>').elements["t"]
    assert (task.standard_time, task.external) == ("P3D", True)


# Flows and processes.


def test_flows_keep_their_condition_as_written() -> None:
    diagram = drawn(
        '<task id="a"/><task id="b"/><sequenceFlow id="f" name="Yes" sourceRef="a" targetRef="b">'
        '<conditionExpression language="feel" xsi:type="tFormalExpression">\n ${amount &gt; 3}\n'
        "</conditionExpression></sequenceFlow>"
    )
    flow = diagram.flows["f"]
    assert (flow.source, flow.target, flow.name, flow.condition, flow.language) == (
        "a", "b", "Yes", "${amount > 3}", "feel",
    )  # fmt: skip


def test_an_empty_condition_is_none() -> None:
    diagram = drawn(
        '<task id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="a"><conditionExpression> </conditionExpression>'
        "</sequenceFlow>"
    )
    assert diagram.flows["f"].condition is None


def test_prefixed_references_of_flows_are_followed() -> None:
    diagram = drawn('<task id="a"/><task id="b"/><sequenceFlow id="f" sourceRef="x:a" targetRef="x:b"/>')
    assert (diagram.flows["f"].source, diagram.flows["f"].target) == ("a", "b")


def test_a_flow_without_an_end_is_left_out() -> None:
    assert not drawn('<task id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="gone"/>').flows


def test_processes_know_their_pool_and_whether_they_are_empty() -> None:
    source = definitions(
        '<collaboration id="c"><participant id="x" name="Office 机关" processRef="tns:p"/></collaboration>'
        '<process id="p"><task id="t"/></process><process id="q" name="Applicant"/>'
    )
    processes = read(source.encode(), "p.bpmn").processes
    assert (processes["p"].pool, processes["p"].has_content) == ("Office 机关", True)
    assert (processes["q"].pool, processes["q"].name, processes["q"].has_content) == (None, "Applicant", False)


def test_coordinates_are_noticed() -> None:
    shape = '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane><bpmndi:BPMNShape bpmnElement="t"/></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    assert read(definitions(f'<process id="p"><task id="t"/></process>{shape}').encode(), "f").has_coordinates
    assert not drawn('<task id="t"/>').has_coordinates


# Lanes.


def test_the_deepest_lane_wins_wherever_it_stands_in_the_file() -> None:
    inner = f"<childLaneSet>{lane('inner', 't')}</childLaneSet>"
    diagram = drawn(f'<laneSet>{lane("outer", inner=inner)}</laneSet><task id="t"/>')
    assert diagram.elements["t"].lane == "inner"
    # BPMN wants the references before the lanes inside; tools list the step in both.
    both = drawn(f'<laneSet>{lane("outer", "t", inner=inner)}</laneSet><task id="t"/>')
    assert both.elements["t"].lane == "inner"
    assert [(one.id, one.parent, one.depth) for one in both.lanes.values()] == [
        ("outer", None, 0),
        ("inner", "outer", 1),
    ]


def test_white_space_in_a_lanes_reference_does_not_matter() -> None:
    holder = lane("a", "\n  t\n ")
    assert drawn(f'<laneSet>{holder}</laneSet><task id="t"/>').elements["t"].lane == "a"


def test_steps_in_a_sub_process_are_in_its_lane() -> None:
    nested = '<subProcess id="s"><subProcess id="q"><task id="t"/></subProcess></subProcess>'
    assert drawn(f"<laneSet>{lane('a', 's')}</laneSet>{nested}").elements["t"].lane == "a"


def test_a_lane_inside_a_sub_process_is_deeper_than_the_lane_around_it() -> None:
    inside = f'<subProcess id="s"><laneSet>{lane("b", "t")}</laneSet><task id="t"/></subProcess>'
    assert drawn(f"<laneSet>{lane('a', 's', 't')}</laneSet>{inside}").elements["t"].lane == "b"


def test_a_boundary_event_is_in_the_lane_of_its_step() -> None:
    diagram = drawn(f'<laneSet>{lane("a", "t")}</laneSet><task id="t"/><boundaryEvent id="b" attachedToRef="t"/>')
    assert diagram.elements["b"].lane == "a"


def test_boundary_events_attached_in_a_circle_are_in_no_lane() -> None:
    diagram = drawn('<boundaryEvent id="a" attachedToRef="b"/><boundaryEvent id="b" attachedToRef="a"/>')
    assert [one.lane for one in diagram.elements.values()] == [None, None]


# Other tools' ways of saying who.


@pytest.mark.parametrize(
    ("task", "group"),
    [
        ('<userTask id="t" camunda:candidateGroups="clerks, heads"/>', "clerks, heads"),
        ('<userTask id="t" flowable:candidateGroups="clerks"/>', "clerks"),
        ('<userTask id="t" activiti:assignee="kermit"/>', "kermit"),
        ('<userTask id="t" camunda:assignee="ada" camunda:candidateGroups="clerks"/>', "clerks"),
        ('<userTask id="t" camunda:assignee="${starter}"/>', "${starter}"),
        (
            '<userTask id="t"><extensionElements><zeebe:assignmentDefinition candidateGroups="clerks"/>'
            "</extensionElements></userTask>",
            "clerks",
        ),
        (
            '<userTask id="t"><potentialOwner><resourceAssignmentExpression><formalExpression>group(clerks)'
            "</formalExpression></resourceAssignmentExpression></potentialOwner></userTask>",
            "clerks",
        ),
        ('<userTask id="t"/>', None),
    ],
)
def test_who_does_a_step_is_read_from_other_tools(task: str, group: str | None) -> None:
    assert drawn(task).elements["t"].group == group


def test_a_lane_says_more_than_another_tools_group() -> None:
    diagram = drawn(f'<laneSet>{lane("a", "t")}</laneSet><userTask id="t" camunda:candidateGroups="clerks"/>')
    assert (diagram.elements["t"].lane, diagram.elements["t"].group) == ("a", None)


def test_another_tools_due_date_is_a_standard_time_only_where_it_is_a_duration() -> None:
    diagram = drawn('<userTask id="a" camunda:dueDate="P5D"/><userTask id="b" camunda:dueDate="${due}"/>')
    assert [diagram.elements[one].standard_time for one in "ab"] == ["P5D", None]


# Instructions.


def test_instructions_are_read_in_both_languages() -> None:
    diagram = drawn(
        '<task id="t"><documentation>Not this.</documentation><extensionElements><officium:instruction>'
        '<officium:what xml:lang="en">Compare the plans.</officium:what>'
        '<officium:what xml:lang="zh-Hans">核对图纸。</officium:what>'
        "<officium:standard>GB 50016</officium:standard>"
        "</officium:instruction></extensionElements></task>"
    )
    found = diagram.instructions["t"]
    assert found.what == {"en": "Compare the plans.", "zh": "核对图纸。"}
    assert found.how == {}
    assert found.standard == {"en": "GB 50016", "zh": "GB 50016"}


def test_documentation_stands_in_for_an_instruction() -> None:
    diagram = drawn('<task id="t"><documentation>Look closely.</documentation></task><task id="u"/>')
    assert diagram.instructions["t"].what == {"en": "Look closely.", "zh": "Look closely."}
    assert "u" not in diagram.instructions


# Ids.


def test_of_two_elements_with_one_id_the_first_is_kept_and_both_lines_are_told() -> None:
    diagram = drawn('\n<task id="t" name="First"/>\n<userTask id="t" name="Second"/>')
    assert (diagram.elements["t"].kind, len(diagram.elements)) == ("task", 1)
    [finding] = diagram.findings
    assert (finding.rule.code, finding.rule.severity, finding.line) == ("duplicate-id", Severity.BLOCKS, 3)
    for language in ("en", "zh"):
        assert "2" in finding.sentence(language)
        assert "3" in finding.sentence(language)


def test_what_stands_inside_the_second_of_two_is_left_out() -> None:
    diagram = drawn('<subProcess id="s"><task id="a"/></subProcess><subProcess id="s"><task id="b"/></subProcess>')
    assert list(diagram.elements) == ["s", "a"]


def test_elements_without_an_id_are_given_one_that_is_free_and_always_the_same() -> None:
    body = '<task id="unnamed_1"/>\n<task name="Nameless"/>'
    diagram = drawn(body)
    [given] = [name for name, one in diagram.elements.items() if one.name == "Nameless"]
    assert given != "unnamed_1"
    assert list(drawn(body).elements) == list(diagram.elements)
    assert [(one.rule.code, one.element, one.line) for one in diagram.findings] == [("missing-id", given, 2)]


# Encodings.


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-be"),
        ("GB18030", "gb18030"),
        ("GB2312", "gb2312"),
        ("Big5", "big5"),
    ],
)
def test_names_arrive_intact_in_every_encoding_that_is_declared_rightly(declared: str, encoding: str) -> None:
    name = "Review 申核" if encoding == "big5" else "Review the plans 审图"
    body = definitions(f'<process id="p"><task id="t" name="{name}"/></process>')
    source = f'<?xml version="1.0" encoding="{declared}"?>{body}'.encode(encoding)
    assert read(source, "p.bpmn").elements["t"].name == name


@pytest.mark.parametrize(
    ("declared", "encoding"), [("UTF-8", "gb18030"), ("GB18030", "utf-8"), ("UTF-16", "utf-8"), ("ISO-8859-1", "utf-8")]
)
def test_an_encoding_declared_wrongly_is_refused(declared: str, encoding: str) -> None:
    body = definitions('<process id="p">\n<task id="t" name="审图"/></process>')
    source = f'<?xml version="1.0" encoding="{declared}"?>\n{body}'.encode(encoding)
    with pytest.raises(WrongEncoding) as refused:
        read(source, "p.bpmn")
    assert declared in refused.value.say("en")


def test_a_refusal_is_no_drawing() -> None:
    with pytest.raises(NotADrawing):
        read(b"", "p.bpmn")
