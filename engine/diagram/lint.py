"""Everything that is wrong with a diagram, or worth a look, in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from engine.diagram.checked import checked
from engine.diagram.rules import (
    clocks,
    committees,
    connectors,
    decisions,
    documents,
    duties,
    expressions,
    forms,
    handovers,
    labels,
    loops,
    moves,
    naming,
    ownership,
    periods,
    portability,
    references,
    refusing,
    running,
    soundness,
    structure,
    support,
    timing,
    variables,
)
from engine.diagram.shape import Diagram, Finding, Rule, Severity
from engine.diagram.staffing import Staffing

_FAMILIES: Final = (
    references,
    structure,
    support,
    ownership,
    expressions,
    variables,
    timing,
    periods,
    clocks,
    running,
    loops,
    soundness,
    decisions,
    forms,
    documents,
    duties,
    committees,
    moves,
    refusing,
    connectors,
    handovers,
    labels,
    portability,
)
_OF_PEOPLE: Final = (ownership, duties, committees, connectors)
"""The families that also look at who there is to do the work."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.code: rule for family in (naming, *_FAMILIES) for rule in vars(family).values() if isinstance(rule, Rule)}
)
"""Every rule by its code."""

_ORDER: Final = {severity: position for position, severity in enumerate(Severity)}
_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})


def findings(
    diagram: Diagram, attachments: Mapping[str, bytes] = _NOTHING, staffing: Staffing | None = None
) -> tuple[Finding, ...]:
    """What blocks first, then by line; what is about no place in the diagram comes last."""
    all_of = checked(diagram, attachments)
    found = [*diagram.findings, *(one for family in _FAMILIES for one in family.findings(all_of))]
    return in_order(found if staffing is None else [*found, *of_people(diagram, staffing)])


def of_people(diagram: Diagram, staffing: Staffing) -> tuple[Finding, ...]:
    """Only what depends on the organisation, which changes while a diagram stays as it is."""
    return tuple(one for family in _OF_PEOPLE for one in family.staffed(diagram, staffing))


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=_place))


def blocks(findings: Iterable[Finding]) -> bool:
    return any(one.rule.severity is Severity.BLOCKS for one in findings)


def _place(finding: Finding) -> tuple[int, bool, int, str, str]:
    line = finding.line
    return _ORDER[finding.rule.severity], line is None, line or 0, finding.rule.code, finding.element or ""
