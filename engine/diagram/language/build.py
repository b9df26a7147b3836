"""Closures out of what the grammar finds, from the innermost outwards."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import Any, Final

from lark import Token, Transformer, v_args

from engine.diagram.language import arithmetic, literals, reasons
from engine.diagram.language.calls import called
from engine.diagram.language.loops import Turn, filtered, functional, looping, quantifying
from engine.diagram.language.methods import emptiness, method
from engine.diagram.language.nodes import Node, Scope, free, node
from engine.diagram.language.reading import constant, hole, member, variable
from engine.diagram.language.reasons import Fault, Unreadable
from engine.diagram.language.testing import choice, compared_by, none_of, ranging, truth, unary
from engine.diagram.language.types import is_of_kind, resolved
from engine.diagram.language.values import NUMBERS, Value, kind

OPERATIONS: Final = {
    "PLUS": arithmetic.add,
    "MINUS": arithmetic.subtract,
    "TIMES": arithmetic.multiply,
    "DIVIDE": arithmetic.divide,
    "POWER": arithmetic.power,
    "REST": arithmetic.rest,
}
LONGEST_NUMBER: Final = 200


def single(part: Node) -> Node:
    """A list of tests is no value."""
    if part.kind == "choice":
        raise Unreadable(0, reasons.TESTS_ELSEWHERE)
    return part


@v_args(inline=True)
class Build(Transformer[Token, Node]):
    """One method for each rule of the grammar."""

    # values

    def number(self, token: Token) -> Node:
        if len(token.value) > LONGEST_NUMBER:
            raise Unreadable(token.start_pos or 0, reasons.NUMBER_TOO_LONG, found=token.value)
        try:
            return constant(NUMBERS.create_decimal(token.value))
        except DecimalException as error:
            raise Unreadable(token.start_pos or 0, reasons.NUMBER_TOO_LONG, found=token.value) from error

    def string(self, token: Token) -> Node:
        return constant(token.value)

    def moment(self, token: Token) -> Node:
        found = literals.moment(token.value)
        if found is None:
            raise Unreadable(token.start_pos or 0, reasons.BAD_LITERAL, found=token.value)
        return constant(found)

    def true(self, _token: Token) -> Node:
        return constant(True)

    def false(self, _token: Token) -> Node:
        return constant(False)

    def null(self, _token: Token) -> Node:
        return constant(None)

    def name(self, token: Token) -> Node:
        return variable(str(token.value))

    def hole(self, _token: Token) -> Node:
        return hole()

    def bracketed(self, _left: Token, inner: Node, _right: Token) -> Node:
        return node(inner.run, (inner,), kind="" if inner.kind in ("name", "member") else inner.kind, keep=inner.parts)

    def empty_list(self, _left: Token, _right: Token) -> Node:
        return Node(lambda _scope: [])

    def list(self, _left: Token, *entries: Any) -> Node:
        runs = tuple(single(entry).run for entry in entries[:-1])
        return node(lambda scope: [run(scope) for run in runs], entries[:-1])

    def empty_context(self) -> Node:
        return Node(lambda _scope: {})

    def context(self, *parts: Any) -> Node:
        keys = [str(key.value) for key in parts[::2]]
        entries = [single(entry) for entry in parts[1::2]]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise Unreadable(parts[0].start_pos or 0, reasons.DOUBLE_NAME, name=twice)
        rows = tuple(zip(keys, (entry.run for entry in entries), strict=True))

        def run(scope: Scope) -> Value:
            made: dict[str, Value] = {}
            inner = scope.within(made)
            for key, entry in rows:
                made[key] = entry(inner)
            return dict(made)

        return node(run, [free((entry,), keys[:place])[0] for place, entry in enumerate(entries)])

    def range(self, opening: Token, start: Node, end: Node, closing: Token) -> Node:
        return ranging(single(start), single(end), opening.type == "LSQUARE", closing.type == "RSQUARE")

    # operators

    def any_of(self, *parts: Node) -> Node:
        return self._joined(True, parts)

    def all_of(self, *parts: Node) -> Node:
        return self._joined(False, parts)

    def _joined(self, decides: bool, parts: tuple[Node, ...]) -> Node:
        runs = tuple(single(part).run for part in parts)

        def run(scope: Scope) -> Value:
            found: bool | None = not decides
            for part in runs:
                value = truth(scope, part(scope))
                if value is decides:
                    return decides
                if value is None:
                    found = None
            return found

        return node(run, parts)

    def negated(self, part: Node) -> Node:
        inner = single(part).run

        def run(scope: Scope) -> Value:
            value = truth(scope, inner(scope))
            return None if value is None else not value

        return node(run, (part,))

    def not_all(self, _not: Token, _left: Token, *parts: Any) -> Node:
        tests = parts[:-1]
        plain = len(tests) == 1 and tests[0].kind not in ("unary", "choice")
        made = self.negated(tests[0]) if plain else none_of(tests)
        return node(made.run, tests, kind="not_all", keep=tests)

    def compared(self, left: Node, sign: Token, right: Node) -> Node:
        return node(compared_by(sign.value, single(left).run, single(right).run), (left, right))

    def between(self, value: Node, start: Node, end: Node) -> Node:
        after = compared_by(">=", value.run, start.run)
        before = compared_by("<=", value.run, end.run)
        return self._joined(False, (node(after, (value, start)), node(before, (value, end))))

    def within(self, value: Node, tested: Node) -> Node:
        left, test = single(value).run, choice(tested.parts if tested.kind == "choice" else (tested,)).run

        def run(scope: Scope) -> Value:
            return test(scope.within({"?": left(scope)}))

        return node(run, (value, *free((tested,), ["?"])))

    def instance(self, value: Node, type_: Token) -> Node:
        left, wanted = single(value).run, type_.value

        def run(scope: Scope) -> Value:
            found = left(scope)
            known = resolved(wanted, scope.world.types) if scope.world.types else wanted
            return is_of_kind(found, known) and (found is not None or known.kind == "Null")

        return node(run, (value,))

    def calculated(self, first: Node, *rest: Any) -> Node:
        operands = rest[1::2]
        start = single(first).run
        steps = tuple(
            (OPERATIONS[sign.type], single(operand).run) for sign, operand in zip(rest[::2], operands, strict=True)
        )

        def run(scope: Scope) -> Value:
            value = start(scope)
            try:
                for operation, operand in steps:
                    value = operation(value, operand(scope))
            except Fault:
                if scope.world.strict:
                    raise
                return None
            return value

        return node(run, (first, *operands))

    def minus(self, _sign: Token, part: Node) -> Node:
        inner = single(part).run

        def run(scope: Scope) -> Value:
            try:
                return arithmetic.negative(inner(scope))
            except Fault:
                if scope.world.strict:
                    raise
                return None

        if part.kind == "constant" and isinstance(part.parts[0], Decimal):
            return constant(NUMBERS.minus(part.parts[0]))
        return node(run, (part,))

    # paths, calls and loops

    def member(self, value: Node, name: Token) -> Node:
        return member(single(value), str(name.value))

    def filtered(self, value: Node, _left: Token, condition: Node, _right: Token) -> Node:
        return filtered(single(value), single(condition))

    def call(self, callee: Node, *parts: Any) -> Node:
        arguments = parts[1] if len(parts) == 3 else ()
        if callee.kind == "member" and isinstance(arguments, tuple):
            found = method(callee, arguments)
            if found is not None:
                return found
        return called(single(callee), arguments)

    def emptiness(self, part: Node) -> Node:
        return emptiness(single(part))

    def positional(self, *arguments: Node) -> tuple[Node, ...]:
        return tuple(single(argument) for argument in arguments)

    def named(self, *parts: Any) -> dict[str, Node]:
        return {str(key.value): single(value) for key, value in zip(parts[::2], parts[1::2], strict=True)}

    def conditional(self, condition: Node, then: Node, otherwise: Node) -> Node:
        asked, one, other = single(condition).run, single(then).run, single(otherwise).run

        def run(scope: Scope) -> Value:
            found = asked(scope)
            if found is not True and found is not False:
                scope.fault(reasons.NOT_BOOLEAN, kind=kind(found))
            return one(scope) if found is True else other(scope)

        return node(run, (condition, then, otherwise))

    def turn(self, name: Token, start: Node, end: Node | None = None) -> Turn:
        return Turn(str(name.value), single(start), None if end is None else single(end))

    def loop(self, *parts: Any) -> Node:
        return looping(parts[:-1], single(parts[-1]))

    def quantified(self, word: Token, *parts: Any) -> Node:
        return quantifying(word.type == "SOME", parts[:-1], single(parts[-1]))

    def function(self, formals: Token, body: Node) -> Node:
        return functional(formals.value, single(body))

    # tests

    def unary_test(self, sign: Token, value: Node) -> Node:
        return unary(sign.value, single(value))

    def choice(self, _left: Token, *tests: Any) -> Node:
        parts = tests[:-1]
        return node(choice(parts).run, parts, kind="choice", keep=parts)

    def tests(self, *tests: Node) -> Node:
        return node(choice(tests).run, tests, kind="tests", keep=tests)
