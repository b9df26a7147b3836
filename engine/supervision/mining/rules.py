"""What is allowed with foreign logs: who may, what a mapping must say, what a log is called. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text, one_line
from engine.organisation.rules import Actor, Right
from engine.supervision.mining.guessing import DELIMITERS, ENCODINGS, FORMS
from engine.supervision.mining.tables_read import ISO, CsvMapping

RIGHTS: Final = (Right.SUPERVISE, Right.INSPECT, Right.DESIGN)
"""Any of them: logs are looked at by who watches the work and by who designs it."""
MOST_NAME: Final = 120
MOST_LOGS: Final = 100
LOG: Final = Text("event log", "事件日志")
CHECK: Final = Text("comparison with a diagram", "与流程图的比对")
MOST_CHECKS: Final = 50


class State(IntEnum):
    """Of a log, or of a comparison. Below 10 there is something to do. Numbers are stored: never renumber."""

    WAITING = 1
    READING = 2
    DELETED = 3
    """Seen by nobody any more; its rows go bit by bit."""
    READY = 11
    FAILED = 12
    DRAFT = 13
    """Its columns are not chosen yet."""


class MappingFaults(Refusal):
    """{count} things must be chosen before the log can be read."""

    zh = "读取日志之前还有 {count} 处需要选择。"

    def __init__(self, errors: Mapping[str, Text]) -> None:
        self.errors = errors
        super().__init__(count=len(errors))


class LogUnnamed(Refusal):
    """Give the log a name of at most {most} characters, by which others find it."""

    zh = "请为日志命名，不超过 {most} 字，便于他人查找。"


class PeriodUnread(Refusal):
    """Give the first and the last day of the period as year-month-day, the first not behind the last."""

    zh = "请以“年-月-日”填写期间的首日和末日，首日不得晚于末日。"


class LogNotReady(Refusal):
    """“{name}” is not read yet. Come back in a moment."""

    zh = "“{name}”尚未读取完毕，请稍后再来。"


class AlreadyMapped(Refusal):
    """The columns of “{name}” were already chosen. To choose others, delete it and hand it in again."""

    zh = "“{name}”的列已选定。如需更改，请删除后重新上传。"


class NotYourLog(Refusal):
    """Only {person}, who handed “{name}” in, may do that."""

    zh = "只有上传“{name}”的{person}可以这样做。"


class TooManyLogs(Refusal):
    """There are {most} logs here already. Delete some that nobody needs any more."""

    zh = "此处已有 {most} 个日志。请先删除不再需要的日志。"


class TooManyChecks(Refusal):
    """This log was compared {most} times already. Delete it and hand it in again if you need more."""

    zh = "该日志已比对 {most} 次。如需更多，请删除后重新上传。"


class NothingMapped(Refusal):
    """No activity was matched with a step of the diagram, so there is nothing to compare. Choose at least one."""

    zh = "没有任何活动与流程图的环节对应，无法比对。请至少选择一个。"


class StrangeStep(Refusal):
    """“{element}” is no step of this edition. Choose from the list."""

    zh = "“{element}”不是该版本的环节。请从列表中选择。"


_MAY: Final = Text(
    "event logs are for supervisors, inspectors and process designers", "事件日志仅限监督、监察和流程设计人员使用"
)


def fit_period(since: str, until: str) -> tuple[date, date]:
    """Raises PeriodUnread."""
    try:
        first, last = date.fromisoformat(since.strip()), date.fromisoformat(until.strip())
    except ValueError:
        raise PeriodUnread() from None
    if not date(1900, 1, 1) <= first <= last <= date(9000, 1, 1):
        raise PeriodUnread()
    return first, last


def must_look(actor: Actor) -> None:
    if not any(actor.may(right) for right in RIGHTS):
        raise NotAllowed(why=_MAY)


def may_see(actor: Actor, imported_by: int, shared: bool) -> bool:
    """Who handed it in, everybody with the right where it is shared, and the supervision office."""
    return actor.person_id == imported_by or shared or actor.may(Right.INSPECT)


def fit_name(name: str, file: str) -> str:
    """Without one, as its file is called. Raises LogUnnamed."""
    found = one_line(name) or file
    if len(found) > MOST_NAME or not found:
        raise LogUnnamed(most=MOST_NAME)
    return found


@frozen
class Chosen:
    """Which column is what, as somebody chose it; empty where nothing is. Of XES only the zone counts."""

    form: str  # xes or csv
    case: str = ""
    activity: str = ""
    time: str = ""
    start: str = ""
    resource: str = ""
    group: str = ""
    cost: str = ""
    lifecycle: str = ""
    of_case: tuple[str, ...] = ()
    times: str = ISO
    zone: str = "UTC"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    since: str = ""  # cases that began on this day or later, ISO
    until: str = ""  # and on this one at the latest

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """From the first moment of the first day to the one behind the last."""
        if not self.since:
            return None
        days = date.fromisoformat(self.since), date.fromisoformat(self.until) + timedelta(days=1)
        first, behind = (datetime.combine(one, time(), self.zone_info) for one in days)
        return first, behind

    def written(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def mapping(self) -> CsvMapping:
        return CsvMapping(
            self.case, self.activity, self.time, self.start or None, self.resource or None, self.group or None,
            self.cost or None, self.lifecycle or None, self.of_case, self.times, self.zone_info, self.encoding,
            self.delimiter,
        )  # fmt: skip


def chosen_kept(written: str) -> Chosen:
    kept: dict[str, Any] = orjson.loads(written)
    return Chosen(**{**kept, "of_case": tuple(kept.get("of_case", ()))})


def may_choose_columns(state: State, kept: Chosen) -> bool:
    """Of a table: before it was read, and where it could not be. A part of a log is chosen by its days, not by columns."""
    return state is State.DRAFT or (state is State.FAILED and kept.form == "csv" and not kept.since)


_NEEDED: Final = {
    "case": Text("Choose the column that tells which case it is.", "请选择表明办件的列。"),
    "activity": Text("Choose the column that tells what was done.", "请选择表明活动的列。"),
    "time": Text("Choose the column that tells when it was done.", "请选择表明完成时间的列。"),
}
_NO_COLUMN: Final = Text("There is no such column in the file.", "文件中没有此列。")
_TWICE: Final = Text("This column is already chosen for something else.", "此列已用于其他内容。")
_ASK_FORM: Final = Text("Say how times are written: these rows do not tell.", "请选择时间的写法：仅凭这些行无法判断。")
_NO_ZONE: Final = Text(
    "This is no time zone; use one such as Asia/Shanghai.", "这不是时区；请使用如 Asia/Shanghai 的名称。"
)
_UNKNOWN: Final = Text("Choose one of the list.", "请从列表中选择。")


def must_be_whole(chosen: Chosen, head: Collection[str]) -> None:
    """Raises MappingFaults with every fault, by the name of its field."""
    errors: dict[str, Text] = {}
    if not _is_zone(chosen.zone):
        errors["zone"] = _NO_ZONE
    if chosen.form == "csv":
        _check_columns(chosen, head, errors)
        if chosen.times not in FORMS:
            errors["times"] = _ASK_FORM
        if chosen.encoding not in ENCODINGS:
            errors["encoding"] = _UNKNOWN
        if chosen.delimiter not in DELIMITERS:
            errors["delimiter"] = _UNKNOWN
    if errors:
        raise MappingFaults(errors)


def _check_columns(chosen: Chosen, head: Collection[str], errors: dict[str, Text]) -> None:
    known: set[str] = set()
    for field in ("case", "activity", "time", "start", "resource", "group", "cost", "lifecycle"):
        column = getattr(chosen, field)
        if not column:
            if field in _NEEDED:
                errors[field] = _NEEDED[field]
        elif column not in head:
            errors[field] = _NO_COLUMN
        elif column in known:
            errors[field] = _TWICE
        known.add(column)
    if any(one not in head for one in chosen.of_case):
        errors["of_case"] = _NO_COLUMN


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


ADDED: Final = ""
"""An activity that is no step of the diagram: wherever it is done, it was added."""
LEFT_OUT: Final = "-"
"""An activity that is not looked at: as if it stood not in the log."""


def matched(activities: Sequence[str], steps: Mapping[str, str]) -> dict[str, str]:
    """Which step of the diagram each activity is, by its name: the same, or the same in one of its languages.

    `steps`: element to name.
    """
    by_name: dict[str, str] = {}
    for element, name in steps.items():
        for one in (element, name, *_languages(name)):
            by_name.setdefault(_plain(one), element)
    return {one: by_name[_plain(one)] for one in activities if _plain(one) in by_name}


def _plain(name: str) -> str:
    return "".join(one for one in name.lower() if one.isalnum())


def _languages(name: str) -> list[str]:
    """Labels carry both languages in one string: the part in Latin letters, and the part in Chinese ones."""
    latin = "".join(one for one in name if ord(one) < 0x2E80)
    chinese = "".join(one for one in name if ord(one) >= 0x2E80)
    return [one for one in (latin, chinese) if _plain(one)]
