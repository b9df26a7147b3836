"""Kept libraries that know the holidays of countries, asked only when a year is taken in.

They are imported here, when asked, and nowhere else: what they say is kept in rows, so no process that merely reckons
carries them. Of China two are asked, who do not know of each other: `chinesecalendar` refuses a year whose notice it
does not have; `holidays` tells such a year without its days worked instead, and without a word. See decisions/0026.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from importlib import metadata
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.calendars.rules import CountryUnknown, NotPublished, fit_year

COUNTRIES: Final[Mapping[str, Name]] = {
    "CN": Name("China (mainland)", "中国（大陆）"),
    "HK": Name("Hong Kong SAR", "香港特别行政区"),
    "MO": Name("Macao SAR", "澳门特别行政区"),
    "AT": Name("Austria", "奥地利"),
    "BE": Name("Belgium", "比利时"),
    "DE": Name("Germany (whole country)", "德国（全国）"),
    "DK": Name("Denmark", "丹麦"),
    "ES": Name("Spain (whole country)", "西班牙（全国）"),
    "FI": Name("Finland", "芬兰"),
    "FR": Name("France", "法国"),
    "GB": Name("United Kingdom", "英国"),
    "IE": Name("Ireland", "爱尔兰"),
    "IT": Name("Italy", "意大利"),
    "NL": Name("Netherlands", "荷兰"),
    "PL": Name("Poland", "波兰"),
    "PT": Name("Portugal", "葡萄牙"),
    "SE": Name("Sweden", "瑞典"),
}
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_IN_FULL: Final = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
_MADE_UP: Final = Name("worked instead", "调休上班")
_SECOND_OF_CHINA: Final = "chinesecalendar"


@frozen
class Compared:
    """What each source says of a day, in the order of the sources; a day both take for an ordinary one is not told."""

    day: date
    name: Name
    says: tuple[bool, ...]  # whether it is worked

    @property
    def agreed(self) -> bool:
        return len(set(self.says)) == 1

    @property
    def works(self) -> bool:
        """Where they agree."""
        return self.says[0]


@frozen
class Comparison:
    country: str
    year: int
    sources: tuple[str, ...]  # with their releases
    days: tuple[Compared, ...]

    @property
    def disagreements(self) -> tuple[Compared, ...]:
        return tuple(one for one in self.days if not one.agreed)

    @property
    def source(self) -> str:
        return ", ".join(self.sources)


Told = Callable[[date], tuple[bool, Name | None]]


def compare(country: str, year: int) -> Comparison:
    """What the libraries know of a year. Raises CountryUnknown, NotPublished, YearUnfit."""
    fit_year(year)
    if country not in COUNTRIES:
        raise CountryUnknown(country=country)
    told = [_first(country, year)]
    sources = [_released("holidays")]
    if country == "CN":
        told.insert(0, _second_of_china(year))
        sources.insert(0, _released(_SECOND_OF_CHINA))
    return Comparison(country, year, tuple(sources), tuple(_compared(year, told)))


def _compared(year: int, told: list[Told]) -> Iterator[Compared]:
    day = date(year, 1, 1)
    while day.year == year:
        answers = [one(day) for one in told]
        usual = day.weekday() < _SATURDAY
        if any(works != usual or name for works, name in answers):
            named = next((name for _, name in answers if name), _MADE_UP)
            yield Compared(day, named, tuple(works for works, _ in answers))
        day += _DAY


def _first(country: str, year: int) -> Told:
    from holidays import country_holidays  # noqa: PLC0415  as told at the head

    known = country_holidays(country, years=year)
    english = _in(country, year, known.supported_languages, ("en_GB", "en_US", "en"))
    chinese = _in(country, year, known.supported_languages, ("zh_CN",))

    def told(day: date) -> tuple[bool, Name | None]:
        """Its own weekly rest does not count: the week is the calendar's."""
        if day in known.weekend_workdays:
            return True, None
        if day not in known:
            return day.weekday() < _SATURDAY, None
        return False, Name(english.get(day, known[day]), chinese.get(day, known[day]))

    return told


def _in(country: str, year: int, spoken: tuple[str, ...], wanted: tuple[str, ...]) -> Mapping[date, str]:
    from holidays import country_holidays  # noqa: PLC0415  as above

    language = next((one for one in wanted if one in spoken), None)
    return country_holidays(country, years=year, language=language) if language else {}


def _second_of_china(year: int) -> Told:
    from chinese_calendar import get_holiday_detail  # noqa: PLC0415  as above
    from chinese_calendar.constants import Holiday  # noqa: PLC0415  as above

    chinese = {one.value: _IN_FULL.get(one.chinese, one.chinese) for one in Holiday}
    try:
        get_holiday_detail(date(year, 12, 31))
        get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        raise NotPublished(year=year, source=_released(_SECOND_OF_CHINA)) from None

    def told(day: date) -> tuple[bool, Name | None]:
        rests, name = get_holiday_detail(day)
        return not rests, Name(name, chinese.get(name, name)) if name else None

    return told


def _released(library: str) -> str:
    return f"{library} {metadata.version(library)}"
