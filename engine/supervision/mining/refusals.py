"""Why a log is not read, in whole; what is left out of one that is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from engine.base.errors import Refusal
from engine.base.text import Text


class LogRefused(Refusal):
    """“{file}” cannot be read as an event log. Export it again as XES or CSV."""

    zh = "“{file}”无法作为事件日志读取。请重新导出为 XES 或 CSV。"


class NotALog(LogRefused):
    """“{file}” is neither XES nor CSV. Export the log as XES (.xes, .xes.gz) or CSV (.csv, .csv.gz) and choose it again."""

    zh = "“{file}”既不是 XES 也不是 CSV。请导出为 XES（.xes、.xes.gz）或 CSV（.csv、.csv.gz）后重新选择。"


class NoRows(LogRefused):
    """“{file}” holds the names of its columns and no row. Export it again with its rows, and choose it once more."""

    zh = "“{file}”只有列名，没有数据行。请连同数据行重新导出后再选择。"


class TooFewColumns(LogRefused):
    """Read like this, the rows have fewer than three columns: a log needs one for the case, one for the activity and one for the time. Choose another encoding, or another sign between the columns."""

    zh = "按此方式读取，各行不足三列：日志须分别有办件、活动和时间列。请选择其他编码或其他分隔符。"


class BrokenXml(LogRefused):
    """The XES file breaks off or is damaged in line {line}: {why}. Export it again; nothing of it was kept."""

    zh = "XES 文件在第 {line} 行中断或损坏：{why}。请重新导出；未保存任何内容。"


class LogWithDoctype(LogRefused):
    """Line {line} declares a document type (DOCTYPE). An event log needs none and it may do harm. Remove it and try again."""

    zh = "第 {line} 行声明了文档类型（DOCTYPE）。事件日志不需要它，且可能有害。请删除后重试。"


class NotUnpacked(LogRefused):
    """The .gz file is damaged and cannot be unpacked. Pack it again and choose it once more."""

    zh = ".gz 文件已损坏，无法解压。请重新压缩后再选择。"


class UnpacksTooFar(LogRefused):
    """The file unpacks to more than {most} MB, or far further than a log would. It was not read. Export a shorter period."""

    zh = "文件解压后超过 {most} MB，或远超日志应有的大小，未予读取。请导出较短的期间。"


class TooMuch(LogRefused):
    """The log holds more than {most} {what} (line {line}). Export a shorter period, or fewer columns."""

    zh = "日志中的{what}超过 {most} 个（第 {line} 行）。请导出较短的期间或较少的列。"


class NothingInIt(LogRefused):
    """“{file}” holds no event that could be read; {left_out} without an activity or a time were left out. Export it again with its events."""

    zh = "“{file}”中没有可读取的事件，略过无活动或无时间的 {left_out} 条。请连同事件重新导出。"


class NoRowRead(LogRefused):
    """None of the rows of “{file}” could be read; {left_out} were left out. Choose again which column is which, and how times are written."""

    zh = "“{file}”中没有一行可读取，略过 {left_out} 行。请重新选择各列的对应关系和时间的写法。"


class NothingInPeriod(LogRefused):
    """No case of the log began from {since} to {until}; {cases} began at other times. Choose other days."""

    zh = "该日志中没有办件在 {since} 至 {until} 期间开始，另有 {cases} 件在其他时间开始。请另选日期。"


class ColumnMissing(LogRefused):
    """There is no column “{column}” in the file. Its columns are: {columns}."""

    zh = "文件中没有“{column}”列。现有列：{columns}。"


class Left(StrEnum):
    """What was left out or put right, each with the lines it stands in."""

    NO_CASE = "no case"
    NO_ACTIVITY = "no activity"
    NO_TIME = "no time"
    TIME_UNREAD = "time unread"
    START_UNREAD = "start unread"
    END_BEFORE_START = "end before start"
    WRONG_CELLS = "wrong cells"
    OUT_OF_ORDER = "out of order"
    EMPTY_TRACE = "empty trace"
    SAME_CASE = "same case"
    LIFECYCLE = "lifecycle"
    NO_ZONE = "no zone"
    BAD_LETTERS = "bad letters"
    CUT = "cut"
    OUTSIDE = "outside"


SKIPPED: Final = frozenset({Left.NO_CASE, Left.NO_ACTIVITY, Left.NO_TIME, Left.TIME_UNREAD, Left.WRONG_CELLS})
"""Of these a row or an event is not in the log that was read."""

SENTENCES: Final[dict[Left, Text]] = {
    Left.NO_CASE: Text("No case is given: left out.", "未注明办件：已略过。"),
    Left.NO_ACTIVITY: Text("No activity is given: left out.", "未注明活动：已略过。"),
    Left.NO_TIME: Text("No time is given: left out.", "未注明时间：已略过。"),
    Left.TIME_UNREAD: Text("The time cannot be read in the chosen form: left out.", "时间无法按所选格式读取：已略过。"),
    Left.START_UNREAD: Text(
        "The start cannot be read in the chosen form: taken without one.",
        "开始时间无法按所选格式读取：按无开始时间处理。",
    ),
    Left.END_BEFORE_START: Text(
        "The end lies before the start: taken without a start.", "结束早于开始：按无开始时间处理。"
    ),
    Left.WRONG_CELLS: Text(
        "The row has another number of cells than the head: left out.", "该行的单元格数与表头不符：已略过。"
    ),
    Left.OUT_OF_ORDER: Text("Events stood out of the order of time: put in order.", "事件未按时间排列：已排序。"),
    Left.EMPTY_TRACE: Text("A case without any event: left out.", "没有事件的办件：已略过。"),
    Left.SAME_CASE: Text("The same case stands in several places: kept apart.", "同一办件出现多处：分别保留。"),
    Left.LIFECYCLE: Text("A transition that is not known: taken as another one.", "未知的状态转换：按“其他”处理。"),
    Left.NO_ZONE: Text("The time has no zone: taken in the chosen one.", "时间未注明时区：按所选时区处理。"),
    Left.BAD_LETTERS: Text("Letters that cannot be read in this encoding.", "含有无法按此编码读取的字符。"),
    Left.OUTSIDE: Text("A case that began outside the period: left out.", "办件不在所选期间开始：已略过。"),
    Left.CUT: Text("Longer than {most} letters: cut.".replace("{most}", "400"), "超过 400 字：已截短。"),
}

_LINES: Final = 10


@dataclass(slots=True)
class Told:
    """Counts what was left out or put right, and keeps the first lines of each kind."""

    counts: Counter[Left] = field(default_factory=Counter)
    lines: dict[Left, list[int]] = field(default_factory=dict)

    def note(self, what: Left, line: int) -> None:
        self.counts[what] += 1
        kept = self.lines.setdefault(what, [])
        if len(kept) < _LINES and line > 0:
            kept.append(line)

    @property
    def left_out(self) -> int:
        return sum(count for what, count in self.counts.items() if what in SKIPPED)
