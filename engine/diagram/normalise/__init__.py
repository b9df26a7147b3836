"""A file rewritten into one that SpiffWorkflow runs as BPMN means it.

What the library gets wrong or cannot read is said in other words that mean the same: links become flows, an event
sub-process a boundary event around the rest of its scope, a conditional flow out of a step a gateway of its own.
Ids in the file stay; what is added carries the id of the element it stands for, or none.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram.normalise import compensation, dialects, flows, gateways, mappings, references, scopes
from engine.diagram.normalise.tree import Note, Work, inner_scopes
from engine.diagram.position import Question

__all__ = ["Normalised", "Note", "mended", "normalise"]


@frozen
class Normalised:
    """`questions`: what a person answers together with a step, by process and step.

    Where no step stands before a gateway it is a wait of its own, and the key holds the gateway's id.
    """

    root: etree._Element
    questions: Mapping[tuple[str, str], tuple[Question, ...]]
    notes: tuple[Note, ...]


def mended(root: etree._Element) -> etree._Element:
    """A copy in which every reference is an id of the file, and every message and error has a name."""
    work = Work(copy.deepcopy(root), frozenset())
    references.mend(work)
    return work.root


def normalise(root: etree._Element, *, ask: Collection[str] = ()) -> Normalised:
    """`ask`: flows whose condition a person answers. The tree given is left as it is."""
    work = Work(copy.deepcopy(root), frozenset(ask))
    references.mend(work)
    for process in work.root.findall("{*}process"):
        compensation.undo_by_hand(work, process)
        mappings.set_by_lines(work, process)
        dialects.translate(work, process)
    references.strip(work)
    for process in list(work.root.findall("{*}process")):
        process.set("isExecutable", "true")
        _rewrite(work, process)
    questions = {place: tuple(asked) for place, asked in work.questions.items()}
    return Normalised(work.root, questions, tuple(work.notes))


def _rewrite(work: Work, process: etree._Element) -> None:
    waiting = [process]
    while waiting:
        scope = waiting.pop()
        flows.keep_whole(work, scope)
        flows.link(work, scope)
        scopes.wrap(work, scope)
        scopes.begin(work, scope)
        flows.split_conditional(work, scope)
        gateways.part_mixed(work, scope)
        gateways.ask(work, scope, process)
        flows.drop_unreached(work, scope)
        flows.part_twins(work, scope)
        waiting += inner_scopes(scope)
