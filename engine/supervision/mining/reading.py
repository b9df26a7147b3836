"""Event logs as others write them, a case at a time: XES (IEEE 1849) and CSV, packed or not. Pure.

Nothing outside of the file is read, no entity is expanded, and no tree is built: a file of any size takes little memory.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from engine.base.text import Text
from engine.supervision.mining.events import WORDS, Event, Fact, Lifecycle, Trace, in_order
from engine.supervision.mining.refusals import BrokenXml, Left, LogWithDoctype, NotALog, Told
from engine.supervision.mining.tables_read import CsvMapping, likely, read_csv
from engine.supervision.mining.unpacking import CASES, DEPTH, EVENTS, LIMITS, Limits, pieces, too_much

__all__ = ["CsvMapping", "read_csv", "read_xes"]

_ATTRIBUTES: Final = frozenset({"string", "date", "int", "float", "boolean", "id"})
_HOLDS: Final = frozenset({"log", "trace", "event"})
_WHY: Final[Mapping[str, Text]] = {
    expat.errors.XML_ERROR_NO_ELEMENTS: Text("it ends too early", "过早结束"),
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: Text("it ends within a tag", "在标签中途结束"),
    expat.errors.XML_ERROR_INVALID_TOKEN: Text("a sign stands where it may not", "出现了不允许的字符"),
    expat.errors.XML_ERROR_TAG_MISMATCH: Text("a tag is closed that is not open", "关闭的标签与打开的不符"),
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: Text(
        "an entity is used that XML does not know", "使用了 XML 不认识的实体"
    ),
}
_NOT_XML: Final = Text("it is no right XML", "不是正确的 XML")
_LARGEST: Final = (1 << 63) - 1
"""A larger number is told as it is written: no table could hold it."""
_ENDLESS: Final = Text("a name or a value has no end", "名称或属性值没有结尾")
_LONGEST_WORD: Final = 4 << 20
_OF_CASE: Final = re.compile(r"\(case\)[_ ]?|case:")
"""What some programs write on every event, though it is said of the case."""


def read_xes(
    stream: BinaryIO, *, told: Told | None = None, zone: tzinfo = UTC, limits: Limits = LIMITS, file: str = "log.xes"
) -> Iterator[Trace]:
    """Each case as it is read. `zone`: of times that name none. Raises LogRefused, also half way through."""
    reader = _Xes(told if told is not None else Told(), zone, limits, file)
    for piece in pieces(stream, limits):
        reader.feed(piece)
        yield from reader.taken()
    reader.feed(b"", last=True)
    yield from reader.taken()


class _Xes:
    def __init__(self, told: Told, zone: tzinfo, limits: Limits, file: str) -> None:
        self._told, self._zone, self._limits, self._file = told, zone, limits, file
        self._path: list[str] = []
        self._inside = ""  # the innermost of log, trace, event whose own attributes are being read
        self._held: dict[str, Fact] = {}
        self._trace: dict[str, Fact] = {}
        self._events: list[Event] = []
        self._line = 0
        self._done: list[Trace] = []
        self._count = self._cases = self._fed = 0
        self._names: set[str] = set()
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.buffer_text = True

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
            # Of one endless word expat begins anew with every piece: that takes time by the square of its length.
            if not last and self._fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST_WORD:
                raise BrokenXml(line=self._parser.CurrentLineNumber, why=_ENDLESS, file=self._file)
        except expat.ExpatError as wrong:
            why = _WHY.get(expat.errors.messages[wrong.code], _NOT_XML)
            raise BrokenXml(line=wrong.lineno, why=why, file=self._file) from None
        except ValueError:  # an encoding that Python does not know
            raise NotALog(file=self._file) from None

    def taken(self) -> Iterator[Trace]:
        done, self._done = self._done, []
        yield from done

    def _doctype(self, *_: Any) -> None:
        raise LogWithDoctype(line=self._parser.CurrentLineNumber)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._path and name != "log":
            raise NotALog(file=self._file)
        self._path.append(name)
        if name in _ATTRIBUTES:
            # Attributes of attributes, of `global` and of lists are not the event's own.
            if len(self._path) > 1 and self._path[-2] == self._inside and self._inside != "log":
                self._attribute(name, attributes)
        elif name in _HOLDS:
            self._inside, self._held = name, {}
            self._line = self._parser.CurrentLineNumber
            if name == "trace":
                self._trace, self._events = self._held, []
        elif len(self._path) > self._limits.depth:
            raise too_much(DEPTH, self._limits.depth, self._parser.CurrentLineNumber)

    def _end(self, tag: str) -> None:
        name = self._path.pop()
        if name == "event":
            self._event()
            self._inside, self._held = self._path[-1], self._trace
        elif name == "trace":
            self._close()
            self._inside = "log"

    def _attribute(self, kind: str, attributes: Mapping[str, str]) -> None:
        key, value = attributes.get("key"), attributes.get("value")
        if key is None or value is None or value == "" or len(self._held) >= self._limits.facts:
            return
        if len(value) > self._limits.letters:
            self._told.note(Left.CUT, self._parser.CurrentLineNumber)
            value = value[: self._limits.letters]
        self._held[sys.intern(key)] = self._typed(kind, value)

    def _typed(self, kind: str, value: str) -> Fact:
        try:
            if kind == "date":
                return self._instant(value)
            if kind == "int":
                number = int(value)
                return number if -_LARGEST <= number <= _LARGEST else value
            if kind == "float":
                return float(value) if math.isfinite(float(value)) else value
        except (ValueError, OverflowError):
            return value
        return value == "true" if kind == "boolean" else value

    def _instant(self, value: str) -> datetime:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            self._told.note(Left.NO_ZONE, self._parser.CurrentLineNumber)
            found = found.replace(tzinfo=self._zone)
        return likely(found.astimezone(UTC))

    def _event(self) -> None:
        facts = self._held
        activity, at = str(facts.pop("concept:name", "")).strip(), facts.pop("time:timestamp", None)
        if not activity:
            self._told.note(Left.NO_ACTIVITY, self._line)
            return
        if not isinstance(at, datetime):
            self._told.note(Left.NO_TIME if at is None else Left.TIME_UNREAD, self._line)
            return
        self._count += 1
        if self._count > self._limits.events:
            raise too_much(EVENTS, self._limits.events, self._line)
        self._events.append(
            Event(
                sys.intern(activity), at, self._lifecycle(facts.pop("lifecycle:transition", None)),
                _word(facts.pop("org:resource", None)), _word(facts.pop("org:group", None) or facts.pop("org:role", None)),
                _word(facts.pop("concept:instance", None)), _cost(facts.pop("cost:total", None)), self._line, facts,
            )
        )  # fmt: skip

    def _lifecycle(self, word: Fact | None) -> Lifecycle:
        if word is None:
            return Lifecycle.COMPLETE
        found = WORDS.get(str(word).strip().lower())
        if found is None:
            self._told.note(Left.LIFECYCLE, self._line)
        return found or Lifecycle.OTHER

    def _close(self) -> None:
        if not self._events:
            self._told.note(Left.EMPTY_TRACE, self._line)
            return
        self._cases += 1
        if self._cases > self._limits.cases:
            raise too_much(CASES, self._limits.cases, self._line)
        events, changed = in_order(self._events)
        if changed:
            self._told.note(Left.OUT_OF_ORDER, events[0].line)
        facts = {**_misplaced(events), **self._trace}
        case = str(facts.pop("concept:name", "")).strip() or str(self._cases)
        if case in self._names:
            self._told.note(Left.SAME_CASE, events[0].line)
        self._names.add(case)
        self._done.append(Trace(case, events, facts))


def _misplaced(events: list[Event]) -> dict[str, Fact]:
    """Of the case, though it stands on its events: as the last of them says."""
    found: dict[str, Fact] = {}
    for one in events:
        for key in [key for key in one.facts if _OF_CASE.match(key)]:
            plain = _OF_CASE.sub("", key, count=1)
            found[sys.intern(plain)] = one.facts[key]
            del one.facts[key]  # type: ignore[attr-defined]  # this reader's own
    return found


def _word(value: Fact | None) -> str | None:
    return None if value is None else sys.intern(str(value).strip()) or None


def _cost(value: Fact | None) -> float | None:
    return float(value) if isinstance(value, int | float) else None
