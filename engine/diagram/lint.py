"""Everything that is wrong with a diagram, or worth a look, in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from engine.diagram.checked import checked
from engine.diagram.rules import (
    decisions,
    expressions,
    forms,
    loops,
    naming,
    ownership,
    references,
    running,
    structure,
    support,
    timing,
)
from engine.diagram.shape import Diagram, Finding, Rule, Severity

_FAMILIES: Final = (
    references,
    structure,
    support,
    ownership,
    expressions,
    timing,
    running,
    loops,
    decisions,
    forms,
)
RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.code: rule for family in (naming, *_FAMILIES) for rule in vars(family).values() if isinstance(rule, Rule)}
)
"""Every rule of this folder by its code."""

_ORDER: Final = {severity: position for position, severity in enumerate(Severity)}
_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})


def findings(diagram: Diagram, attachments: Mapping[str, bytes] = _NOTHING) -> tuple[Finding, ...]:
    """What blocks first, then by line; what is about no place in the diagram comes last."""
    all_of = checked(diagram, attachments)
    found = [*diagram.findings, *(one for family in _FAMILIES for one in family.findings(all_of))]
    return tuple(sorted(found, key=_place))


def blocks(findings: Iterable[Finding]) -> bool:
    return any(one.rule.severity is Severity.BLOCKS for one in findings)


def _place(finding: Finding) -> tuple[int, bool, int, str, str]:
    line = finding.line
    return _ORDER[finding.rule.severity], line is None, line or 0, finding.rule.code, finding.element or ""
