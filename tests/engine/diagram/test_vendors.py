"""What other programs write: each file is accepted as a drawing, found fault with for what is wrong, and runs to an end.

Every file here is small and made for this test; what is odd in it is what the program named is known to write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from engine.diagram import lint, run
from engine.diagram.owners import owners
from engine.diagram.read import read
from engine.diagram.refusals import NoProcess
from engine.diagram.shape import Diagram, Severity
from tests.engine.diagram.builders import end, file, line, process, start, user
from tests.engine.diagram.walker import walk

MODEL: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI: Final = (
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Foreign:
    """`steps`: what people do in it. `told`: findings that must be among those told, and none that blocks but these."""

    source: bytes
    steps: frozenset[str]
    told: frozenset[str] = frozenset()
    ask: bool = False


def foreign(source: str, steps: str, told: str = "", *, encoding: str = "utf-8", ask: bool = False) -> Foreign:
    return Foreign(source.encode(encoding), frozenset(steps.split()), frozenset(told.split()), ask)


def prefixed(prefix: str, body: str, attributes: str = 'targetNamespace="urn:t"') -> str:
    """A file whose BPMN elements carry a prefix: `~` stands for it in `body`."""
    mark = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    return (
        f'{HEAD}<{mark}definitions {declared}="{MODEL}" {DI} {attributes}>{body.replace("~", mark)}</{mark}definitions>'
    )


ROW: Final = (
    '<~startEvent id="s"/><~task id="a" name="Check"/><~endEvent id="e"/>'
    '<~sequenceFlow id="f1" sourceRef="s" targetRef="a"/><~sequenceFlow id="f2" sourceRef="a" targetRef="e"/>'
)
CHOICE: Final = (
    '<~startEvent id="s"/><~task id="a" name="Check"/><~exclusiveGateway id="g" gatewayDirection="Diverging"/>'
    '<~task id="b"/><~task id="c"/><~endEvent id="e"/><~sequenceFlow id="f1" sourceRef="s" targetRef="a"/>'
    '<~sequenceFlow id="f2" sourceRef="a" targetRef="g"/><~sequenceFlow id="f5" sourceRef="b" targetRef="e"/>'
    '<~sequenceFlow id="f6" sourceRef="c" targetRef="e"/>'
)


def choosing(first: str = "", second: str = "", attributes: str = "") -> str:
    chosen = f'<~sequenceFlow id="f3" name="yes" sourceRef="g" targetRef="b"{attributes}>{first}</~sequenceFlow>'
    return f'{CHOICE}{chosen}<~sequenceFlow id="f4" name="no" sourceRef="g" targetRef="c">{second}</~sequenceFlow>'


def _shape(element: str) -> str:
    return f'<bpmndi:BPMNShape bpmnElement="{element}"><dc:Bounds x="1" y="1" width="9" height="9"/><bpmndi:BPMNLabel/></bpmndi:BPMNShape>'


def _edge(element: str) -> str:
    return f'<bpmndi:BPMNEdge bpmnElement="{element}"><di:waypoint xsi:type="dc:Point" x="1" y="1"/><di:waypoint x="9" y="1"/></bpmndi:BPMNEdge>'


def _plane(of: str, *drawn: str) -> str:
    return f'<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="{of}">{"".join(drawn)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'


def in_process(body: str, attributes: str = "") -> str:
    return f'<~process id="p"{attributes}>{body}</~process>'


def _condition(text: str, kind: str = "tFormalExpression") -> str:
    return f'<~conditionExpression xsi:type="{kind}"><![CDATA[{text}]]></~conditionExpression>'


FILES: Final[dict[str, Foreign]] = {
    "ADONIS: two prefixes for one namespace, an empty lane set, dots in ids, empty input sets": foreign(
        prefixed(
            "",
            '<process id="process_1" name="A" isExecutable="false"><extensionElements><adonis:modelattributes/>'
            '</extensionElements><laneSet id="l"/><startEvent id="obj.1"/><semantic:task id="obj.2" name="Check" '
            'isForCompensation="false"><ioSpecification id="io"><inputSet/><outputSet/></ioSpecification></semantic:task>'
            '<endEvent id="obj.3"/><sequenceFlow id="con.1" name="" sourceRef="obj.1" targetRef="obj.2"/>'
            '<sequenceFlow id="con.2" name="" sourceRef="obj.2" targetRef="obj.3"/></process>',
            f'xmlns:semantic="{MODEL}" xmlns:adonis="http://www.boc-group.com" exporter="ADONIS"',
        ),
        "obj.2",
    ),
    "ARIS: the pool first, edges before shapes, a plane without an id": foreign(
        prefixed(
            "semantic",
            '<~collaboration id="COLLABORATION_1"><~participant id="FLOWNODE_0" name="A" processRef="p"/></~collaboration>'
            + in_process(ROW, ' isExecutable="false"')
            + _plane("COLLABORATION_1", _edge("f1"), _edge("f2"), _shape("s"), _shape("a"), _shape("e")),
        ),
        "a",
    ),
    "ARIS: lanes that name no step": foreign(
        prefixed("bpmn", in_process('<~laneSet><~lane id="l1" name="Requester"/><~lane id="l2" name="Audit"/></~laneSet>' + ROW)),
        "a",
        "no-owner",
    ),
    "Eclipse: nodes and flows in no order, nothing said of being executable": foreign(
        prefixed(
            "bpmn2",
            in_process(
                '<~sequenceFlow id="f2" sourceRef="a" targetRef="e"/><~endEvent id="e"/><~task id="a"/>'
                '<~sequenceFlow id="f1" name="" sourceRef="s" targetRef="a"/><~startEvent id="s"/>'
            ),
            'id="Definitions_1"',
        ),
        "a",
    ),
    "IBM: a version of XMI, a namespace that is no address, every step a service": foreign(
        prefixed(
            "bpmn",
            in_process(ROW.replace("~task", "~serviceTask"), ' isClosed="false" processType="None"'),
            'xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" targetNamespace="http://A.1.0/Initial Import/Process"',
        ),
        "",
        "service-without-connector",
    ),
    "Innovator: Latin letters, coordinates without a namespace, two pools after their processes": foreign(
        '<?xml version="1.0" encoding="iso-8859-1" standalone="yes"?>'
        f'<bpmn:definitions xmlns:bpmn="{MODEL}">'
        '<bpmn:process id="p" name="Prüfung"><geometry x="40" y="0"/><bpmn:startEvent id="s"><geometry x="1" y="1"/>'
        '</bpmn:startEvent><bpmn:task id="a" name="Prüfen" startQuantity="1"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" isImmediate="true" sourceRef="s" targetRef="a"><waypoint x="1" y="1"/>'
        '</bpmn:sequenceFlow><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="e"/></bpmn:process>'
        '<bpmn:process id="q"/><bpmn:collaboration id="c"><bpmn:participant id="x" processRef="p"/>'
        '<bpmn:participant id="y" processRef="q"/><bpmn:messageFlow id="m" sourceRef="a" targetRef="y"/>'
        "</bpmn:collaboration></bpmn:definitions>",
        "a",
        "documentation-only",
        encoding="iso-8859-1",
    ),
    "Yaoqiang: the coordinates' own attributes, a start event said to interrupt, an undecided gateway": foreign(
        prefixed(
            "",
            in_process(
                choosing().replace('id="s"', 'id="s" isInterrupting="true" parallelMultiple="false"').replace("Diverging", "Unspecified"),
                ' isClosed="false" isExecutable="true"',
            )
            + '<bpmndi:BPMNDiagram documentation="background=#FFFFFF;count=1" resolution="96.0"/>',
            'xmlns:tns="urn:t" targetNamespace="urn:t"',
        ),
        "a b c",
        "gateway-without-condition",
    ),
    "W4: its own namespace is BPMN's, elements of no namespace in its extensions": foreign(
        prefixed(
            "bpmn2",
            in_process(
                '<~extensionElements><w4:style><w4:root><Grid spacing="15"/></w4:root></w4:style></~extensionElements>' + ROW
            ),
            f'xmlns:w4="http://www.w4.eu/spec" w4:version="1.0" targetNamespace="{MODEL}"',
        ),
        "a",
    ),
    "Trisotech: Latin letters, names with line breaks, empty names of flows": foreign(
        prefixed("semantic", in_process(ROW.replace('name="Check"', 'name="Check&#10;the plans" completionQuantity="1"')))
        .replace("UTF-8", "ISO-8859-1"),
        "a",
    ),
    "Signavio: everything carries a colour": foreign(
        prefixed(
            "",
            in_process(
                ROW.replace(
                    '<~task id="a" name="Check"/>',
                    '<~task id="sid-A" name="Check"><~extensionElements><signavio:signavioMetaData metaKey="bgcolor" '
                    'metaValue="#ffffcc"/></~extensionElements></~task>',
                ).replace('"a"', '"sid-A"')
            ),
            'xmlns:signavio="http://www.signavio.com" expressionLanguage="http://www.w3.org/1999/XPath"',
        ),
        "sid-A",
        "vendor-extension",
    ),
    "Bizagi: a namespace declared anew at each element, ids that begin with a line": foreign(
        prefixed(
            "",
            in_process(
                ROW.replace(
                    '<~task id="a" name="Check"/>',
                    '<~task id="a" name="Check"><~documentation/><~extensionElements><bizagi:BizagiExtensions '
                    'xmlns:bizagi="http://www.bizagi.com/bpmn20"><bizagi:BizagiProperties><bizagi:BizagiProperty '
                    'name="bgColor" value="White"/></bizagi:BizagiProperties></bizagi:BizagiExtensions>'
                    "</~extensionElements></~task>",
                ).replace('"a"', '"_7f1c-1"')
            ),
        ),
        "_7f1c-1",
        "vendor-extension",
    ),
    "Bizagi: a choice with empty conditions": foreign(
        prefixed("", in_process(choosing('<~conditionExpression xsi:type="tExpression"/>', '<~conditionExpression></~conditionExpression>'))),
        "a b c",
        "gateway-without-condition",
    ),
    "Bonita: the model under a prefix, conditions in Groovy, a default way": foreign(
        prefixed(
            "model",
            in_process(choosing(_condition('BusinessData.status == "ready" as boolean', "model:tFormalExpression")).replace('<~exclusiveGateway id="g"', '<~exclusiveGateway id="g" default="f4"')),
            'xmlns:bonitaConnector="http://www.bonitasoft.org/studio/connector/definition/6.0" xmlns:java="http://jcp.org/en/jsr/detail?id=270"',
        ),
        "a b c",
        "expression-unreadable",
        ask=True,
    ),
    "Enterprise Architect: lanes by name, a namespace without a scheme": foreign(
        prefixed(
            "bpmn",
            in_process('<~laneSet id="ls"><~lane id="l" name="Người dùng"><~flowNodeRef>s</~flowNodeRef><~flowNodeRef>a</~flowNodeRef></~lane></~laneSet>' + ROW),
            'targetNamespace="www.sparxsystems.com.au/bpmn20" exporter="Enterprise Architect"',
        ),
        "a",
    ),
    "Visio: nothing is called anything, and ids are missing": foreign(
        prefixed("", "<~process><~startEvent id='s'/><~task id='a'/><~endEvent id='e'/><~sequenceFlow sourceRef='s' targetRef='a'/><~sequenceFlow sourceRef='a' targetRef='e'/></~process>"),
        "a",
        "missing-id",
    ),
    "Flowable: groups, forms and conditions in Chinese": foreign(
        prefixed(
            "",
            in_process(
                choosing(_condition("${outcome=='通过'}"), _condition("${outcome!='通过'}")).replace(
                    '<~task id="a" name="Check"/>',
                    '<~userTask id="a" name="部门领导" flowable:candidateGroups="leaders" flowable:formFieldValidation="true"/>',
                )
            ),
            'xmlns:flowable="http://flowable.org/bpmn" typeLanguage="http://www.w3.org/2001/XMLSchema"',
        ),
        "a b c",
        "vendor-understood",
    ),
    "a tool that binds Flowable's prefix to Camunda's namespace": foreign(
        prefixed(
            "bpmn",
            in_process(ROW.replace('<~task id="a"', '<~userTask flowable:assignee="${initiator}" id="a"'), ' name="流程$1"'),
            'xmlns:flowable="http://camunda.org/schema/1.0/bpmn"',
        ),
        "a",
        "vendor-understood",
    ),
    "jBPM: metadata at every step, names for ids, a call that calls nothing": foreign(
        prefixed(
            "bpmn2",
            in_process(
                ROW.replace('<~endEvent id="e"/>', '<~endEvent id="e"><~signalEventDefinition signalRef="Done"/></~endEvent>').replace(
                    '<~task id="a" name="Check"/>',
                    '<~callActivity id="a" drools:independent="false" drools:waitForCompletion="true" name="Subcase" '
                    'calledElement=""><~extensionElements><drools:metaData name="elementname"><drools:metaValue>'
                    "<![CDATA[Subcase]]></drools:metaValue></drools:metaData></~extensionElements></~callActivity>",
                ),
                ' drools:packageName="defaultPackage" drools:adHoc="false"',
            ),
            'xmlns="http://www.omg.org/bpmn20" xmlns:drools="http://www.jboss.org/drools"',
        ),
        "",
        "call-without-process reference-as-name",
    ),
    "jBPM: a choice in Java": foreign(
        prefixed(
            "bpmn2",
            in_process(choosing(_condition("return x > 5;", "bpmn2:tFormalExpression"), _condition("return x <= 5;", "bpmn2:tFormalExpression"))),
        ),
        "a b c",
    ),
    "Camunda 8: expressions with an equals sign, a form beside the file": foreign(
        prefixed(
            "bpmn",
            in_process(
                choosing("<~conditionExpression xsi:type='bpmn:tFormalExpression'>=ok = true</~conditionExpression>", "<~conditionExpression>=not(ok)</~conditionExpression>").replace(
                    '<~task id="a" name="Check"/>',
                    '<~userTask id="a" name="Check"><~extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="clerks"/>'
                    '<zeebe:ioMapping><zeebe:output source="=answer" target="ok"/></zeebe:ioMapping></~extensionElements></~userTask>',
                )
            ),
            'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud"',
        ),
        "a b c",
        "vendor-understood",
    ),
    "bpmn.io: biocolours, waypoints, an annotation and a group": foreign(
        prefixed(
            "bpmn",
            in_process(ROW + '<~textAnnotation id="t"><~text>read this</~text></~textAnnotation><~association id="as" sourceRef="a" targetRef="t"/><~group id="gr"/>')
            + _plane("p", _shape("a"), _edge("f1")),
            'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" targetNamespace="http://bpmn.io/schema/bpmn"',
        ),
        "a",
    ),
    "lanes in lanes, and references with prefixes": foreign(
        prefixed(
            "b",
            in_process(
                '<~laneSet id="ls"><~lane id="outer" name="Works"><~childLaneSet id="in"><~lane id="inner" name="Plans">'
                "<~flowNodeRef>tns:a</~flowNodeRef></~lane></~childLaneSet></~lane></~laneSet>"
                + ROW.replace('sourceRef="', 'sourceRef="tns:').replace('targetRef="', 'targetRef="tns:')
            )
            + '<~collaboration id="c"><~participant id="x" name="Pool" processRef="tns:p"/></~collaboration>',
            'xmlns:tns="urn:t" targetNamespace="urn:t"',
        ),
        "a",
    ),
    "a mark of the byte order before the file": foreign("\ufeff" + prefixed("", in_process(ROW)), "a"),
    "UTF-16, as some Windows programs save": foreign(prefixed("", in_process(ROW)).replace("UTF-8", "UTF-16"), "a", encoding="utf-16"),
    "a timer without a time, which is an empty expression": foreign(
        prefixed(
            "semantic",
            in_process(
                ROW.replace(
                    '<~task id="a" name="Check"/>',
                    '<~intermediateCatchEvent id="a" name="60 minutes"><~timerEventDefinition><~timeDate xsi:type="semantic:tFormalExpression"/>'
                    "</~timerEventDefinition></~intermediateCatchEvent>",
                )
            ),
        ),
        "",
        "timer-missing",
    ),
    "ids with signs that XML does not allow in them": foreign(
        prefixed("", in_process(ROW.replace('"a"', '"{3F-1}a#/b"').replace('"s"', '"1"'))), "{3F-1}a#/b"
    ),
    "a collaboration whose other pool has no process": foreign(
        prefixed(
            "",
            '<~collaboration id="c"><~participant id="x" name="Applicant"/><~participant id="y" processRef="p"/>'
            '<~messageFlow id="m" sourceRef="x" targetRef="a"/></~collaboration>' + in_process(ROW),
        ),
        "a",
    ),
}  # fmt: skip


def opened(one: Foreign) -> Diagram:
    return read(one.source, "foreign.bpmn")


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_a_drawing_and_its_steps_are_somebodys(name: str) -> None:
    one = FILES[name]
    diagram = opened(one)
    owned = {step for owner in owners(diagram) for step in owner.steps if step in diagram.elements}
    people = {step for step in owned if not diagram.elements[step].kind.endswith("Gateway")}
    unowned = {finding.element for finding in lint.findings(diagram) if finding.rule.code == "no-owner"}
    assert people | unowned == one.steps


@pytest.mark.parametrize("name", FILES)
def test_what_is_wrong_with_the_file_is_told_and_nothing_else_keeps_it_out_of_force(name: str) -> None:
    one = FILES[name]
    found = lint.findings(opened(one))
    assert one.told <= {finding.rule.code for finding in found}
    assert {finding.rule.code for finding in found if finding.rule.severity is Severity.BLOCKS} <= one.told
    for finding in found:
        assert finding.sentence("en")
        assert finding.sentence("zh")


@pytest.mark.parametrize("name", FILES)
def test_the_file_runs_to_an_end(name: str) -> None:
    one = FILES[name]
    diagram = opened(one)
    ask = [flow.id for flow in diagram.flows.values() if flow.condition] if one.ask else []
    filled = [process for process, found in diagram.processes.items() if found.has_content]
    for name_of_process in filled:
        model = run.model(diagram, process=name_of_process, ask=ask)
        assert any(walk(model, seed).ended for seed in range(4))


def test_a_file_of_nothing_but_coordinates_is_refused_by_name() -> None:
    with pytest.raises(NoProcess):
        read(prefixed("", _plane("myProcess", _shape("textannotation1"))).encode(), "foreign.bpmn")


def spoilt(change: Callable[[str], str]) -> Foreign:
    return foreign(change(prefixed("bpmn", in_process(ROW))), "a")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('xsi:type="dc:Point"', ""),
        lambda text: text.replace("<bpmn:task", '<bpmn:task xmlns:v="urn:v" v:a="1"'),
        lambda text: text.replace("<bpmn:endEvent", "<!-- drawn by hand --><?tool keep?><bpmn:endEvent"),
        lambda text: text.replace("\n", "\r\n").replace("><", ">\r\n\t<"),
        lambda text: text.replace(HEAD, ""),
        lambda text: text.replace('id="f1"', 'id="f1" isImmediate="true"'),
    ],
)
def test_what_says_nothing_changes_nothing(change: Callable[[str], str]) -> None:
    diagram = opened(spoilt(change))
    plain = opened(spoilt(lambda text: text))
    assert list(diagram.elements) == list(plain.elements)
    assert list(diagram.flows) == list(plain.flows)
    assert walk(run.model(diagram, process="p"), 1).ended


def test_a_call_that_calls_nothing_is_done_by_the_person_in_charge() -> None:
    drawn = file(
        process(start(), user("a"), '<callActivity id="c" name="Hearing 听证"/>', end(), line("s", "a", "c", "e"))
    )
    found = walk(run.model(drawn, process="p"), 1)
    assert found.steps == [("person", "a"), ("by hand: service", "c")]
    assert found.ended
