"""Procedures that come with the product, made ready to be tried as a designer tries a draft."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.diagram import forms, trial
from engine.diagram.trial import Ground, Played, Scenario, Source
from engine.procedures.editions import Contents, contents_of
from processes import DIAGRAM
from processes.shape import Shipped


def contents(procedure: Shipped) -> Contents:
    return contents_of(DIAGRAM, procedure.diagram, tuple(sorted(procedure.attachments.items())))


def process(held: Contents) -> str:
    (only,) = (one.id for one in held.diagram.processes.values() if one.has_content)
    return only


def start(held: Contents) -> str:
    (only,) = (
        one.id for one in held.diagram.elements.values() if one.kind == "startEvent" and one.scope == one.process
    )
    return only


def faults(form: forms.Form, answers: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """Why the form would come back to the person: its errors, and answers to questions it does not ask."""
    filled = forms.fill(form, forms.again_typed(form, answers), known)
    found = {key: text.say("en") for key, text in filled.errors.items()}
    asked = {one.key for one in forms.every_field(form.fields)}
    return found | {key: "is not asked for" for key in answers if key not in asked}


@cache
def ground_of(key: str, diagram: bytes, attachments: tuple[tuple[str, bytes], ...]) -> Ground:
    held = contents_of(DIAGRAM, diagram, attachments)
    source = Source(held.diagram, held.attachments, held.decisions)
    return trial.lay(source, process=process(held), digest=key.encode())


def ground(procedure: Shipped) -> Ground:
    return ground_of(procedure.key, procedure.diagram, tuple(sorted(procedure.attachments.items())))


def told(procedure: Shipped) -> dict[str, Scenario]:
    return {key: trial.read(content) for key, content in procedure.scenarios.items()}


def play(procedure: Shipped, scenario: Scenario) -> Played:
    return trial.play(ground(procedure), scenario)
