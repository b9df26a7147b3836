"""Documents made at a step, from the edition's templates."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import acts
from engine.cases.producing import Prepared, prepared, produced
from engine.papers.taking import Taken, take_made
from web import uploads
from web.before import Before, done_before
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.papers.room import room


def _look(case_id: int, number: int, **_more: Any) -> Prepared:
    return prepared(
        g.db,
        actor=g.actor,
        case_id=case_id,
        number=number,
        template=request.form.get("template", ""),
        language=request.form.get("language") or language(),
    )


def _make(found: Prepared) -> None:
    document, name = produced(found)
    g.prepared, g.taken = found, take_made(uploads.cabinet(), document.content, name, document.kind)


@room.post("/<int:case_id>/tasks/<int:number>/documents")
@anybody_signed_in
@done_before(Before(look=_look, make=_make, wanted=lambda: True))
def produce(case_id: int, number: int) -> ResponseReturnValue:
    found: Prepared = g.prepared
    taken: Taken = g.taken
    acts.issue_document(
        g.db,
        by=g.actor,
        case_id=case_id,
        number=number,
        template=found.offer.template,
        title=found.title,
        issued=found.issued,
        cabinet=uploads.cabinet(),
        taken=taken,
    )
    tell(_("Issued: %(title)s, %(number)s.", title=found.title, number=found.number))
    return redirect(url_for("desk.task", case_id=case_id, number=number) + "#papers", 303)
