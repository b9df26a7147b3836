"""Files as answers: what a form is told of files that were handed in, and what it keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.base.text import Text
from engine.diagram.forms import faults
from engine.diagram.forms.building import Building, decimal_of, label, part
from engine.diagram.forms.faults import told
from engine.diagram.forms.model import JSON, Field, Handed, Kind
from engine.diagram.forms.values import Reading

MOST_FILES: Final = 20
_EARLIER: Final = "paper:"
_MEDIA: Final[Mapping[str, tuple[str, ...]]] = {
    "image/*": ("png", "jpg", "gif", "webp"),
    "image/jpeg": ("jpg",),
    "image/png": ("png",),
    "application/pdf": ("pdf",),
    "text/plain": ("txt",),
    "text/csv": ("csv",),
    "application/zip": ("zip",),
}
_SAME: Final = {"jpeg": "jpg", "tiff": "tif"}

Files = Mapping[str, Handed | Text]
"""By what is submitted for each: the file, or why it was not accepted."""


def asked_of(one: Mapping[str, JSON], build: Building, key: str) -> dict[str, Any]:
    """What a form-js component or the options of a JSON Schema ask of files."""
    size = one.get("maxFileSize") or part(one, "properties").get("megabytes") or one.get("megabytes")
    megabytes = decimal_of(size)
    if size and (megabytes is None or megabytes <= 0):
        build.number(key, size)
    return {
        "kind": Kind.FILE,
        "accept": accepted(label(one, "accept")),
        "several": one.get("multiple") is True,
        "most_bytes": int(megabytes * 1024 * 1024) if megabytes and megabytes > 0 else None,
    }


def accepted(written: str) -> tuple[str, ...]:
    """Kinds of files as a browser's `accept` writes them; what is not known is left out."""
    found: list[str] = []
    for one in (each.strip().lower() for each in written.split(",")):
        ending = one.removeprefix(".")
        found += _MEDIA.get(one, (_SAME.get(ending, ending),) if one.startswith(".") and ending.isalnum() else ())
    return tuple(dict.fromkeys(found))


def reading_of(field: Field, typed: Sequence[str], asked: str | Text, files: Files) -> Reading:
    """A file that was not accepted is not among what is shown again."""
    values: list[JSON] = []
    kept: list[str] = []
    fault: Text | None = None
    for token in dict.fromkeys(one for one in typed if one):
        handed = files.get(token)
        wrong = told(faults.FILE_GONE, label=asked) if handed is None else _unfit(field, handed, asked)
        if wrong is None and isinstance(handed, Handed):
            values.append(dict(handed.value))
            kept.append(token)
        fault = fault or wrong
    if not field.several:  # one that is chosen now takes the place of the one before
        values, kept = values[-1:], kept[-1:]
    if len(values) > MOST_FILES:
        fault = fault or told(faults.TOO_MANY_FILES, label=asked, most=MOST_FILES, count=len(values))
    if not values or fault is not None:
        return Reading(None, fault, tuple(kept))
    return Reading(values if field.several else values[0], None, tuple(kept))


def _unfit(field: Field, handed: Handed | Text, asked: str | Text) -> Text | None:
    if isinstance(handed, Text):
        return handed
    if handed.kind not in field.accept if field.accept else not handed.usual:
        accept = ", ".join(field.accept) or "pdf, docx, xlsx, odt, png, jpg, txt, csv"
        return told(faults.FILE_KIND, label=asked, name=handed.name, accepted=accept)
    if field.most_bytes is not None and handed.size > field.most_bytes:
        return told(faults.FILE_LARGE, label=asked, name=handed.name, most=f"{field.most_bytes / 2**20:g}")
    return None


def earlier(answers: JSON) -> dict[str, Handed]:
    """The files among answers that were given before, by what is submitted to keep them."""
    found: dict[str, Handed] = {}
    waiting = [answers]
    while waiting:
        one = waiting.pop()
        if is_file(one):
            found[token_of(one)] = Handed(one, usual=True)
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return found


def is_file(value: JSON) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("paper"), int) and "sha256" in value


def token_of(value: Mapping[str, JSON]) -> str:
    return f"{_EARLIER}{value['paper']}"


def names_earlier(typed: Sequence[str]) -> bool:
    return any(one.startswith(_EARLIER) for one in typed)


def files_in(fields: Sequence[Field], values: JSON) -> Iterator[tuple[Field, Mapping[str, JSON]]]:
    """Every file among these answers, with the field that asked for it."""
    for one in fields:
        if one.kind is Kind.GROUP:
            yield from files_in(one.children, values)
        elif one.kind is Kind.ROWS:
            for row in one.value_in(values) or ():
                yield from files_in(one.children, row)
        elif one.kind is Kind.FILE:
            found = one.value_in(values)
            yield from ((one, each) for each in (found if isinstance(found, list) else [found]) if is_file(each))
