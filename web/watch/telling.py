"""Bottlenecks as the pages tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import current_app, url_for

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.supervision.acting.corrective.rules import MOST_LINE
from engine.supervision.bottlenecks import words
from engine.supervision.bottlenecks.reads import Told
from engine.supervision.bottlenecks.rules import Bottleneck, Cause
from web.languages import gettext as _
from web.shown import said

_NEW_ACTION: Final = "acting.new_action"
"""Of another room, which an installation may do without."""


@frozen
class Line:
    """One bottleneck in sentences, with the ways to its step on the map and to its cases."""

    place: Name
    procedure: str
    post: Name
    cost: str
    lost: str
    lying: str
    standing: Name
    likely: Name | None
    known: bool  # the record shows a cause
    cause: Name  # a word or two
    causes: tuple[Name, ...]
    apart: Name | None
    map: str
    cases: str
    corrective: str | None  # where it is turned into a corrective action
    queue: int


def lines(told: Told) -> list[Line]:
    return [_line(one, told) for one in told.found]


def _line(one: Bottleneck, told: Told) -> Line:
    sentences = words.causes(one)
    return Line(
        place=words.place(one),
        procedure=one.at.procedure,
        post=Name(one.at.post.say("en"), one.at.post.say("zh")),
        cost=words.figure(round(one.cost)),
        lost=words.figure(one.lost),
        lying=words.figure(one.lying),
        standing=words.standing(one, told.by),
        likely=sentences[0],
        known=bool(one.causes),
        cause=words.cause_word(one),
        causes=sentences[1:],
        apart=words.apart(one),
        map=url_for("watch.procedure", procedure_id=one.at.procedure_id, edition=one.at.edition_id, step=one.at.element)
        + f"#step-{one.at.element}",
        cases=url_for("watch.behind", number=_number(one), procedure=one.at.procedure_id, step=one.at.element),
        corrective=_corrective(one, told, sentences),
        queue=one.at.queue,
    )


def _corrective(one: Bottleneck, told: Told, causes: Sequence[Name]) -> str | None:
    """With what was found and the likely cause filled in."""
    if _NEW_ACTION not in current_app.view_functions:
        return None
    finding = f"{said(words.place(one))}{_(': ')}{said(words.standing(one, told.by))}"
    return url_for(
        _NEW_ACTION, finding=finding[:MOST_LINE], cause=" ".join(said(cause) for cause in causes) if one.causes else None,
        procedure=one.at.procedure_id, step=one.at.element,
    )  # fmt: skip


def _number(one: Bottleneck) -> str:
    """As many as are said to wait; hand-overs alone where they are the cause and all of it, to be accepted where they lie."""
    first = one.causes[0].cause if one.causes else None
    return "now.handed" if first is Cause.HAND_OVER and one.at.handing == one.at.queue else "now.queue"
