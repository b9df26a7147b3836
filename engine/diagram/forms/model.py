"""One form, whatever dialect it was written in. Values only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeAlias

from engine.base.frozen import frozen
from engine.base.text import Language, Text, day_in_full
from engine.diagram.shape import Finding

JSON: TypeAlias = Any

MOST_ROWS: Final = 200
FULL_WIDTH: Final = 16


class Source(StrEnum):
    DIAGRAM = "diagram"  # fields written in the BPMN file itself
    FORM_JS = "form-js"
    JSON_SCHEMA = "JSON Schema"
    NOWHERE = "nowhere"  # named, but not found or not readable


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    TIME = "time"
    MOMENT = "date and time"
    YES_NO = "yes/no"  # one box to tick
    RADIO = "radio"
    SELECT = "select"
    SEVERAL = "several"
    FILE = "file"
    ROWS = "rows"
    GROUP = "group"
    HEADING = "heading"
    WORDS = "words"
    SEPARATOR = "separator"


CHOICES: Final = frozenset({Kind.RADIO, Kind.SELECT, Kind.SEVERAL})
SAID_ONLY: Final = frozenset({Kind.HEADING, Kind.WORDS, Kind.SEPARATOR})
_YES: Final = Text("Yes", "是")
_NO: Final = Text("No", "否")


def as_typed(value: JSON) -> str:
    """What a person would have typed to give this value."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case float() | Decimal():
            return _digits(Decimal(repr(value)) if isinstance(value, float) else value)
    return _structure(value)


def _digits(number: Decimal) -> str:
    """Without an exponent, unless writing it out would be absurd."""
    return format(number, "f") if number.is_finite() and abs(number.adjusted()) < 400 else str(number)


def _structure(value: JSON) -> str:
    try:
        return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):  # keys of several types, or an object inside itself
        return type(value).__name__


@frozen
class Option:
    """One answer offered. `value` is what is kept; a number stays a number."""

    value: JSON
    label: str

    @property
    def typed(self) -> str:
        return as_typed(self.value)


@frozen
class Field:
    """`key` is the name of its input, unique in its form or row; `path` is where its value stands in the answers.

    A path is relative to the row for children of rows; the empty path is the row itself.
    """

    key: str
    kind: Kind
    label: str = ""
    hint: str = ""
    path: tuple[str, ...] = ()
    required: bool = False
    readonly: bool = False
    default: JSON = None
    options: tuple[Option, ...] = ()
    options_from: str | None = None  # an expression over earlier answers
    minimum: Decimal | None = None  # of a number; of how many, for several and rows
    maximum: Decimal | None = None
    decimals: int | None = None
    step: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None  # RE2, looked for anywhere in the text
    pattern_message: str = ""
    hide_when: str | None = None
    width: int = FULL_WIDTH  # of sixteen columns
    prefix: str = ""
    suffix: str = ""
    entry: str = "text"  # which keyboard: text, email, tel or url
    repetitions: int = 1  # rows that stand ready at first
    accept: tuple[str, ...] = ()  # kinds of files; empty: what the office accepts everywhere
    several: bool = False  # more than one file
    most_bytes: int | None = None  # of a file
    children: tuple[Field, ...] = ()

    @property
    def asked(self) -> str:
        """What the field is called to a person."""
        return self.label or self.key

    @property
    def answers(self) -> bool:
        """Whether something can be typed or chosen in it."""
        return not self.readonly and self.kind is not Kind.GROUP and self.kind not in SAID_ONLY

    def name_in(self, row: str) -> str:
        """The name of its input, in the row of this name or in none: `items[0].price`."""
        return f"{row}.{self.key}" if row and self.key else row or self.key

    def value_in(self, values: JSON) -> JSON:
        """Its value among the answers of its form or row; None where there is none."""
        found = values
        for part in self.path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(part)
        return found

    def stands_in(self, values: JSON) -> bool:
        """Whether it was asked, and answered or left blank; not so where it was hidden."""
        found = values
        for part in self.path:
            if not isinstance(found, Mapping) or part not in found:
                return False
            found = found[part]
        return True

    def said(self, value: JSON, language: Language) -> str:
        """An answer in words: the option's label, yes or no, a day with its month by name."""
        if value is None:
            return ""
        if self.kind is Kind.FILE:
            files = value if isinstance(value, list | tuple) else [value]
            return ("、" if language == "zh" else ", ").join(
                as_typed(one.get("name")) for one in files if isinstance(one, Mapping)
            )
        if self.kind is Kind.SEVERAL and isinstance(value, list | tuple):
            return ("、" if language == "zh" else ", ").join(self._label(one, language) for one in value)
        if self.kind in (Kind.DATE, Kind.MOMENT):
            return _day(as_typed(value), language)
        if self.kind is Kind.TIME:
            return without_seconds(as_typed(value))
        return self._label(value, language)

    def said_of(self, typed: Sequence[str], language: Language) -> str:
        """The same of what would have been typed."""
        if self.kind is Kind.YES_NO:
            return (_YES if "true" in typed else _NO).say(language)
        labels = {option.typed: option.label for option in reversed(self.options)}
        return ("、" if language == "zh" else ", ").join(labels.get(one, one) for one in typed)

    def _label(self, value: JSON, language: Language) -> str:
        for option in self.options:
            if same(option.value, value):
                return option.label
        if isinstance(value, bool):
            return (_YES if value else _NO).say(language)
        return as_typed(value)


def same(one: JSON, other: JSON) -> bool:
    """Equal as JSON: 1 is not true."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _day(typed: str, language: Language) -> str:
    """As people write it; what is no day as it stands."""
    day, _, time = typed.partition("T")
    try:
        words = day_in_full(date.fromisoformat(day), language)
    except ValueError:
        return typed
    return f"{words} {without_seconds(time)}" if time else words


def without_seconds(time: str) -> str:
    return time[:-3] if time.count(":") == 2 and time.endswith(":00") else time


@frozen
class Handed:
    """A file that was handed in. `value` is the answer that is kept; `usual`: of a kind that is accepted everywhere."""

    value: Mapping[str, JSON]
    usual: bool

    @property
    def name(self) -> str:
        return as_typed(self.value.get("name"))

    @property
    def kind(self) -> str:
        return as_typed(self.value.get("kind"))

    @property
    def size(self) -> int:
        size = self.value.get("size")
        return size if isinstance(size, int) else 0


@frozen
class Form:
    """`warnings` were told when the diagram was handed in; the form works without what they name."""

    title: str
    fields: tuple[Field, ...]
    source: Source
    warnings: tuple[Finding, ...] = ()
    schema: Mapping[str, JSON] | None = None  # a JSON Schema the answers must meet as a whole
    depends: bool = field(init=False, repr=False, compare=False)
    """Whether earlier answers have a say in what is accepted."""
    is_worded: bool = field(init=False, repr=False, compare=False)
    """Whether they have one in what is read on it."""
    has_files: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """A form is made once and filled in ten thousand times."""
        every = tuple(every_field(self.fields))
        for name, found in (
            ("depends", any(one.hide_when or one.options_from for one in every)),
            ("is_worded", any("{{" in one.label for one in every)),
            ("has_files", any(one.kind is Kind.FILE for one in every)),
        ):
            object.__setattr__(self, name, found)

    @property
    def has_rows(self) -> bool:
        return any(one.kind is Kind.ROWS for one in every_field(self.fields))


def every_field(fields: Sequence[Field]) -> Iterator[Field]:
    """Fields in the order they are shown, those of groups and rows after their own."""
    for one in fields:
        yield one
        yield from every_field(one.children)


def row_name(rows: str, index: int) -> str:
    """The name of a row, which the names of its inputs begin with."""
    return f"{rows}[{index}]"


def present(rows: str) -> str:
    """The name that carries which rows there are."""
    return f"{rows}[]"


@frozen
class Filled:
    """A form as somebody filled it in. `errors` and `typed` go by the names of the inputs.

    A fault of the form as a whole stands under the empty name.
    """

    values: Mapping[str, JSON] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()  # names of fields, groups and rows that their condition hides
    files: Mapping[str, Handed] = field(default_factory=dict)  # by what is typed for them

    def handed(self, name: str) -> list[tuple[str, Handed]]:
        return [(one, self.files[one]) for one in self.typed.get(name, ()) if one in self.files]

    def text(self, name: str) -> str:
        given = self.typed.get(name, ())
        return given[0] if given else ""

    def chosen(self, name: str) -> tuple[str, ...]:
        return tuple(self.typed.get(name, ()))

    def rows(self, name: str) -> tuple[int, ...]:
        return tuple(int(one) for one in self.typed.get(present(name), ()) if one.isascii() and one.isdecimal())
