"""A period as rows of sums: every day of it is counted once, no other, and few rows are read for it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.figures.periods import Piece, pieces
from engine.supervision.figures.sums import Grain, first_of

_DAYS = st.integers(date(2023, 11, 1).toordinal(), date(2026, 3, 1).toordinal())


@given(since=_DAYS, length=st.integers(0, 1200), joined=st.booleans())
def test_the_pieces_of_a_period_add_up_to_each_of_its_days_once(since: int, length: int, joined: bool) -> None:
    until = since + length - 1
    found = pieces(since, until, tuple(Grain) if joined else (Grain.DAY, Grain.MONTH))
    counted: Counter[int] = Counter()
    for piece in found:
        for day in _days_in(piece):
            counted[day] += piece.sign
    assert {day: n for day, n in counted.items() if n} == dict.fromkeys(range(since, until + 1), 1)
    single = sum(piece.end - piece.begin + 1 for piece in found if piece.grain is Grain.DAY)
    assert single <= 32


def _days_in(piece: Piece) -> list[int]:
    """Of whole rows: those that begin within it."""
    around = range(piece.begin, piece.end + 367)
    return [day for day in around if piece.begin <= first_of(piece.grain, day) <= piece.end]
