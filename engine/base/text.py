"""Sentences in the office's two languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from string import Formatter
from typing import Any, Final, Literal

from engine.base.frozen import frozen

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class _Lenient(Formatter):
    """A fact that was not given is shown by its name: a sentence never fails to be said."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, f"{{{key}}}") if isinstance(key, str) else f"{{{key}}}"

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        # Facts may hold what a stranger typed: no attribute or item is ever walked.
        return self.get_value(field_name, args, kwargs), field_name


_formatter = _Lenient()


@frozen
class Text:
    """One sentence in both languages; `{fact}` is filled when it is said."""

    en: str
    zh: str

    def say(self, language: Language, /, **facts: Any) -> str:
        """A fact that is itself a Text is said in the same language; an instant without a zone of its own in UTC."""
        said = {key: _shown(value, language) for key, value in facts.items()}
        return _formatter.vformat(self.zh if language == "zh" else self.en, (), said)


@frozen
class Name(Text):
    """What somebody typed in both languages. It is said as it stands: its braces are no facts."""

    def say(self, language: Language, /, **facts: Any) -> str:
        return self.zh if language == "zh" else self.en


def one_line(typed: str) -> str:
    """What was typed, without line breaks, doubled spaces and signs that nobody can see."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def day_in_full(day: date, language: Language) -> str:
    """“21 November 2026”."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _shown(value: Any, language: Language) -> Any:
    if isinstance(value, Text):
        return value.say(language)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return value
