"""What a log tells: its figures, the map of what follows what, the ways its cases went, the cases themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.frozen import frozen
from engine.supervision.mining import compared, discovery, reads
from engine.supervision.mining.discovery import BEGIN, END
from engine.supervision.mining.figures import DayFigures
from engine.supervision.mining.reads import Behind
from engine.supervision.mining.rules import RIGHTS
from web.charts import Series, columns
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.mining.room import around, milliseconds, page_of, room
from web.shown import duration, number

if TYPE_CHECKING:
    from engine.supervision.mining.layout import Box, Laid, Line

_MOST_BARS: Final = 60
_LISTED: Final = 100


@room.get("/<int:log_id>")
@allows(*RIGHTS)
def log(log_id: int) -> ResponseReturnValue:
    return log_page(log_id)


def log_page(log_id: int, errors: Sequence[tuple[str | None, str]] = ()) -> str:
    """`errors`: what is wrong with what was typed on it."""
    page = page_of(log_id)
    figures = page.figures
    bars = _bars(figures.days) if figures is not None else []
    chart = columns(
        [
            Series(_("begun"), [one for _label, one, _ended in bars]),
            Series(_("ended"), [one for _label, _began, one in bars]),
        ],
        [label for label, _began, _ended in bars],
        number,
    ) if bars else None  # fmt: skip
    return render_template(
        "mining/log.html", **around(page, "log"), figures=figures, chart=chart, bars=bars, listed=_LISTED,
        errors=errors, typed=request.form,
    )  # fmt: skip


def _bars(days: Sequence[DayFigures]) -> list[tuple[str, int, int]]:
    """By day, by month or by year: as many as can be read."""
    for length in (10, 7, 4):
        found: dict[str, list[int]] = {}
        for one in days:
            counts = found.setdefault(one.day[:length], [0, 0])
            counts[0] += one.began
            counts[1] += one.ended
        if len(found) <= _MOST_BARS or length == 4:
            return [(label, *counts) for label, counts in found.items()]  # type: ignore[misc]
    return []


@frozen
class Shape:
    """A box of the map as it is drawn."""

    box: Box
    url: str
    rows: tuple[tuple[str, bool], ...]  # each with whether it has to be set narrower
    said: str
    under: str
    heat: int


@frozen
class Stroke:
    line: Line
    path: str
    head: str
    width: float
    url: str | None
    said: str
    short: str


@room.get("/<int:log_id>/map")
@allows(*RIGHTS)
def drawn(log_id: int) -> ResponseReturnValue:
    """Drawn here, so that it needs no script; two sliders say how much of it is shown."""
    from engine.supervision.mining import layout  # noqa: PLC0415  only who looks at a map needs it

    page = page_of(log_id)
    if page.figures is None:
        return render_template("mining/log.html", **around(page, "log"), figures=None, errors=())
    share, paths_share = _percent("activities", discovery.usual_share(page.figures.activities)), _percent("paths", 30)
    by_time = request.args.get("by") == "time"
    shown = discovery.seen(page.figures.activities, page.figures.paths, share=share, paths_share=paths_share)
    names = [BEGIN, *(one.activity for one in shown.activities), END]
    laid = layout.lay(names, {(one.source, one.target): one.n for one in shown.links}, small=frozenset((BEGIN, END)))
    return render_template(
        "mining/map.html", **around(page, "drawn"), share=share, paths_share=paths_share, by_time=by_time, shown=shown,
        laid=laid, shapes=_shapes(log_id, laid, shown, by_time), strokes=_strokes(log_id, laid, shown, by_time),
        begin=BEGIN, end=END, paths=[one for one in shown.links if one.path is not None],
    )  # fmt: skip


def _percent(name: str, otherwise: int) -> int:
    found = request.args.get(name, otherwise, type=whole)
    return min(max(found, 0), 100)


def _shapes(log_id: int, laid: Laid, shown: discovery.Seen, by_time: bool) -> list[Shape]:
    by_name = {one.activity: one for one in shown.activities}
    values = [one.since.median if by_time else one.n for one in shown.activities]
    most = max(values, default=1) or 1
    found = []
    for box in laid.boxes:
        one = by_name.get(box.name)
        if one is None:
            continue
        value = one.since.median if by_time else one.n
        under = duration(milliseconds(one.since.median)) if by_time and one.since.n else number(one.n)
        found.append(
            Shape(
                box, url_for("mining.cases", log_id=log_id, activity=one.activity), tuple((words, _wide(words) > box.wide - _EDGES) for words in _rows(one.activity)),
                _("%(activity)s: %(count)s times in %(cases)s cases", activity=one.activity, count=number(one.n), cases=number(one.cases)),
                under, min(4, int(5 * value / most)),
            )
        )  # fmt: skip
    return found


_LONG: Final = 23
_EDGES: Final = 10


def _wide(words: str) -> float:
    """About so many pixels, as names are written on the map: capitals are wider than what is counted by signs."""
    return sum(
        12.0 if ord(sign) >= 0x2E80 else 9.3 if sign.isupper() else 4.2 if sign in " ilj.,'" else 7.6 for sign in words
    )


def _rows(name: str) -> tuple[str, ...]:
    """In at most two lines; a sign of Chinese takes the place of two letters."""
    rows, row, width = [], "", 0
    for word in _words(name):
        long = sum(2 if ord(sign) >= 0x2E80 else 1 for sign in word)
        if row and width + long > _LONG:
            rows.append(row.strip())
            row, width = "", 0
        row, width = row + word, width + long
    rows.append(row.strip())
    kept = [one for one in rows if one]
    return tuple(kept[:2]) if len(kept) <= 2 else (kept[0], f"{kept[1][: _LONG - 2]}…")


def _words(name: str) -> list[str]:
    found: list[str] = []
    for sign in name:
        if (
            found
            and sign != " "
            and ord(sign) < 0x2E80
            and not found[-1].endswith((" ", "_", "-"))
            and len(found[-1]) < _LONG
        ) or (found and sign == " "):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _strokes(log_id: int, laid: Laid, shown: discovery.Seen, by_time: bool) -> list[Stroke]:
    by_ends = {(one.source, one.target): one for one in shown.links}
    values = [_value(one, by_time) for one in shown.links]
    most = max(values, default=1) or 1
    found = []
    for line in laid.lines:
        link = by_ends[line.source, line.target]
        time = duration(milliseconds(link.path.gap.median)) if link.path is not None else ""
        short = time if by_time and link.path is not None else number(link.n)
        found.append(
            Stroke(
                line, _path(line), _head(line), round(1 + 5 * _value(link, by_time) / most, 1), _url(log_id, link),
                _told(link, time), short,
            )
        )  # fmt: skip
    return found


def _value(link: discovery.Link, by_time: bool) -> float:
    if not by_time:
        return link.n
    return link.path.gap.median if link.path is not None else 0


def _url(log_id: int, link: discovery.Link) -> str:
    if link.target == END:
        return url_for("mining.cases", log_id=log_id, activity=link.source, last=1)
    return url_for("mining.cases", log_id=log_id, activity=link.target, before=link.source)


def _told(link: discovery.Link, time: str) -> str:
    if link.source == BEGIN:
        return _("%(count)s cases begin with %(activity)s", count=number(link.n), activity=link.target)
    if link.target == END:
        return _("%(count)s cases end with %(activity)s", count=number(link.n), activity=link.source)
    return _("%(source)s, then %(target)s: %(count)s times, half of them within %(time)s",
             source=link.source, target=link.target, count=number(link.n), time=time)  # fmt: skip


def _path(line: Line) -> str:
    """Bent softly between the layers; a line that goes back runs straight beside them."""
    first, *others = line.points
    written = f"M{first[0]:.0f} {first[1]:.0f}"
    before = first
    for one in others:
        if line.back:
            written += f"L{one[0]:.0f} {one[1]:.0f}"
        else:
            middle = (before[1] + one[1]) / 2
            written += f"C{before[0]:.0f} {middle:.0f} {one[0]:.0f} {middle:.0f} {one[0]:.0f} {one[1]:.0f}"
        before = one
    return written


def _head(line: Line) -> str:
    """The point of the arrow: down into the box, or from the right where the line goes back."""
    x, y = line.points[-1]
    if line.back:
        return f"M{x:.0f} {y:.0f}l8 -4v8z"
    return f"M{x:.0f} {y:.0f}l-4 -8h8z"


@room.get("/<int:log_id>/ways")
@allows(*RIGHTS)
def ways(log_id: int) -> ResponseReturnValue:
    page = page_of(log_id)
    after = request.args.get("after", 0, type=whole)
    cases, lines = reads.ways(g.db, actor=g.actor, log_id=log_id, offset=after)
    until = after + len(lines)
    more = url_for("mining.ways", log_id=log_id, after=until) if page.figures and until < page.figures.ways else None
    return render_template("mining/ways.html", **around(page, "ways"), lines=lines, cases=cases, after=after, more=more)


@room.get("/<int:log_id>/cases")
@allows(*RIGHTS)
def cases(log_id: int) -> ResponseReturnValue:
    """Those behind a number, or all of them."""
    page = page_of(log_id)
    asked = request.args
    after = asked.get("after", -1, type=whole)
    total, lines = reads.cases_behind(g.db, actor=g.actor, log_id=log_id, behind=_behind(log_id), after=after)
    chosen: dict[str, Any] = {name: asked[name] for name in _ASKED if name in asked}
    more = (
        url_for("mining.cases", log_id=log_id, **chosen, after=lines[-1].number) if len(lines) == reads.PAGE else None
    )
    return render_template(
        "mining/cases.html", **around(page, "cases"), lines=lines, total=total, told=_which(log_id), more=more,
        first=url_for("mining.cases", log_id=log_id, **chosen) if after >= 0 else None, narrowed=bool(chosen),
    )  # fmt: skip


_ASKED: Final = ("activity", "before", "repeated", "last", "way", "check", "kind", "element")


def _behind(log_id: int) -> Behind:
    asked = request.args
    found: frozenset[int] | None = None
    if "check" in asked:
        found = compared.ways_behind(
            g.db, actor=g.actor, log_id=log_id, check_id=asked.get("check", 0, type=whole), kind=asked.get("kind", ""),
            element=asked.get("element", ""),
        )  # fmt: skip
    elif "way" in asked:
        found = frozenset({asked.get("way", -1, type=whole)})
    return Behind(asked.get("activity"), asked.get("before"), "repeated" in asked, "last" in asked, found)


def _which(log_id: int) -> str:
    """In words: which cases these are."""
    asked = request.args
    activity, before = asked.get("activity", ""), asked.get("before")
    if "check" in asked:
        return _kind_told(log_id)
    if "way" in asked:
        return _("Cases that went way %(number)s", number=asked.get("way", 0, type=whole) + 1)
    if not activity:
        return _("Cases in which something was done more than once") if "repeated" in asked else _("All cases")
    if before:
        return _("Cases in which “%(target)s” directly follows “%(source)s”", target=activity, source=before)
    told = {
        "repeated": _("Cases in which “%(activity)s” was done more than once", activity=activity),
        "last": _("Cases that end with “%(activity)s”", activity=activity),
        "before": _("Cases that begin with “%(activity)s”", activity=activity),
    }
    return next(
        (words for name, words in told.items() if name in asked), _("Cases with “%(activity)s”", activity=activity)
    )


def _kind_told(log_id: int) -> str:
    asked = request.args
    page = compared.check(g.db, actor=g.actor, log_id=log_id, check_id=asked.get("check", 0, type=whole))
    step = page.names.get(asked.get("element", ""), asked.get("element", ""))
    told = {
        "done": _("Cases in which “%(step)s” was done as drawn", step=step),
        "skipped": _("Cases in which “%(step)s” was left out", step=step),
        "added": _("Cases in which “%(step)s” was done where the diagram has no such step", step=step),
        "moved": _("Cases in which “%(step)s” was done at another place than drawn", step=step),
        "strange": _("Cases with “%(step)s”, which is no step of the diagram", step=step),
        "fitting": _("Cases that went as drawn"),
        "unaligned": _("Cases that could not be aligned within the budget"),
    }
    return told.get(asked.get("kind", ""), _("All cases"))


@room.get("/<int:log_id>/cases/<int:number>")
@allows(*RIGHTS)
def case(log_id: int, number: int) -> ResponseReturnValue:
    page = page_of(log_id)
    found = reads.case(g.db, actor=g.actor, log_id=log_id, number=number)
    return render_template("mining/case.html", **around(page, "cases"), case=found)
