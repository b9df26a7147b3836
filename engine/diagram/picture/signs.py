"""The small signs of BPMN: what kind of task, event or gateway it is (BPMN 2.0, clauses 10.3 to 10.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

# Paths in a square of 20 by 20, drawn as lines.
TASKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "userTask": "M10 3a4 4 0 1 0 0.01 0M3 18c0-5 3-7 7-7s7 2 7 7z",
        "manualTask": "M3 12c1-4 4-6 7-6h5M3 12v4h11M9 9h8M9 12h8M9 15h7",
        "serviceTask": "M10 6a4 4 0 1 0 0.01 0M10 2v3M10 15v3M2 10h3M15 10h3M4.5 4.5l2 2M13.5 13.5l2 2M15.5 4.5l-2 2M6.5 13.5l-2 2",
        "scriptTask": "M5 2h11c-3 3 2 6-1 9s1 5-2 7H3c3-3-2-6 1-9S2 5 5 2M7 6h5M7 10h5M6 14h5",
        "businessRuleTask": "M2 4h16v13H2zM2 8h16M2 12.5h16M7 8v9",
        "sendTask": "M2 5h16v11H2zM2 5l8 6 8-6",
        "receiveTask": "M2 5h16v11H2zM2 5l8 6 8-6",
    }
)
EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "timer": "M10 1a9 9 0 1 0 0.01 0M10 10l3-5M10 10h5M10 2v2M10 16v2M2 10h2M16 10h2",
        "message": "M2 5h16v11H2zM2 5l8 6 8-6",
        "signal": "M10 3l8 13H2z",
        "error": "M3 17L7 5l5 7 5-9-4 14-5-7z",
        "escalation": "M10 2l6 15-6-6-6 6z",
        "conditional": "M4 2h12v16H4zM6 6h8M6 10h8M6 14h8",
        "link": "M2 7h9V3l7 7-7 7v-4H2z",
        "compensate": "M10 4v12L3 10zM17 4v12l-7-6z",
        "cancel": "M4 4l12 12M16 4L4 16",
        "multiple": "M10 2l8 6-3 10H5L2 8z",
    }
)
GATEWAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "exclusiveGateway": "M5 5l10 10M15 5L5 15",
        "parallelGateway": "M10 2v16M2 10h16",
        "inclusiveGateway": "M10 3a7 7 0 1 0 0.01 0",
        "complexGateway": "M10 2v16M2 10h16M4 4l12 12M16 4L4 16",
        "eventBasedGateway": "M10 1a9 9 0 1 0 0.01 0M10 5l5 4-2 6H7L5 9z",
    }
)
LOOPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "parallel": "M5 4v12M10 4v12M15 4v12",
        "sequential": "M4 5h12M4 10h12M4 15h12",
        "standard": "M7 16a7 7 0 1 1 4 0.5M7 16l-3-1M7 16l0.5-4",
    }
)
COLLAPSED: Final = "M2 2h16v16H2zM10 5v10M5 10h10"


def sign(path: str, x: float, y: float, size: float, *, filled: bool = False) -> Iterator[str]:
    """`filled` is for what is thrown; drawn in white on ink then."""
    scale = size / 20
    look = "sign-on" if filled else "sign"
    yield f'<path class="{look}" transform="translate({x:g} {y:g}) scale({scale:g})" d="{path}"/>'
