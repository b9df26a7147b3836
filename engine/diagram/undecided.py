"""From where a case is certain to come once more to a step that decides. In doubt it has been decided."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.checked import Checked, checked
from engine.diagram.passages import OUT, passages
from engine.diagram.reach import beginnings, reached
from engine.diagram.shape import Diagram, Element

_ONE_OF_SEVERAL: Final = frozenset({"exclusiveGateway", "eventBasedGateway"})
_WAIT_BESIDE: Final = frozenset({"boundaryEvent", "startEvent"})
"""What they wait for may come while the token stands elsewhere."""
_NONE: Final[frozenset[str]] = frozenset()


@frozen
class Undecided:
    """`places`: where a token may wait -> what decides that every way from there to an end passes first."""

    process: str = ""
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)
    called: frozenset[str] = _NONE  # the same of all that waits in what the process calls

    def at(self, process: str, element: str) -> frozenset[str]:
        return self.places.get(element, _NONE) if process == self.process else self.called


def undecided(diagram: Diagram, process: str, deciding: Collection[str]) -> Undecided:
    """`process`: the case's own. What it may call elsewhere is not looked into."""
    elements = diagram.elements
    cut = {one for one in deciding if one in elements and elements[one].loop is None}  # a repeated one: perhaps never
    if not cut:
        return Undecided(process)
    first = _Ways(checked(diagram, {}), cut).first
    waits = (one for one in elements.values() if one.process == process and one.kind not in _WAIT_BESIDE)
    places = {one.id: found for one in waits if (found := first(one))}
    calls = [places.get(one.id, _NONE) for one in elements.values() if _calls(one, process)]
    own = frozenset.intersection(*calls) if calls else _NONE
    return Undecided(process, places, own)


def _calls(one: Element, process: str) -> bool:
    return one.kind == "callActivity" and one.process == process


class _Ways:
    """What is drawn, without what leads on from a step that decides when it is done.

    More ways than there are make a doubt, and a doubt changes nothing; one too few would let a period run on.
    """

    def __init__(self, all_of: Checked, deciding: Collection[str]) -> None:
        self._all = all_of
        drawn = passages(all_of)
        self._deciding = {drawn.left_by(one): one for one in deciding}
        done = {one: [to for to in ways if (one, to) not in drawn.undone] for one, ways in drawn.after.items()}
        self._ends = {one for one in done if not done[one] and one + OUT not in done and one not in self._deciding}
        self._after = {
            one: [to for to in ways if self._leaves(to) and (one not in self._deciding or (one, to) in drawn.undone)]
            for one, ways in drawn.after.items()
        }
        self._break_off(dict(self._broken_off_by()))
        beside = reached(self._after, self._forked())
        over = [one for one in all_of.diagram.elements.values() if one.event == "terminate" and one.id in beside]
        self._break_off(
            {scope: [one.id for one in over if one.scope == scope] for scope in {one.scope for one in over}}
        )
        self._before: dict[str, list[str]] = {one: [] for one in self._after}
        for one, ways in self._after.items():
            for to in ways:
                self._before[to].append(one)
        self._doubtful = reached(self._before, self._ends)
        self._near = {one: reached(self._before, (node,)) for node, one in self._deciding.items()}

    def first(self, place: Element) -> frozenset[str]:
        """What decides that comes first from there, where something does for certain."""
        chosen = (flow.source for flow in self._all.incoming.get(place.id, ()))
        elements = self._all.diagram.elements
        stands = {place.id, *(one for one in chosen if elements[one].kind == "eventBasedGateway")}
        if not self._doubtful.isdisjoint(stands):
            return _NONE
        return frozenset(one for one, before in self._near.items() if stands <= before)

    def _leaves(self, node: str) -> bool:
        """A token goes there: nothing that only begins beside it."""
        one = self._all.diagram.elements.get(node)
        if one is None:
            return True
        return not one.triggered_by_event and not (one.kind == "boundaryEvent" and not _breaks_off(one))

    def _broken_off_by(self) -> Iterator[tuple[str, list[str]]]:
        """What may take away all that stands in a process or sub-process."""
        for scope in self._all.diagram.processes:
            yield scope, self._handlers(scope)
        for one in self._all.sub_processes():
            held = self._handlers(one.id) + [to for to in self._after[one.id] if self._is_border(to)]
            if one.loop is not None or one.kind == "adHocSubProcess":
                held.append(one.id + OUT)
                self._after[one.id].append(one.id + OUT)
            yield one.id, held

    def _handlers(self, scope: str) -> list[str]:
        inside = self._all.inside
        found = [one.id for one in inside.get(scope, ()) if one.triggered_by_event]
        return [one for one in found if any(to.kind == "startEvent" and to.interrupting for to in inside.get(one, ()))]

    def _is_border(self, node: str) -> bool:
        one = self._all.diagram.elements.get(node)
        return one is not None and one.kind == "boundaryEvent"

    def _break_off(self, by: Mapping[str, Collection[str]]) -> None:
        elements = self._all.diagram.elements
        for one in elements.values():
            scope: str | None = one.scope
            while scope is not None:
                self._after[one.id] += by.get(scope, ())
                scope = elements[scope].scope if scope in elements else None

    def _forked(self) -> Iterator[str]:
        """Where a second token begins."""
        for one in self._all.diagram.elements.values():
            leaving = self._all.outgoing.get(one.id, ())
            if len(leaving) > 1 and one.kind not in _ONE_OF_SEVERAL:
                yield from (flow.target for flow in leaving)
            begins_beside = one.triggered_by_event or (one.kind == "boundaryEvent" and not one.interrupting)
            if begins_beside:
                yield one.id
        for scope in self._all.inside:
            several = beginnings(self._all, scope)
            yield from (one.id for one in several if len(several) > 1)


def _breaks_off(border: Element) -> bool:
    return border.interrupting and border.event != "compensate"
