"""The ways a token takes as a graph: flows, links, borders, and into and out of sub-processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.checked import Checked
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.reach import beginnings, is_handler, jumps
from engine.diagram.shape import Element

OUT: Final = "\0out"
"""Ends the name of the node by which a sub-process is left: it is entered by the node of its own id."""


@frozen
class Passages:
    """Nodes in the order of the file. `undone`: ways that are taken before what they leave is done, as over a border."""

    after: Mapping[str, Sequence[str]]
    before: Mapping[str, Sequence[str]]
    undone: frozenset[tuple[str, str]]
    first: tuple[str, ...]  # where cases begin

    def left_by(self, element: str) -> str:
        return element + OUT if element + OUT in self.after else element


def element_at(node: str) -> str:
    return node.removesuffix(OUT)


def passages(all_of: Checked) -> Passages:
    after: dict[str, list[str]] = {}
    for one in all_of.diagram.elements.values():
        after[one.id] = []
        if one.kind in SUB_PROCESSES:
            after[one.id + OUT] = []
    undone: set[tuple[str, str]] = set()
    for source, target in _done(all_of, after):
        after[source].append(target)
    for source, target in _undone(all_of, after):
        after[source].append(target)
        undone.add((source, target))
    before: dict[str, list[str]] = {node: [] for node in after}
    for source, targets in after.items():
        for target in targets:
            before[target].append(source)
    return Passages(after, before, frozenset(undone), tuple(_first(all_of)))


def _left_by(element: str, nodes: Mapping[str, Sequence[str]]) -> str:
    return element + OUT if element + OUT in nodes else element


def _done(all_of: Checked, nodes: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for flow in all_of.diagram.flows.values():
        yield _left_by(flow.source, nodes), flow.target
    yield from jumps(all_of)
    for one in all_of.sub_processes():
        if one.triggered_by_event and one.scope in all_of.diagram.processes:
            yield from ((start.id, one.id) for start in _starts(all_of, one.scope))
        inside = all_of.inside.get(one.id, ())
        for inner in inside:
            if inner.triggered_by_event or _is_last(all_of, inner):
                yield _left_by(inner.id, nodes), one.id + OUT
        if not any(inner.kind != "boundaryEvent" for inner in inside):
            yield one.id, one.id + OUT


def _is_last(all_of: Checked, inner: Element) -> bool:
    return not all_of.outgoing.get(inner.id) and inner.event != "link" and not is_handler(all_of, inner)


def _undone(all_of: Checked, nodes: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for one in all_of.diagram.elements.values():
        if one.kind == "boundaryEvent" and one.attached_to in nodes and one.attached_to != one.id:
            yield one.attached_to or "", one.id
        if one.kind in SUB_PROCESSES:
            yield from ((one.id, inner.id) for inner in beginnings(all_of, one.id))
        if one.triggered_by_event and one.scope in nodes:
            yield one.scope, one.id


def _first(all_of: Checked) -> Iterator[str]:
    for process in all_of.diagram.processes:
        yield from (one.id for one in beginnings(all_of, process))
        if not _starts(all_of, process):
            yield from (one.id for one in all_of.inside.get(process, ()) if one.triggered_by_event)


def _starts(all_of: Checked, process: str) -> list[Element]:
    return [one for one in beginnings(all_of, process) if one.kind == "startEvent"]
