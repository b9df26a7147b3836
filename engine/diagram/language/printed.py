"""A tree of the grammar as FEEL again: one way to write each thing, whatever dialect it was written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lark import Token, Tree

from engine.diagram.language.expressions import bare
from engine.diagram.language.grammar import tree

_CLOSE: Final = frozenset(
    ["name", "member", "call", "filtered", "bracketed", "number", "string", "moment", "true", "false", "null", "hole",
     "list", "empty_list", "context", "empty_context", "not_all", "negated", "emptiness"]
)  # fmt: skip
"""What binds at least as closely as a sign before it."""
_ESCAPED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def as_feel(source: str, known: frozenset[str] = frozenset()) -> str:
    """The same expression in plain FEEL. Raises Unreadable."""
    return written(tree(bare(source), "expression", known))


def written(part: Any) -> str:
    if isinstance(part, Token):
        return _token(part)
    return _FORMS.get(str(part.data), _one_after_another)(list(part.children))


def _token(token: Token) -> str:
    if token.type in ("STRING", "MOMENT"):
        return f'{"@" if token.type == "MOMENT" else ""}"{str(token.value).translate(_ESCAPED)}"'
    if token.type == "FUNCTION":
        formals = ", ".join(name if type_ is None else f"{name}: {type_}" for name, type_ in token.value)
        return f"function({formals})"
    return str(token.value)


Parts = list[Any]


def _one_after_another(parts: Parts) -> str:
    return "".join(map(written, parts))


def _separated(by: str) -> Callable[[Parts], str]:
    return lambda parts: by.join(map(written, parts))


def _enclosed(parts: Parts) -> str:
    """A bracket, what it holds, a bracket; a word may stand before it."""
    first = next(place for place, one in enumerate(parts) if isinstance(one, Token) and one.type in ("LPAR", "LSQUARE"))
    return (
        f"{_one_after_another(parts[: first + 1])}{', '.join(map(written, parts[first + 1 : -1]))}{written(parts[-1])}"
    )


def _range(parts: Parts) -> str:
    opening, start, end, closing = map(written, parts)
    return f"{opening}{start}..{end}{closing}"


def _negated(parts: Parts) -> str:
    (part,) = parts
    close = isinstance(part, Tree) and str(part.data) in _CLOSE
    return f"!{written(part)}" if close else f"not {written(part)}"


def _pairs(parts: Parts) -> str:
    keys = (str(key.value) if key.type == "KEY" else _token(key) for key in parts[::2])
    return ", ".join(f"{key}: {written(value)}" for key, value in zip(keys, parts[1::2], strict=True))


def _turn(parts: Parts) -> str:
    name, *ends = map(written, parts)
    return f"{name} in {'..'.join(ends)}"


def _loop(parts: Parts) -> str:
    *turns, body = map(written, parts)
    return f"for {', '.join(turns)} return {body}"


def _quantified(parts: Parts) -> str:
    word, *turns, body = map(written, parts)
    return f"{word} {', '.join(turns)} satisfies {body}"


def _between(parts: Parts) -> str:
    value, start, end = map(written, parts)
    return f"{value} between {start} and {end}"


def _conditional(parts: Parts) -> str:
    asked, one, other = map(written, parts)
    return f"if {asked} then {one} else {other}"


def _minus(parts: Parts) -> str:
    return f"-{written(parts[1])}"


_FORMS: Final[Mapping[str, Callable[[Parts], str]]] = {
    "tests": _separated(", "),
    "unary_test": _separated(" "),
    "any_of": _separated(" or "),
    "all_of": _separated(" and "),
    "negated": _negated,
    "emptiness": lambda parts: f"empty {written(parts[0])}",
    "compared": _separated(" "),
    "between": _between,
    "within": _separated(" in "),
    "instance": _separated(" instance of "),
    "calculated": _separated(" "),
    "minus": _minus,
    "member": _separated("."),
    "call": _enclosed,
    "filtered": _enclosed,
    "positional": _separated(", "),
    "named": _pairs,
    "bracketed": _enclosed,
    "choice": _enclosed,
    "list": _enclosed,
    "not_all": _enclosed,
    "range": _range,
    "empty_context": lambda _parts: "{}",
    "context": lambda parts: f"{{{_pairs(parts)}}}",
    "conditional": _conditional,
    "turn": _turn,
    "loop": _loop,
    "quantified": _quantified,
    "function": _separated(" "),
}
