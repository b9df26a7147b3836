"""Classes that say what is so and are never changed: as `dataclass(frozen=True, slots=True)`, with methods that all of them share.

A method that is compiled for each class keeps half a kB and more, and there are some seven hundred of them; the one that refuses changes kept
its class a second time besides. What is made here is a dataclass to everybody: to `replace`, `fields`, `match` and pickle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, NoReturn, TypeVar, dataclass_transform

Class = TypeVar("Class", bound=type[Any])


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: Class) -> Class:
    own = cls.__dict__
    says, compares = "__repr__" in own, "__eq__" in own
    hashes = own.get("__hash__") is not None or ("__hash__" in own and not compares)
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # else the signature of each is spelt out
    made: Any = dataclass(frozen=True, slots=True, repr=False, eq=False)(cls)
    made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
    if not says:
        made.__repr__ = _said
    if not compares:
        made.__compared__ = _getter([one.name for one in fields(made) if one.compare])
        made.__eq__ = _is_equal
    if not hashes:
        made.__hashed__ = _getter([one.name for one in fields(made) if (one.compare if one.hash is None else one.hash)])
        made.__hash__ = _hashed
    found: Class = made
    return found


def _getter(names: list[str]) -> Callable[[object], Any]:
    """All of them as one tuple; a single one is taken twice, that it is one too."""
    if not names:
        return _nothing
    return attrgetter(*names) if len(names) > 1 else attrgetter(*names, *names)


def _nothing(_of: object) -> tuple[()]:
    return ()


def _is_equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = self.__class__.__compared__
    return compared(self) == compared(other)


def _hashed(self: Any) -> int:
    return hash(self.__class__.__hashed__(self))


@recursive_repr()
def _said(self: Any) -> str:
    told = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{self.__class__.__qualname__}({told})"


def _refuse_to_set(_of: object, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_of: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
