"""Programs outside that may send messages, and the tokens by which they are known."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.connectors import acts, reads
from engine.organisation.rules import Right
from web.connectors.room import room, tabs
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.shown import refused


@room.get("/connectors/programs")
@allows(Right.ADMINISTER)
def programs() -> ResponseReturnValue:
    return _page()


def _page(*, refusal: Refusal | None = None, token: str | None = None, of: int | None = None) -> str:
    return render_template(
        "connectors/programs.html",
        found=reads.programs_in_use(g.db, by=g.actor),
        error=refused(refusal) if refusal else None,
        token=token,
        of=of,
        typed=request.form,
        address=url_for("connectors.receive", _external=True),
        tabs_of=tabs(),
    )


@room.post("/connectors/programs")
@allows(Right.ADMINISTER)
def add_program() -> ResponseReturnValue:
    try:
        acts.add_program(g.db, by=g.actor, name=_typed("name"), messages=_typed("messages"))
    except Refusal as refusal:
        return _page(refusal=refusal), 422
    tell(_("The program is let in. Make a token for it now."))
    return redirect(url_for("connectors.programs"), 303)


@room.post("/connectors/programs/<int:program_id>")
@allows(Right.ADMINISTER)
def change_program(program_id: int) -> ResponseReturnValue:
    try:
        acts.change_program(g.db, by=g.actor, program_id=program_id, name=_typed("name"), messages=_typed("messages"))
    except Refusal as refusal:
        return _page(refusal=refusal, of=program_id), 422
    tell(_("Changed. It counts from the next message on."))
    return redirect(url_for("connectors.programs"), 303)


@room.post("/connectors/programs/<int:program_id>/remove")
@allows(Right.ADMINISTER)
def remove_program(program_id: int) -> ResponseReturnValue:
    acts.remove_program(g.db, by=g.actor, program_id=program_id)
    tell(_("The program is let in no more, and its tokens are void."))
    return redirect(url_for("connectors.programs"), 303)


@room.post("/connectors/programs/<int:program_id>/tokens")
@allows(Right.ADMINISTER)
def make_token(program_id: int) -> ResponseReturnValue:
    """The page comes at once and not by another request: the token is shown this once and kept nowhere on its way."""
    return _page(token=acts.make_token(g.db, by=g.actor, program_id=program_id), of=program_id)


@room.post("/connectors/tokens/<int:token_id>/revoke")
@allows(Right.ADMINISTER)
def revoke_token(token_id: int) -> ResponseReturnValue:
    acts.revoke_token(g.db, by=g.actor, token_id=token_id)
    tell(_("The token is void."))
    return redirect(url_for("connectors.programs"), 303)


def _typed(name: str) -> str:
    return request.form.get(name, "")[:20_000]
