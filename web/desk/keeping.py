"""What is typed at the desk and not sent yet, on its way to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.cases import drafts
from engine.cases.typed import DraftTooLong, Sheet
from engine.diagram.forms import Filled
from web.forms import sent_draft
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.shown import fact, hour


def kept(case_id: int, number: int, back: str) -> ResponseReturnValue:
    """A script is answered in JSON, whatever comes of it; a button with the page. Raises NotYoursToDo, DraftTooLong."""
    live = "own:live" in request.form
    try:
        found = drafts.save(g.db, by=g.actor, case_id=case_id, number=number, sent=sent_draft(request.form))
    except (drafts.NotYoursToDo, DraftTooLong) as refusal:
        if not live:
            raise
        return {"refused": _said(refusal)}, 409
    if live:
        return {"whole": True} if found is None else _told(*found)
    tell(_("Your draft is saved. Only you see it."))
    return redirect(back, 303)


def keep(case_id: int, number: int, typed: Mapping[str, Sequence[str]]) -> Sheet | None:
    """With a page that comes back: so that it can be left."""
    if not typed:
        return None
    try:
        found = drafts.keep(g.db, by=g.actor, case_id=case_id, number=number, sent=sent_draft(request.form, typed))
    except DraftTooLong:
        return None  # it stands on the page
    return None if found is None else found[0]


def of_form(filled: Filled | None, ways: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What stands in a form, with the rows it has now, as a draft keeps it."""
    return {**({} if filled is None else filled.typed), **{f"way:{key}": values for key, values in ways.items()}}


def _told(sheet: Sheet, elsewhere: bool) -> dict[str, object]:
    said = _("Draft saved %(time)s", time=hour(clock.now()))
    if elsewhere:
        said = _("%(saved)s. Something was typed in another window too: load the page again to see it.", saved=said)
    return {"version": sheet.version, "said": said}


def _said(refusal: Refusal) -> str:
    return refusal.say(language(), fact)
