"""Whether what a step calls a refusal can be one, and whether its ground is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram import language, refusing
from engine.diagram.checked import Checked
from engine.diagram.kinds import HUMAN
from engine.diagram.shape import Element, Finding, Flow, Rule, Severity

REFUSAL_UNFIT: Final = Rule(
    "refusal-unfit",
    Severity.ATTENTION,
    Text(
        en="What “{name}” (line {line}) says of a refusal contradicts the diagram: {problem}.",
        zh="“{name}”（第 {line} 行）关于不予办理的设置与流程图矛盾：{problem}。",
    ),
    Text(
        en='Write a condition on the answers, such as decision = "refuse", or the id of a way out behind the step, and name '
        "the fields of its form that hold the ground.",
        zh='请写明依据答案的条件（如 decision = "refuse"）或该环节之后某条出路的编号，并写明表单中填写理由的字段。',
    ),
)

_NOT_HERE: Final = Text("nobody decides anything there", "该处无人作出决定")
_NO_REFUSAL: Final = Text(
    "a field for the ground is named, but not when it is a refusal", "写明了理由字段，但未写明何时为不予办理"
)
_UNREADABLE: Final = Text(
    "“{written}” is neither a condition nor a way out of a gateway behind it",
    "“{written}”既不是条件，也不是其后网关的出路",
)
_NO_ANSWER: Final = Text(
    "nobody answers “{written}”, so it is never a refusal", "没有表单填写“{written}”，因此永远不会是不予办理"
)
_NO_FIELD: Final = Text("the step's form has no field “{written}”", "该环节的表单没有字段“{written}”")
_FAR: Final = 12
"""So many gateways behind a step are still its own ways out; the bound keeps a hostile diagram cheap."""


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        if element.refusal or element.ground:
            for problem in _problems(all_of, element):
                yield all_of.finding(REFUSAL_UNFIT, element.id, problem=problem)


def _problems(all_of: Checked, step: Element) -> Iterator[Text]:
    if step.kind not in HUMAN:
        yield _NOT_HERE
        return
    form = all_of.forms.get(step.id)
    fields = {one.key for one in form.fields} if form is not None else set()
    if not step.refusal:
        yield _NO_REFUSAL
    else:
        yield from _when(all_of, step, refusing.read(all_of.diagram, step))
    for key in step.ground:
        if key not in fields:
            yield _said(_NO_FIELD, key)


def _when(all_of: Checked, step: Element, said: refusing.Refusing) -> Iterator[Text]:
    condition = said.condition
    if said.way is not None:
        if said.way not in _ways_out(all_of, step):
            yield _said(_UNREADABLE, said.way.id)
        return
    try:
        names = language.expression(condition or "").names
    except language.NotAnExpression:
        yield _said(_UNREADABLE, condition or "")
        return
    answered = {field.key for form in all_of.forms.values() for field in form.fields}
    for name in sorted(names - answered):
        yield _said(_NO_ANSWER, name)


def _ways_out(all_of: Checked, step: Element) -> list[Flow]:
    """Of the gateways that come before anybody does anything else."""
    found: list[Flow] = []
    ahead, seen = [step.id], set[str]()
    while ahead and len(seen) < _FAR:
        here = ahead.pop(0)
        if here in seen:
            continue
        seen.add(here)
        for flow in all_of.outgoing.get(here, ()):
            target = all_of.diagram.elements.get(flow.target)
            found += [flow] if here != step.id else []
            if target is not None and target.kind.endswith("Gateway"):
                ahead.append(target.id)
    return found


def _said(text: Text, written: str) -> Name:
    return Name(text.say("en", written=written), text.say("zh", written=written))
