"""What is said otherwise to each database is said to it, and only to it."""

from __future__ import annotations

from typing import Final

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateIndex

from engine.base.dialects import Index, upserting

_DIALECTS: Final[tuple[Dialect, ...]] = (
    make_url("sqlite://").get_dialect()(),
    make_url("postgresql+psycopg://").get_dialect()(),
)
_THINGS = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("open", Integer),
    Index("ix_open", "open", unique=True, sqlite_where=text("open = 1"), postgresql_where=text("open = true")),
    Index("ix_all", "open"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "rows"), list(zip(_DIALECTS, ("open = 1", "open = true"), strict=True)), ids=lambda one: str(one)[:9]
)  # fmt: skip
def test_an_index_says_of_which_rows_it_is_in_the_words_of_each(dialect: Dialect, rows: str) -> None:
    found = {str(one.name): str(CreateIndex(one).compile(dialect=dialect)) for one in _THINGS.indexes}
    for _ in range(2):  # the second time as well
        assert found["ix_open"] == f"CREATE UNIQUE INDEX ix_open ON things (open) WHERE {rows}"
        assert found["ix_all"] == "CREATE INDEX ix_all ON things (open)"
        found = {str(one.name): str(CreateIndex(one).compile(dialect=dialect)) for one in _THINGS.indexes}


def test_words_of_an_unknown_kind_are_refused() -> None:
    odd = Index("ix_odd", _THINGS.c.open, sqlite_when=text("open"))
    with pytest.raises(ArgumentError, match="sqlite_when"):
        CreateIndex(odd).compile(dialect=_DIALECTS[0])


@pytest.mark.parametrize("dialect", _DIALECTS, ids=["sqlite", "postgresql"])
def test_what_stands_already_is_changed(dialect: Dialect) -> None:
    said = (
        upserting(dialect.name)(_THINGS)
        .values(id=1, open=2)
        .on_conflict_do_update(index_elements=["id"], set_={"open": 2})
    )
    assert "ON CONFLICT (id) DO UPDATE SET open = " in str(said.compile(dialect=dialect))
