"""What a submitted page holds, as plain values: form fields, chosen ways, the receipt that makes sending twice harmless."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, ValidationError

from engine.base.errors import Refusal
from engine.cases.answers import handed
from engine.cases.rules import CaseFaults, FormFaults
from engine.cases.typed import Sent
from engine.diagram import forms
from engine.diagram.forms import Filled, Form
from web import uploads
from web.languages import language
from web.shown import fact

MOST_WHOLE: Final = 2**63 - 1
"""The largest id there can be."""
MOST_NUMBER: Final = 2**31 - 1
"""The largest number of a task within its case."""

_OWN = ("own:", "way:", "csrf_token")
"""How names begin that are the page's own, not a field of the form."""


class Whole(IntegerConverter):
    """A whole number in an address; one too large to be an id of anything leads nowhere."""

    def to_python(self, value: str) -> int:
        try:
            return whole(value)
        except ValueError:
            raise ValidationError from None


def whole(written: str, most: int = MOST_WHOLE) -> int:
    """Raises ValueError where it is none, or too large to be kept."""
    if not (written.isascii() and written.isdecimal() and len(written) < 20 and int(written) <= most):
        raise ValueError(written)
    return int(written)


def form_values(form: MultiDict[str, str]) -> Mapping[str, Sequence[str]]:
    return uploads.with_files({key: form.getlist(key) for key in form if not key.startswith(_OWN)})


_TECHNICAL: Final = frozenset(
    {
        "csrf_token",
        "own:receipt",
        "own:since",
        "own:changed",
        "own:live",
        "own:whole",
        "own:back",
        uploads.DROPPED,
        forms.ROW_BUTTON,
    }
)


def sent_draft(form: MultiDict[str, str], typed: Mapping[str, Sequence[str]] | None = None) -> Sent:
    """What a page sends to be kept and not yet done: its fields, chosen ways, and what of its own is typed.

    `typed` where what is to be kept is not quite what was sent. A page without a script says nothing of what changed.
    """
    live = "own:live" in form
    return Sent(
        typed=uploads.with_files({key: form.getlist(key) for key in form if key not in _TECHNICAL})
        if typed is None
        else typed,
        page=form.get("own:receipt", "")[:8],
        since=_since(form.get("own:since", "")),
        changed=frozenset(form.getlist("own:changed")) - _TECHNICAL if live else None,
        whole=not live or "own:whole" in form,
    )


def _since(written: str) -> int:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return 0


def ways_of(typed: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Of a draft: the flows chosen, by gateway."""
    return {key.removeprefix("way:"): values for key, values in typed.items() if key.startswith("way:")}


def chosen_ways(form: MultiDict[str, str]) -> Mapping[str, Sequence[str]]:
    """Buttons and boxes named `way:<gateway>` hold the ids of flows."""
    return {key.removeprefix("way:"): form.getlist(key) for key in form if key.startswith("way:")}


def new_receipt() -> str:
    return secrets.token_hex(16)


def receipt_of(form: MultiDict[str, str]) -> bytes | None:
    """None where the page carried none, or something that is none."""
    try:
        found = bytes.fromhex(form.get("own:receipt", ""))
    except ValueError:
        return None
    return found if len(found) == 16 else None


def filled_in(
    form: Form | None,
    typed: Mapping[str, Sequence[str]] | None,
    refusal: Refusal | None,
    known: Mapping[str, Any],
) -> Filled | None:
    """The form as it is to be shown: what was typed and what is wrong with it, or as it stands at first."""
    if form is None:
        return None
    files = handed(known, uploads.known(typed or {})) if form.has_files else {}
    if typed is None:
        return forms.begun(form, known, files)
    with_another_row = forms.rearranged(form, typed, files)
    if with_another_row is not None:
        return with_another_row
    found = forms.fill(form, typed, known, files)
    return found if any(isinstance(one, FormFaults) for one in _each(refusal)) else replace(found, errors={})


def labels(form: Form | None) -> Mapping[str, str]:
    """What each field outside of rows is called to a person, by the name of its input."""
    return {one.name_in(""): one.asked for one in forms.every_field(form.fields)} if form else {}


def asks_for_rows(submitted: Mapping[str, Sequence[str]]) -> bool:
    """A button that adds or removes a row was pressed: the page is wanted again, nothing is sent."""
    return bool(submitted.get(forms.ROW_BUTTON))


def field_id(name: str) -> str:
    """As the form's macros name the input."""
    return "f-" + quote(name, safe="")


def faults(refusal: Refusal | None, places: Mapping[type[Refusal], str] | None = None) -> list[tuple[str | None, str]]:
    """For the summary on top: the id of the field and what to do, one by one."""
    told: list[tuple[str | None, str]] = []
    for one in _each(refusal):
        if isinstance(one, FormFaults):
            told += [(field_id(key) if key else None, wrong.say(language())) for key, wrong in one.errors.items()]
        else:
            told.append(((places or {}).get(type(one)), one.say(language(), fact)))
    return told


def _each(refusal: Refusal | None) -> Sequence[Refusal]:
    if isinstance(refusal, CaseFaults):
        return refusal.each
    return () if refusal is None else (refusal,)
