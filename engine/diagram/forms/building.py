"""What every reader of forms shares: keys that stay apart, rules that can be kept, and notes of what cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from engine.base.text import Text
from engine.diagram.forms import patterns, rules
from engine.diagram.forms.document import refuse
from engine.diagram.forms.faults import told
from engine.diagram.forms.model import JSON, Field, Kind, Option, as_typed
from engine.diagram.language import NotAnExpression, expression
from engine.diagram.shape import Finding, Rule

MOST_FIELDS: Final = 500
MOST_OPTIONS: Final = 1_000
MOST_LABEL: Final = 2_000
EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
PHONE: Final = r"^\+?[0-9][0-9 ()\-]{3,23}$"

YES_OR_NO: Final = (Option(True, "Yes 是"), Option(False, "No 否"))
# Where a form says nothing of widths, short answers stand two in a line.
_SHORT: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.INTEGER, Kind.DATE, Kind.TIME, Kind.MOMENT, Kind.SELECT})


def usual_width(kind: Kind) -> int:
    return 8 if kind in _SHORT else 16


class Building:
    """Collects the warnings of one form and keeps its keys apart. `form` is what the form is called in them."""

    def __init__(self, form: str | Text) -> None:
        self.warnings: list[Finding] = []
        self._form = form
        self._scope: tuple[str, ...] = ()
        self._keys: set[tuple[str, ...]] = set()
        self._paths: set[tuple[str, ...]] = set()
        self._inner: set[tuple[str, ...]] = set()
        self._count = 0
        self._nameless = 0

    def warn(self, rule: Rule, **facts: Any) -> None:
        self.warnings.append(Finding(rule, None, None, None, {"form": self._form, **facts}))

    def counted(self) -> None:
        self._count += 1
        if self._count > MOST_FIELDS:
            refuse(rules.TOO_MUCH, most=MOST_FIELDS)

    def nameless(self) -> str:
        """A name for what is shown but keeps no answer."""
        self._nameless += 1
        return f"#{self._nameless}"

    @contextmanager
    def row_of(self, key: str) -> Iterator[None]:
        """Keys and paths taken inside are those of a row."""
        outer = self._scope
        self._scope = (*outer, key, "[]")
        yield
        self._scope = outer

    def take(self, key: str, path: tuple[str, ...]) -> bool:
        """False, with a warning, where another field would keep its answer in the same place."""
        name, place = (*self._scope, "key", key), (*self._scope, "path", *path)
        above = [place[:length] for length in range(len(self._scope) + 2, len(place))]
        if name in self._keys or place in self._paths | self._inner or any(one in self._paths for one in above):
            self.warn(rules.KEY_TWICE, key=key)
            return False
        self._keys.add(name)
        self._paths.add(place)
        self._inner.update(above)
        return True

    def unread(self, key: str, what: Text, why: Text, /, **facts: Any) -> None:
        self.warn(rules.RULE_UNREAD, key=key, what=what, why=told(why, **facts))

    def unsupported(self, component: str, part: str, why: Text) -> None:
        self.warn(rules.UNSUPPORTED, component=component, part=part or component, why=why)

    def pattern(self, key: str, written: JSON) -> str | None:
        if not isinstance(written, str) or not written:
            return None
        if patterns.is_pattern(written):
            return written
        self.unread(key, rules.PATTERN, rules.NOT_RE2, pattern=written[:200])
        return None

    def condition(self, key: str, written: JSON, what: Text = rules.HIDE_CONDITION) -> str | None:
        if not isinstance(written, str) or not written.strip():
            return None
        try:
            expression(written)
        except NotAnExpression:
            self.unread(key, what, rules.NOT_EXPRESSION, expression=written[:200])
            return None
        return written

    def number(self, key: str, written: JSON) -> Decimal | None:
        if written is None or written == "":
            return None
        found = decimal_of(written)
        if found is None:
            self.unread(key, rules.LIMIT, rules.NOT_A_NUMBER, limit=as_typed(written)[:200])
        return found

    def count(self, key: str, written: JSON) -> int | None:
        found = self.number(key, written)
        return max(int(found), 0) if found is not None else None

    def choices(self, field: dict[str, Any]) -> dict[str, Any]:
        """A choice that offers nothing becomes a line of text: nobody must be stuck before it."""
        if field["options"] or field.get("options_from"):
            return field
        self.unread(field["key"], rules.OPTIONS, rules.NO_OPTIONS)
        return {**field, "kind": Kind.TEXT, "default": None}

    def field(self, **facts: Any) -> Field:
        facts.setdefault("width", usual_width(facts["kind"]))
        return Field(**facts)


def decimal_of(written: JSON) -> Decimal | None:
    """A limit as form tools write it: a number, or a number in quotes."""
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    try:
        found = Decimal(str(written).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= 18 and len(found.as_tuple().digits) <= 40 else None


def label(owner: Mapping[str, JSON], *names: str) -> str:
    """The first of the members that is text."""
    for name in names:
        found = owner.get(name)
        if isinstance(found, str) and found.strip():
            return found.strip()[:MOST_LABEL]
    return ""


def part(owner: Mapping[str, JSON], name: str) -> dict[str, JSON]:
    found = owner.get(name)
    return found if isinstance(found, dict) else {}


def parts(owner: Mapping[str, JSON], name: str) -> list[dict[str, JSON]]:
    found = owner.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
