"""Small BPMN files said in a line or two: `file(start(), user("a"), end(), line("s", "a", "e"))`."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from engine.diagram.read import read
from engine.diagram.shape import Diagram

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:officium="urn:officium:procedure:1" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:flowable="http://flowable.org/bpmn" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="x">'
)
_REFERENCE = re.compile(r'(message|signal|error|escalation)Ref="(?:message|signal|error|escalation)_([^"]+)"')


def _tag(kind: str, id_: str, inside: str = "", **attributes: str) -> str:
    written = "".join(f" {name.replace('__', ':')}={quoteattr(value)}" for name, value in attributes.items())
    return f'<{kind} id="{id_}"{written}>{inside}</{kind}>'


def start(id_: str = "s", trigger: str = "", **attributes: str) -> str:
    return _tag("startEvent", id_, trigger, **attributes)


def end(id_: str = "e", trigger: str = "") -> str:
    return _tag("endEvent", id_, trigger)


def catch(id_: str, trigger: str = "") -> str:
    return _tag("intermediateCatchEvent", id_, trigger)


def throw(id_: str, trigger: str = "") -> str:
    return _tag("intermediateThrowEvent", id_, trigger)


def border(id_: str, host: str, trigger: str, *, interrupting: bool = True) -> str:
    return _tag("boundaryEvent", id_, trigger, attachedToRef=host, cancelActivity=str(interrupting).lower())


def user(id_: str, inside: str = "", **attributes: str) -> str:
    return _tag("userTask", id_, inside, **attributes)


def step(kind: str, id_: str, inside: str = "", **attributes: str) -> str:
    return _tag(kind, id_, inside, **attributes)


def script(id_: str, text: str) -> str:
    return _tag("scriptTask", id_, f"<script>{escape(text)}</script>")


def sub(id_: str, *parts: str, **attributes: str) -> str:
    return _tag("subProcess", id_, "".join(parts), **attributes)


def handler(id_: str, *parts: str) -> str:
    """An event sub-process."""
    return _tag("subProcess", id_, "".join(parts), triggeredByEvent="true")


def call(id_: str, process: str, inside: str = "") -> str:
    return _tag("callActivity", id_, inside, calledElement=process)


def xor(id_: str = "g", **attributes: str) -> str:
    return _tag("exclusiveGateway", id_, **attributes)


def some(id_: str, **attributes: str) -> str:
    return _tag("inclusiveGateway", id_, **attributes)


def both(id_: str) -> str:
    return _tag("parallelGateway", id_)


def first(id_: str) -> str:
    return _tag("eventBasedGateway", id_)


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def cycle(text: str) -> str:
    return timer(text, "timeCycle")


def message(name: str) -> str:
    return f'<messageEventDefinition messageRef="message_{name}"/>'


def signal(name: str) -> str:
    return f'<signalEventDefinition signalRef="signal_{name}"/>'


def error(name: str = "") -> str:
    return f'<errorEventDefinition errorRef="error_{name}"/>' if name else "<errorEventDefinition/>"


def escalation(name: str = "") -> str:
    return f'<escalationEventDefinition escalationRef="escalation_{name}"/>' if name else "<escalationEventDefinition/>"


def condition(text: str) -> str:
    return f"<conditionalEventDefinition><condition>{escape(text)}</condition></conditionalEventDefinition>"


def terminate() -> str:
    return "<terminateEventDefinition/>"


def link(name: str) -> str:
    return f'<linkEventDefinition name="{name}"/>'


def several(inside: str, *, sequential: bool = False, **attributes: str) -> str:
    return _tag(
        "multiInstanceLoopCharacteristics", "", inside, isSequential=str(sequential).lower(), **attributes
    ).replace(' id=""', "")


def times(number: int | str) -> str:
    return f"<loopCardinality>{number}</loopCardinality>"


def again(text: str = "", **attributes: str) -> str:
    inside = f"<loopCondition>{escape(text)}</loopCondition>" if text else ""
    return _tag("standardLoopCharacteristics", "", inside, **attributes).replace(' id=""', "")


def flow(source: str, target: str, when: str | None = None, id_: str | None = None, name: str = "") -> str:
    inside = "" if when is None else f"<conditionExpression>{escape(when)}</conditionExpression>"
    return (
        f'<sequenceFlow id="{id_ or f"{source}-{target}"}" sourceRef="{source}" targetRef="{target}"'
        f" name={quoteattr(name)}>{inside}</sequenceFlow>"
    )


def line(*ids: str) -> str:
    """Flows from each to the next, called `a-b`."""
    return "".join(flow(one, other) for one, other in pairwise(ids))


def process(*parts: str, id_: str = "p") -> str:
    return _tag("process", id_, "".join(parts))


def source(*parts: str) -> bytes:
    """A file of whole processes, or of the parts of one called `p`."""
    inside = "".join(parts)
    body = inside if inside.startswith("<process") else process(inside)
    referred = dict.fromkeys(_REFERENCE.findall(body))
    named = "".join(f'<{kind} id="{kind}_{name}" name="{name}"/>' for kind, name in referred)
    return f"{_HEAD}{named}{body}</definitions>".encode()


def file(*parts: str, name: str = "small.bpmn") -> Diagram:
    return read(source(*parts), name)


def straight(count: int) -> Diagram:
    """`count` user tasks in a row: t1, t2 …"""
    names = ["s", *(f"t{number}" for number in range(1, count + 1)), "e"]
    return file(start(), *(user(name) for name in names[1:-1]), end(), line(*names))
