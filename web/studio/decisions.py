"""The decisions beside an edition: which there are, as what kinds, and files taken in and out."""

from __future__ import annotations

from typing import Final

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound, Refusal
from engine.base.text import Text
from engine.diagram import decisions as engine_decisions
from engine.organisation.rules import Right
from engine.procedures import acts, beside, reads, rules
from engine.procedures.beside import DecisionFile
from web.attached import as_attachment
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.studio import sheets
from web.studio.room import room, states

_FILE: Final = Text("decision file", "决策文件")


def kinds() -> dict[str, str]:
    """What the logic of a decision is called."""
    return {
        "decisionTable": _("decision table"),
        "literalExpression": _("expression"),
        "context": _("context"),
        "invocation": _("call of a function"),
        "functionDefinition": _("function"),
        "relation": _("relation"),
        "list": _("list"),
        "conditional": _("choice"),
        "filter": _("filter"),
        "for": _("loop"),
        "some": _("test of some"),
        "every": _("test of all"),
        "": _("nothing written"),
    }


@room.get("/editions/<int:edition_id>/decisions")
@allows(Right.DESIGN)
def decisions(edition_id: int) -> ResponseReturnValue:
    """Every decision file beside the edition, and what each decision in it is."""
    return _list_page(edition_id)


def _list_page(edition_id: int, refusal: Refusal | None = None) -> str:
    page = reads.edition(g.db, edition_id)
    files = beside.decision_files(g.db, edition_id)
    return render_template(
        "studio/decisions.html",
        page=page,
        draft=page.line.state == "draft",
        files=files,
        kinds=kinds(),
        refusal=refusal,
        any_table=any(one.outline is not None and one.outline.shown for one in files),
        **states(),
    )


@room.post("/editions/<int:edition_id>/decisions")
@allows(Right.DESIGN)
def attach_decisions(edition_id: int) -> ResponseReturnValue:
    """A decision file made elsewhere. One of the same name takes the place of the one that was shown."""
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        tell(_("Choose a .dmn file first."))
        return redirect(url_for("studio.decisions", edition_id=edition_id), 303)
    path = uploaded.filename.replace("\\", "/").rsplit("/", 1)[-1]
    held = {one.path: one.digest for one in beside.decision_files(g.db, existing(edition_id))}
    try:
        content = uploaded.read()
        acts.keep_decision(
            g.db, by=g.actor, edition_id=edition_id, path=path, content=content, base=sheets.digest_of(held.get(path))
        )
    except (engine_decisions.NotADecisionFile, rules.DecisionPathUnfit, rules.AttachmentsTooLarge) as refused:
        return _list_page(edition_id, refused), 422
    tell(_("“%(file)s” is kept.", file=path))
    return redirect(url_for("studio.decisions", edition_id=edition_id), 303)


@room.get("/editions/<int:edition_id>/decisions/file")
@allows(Right.DESIGN)
def decision_file(edition_id: int) -> ResponseReturnValue:
    """The file as it is kept."""
    found = file_of(existing(edition_id), request.args.get("file", ""))
    answer = Response(found.content, mimetype="application/xml")
    answer.headers["Content-Disposition"] = as_attachment(found.path)
    return answer


def existing(edition_id: int) -> int:
    reads.must_exist(g.db, edition_id)
    return edition_id


def file_of(edition_id: int, path: str) -> DecisionFile:
    found = next((one for one in beside.decision_files(g.db, edition_id) if one.path == path), None)
    if found is None:
        raise NotFound(what=_FILE)
    return found
