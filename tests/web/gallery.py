"""A room for tests only: every part of the page once, on a public page and on one for whoever is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, render_template

from engine.base import clock
from web.guard import anybody_signed_in, public

room = Blueprint("gallery", __name__, template_folder=str(Path(__file__).parent / "templates"), url_prefix="/gallery")

DIAGRAM = (Path(__file__).parent / "gallery.bpmn").read_bytes()


@dataclass(frozen=True)
class Line:
    due: timedelta | None
    title: str
    chip: str
    kind: str
    case: str
    from_whom: str
    figure: str
    bar: dict[str, float]


LATE = [
    Line(
        timedelta(days=-2, hours=-3), "Review the plans 审图", "red card", "late",
        "BP-2026-0418 · Wang Fang 王芳, two-storey house, plot C-123", "Front desk", "7 working days, 5 allowed",
        {"waited": 2.2, "stopped": 2.4, "worked": 1.8, "past": 1.2, "promise": 6.4, "law": 10},
    ),
]  # fmt: skip
TODAY = [
    Line(
        timedelta(hours=2, minutes=40), "Counter-sign: road closure 会签", "urged by Zhao Li", "warn",
        "IN-2026-1190 · Letter of the Culture Bureau, New Year lantern fair", "General Office",
        "6.7 of 8 working hours", {"waited": 5.6, "worked": 1.1, "promise": 8},
    ),
    Line(
        timedelta(days=3), "Review the plans 审图", "clock stopped", "",
        "BP-2026-0425 · Sun Mei 孙梅, shop front — waiting for: land certificate", "Front desk",
        "1.5 of 5 working days", {"waited": 1.5, "stopped": 3.3, "promise": 4.8, "law": 7.5},
    ),
    Line(
        None, "Reply to a question 征求意见", "opinion", "act", "AB-2026-0077 · Additional budget, school roof",
        "Finance", "1 working day", {"waited": 1, "promise": 3},
    ),
]  # fmt: skip

MARKS = {
    "heat": [{"element": "check", "level": 1}, {"element": "review", "level": 4}],
    "badges": [
        {"element": "check", "text": "6", "href": "#row-check", "label": "Check documents: 6 open", "level": 1},
        {"element": "review", "text": "34", "href": "#row-review", "label": "Review the case: 34 open", "level": 4},
    ],
    "tokens": [{"element": "issue", "label": "The case is here: issue permit"}],
    "findings": [
        {"element": "complete", "severity": "attention", "href": "#row-complete", "label": "No condition", "number": 1},
        {"element": "yes", "severity": "blocks", "href": "#row-yes", "label": "Can wait for ever", "number": 2},
    ],
}


@room.get("/")
@anybody_signed_in
def desk() -> str:
    return render_template("gallery/desk.html", late=LATE, today=TODAY, now=clock.now())


@room.get("/diagram")
@public
def diagram() -> str:
    return render_template("gallery/diagram.html", marks=MARKS)


@room.get("/diagram.bpmn")
@public
def source() -> Response:
    return Response(DIAGRAM, mimetype="application/xml")


@room.get("/undrawn.bpmn")
@public
def undrawn() -> Response:
    return Response(DIAGRAM.partition(b"<bpmndi:")[0] + b"</bpmn:definitions>", mimetype="application/xml")
