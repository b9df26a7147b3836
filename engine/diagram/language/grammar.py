"""The grammar of FEEL, read from left to right with one token of foresight (LALR)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from lark import Lark, Token, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError
from lark.lexer import Lexer

from engine.diagram.language import limits, reasons
from engine.diagram.language.build import Build
from engine.diagram.language.lexer import Reading
from engine.diagram.language.nodes import Node
from engine.diagram.language.reasons import Unreadable

GRAMMAR: Final = """
tests: test (_COMMA test)*
?test: expression | unary_test
unary_test: COMPARE sum

?expression: either | either _THEN_IF expression _COLON expression -> conditional
?either: both | both (_OR both)+ -> any_of
?both: negation | negation (_AND negation)+ -> all_of
?negation: comparison | _NOT negation -> negated
?comparison: sum
    | comparison COMPARE sum -> compared
    | comparison _BETWEEN sum _AND sum -> between
    | comparison _IN tested -> within
    | comparison _INSTANCE TYPE -> instance
?tested: sum | unary_test
?sum: product | product ((PLUS | MINUS) product)+ -> calculated
?product: power | power ((TIMES | DIVIDE | REST) power)+ -> calculated
?power: unary | unary (POWER unary)+ -> calculated
?unary: postfix | MINUS unary -> minus | _BANG unary -> negated | _EMPTY unary -> emptiness
?postfix: primary
    | postfix _DOT NAME -> member
    | postfix LSQUARE expression RSQUARE -> filtered
    | postfix LPAR RPAR -> call
    | postfix LPAR positional RPAR -> call
    | postfix LPAR named RPAR -> call
positional: expression (_COMMA expression)*
named: _named (_COMMA _named)*
_named: KEY _COLON expression
?primary: NUMBER -> number
    | STRING -> string
    | MOMENT -> moment
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | NAME -> name
    | HOLE -> hole
    | LPAR expression RPAR -> bracketed
    | LPAR unary_test RPAR -> bracketed
    | LPAR test (_COMMA test)+ RPAR -> choice
    | LSQUARE RSQUARE -> empty_list
    | LSQUARE test (_COMMA test)* RSQUARE -> list
    | (LPAR | LSQUARE | RANGE_STARTS) expression _DOTS expression (RPAR | RSQUARE | RANGE_ENDS) -> range
    | _LBRACE _RBRACE -> empty_context
    | _LBRACE _entry (_COMMA _entry)* _RBRACE -> context
    | NOT_ALL LPAR test (_COMMA test)* RPAR -> not_all
    | _IF expression _THEN expression _ELSE expression -> conditional
    | _FOR turn (_COMMA turn)* _RETURN expression -> loop
    | (SOME | EVERY) turn (_COMMA turn)* _SATISFIES expression -> quantified
    | FUNCTION expression -> function
_entry: (KEY | STRING) _COLON expression
turn: BOUND _IN expression
    | BOUND _IN expression _DOTS expression

%declare _OR _AND _NOT _BETWEEN _IN _INSTANCE _BANG _DOT _COMMA _COLON _DOTS _LBRACE _RBRACE
%declare _IF _THEN _ELSE _FOR _RETURN _SATISFIES SOME EVERY FUNCTION TYPE KEY BOUND NOT_ALL
%declare COMPARE PLUS MINUS TIMES DIVIDE POWER LPAR RPAR LSQUARE RSQUARE RANGE_STARTS RANGE_ENDS
%declare _THEN_IF _EMPTY REST
%declare NUMBER STRING MOMENT TRUE FALSE NULL NAME HOLE
"""


class _Read(Lexer):
    """Hands on what Reading has made of the source."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, tokens: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(tokens)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Read, start=["expression", "tests"], transformer=Build())


@cache
def _tree_parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Read, start=["expression", "tests"])


def parsed(source: str, start: str, known: frozenset[str]) -> Node:
    """Raises Unreadable."""
    node: Node = _read(_parser(), source, start, known)
    if start == "expression" and node.kind == "choice":
        raise Unreadable(0, reasons.TESTS_ELSEWHERE)
    return node


def tree(source: str, start: str = "expression", known: frozenset[str] = frozenset()) -> Any:
    """What is written as a tree of the grammar's rules, or the one token it is: to be looked at, not evaluated."""
    return _read(_tree_parser(), source, start, known)


def _read(parser: Lark, source: str, start: str, known: frozenset[str]) -> Any:
    if len(source) > limits.SOURCE:
        raise Unreadable(limits.SOURCE, reasons.TOO_LONG, most=limits.SOURCE)
    tokens = Reading(source, known).read()
    if not tokens:
        raise Unreadable(0, reasons.EMPTY)
    try:
        return parser.parse(tokens, start=start)
    except UnexpectedToken as error:
        raise _unexpected(error.token, source) from error
    except UnexpectedInput as error:
        raise Unreadable(len(source), reasons.ENDS_EARLY) from error
    except VisitError as error:
        if isinstance(error.orig_exc, Unreadable):
            raise error.orig_exc from error
        raise


def _unexpected(token: Token, source: str) -> Unreadable:
    if token.type == "$END":
        return Unreadable(len(source), reasons.ENDS_EARLY)
    start = token.start_pos or 0
    word = source[start:].split(maxsplit=1)[0] if source[start:].strip() else str(token.value)
    return Unreadable(start, reasons.UNEXPECTED, found=word[:20])
