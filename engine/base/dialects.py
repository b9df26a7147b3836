"""What is said otherwise to each database, without loading what speaks to the other: that takes 2 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.dialects.sqlite import Insert

BY_KEY: Final = {"by_key": True}
"""As the `info` of a table: on a file its rows lie in the order of its key and have no row ids (WITHOUT ROWID, as migrations say)."""


class Index(sqlalchemy.Index):
    """Of which rows it is, each database's words for it say; they are looked at when it is written out."""

    def __init__(self, name: str, *columns: Any, unique: bool = False, **where: Any) -> None:
        self._where = where
        super().__init__(name, *columns, unique=unique)

    @property
    def dialect_options(self) -> Any:
        where, self._where = self._where, {}
        if where:
            self._validate_dialect_kwargs(where)
        return self.__dict__.get("dialect_options") or super().dialect_options


def upserting(dialect: str) -> Callable[..., Insert]:
    """The INSERT of the database in use, which knows what to do where the row stands already; both say it alike."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415  as said at the head

        return insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  as above

    return postgresql.insert  # type: ignore[return-value]
