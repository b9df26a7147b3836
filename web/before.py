"""What a view needs done before its transaction is opened, so that nobody waits at the database meanwhile.

Files come in, are checked and kept; documents are made. If the transaction then fails, what was kept is tidied away later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import current_app, g, request

from engine.base.database import Database
from engine.base.frozen import frozen
from engine.papers.rules import MOST_BYTES
from web.guard import admit

_MARK: Final = "__officium_before__"
_BESIDE_FILES: Final = 2 * 1024 * 1024

View = TypeVar("View", bound=Callable[..., Any])


@frozen
class Before:
    """`look` reads, in a transaction that keeps nothing; `make` is given what it found, and works without one.

    `wanted`: whether there is anything to do with this request.
    """

    look: Callable[..., Any]
    make: Callable[[Any], None]
    wanted: Callable[[], bool]
    most_sent: int | None = None


def done_before(before: Before) -> Callable[[View], View]:
    def wears(view: View) -> View:
        setattr(view, _MARK, before)
        return view

    return wears


def large(view: View) -> View:
    """Takes in more than a page holds: what is too large is then refused by its name, and what was typed beside is kept."""
    return done_before(Before(lambda **_: None, lambda _seen: None, lambda: False, most_sent=MOST_SENT))(view)


def before_of(endpoint: str | None) -> Before | None:
    view = current_app.view_functions.get(endpoint or "")
    found = getattr(view, _MARK, None)
    return found if isinstance(found, Before) else None


def allow_size(before: Before | None) -> None:
    """Before anything of the request is read."""
    if before is not None and before.most_sent is not None:
        request.max_content_length = before.most_sent


def prepare(before: Before | None, database: Database) -> None:
    """Only for whom the view's rule admits."""
    if before is None or not before.wanted():
        return
    with database.reading() as g.db:
        try:
            admit()
            seen = before.look(**(request.view_args or {}))
        finally:
            g.pop("db", None)
    before.make(seen)


MOST_SENT: Final = MOST_BYTES + _BESIDE_FILES
"""Of a request that carries files."""
