"""Every shipped procedure, changed a little at random, under cases that are somewhere in it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest
from lxml import etree

from engine.diagram import forms, run
from engine.diagram.position import Position, Waiting, WaitKind
from engine.diagram.read import read
from engine.diagram.run import Did, Done
from engine.procedures.editions import contents_of
from engine.procedures.likely import Likely
from processes import Shipped, shipped
from tests.engine.diagram.playing import MORNING

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_PEOPLE = (f"{BPMN}userTask", f"{BPMN}manualTask", f"{BPMN}task")
ROUNDS = 20


@cache
def likely(key: str) -> Likely:
    procedure = next(one for one in shipped() if one.key == key)
    held = contents_of("procedure.bpmn", procedure.diagram, tuple(sorted(procedure.attachments.items())))
    asked = forms.forms_of(held.diagram, held.attachments)
    fields = {(held.diagram.elements[name].process, name): form.fields for name, form in asked.items()}
    written = [flow.condition for flow in held.diagram.flows.values() if flow.condition]
    written += [content.decode() for path, content in held.attachments.items() if path.endswith(".dmn")]
    steps = [(one.process, one.id) for one in held.diagram.elements.values()]
    return Likely(written, fields, steps, _model(procedure, procedure.diagram).variables)


def _model(procedure: Shipped, source: bytes) -> run.Model:
    held = contents_of("procedure.bpmn", source, tuple(sorted(procedure.attachments.items())))
    (process,) = (one.id for one in held.diagram.processes.values() if one.has_content)
    return run.model(held.diagram, process=process, decisions=held.decisions)


def changed(source: bytes, chance: Random) -> bytes:
    """Three small changes, as people make them."""
    root = etree.fromstring(source)
    for number in range(3):
        chance.choice((_rename, _insert, _insert, _remove, _condition, _timer, _no_timer))(root, chance, number)
    return bytes(etree.tostring(root))


def _some(root: etree._Element, chance: Random, *tags: str) -> etree._Element | None:
    found = [one for one in root.iter(*tags)]
    return chance.choice(found) if found else None


def _rename(root: etree._Element, chance: Random, number: int) -> None:
    one = _some(root, chance, *_PEOPLE)
    assert one is not None
    one.set("name", f"Renamed {number}")


def _insert(root: etree._Element, chance: Random, number: int) -> None:
    flow = _some(root, chance, f"{BPMN}sequenceFlow")
    assert flow is not None
    scope = flow.getparent()
    assert scope is not None
    etree.SubElement(scope, f"{BPMN}userTask", id=f"new_{number}", name="New")
    etree.SubElement(
        scope,
        f"{BPMN}sequenceFlow",
        id=f"new_flow_{number}",
        sourceRef=f"new_{number}",
        targetRef=flow.get("targetRef") or "",
    )
    flow.set("targetRef", f"new_{number}")


def _remove(root: etree._Element, chance: Random, number: int) -> None:
    one = _some(root, chance, *_PEOPLE)
    assert one is not None
    name, flows = one.get("id"), list(root.iter(f"{BPMN}sequenceFlow"))
    leaving = [flow for flow in flows if flow.get("sourceRef") == name]
    if len(leaving) != 1 or any(event.get("attachedToRef") == name for event in root.iter(f"{BPMN}boundaryEvent")):
        return
    for flow in flows:
        if flow.get("targetRef") == name:
            flow.set("targetRef", leaving[0].get("targetRef") or "")
    for gone in (one, leaving[0]):
        parent = gone.getparent()
        assert parent is not None
        parent.remove(gone)


def _condition(root: etree._Element, chance: Random, number: int) -> None:
    one = _some(root, chance, f"{BPMN}conditionExpression")
    if one is not None:
        one.text = f"not({one.text})"


def _timer(root: etree._Element, chance: Random, number: int) -> None:
    host = _some(root, chance, *_PEOPLE)
    assert host is not None
    scope = host.getparent()
    assert scope is not None
    border = etree.SubElement(
        scope, f"{BPMN}boundaryEvent", id=f"late_{number}", attachedToRef=host.get("id") or "", cancelActivity="false"
    )
    definition = etree.SubElement(border, f"{BPMN}timerEventDefinition")
    etree.SubElement(definition, f"{BPMN}timeDuration").text = "P3D"
    etree.SubElement(scope, f"{BPMN}userTask", id=f"urge_{number}", name="Urge")
    etree.SubElement(
        scope, f"{BPMN}sequenceFlow", id=f"late_flow_{number}", sourceRef=f"late_{number}", targetRef=f"urge_{number}"
    )


def _no_timer(root: etree._Element, chance: Random, number: int) -> None:
    for duration in root.iter(f"{BPMN}timeDuration"):
        if chance.random() < 0.5:
            duration.text = "P77D"


class Walk:
    """Some moves of a case, with all that is needed to make them again."""

    def __init__(self, procedure: Shipped, chance: Random, most: int) -> None:
        self.model, self.give, self.chance = _model(procedure, procedure.diagram), likely(procedure.key).give, chance
        self.now, self.waiting = MORNING, dict[str, Waiting]()
        self.done: list[Done] = []
        self.passed: set[str] = set()
        self.answers: dict[str, Any] = {}
        start = next(iter(self.model.starts))
        self.begun = dict(self.give(self.model.process, start, chance))
        self.fits = self._take(run.begin(self.model, self.begun, now=self.now))
        for _ in range(chance.randrange(most)):
            if not self.waiting or not self.fits:
                break
            self._step()

    def _take(self, position: Position) -> bool:
        self.state, self.ended = position.state, position.ended
        for token in position.closed:
            self.waiting.pop(token, None)
        self.waiting |= {one.token: one for one in position.opened}
        self.passed |= set(position.passed)
        return not position.troubles

    def _step(self) -> None:
        people = [one for one in self.waiting.values() if one.kind is WaitKind.PERSON]
        one = self.chance.choice(people if people and self.chance.random() < 0.8 else list(self.waiting.values()))
        if one.kind is WaitKind.TIMER:
            self.now = max(self.now, one.due or self.now)
            self.done.append(Done(Did.FIRE, one.element, self.now))
            self.fits = self._take(run.fire(self.model, self.state, one.token, now=self.now))
            return
        answers = dict(self.give(one.process, one.element, self.chance))
        if one.kind is not WaitKind.PERSON:
            self.done.append(Done(Did.DELIVER, one.element, self.now, answers))
            self.fits = self._take(run.deliver(self.model, self.state, one.token, answers, now=self.now))
            return
        asked = self.model.questions.get((one.process, one.element), ())
        chosen = {each.gateway: [self.chance.choice(each.choices).flow] for each in asked}
        self.done.append(Done(Did.COMPLETE, one.element, self.now, answers, chosen, one.item))
        self.fits = self._take(run.finish(self.model, self.state, one.token, answers, now=self.now, chosen=chosen))


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_cases_that_went_a_way_left_alike_stand_where_their_deeds_lead(procedure: Shipped) -> None:
    seen: Counter[str] = Counter()
    for seed in range(ROUNDS):
        chance = Random(seed)
        source = changed(procedure.diagram, chance)
        read(source, "changed.bpmn")
        try:
            model = _model(procedure, source)
        except run.CannotRun:
            continue
        for _ in range(4):
            seen[_outcome(Walk(procedure, chance, 14), model)] += 1
    assert seen["alike"] > ROUNDS / 4, seen
    assert seen["hindered"] or seen["elsewhere"], seen


def _outcome(walk: Walk, model: run.Model) -> str:
    if not walk.fits or walk.ended:
        return "over"
    unlike = run.unlike(walk.model, model)
    moved = run.move(walk.model, model, walk.state, now=walk.now, answers=walk.begun)
    if moved.position is None:
        return "hindered"
    led, count = run.retrace(model, walk.begun, walk.done, now=walk.now)
    same = count == len(walk.done) and led == run.standing(moved.standing)
    if unlike is None or unlike & walk.passed:
        return "same" if same else "elsewhere"
    assert same, (sorted(unlike), sorted(walk.passed), walk.done, led, moved.standing)
    again = run.move(model, walk.model, moved.position.state, now=walk.now)
    assert again.position is not None
    assert run.standing(again.standing) == run.standing(list(walk.waiting.values()))
    return "alike"
