"""Which steps and flows of a diagram some trial went through, and which none did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.run.trace import Parted, Passed
from engine.diagram.shape import Diagram, Element
from engine.diagram.trial.ground import Ground
from engine.diagram.trial.play import Moment

_CHOOSING: Final = ("exclusiveGateway", "inclusiveGateway", "complexGateway")


@frozen
class Coverage:
    """Ids in the order of the file. Only the process that is run counts, with all that is drawn in it."""

    steps: tuple[str, ...]
    flows: tuple[str, ...]
    passed_steps: frozenset[str]
    passed_flows: frozenset[str]

    @property
    def missed_steps(self) -> tuple[str, ...]:
        return tuple(one for one in self.steps if one not in self.passed_steps)

    @property
    def missed_flows(self) -> tuple[str, ...]:
        return tuple(one for one in self.flows if one not in self.passed_flows)

    @property
    def percent_of_steps(self) -> int:
        return _percent(len(self.passed_steps), len(self.steps))

    @property
    def percent_of_flows(self) -> int:
        return _percent(len(self.passed_flows), len(self.flows))

    def __or__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.steps, self.flows, self.passed_steps | other.passed_steps, self.passed_flows | other.passed_flows
        )


def coverage(ground: Ground, moments: Iterable[Moment] = ()) -> Coverage:
    diagram = ground.diagram
    own = {one.id: one for one in diagram.elements.values() if one.process == ground.process}
    flows = tuple(one.id for one in diagram.flows.values() if one.source in own)
    happened = [one for moment in moments for one in moment.happened if one.process == ground.process]
    passed = {one.element for one in happened if isinstance(one, Passed)} & own.keys()
    taken = {flow for one in happened if isinstance(one, Parted) for flow in one.taken}
    parted = {one.element for one in happened if isinstance(one, Parted)}
    found = {flow for flow in flows if flow in taken or _followed(diagram, own, flow, passed, parted)}
    return Coverage(tuple(own), flows, frozenset(passed), frozenset(found))


def _followed(diagram: Diagram, own: dict[str, Element], flow: str, passed: set[str], parted: set[str]) -> bool:
    """Whether a token that left its source went along it. Where ways part, only what was said there tells."""
    drawn = diagram.flows[flow]
    if drawn.source not in passed:
        return False
    kind = own[drawn.source].kind
    if kind == "eventBasedGateway":
        return drawn.target in passed
    return kind not in _CHOOSING and drawn.source not in parted


def _percent(part: int, whole: int) -> int:
    """Never 100 while something is left."""
    return 100 if part == whole else min(99, round(100 * part / whole))
