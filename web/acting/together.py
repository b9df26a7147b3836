"""Tasks that were ticked in a list of the watch, and what is done with all of them."""

from __future__ import annotations

from typing import Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.organisation.rules import Right
from engine.supervision.acting import rules, together
from engine.supervision.acting.rules import Act
from engine.supervision.acting.together import Wish
from web.acting.room import ORDERS, room
from web.forms import MOST_NUMBER, receipt_of, whole
from web.guard import allows
from web.languages import ngettext
from web.notices import tell
from web.shown import refused

_MOST_TYPED: Final = 10_000
_TO_POSTS: Final = "post"


@room.post("/act")
@allows(Right.SUPERVISE)
def act() -> ResponseReturnValue:
    """The act whose button was pressed; each task says what became of it where not all could be done."""
    back = _back()
    chosen = sorted({one for written in request.form.getlist("task") if (one := _task(written)) is not None})
    try:
        wish = _wish()
        outcomes = together.act_on(g.db, by=g.actor, chosen=chosen, wish=wish)
    except (rules.NoTaskChosen, rules.NoReceiverChosen, rules.OrderUnknown) as refusal:
        tell(refused(refusal), "attention")
        return redirect(back, 303)
    done = sum(one.why is None for one in outcomes)
    if done == len(chosen):
        tell(_said(wish.act, done))
        return redirect(back, 303)
    return render_template(
        "acting/together.html",
        outcomes=sorted(outcomes, key=lambda one: one.why is None),
        said=_said(wish.act, done),
        left=chosen[rules.MOST :],
        back=back,
    )


def _wish() -> Wish:
    """Each act of the form has fields of its own: `reassign:reason` and so on."""
    does = Act(request.form.get("do", "")) if request.form.get("do", "") in set(Act) else None
    if does is None:
        raise rules.NoTaskChosen()
    words = request.form.get(f"{does}:words", "")[:_MOST_TYPED]
    to = request.form.get("to", "")
    person = _number(to)
    if does is Act.REASSIGN and to != _TO_POSTS and person is None:
        raise rules.NoReceiverChosen()
    return Wish(does, words, person, ORDERS.get(request.form.get("order", "")), receipt_of(request.form))


def _said(does: Act, count: int) -> str:
    said = {
        Act.REASSIGN: lambda: ngettext("%(num)s task was reassigned.", "%(num)s tasks were reassigned.", count),
        Act.URGE: lambda: ngettext("%(num)s task was urged.", "%(num)s tasks were urged.", count),
        Act.ACCEPT: lambda: ngettext("%(num)s hand-over was accepted.", "%(num)s hand-overs were accepted.", count),
        Act.ORDER: lambda: ngettext(
            "The order of %(num)s task was changed.", "The order of %(num)s tasks was changed.", count
        ),
        Act.INCIDENT: lambda: ngettext("%(num)s incident was opened.", "%(num)s incidents were opened.", count),
        Act.RETRY: lambda: ngettext(
            "What failed in %(num)s case was tried again.", "What failed in %(num)s cases was tried again.", count
        ),
        Act.COMMENT: lambda: ngettext(
            "The note stands in the case of %(num)s task.", "The note stands in the cases of %(num)s tasks.", count
        ),
    }
    return said[does]()


def _task(written: str) -> tuple[int, int] | None:
    """`case-number`; anything else is no task."""
    try:
        case_id, number = written.split("-")
        return whole(case_id), whole(number, MOST_NUMBER)
    except ValueError:
        return None


def _number(written: str) -> int | None:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return None


def _back() -> str:
    """The list as it was: only an address of the watch."""
    asked = request.form.get("own:back", "")
    home = url_for("watch.overview")
    return asked if asked.startswith(home) and "\\" not in asked and "\n" not in asked else home
