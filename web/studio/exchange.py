"""An edition taken away: as uploaded, as executed, as a picture, or everything as one ZIP."""

from __future__ import annotations

from typing import Final

from flask import Response, g, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from engine.organisation.rules import Right
from engine.procedures import exchange as taken
from engine.procedures import reads
from web.attached import as_attachment
from web.guard import allows
from web.studio.room import room, states

_BPMN: Final = "application/xml"
_PICTURES: Final = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


@room.get("/editions/<int:edition_id>/exchange")
@allows(Right.DESIGN)
def exchange(edition_id: int) -> ResponseReturnValue:
    return render_template("studio/exchange.html", page=reads.edition(g.db, edition_id), **states())


@room.get("/editions/<int:edition_id>/executed.bpmn")
@allows(Right.DESIGN)
def executed(edition_id: int) -> ResponseReturnValue:
    return _saved(taken.executed(g.db, edition_id), _BPMN)


@room.get("/editions/<int:edition_id>/whole.zip")
@allows(Right.DESIGN)
def whole(edition_id: int) -> ResponseReturnValue:
    return _saved(taken.whole(g.db, edition_id), "application/zip")


@room.get("/editions/<int:edition_id>/picture.<kind>")
@allows(Right.DESIGN)
def picture_of(edition_id: int, kind: str) -> ResponseReturnValue:
    if kind not in _PICTURES:
        raise NotFound
    file, source = reads.source(g.db, edition_id)
    return _saved(taken.Taken(f"{file.rsplit('.', 1)[0]}.{kind}", _drawn(kind, source, file)), _PICTURES[kind])


def _drawn(kind: str, source: bytes, file: str) -> bytes:
    from engine.diagram import picture  # noqa: PLC0415 -- 1 MB that hardly any worker is asked for

    match kind:
        case "svg":
            return picture.svg(source, file).encode()
        case "png":
            return picture.png(source, file)
        case _:
            return picture.pdf(source, file)


def _saved(file: taken.Taken, mime: str) -> Response:
    """Always saved, never shown: what is in it came from somebody else."""
    answer = Response(file.content, mimetype=mime)
    answer.headers["Content-Disposition"] = as_attachment(file.name)
    return answer
