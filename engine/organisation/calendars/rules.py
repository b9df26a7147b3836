"""What is allowed with calendars, how hours are kept, which years want taking in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Final

import orjson

from engine.base.errors import Refusal
from engine.base.text import Name, one_line
from engine.worktime.calendar import Hours, fit_hours, fit_week

Week = tuple[tuple[Hours, ...], ...]

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
MOST_DAYS: Final = 60
"""So many days are entered in one go."""
MOST_SPANS: Final = 6
WARNED_MONTHS: Final = 3
"""So long before a year begins its notice is missed."""
OWN: Final = ""
"""Stands for the country where a day is the calendar's own."""
PLAIN_WEEK: Final[Week] = ((Hours(time(9), time(17)),),) * 5 + ((),) * 2
"""What an office works by before it has said otherwise."""


class HoursUnreadable(Refusal):
    """“{written}” are no working hours. Write them as 09:00-12:00, one after another with a comma between."""

    zh = "“{written}”不是工作时间。请按 09:00-12:00 填写，多段之间用逗号分隔。"


class TooManySpans(Refusal):
    """A day takes at most {most} spans of working hours."""

    zh = "一天最多 {most} 段工作时间。"


class DayUnnamed(Refusal):
    """Say in a few words what day it is, in one language at least, at most {most} characters."""

    zh = "请简要填写该日的名称，至少用一种语言，最多 {most} 字。"


class DaysInverted(Refusal):
    """The last day {last} lies before the first, {first}. Correct one of them."""

    zh = "最后一天 {last} 早于第一天 {first}。请更正其一。"


class TooManyDays(Refusal):
    """From {first} to {last} is more than the {most} days that are entered in one go. Enter them in parts."""

    zh = "{first} 至 {last} 超过一次可录入的 {most} 天。请分次录入。"


class YearUnfit(Refusal):
    """The year {year} cannot be entered here: calendars run from {first} to {last}."""

    zh = "不能录入 {year} 年：日历的范围为 {first} 至 {last} 年。"


class DayNotThere(Refusal):
    """There is no day of this calendar's own on {day}. Somebody may have removed it before you; look at the year again."""

    zh = "此日历在 {day} 没有自设的日期安排，可能已被他人删除。请重新查看该年。"


class NoCountry(Refusal):
    """This calendar goes by no country's holidays. Choose the country first."""

    zh = "此日历未选定国家的放假安排。请先选择国家。"


class CountryUnknown(Refusal):
    """The holidays of “{country}” are not known here. Enter its days by hand, or choose another country."""

    zh = "此处没有“{country}”的放假安排。请手工录入，或另选国家。"


class NotPublished(Refusal):
    """The notice for {year} is not known to {source}, so its days are not taken in. Due dates of that year stay provisional. When the notice is published, enter it by hand, or update the libraries."""

    zh = "{source} 尚无 {year} 年的放假通知，未予录入，该年的期限仍为暂定。通知公布后请手工录入，或更新资料库。"


class SourcesDisagree(Refusal):
    """The two sources do not agree on {days}. Decide for each of these days whether it is worked."""

    zh = "两个来源对 {days} 的说法不一致。请逐日确定是否上班。"


class NoticeUntitled(Refusal):
    """Give the notice's title, at most {most} characters, so that everybody can see who says so."""

    zh = "请填写通知的标题（最多 {most} 字），以便所有人查证。"


class NoticeEmpty(Refusal):
    """No day could be read out of what was entered. Write one day or period on each line, as “2027-02-05 to 2027-02-11 rest Spring Festival”, or paste the text of the notice."""

    zh = "未能从录入内容中读出任何日期。请每行填写一天或一段，如“2027-02-05 至 2027-02-11 放假 春节”，或粘贴通知原文。"


class LineUnreadable(Refusal):
    """The line “{line}” could not be read. Write it as “2027-02-05 to 2027-02-11 rest Spring Festival” or “2027-01-31 work Spring Festival”."""

    zh = "无法读懂“{line}”这一行。请写成“2027-02-05 至 2027-02-11 放假 春节”或“2027-01-31 上班 春节”。"


class DayOfAnotherYear(Refusal):
    """{day} does not belong to {year}. A notice tells of its own year and of the December before it."""

    zh = "{day} 不属于 {year} 年。通知只涉及本年度和上一年十二月。"


class CalendarThere(Refusal):
    """“{department}” has a calendar of its own already."""

    zh = "“{department}”已有自己的日历。"


class CalendarAbove(Refusal):
    """“{department}” has no calendar of its own: it goes by the one above. Give it one first."""

    zh = "“{department}”没有自己的日历，沿用上级日历。请先为其设立日历。"


MOST_NAME: Final = 60
MOST_TITLE: Final = 160
_SPAN: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")


def read_hours(written: str) -> tuple[Hours, ...]:
    """“09:00-12:00, 14:00-18:00”; 24:00 is the end of the day; nothing: not worked. Raises HoursUnfit too."""
    found = []
    for part in re.split(r"[,，、;；]|\s(?=\d{1,2}[:：]\d{2}\s*[-–—~～至到])", written):
        if not part.strip():
            continue
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise HoursUnreadable(written=one_line(written)[:80])
        found.append(Hours(_time(match[1], match[2], written), _time(match[3], match[4], written)))
    if len(found) > MOST_SPANS:
        raise TooManySpans(most=MOST_SPANS)
    return fit_hours(found)


def _time(hour: str, minute: str, written: str) -> time:
    if (hour, minute) == ("24", "00"):
        return time.min
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise HoursUnreadable(written=one_line(written)[:80]) from None


def in_words(hours: Iterable[Hours]) -> str:
    """As `read_hours` reads it."""
    return ", ".join(_span(one) for one in hours)


def _span(one: Hours) -> str:
    end = "24:00" if one.end == time.min else f"{one.end:%H:%M}"
    return f"{one.begin:%H:%M}-{end}"


def kept_hours(hours: Iterable[Hours]) -> str:
    return orjson.dumps([_span(one) for one in hours]).decode()


def hours_kept(written: str) -> tuple[Hours, ...]:
    return read_hours(",".join(orjson.loads(written))) if written else ()


def kept_week(week: Week) -> str:
    return orjson.dumps([[_span(one) for one in day] for day in week]).decode()


def week_kept(written: str) -> Week:
    return fit_week([read_hours(",".join(day)) for day in orjson.loads(written)])


def fit_title(written: str) -> str:
    title = one_line(written)
    if not title or len(title) > MOST_TITLE:
        raise NoticeUntitled(most=MOST_TITLE)
    return title


def fit_day_name(name_en: str, name_zh: str) -> Name:
    """A name in one language stands for both."""
    english, chinese = one_line(name_en), one_line(name_zh)
    if not (english or chinese) or max(len(english), len(chinese)) > MOST_NAME:
        raise DayUnnamed(most=MOST_NAME)
    return Name(english or chinese, chinese or english)


def fit_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearUnfit(year=year, first=FIRST_YEAR, last=LAST_YEAR)
    return year


def fit_days(first: date, last: date) -> tuple[date, ...]:
    fit_year(first.year)
    fit_year(last.year)
    if last < first:
        raise DaysInverted(first=first, last=last)
    count = (last - first).days + 1
    if count > MOST_DAYS:
        raise TooManyDays(first=first, last=last, most=MOST_DAYS)
    return tuple(date.fromordinal(first.toordinal() + number) for number in range(count))


def years_wanted(today: date) -> tuple[int, ...]:
    """The year it is, and the next one where it begins in three months or less."""
    return (today.year, today.year + 1) if today.month > 12 - WARNED_MONTHS else (today.year,)
