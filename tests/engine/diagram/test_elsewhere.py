"""What a file defines once and refers to is read, checked and run as if it were drawn where it is meant."""

from __future__ import annotations

import pytest

from engine.diagram import lint, run
from engine.diagram.forms import forms_of
from engine.diagram.owners import owner_of
from engine.diagram.read import read
from tests.engine.diagram.builders import call, catch, end, line, source, start, user
from tests.engine.diagram.playing import Play

FORM = b'{"type": "default", "components": [{"type": "textfield", "key": "reason", "label": "Reason"}]}'


def beside(defined: str, *parts: str) -> bytes:
    """A file with something defined beside its process."""
    return source(*parts).replace(b"<process ", defined.encode() + b"<process ", 1)


def steps(defined: str, called: str = "g") -> bytes:
    return beside(defined, start(), call("c", called), end(), line("s", "c", "e"))


def codes(file: bytes) -> set[str]:
    found = lint.findings(read(file, "small.bpmn"))
    return {one.rule.code for one in found if one.rule.severity == "blocks"}


@pytest.mark.parametrize("kind", ["globalUserTask", "globalManualTask", "globalTask"])
@pytest.mark.parametrize("called", ["g", "x:g"])
def test_a_global_task_of_a_person_waits_where_it_is_called(kind: str, called: str) -> None:
    drawn = read(steps(f'<{kind} id="g" name="Ask 询问"/>', called), "small.bpmn")
    assert drawn.elements["c"].name == "Ask 询问"
    assert owner_of(drawn)["c"] == "process:p"
    case = Play(drawn)
    assert case.people == ["c"]
    assert case.do("c").ended


def test_the_form_of_a_global_task_is_that_of_the_step() -> None:
    drawn = read(steps('<globalUserTask id="g" officium:form="reason.form.json"/>'), "small.bpmn")
    assert [one.key for one in forms_of(drawn, {"reason.form.json": FORM})["c"].fields] == ["reason"]


def test_a_global_script_is_worked_out_where_it_is_called() -> None:
    script = '<globalScriptTask id="g"><script>fee = 30</script></globalScriptTask>'
    ways = (
        '<exclusiveGateway id="x" default="x-e"/><sequenceFlow id="x-u" sourceRef="x" targetRef="u">'
        '<conditionExpression>fee = 30</conditionExpression></sequenceFlow><sequenceFlow id="x-e" sourceRef="x" '
        'targetRef="e"/>'
    )
    case = Play(
        read(beside(script, start(), call("c", "g"), user("u"), end(), line("s", "c", "x"), ways), "small.bpmn")
    )
    assert case.waiting == ["u"]


def test_a_global_decision_asks_its_table() -> None:
    drawn = read(steps('<globalBusinessRuleTask id="g" camunda:decisionRef="fees"/>'), "small.bpmn")
    assert drawn.elements["c"].kind == "businessRuleTask"
    assert Play(drawn).troubles == [("c", "decision")]


def test_a_step_of_its_own_keeps_its_name_and_is_found_in_its_line() -> None:
    file = steps('<globalUserTask id="g" name="Ask 询问" implementation="##unspecified"/>').replace(
        b'<callActivity id="c"', b'\n\n<callActivity id="c" name="Hear"'
    )
    step = read(file, "small.bpmn").elements["c"]
    assert (step.name, step.line) == ("Hear", 3)


def test_a_call_to_nothing_is_still_a_call_to_another_procedure() -> None:
    drawn = read(steps('<globalUserTask id="g"/>', "elsewhere"), "small.bpmn")
    assert drawn.elements["c"].kind == "callActivity"
    with pytest.raises(run.CannotRun, match="elsewhere"):
        run.model(drawn, process="p")


def test_an_event_waits_for_what_is_defined_beside_the_process() -> None:
    timer = '<timerEventDefinition id="later"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    event = catch("t", "<eventDefinitionRef>later</eventDefinitionRef>")
    file = beside(timer, start(), event, end(), line("s", "t", "e"))
    assert codes(file) == set()
    assert read(file, "small.bpmn").elements["t"].event == "timer"
    assert Play(read(file, "small.bpmn")).fire("t").ended


def test_an_event_defined_nowhere_is_refused_by_name() -> None:
    event = catch("t", "<eventDefinitionRef>gone</eventDefinitionRef>")
    file = beside("", start(), event, end(), line("s", "t", "e"))
    assert codes(file) == {"unsupported-element"}
    with pytest.raises(run.CannotRun):
        run.model(read(file, "small.bpmn"), process="p")


def test_a_condition_that_nobody_has_written_never_comes_about() -> None:
    event = catch("t", "<conditionalEventDefinition/>")
    case = Play(read(source(start(), event, end(), line("s", "t", "e")), "small.bpmn"))
    assert case.waiting == ["t"]
