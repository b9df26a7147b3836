"""What the receiver of a hand-over does with it: accept it, or return it with a reason."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases.handing import acts
from web.forms import new_receipt, receipt_of
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.problems import status_of

room = Blueprint("handing", __name__, url_prefix="/tasks")
_MOST = 2000


@room.post("/<int:case_id>/<int:number>/hand-over/accept")
@anybody_signed_in
def accept(case_id: int, number: int) -> ResponseReturnValue:
    acts.accept_hand_over(g.db, by=g.actor, case_id=case_id, number=number)
    tell(_("Accepted. From now on your post is accountable for it."))
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


@room.post("/<int:case_id>/<int:number>/hand-over/return")
@anybody_signed_in
def give_back(case_id: int, number: int) -> ResponseReturnValue:
    """Where it is refused, what was typed stands there still."""
    reason = request.form.get("reason", "")[: _MOST + 1]
    try:
        acts.return_hand_over(
            g.db, by=g.actor, case_id=case_id, number=number, reason=reason, receipt=receipt_of(request.form)
        )
    except Refusal as refusal:
        status = status_of(refusal)
        if status in (403, 404):
            raise
        page = render_template(
            "handing/not_returned.html",
            refusal=refusal,
            reason=reason,
            again=status == 422,
            case_id=case_id,
            number=number,
            receipt=new_receipt(),
        )
        return page, status
    tell(_("Returned. Whoever sent it has it again, with your reason."))
    return redirect(url_for("desk.desk"), 303)
