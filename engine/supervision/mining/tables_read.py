"""A table as a log: which column is what, guessed first and chosen by a person then; rows read one after the other."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, BinaryIO, Final

from engine.base.frozen import frozen
from engine.supervision.mining.events import WORDS, Event, Lifecycle, Trace, in_order
from engine.supervision.mining.refusals import ColumnMissing, Left, NotALog, Told
from engine.supervision.mining.unpacking import CASES, COLUMNS, EVENTS, LIMITS, PIECE, Limits, pieces, too_much

ISO: Final = "iso"
SECONDS: Final = "epoch"
MILLISECONDS: Final = "epoch ms"


@frozen
class CsvMapping:
    """Which column tells what. `time` is when it was completed, `start` when it was begun, where that is told.

    `form`: ISO, SECONDS, MILLISECONDS, or one of `guessing.FORMS`. Columns in `of_case` are facts of the case.
    """

    case: str
    activity: str
    time: str
    start: str | None = None
    resource: str | None = None
    group: str | None = None
    cost: str | None = None
    lifecycle: str | None = None
    of_case: tuple[str, ...] = ()
    form: str = ISO
    zone: tzinfo = UTC
    encoding: str = "utf-8-sig"
    delimiter: str = ","

    @property
    def named(self) -> tuple[str, ...]:
        told = (self.case, self.activity, self.time, self.start, self.resource, self.group, self.cost, self.lifecycle)
        return tuple(one for one in (*told, *self.of_case) if one)


_YEARS: Final = range(1900, 2101)


def likely(at: datetime) -> datetime:
    """Raises ValueError for a time in which nothing of an office can have happened."""
    if at.year not in _YEARS:
        raise ValueError(at)
    return at


def reads_time(form: str, zone: tzinfo) -> Callable[[str], datetime]:
    """What reads a cell of that form; it raises ValueError or OverflowError."""
    if form in (SECONDS, MILLISECONDS):
        parts = 1000 if form == MILLISECONDS else 1
        return lambda cell: datetime.fromtimestamp(float(cell) / parts, UTC)
    if form == ISO:

        def iso(cell: str) -> datetime:
            found = datetime.fromisoformat(_iso(cell))
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)

        return iso
    patterns = form.split("|")

    def formed(cell: str) -> datetime:
        for pattern in patterns:
            try:
                found = datetime.strptime(cell, pattern)  # noqa: DTZ007  the zone is chosen beside it
            except ValueError:
                continue
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        raise ValueError(cell)

    return formed


def _iso(cell: str) -> str:
    """As programs write it: with a zone set off by a space, or seconds of any number of digits."""
    cell = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", cell)
    return re.sub(r"(?<=:\d\d)[.,](\d+)", lambda digits: f".{digits[1][:6]:0<6}", cell)


def read_csv(
    stream: BinaryIO, mapping: CsvMapping, *, told: Told | None = None, limits: Limits = LIMITS
) -> Iterator[Trace]:
    """Its cases in the order in which they first appear, once the whole of it is read: rows of a case may stand anywhere."""
    reader = _Rows(mapping, told if told is not None else Told(), limits)
    yield from reader.traces(rows(stream, mapping.encoding, mapping.delimiter, limits))


def rows(stream: BinaryIO, encoding: str, delimiter: str, limits: Limits = LIMITS) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it ends in. Letters that cannot be read are replaced by the sign for that."""
    text = io.TextIOWrapper(
        io.BufferedReader(_Raw(pieces(stream, limits)), PIECE), encoding=encoding, errors="replace", newline=""
    )
    reader = csv.reader(_plain(text), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell longer than any should be
            yield reader.line_num, []
            continue
        if len(cells) > limits.columns:
            raise too_much(COLUMNS, limits.columns, reader.line_num)
        if any(cells):
            yield reader.line_num, cells


_LONGEST: Final = 1 << 20


def _plain(text: io.TextIOWrapper[Any]) -> Iterator[str]:
    while line := text.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise NotALog(file="…")
        yield line.replace("\0", "")


class _Raw(io.RawIOBase):
    """Pieces as a file that can be read from."""

    def __init__(self, given: Iterator[bytes]) -> None:
        self._given, self._left = given, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int:
        while not self._left:
            piece = next(self._given, None)
            if piece is None:
                return 0
            self._left = piece
        count = min(len(into), len(self._left))
        into[:count], self._left = self._left[:count], self._left[count:]
        return count


class _Rows:
    def __init__(self, mapping: CsvMapping, told: Told, limits: Limits) -> None:
        self._mapping, self._told, self._limits = mapping, told, limits
        self._time = reads_time(mapping.form, mapping.zone)
        self._traces: dict[str, Trace] = {}
        self._count = 0

    def traces(self, given: Iterator[tuple[int, list[str]]]) -> Iterator[Trace]:
        _line, head = next(given, (1, []))
        head = [one.strip() for one in head]
        places = self._places(head)
        for line, cells in given:
            if len(cells) != len(head):
                self._told.note(Left.WRONG_CELLS, line)
                continue
            self._row(line, cells, places)
        for one in self._traces.values():
            one.events, changed = in_order(one.events)
            if changed:
                self._told.note(Left.OUT_OF_ORDER, one.events[0].line)
            yield one

    def _places(self, head: Sequence[str]) -> Mapping[str, int]:
        places = {name: place for place, name in reversed(list(enumerate(head)))}
        for name in self._mapping.named:
            if name not in places:
                raise ColumnMissing(column=name, columns=", ".join(head)[:300])
        return places

    def _row(self, line: int, cells: list[str], places: Mapping[str, int]) -> None:
        asked = self._mapping

        def cell(column: str | None) -> str:
            return cells[places[column]].strip()[: self._limits.letters] if column else ""

        case, activity = cell(asked.case), cell(asked.activity)
        if not case or not activity:
            self._told.note(Left.NO_ACTIVITY if case else Left.NO_CASE, line)
            return
        at = self._at(cell(asked.time), line)
        if at is None:
            return
        start = self._start(cell(asked.start), at, line)
        trace = self._traces.get(case)
        if trace is None:
            if len(self._traces) >= self._limits.cases:
                raise too_much(CASES, self._limits.cases, line)
            trace = self._traces[case] = Trace(case)
        self._count += 1 if start is None else 2
        if self._count > self._limits.events:
            raise too_much(EVENTS, self._limits.events, line)
        done = Event(
            sys.intern(activity), at, self._lifecycle(cell(asked.lifecycle), line), _word(cell(asked.resource)),
            _word(cell(asked.group)), None, _number(cell(asked.cost)), line,
        )  # fmt: skip
        if start is not None:
            trace.events.append(done._replace(at=start, lifecycle=Lifecycle.START, cost=None))
        trace.events.append(done)
        for column in asked.of_case[: self._limits.facts]:
            if value := cell(column):
                trace.facts[_fact_name(column)] = sys.intern(value)

    def _at(self, cell: str, line: int) -> datetime | None:
        if not cell:
            self._told.note(Left.NO_TIME, line)
            return None
        try:
            return likely(self._time(cell))
        except (ValueError, OverflowError, OSError):
            self._told.note(Left.TIME_UNREAD, line)
            return None

    def _start(self, cell: str, at: datetime, line: int) -> datetime | None:
        if not cell:
            return None
        try:
            start = likely(self._time(cell))
        except (ValueError, OverflowError, OSError):
            self._told.note(Left.START_UNREAD, line)
            return None
        if start > at:
            self._told.note(Left.END_BEFORE_START, line)
            return None
        return start

    def _lifecycle(self, word: str, line: int) -> Lifecycle:
        if not word:
            return Lifecycle.COMPLETE
        found = WORDS.get(word.lower())
        if found is None:
            self._told.note(Left.LIFECYCLE, line)
        return found or Lifecycle.OTHER


def _fact_name(column: str) -> str:
    return sys.intern(column.removeprefix("case:"))


def _word(cell: str) -> str | None:
    return sys.intern(cell) or None


def _number(cell: str) -> float | None:
    try:
        return float(cell.replace(" ", "").replace(",", ".")) if cell else None
    except ValueError:
        return None
