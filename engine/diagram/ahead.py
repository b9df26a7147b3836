"""What comes after a step: the next places where somebody does something or the case ends, and by which ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from engine.base.frozen import frozen
from engine.diagram.kinds import CHOOSING, HUMAN, SUB_PROCESSES
from engine.diagram.owners import flows_into, flows_out_of
from engine.diagram.shape import Diagram, Element, Flow

MOST: Final = 24
"""So many are told; a diagram in which more can come next says little by telling them all."""
_DEEPEST: Final = 60

_AFTER: Final = frozenset({"timer", "message", "signal", "conditional"})


@frozen
class Way:
    """A way out of a gateway. `otherwise`: taken where no other is. `condition` as written, where there is one."""

    gateway: str
    flow: str
    asked: str | None  # what the gateway is called
    name: str | None
    condition: str | None
    otherwise: bool


@frozen
class Wait:
    """Something that must happen first, or that happens instead: `kind` is the event's, `overtakes` ends the step itself."""

    kind: str
    name: str | None
    overtakes: bool = False


@frozen
class Coming:
    """`kind`: "step" for a person, "call" for another procedure, "end". `also`: steps that must be done as well before it."""

    element: str
    kind: Literal["step", "call", "end"]
    name: str | None
    ways: tuple[Way, ...] = ()
    waits: tuple[Wait, ...] = ()
    also: tuple[str, ...] = ()
    beside: bool = False  # with others at the same time


def ahead(diagram: Diagram, step: str) -> tuple[Coming, ...]:
    """In the order of the ways; each place once for each choice that leads there."""
    if step not in diagram.elements:
        return ()
    walk = _Walk(diagram)
    found: dict[tuple[str, tuple[str, ...], tuple[Wait, ...]], Coming] = {}
    for one in walk.from_step(diagram.elements[step]):
        found.setdefault((one.element, tuple(way.flow for way in one.ways), one.waits), one)
        if len(found) >= MOST:
            break
    return tuple(found.values())


@frozen
class _So:
    """How the walk came here."""

    ways: tuple[Way, ...] = ()
    waits: tuple[Wait, ...] = ()
    also: tuple[str, ...] = ()
    beside: bool = False
    passed: tuple[str, ...] = ()


class _Walk:
    def __init__(self, diagram: Diagram) -> None:
        self._elements = diagram.elements
        self._out: Mapping[str, Sequence[Flow]] = flows_out_of(diagram)
        self._into: Mapping[str, Sequence[Flow]] = flows_into(diagram)

    def from_step(self, step: Element) -> Iterator[Coming]:
        start = _So(passed=(step.id,))
        yield from self._leave(step, start)
        for border in self._elements.values():
            if border.attached_to == step.id and border.event in _AFTER:
                wait = Wait(border.event or "", border.name, overtakes=border.interrupting)
                yield from self._leave(border, replace(start, waits=(wait,)))

    def _leave(self, here: Element, so: _So) -> Iterator[Coming]:
        leaving = self._out.get(here.id, ())
        if not leaving:
            yield from self._left(here, so)
            return
        chooses = here.kind in CHOOSING or any(flow.condition for flow in leaving)
        for flow in leaving:
            then = so
            if len(leaving) > 1 and chooses:
                then = replace(so, ways=(*so.ways, _way(here, flow)))
            elif len(leaving) > 1 and here.kind != "eventBasedGateway":
                then = replace(so, beside=True)
            yield from self._reach(self._elements.get(flow.target), flow, then)

    def _reach(self, there: Element | None, flow: Flow | None, so: _So) -> Iterator[Coming]:
        if there is None or len(so.passed) > _DEEPEST:
            return
        if there.kind in HUMAN:
            yield _coming(there, "step", so)
        elif there.kind == "callActivity":
            yield _coming(there, "call", so)
        elif there.id not in so.passed:
            so = replace(so, passed=(*so.passed, there.id))
            if there.kind in SUB_PROCESSES:
                yield from self._into_scope(there, so)
            else:
                yield from self._leave(there, self._through(there, flow, so))

    def _through(self, there: Element, flow: Flow | None, so: _So) -> _So:
        """What passing it adds: something to wait for, or others that must be done as well."""
        if there.kind == "receiveTask" or (there.kind == "intermediateCatchEvent" and there.event in _AFTER):
            return replace(so, waits=(*so.waits, Wait(there.event or "message", there.name)))
        entering = self._into.get(there.id, ())
        if there.kind == "parallelGateway" and len(entering) > 1:
            others = [one for one in entering if one is not flow]
            return replace(so, also=(*so.also, *self._steps_before(others, so)), beside=False)
        return so

    def _steps_before(self, flows: Sequence[Flow], so: _So) -> tuple[str, ...]:
        """The nearest steps on the other ways into a join."""
        found: dict[str, None] = {}
        waiting, seen = [flow.source for flow in flows], set(so.passed)
        while waiting:
            here = self._elements.get(waiting.pop(0))
            if here is None or here.id in seen:
                continue
            seen.add(here.id)
            if here.kind in HUMAN or here.kind in SUB_PROCESSES or here.kind == "callActivity":
                found[here.id] = None
            elif here.attached_to is None:
                waiting += [flow.source for flow in self._into.get(here.id, ())]
        return tuple(found)

    def _into_scope(self, scope: Element, so: _So) -> Iterator[Coming]:
        inside = [one for one in self._elements.values() if one.scope == scope.id and one.kind != "boundaryEvent"]
        starts = [one for one in inside if one.kind == "startEvent"] or [
            one for one in inside if not self._into.get(one.id) and not one.triggered_by_event
        ]
        if not inside:
            yield from self._leave(scope, so)
        for start in starts:
            yield from self._reach(start, None, so if len(starts) == 1 else replace(so, beside=True))

    def _left(self, here: Element, so: _So) -> Iterator[Coming]:
        """Nothing leaves it: a link goes on elsewhere, the end of a sub-process behind that, any other is the end."""
        if here.event == "link" and here.kind == "intermediateThrowEvent":
            for one in self._elements.values():
                if one.kind == "intermediateCatchEvent" and one.event == "link" and one.event_name == here.event_name:
                    yield from self._reach(one, None, so)
            return
        scope = self._elements.get(here.scope)
        if scope is None:
            yield _coming(here, "end", so)
            return
        caught = [one for one in self._elements.values() if _catches(one, scope, here)]
        if caught:
            yield from self._reach(caught[0], None, so)
        elif scope.id not in so.passed or here.id in so.passed:
            yield from self._leave(scope, replace(so, passed=(*so.passed, scope.id)))


def _coming(there: Element, kind: Literal["step", "call", "end"], so: _So) -> Coming:
    return Coming(there.id, kind, there.name, so.ways, so.waits, so.also, so.beside)


def _way(gateway: Element, flow: Flow) -> Way:
    return Way(gateway.id, flow.id, gateway.name, flow.name, flow.condition, flow.id == gateway.default)


def _catches(border: Element, scope: Element, thrown: Element) -> bool:
    """An error or escalation at the end of a sub-process leaves it by the event on its border that is for it."""
    return (
        thrown.event in ("error", "escalation")
        and border.attached_to == scope.id
        and border.event == thrown.event
        and border.event_name in (None, thrown.event_name)
    )
