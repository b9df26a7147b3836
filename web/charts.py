"""Where the lines and areas of a chart run. Pure: a template draws what is found here, and a table beside it says the same.

Across, a chart is as wide as the page lets it be: places are in thousandths of its width. Down, they are in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from engine.base.frozen import frozen

WIDTH: Final = 1000
HEIGHT: Final = 200
KINDS: Final = 8
"""How many series can be told from each other; more are put together by whoever asks."""
_MOST_LABELS: Final = 5
_STEPS: Final = (1, 2, 5, 10)

Value = float | None


@frozen
class Series:
    """One line or one layer. None where there is nothing to show: the line is broken there."""

    name: str
    values: Sequence[Value]


@frozen
class Tick:
    at: float
    said: str
    anchor: str = "middle"
    minor: bool = False
    """Left out where the chart is narrow."""


@frozen
class Drawn:
    """`kind` 1 to 8 names colour and pattern; `path` is SVG's; `dots` mark single values and, of few, all."""

    name: str
    kind: int
    path: str
    dots: str = ""


@frozen
class Chart:
    series: tuple[Drawn, ...]
    down: tuple[Tick, ...]
    across: tuple[Tick, ...]
    height: int = HEIGHT

    @property
    def empty(self) -> bool:
        return not any(one.path or one.dots for one in self.series)


def lines(series: Sequence[Series], labels: Sequence[str], said: Callable[[float], str] = str) -> Chart:
    """A line for each, all on one scale that begins at nothing."""
    top, down = _scale(_most(series), said)
    found = []
    for number, one in enumerate(series):
        places = list(_places(one.values, len(labels), top))
        runs = _runs(places)
        few = len(labels) <= 16
        dots = [run[0] for run in runs if len(run) == 1] if not few else [at for run in runs for at in run]
        found.append(Drawn(one.name, number % KINDS + 1, _line(runs), _dots(dots)))
    return Chart(tuple(found), down, _across(labels))


def layers(series: Sequence[Series], labels: Sequence[str], said: Callable[[float], str] = str) -> Chart:
    """Areas one on the other, the first at the bottom."""
    sums = [sum(float(one.values[at] or 0) for one in series) for at in range(len(labels))]
    top, down = _scale(max(sums, default=0.0), said)
    under, found = [0.0] * len(labels), []
    for number, one in enumerate(series):
        over = [low + float(value or 0) for low, value in zip(under, one.values, strict=True)]
        upper, lower = _places(over, len(labels), top), _places(under, len(labels), top)
        ring = [at for at in upper if at] + [at for at in reversed(list(lower)) if at]
        path = _joined(ring) + "Z" if ring and any(one.values) else ""
        found.append(Drawn(one.name, number % KINDS + 1, path))
        under = over
    return Chart(tuple(found), down, _across(labels))


@frozen
class Column:
    """In percent across, in pixels down."""

    x: float
    width: float
    y: float
    height: float
    kind: int
    said: str


@frozen
class Columns:
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    down: tuple[Tick, ...]
    across: tuple[Tick, ...]
    height: int = HEIGHT

    @property
    def empty(self) -> bool:
        return not any(one.height for one in self.columns)


def columns(series: Sequence[Series], labels: Sequence[str], said: Callable[[float], str] = str) -> Columns:
    """Upright bars, those of one label side by side."""
    top, down = _scale(_most(series), said)
    room = 100 / max(len(labels), 1)
    each = room * 0.78 / max(len(series), 1)
    found = [
        Column(
            round(at * room + room * 0.11 + number * each, 3), round(each, 3),
            round(HEIGHT - high, 1), round(high, 1), number % KINDS + 1, f"{label} · {one.name}: {said(value)}",
        )
        for at, label in enumerate(labels)
        for number, one in enumerate(series)
        for value in [float(one.values[at] or 0)]
        for high in [value / top * HEIGHT]
    ]  # fmt: skip
    return Columns(tuple(found), tuple(one.name for one in series), down, _under(labels, room))


def _under(labels: Sequence[str], room: float) -> tuple[Tick, ...]:
    """Those of the outermost columns keep within the chart."""
    ends = {0: (0.0, "start"), len(labels) - 1: (100.0, "end")} if len(labels) > 3 else {}
    return tuple(
        Tick(x, labels[at], anchor, minor)
        for at, minor in _shown(len(labels))
        for x, anchor in [ends.get(at) or (round((at + 0.5) * room, 2), "middle")]
    )


def _most(series: Sequence[Series]) -> float:
    return max((float(value) for one in series for value in one.values if value is not None), default=0.0)


def _scale(most: float, said: Callable[[float], str]) -> tuple[float, tuple[Tick, ...]]:
    """A round number at the top, and three to five round ones to read by; said once each."""
    step = _round_step(most / 4) if most > 0 else 1.0
    top = step * max(1, math.ceil(most / step - 1e-9))
    count = round(top / step)
    ticks = [Tick(round(HEIGHT - HEIGHT * number / count, 1), said(step * number)) for number in range(count + 1)]
    return top, tuple(ticks)


def _round_step(rough: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * step for step in _STEPS if power * step >= rough * (1 - 1e-9)), power * 10)


def _places(values: Sequence[Value], count: int, top: float) -> Iterator[tuple[float, float] | None]:
    for at, value in enumerate(values):
        x = WIDTH / 2 if count < 2 else at * WIDTH / (count - 1)
        yield None if value is None else (round(x, 1), round(HEIGHT - float(value) / top * HEIGHT, 1))


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    found: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(place)
    return [run for run in found if run]


def _line(runs: Sequence[Sequence[tuple[float, float]]]) -> str:
    return "".join(_joined(run) for run in runs if len(run) > 1)


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


def _dots(places: Sequence[tuple[float, float]]) -> str:
    """Lines of no length: with round ends they are dots, however wide the chart is drawn."""
    return "".join(f"M{x:g} {y:g}h0" for x, y in places)


def _shown(count: int) -> Iterator[tuple[int, bool]]:
    """Which labels there is room for, and whether one may be left out where it is narrow."""
    if count <= _MOST_LABELS:
        yield from ((at, count > 3 and at % 2 == 1) for at in range(count))
        return
    for place in range(_MOST_LABELS):
        yield round(place * (count - 1) / (_MOST_LABELS - 1)), place % 2 == 1


def _across(labels: Sequence[str]) -> tuple[Tick, ...]:
    last = len(labels) - 1
    anchors = {0: "start", last: "end"} if last > 0 else {}
    return tuple(
        Tick(50.0 if last < 1 else round(at / last * 100, 2), labels[at], anchors.get(at, "middle"), minor)
        for at, minor in _shown(len(labels))
    )
