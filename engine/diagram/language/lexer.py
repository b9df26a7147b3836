"""The source as a row of tokens. What depends on its surroundings (names of several words, keys, the
brackets of open ranges) is decided here, so that the grammar stays one that is read from left to right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from lark import Token

from engine.diagram.language import limits, names, reasons
from engine.diagram.language.reasons import Unreadable
from engine.diagram.language.strings import unescaped
from engine.diagram.language.types import Type, type_at

KEYWORDS: Final = {
    "and": "_AND",
    "or": "_OR",
    "not": "_NOT",
    "if": "_IF",
    "then": "_THEN",
    "else": "_ELSE",
    "in": "_IN",
    "between": "_BETWEEN",
    "for": "_FOR",
    "return": "_RETURN",
    "some": "SOME",
    "every": "EVERY",
    "satisfies": "_SATISFIES",
    "true": "TRUE",
    "false": "FALSE",
    "null": "NULL",
    "True": "TRUE",  # as Python writes them
    "False": "FALSE",
    "None": "NULL",
}
SPELT: Final = {  # signs as the expression language of Java spells them, where a sign may stand
    "eq": ("COMPARE", "="),
    "ne": ("COMPARE", "!="),
    "lt": ("COMPARE", "<"),
    "le": ("COMPARE", "<="),
    "gt": ("COMPARE", ">"),
    "ge": ("COMPARE", ">="),
    "div": ("DIVIDE", "/"),
    "mod": ("REST", "%"),
}
SIGNS: Final = {
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQUARE",
    "]": "RSQUARE",
    "{": "_LBRACE",
    "}": "_RBRACE",
    ",": "_COMMA",
    ".": "_DOT",
    "..": "_DOTS",
    ":": "_COLON",
    "?": "HOLE",
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "DIVIDE",
    "**": "POWER",
    "%": "REST",
    "&&": "_AND",
    "||": "_OR",
    "!": "_BANG",
}
NARROW: Final = {"“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]", "、": ",", "。": "."}
PHRASES: Final = names.peculiar(
    [
        "time offset",
        "start included",
        "end included",
        "years and months duration",
        "days and time duration",
    ]
)
_OPERANDS: Final = frozenset(
    [
        "NUMBER",
        "STRING",
        "MOMENT",
        "NAME",
        "TRUE",
        "FALSE",
        "NULL",
        "HOLE",
        "RPAR",
        "RSQUARE",
        "RANGE_ENDS",
        "_RBRACE",
        "TYPE",
    ]
)
_TOKEN: Final = re.compile(
    r"""(?P<space>[\s\ufeff\u200b\u180e]+|//[^\n]*|/\*.*?\*/)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<moment>@\s*"(?:[^"\\]|\\.)*")
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<compare>==|!=|<=|>=|<|>|=)
    |(?P<sign>\.\.|\*\*|&&|\|\||[-+*/%()\[\]{},.:?!])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_SPACE: Final = r"[\s\ufeff\u200b\u180e]"
_KEY: Final = re.compile(rf"{_SPACE}*({names.START}[^:,(){{}}\[\]\"]{{0,200}}?){_SPACE}*(?=:)")
_ARGUMENT: Final = re.compile(rf"{_SPACE}*({names.START}[^:,(){{}}\[\]\"?]{{0,200}}?){_SPACE}*(?=:)")
_BOUND: Final = re.compile(rf"{_SPACE}*({names.START}[^:,(){{}}\[\]\"]{{0,200}}?){_SPACE}+(?=in\b)")
_PARAMETER: Final = re.compile(rf"{_SPACE}*({names.START}[^:,(){{}}\[\]\"]{{0,200}}?){_SPACE}*([:,)])")
_COLON: Final = re.compile(rf"{_SPACE}*:")
_NEXT: Final = re.compile(rf"{_SPACE}*([,)])")
_FORMAL: Final = re.compile(rf"function{_SPACE}*\(")
_INSTANCE: Final = re.compile(rf"instance{_SPACE}+of\b")
_EMPTY: Final = re.compile(
    rf"empty(?:{_SPACE}*(?=\()|{_SPACE}+(?!(?:and|or|in|between|then|else|return|satisfies|instance)\b)(?=[^\W\d]|[\"'\[]))"
)
_CALLED: Final = re.compile(rf"{_SPACE}*\(")
_DATE_AND_TIME: Final = re.compile(rf"date{_SPACE}+and{_SPACE}+time{_SPACE}*(?=\()")
_EXTERNAL: Final = re.compile(rf"{_SPACE}*external\b")
_RANGE_ENDS: Final = re.compile(rf"{_SPACE}*(?:$|[)\],}}.=]|!=|(?:and|or|then|else|return|satisfies|in|instance)\b)")

Formals = tuple[tuple[str, Type | None], ...]


class Reading:
    """One source on its way to tokens; `known` are the names that are more than one word."""

    def __init__(self, source: str, known: frozenset[str]) -> None:
        self.source = source
        self.position = 0
        self.tokens: list[Token] = []
        self.open: list[str] = []  # the brackets and loops that are not closed yet
        self.dotted: list[bool] = [False]  # whether a `..` stood at this depth
        self.known = known
        self.pattern = names.pattern(known | PHRASES)

    def read(self) -> list[Token]:
        while self.position < len(self.source):
            if not (self._name() or self._other()):
                raise self._strange()
        return self.tokens

    def _strange(self) -> Unreadable:
        found = self.source[self.position]
        if found in "\"'":
            return Unreadable(self.position, reasons.OPEN_STRING)
        narrow = NARROW.get(found) or unicodedata.normalize("NFKC", found)
        if narrow != found and len(narrow) == 1 and narrow.isascii() and narrow.isprintable():
            return Unreadable(self.position, reasons.FULL_WIDTH, found=found, meant=narrow)
        return Unreadable(self.position, reasons.BAD_CHARACTER, found=found)

    def _put(self, kind: str, value: object, end: int) -> None:
        self.tokens.append(Token(kind, value, start_pos=self.position))
        self.position = end

    @property
    def _last(self) -> str:
        return self.tokens[-1].type if self.tokens else ""

    # names and keywords

    def _name(self) -> bool:
        word = names.WORD.match(self.source, self.position)
        phrase = self.pattern.match(self.source, self.position)
        if phrase and (word is None or phrase.end() > word.end()):
            self._put("NAME", names.normal(phrase[0]), phrase.end())
            return True
        if word is None:
            return False
        if self._last == "_DOT":
            self._put("NAME", word[0], word.end())
            return True
        if word[0] in SPELT and self._last in _OPERANDS:
            self._put(*SPELT[word[0]], word.end())
            return True
        special = _SPECIAL.get(word[0])
        if special is None or not special(self, word.end()):
            self._put(KEYWORDS.get(word[0], "NAME"), word[0], word.end())
        return True

    def _date_and_time(self, end: int) -> bool:
        phrase = _DATE_AND_TIME.match(self.source, self.position)
        if phrase:
            self._put("NAME", "date and time", phrase.end())
        return phrase is not None

    def _not(self, end: int) -> bool:
        called = _CALLED.match(self.source, end)
        if called:
            self._put("NOT_ALL", "not", end)
        return called is not None

    def _empty(self, end: int) -> bool:
        match = _EMPTY.match(self.source, self.position)
        if match is None or self._last in _OPERANDS:
            return False
        self._put("_EMPTY", "empty", match.end())
        return True

    def _instance(self, end: int) -> bool:
        match = _INSTANCE.match(self.source, self.position)
        if match is None:
            return False
        self._put("_INSTANCE", match[0], match.end())
        type_, end = type_at(self.source, self.position)
        self._put("TYPE", type_, end)
        return True

    def _loop(self, end: int) -> bool:
        kind = self.source[self.position : end]
        bound = _BOUND.match(self.source, end)
        if bound is None:
            return False
        self._put(KEYWORDS[kind], kind, end)
        self._enter("loop")
        self._bind(bound)
        return True

    def _body(self, end: int) -> bool:
        if self.open and self.open[-1] == "loop":
            self._leave()
        return False

    def _function(self, end: int) -> bool:
        match = _FORMAL.match(self.source, self.position)
        if match is None:
            return False
        formals, after = self._formals(match.end())
        if _EXTERNAL.match(self.source, after):
            raise Unreadable(after, reasons.EXTERNAL_FUNCTION)
        self._put("FUNCTION", formals, after)
        return True

    def _formals(self, position: int) -> tuple[Formals, int]:
        found: list[tuple[str, Type | None]] = []
        empty = _NEXT.match(self.source, position)
        if empty and empty[1] == ")":
            return (), empty.end()
        while True:
            match = _PARAMETER.match(self.source, position)
            if match is None:
                raise Unreadable(position, reasons.UNEXPECTED, found=self.source[position : position + 20])
            type_, position, mark = None, match.end(), match[2]
            if mark == ":":
                type_, position = type_at(self.source, position)
                following = _NEXT.match(self.source, position)
                if following is None:
                    raise Unreadable(position, reasons.UNEXPECTED, found=self.source[position : position + 20])
                mark, position = following[1], following.end()
            found.append((names.normal(match[1]), type_))
            self._learn(match[1])
            if mark == ")":
                return tuple(found), position

    def _bind(self, match: re.Match[str]) -> None:
        self.position = match.start(1)
        self._put("BOUND", names.normal(match[1]), match.end())
        self._learn(match[1])

    def _learn(self, name: str) -> None:
        if name.strip() and not names.is_plain(name) and names.normal(name) not in self.known:
            self.known |= {names.normal(name)}
            self.pattern = names.pattern(self.known | PHRASES)

    # everything else

    def _other(self) -> bool:
        match = _TOKEN.match(self.source, self.position)
        if match is None:
            return False
        kind, text = match.lastgroup, match[0]
        if kind == "space":
            self.position = match.end()
        elif kind == "number":
            self._put("NUMBER", text, match.end())
        elif kind == "compare":
            self._put("COMPARE", "=" if text == "==" else text, match.end())
        elif kind == "sign":
            self._sign(text, match.end())
        else:
            quoted = text[text.index('"') + 1 if kind == "moment" else 1 : -1]
            written = unescaped(quoted, self.position)
            self._put("MOMENT" if kind == "moment" else "STRING", written, match.end())
            if self.open and self.open[-1] == "{" and _COLON.match(self.source, self.position):
                self._learn(written)
        return True

    def _sign(self, sign: str, end: int) -> None:
        operand_before = self._last in _OPERANDS
        if sign == "]" and not operand_before and self._last != "LSQUARE":
            self._put("RANGE_STARTS", sign, end)
            self._enter("range")
            return
        if sign == "[" and operand_before and self.dotted[-1] and _RANGE_ENDS.match(self.source, end):
            self._put("RANGE_ENDS", sign, end)
            self._leave()
            return
        self._put("_THEN_IF" if sign == "?" and operand_before else SIGNS[sign], sign, end)
        if sign in "([{":
            self._enter(sign)
        elif sign in ")]}":
            self._leave()
        elif sign == "..":
            self.dotted[-1] = True
        if sign in "({,":
            self._after_opening(sign)

    def _after_opening(self, sign: str) -> None:
        inside = self.open[-1] if self.open else ""
        if sign == "," and inside == "loop":
            bound = _BOUND.match(self.source, self.position)
            if bound:
                self._bind(bound)
        elif inside in ("(", "{"):
            key = (_KEY if inside == "{" else _ARGUMENT).match(self.source, self.position)
            if key:
                self.position = key.start(1)
                self._put("KEY", names.normal(key[1]), key.end())
                self._learn(key[1])

    def _enter(self, bracket: str) -> None:
        self.open.append(bracket)
        self.dotted.append(False)
        if len(self.open) > limits.DEPTH:
            raise Unreadable(self.position, reasons.TOO_DEEP, most=limits.DEPTH)

    def _leave(self) -> None:
        if self.open:
            self.open.pop()
            self.dotted.pop()


_SPECIAL: Final[dict[str, Callable[[Reading, int], bool]]] = {
    "date": Reading._date_and_time,
    "not": Reading._not,
    "empty": Reading._empty,
    "instance": Reading._instance,
    "for": Reading._loop,
    "some": Reading._loop,
    "every": Reading._loop,
    "return": Reading._body,
    "satisfies": Reading._body,
    "function": Reading._function,
}
