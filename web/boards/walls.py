"""The boards themselves: before whoever supervises, and on a screen that carries a link."""

from __future__ import annotations

from datetime import datetime

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.organisation.rules import Right
from engine.supervision.boards import reads
from engine.supervision.boards.reads import Wall
from engine.supervision.boards.rules import NAMES, Board, LinkUnknown
from engine.supervision.figures.spreads import FEW
from web.boards.room import AT_ONCE, EVERY, room
from web.guard import allows, public
from web.languages import language_named, spoken
from web.page import office


@room.get("/office")
@allows(Right.SUPERVISE)
def of_office() -> ResponseReturnValue:
    return _shown(Board.OFFICE, reads.wall(g.db, actor=g.actor), url_for("boards.of_office"))


@room.get("/leader")
@allows(Right.SUPERVISE)
def of_leader() -> ResponseReturnValue:
    return _shown(Board.LEADER, reads.wall(g.db, actor=g.actor), url_for("boards.of_leader"))


@room.get("/screen/<secret>")
@public
def screen(secret: str) -> ResponseReturnValue:
    """For a screen that nobody sits at. One whose link was revoked is loaded anew, and so learns of it."""
    wish, reader = language_named(request.args.get("language")), spoken.get(None)
    if wish is not None and reader is not None:
        reader.language = wish
    try:
        link, wall = reads.wall_of_link(g.db, secret=secret)
    except LinkUnknown:
        if not _polls():
            raise
        return Response(status=404, headers={"HX-Refresh": "true"})
    return _shown(link.board, wall, url_for("boards.screen", secret=secret, language=wish))


def part_shown(departments: int, at: datetime) -> range:
    """Which of them are on the wall at a moment: as many as are read from five metres, the next ones at the next look."""
    if departments <= AT_ONCE:
        return range(departments)
    parts = -(-departments // AT_ONCE)
    first = int(at.timestamp()) // EVERY % parts * AT_ONCE
    return range(first, min(first + AT_ONCE, departments))


def _polls() -> bool:
    return request.headers.get("HX-Request") == "true"


def _shown(board: Board, wall: Wall, url: str) -> str:
    found = office()
    lines = wall.departments
    if board is Board.LEADER:
        lines = tuple(sorted(lines, key=lambda line: (-line[1].late, -line[1].late_steps, -line[1].open)))
    whole = "whole" in request.args
    part = range(len(lines)) if whole else part_shown(len(lines), wall.at)
    return render_template(
        "boards/figures.html" if _polls() else "boards/wall.html",
        board=board.name.lower(),
        title=NAMES[board],
        wall=wall,
        lines=lines[part.start : part.stop],
        part=part,
        departments=len(lines),
        url=url + ("?whole=1" if whole else ""),
        whole_url=url + "?whole=1" if "actor" in g and g.actor is not None and len(part) < len(lines) else None,
        every=EVERY,
        few=FEW,
        office=found,
    )
