"""Each rule finds what it is for, says it in both languages, and lets pass what can be run right."""

from __future__ import annotations

import time
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import LANGUAGES
from engine.diagram import lint, run
from engine.diagram.durations import is_literal
from engine.diagram.help import example
from engine.diagram.owners import owner_of
from engine.diagram.read import read
from engine.diagram.shape import Finding, Severity

FIT = Path(__file__).parents[2] / "diagrams" / "fit.bpmn"
EXAMPLES = Path(str(files("engine.diagram.rules"))) / "examples"
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:officium="urn:officium:procedure:1" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:t">'
)
# Families with tests of their own, which the small diagrams here are not drawn for.
BESIDE = {
    "no-lanes", "no-end", "dead-end", "several-processes", "instruction-missing", "standard-time-missing",
    "step-without-name", "question-without-name", "gateway-without-name", "duplicate-names", "name-in-one-language",
    "variable-unknown", "variable-not-yet-set",
}  # fmt: skip


def checked(body: str, before: str = "", after: str = "", attachments: dict[str, bytes] | None = None) -> list[Finding]:
    """What is found in one process, but for the families that are tested elsewhere."""
    source = f'{HEAD}{before}<process id="p">{body}</process>{after}</definitions>'
    found = lint.findings(read(source.encode(), "p.bpmn"), attachments or {})
    return [one for one in found if one.rule.code not in BESIDE]


def told(body: str, before: str = "", after: str = "") -> list[tuple[str, str | None]]:
    return [(one.rule.code, one.element) for one in checked(body, before, after)]


def flows(*pairs: str) -> str:
    split = (pair.split(">") for pair in pairs)
    return "".join(f'<sequenceFlow id="{a}_{b}" name="{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in split)


def conditional(flow: str, condition: str = "x = 1") -> str:
    a, b = flow.split(">")
    return (
        f'<sequenceFlow id="{a}_{b}" name="{b}" sourceRef="{a}" targetRef="{b}">'
        f"<conditionExpression>{condition}</conditionExpression></sequenceFlow>"
    )


def between(steps: str, *ids: str) -> str:
    """Steps in a row between a start and an end."""
    row = ("s", *ids, "e")
    ways = flows(*(f"{a}>{b}" for a, b in pairwise(row)))
    return f'<startEvent id="s"/>{steps}<endEvent id="e"/>{ways}'


# Every rule, by the diagram that breaks it.


def every_finding(code: str) -> tuple[Finding, ...]:
    shown = example(code)
    assert shown is not None
    return lint.findings(shown.diagram, shown.attachments, shown.staffing)


@pytest.mark.parametrize("code", sorted(lint.RULES))
def test_each_rule_has_a_diagram_that_breaks_it(code: str) -> None:
    found = [one for one in every_finding(code) if one.rule.code == code]
    assert found
    for one in found:
        for text in (one.rule.sentence, one.rule.remedy):
            for written in (text.en, text.zh):
                names = {name for _, name, _, _ in Formatter().parse(written) if name is not None}
                assert names <= {"line", "element", "name", *one.facts}
        assert one.line is None or str(one.line) in one.sentence("en") or "{line}" not in one.rule.sentence.en


@pytest.mark.parametrize("code", sorted(lint.RULES))
def test_the_diagram_that_breaks_a_rule_is_kept_out_of_force_only_by_that_rule(code: str) -> None:
    blocking = {one.rule.code for one in every_finding(code) if one.rule.severity is Severity.BLOCKS}
    assert blocking == ({code} if lint.RULES[code].severity is Severity.BLOCKS else set())


@pytest.mark.parametrize("code", sorted(set(lint.RULES) - {"calls-another-procedure"}))
def test_a_diagram_that_nothing_keeps_out_of_force_can_be_run(code: str) -> None:
    shown = example(code)
    assert shown is not None
    if not lint.blocks(lint.findings(shown.diagram)):
        for process in shown.diagram.processes:
            made = run.model(shown.diagram, process=process)
            assert {element for _, element in made.questions} <= set(owner_of(shown.diagram))


def test_each_diagram_is_named_by_a_rule() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.bpmn")} == set(lint.RULES)


def test_a_diagram_with_nothing_wrong_has_no_findings() -> None:
    assert lint.findings(read(FIT.read_bytes(), FIT.name)) == ()


@pytest.mark.parametrize("code", sorted(lint.RULES))
def test_each_rule_has_its_sentences_in_both_languages(code: str) -> None:
    rule = lint.RULES[code]
    for text in (rule.sentence, rule.remedy):
        assert all(text.say(language) for language in LANGUAGES)
        places = [sorted(name for _, name, _, _ in Formatter().parse(one) if name) for one in (text.en, text.zh)]
        assert set(places[0]) == set(places[1])
    assert rule.sentence.en != rule.sentence.zh


BLOCKING = {
    "start-timer-asks",
    "duplicate-id", "dangling-reference", "boundary-on-nothing", "flow-crosses-border", "flow-not-allowed", "no-start",
    "nothing-drawn", "sub-process-start", "no-owner", "two-owners", "lane-unmapped", "expression-unreadable",
    "unsupported-element", "timer-unreadable", "timer-too-fast", "too-many-instances", "calls-itself",
    "form-missing", "form-unreadable", "form-key-twice", "decision-cell-unreadable", "decision-circle", "decision-id-twice",
    "decision-required-unknown", "separation-unknown", "never-ends", "loop-without-wait", "link-unmatched", "event-gateway-target", "event-gateway-alone", "event-without-trigger",
    "template-missing", "template-unreadable", "committee-unfit", "connector-unfit",
}  # fmt: skip


def test_what_cannot_be_run_right_keeps_a_diagram_out_of_force_and_nothing_else_does() -> None:
    assert {code for code, rule in lint.RULES.items() if rule.severity is Severity.BLOCKS} == BLOCKING


def test_findings_come_by_severity_then_line_and_always_the_same() -> None:
    body = '<userTask id="a"/>\n<serviceTask id="b"/>\n<complexGateway id="c"/>\n<serviceTask id="d"/>'
    found = checked(body)
    severities = [one.rule.severity for one in found]
    assert severities == sorted(severities, key=list(Severity).index)
    assert found == checked(body)
    assert [one.line for one in found if one.rule.code == "service-without-connector"] == [2, 4]


# References.


@pytest.mark.parametrize(
    ("body", "element"),
    [
        ('<sequenceFlow id="f" sourceRef="gone" targetRef="e"/>', "f"),
        ('<sequenceFlow id="f" targetRef="e"/>', "f"),
        ('<exclusiveGateway id="g" default="s_e"/>', "g"),
    ],
)
def test_a_reference_to_nothing_keeps_a_diagram_out_of_force(body: str, element: str) -> None:
    assert ("dangling-reference", element) in told(between("", *()) + body)


@pytest.mark.parametrize(
    ("body", "element", "name"),
    [
        ('<receiveTask id="r" messageRef="Paid"/>', "r", "Paid"),
        ('<receiveTask id="r" messageRef="officium:Paid"/>', "r", "Paid"),
        ('<receiveTask id="r" messageRef="urn:paid"/>', "r", "urn:paid"),
        ('<endEvent id="x"><errorEventDefinition errorRef="E-7"/></endEvent>', "x", "E-7"),
        (
            '<intermediateThrowEvent id="x"><signalEventDefinition signalRef="a b"/></intermediateThrowEvent>',
            "x",
            "a b",
        ),
        ('<endEvent id="x"><escalationEventDefinition escalationRef="late"/></endEvent>', "x", "late"),
    ],
)
def test_a_name_in_the_place_of_an_id_is_taken_as_the_name(body: str, element: str, name: str) -> None:
    found = checked(between(body, element) if "<end" not in body else f'<startEvent id="s"/>{body}{flows("s>x")}')
    [finding] = [one for one in found if one.rule.code in ("reference-as-name", "dangling-reference")]
    assert (finding.rule.severity, finding.element, finding.facts["target"]) == (Severity.ATTENTION, element, name)


def test_a_reference_to_something_of_another_kind_is_one_to_nothing() -> None:
    body = between('<receiveTask id="r" messageRef="m"/>', "r")
    assert ("dangling-reference", "r") in told(body, before='<signal id="m" name="M"/>')
    assert ("dangling-reference", "r") not in told(body, before='<message id="m" name="M"/>')


def test_a_flow_between_pools_crosses_a_border() -> None:
    other = '<process id="q"><userTask id="b"/></process>'
    body = between('<userTask id="a"/>', "a") + '<sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
    [finding] = [one for one in checked(body, after=other) if one.rule.code == "flow-crosses-border"]
    assert finding.element == "f"
    assert "pool" in finding.sentence("en")


def test_a_boundary_event_on_an_event_is_on_nothing() -> None:
    timer = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    body = f'<boundaryEvent id="b" attachedToRef="s">{timer}</boundaryEvent>'
    assert ("boundary-on-nothing", "b") in told(between("") + body)


# Beginning and end.


def test_one_step_without_a_flow_to_it_may_begin() -> None:
    assert told('<userTask id="a"/><endEvent id="e"/>' + flows("a>e")) == [("implicit-start", "p")]


def test_an_event_sub_process_is_no_beginning_and_is_not_unreachable() -> None:
    inside = (
        '<subProcess id="x" triggeredByEvent="true"><startEvent id="t"><timerEventDefinition><timeDuration>P1D'
        '</timeDuration></timerEventDefinition></startEvent><userTask id="u"/><sequenceFlow id="f" sourceRef="t" '
        'targetRef="u"/></subProcess>'
    )
    assert told(between('<userTask id="a"/>' + inside, "a")) == []


def test_of_what_cannot_be_reached_only_the_first_is_named() -> None:
    lost = "".join(f'<userTask id="l{n}"/>' for n in range(5)) + flows("l0>l1", "l1>l2", "l2>l3", "l3>l4")
    [finding] = checked(between("") + lost)
    assert (finding.rule.code, finding.element) == ("unreachable-element", "l0")
    assert "4" in finding.sentence("en")


def test_a_circle_that_cannot_be_reached_is_named_once() -> None:
    assert told(between("") + '<userTask id="a"/><userTask id="b"/>' + flows("a>b", "b>a")) == [
        ("unreachable-element", "a")
    ]


LINK = '<linkEventDefinition name="{}"/>'


def link(tag: str, name: str, to: str = "x") -> str:
    return f'<intermediate{tag}Event id="{name}">{LINK.format(to)}</intermediate{tag}Event>'


def test_a_link_goes_on_at_the_catching_event_of_its_name() -> None:
    body = '<startEvent id="s"/><endEvent id="e"/>' + link("Throw", "t") + link("Catch", "c") + flows("s>t", "c>e")
    assert told(body) == []


def test_two_catching_links_of_one_name_are_not_allowed() -> None:
    body = '<startEvent id="s"/>' + link("Throw", "t") + link("Catch", "c") + link("Catch", "d") + flows("s>t")
    assert told(body) == [("link-unmatched", "d")]


def test_a_link_does_not_leave_its_sub_process() -> None:
    inside = '<subProcess id="x"><startEvent id="s2"/>' + link("Throw", "t") + flows("s2>t") + "</subProcess>"
    assert ("link-unmatched", "t") in told(between(inside + link("Catch", "c"), "x"))


# What is refused by name.


@pytest.mark.parametrize(
    ("body", "element", "word"),
    [
        ('<endEvent id="x"><cancelEventDefinition/></endEvent>', "x", "cancel"),
        ('<complexGateway id="x"/>', "x", "complex"),
        ('<adHocSubProcess id="x"><userTask id="y"/></adHocSubProcess>', "x", "ad-hoc"),
        ('<choreographyTask id="x"/>', "x", "choreographyTask"),
        ('<endEvent id="x"><timerEventDefinition/></endEvent>', "x", "timer"),
        ('<eventBasedGateway id="x" instantiate="true"/>', "x", "begins cases"),
        ('<callActivity id="x" calledElement="${which}"/>', "x", "only known while"),
        (
            '<intermediateCatchEvent id="x"><signalEventDefinition/><messageEventDefinition/></intermediateCatchEvent>',
            "x",
            "several",
        ),
        (
            '<intermediateCatchEvent id="x"><eventDefinitionRef>d</eventDefinitionRef></intermediateCatchEvent>',
            "x",
            "elsewhere",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(body: str, element: str, word: str) -> None:
    found = [one for one in checked(body) if one.rule.code == "unsupported-element"]
    assert [one.element for one in found] == [element]
    assert word in found[0].sentence("en")


UNDOING = (
    '<boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
    '<userTask id="h" name="Refund 退费" isForCompensation="true"/><association id="z" sourceRef="b" targetRef="h"/>'
)


@pytest.mark.parametrize(
    ("body", "told_at"),
    [
        ('<userTask id="a"/><endEvent id="x"><compensateEventDefinition/></endEvent>' + UNDOING, ["x"]),
        ('<userTask id="a"/>' + UNDOING, []),
        ('<transaction id="t"><userTask id="a"/><endEvent id="x"><cancelEventDefinition/></endEvent>' + UNDOING + "</transaction>", ["x"]),
    ],
)  # fmt: skip
def test_where_work_is_undone_a_person_is_asked_and_told_what(body: str, told_at: list[str]) -> None:
    found = [one for one in checked(body) if one.rule.code in ("undone-by-hand", "unsupported-element")]
    assert [(one.rule.code, one.element) for one in found] == [("undone-by-hand", one) for one in told_at]
    assert all("Refund 退费" in one.sentence(language) for one in found for language in LANGUAGES)


def test_a_choreography_is_refused_by_name() -> None:
    assert ("unsupported-element", "c") in told(between(""), after='<choreography id="c"/>')


def test_calling_a_global_task_is_doing_that_task() -> None:
    body = between('<callActivity id="c" name="Ask 询问" calledElement="g"/>', "c")
    assert "unsupported-element" not in [code for code, _ in told(body, before='<globalUserTask id="g"/>')]


def test_a_vendor_is_told_of_once() -> None:
    body = '<userTask id="a" camunda:priority="1"/><userTask id="b" camunda:priority="1" camunda:dueDate="P1D"/>'
    found = {one.rule.code: one.sentence("en") for one in checked(between(body, "a", "b")) if "vendor" in one.rule.code}
    assert "Camunda that do nothing here, 2 in all" in found["vendor-extension"]
    assert "“priority”" in found["vendor-extension"]
    assert "Camunda that are read here, 1 in all" in found["vendor-understood"]


def test_colours_and_our_own_words_are_no_vendors() -> None:
    assert told(between('<userTask id="a" officium:standardTime="P1D"/>', "a")) == []


# Choices and expressions.


def test_a_gateway_with_all_its_conditions_asks_nobody() -> None:
    gateway = '<exclusiveGateway id="g" default="g_b"/><userTask id="a"/><userTask id="b"/>'
    body = '<startEvent id="s"/>' + gateway + flows("s>g", "g>b") + conditional("g>a")
    assert told(body) == []


def test_a_gateway_without_conditions_is_told_of_and_keeps_nothing_out_of_force() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/>'
    assert told(body + flows("s>g", "g>a", "g>b")) == [("gateway-without-condition", "g")]


@pytest.mark.parametrize(
    "gateway", ['<parallelGateway id="g"/>', '<exclusiveGateway id="g" default="g_a"/>', '<exclusiveGateway id="g"/>']
)
def test_a_condition_that_is_never_looked_at_is_told_of_and_not_read(gateway: str) -> None:
    body = f'<startEvent id="s"/>{gateway}<userTask id="a"/>' + flows("s>g") + conditional("g>a", "@@ (")
    assert told(body) == [("condition-ignored", "g_a")]


@pytest.mark.parametrize(
    ("body", "element"),
    [
        ('<userTask id="a"/>' + conditional("s>a", "(") + conditional("a>e", "x = 1"), "s_a"),
        ('<userTask id="a"/>' + flows("s>a") + conditional("a>e", "x ="), "a_e"),
        (
            '<intermediateCatchEvent id="a"><conditionalEventDefinition><condition>x =</condition>'
            "</conditionalEventDefinition></intermediateCatchEvent>" + flows("s>a", "a>e"),
            "a",
        ),
        (
            '<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>3 +</loopCardinality>'
            "</multiInstanceLoopCharacteristics></userTask>" + flows("s>a", "a>e"),
            "a",
        ),
        (
            '<userTask id="a"><multiInstanceLoopCharacteristics camunda:collection="${(}"/></userTask>'
            + flows("s>a", "a>e"),
            "a",
        ),
        (
            '<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
            "<completionCondition>x =</completionCondition></multiInstanceLoopCharacteristics></userTask>"
            + flows("s>a", "a>e"),
            "a",
        ),
        (
            '<userTask id="a"><standardLoopCharacteristics><loopCondition>x =</loopCondition>'
            "</standardLoopCharacteristics></userTask>" + flows("s>a", "a>e"),
            "a",
        ),
    ],
)
def test_every_expression_is_read(body: str, element: str) -> None:
    found = [
        one
        for one in checked('<startEvent id="s"/><endEvent id="e"/>' + body)
        if one.rule.code == "expression-unreadable"
    ]
    assert [one.element for one in found] == [element]
    assert found[0].facts["expression"] in found[0].sentence("zh")


@pytest.mark.parametrize("condition", ["${x == 1}", "#{x &gt; 1 &amp;&amp; !y}", "= x &gt; 1", "x = 1 and y"])
def test_conditions_of_other_tools_are_read(condition: str) -> None:
    body = '<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>' + flows("s>a") + conditional("a>e", condition)
    assert told(body) == []


def test_where_a_person_is_asked_about_one_way_the_conditions_of_the_others_are_not_read() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/>'
    found = told(body + flows("s>g", "g>a") + conditional("g>b", "x ="))
    assert found == [("condition-ignored", "g_b"), ("gateway-without-condition", "g")]


def test_a_script_of_assignments_is_read() -> None:
    script = "<script>\n# the fee\nfee = area * 3;\n\ntotal = fee + 10\n</script>"
    assert told(between(f'<scriptTask id="a">{script}</scriptTask>', "a")) == []


@pytest.mark.parametrize(
    "script", ["", "<script/>", "<script>print(x)</script>", "<script>x == 1</script>", "<script>x = (</script>"]
)
def test_another_script_is_done_by_hand(script: str) -> None:
    assert told(between(f'<scriptTask id="a">{script}</scriptTask>', "a")) == [("script-unreadable", "a")]


@pytest.mark.parametrize(("times", "refused"), [("500", False), ("501", True), ("${501}", True), ("=9999999", True)])
def test_more_than_500_instances_are_refused(times: str, refused: bool) -> None:
    inner = f"<multiInstanceLoopCharacteristics><loopCardinality>{times}</loopCardinality></multiInstanceLoopCharacteristics>"
    found = told(between(f'<userTask id="a">{inner}</userTask>', "a"))
    assert (("too-many-instances", "a") in found) is refused


# Timers.


def timer(kind: str, text: str) -> str:
    event = f'<intermediateCatchEvent id="t"><timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>'
    return between(event + "</intermediateCatchEvent>", "t")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDuration", "P3D"),
        ("timeDuration", '"PT1H"'),
        ("timeDuration", "P1M"),
        ("timeDuration", "PT0.5S"),
        ("timeDuration", "P1Y2M3DT4H5M6S"),
        ("timeDuration", "${deadline}"),
        ("timeDate", "2027-01-31T09:00:00+08:00"),
        ("timeDate", "2027-01-31"),
        ("timeDate", "= decided + duration(&quot;P3D&quot;)"),
        ("timeCycle", "R/P1D"),
        ("timeCycle", "R3/PT1M"),
        ("timeCycle", "R5/2027-01-31T09:00:00Z/P1D"),
        ("timeDate", "2027-01-31T09:00:00@Asia/Shanghai"),
        ("timeCycle", "R2/P1M"),
        ("timeCycle", "0 0 13 1/1 * ? *"),
    ],
)
def test_a_timer_that_can_be_set_is_let_pass(kind: str, text: str) -> None:
    assert told(timer(kind, text)) == []


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("timeDuration", "P3X", "timer-unreadable"),
        ("timeDuration", "PT", "timer-unreadable"),
        ("timeDuration", "R/P1D", "timer-unreadable"),
        ("timeDate", "2027-02-30T00:00:00Z", "timer-unreadable"),
        ("timeDate", "P1D", "timer-unreadable"),
        ("timeCycle", "P1D", "timer-unreadable"),
        ("timeCycle", "R/PT0S", "timer-too-fast"),
        ("timeCycle", "R/PT59S", "timer-too-fast"),
        ("timeCycle", "R9/PT59.9S", "timer-too-fast"),
        ("timeCycle", "R/P0D", "timer-too-fast"),
        ("timeCycle", "R/2027-01-31T09:00:00Z/PT5S", "timer-too-fast"),
        ("timeCycle", "R/2027-01-31T09:00:00Z/2027-01-31T09:00:01Z", "timer-unreadable"),
        ("timeCycle", "R1/PT0S", "timer-too-fast"),
        ("timeDate", "", "timer-missing"),
    ],
)
def test_a_timer_that_cannot_be_set_is_told_of(kind: str, text: str, code: str) -> None:
    assert told(timer(kind, text)) == [(code, "t")]


@given(st.text(max_size=30))
def test_any_text_may_stand_in_a_timer(text: str) -> None:
    assert is_literal(text) in (True, False)


# Running.


@pytest.mark.parametrize(
    ("event", "told_of"),
    [
        ('<intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>', True),
        ('<intermediateThrowEvent id="x"><signalEventDefinition/></intermediateThrowEvent>', True),
        ('<intermediateThrowEvent id="x"><escalationEventDefinition/></intermediateThrowEvent>', True),
        ('<receiveTask id="x"/>', True),
        ('<sendTask id="x"/>', True),
        ('<sendTask id="x" messageRef="m"/>', False),
        ('<intermediateThrowEvent id="x"/>', False),
    ],
)
def test_events_that_do_not_say_which_are_told_of(event: str, told_of: bool) -> None:
    found = told(between(event, "x"), before='<message id="m" name="M"/>')
    assert found == ([("event-without-reference", "x")] if told_of else [])


def test_sending_by_another_tools_machine_is_done_by_hand() -> None:
    assert [code for code, _ in told(between('<sendTask id="x" camunda:topic="mail"/>', "x"))] == [
        "service-without-connector",
        "vendor-understood",
    ]


def test_catching_every_error_is_meant() -> None:
    body = between('<callActivity id="c" calledElement="other"/>', "c")
    catch = '<boundaryEvent id="b" attachedToRef="c"><errorEventDefinition/></boundaryEvent>'
    assert told(body + catch) == [("calls-another-procedure", "c")]


def test_a_message_event_behind_an_event_gateway_is_right() -> None:
    catch = '<intermediateCatchEvent id="m"><messageEventDefinition messageRef="x"/></intermediateCatchEvent>'
    body = '<startEvent id="s"/><eventBasedGateway id="g"/><receiveTask id="r" messageRef="x"/>' + catch
    assert told(body + flows("s>g", "g>m", "g>r"), before='<message id="x" name="X"/>') == []


def test_processes_that_call_each_other_are_refused() -> None:
    call = '<callActivity id="{}" calledElement="{}"/>'
    other = f'<process id="q"><startEvent id="s2"/>{call.format("back", "p")}{flows("s2>back")}</process>'
    assert ("calls-itself", "out") in told(between(call.format("out", "q"), "out"), after=other)


def test_calling_another_process_of_the_file_is_right() -> None:
    other = (
        f'<process id="q"><startEvent id="s2"/><userTask id="u"/><endEvent id="e2"/>{flows("s2>u", "u>e2")}</process>'
    )
    assert told(between('<callActivity id="c" calledElement="q"/>', "c"), after=other) == []


# Size.


def spent(body: str, after: str = "") -> tuple[float, list[str]]:
    """Seconds of this thread's own work, as what others do on the machine does not count, and what was told."""
    began = time.thread_time()
    found = [code for code, _ in told(body, after=after)]
    return time.thread_time() - began, found


def in_a_row(kind: str, count: int) -> str:
    tasks = "".join(f'<{kind} id="t{n}"><script>x = {n}</script></{kind}>' for n in range(count))
    return tasks + flows("s>t0", *(f"t{n}>t{n + 1}" for n in range(count - 1)))


def between_ends(inner: str) -> str:
    return f'<startEvent id="s"/>{inner}<endEvent id="e"/>'


@pytest.mark.parametrize("shape", ["row", "circle"])
def test_1500_steps_are_read_and_checked_in_proportion_to_their_number(shape: str) -> None:
    kind = "scriptTask" if shape == "circle" else "userTask"

    def drawn(count: int) -> str:
        return between_ends(in_a_row(kind, count) + flows(f"t{count - 1}>" + ("e" if shape == "row" else "t0")))

    seconds, found = spent(drawn(1_500))
    assert seconds < 10 * spent(drawn(375))[0], "four times the steps, far more than four times the work"
    assert [code for code in found if lint.RULES[code].severity is Severity.BLOCKS] == (
        ["loop-without-wait"] if shape == "circle" else []
    )


def row_of_calls(count: int) -> str:
    call = '<process id="q{}"><callActivity id="c{}" calledElement="q{}"/></process>'
    return "".join(call.format(n, n, n - 1) for n in range(count))


def fan_of_lost_steps(count: int) -> str:
    steps = "".join(f'<userTask id="a{n}"/><userTask id="b{n}"/>' for n in range(count))
    return steps + flows(*(f"a{n}>b0" for n in range(count)), *(f"b{n}>b{n + 1}" for n in range(count - 1)))


def stairs_of_gateways(count: int) -> str:
    gateways = "".join(f'<exclusiveGateway id="g{n}"/>' for n in reversed(range(count)))
    return gateways + flows(*(f"g{n}>g{n + 1}" for n in range(count - 1)), *(f"g{n}>e" for n in range(count)))


def links_to_each_other(count: int) -> str:
    return "".join(link("Throw", f"t{n}") + link("Catch", f"c{n}") for n in range(count))


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("", row_of_calls(2_400)),
        ("", "".join(reversed(row_of_calls(2_400).split("<process ")[1:])).replace('id="q', '<process id="q')),
        (fan_of_lost_steps(1_200), ""),
        (stairs_of_gateways(1_600), ""),
        (links_to_each_other(800), ""),
    ],
    ids=["calls", "calls backwards", "lost steps", "gateways", "links"],
)
def test_a_diagram_made_to_be_slow_is_checked_nearly_as_soon_as_a_plain_one(body: str, after: str) -> None:
    seconds, found = spent(between_ends(body + flows("s>e")), after)
    assert found
    assert seconds < 5 * spent(between_ends(in_a_row("userTask", 1_500) + flows("t1499>e")))[0]
