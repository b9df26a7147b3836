"""Gateways at which a person says which way, and inclusive ones that join and split at once."""

from __future__ import annotations

from lxml import etree

from engine.diagram.kinds import CHOOSING, HUMAN
from engine.diagram.normalise.tree import (
    ASKED,
    ASKS,
    MODEL_TAG,
    Work,
    add,
    child_text,
    connect,
    drawn_id,
    incoming,
    name_of,
    nodes,
    outgoing,
    tag,
)
from engine.diagram.position import Choice, Question

_REPEATS = (f"{MODEL_TAG}multiInstanceLoopCharacteristics", f"{MODEL_TAG}standardLoopCharacteristics")


def part_mixed(work: Work, scope: etree._Element) -> None:
    """Where tokens are waited for and ways chosen at one gateway, the waiting is done by one of its own."""
    entering, leaving = incoming(scope), outgoing(scope)
    for node in nodes(scope):
        name = node.get("id") or ""
        into = entering.get(name, [])
        if tag(node) == "inclusiveGateway" and len(into) > 1 and len(leaving.get(name, [])) > 1:
            work.note("join and split", node)
            add(scope, "inclusiveGateway", f"join:{name}", of=name)
            for flow in into:
                flow.set("targetRef", f"join:{name}")
            connect(scope, f"join:{name}", name)


def ask(work: Work, scope: etree._Element, process: etree._Element) -> None:
    """One way that cannot be worked out makes the whole choice a person's: all ways are put to them.

    Asked together with the step before, where only steps of people lead to the gateway; else in a wait of its own.
    """
    entering, leaving = incoming(scope), outgoing(scope)
    here = {node.get("id") or "": node for node in nodes(scope)}
    for name, node in here.items():
        ways = leaving.get(name, [])
        if tag(node) not in CHOOSING:
            continue
        asked = _must_ask(work, node, ways)
        # The only way out of a gateway is taken; out of a step, a condition on the only flow still holds or not.
        if asked or (len(ways) == 1 and _is_drawn(node)):
            for way in ways:
                _forget_condition(way)
        if len(ways) < 2 or not asked:
            continue
        question = _question(node, ways)
        sources = [here[flow.get("sourceRef") or ""] for flow in entering.get(name, [])]
        node.set(ASKED, "true")
        if sources and all(_can_answer(one, leaving) for one in sources):
            for source in sources:
                _put(work, process, drawn_id(source), question)
        else:
            _wait(scope, node, entering.get(name, []))
            _put(work, process, question.gateway, question)


def _must_ask(work: Work, node: etree._Element, ways: list[etree._Element]) -> bool:
    if any(way.get("id") in work.ask for way in ways):
        return True
    # Out of a step, a flow without a condition is simply followed.
    return _is_drawn(node) and any(
        child_text(way, "conditionExpression") is None and way.get("id") != node.get("default") for way in ways
    )


def _is_drawn(node: etree._Element) -> bool:
    return not (node.get("id") or "").startswith("split:")


def _forget_condition(way: etree._Element) -> None:
    for expression in way.findall(f"{MODEL_TAG}conditionExpression"):
        way.remove(expression)


def _question(node: etree._Element, ways: list[etree._Element]) -> Question:
    return Question(
        gateway=drawn_id(node),
        name=name_of(node),
        several=tag(node) == "inclusiveGateway",
        choices=tuple(Choice(way.get("id") or "", name_of(way)) for way in ways),
    )


def _can_answer(source: etree._Element, leaving: dict[str, list[etree._Element]]) -> bool:
    """A step that is done several times cannot: only the last time would count."""
    alone = len(leaving.get(source.get("id") or "", ())) == 1
    return alone and tag(source) in HUMAN and not any(source.find(kind) is not None for kind in _REPEATS)


def _put(work: Work, process: etree._Element, place: str, question: Question) -> None:
    asked = work.questions.setdefault((process.get("id") or "", place), [])
    if question not in asked:
        asked.append(question)


def _wait(scope: etree._Element, node: etree._Element, into: list[etree._Element]) -> None:
    name = node.get("id") or ""
    waiting = add(scope, "userTask", f"ask:{name}", of=drawn_id(node))
    waiting.set(ASKS, drawn_id(node))
    for flow in into:
        flow.set("targetRef", f"ask:{name}")
    connect(scope, f"ask:{name}", name)
