"""The lists of cards, one card, its answer and its lifting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.organisation.rules import Right
from engine.procedures.reads import procedures_and_departments
from engine.supervision.cards import acts, reads
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.reads import State, Which
from engine.supervision.cards.rules import AnswerWordsMissing, CardAnswered, CardLifted, LiftReasonMissing
from engine.supervision.cards.words import DONE
from web.forms import faults, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell

room = Blueprint("cards", __name__, url_prefix="/cards")
_AT_ONCE: Final = 50
DAYS: Final = (30, 90, 365)
_STANDS: Final = "standing"
KIND_WORDS: Final = {"yellow": Kind.YELLOW, "red": Kind.RED, "up": Kind.ESCALATION}
_LACKING: Final = {AnswerWordsMissing: "o-answer", LiftReasonMissing: "o-lift"}


@room.app_template_global("card_sign")
def sign(kind: int | Kind | str, level: int = 0) -> tuple[str, str, str]:
    """The colour's name for the style sheet, its sign, its word: a colour never stands alone."""
    found = KIND_WORDS["up" if kind == "escalation" else kind] if isinstance(kind, str) else Kind(kind)
    said = {
        Kind.YELLOW: ("yellow", "▲", _("Yellow card")),
        Kind.RED: ("red", "■", _("Red card")),
        Kind.ESCALATION: ("up", "↑", _("Sent up, level %(level)s", level=level) if level else _("Sent up")),
    }
    return said[found]


def states() -> dict[State, str]:
    return {State.OPEN: _("to be answered"), State.ANSWERED: _("answered"), State.LIFTED: _("lifted")}


def tabs(here: str) -> list[tuple[str, str, bool, int | None]]:
    """Lists, figures and rules, as far as they are open to the person."""
    inspects, supervises = g.actor.may(Right.INSPECT), g.actor.may(Right.SUPERVISE)
    found = [
        (_("To my posts"), url_for("cards.cards"), "mine", True),
        (_("My departments"), url_for("cards.cards", which="departments"), "departments", supervises),
        (_("All cards"), url_for("cards.cards", which="all"), "all", inspects),
        (_("Figures"), url_for("cards.figures"), "figures", inspects or supervises),
        (_("Rules"), url_for("cards.rules"), "rules", inspects),
    ]
    return [(words, url, name == here, None) for words, url, name, shown in found if shown]


@room.get("/")
@anybody_signed_in
def cards() -> ResponseReturnValue:
    which = _which()
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    department = request.args.get("department", type=whole)
    person = request.args.get("person", type=whole)
    days = request.args.get("days", type=whole)
    days = days if days in DAYS else None
    narrowed = department if which is not Which.MINE else None
    found = reads.card_list(
        g.db,
        actor=g.actor,
        which=which,
        state=State(state) if state in set(State) else None,
        kind=KIND_WORDS.get(kind),
        department_id=narrowed,
        person_id=person,
        since=clock.now() - timedelta(days=days) if days else None,
        standing=state == _STANDS,
        before=request.args.get("before", type=whole),
        limit=_AT_ONCE + 1,
    )
    shown = found[:_AT_ONCE]
    asked: dict[str, Any] = {"which": which.value, "kind": kind, "state": state, "department": narrowed,
                             "person": person, "days": days}  # fmt: skip
    more = url_for("cards.cards", before=shown[-1].card_id, **asked) if len(found) > _AT_ONCE else None
    return render_template(
        "cards/cards.html",
        lines=shown,
        which=which,
        tabs_of=tabs(which.value),
        asked=asked,
        narrowed=bool(kind or state or narrowed or person or days),
        departments=procedures_and_departments(g.db)[1] if which is not Which.MINE else (),
        states=states(),
        choices=DAYS,
        more=more,
        first=url_for("cards.cards", **asked) if "before" in request.args else None,
    )


def _which() -> Which:
    """What the person may not see whole is narrowed to what they may."""
    asked = request.args.get("which", "mine")
    if asked == "all" and g.actor.may(Right.INSPECT):
        return Which.ALL
    return Which.DEPARTMENTS if asked in ("all", "departments") and g.actor.may(Right.SUPERVISE) else Which.MINE


@room.get("/<int:card_id>")
@anybody_signed_in
def card(card_id: int) -> ResponseReturnValue:
    return _page(card_id, None)


def _page(card_id: int, refusal: Refusal | None) -> str:
    return render_template(
        "cards/card.html",
        page=reads.card(g.db, actor=g.actor, card_id=card_id),
        states=states(),
        done_words=DONE,
        own=request.form.get("words", ""),
        refusal=refusal,
        faults=faults(refusal, _LACKING),
        now=clock.now(),
    )


@room.post("/<int:card_id>/answer")
@anybody_signed_in
def answer(card_id: int) -> ResponseReturnValue:
    reads.card(g.db, actor=g.actor, card_id=card_id)  # nobody learns of one that they may not see
    try:
        acts.answer_card(g.db, by=g.actor, card_id=card_id, words=request.form.get("words", ""))
    except AnswerWordsMissing as refusal:
        return _page(card_id, refusal), 422
    except (CardAnswered, CardLifted) as refusal:  # somebody was quicker: as it stands now, with what was typed
        return _page(card_id, refusal), 409
    tell(_("Answered. It stands with the card, and in the record of the case."))
    return redirect(url_for("cards.card", card_id=card_id), 303)


@room.post("/<int:card_id>/lift")
@anybody_signed_in
def lift(card_id: int) -> ResponseReturnValue:
    reads.card(g.db, actor=g.actor, card_id=card_id)
    try:
        acts.lift_card(g.db, by=g.actor, card_id=card_id, words=request.form.get("words", ""))
    except LiftReasonMissing as refusal:
        return _page(card_id, refusal), 422
    except CardLifted as refusal:
        return _page(card_id, refusal), 409
    tell(_("Lifted, with your reason. The post it went to was told."))
    return redirect(url_for("cards.card", card_id=card_id), 303)
