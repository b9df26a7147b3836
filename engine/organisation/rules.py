"""What is allowed with the organisation: rights, names, codes, periods, passwords. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import LANGUAGES, Language, Name, Text


class Right(StrEnum):
    DESIGN = "design"
    """Draw procedures and put them in force."""
    SUPERVISE = "supervise"
    """Watch the post's own department and all below it."""
    INSPECT = "inspect"
    """Efficiency supervision (效能监察): the rules that give cards, every card, and lifting one."""
    APPROVE = "approve"
    """Approve editions of procedures, and take procedures out of force, where the office approves them."""
    RECEIVE = "receive"
    """Work at the counter: receive applications, and tell whoever asks where any case stands."""
    ADMINISTER = "administer"
    """Change the organisation and its accounts."""


class LoginUnknown(Refusal):
    """Nobody here signs in as “{login}”. Give the login of the person whose act this is."""

    zh = "没有登录名为“{login}”的人员。请填写办理人的登录名。"


class NotFounded(Refusal):
    """There is no office here yet. Found it first: “officium demo” for a demonstration, or the setup of your own."""

    zh = "此处尚未建立机关。请先建立：演示可用“officium demo”，或建立您自己的机关。"


class AlreadyFounded(Refusal):
    """“{office}” already stands here. Each installation serves one office."""

    zh = "此处已建立“{office}”。每个安装只服务一个机关。"


class ZoneUnknown(Refusal):
    """“{zone}” is not a time zone. Use one such as Asia/Shanghai."""

    zh = "“{zone}”不是时区。请使用如 Asia/Shanghai 的名称。"


class NamesMissing(Refusal):
    """“{code}” needs a name in English and one in Chinese, of at most {most} characters each."""

    zh = "“{code}”需要英文名称和中文名称，各不超过 {most} 字。"


class CodeUnfit(Refusal):
    """“{code}” cannot be used here. Write letters, digits, dots, dashes or underscores, at most {most} of them."""

    zh = "此处不能使用“{code}”。请使用字母、数字、点、连字符或下划线，最多 {most} 个。"


class CodeTaken(Refusal):
    """The code “{code}” already belongs to “{holder}”. Choose another one."""

    zh = "代码“{code}”已属于“{holder}”。请另选一个。"


class LoginTaken(Refusal):
    """The sign-in name “{login}” already belongs to {person}. Choose another one."""

    zh = "登录名“{login}”已属于{person}。请另选一个。"


class DepartmentInCircle(Refusal):
    """“{department}” cannot be put under “{parent}”, which is itself “{department}” or below it."""

    zh = "“{department}”不能归入“{parent}”，因为后者就是它本身或其下属。"


class ReportsInCircle(Refusal):
    """“{post}” cannot report to “{superior}”, which is itself “{post}” or reports to it."""

    zh = "“{post}”不能向“{superior}”汇报，因为后者就是它本身或向它汇报。"


class PeriodInverted(Refusal):
    """The last day {until_day} lies before the first day {from_day}. Correct one of them."""

    zh = "结束日 {until_day} 早于开始日 {from_day}。请更正其一。"


class AlreadyHeld(Refusal):
    """{person} already holds “{post}” in that time: from {from_day} on. End that holding first, or choose other days."""

    zh = "{person}在该期间已任“{post}”（自 {from_day} 起）。请先结束原任期，或另选日期。"


class PersonLeft(Refusal):
    """{person} left on {day} and can be given nothing from that day on."""

    zh = "{person}已于 {day} 离任，自该日起不能再任职或使用账号。"


class NoAdministratorLeft(Refusal):
    """From {day} on nobody would administer the office. Give an administering post to somebody else first."""

    zh = "自 {day} 起将无人管理机关设置。请先将管理岗位交给其他人。"


class PasswordUnfit(Refusal):
    """This password is too easy to guess. Use {least} to {most} characters and not the sign-in name; a sentence is best."""

    zh = "此密码过于简单。请使用 {least} 至 {most} 个字符，且不要与登录名相同；用一句话最好。"


class WrongPassword(Refusal):
    """The sign-in name or the password is not right. Try again; your administrator can give you a new password."""

    zh = "登录名或密码不正确。请重试；管理员可为您重设密码。"


class MustWait(Refusal):
    """Too many wrong passwords. Try again after {until}, even with the right one."""

    zh = "密码错误次数过多。请于 {until} 之后再试，在此之前正确的密码也不会被接受。"


class LanguageUnknown(Refusal):
    """“{language}” is not one of the languages spoken here: {known}."""

    zh = "“{language}”不是此处使用的语言：{known}。"


@frozen
class HeldPost:
    post_id: int
    department_id: int
    rights: frozenset[Right]
    name_en: str
    name_zh: str
    department_en: str
    department_zh: str

    @property
    def name(self) -> Name:
        return Name(self.name_en, self.name_zh)

    @property
    def department(self) -> Name:
        return Name(self.department_en, self.department_zh)


@frozen
class StandsIn:
    """For somebody who is absent today: in which of their posts, and in which procedures (none named: all)."""

    absence_id: int
    person_id: int
    name_en: str
    name_zh: str
    posts: tuple[HeldPost, ...]
    procedure_ids: frozenset[int] = frozenset()

    @property
    def name(self) -> Name:
        return Name(self.name_en, self.name_zh)

    def covers(self, post_id: int, procedure_id: int) -> bool:
        held = any(post.post_id == post_id for post in self.posts)
        return held and (not self.procedure_ids or procedure_id in self.procedure_ids)


@frozen
class Actor:
    """Somebody who acts, with the posts they hold today and those they stand in for."""

    person_id: int
    login: str
    name_en: str
    name_zh: str
    language: Language
    posts: tuple[HeldPost, ...]
    stands_in: tuple[StandsIn, ...] = ()
    single_keys: bool = True  # whether one key alone does something on a page

    @property
    def name(self) -> Name:
        return Name(self.name_en, self.name_zh)

    @property
    def post_ids(self) -> frozenset[int]:
        return frozenset(post.post_id for post in self.posts)

    def may(self, right: Right) -> bool:
        return any(right in post.rights for post in self.posts)


_ADMINISTRATORS_ONLY: Final = Text(
    en="the organisation is changed by the holders of an administering post",
    zh="机构设置由管理岗位的人员变更",
)
_OWN_ACCOUNT_ONLY: Final = Text(
    en="an account is changed by its owner or by the holder of an administering post",
    zh="账号由本人或管理岗位的人员变更",
)


def must_administer(by: Actor | None) -> None:
    """`None` is the founding of the office, when nobody holds a post yet."""
    if by is not None and not by.may(Right.ADMINISTER):
        raise NotAllowed(why=_ADMINISTRATORS_ONLY)


def must_be_own_or_administer(by: Actor | None, person_id: int) -> None:
    if by is not None and by.person_id != person_id and not by.may(Right.ADMINISTER):
        raise NotAllowed(why=_OWN_ACCOUNT_ONLY)


def rights_of(words: str) -> frozenset[Right]:
    return frozenset(map(Right, words.split()))


def words_of(rights: Iterable[Right]) -> str:
    return " ".join(sorted(rights))


MOST_NAME: Final = 100
MOST_CODE: Final = 40
_CODE = re.compile(rf"[\w](?:[\w.-]{{0,{MOST_CODE - 2}}}\w)?")


def fit_names(code: str, name_en: str, name_zh: str) -> Name:
    names = Name(" ".join(name_en.split()), " ".join(name_zh.split()))
    if not all(0 < len(name) <= MOST_NAME and name.isprintable() for name in (names.en, names.zh)):
        raise NamesMissing(code=code, most=MOST_NAME)
    return names


def fit_code(code: str) -> str:
    cleaned = unicodedata.normalize("NFKC", code).strip()
    if not _CODE.fullmatch(cleaned):
        raise CodeUnfit(code=code, most=MOST_CODE)
    return cleaned


def as_login(typed: str) -> str:
    """However it is typed, in capitals or in full-width letters, it is one login. Empty where it cannot be one."""
    cleaned = unicodedata.normalize("NFKC", typed[:1000]).strip().casefold()
    return cleaned if _CODE.fullmatch(cleaned) else ""


def fit_login(login: str) -> str:
    cleaned = as_login(login)
    if not cleaned:
        raise CodeUnfit(code=login, most=MOST_CODE)
    return cleaned


def fit_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown; not a zone's name at all; a folder of zones
        raise ZoneUnknown(zone=zone) from None
    return zone


def fit_language(language: str) -> Language:
    for known in LANGUAGES:
        if language == known:
            return known
    raise LanguageUnknown(language=language, known=", ".join(LANGUAGES))


LEAST_PASSWORD: Final = 8
MOST_PASSWORD: Final = 200


def as_password(typed: str) -> str:
    """The same password from every keyboard and input method."""
    return unicodedata.normalize("NFKC", typed[:1000]).encode(errors="replace").decode()


def fit_password(password: str, login: str) -> str:
    cleaned = as_password(password)
    dull = len(set(cleaned)) < 3 or (login in cleaned.casefold() and len(cleaned) < len(login) + 4)
    if not LEAST_PASSWORD <= len(cleaned) <= MOST_PASSWORD or dull:
        raise PasswordUnfit(least=LEAST_PASSWORD, most=MOST_PASSWORD)
    return cleaned


FREE_TRIES: Final = 5
LONGEST_WAIT: Final = timedelta(minutes=15)


def wait_after(failures: int) -> timedelta:
    """How long nobody may try after so many wrong passwords in a row: 1, 2, 4 … 15 minutes from the fifth on."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return min(timedelta(minutes=2 ** min(failures - FREE_TRIES, 10)), LONGEST_WAIT)


IDLE_LIMIT: Final = timedelta(hours=8)
ABSOLUTE_LIMIT: Final = timedelta(hours=12)
TOUCH_EVERY: Final = timedelta(minutes=5)


def makes_circle(moved: int, under: int | None, above: Mapping[int, int | None]) -> bool:
    """Would `moved` come to stand above itself? `above` is who stands above whom now."""
    seen: set[int] = set()
    while under is not None and under not in seen:
        if under == moved:
            return True
        seen.add(under)
        under = above.get(under)
    return False


@frozen
class Period:
    """Both days are part of it; without a last day it stays open."""

    from_day: date
    until_day: date | None

    def overlaps(self, other: Period) -> bool:
        return (other.until_day is None or self.from_day <= other.until_day) and (
            self.until_day is None or other.from_day <= self.until_day
        )

    def includes(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


def fit_period(from_day: date, until_day: date | None) -> Period:
    if until_day is not None and until_day < from_day:
        raise PeriodInverted(from_day=from_day, until_day=until_day)
    return Period(from_day, until_day)


def first_day_without(periods: Collection[Period], today: date) -> date | None:
    """The first day from today on that none of the periods includes."""
    day = today
    for period in sorted(periods, key=lambda one: one.from_day):
        if period.from_day > day:
            return day
        if period.until_day is None:
            return None
        day = max(day, period.until_day + timedelta(days=1))
    return day


def must_leave_an_administrator(before: Collection[Period], after: Collection[Period], today: date) -> None:
    """Nobody may bring the day nearer on which the office has no administrator."""
    gap = first_day_without(after, today)
    gap_before = first_day_without(before, today)
    if gap is not None and (gap_before is None or gap < gap_before):
        raise NoAdministratorLeft(day=gap)
