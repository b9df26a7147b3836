"""What is frozen behaves as a frozen dataclass of the library does, held beside one."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, Final

import pytest

from engine.base.frozen import frozen


@frozen
class Place:
    room: str
    numbers: tuple[int, ...] = ()
    seen: list[str] = field(default_factory=list, compare=False, repr=False)


@frozen
class Seat(Place):
    row: int = 1

    def __repr__(self) -> str:
        return f"row {self.row}"


@frozen
class Single:
    """One field."""

    number: float


@frozen
class Nothing:
    pass


@frozen
class Odd:
    """Equal where both are odd or neither is."""

    number: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd) and other.number % 2 == self.number % 2

    def __hash__(self) -> int:
        return self.number % 2


@frozen
class Unhashed:
    number: int = field(hash=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    room: str
    numbers: tuple[int, ...] = ()
    seen: list[str] = field(default_factory=list, compare=False, repr=False)


_PLACES: Final = [("a",), ("a", (1,)), ("b",), ("a", (1,), ["x"])]


@pytest.mark.parametrize("one", _PLACES)
@pytest.mark.parametrize("other", _PLACES)
def test_what_is_equal_and_hashes_alike_is_as_in_the_library(one: Any, other: Any) -> None:
    assert (Place(*one) == Place(*other)) == (Library(*one) == Library(*other))
    assert (hash(Place(*one)) == hash(Place(*other))) == (hash(Library(*one)) == hash(Library(*other)))
    assert repr(Place(*one)) == repr(Library(*one)).replace("Library", "Place")


def test_only_the_same_class_is_equal() -> None:
    others: list[object] = [Library("a"), Seat("a"), "a"]
    assert all(Place("a") != one for one in others)


def test_nothing_of_it_is_changed() -> None:
    for one in (Place("a"), Seat("a")):
        with pytest.raises(FrozenInstanceError, match="cannot assign to field 'room'"):
            one.room = "b"  # type: ignore[misc]
        with pytest.raises(FrozenInstanceError, match="cannot delete field 'room'"):
            del one.room
        with pytest.raises(FrozenInstanceError):
            one.other = 1  # type: ignore[attr-defined]
        assert one.room == "a"
        assert not hasattr(one, "__dict__")


def test_it_is_a_dataclass_to_everybody() -> None:
    seat = Seat("a", (1, 2), row=3)
    assert is_dataclass(seat)
    assert [one.name for one in fields(seat)] == ["room", "numbers", "seen", "row"]
    assert asdict(seat) == {"room": "a", "numbers": (1, 2), "seen": [], "row": 3}
    assert replace(seat, row=4) == Seat("a", (1, 2), row=4)
    assert seat != replace(seat, row=4)
    match seat:
        case Seat(room, numbers, _, row):
            assert (room, numbers, row) == ("a", (1, 2), 3)
    with pytest.raises(TypeError):
        Seat()  # type: ignore[call-arg]


@pytest.mark.parametrize("one", [Place("a", (1,), ["x"]), Seat("a", row=2), Single(1.5), Nothing()])
def test_it_comes_back_from_a_pickle(one: Any) -> None:
    back = pickle.loads(pickle.dumps(one))
    assert back == one
    assert type(back) is type(one)


def test_what_a_class_says_itself_stands() -> None:
    assert repr(Seat("a", row=2)) == "row 2"
    assert Odd(1) == Odd(3) != Odd(2)
    assert len({Odd(1), Odd(3), Odd(2)}) == 2
    assert hash(Unhashed(1, "a")) == hash(Unhashed(2, "a"))
    assert Unhashed(1, "a") != Unhashed(2, "a")


def test_one_field_and_none() -> None:
    odd = float("nan")
    assert Single(odd) == Single(odd)  # as tuples, which ask first whether it is the same
    assert Single(1.0) != Single(2.0)
    assert hash(Single(1.0)) == hash(Single(1))
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(())
    assert repr(Nothing()) == "Nothing()"


def test_all_of_them_share_their_methods() -> None:
    for name in ("__eq__", "__hash__", "__setattr__", "__delattr__", "__repr__"):
        assert getattr(Place, name) is getattr(Single, name), name
