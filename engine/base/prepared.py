"""Statements that are put together once and then handed to the driver as they stand.

For the few that every completed task and every look at a desk needs: SQLAlchemy spends on each of them, each time,
several times what SQLite spends. They are told in Core like all others, run in the connection's own transaction,
fail with the same errors, and whoever listens to the engine hears of them. See decisions/0010.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Executable, Insert, Table, bindparam, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Shown = Callable[[Any], Any]
"""From Python's value to the driver's, or back."""


class Prepared:
    """One statement in whichever kinds of database it is asked of.

    Every bound value must be one value: a list is not spread. Of an INSERT without values `columns` are what
    is given.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._by_kind: dict[str, Written] = {}

    def all(self, db: Connection, values: Values) -> list[Any]:
        """Every row, with its columns as attributes."""
        written = self.written(db)
        return written.read(say(db, written.text, written.parameters(values)).fetchall())

    def first(self, db: Connection, values: Values) -> Any | None:
        """The first row, where there is one. For statements that find one row at most."""
        return next(iter(self.all(db, values)), None)

    def run(self, db: Connection, values: Values) -> int:
        """How many rows it changed."""
        written = self.written(db)
        return int(say(db, written.text, written.parameters(values)).rowcount)

    def written(self, db: Connection) -> Written:
        dialect = db.dialect
        written = self._by_kind.get(dialect.name)
        if written is None:
            written = self._by_kind[dialect.name] = Written(self._statement, dialect, self._columns)
        return written


Given = Callable[[str], BindParameter[Any]]


class PreparedRows:
    """An INSERT of as many rows as there happen to be, in one statement for every fifty.

    `row(given)` tells the columns of one row; `given(column)` stands for the value that is given for it.
    """

    def __init__(self, table: Table, row: Callable[[Given], Mapping[str, Any]]) -> None:
        self._table = table
        self._row = row
        self._of_count: dict[int, Prepared] = {}

    def add(self, db: Connection, rows: Sequence[Values]) -> None:
        for statement, values in self.parts(rows):
            statement.run(db, values)

    def parts(self, rows: Sequence[Values]) -> Iterator[tuple[Prepared, Values]]:
        for begin in range(0, len(rows), _TOGETHER):
            some = rows[begin : begin + _TOGETHER]
            yield self._of(len(some)), _named(some)

    def _of(self, count: int) -> Prepared:
        found = self._of_count.get(count)
        if found is None:
            told = [self._row(partial(self._given, number)) for number in range(count)]
            found = self._of_count[count] = Prepared(insert(self._table).values(told))
        return found

    def _given(self, number: int, column: str) -> BindParameter[Any]:
        return bindparam(f"{column}_{number}", type_=self._table.c[column].type)


def _named(rows: Sequence[Values]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for number, row in enumerate(rows):
        named |= zip(_names(tuple(row), number), row.values(), strict=True)
    return named


@lru_cache(maxsize=512)
def _names(columns: tuple[str, ...], number: int) -> tuple[str, ...]:
    return tuple(f"{name}_{number}" for name in columns)


_TOGETHER: Final = 50


class Written:
    """A statement in the words of one kind of database."""

    def __init__(self, statement: Executable, dialect: Dialect, columns: Sequence[str] | None) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
        self._fixed, asked = _parameters(compiled, dialect)
        self._as_given = [(place, name) for place, name, shown in asked if shown is None]
        self._turned = [(place, name, shown) for place, name, shown in asked if shown is not None]
        self.text: Final = self._with_fixed_numbers(str(compiled))
        self._row, self._shown = _columns(statement, dialect)

    def _with_fixed_numbers(self, text: str) -> str:
        """psycopg reads a statement anew each time where it has more than fifty values: numbers that never change are none."""
        if isinstance(self._fixed, dict):
            for name in [name for name, value in self._fixed.items() if _is_whole(value)]:
                text = text.replace(f"%({name})s", str(int(self._fixed.pop(name))))
        return text

    def parameters(self, values: Values) -> Any:
        given = self._fixed.copy()
        for place, name in self._as_given:
            given[place] = values[name]
        for place, name, shown in self._turned:
            given[place] = shown(values[name])
        return given

    def read(self, rows: list[Any]) -> list[Any]:
        make, shown = self._row, self._shown
        if not shown:
            return [make(row) for row in rows]
        found = []
        for row in rows:
            values = list(row)
            for place, show in shown:
                values[place] = show(values[place])
            found.append(make(values))
        return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def say(db: Connection, text: str, given: Any = ()) -> Any:
    """To the driver, as it stands; the driver's cursor comes back. None given: several statements, which no server prepares."""
    cursor = db.connection.cursor()
    kept = {"prepare": True} if db.dialect.name == "postgresql" and given is not None else {}
    heard = db.engine.dispatch
    try:
        if heard.before_cursor_execute:
            heard.before_cursor_execute(db, cursor, text, given, None, False)
        cursor.execute(text, given, **kept)
        if heard.after_cursor_execute:
            heard.after_cursor_execute(db, cursor, text, given, None, False)
    except db.dialect.loaded_dbapi.Error as fault:
        raise _as_usual(db, text, given, fault) from fault
    return cursor


def _as_usual(db: Connection, text: str, given: Any, fault: Exception) -> BaseException:
    """The error that SQLAlchemy makes of it. Where one connection is lost, all that lie ready are given up."""
    dialect = db.dialect
    lost = dialect.is_disconnect(fault, db.connection, None)  # type: ignore[arg-type]
    if lost:
        db.invalidate(fault)
        db.engine.dispose()
    return DBAPIError.instance(
        text, given, fault, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
    )


def _parameters(compiled: SQLCompiler, dialect: Dialect) -> tuple[Any, list[tuple[Any, str, Shown | None]]]:
    """What is always the same, and where each value that is given goes: a list or a dict, as the driver takes it."""
    known: dict[str, BindParameter[Any]] = {name: bind for bind, name in compiled.bind_names.items()}
    order: Any = compiled.positiontup
    fixed: Any = {} if order is None else [None] * len(order)
    asked: list[tuple[Any, str, Shown | None]] = []
    for place, name in [(name, name) for name in known] if order is None else enumerate(order):
        bind = known[name]
        shown = _kind(bind.type, dialect).bind_processor(dialect)
        if bind.expanding:
            raise ValueError(f"{name}: a list cannot be prepared")
        if bind.required:
            asked.append((place, name, shown))
        else:
            fixed[place] = bind.effective_value if shown is None else shown(bind.effective_value)
    return fixed, asked


def _columns(statement: Executable, dialect: Dialect) -> tuple[Callable[[Any], Any], list[tuple[int, Shown]]]:
    columns = [] if isinstance(statement, Insert) else list(getattr(statement, "exported_columns", ()))
    readers = [_kind(column.type, dialect).result_processor(dialect, None) for column in columns]
    row = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
    return row._make, [(place, reader) for place, reader in enumerate(readers) if reader is not None]


def _kind(type_: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return type_.dialect_impl(dialect)
