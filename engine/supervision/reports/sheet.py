"""A weekly report in words, and as PDF: made from what is kept, the same each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from engine.base.text import LANGUAGES, Language, Name, Text
from engine.papers.limited import Failed, apart
from engine.supervision.alerts.words import amount, figure
from engine.supervision.figures.definitions import DEFINITIONS, Better, Definition, Unit
from engine.supervision.figures.spreads import FEW
from engine.supervision.reports.rules import FigureLine, Report, ReportFails

_PAGE: Final = Path(__file__).parent / "report.typ"
TITLE: Final = Text("{department}: the week", "{department}周报")
PERIOD: Final = Text("{since} to {until}", "{since} 至 {until}")
_FOOTER: Final = Text("Made on {made} · no figures of persons", "生成于 {made} · 不含个人指标")
_NONE: Final = Text("None.", "无。")
_TOO_FEW: Final = Text("too few", "数量过少")
_BETTER: Final = Text("better", "改善")
_WORSE: Final = Text("worse", "变差")
_SOME: Final = Text("The {n} longest past due of {total}.", "共 {total} 件，列出逾期最久的 {n} 件。")
_TO_ACCEPT: Final = Text("{n} waited to be accepted when it was made.", "生成时有 {n} 件等待接收。")
_CARDS: Final = Text(
    "Yellow cards: {yellow} ({yellow_before} the week before). Red cards: {red} ({red_before}).",
    "黄牌 {yellow} 张（前一周 {yellow_before} 张），红牌 {red} 张（前一周 {red_before} 张）。",
)
_ACTIONS: Final = Text(
    "Corrective actions: {open} open, {late} of them past their day.", "纠正措施：{open} 项未完成，其中 {late} 项逾期。"
)
_LIKELY: Final = Text("Likely: {cause}", "可能原因：{cause}")
_ALSO: Final = Text("Also: {cause}", "另外：{cause}")
_OF: Final = Text("{n} of {of}", "{of} 件中 {n} 件")
_WORKING_DAYS: Final = Text("{n} working days", "{n} 个工作日")
_IN_DAYS_FROM: Final = 2
"""So many working days, and more, are told in days, as on the pages of flow."""
_POINTS: Final = Text("{n} points", "{n} 个百分点")
BOTTLENECKS: Final = Text("Where cases wait", "办件积压之处")
FIGURES: Final = Text("Figures, against the week before", "指标及与前一周的比较")
LATE: Final = Text("Past due", "已逾期")
HANDS: Final = Text("Hand-overs between departments", "部门交接")
REST: Final = Text("Cards and corrective actions", "黄红牌与纠正措施")
_MEANS: Final = Text(
    "Times are means, in working time of the department. Of fewer than five nothing is told, of fewer than twenty no share.",
    "时间为平均值，按部门工作时间计算；不足五件的不予显示，不足二十件的不列比例。",
)
STOOD: Final = Text("As it stood when the report was made.", "以生成周报时的情况为准。")
NO_CASES: Final = Text(
    "The department answers for no procedure: whole cases are counted with those that do.",
    "本部门不负责任何程序，办件由负责程序的部门统计。",
)
_COLUMNS: Final = {
    "figures": (
        Text("Figure", "指标"), Text("This week", "本周"), Text("Week before", "前一周"), Text("Change", "变化"),
    ),
    "late": (Text("Case", "办件"), Text("Step", "环节"), Text("Post", "岗位"), Text("Was due", "应办结")),
    "hands": (
        Text("From", "移出"), Text("To", "移入"), Text("Hand-overs", "件数"), Text("Hours until accepted", "接收用时（小时）"),
        Text("Returned", "退回"),
    ),
}  # fmt: skip


def pdf(report: Report, *, language: Language, office: Name, made_at: datetime, zone: tzinfo) -> bytes:
    """Set in a process of its own. Raises ReportFails."""
    facts = {
        "language": language,
        "office": office.say(language),
        "title": TITLE.say(language, department=report.department),
        "period": PERIOD.say(language, since=day(report.week, language), until=day(report.until, language)),
        "footer": _FOOTER.say(language, made=day(made_at.astimezone(zone).date(), language)),
        "parts": list(_parts(report, language, zone)),
    }
    try:
        asked = {"page": _PAGE.read_text(encoding="utf-8"), "facts": facts}
        with apart("sheet", asked) as (into, told):
            return Path(into, told["made"]).read_bytes()
    except Failed as fault:
        raise ReportFails(why=fault.why) from None


def file_name(report: Report) -> str:
    return f"report-{report.department_id}-{report.week.isoformat()}.pdf"


def shown(line: FigureLine, language: Language, day_hours: float | None) -> tuple[str, str, str, str]:
    """A figure, the one before, how it has changed, and whether that is better, worse or neither.

    A share of few is told as so many of so many, and not compared.
    """
    definition = DEFINITIONS[line.key]
    both = (line.value, line.n), (line.before, line.n_before)
    value, before = (_said_of(definition, one, n, language, day_hours) for one, n in both)
    if line.value is None or line.before is None or any(_of_few(definition, n) for _one, n in both):
        return value, before, "", ""
    moved = line.value - line.before
    if abs(moved) < 1e-9:
        return value, before, "=", ""
    sign, said = ("+" if moved > 0 else "−"), _moved(definition, abs(moved), language, day_hours)
    if definition.direction is Better.NEITHER:
        return value, before, sign + said, ""
    is_better = (moved > 0) == (definition.direction is Better.HIGHER)
    return value, before, sign + said, "better" if is_better else "worse"


def _of_few(definition: Definition, n: int | None) -> bool:
    return definition.unit is Unit.SHARE and n is not None and n < FEW


def _said_of(
    definition: Definition, value: float | None, n: int | None, language: Language, day_hours: float | None
) -> str:
    if value is None:
        return _TOO_FEW.say(language)
    if n is not None and _of_few(definition, n):
        return _OF.say(language, n=round(value * n), of=n)
    return _length(definition, value, language, day_hours)


def _length(definition: Definition, value: float, language: Language, day_hours: float | None) -> str:
    if definition.unit is Unit.WORKING_TIME and day_hours and value >= _IN_DAYS_FROM * day_hours * 3600:
        return _WORKING_DAYS.say(language, n=figure(round(value / 3600 / day_hours, 1)))
    return amount(definition, value).say(language)


def _moved(definition: Definition, by: float, language: Language, day_hours: float | None) -> str:
    """A share has moved by so many points, not by so many percent."""
    if definition.unit is Unit.SHARE:
        return _POINTS.say(language, n=figure(by * 100))
    return _length(definition, by, language, day_hours)


def judged(word: str, language: Language) -> str:
    return {"better": _BETTER.say(language), "worse": _WORSE.say(language)}.get(word, "")


def day(value: date, language: Language) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else f"{value.day} {value:%B} {value.year}"


def rest(report: Report, language: Language) -> tuple[str, str]:
    """Cards and corrective actions, a sentence each."""
    yellow, red = report.cards["yellow"], report.cards["red"]
    said = _CARDS.say(language, yellow=yellow[0], yellow_before=yellow[1], red=red[0], red_before=red[1])
    return said, _ACTIONS.say(language, open=report.actions[0], late=report.actions[1])


def likely(causes: Sequence[Text], language: Language) -> list[str]:
    """Only the first is called likely."""
    return [(_ALSO if place else _LIKELY).say(language, cause=one) for place, one in enumerate(causes)]


def _parts(report: Report, language: Language, zone: tzinfo) -> Iterator[dict[str, Any]]:
    said = [
        {
            "head": one.place.say(language),
            "text": one.standing.say(language),
            "more": likely(one.causes, language),
        }
        for one in report.bottlenecks
    ]
    yield _part(BOTTLENECKS, language, note=STOOD if said else None, said=said or [_plain(_NONE.say(language))])
    rows = []
    for line in report.figures:
        value, before, moved, word = shown(line, language, report.day_hours)
        rows.append(
            [
                DEFINITIONS[line.key].name.say(language),
                value,
                before,
                " ".join(filter(None, (moved, judged(word, language)))),
            ]
        )
    note = _MEANS if report.counts_cases else Name(*(f"{NO_CASES.say(one)} {_MEANS.say(one)}" for one in LANGUAGES))
    yield _part(FIGURES, language, note=note, columns="figures", rows=rows, widths=[6, 4, 4, 6], ends=[1, 2, 3])
    late = [[one.case_number, one.step, one.post.say(language), _moment(one.due_at, zone)] for one in report.late]
    cut = report.late_total > len(late)
    yield _part(
        LATE, language, columns="late", rows=late, widths=[2, 4, 3, 3], ends=[],
        note=_said(_SOME, n=len(late), total=report.late_total) if cut else STOOD if late else None,
        said=[] if late else [_plain(_NONE.say(language))],
    )  # fmt: skip
    hands = [
        [
            one.sender.say(language), one.receiver.say(language), str(one.n),
            _TOO_FEW.say(language) if one.wait is None else f"{one.wait:.1f}", str(one.returned),
        ]
        for one in report.hand_overs
    ]  # fmt: skip
    yield _part(
        HANDS, language, columns="hands", rows=hands, widths=[3, 3, 2, 2, 1], ends=[2, 3, 4],
        said=[_plain(_TO_ACCEPT.say(language, n=report.to_accept))] if report.to_accept or hands
        else [_plain(_NONE.say(language))],
    )  # fmt: skip
    yield _part(REST, language, said=[_plain(one) for one in rest(report, language)])


def _part(
    heading: Text, language: Language, *, note: Text | None = None, said: list[dict[str, Any]] | None = None,
    columns: str | None = None, rows: list[list[str]] | None = None, widths: list[int] | None = None,
    ends: list[int] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "heading": heading.say(language), "note": "" if note is None else note.say(language), "said": said or [],
        "columns": [one.say(language) for one in _COLUMNS[columns]] if columns else [], "rows": rows or [],
        "widths": widths or [], "ends": ends or [],
    }  # fmt: skip


def _said(words: Text, **facts: Any) -> Name:
    return Name(words.say("en", **facts), words.say("zh", **facts))


def _plain(words: str) -> dict[str, Any]:
    return {"head": "", "text": words, "more": []}


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
