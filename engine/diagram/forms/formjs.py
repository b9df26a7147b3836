"""Forms as form-js writes them: Camunda's Modeler, and our own studio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from engine.base.text import Text
from engine.diagram.forms import rules
from engine.diagram.forms.building import EMAIL, MOST_OPTIONS, PHONE, Building, label, part, parts
from engine.diagram.forms.handed import asked_of
from engine.diagram.forms.model import FULL_WIDTH, JSON, Field, Form, Kind, Option, Source, as_typed, every_field

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MOST_WORDS: Final = 10_000
_KINDS: Final[Mapping[str, Kind]] = {
    "textfield": Kind.TEXT,
    "textarea": Kind.LONG_TEXT,
    "number": Kind.NUMBER,
    "checkbox": Kind.YES_NO,
    "radio": Kind.RADIO,
    "select": Kind.SELECT,
    "checklist": Kind.SEVERAL,
    "taglist": Kind.SEVERAL,
    "filepicker": Kind.FILE,
}
_MOMENTS: Final[Mapping[str, Kind]] = {"date": Kind.DATE, "time": Kind.TIME, "datetime": Kind.MOMENT}
_NOTHING_TO_ASK: Final = frozenset({"button", "spacer", "default"})
_REFUSED: Final[Mapping[str, Text]] = {
    "iframe": rules.RUNS_CODE,
    "html": rules.RUNS_CODE,
    "javascript": rules.RUNS_CODE,
    "script": rules.RUNS_CODE,
    "documentPreview": rules.RUNS_CODE,
    "image": rules.RUNS_CODE,
    "expression": rules.COMPUTED,
}
_CHOICES: Final = frozenset({Kind.RADIO, Kind.SELECT, Kind.SEVERAL})


def form_of(document: Mapping[str, JSON], *, title: str, building: Building) -> Form:
    fields = _Reader(building).components(document, ())
    return Form(title or label(document, "title"), fields, Source.FORM_JS, tuple(building.warnings))


class _Reader:
    def __init__(self, building: Building) -> None:
        self._build = building

    def components(self, owner: Mapping[str, JSON], above: tuple[str, ...]) -> tuple[Field, ...]:
        found: list[Field] = []
        components = parts(owner, "components")
        in_row = Counter(label(part(one, "layout"), "row") for one in components)
        for one in components:
            self._build.counted()
            width = _width(part(one, "layout"), in_row)
            facts = {"width": width} if width else {}
            found += self._component(one, above, facts)
        return tuple(found)

    def _component(self, one: Mapping[str, JSON], above: tuple[str, ...], facts: dict[str, Any]) -> Sequence[Field]:
        kind = label(one, "type")
        hide = self._build.condition(_called(one), part(one, "conditional").get("hide"))
        facts["hide_when"] = hide
        match kind:
            case "text":
                return self._words(one, hide)
            case "separator":
                return (self._build.field(key=self._build.nameless(), kind=Kind.SEPARATOR, hide_when=hide),)
            case "group" | "page" | "multipage":
                return self._group(one, above, hide)
            case "dynamiclist":
                return self._rows(one, above, hide)
        if kind in _KINDS or kind == "datetime":
            return self._answer(one, above, facts)
        if kind not in _NOTHING_TO_ASK:
            self._build.unsupported(kind or "?", _called(one), _REFUSED.get(kind, rules.UNKNOWN_KIND))
        return ()

    def _words(self, one: Mapping[str, JSON], hide: str | None) -> list[Field]:
        text = label({"text": as_typed(one.get("text"))[:MOST_WORDS]}, "text")
        return [
            self._build.field(key=self._build.nameless(), kind=kind, label=words, hide_when=hide)
            for kind, words in paragraphs(text)
        ]

    def _group(self, one: Mapping[str, JSON], above: tuple[str, ...], hide: str | None) -> Sequence[Field]:
        inner = (*above, *_split(label(one, "path")))
        children = self.components(one, inner)
        if not children:
            return ()
        facts = {"key": self._build.nameless(), "label": label(one, "label"), "hint": label(one, "description")}
        return (self._build.field(kind=Kind.GROUP, hide_when=hide, children=children, **facts),)

    def _rows(self, one: Mapping[str, JSON], above: tuple[str, ...], hide: str | None) -> Sequence[Field]:
        path = (*above, *_split(label(one, "path", "key", "id")))
        key = ".".join(path)
        if path == above:
            self._build.unsupported("dynamiclist", _called(one), rules.NO_KEY)
            return ()
        if not self._build.take(key, path):
            return ()
        with self._build.row_of(key):
            children = self.components(one, ())
        if not any(child.answers for child in every_field(children)):
            return ()
        ready = self._build.count(key, one.get("defaultRepetitions"))
        return (
            self._build.field(
                key=key,
                path=path,
                kind=Kind.ROWS,
                label=label(one, "label"),
                hint=label(one, "description"),
                required=part(one, "validate").get("required") is True,
                hide_when=hide,
                repetitions=min(ready if ready is not None else 1, 20),
                children=children,
            ),
        )

    def _answer(self, one: Mapping[str, JSON], above: tuple[str, ...], facts: dict[str, Any]) -> Sequence[Field]:
        own = _split(label(one, "key", "id"))
        path = (*above, *own)
        key = ".".join(path)
        if not own:
            self._build.unsupported(label(one, "type"), _called(one), rules.NO_KEY)
            return ()
        if not self._build.take(key, path):
            return ()
        kind = _KINDS.get(label(one, "type")) or _MOMENTS.get(label(one, "subtype"), Kind.DATE)
        if kind is Kind.NUMBER and one.get("decimalDigits") == 0:
            kind = Kind.INTEGER
        facts |= {
            "key": key,
            "path": path,
            "kind": kind,
            "label": label(one, "label", "dateLabel", "timeLabel"),
            "hint": label(one, "description"),
            "required": part(one, "validate").get("required") is True,
            "readonly": self._readonly(one, key),
            "default": one.get("defaultValue"),
            "prefix": label(part(one, "appearance"), "prefixAdorner"),
            "suffix": label(part(one, "appearance"), "suffixAdorner"),
            **self._limits(one, kind, key),
        }
        if kind is Kind.FILE:
            facts |= {**asked_of(one, self._build, key), "default": None}
        if kind in _CHOICES:
            facts = self._build.choices(facts | self._options(one, key))
        return (self._build.field(**facts),)

    def _readonly(self, one: Mapping[str, JSON], key: str) -> bool:
        for name in ("readonly", "disabled"):
            if isinstance(one.get(name), str):
                self._build.unread(key, rules.READ_ONLY, rules.NOT_KNOWN_HERE)
        return one.get("readonly") is True or one.get("disabled") is True

    def _limits(self, one: Mapping[str, JSON], kind: Kind, key: str) -> dict[str, Any]:
        build, asked = self._build, part(one, "validate")
        if one.get("disallowPassedDates") is True:
            build.unread(key, rules.PAST_DATES, rules.NOT_KNOWN_HERE)
        if kind in (Kind.NUMBER, Kind.INTEGER):
            return {
                "minimum": build.number(key, asked.get("min")),
                "maximum": build.number(key, asked.get("max")),
                "decimals": build.count(key, one.get("decimalDigits")),
                "step": build.number(key, one.get("increment")),
            }
        if kind not in (Kind.TEXT, Kind.LONG_TEXT):
            return {}
        limits = {
            "min_length": build.count(key, asked.get("minLength")),
            "max_length": build.count(key, asked.get("maxLength")),
        }
        match asked.get("validationType"):
            case "email":
                return limits | {"entry": "email", "pattern": EMAIL}
            case "phone":
                return limits | {"entry": "tel", "pattern": PHONE}
        message = label(asked, "patternErrorMessage")
        return limits | {"pattern": build.pattern(key, asked.get("pattern")), "pattern_message": message}

    def _options(self, one: Mapping[str, JSON], key: str) -> dict[str, Any]:
        source = one.get("valuesExpression") or one.get("valuesKey")
        found = options_in(one.get("values"))
        return {"options": found, "options_from": self._build.condition(key, source, rules.OPTIONS)}


def options_in(offered: JSON) -> tuple[Option, ...]:
    """Options as a list of {label, value}, or of plain values."""
    found: list[Option] = []
    for one in offered[:MOST_OPTIONS] if isinstance(offered, list) else ():
        if isinstance(one, dict) and ("value" in one or "label" in one):
            value = one.get("value", one.get("label"))
            found.append(Option(value, label(one, "label") or as_typed(value)))
        elif not isinstance(one, dict | list) and one is not None:
            found.append(Option(one, as_typed(one)))
    return tuple(found)


def paragraphs(markdown: str) -> list[tuple[Kind, str]]:
    """Markdown as headings and paragraphs of plain text: what it marks is not kept, what it says is."""
    found: list[tuple[Kind, str]] = []
    heading, bullet = False, ""
    for token in _markdown().parse(markdown):
        match token.type:
            case "heading_open" | "heading_close":
                heading = token.type == "heading_open"
            case "list_item_open":
                bullet = f"{token.info}. " if token.info else "• "
            case "inline":
                found.append((Kind.HEADING if heading else Kind.WORDS, bullet + _plain(token)))
                bullet = ""
            case "fence" | "code_block":
                found.append((Kind.WORDS, token.content.strip()))
    return [(kind, words) for kind, words in found if words.strip()]


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  only forms with texts of their own need its sixty modules

    return MarkdownIt("commonmark", {"html": False})


def _plain(token: Token) -> str:
    words = []
    for child in token.children or ():
        words.append("\n" if child.type in ("softbreak", "hardbreak") else child.content)
    return "".join(words)


def _split(key: str) -> tuple[str, ...]:
    return tuple(one for one in key[:200].split(".") if one)


def _called(one: Mapping[str, JSON]) -> str:
    return label(one, "label", "dateLabel", "key", "path", "id", "type")[:100]


def _width(layout: Mapping[str, JSON], in_row: Mapping[str, int]) -> int:
    """Columns of sixteen, where the form gives a layout; the fields of a row share it where they do not say."""
    row = label(layout, "row")
    if not row:
        return 0
    columns = layout.get("columns")
    if isinstance(columns, int) and not isinstance(columns, bool):
        return min(max(columns, 2), FULL_WIDTH)
    return max(FULL_WIDTH // in_row[row], 2)
