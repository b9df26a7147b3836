"""How the functions of the language take their arguments: by place or by name, checked against what they declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.language import reasons
from engine.diagram.language.moments import Date, DateTime, Days, Months, Time
from engine.diagram.language.reasons import Fault
from engine.diagram.language.running import spend
from engine.diagram.language.values import Function, Range, Value, kind

WORDS: Final[Mapping[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "moment": DateTime,
    "days": Days,
    "months": Months,
    "range": Range,
    "function": Function,
    "list": list,
    "context": dict,
    "null": type(None),
}


@frozen
class Parameter:
    """`kinds` empty: anything goes. `many`: all arguments from here on."""

    name: str
    kinds: tuple[type, ...]
    optional: bool
    many: bool


@frozen
class Overload:
    parameters: tuple[Parameter, ...]
    run: Callable[..., Value]

    def places(self, arguments: Mapping[str, Value]) -> tuple[Value, ...] | None:
        """The named arguments in their order; None where the names are others."""
        names = [parameter.name for parameter in self.parameters]
        needed = {parameter.name for parameter in self.parameters if not parameter.optional}
        if not needed <= set(arguments) <= set(names):
            return None
        last = max((place for place, name in enumerate(names) if name in arguments), default=-1)
        return tuple(arguments.get(name) for name in names[: last + 1])

    def fitting(self, arguments: tuple[Value, ...]) -> list[Value] | None:
        """The arguments as the parameters want them."""
        last = self.parameters[-1] if self.parameters else None
        needed = sum(not (parameter.optional or parameter.many) for parameter in self.parameters)
        if len(arguments) < needed or (len(arguments) > len(self.parameters) and not (last and last.many)):
            return None
        fitted: list[Value] = []
        for place, argument in enumerate(arguments):
            parameter = self.parameters[min(place, len(self.parameters) - 1)]
            fits, value = _fit(argument, parameter)
            if not fits:
                return None
            fitted.append(value)
        return fitted


def _fit(argument: Value, parameter: Parameter) -> tuple[bool, Value]:
    kinds = parameter.kinds
    if not kinds or (argument is None and parameter.optional):
        return True, argument
    if isinstance(argument, kinds) and (type(argument) is not bool or bool in kinds):
        return True, argument
    if kinds == (list,) and argument is not None:
        return True, [argument]
    if isinstance(argument, list) and len(argument) == 1 and isinstance(argument[0], kinds):
        return True, argument[0]
    return False, None


@dataclass(frozen=True, slots=True, eq=False)
class Builtin(Function):
    """A function of the language. The first overload that fits is applied."""

    overloads: tuple[Overload, ...] = ()

    def call(self, arguments: tuple[Value, ...]) -> Value:
        for argument in arguments:
            if isinstance(argument, list | dict):
                spend(1 + len(argument) // 8)
            elif isinstance(argument, str):
                spend(1 + len(argument) // 500)
        for overload in self.overloads:
            fitted = overload.fitting(arguments)
            if fitted is not None:
                return overload.run(*fitted)
        wrong = next((argument for argument in arguments if argument is None or len(arguments) == 1), None)
        if arguments and len(arguments) in {len(overload.parameters) for overload in self.overloads}:
            raise Fault(reasons.WRONG_ARGUMENT, name=self.name, kind=kind(wrong))
        raise Fault(reasons.WRONG_ARGUMENTS, name=self.name)

    def call_by_name(self, arguments: Mapping[str, Value]) -> Value:
        for overload in self.overloads:
            placed = overload.places(arguments)
            if placed is not None and overload.fitting(placed) is not None:
                return self.call(placed)
        raise Fault(reasons.WRONG_ARGUMENTS, name=self.name)


def parameters(written: str) -> tuple[Parameter, ...]:
    """`text:string, length?:number, rest*` as parameters."""
    return tuple(_parameter(part) for part in written.split(", ")) if written else ()


def _parameter(written: str) -> Parameter:
    name, _colon, kinds = written.partition(":")
    return Parameter(
        name=name.rstrip("?*"),
        kinds=tuple(WORDS[word] for word in kinds.split("|")) if kinds else (),
        optional=name.endswith("?"),
        many=name.endswith("*"),
    )


class Shelf:
    """The functions of one module, in the order they are declared."""

    def __init__(self) -> None:
        self.overloads: dict[str, list[Overload]] = {}

    def holds(self, name: str, written: str = "") -> Callable[[Callable[..., Value]], Callable[..., Value]]:
        """Declares one way to call the function `name`."""

        def keep(run: Callable[..., Value]) -> Callable[..., Value]:
            self.overloads.setdefault(name, []).append(Overload(parameters(written), run))
            return run

        return keep

    def functions(self) -> dict[str, Builtin]:
        return {
            name: Builtin(
                name=name,
                parameters=tuple(parameter.name for parameter in overloads[0].parameters),
                run=overloads[0].run,
                overloads=tuple(overloads),
            )
            for name, overloads in self.overloads.items()
        }


def applied(chosen: Function, arguments: tuple[Value, ...]) -> Value:
    if isinstance(chosen, Builtin):
        return chosen.call(arguments)
    if len(arguments) != len(chosen.parameters):
        raise Fault(reasons.WRONG_ARGUMENTS, name=chosen.name)
    return chosen.run(*arguments)


def applied_by_name(chosen: Function, arguments: Mapping[str, Value]) -> Value:
    if isinstance(chosen, Builtin):
        return chosen.call_by_name(arguments)
    if set(arguments) != set(chosen.parameters):
        raise Fault(reasons.WRONG_ARGUMENTS, name=chosen.name)
    return chosen.run(*(arguments[name] for name in chosen.parameters))
