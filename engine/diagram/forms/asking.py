"""A form made ready for one case: what earlier answers offer, say and hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from engine.diagram.forms.formjs import options_in
from engine.diagram.forms.handed import is_file
from engine.diagram.forms.model import (
    CHOICES,
    JSON,
    Field,
    Form,
    Kind,
    as_typed,
    every_field,
    present,
    row_name,
)
from engine.diagram.forms.values import again, reading
from engine.diagram.language import CannotEvaluate, NotAnExpression, evaluate, expression, jsonable

MOST_ROWS_SHOWN: Final = 1_000


def answered(source: str, variables: Mapping[str, Any]) -> JSON:
    """What an expression says; None where it cannot be said. A name nobody gave a value is null."""
    try:
        read = expression(source)
        unknown: dict[str, Any] = dict.fromkeys(read.names - variables.keys())
        return jsonable(evaluate(read, {**unknown, **variables}))
    except (CannotEvaluate, NotAnExpression):
        return None


def for_case(form: Form, variables: Mapping[str, JSON]) -> Form:
    """The same form with the options and words that earlier answers give, without the fields they hide."""
    if not (form.depends or form.is_worded):
        return form
    fields = _Asking(form, variables).fields(form.fields)
    return form if fields == form.fields else replace(form, fields=fields)


class _Asking:
    def __init__(self, form: Form, variables: Mapping[str, JSON]) -> None:
        self._variables = variables
        self._own = {one.path[0] for one in every_field(form.fields) if one.path} | {"this", "parent"}

    def fields(self, fields: Sequence[Field]) -> tuple[Field, ...]:
        return tuple(self._field(one) for one in fields if not self._is_hidden_for_good(one))

    def _is_hidden_for_good(self, one: Field) -> bool:
        """By earlier answers alone, whatever is answered in this form."""
        if one.hide_when is None or not self._own.isdisjoint(_names(one.hide_when)):
            return False
        return answered(one.hide_when, self._variables) is True

    def _field(self, one: Field) -> Field:
        if one.children:
            return replace(one, children=self.fields(one.children))
        if one.kind in (Kind.WORDS, Kind.HEADING) and "{{" in one.label:
            return replace(one, label=_worded(one.label, self._variables))
        if one.options_from is None:
            return one
        options = options_in(answered(one.options_from, self._variables)) or one.options
        # Nobody must be stuck before a choice that offers nothing.
        return replace(one, options=options) if options else replace(one, kind=Kind.TEXT)


def _names(source: str) -> frozenset[str]:
    try:
        return expression(source).names
    except NotAnExpression:
        return frozenset()


def _worded(words: str, variables: Mapping[str, JSON]) -> str:
    first, *rest = words.split("{{")
    said = [first]
    for one in rest:
        source, closed, after = one.partition("}}")
        said.append((as_typed(answered(source, variables)) or "—") + after if closed else "{{" + one)
    return "".join(said)


def typed(
    fields: Sequence[Field], values: JSON, *, row: str = "", fresh: Mapping[str, JSON] | None = None
) -> dict[str, tuple[str, ...]]:
    """What would have been typed to give these values, by input name.

    With `fresh`, a field that has no value shows its default, worked out from these variables.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in fields:
        name = one.name_in(row)
        if one.kind is Kind.GROUP:
            found |= typed(one.children, values, row=row, fresh=fresh)
        elif one.kind is Kind.ROWS:
            found |= _typed_rows(one, name, one.value_in(values), fresh)
        elif one.answers or one.readonly:
            given = _typed(one, one.value_in(values)) or (_default(one, fresh) if fresh is not None else ())
            if given:
                found[name] = given
    return found


def _typed_rows(one: Field, name: str, rows: JSON, fresh: Mapping[str, JSON] | None) -> dict[str, tuple[str, ...]]:
    given = list(rows[:MOST_ROWS_SHOWN]) if isinstance(rows, list | tuple) else []
    if not given and fresh is not None:
        given = [None] * one.repetitions
    found = {present(name): tuple(str(index) for index in range(len(given)))} if given else {}
    for index, row in enumerate(given):
        found |= typed(one.children, row, row=row_name(name, index), fresh=fresh)
    return found


def _typed(one: Field, value: JSON) -> tuple[str, ...]:
    if value is None:
        return ()
    if one.kind is Kind.FILE:
        return tuple(
            f"paper:{each['paper']}" for each in (value if isinstance(value, list) else [value]) if is_file(each)
        )
    if one.kind is Kind.SEVERAL and isinstance(value, list | tuple):
        return tuple(as_typed(each) for each in value)
    if one.kind is Kind.YES_NO and value is False:
        return ()
    return (again(one, value),)


def _default(one: Field, variables: Mapping[str, JSON]) -> tuple[str, ...]:
    default = one.default
    if isinstance(default, str) and default.strip().startswith(("=", "${", "#{")):
        default = answered(default, variables)
    given = _typed(one, default)
    if (one.kind in CHOICES and not given) or one.kind is Kind.FILE:
        return ()
    return () if reading(one, given, one.asked).fault else reading(one, given, one.asked).typed
