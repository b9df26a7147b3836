"""What a column of a table tells apart: its values fall into pieces, and every test holds of the whole of a piece or
of nothing of it. One value stands for each piece, so that what is found with it is found by the office's own FEEL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, Final

from engine.base.frozen import frozen
from engine.diagram.language import arithmetic, running
from engine.diagram.language.comparing import equal, order
from engine.diagram.language.expressions import compiled
from engine.diagram.language.literals import LARGEST_OFFSET
from engine.diagram.language.moments import DAY, HOUR, MINUTE, SECOND, Date, DateTime, Days, Months, Time, date_of
from engine.diagram.language.nodes import Scope, World
from engine.diagram.language.reasons import Fault, NotAnExpression, Stopped, Unreadable
from engine.diagram.language.types import Type, is_of
from engine.diagram.language.values import KINDS, Range, Value

STEPS: Final = 5_000
MOST: Final = 2_000
"""Pieces of one column."""
_CONSTANT_CALLS: Final = frozenset(
    ["date", "time", "date and time", "duration", "years and months duration", "number", "string"]
)
_COMPARED: Final = (Decimal, Date, DateTime, Time, Days, Months)


class Unweighable(Exception):
    """The test is of a kind that is not looked through: it depends on something else, or is no comparison."""


@frozen
class Mentioned:
    """What tests compare with. `ordered`: also by more and less."""

    values: tuple[Value, ...]
    ordered: bool


def mentioned(source: str, known: frozenset[str]) -> Mentioned:
    """Raises Unweighable."""
    if source in ("", "-"):
        return Mentioned((), False)
    from engine.diagram.language.grammar import tree  # noqa: PLC0415 -- as in `expressions`: only where it is needed

    try:
        root = tree(source, "tests", known)
    except (Unreadable, RecursionError) as error:
        raise Unweighable from error
    found: list[Value] = []
    ordered = False
    for value, more_or_less in _of_tests(root):
        found.append(value)
        ordered = ordered or more_or_less
    return Mentioned(tuple(found), ordered)


def _of_tests(root: Any) -> Iterator[tuple[Value, bool]]:
    tests = root.children if _kind(root) == "tests" else [root]
    for test in tests:
        yield from _of_test(test)


def _kind(part: Any) -> str:
    return str(part.data) if hasattr(part, "data") else ""


def _parts(part: Any) -> list[Any]:
    return [one for one in part.children if hasattr(one, "data")]


_INNER: Final = frozenset({"any_of", "all_of", "negated", "bracketed", "not_all", "choice"})


def _of_test(test: Any) -> Iterator[tuple[Value, bool]]:
    kind = _kind(test)
    if kind == "unary_test":
        sign, value = test.children
        yield _constant(value), str(sign.value) not in ("=", "!=")
    elif kind in _INNER:
        for part in _parts(test):
            yield from _of_test(part)
    elif kind in ("compared", "between", "within") and _asks(test):
        yield from _of_comparison(test)
    else:
        yield from _ends(_constant(test))


def _asks(test: Any) -> bool:
    return any(_kind(one) == "hole" for one in test.iter_subtrees())


def _of_comparison(test: Any) -> Iterator[tuple[Value, bool]]:
    """`? > 5` and its like: the value itself on one side, constants on the other."""
    sides = _parts(test)
    holes = [one for one in sides if _kind(one) == "hole"]
    if len(holes) != 1:
        raise Unweighable
    kind = _kind(test)
    others = [one for one in sides if one is not holes[0]]
    if kind == "within":
        if sides[0] is not holes[0]:
            raise Unweighable
        for one in others:
            yield from _of_test(one)
        return
    if kind == "between" and sides[0] is not holes[0]:
        raise Unweighable
    sign = next((str(one.value) for one in test.children if not hasattr(one, "data")), "<")
    for one in others:
        yield _constant(one), sign not in ("=", "!=")


def _ends(value: Value) -> Iterator[tuple[Value, bool]]:
    if isinstance(value, Range):
        yield from ((end, value.sign not in ("=", "!=")) for end in (value.start, value.end) if end is not None)
    elif isinstance(value, list):
        for entry in value:
            yield from _ends(entry)
    else:
        yield value, False


def _constant(part: Any) -> Value:
    """What does not depend on anything is worked out here and now."""
    from engine.diagram.language.printed import written  # noqa: PLC0415

    for one in part.iter_subtrees():
        kind = _kind(one)
        if kind == "hole" or (kind == "name" and str(one.children[0].value) not in _CONSTANT_CALLS):
            raise Unweighable
        if kind in ("loop", "quantified", "function", "filtered", "context", "conditional", "emptiness"):
            raise Unweighable
    try:
        running.begin(STEPS)
        value = compiled(written(part), "expression", frozenset(), functions=True).run(Scope({}, None, World({})))
    except (Fault, Stopped, NotAnExpression, RecursionError) as error:
        raise Unweighable from error
    if value is not None and type(value) not in (*_COMPARED, str, bool, Range, list):
        raise Unweighable
    return value


# pieces


def pieces(mentions: Iterable[Mentioned], type_: Type | None) -> list[Value]:
    """One value of each piece, in their order; texts that nobody mentions are one piece. Raises Unweighable."""
    mentions = tuple(mentions)
    values = [value for one in mentions for value in one.values]
    if not values:
        return []
    words = {value for value in values if isinstance(value, str)}
    if words and any(one.ordered and any(isinstance(value, str) for value in one.values) for one in mentions):
        raise Unweighable
    found: list[Value] = []
    for kind in _kinds(values, type_):
        if kind is bool:
            found += [True, False]
        elif kind is str:
            found += [*dict.fromkeys(value for value in values if isinstance(value, str)), unmentioned(words)]
        else:
            found += _along([value for value in values if type(value) is kind])
    found = found or [sample(type_)]
    if any(value is None for value in values):
        found.append(None)
    if len(found) > MOST:
        raise Unweighable
    return found


_SAMPLES: Final[dict[str, Value]] = {
    "number": Decimal(1),
    "boolean": True,
    "date": Date(2026, 1, 1),
    "time": Time(0),
    "date and time": DateTime(Date(2026, 1, 1), Time(0)),
    "days and time duration": Days(DAY),
    "years and months duration": Months(1),
}


def sample(type_: Type | None) -> Value:
    """Any value, where none is told from another."""
    return _SAMPLES.get(type_.kind if type_ else "", "…")


def unmentioned(words: set[str]) -> str:
    word = "…"
    while word in words:
        word += "…"
    return word


def _kinds(values: list[Value], type_: Type | None) -> list[type]:
    """The kinds of values a column has: that of its type, else those it mentions."""
    wanted = (
        None if type_ is None else next((kind for kind, (name, _said) in KINDS.items() if name == type_.kind), None)
    )
    seen = dict.fromkeys(type(value) for value in values if value is not None)
    if wanted in (*_COMPARED, str, bool):
        return [wanted] if wanted is bool or wanted in seen else []
    if type_ is not None and type_.kind not in ("Any", "Null"):
        raise Unweighable
    return list(seen)


def _along(values: list[Value]) -> list[Value]:
    """The values themselves, one between each two, one before the first and one after the last."""
    if any(order(value, values[0]) is None for value in values):
        raise Unweighable  # moments with a zone and moments without one
    ordered: list[Value] = []
    for value in sorted(values, key=cmp_to_key(lambda one, other: order(one, other) or 0)):
        if not ordered or equal(ordered[-1], value) is not True:
            ordered.append(value)
    found = [*_beyond(ordered[0], -1), ordered[0]]
    for before, after in pairwise(ordered):
        found += [*_between(before, after), after]
    return [*found, *_beyond(ordered[-1], 1)]


def _between(before: Value, after: Value) -> Iterator[Value]:
    if isinstance(before, Decimal):
        yield _number_between(before, after)
    elif isinstance(before, Date):
        if after.ordinal - before.ordinal > 1:
            yield date_of(before.ordinal + 1)
    elif isinstance(before, Months):
        if after.months - before.months > 1:
            yield Months(before.months + 1)
    else:
        yield from _moment_between(before, after)


def _number_between(before: Decimal, after: Decimal) -> Decimal:
    """A whole one, or one with few decimals."""
    for places in range(7):
        step = Decimal(1).scaleb(-places)
        near = (before / step).to_integral_value("ROUND_FLOOR") * step + step
        if before < near < after:
            return near
    return (before + after) / 2


def _moment_between(before: Value, after: Value) -> Iterator[Value]:
    distance = after.nanos - before.nanos if isinstance(before, Days) else arithmetic.subtract(after, before).nanos
    step = next((step for step in (DAY, HOUR, MINUTE, SECOND) if distance > step), None)
    if step is None:
        raise Unweighable  # what lies within a second is told apart by nobody
    yield Days(before.nanos + step) if isinstance(before, Days) else arithmetic.add(before, Days(step))


_STEPS: Final[dict[type, Callable[[Value, int], Value]]] = {
    Decimal: lambda value, way: (value + way).to_integral_value("ROUND_FLOOR" if way < 0 else "ROUND_CEILING"),
    Date: lambda value, way: date_of(value.ordinal + way),
    DateTime: lambda value, way: arithmetic.add(value, Days(way * DAY)),
    Days: lambda value, way: Days(value.nanos + way * DAY),
    Months: lambda value, way: Months(value.months + way),
}


def _beyond(value: Value, way: int) -> Iterator[Value]:
    """Below the least or above the greatest."""
    if isinstance(value, Time):
        yield from _within_the_day(value, way)
        return
    try:
        yield _STEPS[type(value)](value, way)
    except (Fault, Stopped):
        return


def _within_the_day(value: Time, way: int) -> Iterator[Value]:
    if isinstance(value.zone, str) or abs(value.zone or 0) > LARGEST_OFFSET:
        raise Unweighable
    end = Time(0 if way < 0 else DAY - 1, value.zone)
    if order(end, value) not in (0, None):
        yield end


def fits(value: Value, type_: Type | None) -> bool:
    """Whether the column may have the value at all."""
    return type_ is None or value is None or is_of(value, type_)
