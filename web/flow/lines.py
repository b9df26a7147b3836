"""The figures of whole cases, one a line: its value, how many it is of, and how it has moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from engine.base.frozen import frozen
from engine.supervision.figures import definitions as known
from engine.supervision.figures.definitions import DEFINITIONS
from engine.supervision.figures.rules import CaseFigures, StepFigures
from engine.supervision.figures.spreads import FEW, Share, Spread
from web.flow.lengths import hours, worked
from web.flow.moves import Moved, Unit, Value, Wish, moved
from web.languages import gettext as _
from web.shown import duration, number, said, share

PARTS: Final = ("waiting", "handed", "taken", "stopped", "outside")
_UNITS: Final[dict[known.Unit, Unit]] = {
    known.Unit.WORKING_TIME: "working", known.Unit.CALENDAR_TIME: "calendar", known.Unit.SHARE: "share",
}  # fmt: skip
_WISHES: Final[dict[known.Better, Wish]] = {
    known.Better.LOWER: "lower", known.Better.HIGHER: "higher", known.Better.NEITHER: "none",
}  # fmt: skip


@frozen
class Flow:
    """All that the lines of one period are told from."""

    cases: CaseFigures
    steps: tuple[StepFigures, ...]
    work_hidden: bool = False
    """All of it was done at posts that fewer than five hold together."""

    @property
    def parts(self) -> dict[str, timedelta]:
        """How the time of the steps done is made up."""
        return {name: sum((getattr(one, name).total for one in self.steps), timedelta(0)) for name in PARTS}

    @property
    def done(self) -> int:
        return sum(one.done for one in self.steps)


Found = tuple[Value | None, int | None]
"""A value, and of how many; None where it is a number itself."""


@frozen
class Told:
    """How a line is told: its definition, and what it takes from a period."""

    key: str
    of: Callable[[Flow], Found]
    behind: str
    rank: str = ""
    """Which of a spread: median, p85, p95."""
    share: bool = False
    """Of all the time at the steps, where the definition is of a length."""

    @property
    def name(self) -> str:
        name = said(DEFINITIONS[self.key].name)
        if self.share:
            return _("%(part)s, of the time at the steps", part=name)
        if not self.rank:
            return name
        return _("%(figure)s: %(rank)s", figure=name, rank=_("median") if self.rank == "median" else self.rank.upper())

    @property
    def unit(self) -> Unit:
        return "share" if self.share else _UNITS.get(DEFINITIONS[self.key].unit, "number")

    @property
    def wish(self) -> Wish:
        return _WISHES[DEFINITIONS[self.key].direction]


@frozen
class Line:
    """`key`: of its definition; `behind`: of the cases it counts, or is the middle or a share of."""

    key: str
    name: str
    unit: Unit
    value: Value | None
    n: int | None
    behind: str
    moved: Moved | None = None
    before: Value | None = None
    n_before: int | None = None

    @property
    def few(self) -> bool:
        return self.n is not None and self.n < FEW

    @property
    def of_few(self) -> bool:
        """So was the other period."""
        return self.n_before is not None and self.n_before < FEW

    @property
    def shown(self) -> str:
        return in_words(self.value, self.unit)

    @property
    def shown_before(self) -> str:
        return in_words(self.before, self.unit)


def in_words(value: Value | None, unit: Unit) -> str:
    if value is None:
        return "—"
    if isinstance(value, timedelta):
        return worked(value) if unit == "working" else duration(value)
    return share(value) if unit == "share" else number(round(value, 2))


def plain(value: Value | None) -> Any:
    """For a spreadsheet: lengths in hours, shares of one."""
    if isinstance(value, timedelta):
        return hours(value)
    return value if value is None else round(value, 4)


def _of_spread(which: Callable[[CaseFigures], Spread], rank: str) -> Callable[[Flow], Found]:
    return lambda flow: (getattr(which(flow.cases), rank), which(flow.cases).n)


def _of_share(which: Callable[[CaseFigures], Share]) -> Callable[[Flow], Found]:
    return lambda flow: (which(flow.cases).value, which(flow.cases).of)


def _count(which: Callable[[CaseFigures], int]) -> Callable[[Flow], Found]:
    return lambda flow: (which(flow.cases), None)


def _part_of(part: str) -> Callable[[Flow], Found]:
    def found(flow: Flow) -> Found:
        every = sum(flow.parts.values(), timedelta(0))
        return flow.parts[part] / every if every else None, flow.done

    return found


def _waited(flow: Flow) -> Found:
    return flow.cases.waiting_share, flow.done


def _touched(flow: Flow) -> Found:
    return None if flow.work_hidden else flow.cases.touch_share, sum(one.working.n for one in flow.steps)


_RANKS: Final = ("median", "p85", "p95")
LINES: Final[tuple[Told, ...]] = (
    *(Told("cycle_working", _of_spread(lambda one: one.cycle_working, rank), "cases.ended", rank) for rank in _RANKS),
    *(Told("cycle", _of_spread(lambda one: one.cycle, rank), "cases.ended", rank) for rank in _RANKS),
    Told("waiting_share", _waited, "done"),
    Told("touch_share", _touched, "measured"),
    Told("outside", _part_of("outside"), "done", share=True),
    Told("stopped", _part_of("stopped"), "done", share=True),
    Told("cases.promise_kept", _of_share(lambda one: one.promise), "cases.promised"),
    Told("cases.law_kept", _of_share(lambda one: one.law), "cases.lawful"),
    Told("cases.first_pass", _of_share(lambda one: one.first_pass), "cases.ended"),
    Told("cases.same_day", _of_share(lambda one: one.same_day), "cases.ended"),
    Told("repeated", _count(lambda one: one.repeated), "repeated"),
    Told("cases.started", _count(lambda one: one.started), "cases.started"),
    Told("cases.ended", _count(lambda one: one.ended), "cases.ended"),
    Told("cases.open", _count(lambda one: one.open), "cases.open"),
)


def lines(now: Flow, before: Flow | None, told: Sequence[Told] = LINES, *, counts_judged: bool = True) -> list[Line]:
    """Of fewer than FEW a length or a share is not told, and not compared.

    `counts_judged`: whether more or fewer is for the better; else a plain count only differs.
    """
    return [_line(one, now, before, counts_judged) for one in told]


def _line(told: Told, now: Flow, before: Flow | None, counts_judged: bool) -> Line:
    value, n = told.of(now)
    was, n_was = (None, None) if before is None else told.of(before)
    unmoved = Line(told.key, told.name, told.unit, value, n, told.behind, None, was, n_was)
    if unmoved.few or unmoved.of_few:
        return unmoved
    way = moved(value, was, told.unit, told.wish if counts_judged or n is not None else "none")
    return Line(told.key, told.name, told.unit, value, n, told.behind, way, was, n_was)
