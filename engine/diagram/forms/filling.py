"""A form filled in: what was typed becomes answers, or is told back with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.forms import faults
from engine.diagram.forms.asking import answered, for_case, typed
from engine.diagram.forms.faults import told
from engine.diagram.forms.handed import Files, reading_of
from engine.diagram.forms.model import (
    JSON,
    MOST_ROWS,
    SAID_ONLY,
    Field,
    Filled,
    Form,
    Handed,
    Kind,
    as_typed,
    every_field,
    present,
    row_name,
)
from engine.diagram.forms.values import Reading, is_blank, missing, reading, strings

ROW_BUTTON: Final = "o-rows"
"""The name of the buttons that add and remove rows."""
_PASSES: Final = 8
_NOTHING: Final = Reading(None, None, ())
Path: TypeAlias = tuple[str | int, ...]


@frozen
class _Condition:
    """Hides the input, group or rows of this name. `row` is the path of the row it stands in."""

    name: str
    source: str
    row: Path


@dataclass(slots=True)
class _Place:
    row: str = ""
    path: Path = ()
    number: int | None = None
    conditions: tuple[_Condition, ...] = ()

    def asked(self, one: Field, rows: str | Text = "") -> str | Text:
        if self.number is None:
            return one.asked
        return told(faults.IN_ROW, label=one.asked or rows, number=self.number)


@dataclass(slots=True)  # as Reading
class _Entry:
    name: str
    field: Field
    asked: str | Text
    path: Path
    reading: Reading
    conditions: tuple[_Condition, ...]
    rows: int = 0

    def blank(self) -> _Entry:
        """As a condition sees it while it is hidden: there, without an answer."""
        return replace(self, reading=_NOTHING)


@dataclass(slots=True)
class _Sheet:
    """Everything that was read, before it is known what is hidden."""

    given: Mapping[str, tuple[str, ...]]
    indices: Mapping[str, Sequence[int]]
    files: Files | None = None
    entries: list[_Entry] = field(default_factory=list)
    conditions: list[_Condition] = field(default_factory=list)
    typed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, fields: Sequence[Field], place: _Place, called: str | Text = "") -> None:
        for one in fields:
            name, conditions = one.name_in(place.row), place.conditions
            if one.hide_when:
                own = _Condition(name, one.hide_when, place.path)
                self.conditions.append(own)
                conditions = (*conditions, own)
            if one.kind is Kind.GROUP:
                self.read(one.children, replace(place, conditions=conditions), called)
            elif one.kind is Kind.ROWS and not one.readonly:
                self._rows(one, name, replace(place, conditions=conditions))
            elif one.answers:
                asked = place.asked(one, called)
                found = self._reading(one, self.given.get(name, ()), asked)
                self.entries.append(_Entry(name, one, asked, (*place.path, *one.path), found, conditions))
                if found.typed:
                    self.typed[name] = found.typed

    def _reading(self, one: Field, given: tuple[str, ...], asked: str | Text) -> Reading:
        return reading_of(one, given, asked, self.files or {}) if one.kind is Kind.FILE else reading(one, given, asked)

    def handed(self) -> dict[str, Handed]:
        """Of what is typed, the files."""
        return {token: one for token, one in (self.files or {}).items() if isinstance(one, Handed)}

    def _rows(self, one: Field, name: str, place: _Place) -> None:
        named = self.indices.get(name, ())
        shown = named[: MOST_ROWS + 1]
        self.typed[present(name)] = tuple(str(index) for index in shown)
        path: Path = (*place.path, *one.path)
        at = len(self.entries)
        kept = 0
        for number, index in enumerate(shown, 1):
            before, known = len(self.entries), len(self.conditions)
            row = _Place(row_name(name, index), (*path, kept), number, place.conditions)
            self.read(one.children, row, one.asked)
            if all(_says_nothing(entry) for entry in self.entries[before:]):
                del self.entries[before:]
                del self.conditions[known:]
            else:
                kept += 1
        # Beyond the limit even blank rows are told of: those after them were not looked at.
        count = len(named) if len(named) > MOST_ROWS else kept
        asked = place.asked(one)
        self.entries.insert(at, _Entry(name, one, asked, path, _NOTHING, place.conditions, rows=count))


def fill(
    form: Form, submitted: Mapping[str, Sequence[str]], variables: Mapping[str, JSON], files: Files | None = None
) -> Filled:
    """What is not a field of the form is not looked at. Values are complete only where there are no errors.

    A field left blank has the value None, so that an earlier answer can be taken back; a hidden one has none.
    Without `files` there is no way to hand any in, and none is demanded.
    """
    given, indices = _sorted_out(submitted)
    sheet = _Sheet(given, indices, files)
    sheet.read(for_case(form, variables).fields, _Place())
    hidden = _hidden(sheet, variables)
    visible = [entry for entry in sheet.entries if hidden.isdisjoint(entry.conditions)]
    if files is None:
        visible = [entry for entry in visible if entry.field.kind is not Kind.FILE]
    errors = {entry.name: fault for entry in visible if (fault := _fault(entry))}
    values = _assembled(visible)
    if form.schema is not None and not errors:
        from engine.diagram.forms import final  # noqa: PLC0415  loaded with the first such form, see `found`

        places = {entry.path: (entry.name, entry.asked) for entry in visible}
        errors = final.faults_of(form.schema, _assembled(_present_in_schema(visible)), places)
    return Filled(values, errors, sheet.typed, frozenset(one.name for one in hidden), sheet.handed())


def begun(form: Form, variables: Mapping[str, JSON], files: Files | None = None) -> Filled:
    """The form as it is first shown: with what is already known, and defaults."""
    shown = typed(for_case(form, variables).fields, variables, fresh=variables)
    found = fill(form, shown, variables, files)
    return Filled({}, {}, shown, found.hidden, found.files)


def again_typed(form: Form, values: Mapping[str, JSON]) -> dict[str, tuple[str, ...]]:
    """Answers that come as JSON, as they would have been submitted: for the programming interface and drafts."""
    return typed(form.fields, values)


def rearranged(form: Form, submitted: Mapping[str, Sequence[str]], files: Files | None = None) -> Filled | None:
    """The form with a row more or less, where that is what was asked for; None where it was sent to be done."""
    verb, _, name = next(iter(strings(submitted.get(ROW_BUTTON, ()))), "").partition(" ")
    if verb not in ("add", "drop"):
        return None
    given, indices = _sorted_out(submitted)
    sheet = _Sheet(given, indices, files)
    sheet.read(form.fields, _Place())
    shown = _with_row(sheet.typed, name) if verb == "add" else _without_row(sheet.typed, name)
    return Filled({}, {}, shown, files=sheet.handed())


def _with_row(shown: Mapping[str, tuple[str, ...]], name: str) -> Mapping[str, tuple[str, ...]]:
    rows = shown.get(present(name))
    if rows is None or len(rows) >= MOST_ROWS:
        return shown
    return {**shown, present(name): (*rows, str(max(map(int, rows), default=-1) + 1))}


def _without_row(shown: Mapping[str, tuple[str, ...]], row: str) -> Mapping[str, tuple[str, ...]]:
    name, _, index = row.removesuffix("]").rpartition("[")
    rows = shown.get(present(name), ())
    if index not in rows:
        return shown
    left = {key: value for key, value in shown.items() if key != row and not key.startswith((f"{row}.", f"{row}["))}
    return {**left, present(name): tuple(one for one in rows if one != index)}


def _says_nothing(entry: _Entry) -> bool:
    if entry.reading.fault is not None or entry.rows:
        return False
    return is_blank(entry.field, entry.reading.value) or entry.reading.typed == (as_typed(entry.field.default),)


def _fault(entry: _Entry) -> Text | None:
    one = entry.field
    if one.kind is Kind.ROWS:
        return _rows_fault(entry)
    if entry.reading.fault is not None:
        return entry.reading.fault
    blank = is_blank(one, entry.reading.value)
    return missing(one, entry.asked) if one.required and blank else None


def _rows_fault(entry: _Entry) -> Text | None:
    one, count = entry.field, entry.rows
    most = min(MOST_ROWS, int(one.maximum)) if one.maximum is not None else MOST_ROWS
    if count > most:
        return told(faults.TOO_MANY_ROWS, label=entry.asked, count=count, most=most)
    if count == 0:
        return missing(one, entry.asked) if one.required else None
    if one.minimum is not None and count < one.minimum:
        return told(faults.TOO_FEW_ROWS, label=entry.asked, count=count, least=int(one.minimum))
    return None


def _hidden(sheet: _Sheet, variables: Mapping[str, JSON]) -> frozenset[_Condition]:
    """Hiding one field may show another: looked at again until nothing changes."""
    hidden: frozenset[_Condition] = frozenset()
    for _ in range(_PASSES if sheet.conditions else 0):
        values = _assembled(
            [entry if hidden.isdisjoint(entry.conditions) else entry.blank() for entry in sheet.entries]
        )
        found = frozenset(one for one in sheet.conditions if _hides(one, values, variables))
        if found == hidden:
            break
        hidden = found
    return hidden


def _hides(condition: _Condition, values: Mapping[str, JSON], variables: Mapping[str, JSON]) -> bool:
    known: dict[str, Any] = {**variables, **values}
    if condition.row:
        row = _row(values, condition.row)
        known |= {**row, "parent": values, "this": row}
    return answered(condition.source, known) is True


def _row(values: JSON, path: Path) -> Mapping[str, JSON]:
    found = values
    for step in path:
        try:
            found = found[step]
        except (LookupError, TypeError):
            return {}
    return found if isinstance(found, Mapping) else {}


def _assembled(entries: Sequence[_Entry]) -> dict[str, JSON]:
    values: dict[str, JSON] = {}
    for entry in entries:
        _put(values, entry.path, [] if entry.field.kind is Kind.ROWS else entry.reading.value)
    return values


def _put(values: dict[str, JSON], path: Path, value: JSON) -> None:
    """A row that every field of is hidden is an empty object, so that those after it keep their place."""
    found: Any = values
    for step, after in zip(path, (*path[1:], None), strict=True):
        empty: JSON = value if after is None else [] if isinstance(after, int) else {}
        if isinstance(step, int):
            found += [{} for _ in range(step - len(found))]
            if step == len(found):
                found.append(empty)
        elif after is None or step not in found:
            found[step] = empty
        found = found[step]


def _present_in_schema(entries: Sequence[_Entry]) -> list[_Entry]:
    """JSON Schema takes what is left blank as not there."""
    return [
        _as_text(entry)
        for entry in entries
        if (entry.field.kind is Kind.ROWS and (entry.rows or not entry.field.minimum))
        or (entry.field.kind is not Kind.ROWS and entry.reading.value is not None and not _none_chosen(entry))
    ]


def _as_text(entry: _Entry) -> _Entry:
    """A schema knows a file as text: by its name."""
    if entry.field.kind is not Kind.FILE:
        return entry
    value = entry.reading.value
    names = [as_typed(one["name"]) for one in value] if isinstance(value, list) else as_typed(value["name"])
    return replace(entry, reading=replace(entry.reading, value=names))


def _none_chosen(entry: _Entry) -> bool:
    return entry.field.kind is Kind.SEVERAL and entry.reading.value == [] and bool(entry.field.minimum)


def _sorted_out(submitted: Mapping[str, Sequence[str]]) -> tuple[dict[str, tuple[str, ...]], dict[str, list[int]]]:
    """What was submitted by name, and which rows it speaks of."""
    given: dict[str, tuple[str, ...]] = {}
    rows: dict[str, set[int]] = {}
    for name, value in submitted.items():
        given[name] = strings(value)
        if name.endswith("[]"):
            rows.setdefault(name[:-2], set()).update(_indices(given[name]))
        at = name.find("[")
        while at >= 0:
            rows.setdefault(name[:at], set()).update(_indices((name[at + 1 :].partition("]")[0],)))
            at = name.find("[", at + 1)
    return given, {name: sorted(found) for name, found in rows.items()}


def _indices(written: Sequence[str]) -> list[int]:
    return [int(one) for one in written if one.isascii() and one.isdecimal() and len(one) < 5]


def asks_something(form: Form) -> bool:
    return any(one.answers and one.kind not in SAID_ONLY for one in every_field(form.fields))
