"""What other programs have added to the file: what of it is read here, and what does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.checked import Checked, listed
from engine.diagram.dialects import ACTIVITI, CAMUNDA, FLOWABLE, SPIFF, ZEEBE
from engine.diagram.drawn import tag
from engine.diagram.mappings import MAPPINGS, mapped
from engine.diagram.shape import Finding, Rule, Severity
from engine.diagram.xml import GIVEN, OWN

VENDOR_UNDERSTOOD: Final = Rule(
    "vendor-understood",
    Severity.INFO,
    Text(
        en="The file carries additions of {vendor} that are read here, {count} in all, the first in line {line}: {names}.",
        zh="文件带有 {vendor} 的扩展，其中可在此读取的共 {count} 处，第一处在第 {line} 行：{names}。",
    ),
    Text(
        en="Nothing need be done: who does a step, its form, its table and its dates are taken from them.",
        zh="无需处理：办理人、表单、决策表和时间均从中读取。",
    ),
)
VENDOR_EXTENSION: Final = Rule(
    "vendor-extension",
    Severity.INFO,
    Text(
        en="The file carries additions of {vendor} that do nothing here, {count} in all, the first in line {line}: {names}.",
        zh="文件带有 {vendor} 的扩展，其中在此不起作用的共 {count} 处，第一处在第 {line} 行：{names}。",
    ),
    Text(en="Nothing need be done; they are kept as they are.", zh="无需处理，这些内容会原样保留。"),
)
VENDOR_WORK_IGNORED: Final = Rule(
    "vendor-work-ignored",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) carries work for {vendor} that is not done here: {names} ({count} in all).",
        zh="“{name}”（第 {line} 行）带有由 {vendor} 执行、在此不会执行的内容：{names}。共 {count} 处。",
    ),
    Text(
        en="Draw what they do as steps of their own: a script, a table, or a step that a person does.",
        zh="请将其所做的工作画成独立的环节：脚本、决策表或由人办理的环节。",
    ),
)


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_CAMUNDA_READ: Final = _set(
    "candidateGroups assignee candidateUsers dueDate formKey formRef formRefBinding formData formField formProperty decisionRef decisionRefBinding resultVariable class delegateExpression expression topic type collection elementVariable connector field"
)
_CAMUNDA_WORK: Final = _set(
    "executionListener taskListener inputOutput in out errorEventDefinition skipExpression variableMappingClass variableMappingDelegateExpression mapException eventListener"
)
_READ: Final[Mapping[str, frozenset[str]]] = {
    CAMUNDA: _CAMUNDA_READ,
    FLOWABLE: _CAMUNDA_READ,
    ACTIVITI: _CAMUNDA_READ,
    ZEEBE: _set(
        "assignmentDefinition formDefinition taskSchedule calledDecision calledElement loopCharacteristics taskDefinition userTaskForm userTask"
    ),
    SPIFF: _set("candidateGroups assignee candidateUsers calledDecisionId properties"),
}
_WORK: Final[Mapping[str, frozenset[str]]] = {
    CAMUNDA: _CAMUNDA_WORK,
    FLOWABLE: _CAMUNDA_WORK,
    ACTIVITI: _CAMUNDA_WORK,
    ZEEBE: _set("ioMapping executionListeners taskListeners script"),
    SPIFF: _set("preScript postScript serviceTaskOperator"),
}
_VENDORS: Final[Mapping[str, str]] = {
    CAMUNDA: "Camunda",
    FLOWABLE: "Flowable",
    ACTIVITI: "Activiti",
    ZEEBE: "Camunda 8",
    SPIFF: "SpiffWorkflow",
    "http://camunda.org/schema/modeler": "Camunda Modeler",
    "http://bpmn.io": "bpmn.io",
    "http://www.signavio.com": "Signavio",
    "http://www.bizagi.com/bpmn20": "Bizagi",
    "http://www.trisotech.com/2014/triso/bpmn": "Trisotech",
    "http://www.boc-eu.com": "ADONIS",
}
# Not a vendor's: BPMN's own, and the colours every modeller knows.
_STANDARD: Final = (
    "http://www.omg.org/spec/",
    "http://www.w3.org/",
    "http://bpmn.io/schema/bpmn/biocolor",
    OWN,
    GIVEN[1:].partition("}")[0],
)


@dataclass(slots=True)
class _Told:
    """The names of what was added, how often, and the BPMN element that carries the first."""

    first: etree._Element
    names: dict[str, None] = field(default_factory=dict)
    count: int = 0


def findings(all_of: Checked) -> Iterator[Finding]:
    """Told once for each vendor and kind, at the first BPMN element that carries something of theirs."""
    found: dict[tuple[str, str], _Told] = {}
    for node in all_of.drawn.lines:
        for written in _foreign_names(node):
            vendor, _, name = written[1:].partition("}")
            if not vendor.startswith(_STANDARD):
                told = found.setdefault((vendor, _rule(vendor, name, node).code), _Told(node))
                told.names[name] = None
                told.count += 1
    for (vendor, code), told in found.items():
        at = _named(told.first)
        facts = {"vendor": _vendor(vendor), "count": told.count, "names": listed(told.names, most=8)}
        yield Finding(_RULES[code], all_of.drawn.line(told.first), at.get("id"), at.get("name") or None, facts)


_RULES: Final = {rule.code: rule for rule in (VENDOR_UNDERSTOOD, VENDOR_EXTENSION, VENDOR_WORK_IGNORED)}


def _rule(vendor: str, name: str, node: etree._Element) -> Rule:
    if name in MAPPINGS and tag(node) == "extensionElements":
        step = node.getparent()
        return VENDOR_WORK_IGNORED if step is None or mapped(step).ignored else VENDOR_UNDERSTOOD
    if name in _READ.get(vendor, ()):
        return VENDOR_UNDERSTOOD
    return VENDOR_WORK_IGNORED if name in _WORK.get(vendor, ()) else VENDOR_EXTENSION


def _vendor(namespace: str) -> str:
    return next((name for known, name in _VENDORS.items() if namespace.startswith(known)), namespace)


def _named(node: etree._Element) -> etree._Element:
    """The element itself, or the one around it that has an id, as around its extensionElements."""
    at: etree._Element | None = node
    while at is not None and not at.get("id"):
        at = at.getparent()
    return node if at is None else at


def _foreign_names(node: etree._Element) -> Iterator[str]:
    yield from (str(name) for name in node.attrib if str(name).startswith("{"))
    yield from (str(child.tag) for child in node if str(child.tag).startswith("{") and not tag(child))
