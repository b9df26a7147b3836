"""Reads the days of a year out of what an administrator pastes: a list, or the text of a Chinese notice. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Name, one_line
from engine.organisation.calendars import rules


@frozen
class NoticeDay:
    """A day as a notice tells it: rested, or worked instead."""

    day: date
    works: bool
    name: Name


MOST_TYPED: Final = 20_000
_NAMES: Final = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-autumn Festival",
    "国庆节": "National Day",
}
_REST, _WORK = "放假|休息|rest|off|holiday", "上班|work|works|worked"
_LINE: Final = re.compile(
    r"(\d{4}-\d\d?-\d\d?)(?:\s*(?:to|至|到|until|\.\.|–|—|~)\s*(\d{4}-\d\d?-\d\d?))?\s*[,，:：]?\s*"
    rf"({_REST}|{_WORK})\b\s*[,，:：]?\s*(.*)",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(r"(?:^|[\n。；])\s*[一二三四五六七八九十]+、\s*([^：:\n]{1,20})[：:]")
_ASIDE: Final = re.compile(r"（[^（）]*）|\([^()]*\)")
_CLAUSE: Final = re.compile(r"[。；\n]")
_DATE: Final = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日"
_RANGE: Final = re.compile(rf"{_DATE}(?:\s*[至到—–-]\s*{_DATE})?")


def read_notice(written: str, year: int) -> tuple[NoticeDay, ...]:
    """In the order of the days. Raises LineUnreadable, NoticeEmpty, DayOfAnotherYear, and what the dates raise."""
    text = written[:MOST_TYPED].replace("\r\n", "\n")
    sections = list(_SECTION.finditer(text))
    told = _of_prose(text, sections, year) if sections else _of_lines(text)
    found: dict[date, NoticeDay] = {}
    for one in told:
        if one.day.year != year and (one.day.year, one.day.month) != (year - 1, 12):
            raise rules.DayOfAnotherYear(day=one.day, year=year)
        found[one.day] = one
    if not found:
        raise rules.NoticeEmpty()
    return tuple(found[day] for day in sorted(found))


def as_list(days: tuple[NoticeDay, ...]) -> str:
    """As `read_notice` reads it, one line a day."""
    lines = []
    for one in days:
        name = one.name.zh if one.name.en == one.name.zh else f"{one.name.zh} {one.name.en}"
        lines.append(f"{one.day.isoformat()} {'work' if one.works else 'rest'} {name}")
    return "\n".join(lines)


def _of_lines(text: str) -> Iterator[NoticeDay]:
    for line in filter(None, map(one_line, text.split("\n"))):
        match = _LINE.fullmatch(line)
        if match is None:
            raise rules.LineUnreadable(line=line[:80])
        first = _date(match[1], line)
        last = _date(match[2], line) if match[2] else first
        works = re.fullmatch(_WORK, match[3], re.IGNORECASE) is not None
        name = _named(match[4])
        for day in rules.fit_days(first, last):
            yield NoticeDay(day, works, name)


def _date(written: str, line: str) -> date:
    try:
        return date(*map(int, written.split("-")))
    except ValueError:
        raise rules.LineUnreadable(line=line[:80]) from None


def _named(written: str) -> Name:
    """Chinese signs are its Chinese name, the others its English one; one of the two stands for both."""
    cleaned = one_line(written)
    if cleaned in _NAMES:
        return Name(_NAMES[cleaned], cleaned)
    chinese = " ".join(re.findall(r"[\u3400-\u9fff·、（）]+", cleaned))
    english = one_line(re.sub(r"[\u3400-\u9fff·、（）]+", " ", cleaned))
    return rules.fit_day_name(english or _NAMES.get(chinese, ""), chinese)


def _of_prose(text: str, sections: list[re.Match[str]], year: int) -> Iterator[NoticeDay]:
    """“二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。”"""
    ends = [one.start() for one in sections[1:]] + [len(text)]
    for section, end in zip(sections, ends, strict=True):
        chinese = section[1].strip()
        parts = [_NAMES.get(one, one) for one in re.split(r"[、和]", chinese)]
        name = rules.fit_day_name(", ".join(parts), chinese)
        body = _ASIDE.sub("", text[section.end() : end])
        for clause in _CLAUSE.split(body):
            # A wish that leave be taken on some day (“安排职工在除夕休息”) is neither.
            works = "上班" in clause
            if works or "放假" in clause:
                yield from _of_clause(clause, works, name, year)


def _of_clause(clause: str, works: bool, name: Name, year: int) -> Iterator[NoticeDay]:
    month: int | None = None
    for match in _RANGE.finditer(clause):
        month = int(match[2]) if match[2] else month
        if month is None:
            raise rules.LineUnreadable(line=one_line(clause)[:80])
        # The turn of the year is told without years: 12月31日至1月2日.
        before = month == 12 and "元旦" in name.zh
        first = _day(int(match[1] or (year - 1 if before else year)), month, int(match[3]), clause)
        last = first
        if match[6]:
            month = int(match[5]) if match[5] else month
            last = _day(int(match[4] or first.year + (month < first.month)), month, int(match[6]), clause)
        for day in rules.fit_days(first, last):
            yield NoticeDay(day, works, name)


def _day(year: int, month: int, day: int, clause: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise rules.LineUnreadable(line=one_line(clause)[:80]) from None
