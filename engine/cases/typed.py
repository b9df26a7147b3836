"""What was typed into a form and not sent yet, field by field, from as many windows as somebody has open. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Final

import orjson

from engine.base.database import from_stored, to_stored
from engine.base.errors import Refusal
from engine.base.frozen import frozen

MOST: Final = 200_000
"""Characters of one draft as it is kept."""
_MOST_REPLACED: Final = 40

Typed = Mapping[str, Sequence[str]]


class DraftTooLong(Refusal):
    """This is too long to be kept as a draft: {length} of at most {most} characters. It is still on the page, and can be sent."""

    zh = "内容过长，无法保存为草稿：{length} 字，上限 {most} 字。内容仍在页面上，可以直接提交。"


@frozen
class Kept:
    """What stands in one field: since which version of the draft, and from which page it came."""

    values: tuple[str, ...]
    version: int
    page: str


@frozen
class Replaced:
    """What had been typed on another page, and was typed over."""

    name: str
    values: tuple[str, ...]
    at: datetime


@frozen
class Sent:
    """What a page sends. `changed` None: everything on it counts as typed there. `since`: the version it was opened with.

    `whole` says that `typed` is all that stands on the page, not only what has changed.
    """

    typed: Typed
    page: str
    since: int = 0
    changed: frozenset[str] | None = None
    whole: bool = True


@frozen
class Sheet:
    """A draft as it is kept. The empty one has version 0."""

    version: int = 0
    at: datetime | None = None
    fields: Mapping[str, Kept] = field(default_factory=dict)
    replaced: tuple[Replaced, ...] = ()

    @property
    def typed(self) -> dict[str, tuple[str, ...]]:
        """As a page would send it. A box that was unticked has no value, as in a page that is sent."""
        return {name: one.values for name, one in self.fields.items() if one.values}


def merged(held: Sheet, sent: Sent, at: datetime) -> Sheet:
    """Field by field the later one stands; what it replaces of another page that had not been seen is kept beside."""
    version, fields, replaced = held.version + 1, dict(held.fields), list(held.replaced)
    for name in {*sent.typed, *fields} if sent.changed is None else sent.changed:
        new, old = tuple(sent.typed.get(name, ())), fields.get(name)
        if old is not None and old.values == new:
            continue
        if old is not None and _unseen(old, sent) and any(old.values):
            replaced.append(Replaced(name, old.values, at))
        fields[name] = Kept(new, version, sent.page)
    for name, values in sent.typed.items():
        fields.setdefault(name, Kept(tuple(values), 0, ""))  # as it stood when the page was opened
    return Sheet(version, at, fields, tuple(replaced[-_MOST_REPLACED:]))


def _unseen(old: Kept, sent: Sent) -> bool:
    return old.page != sent.page and old.version > sent.since


def from_elsewhere(held: Sheet, sent: Sent) -> bool:
    """Whether another page has typed something that this one does not show."""
    return any(_unseen(one, sent) for one in held.fields.values())


def written(sheet: Sheet) -> str:
    """Raises DraftTooLong."""
    facts: dict[str, Any] = {
        "fields": {name: [one.values, one.version, one.page] for name, one in sheet.fields.items()},
        "replaced": [[one.name, one.values, to_stored(one.at)] for one in sheet.replaced],
    }
    text = orjson.dumps(facts).decode()
    if len(text) > MOST:
        raise DraftTooLong(length=len(text), most=MOST)
    return text


def read(text: str, version: int, at: datetime) -> Sheet:
    facts = orjson.loads(text)
    return Sheet(
        version,
        at,
        {name: Kept(tuple(values), since, page) for name, (values, since, page) in facts["fields"].items()},
        tuple(Replaced(name, tuple(values), from_stored(when)) for name, values, when in facts["replaced"]),
    )
