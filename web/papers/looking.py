"""A paper handed out: as a file to be saved, or as pictures of its pages. The file itself is never shown by the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound
from engine.cases.papers import PAPER, Handed, handed_out
from engine.papers.kinds import KINDS
from engine.papers.preview import MOST_PAGES, Preview, preview
from engine.papers.rules import NoPreview
from web import uploads
from web.attached import as_attachment
from web.guard import anybody_signed_in
from web.papers.room import room
from web.shown import refused

_SEALED: Final = "sandbox; default-src 'none'"
"""Beside the policy of every answer: whatever a browser takes the file for, it may do nothing."""


def _handed(case_id: int, paper_id: int, version: int) -> Handed:
    return handed_out(g.db, actor=g.actor, case_id=case_id, paper_id=paper_id, version=version)


@room.get("/<int:case_id>/<int:paper_id>/<int:version>/file")
@anybody_signed_in
def download(case_id: int, paper_id: int, version: int) -> ResponseReturnValue:
    found = _handed(case_id, paper_id, version)
    if found.key in request.if_none_match:
        answer = Response(status=304)
    else:
        answer = Response(uploads.cabinet().store.pieces(found.key), mimetype="application/octet-stream")
        answer.headers["Content-Type"] = KINDS[found.kind].media
        answer.headers["Content-Length"] = str(found.size)
        answer.headers["Content-Disposition"] = as_attachment(found.name)
    answer.headers["Content-Security-Policy"] = _SEALED
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(found.key)
    return answer


@room.get("/<int:case_id>/<int:paper_id>/<int:version>")
@anybody_signed_in
def look(case_id: int, paper_id: int, version: int) -> ResponseReturnValue:
    found = _handed(case_id, paper_id, version)
    drawn, why = None, None
    try:
        drawn = _preview(found)
    except NoPreview as refusal:
        why = refused(refusal)
    return render_template(
        "papers/look.html", paper=found, paper_id=paper_id, drawn=drawn, why=why, most=MOST_PAGES,
        kind=KINDS[found.kind].called,
    )  # fmt: skip


@room.get("/<int:case_id>/<int:paper_id>/<int:version>/pages/<int:page>.png")
@anybody_signed_in
def page_picture(case_id: int, paper_id: int, version: int, page: int) -> ResponseReturnValue:
    return _picture(_preview(_handed(case_id, paper_id, version)).page(page))


@room.get("/<int:case_id>/<int:paper_id>/<int:version>/thumb.png")
@anybody_signed_in
def thumb(case_id: int, paper_id: int, version: int) -> ResponseReturnValue:
    """Of what cannot be shown, nothing: the list says what it is."""
    try:
        return _picture(_preview(_handed(case_id, paper_id, version)).thumb)
    except NoPreview:
        return make_response("", 204)


def _preview(found: Handed) -> Preview:
    return preview(uploads.cabinet().store, found.key, found.kind, found.name)


def _picture(file: Path | None) -> ResponseReturnValue:
    if file is None or not file.is_file():
        raise NotFound(what=PAPER)
    answer = Response(file.read_bytes(), mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
