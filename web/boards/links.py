"""Which boards there are, and the administrators' list of the screens that show one."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.organisation.reads import chart
from engine.organisation.rules import Right
from engine.supervision.boards import acts, reads
from engine.supervision.boards.rules import NAMES, LinksTooMany, LinkThere, PlaceMissing
from web.boards.room import WORD_OF, WORDS, room
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language, language_named
from web.notices import tell
from web.shown import refused


@room.get("/")
@allows(Right.SUPERVISE, Right.ADMINISTER)
def boards() -> ResponseReturnValue:
    return _page()


def _page(*, refusal: Refusal | None = None, made: str | None = None) -> str:
    administers = g.actor.may(Right.ADMINISTER)
    return render_template(
        "boards/boards.html",
        supervises=g.actor.may(Right.SUPERVISE),
        administers=administers,
        links=reads.links_in_use(g.db, by=g.actor) if administers else (),
        departments=list(chart(g.db).walk()) if administers else (),
        names=NAMES,
        words=WORD_OF,
        typed=request.form,
        error=refused(refusal) if refusal else None,
        made=made,
    )


@room.post("/links")
@allows(Right.ADMINISTER)
def make_link() -> ResponseReturnValue:
    """The page comes at once and not by another request: the link is shown this once and kept nowhere on its way."""
    wish = language_named(request.form.get("language")) or language()
    try:
        secret = acts.make_board_link(
            g.db,
            by=g.actor,
            board=WORDS.get(request.form.get("board", ""), WORDS["office"]),
            department_id=request.form.get("department", 0, type=whole),
            place=request.form.get("place", "")[:1000],
        )
    except (PlaceMissing, LinkThere, LinksTooMany) as refusal:
        return _page(refusal=refusal), 422
    return _page(made=url_for("boards.screen", secret=secret, language=wish, _external=True))


@room.post("/links/<int:link_id>/revoke")
@allows(Right.ADMINISTER)
def revoke_link(link_id: int) -> ResponseReturnValue:
    acts.revoke_board_link(g.db, by=g.actor, link_id=link_id)
    tell(_("The link is void: its screen shows nothing from its next look on."))
    return redirect(url_for("boards.boards"), 303)
