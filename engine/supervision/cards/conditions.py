"""The condition of a rule: a part of FEEL in which facts are compared, so that it can be said for certain whether it can hold. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.language import CannotEvaluate, Expression, NotAnExpression, evaluate, expression
from engine.diagram.language.reasons import Unreadable
from engine.supervision.cards.facts import FACTS, FactKind, Subject, Value, as_context, facts_of


class ConditionMissing(Refusal):
    """Write when the rule fires, as step.working_days_left <= 2."""

    zh = "请填写触发条件，例如 step.working_days_left <= 2。"


class FactUnknown(Refusal):
    """There is no fact “{fact}” here. {near}"""

    zh = "此处没有事实“{fact}”。{near}"


class KindsDiffer(Refusal):
    """“{part}” cannot be asked: {left} is compared with {right}. Compare like with like."""

    zh = "“{part}”无法判断：{left}与{right}不能比较。请比较同类的值。"


class NotATruth(Refusal):
    """“{part}” is {kind}, and a condition must be true or false. Compare it with something."""

    zh = "“{part}”是{kind}，而条件必须为真或假。请将其与某值比较。"


class NotForConditions(Refusal):
    """“{part}” cannot stand in a rule. Use facts, numbers, texts, comparisons, and, or, not, + and −."""

    zh = "规则中不能使用“{part}”。请使用事实、数字、文本、比较、and、or、not、加减。"


KINDS: Final[Mapping[FactKind, Text]] = {
    "number": Text("a number", "数字"),
    "truth": Text("true or false", "真或假"),
    "text": Text("a text", "文本"),
}
_ONE_OF: Final = Text("Perhaps you mean {names}.", "您是否想写 {names}？")
_SEE_LIST: Final = Text("Choose one from the list of facts.", "请从事实列表中选择。")
_ORDERS: Final = frozenset({"<", "<=", ">", ">="})


@frozen
class Condition:
    """`constants`: what each fact is compared with. `plain`: every comparison is of one fact with a constant."""

    source: str
    about: Subject
    facts: frozenset[str]
    constants: Mapping[str, frozenset[Decimal | str]]
    plain: bool
    expression: Expression

    def holds(self, values: Mapping[str, Value]) -> bool:
        """False where a fact that it asks for has no value."""
        if any(values.get(name) is None for name in self.facts):
            return False
        try:
            return evaluate(self.expression, as_context({name: values[name] for name in self.facts})) is True
        except CannotEvaluate:
            return False


@lru_cache(1024)
def condition(source: str, about: Subject) -> Condition:
    """Raises ConditionMissing, FactUnknown, KindsDiffer, NotATruth, NotForConditions, NotAnExpression."""
    written = source.strip()
    if not written:
        raise ConditionMissing()
    read = expression(written)
    from engine.diagram.language.expressions import bare  # noqa: PLC0415 -- with the grammar, which is large
    from engine.diagram.language.grammar import tree  # noqa: PLC0415 -- as above

    try:
        root = tree(bare(written))
    except Unreadable as error:
        raise NotAnExpression(source=written, position=error.position + 1, why=error.why) from error
    walk = _Walk(written, about)
    walk.must_be_truth(root)
    constants = {name: frozenset(found) for name, found in walk.constants.items()}
    return Condition(written, about, frozenset(constants), constants, walk.plain, read)


@dataclass(slots=True)
class _Walk:
    """Goes through what is written, from the outside in."""

    source: str
    about: Subject
    constants: dict[str, set[Decimal | str]] = field(default_factory=dict)
    plain: bool = True

    def must_be_truth(self, part: Any) -> None:
        kind = self.kind(part)
        if kind != "truth":
            raise NotATruth(part=_words(part), kind=KINDS[kind])

    def kind(self, part: Any) -> FactKind:
        seen = _KIND_OF.get(_rule(part))
        if seen is None:
            raise NotForConditions(part=_words(part))
        return seen(self, part)

    def number(self, _part: Any) -> FactKind:
        return "number"

    def string(self, _part: Any) -> FactKind:
        return "text"

    def truth(self, _part: Any) -> FactKind:
        return "truth"

    def name(self, part: Any) -> FactKind:
        raise self._unknown(str(part.children[0].value))

    def member(self, part: Any) -> FactKind:
        name = _fact(part)
        known = {one.name: one for one in facts_of(self.about)}
        if name is None or name not in known:
            raise self._unknown(name or _words(part))
        self.constants.setdefault(name, set())
        return known[name].kind

    def _unknown(self, name: str) -> FactUnknown:
        close = get_close_matches(name, [one.name for one in facts_of(self.about)], n=3, cutoff=0.5)
        names = ", ".join(close)
        near = Text(_ONE_OF.say("en", names=names), _ONE_OF.say("zh", names=names)) if close else _SEE_LIST
        return FactUnknown(fact=name, near=near)

    def bracketed(self, part: Any) -> FactKind:
        (inner,) = _parts(part)
        return self.kind(inner)

    def logic(self, part: Any) -> FactKind:
        for one in _parts(part):
            self.must_be_truth(one)
        return "truth"

    def minus(self, part: Any) -> FactKind:
        (inner,) = _parts(part)
        return self._must_be_number(part, inner)

    def calculated(self, part: Any) -> FactKind:
        signs = {one.type for one in part.children if not hasattr(one, "data")}
        if signs - {"PLUS", "MINUS", "TIMES"}:
            raise NotForConditions(part=_words(part))
        for one in _parts(part):
            self._must_be_number(part, one)
        return "number"

    def _must_be_number(self, whole: Any, part: Any) -> FactKind:
        kind = self.kind(part)
        if kind != "number":
            raise KindsDiffer(part=_words(whole), left=KINDS["number"], right=KINDS[kind])
        return "number"

    def compared(self, part: Any) -> FactKind:
        left, right = _parts(part)
        sign = next(str(one.value) for one in part.children if not hasattr(one, "data"))
        self._like(part, left, right, ordered=sign in _ORDERS)
        return "truth"

    def between(self, part: Any) -> FactKind:
        value, low, high = _parts(part)
        self._like(part, value, low, ordered=True)
        self._like(part, value, high, ordered=True)
        return "truth"

    def within(self, part: Any) -> FactKind:
        value, *tests = _parts(part)
        for one in _flat(tests):
            rule = _rule(one)
            ends = _parts(one) if rule in ("range", "unary_test") else [one]
            for end in ends:
                self._like(part, value, end, ordered=rule in ("range", "unary_test"))
        return "truth"

    def _like(self, whole: Any, left: Any, right: Any, *, ordered: bool) -> None:
        one, other = self.kind(left), self.kind(right)
        if one != other or (ordered and one != "number"):
            raise KindsDiffer(part=_words(whole), left=KINDS[one], right=KINDS[other if one != other else "number"])
        self._note(left, right)

    def _note(self, left: Any, right: Any) -> None:
        """What the facts of the one side are compared with on the other."""
        facts = [*_facts_in(left), *_facts_in(right)]
        found = [*_constants_in(left), *_constants_in(right)]
        for name in facts:
            self.constants[name].update(
                value for value in found if isinstance(value, Decimal) == (FACTS[name].kind == "number")
            )
        simple = (_fact(_inner(left)), _fact(_inner(right)))
        if len(facts) > 1 or (facts and not any(simple)):
            self.plain = False


_KIND_OF: Final[Mapping[str, Callable[[_Walk, Any], FactKind]]] = {
    "number": _Walk.number, "string": _Walk.string, "true": _Walk.truth, "false": _Walk.truth, "name": _Walk.name,
    "member": _Walk.member, "bracketed": _Walk.bracketed, "any_of": _Walk.logic, "all_of": _Walk.logic,
    "negated": _Walk.logic, "not_all": _Walk.logic, "minus": _Walk.minus, "calculated": _Walk.calculated,
    "compared": _Walk.compared, "between": _Walk.between, "within": _Walk.within,
}  # fmt: skip


def _rule(part: Any) -> str:
    return str(part.data) if hasattr(part, "data") else ""


def _parts(part: Any) -> list[Any]:
    return [one for one in part.children if hasattr(one, "data")]


def _inner(part: Any) -> Any:
    while _rule(part) == "bracketed" and len(_parts(part)) == 1:
        part = _parts(part)[0]
    return part


def _fact(part: Any) -> str | None:
    """`step.late`, where it is a member of a name."""
    if _rule(part) != "member":
        return None
    inner, last = part.children[0], part.children[-1]
    return f"{inner.children[0].value}.{last.value}" if _rule(inner) == "name" else None


def _flat(tests: list[Any]) -> Iterator[Any]:
    for one in tests:
        if _rule(one) in ("list", "choice", "bracketed"):
            yield from _flat(_parts(one))
        else:
            yield one


def _subtrees(part: Any) -> Iterator[Any]:
    yield part
    for one in _parts(part):
        yield from _subtrees(one)


def _facts_in(part: Any) -> list[str]:
    return [name for one in _subtrees(part) if (name := _fact(one)) is not None]


def _constants_in(part: Any) -> Iterator[Decimal | str]:
    """Numbers with either sign: the facts they are compared with are few, and one too many costs nothing."""
    for one in _subtrees(part):
        if _rule(one) == "number":
            value = Decimal(str(one.children[0].value))
            yield value
            yield -value
        elif _rule(one) == "string":
            yield str(one.children[0].value)


def _words(part: Any) -> str:
    """As it was written, near enough to be found again."""
    fact = _fact(part)
    if fact is not None:
        return fact
    tokens: list[str] = []
    for one in part.children if hasattr(part, "children") else []:
        tokens.append(_words(one) if hasattr(one, "data") else str(one.value))
    return " ".join(tokens) or _rule(part)
