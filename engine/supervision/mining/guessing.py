"""What a table seems to be, looked at its first rows: encoding, delimiter, which column is which, how times are written.

A guess is shown and may be put right; where two readings are possible, a person is asked.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import BinaryIO, Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.supervision.mining.refusals import NoRows, NotALog, TooFewColumns
from engine.supervision.mining.tables_read import ISO, MILLISECONDS, SECONDS, reads_time
from engine.supervision.mining.unpacking import LIMITS, Limits, pieces

_SAMPLE: Final = 1 << 18
SHOWN: Final = 8
_LOOKED_AT: Final = 400

FORMS: Final[Mapping[str, Text]] = {
    ISO: Text("2026-03-25 14:30:00 (ISO 8601, with or without zone)", "2026-03-25 14:30:00（ISO 8601，可带时区）"),
    "%d/%m/%Y %H:%M:%S|%d/%m/%Y %H:%M|%d/%m/%Y": Text("25/03/2026 14:30 (day first)", "25/03/2026 14:30（日在前）"),
    "%m/%d/%Y %H:%M:%S|%m/%d/%Y %H:%M|%m/%d/%Y|%m/%d/%Y %I:%M:%S %p|%m/%d/%Y %I:%M %p": Text(
        "03/25/2026 14:30 (month first)", "03/25/2026 14:30（月在前）"
    ),
    "%d.%m.%Y %H:%M:%S|%d.%m.%Y %H:%M|%d.%m.%Y": Text("25.03.2026 14:30", "25.03.2026 14:30"),
    "%d-%m-%Y %H:%M:%S|%d-%m-%Y %H:%M|%d-%m-%Y": Text("25-03-2026 14:30 (day first)", "25-03-2026 14:30（日在前）"),
    "%m-%d-%Y %H:%M:%S|%m-%d-%Y %H:%M|%m-%d-%Y": Text("03-25-2026 14:30 (month first)", "03-25-2026 14:30（月在前）"),
    "%Y/%m/%d %H:%M:%S|%Y/%m/%d %H:%M|%Y/%m/%d|%Y/%m/%d %H:%M:%S.%f": Text("2026/03/25 14:30", "2026/03/25 14:30"),
    "%Y年%m月%d日 %H:%M:%S|%Y年%m月%d日 %H:%M|%Y年%m月%d日": Text("2026年3月25日 14:30", "2026年3月25日 14:30"),
    "%Y%m%d%H%M%S|%Y%m%d": Text("20260325143000", "20260325143000"),
    SECONDS: Text("seconds since 1970", "自 1970 年起的秒数"),
    MILLISECONDS: Text("milliseconds since 1970", "自 1970 年起的毫秒数"),
}
ENCODINGS: Final = ("utf-8-sig", "gb18030", "utf-16", "cp1252")
DELIMITERS: Final = (",", ";", "\t", "|")


@frozen
class Guess:
    """The first rows as they were read, and what each part seems to be; `forms` are all that read every time in them."""

    encoding: str
    delimiter: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: Mapping[str, str]  # what of the mapping -> column
    forms: tuple[str, ...]


def is_xes(stream: BinaryIO, limits: Limits = LIMITS) -> bool:
    """By its beginning: XML is read as XES, whatever the file is called."""
    head = _head(stream, 4096, limits)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<"


def _head(stream: BinaryIO, count: int, limits: Limits) -> bytes:
    found = b""
    for piece in pieces(stream, limits):
        found += piece
        if len(found) >= count:
            break
    stream.seek(0)
    return found[:count]


def guess(
    stream: BinaryIO,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    file: str = "…",
    limits: Limits = LIMITS,
) -> Guess:
    """`encoding` and `delimiter` where a person has chosen them. Raises NotALog, NoRows; TooFewColumns of what was chosen."""
    sample = _head(stream, _SAMPLE, limits)
    chosen = encoding or _encoding(sample)
    text = sample.decode(chosen, "replace")
    if chosen != "utf-16" and text.count("\0") > len(text) // 100:
        raise NotALog(file=file)
    if len(sample) == _SAMPLE:  # the last line is not whole
        text = text[: text.rfind("\n") + 1] or text
    marked = delimiter or _delimiter(text)
    read = _rows(text, marked)
    if not read or len(read[0]) < 3:
        raise TooFewColumns() if encoding or delimiter else NotALog(file=file)
    if len(read) < 2:
        raise NoRows(file=file)
    head = tuple(one.strip() for one in read[0])
    body = [row for row in read[1:_LOOKED_AT] if len(row) == len(head)]
    columns = _columns(head, body)
    times = [row[head.index(columns["time"])].strip() for row in body] if "time" in columns else []
    return Guess(chosen, marked, head, tuple(tuple(row) for row in read[1 : 1 + SHOWN]), columns, forms_of(times))


def _encoding(sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            decoder.decode(sample)
        except UnicodeDecodeError:
            continue
        return encoding
    return "cp1252"


def _delimiter(text: str) -> str:
    """The one by which most rows fall into as many cells as the head."""

    def fit(delimiter: str) -> tuple[int, int]:
        found = _rows(text[:20_000], delimiter)[:50]
        width = len(found[0]) if found else 0
        return (sum(len(row) == width for row in found) if width > 1 else 0, width)

    return max(DELIMITERS, key=fit)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while len(found) < _LOOKED_AT:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(row):
            found.append(row)
    return found


def forms_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Which forms read every one of them that can be read at all, as long as those are half of them."""
    told = [one for one in cells if one]
    read = {form: {place for place, one in enumerate(told) if _reads(form, one)} for form in FORMS}
    readable = frozenset().union(*read.values())
    if not readable or 2 * len(readable) < len(told):
        return ()
    return tuple(form for form, places in read.items() if places == readable)


def _reads(form: str, cell: str) -> bool:
    try:
        return 1980 <= reads_time(form, UTC)(cell).year < 2100
    except (ValueError, OverflowError, OSError):
        return False


_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "case": ("case:concept:name", "case id", "case_id", "caseid", "case", "办件编号", "案件编号", "案件", "办件", "案号"),
    "activity": ("concept:name", "activity", "activity name", "task", "step", "event", "活动", "步骤", "环节", "任务"),
    "start": ("start_timestamp", "start time", "start_time", "start timestamp", "start", "began", "begin", "开始时间", "开始"),
    "time": (
        "time:timestamp", "complete timestamp", "end_timestamp", "complete time", "end time", "end_time", "completed",
        "complete", "timestamp", "time", "date", "finished", "end", "完成时间", "结束时间", "办结时间", "时间", "日期",
    ),
    "resource": ("org:resource", "resource", "user", "employee", "person", "clerk", "performer", "经办人", "人员", "办理人"),
    "group": ("org:group", "department", "group", "org:role", "role", "unit", "office", "部门", "科室", "岗位", "单位"),
    "cost": ("cost:total", "cost", "costs", "amount", "费用", "成本", "金额"),
    "lifecycle": ("lifecycle:transition", "lifecycle", "transition", "event type", "状态转换"),
}  # fmt: skip


def _columns(head: Sequence[str], body: Sequence[Sequence[str]]) -> dict[str, str]:
    """By their names; what has no such name by what stands in it: a time reads as one, a case comes again."""
    found: dict[str, str] = {}
    for what, words in _WORDS.items():
        column = _named(head, words, frozenset(found.values()))
        if column is not None and (what not in ("time", "start") or _holds_times(head, body, column)):
            found[what] = column
    left = [one for one in head if one not in found.values()]
    _find(found, "time", left, lambda column: _holds_times(head, body, column))
    _find(found, "case", left, lambda column: _share(head, body, column, len(body)) > 0)
    _find(found, "activity", left, lambda column: 1 < _different(head, body, column) <= max(60, len(body) // 3))
    return found


def _find(found: dict[str, str], what: str, left: list[str], fits: Callable[[str], bool]) -> None:
    column = None if what in found else next((one for one in left if fits(one)), None)
    if column is not None:
        found[what] = column
        left.remove(column)


def _named(head: Sequence[str], words: Sequence[str], taken: frozenset[str]) -> str | None:
    small = {one.lower().replace("_", " "): one for one in reversed(head) if one not in taken}
    for word in words:
        if word.replace("_", " ") in small:
            return small[word.replace("_", " ")]
    return None


def _cells(head: Sequence[str], body: Sequence[Sequence[str]], column: str) -> list[str]:
    place = list(head).index(column)
    return [row[place].strip() for row in body]


def _holds_times(head: Sequence[str], body: Sequence[Sequence[str]], column: str) -> bool:
    """At least half of what stands in it; rows may be broken."""
    told = [one for one in _cells(head, body, column) if one][:100]
    return len(told) > 0 and any(_most_read(form, told) for form in FORMS)


def _most_read(form: str, cells: Sequence[str]) -> bool:
    return sum(_reads(form, one) for one in cells) >= 0.5 * len(cells)


def _different(head: Sequence[str], body: Sequence[Sequence[str]], column: str) -> int:
    return len({one for one in _cells(head, body, column) if one})


def _share(head: Sequence[str], body: Sequence[Sequence[str]], column: str, count: int) -> int:
    """Over none where it looks like a case: several of them, and each comes again."""
    different = _different(head, body, column)
    return different if 1 < different <= max(1, int(count * 0.7)) else 0
