"""How good forecasts were: by what was said and what came. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from engine.base.frozen import frozen

BANDS = 10


def mean_error(said: Sequence[float], came: Sequence[float]) -> float:
    """By how much they missed, on average."""
    return fmean(abs(a - b) for a, b in zip(said, came, strict=True))


def coverage(low: Sequence[float], high: Sequence[float], came: Sequence[float]) -> float:
    """How many came within their range."""
    return fmean(a <= c <= b for a, b, c in zip(low, high, came, strict=True))


def separation(said: Sequence[float], came: Sequence[bool]) -> float | None:
    """How often of two, one of which came true, it was said to be the likelier (AUC); a tie counts half."""
    ordered = sorted(zip(said, came, strict=True))
    hits = sum(came)
    if not 0 < hits < len(ordered):
        return None
    ranks, place = 0.0, 0
    while place < len(ordered):
        behind = place
        while behind < len(ordered) and ordered[behind][0] == ordered[place][0]:
            behind += 1
        ranks += (place + behind + 1) / 2 * sum(true for _, true in ordered[place:behind])
        place = behind
    return (ranks - hits * (hits + 1) / 2) / (hits * (len(ordered) - hits))


@frozen
class Band:
    """All that were said to be about as likely."""

    low: float
    high: float
    count: int
    said: float
    came: float


def bands(said: Sequence[float], came: Sequence[bool], number: int = BANDS) -> Iterator[Band]:
    """Of equal width; those without any are left out."""
    for place in range(number):
        low, high = place / number, (place + 1) / number
        inside = [
            (chance, true)
            for chance, true in zip(said, came, strict=True)
            if low <= chance < high or (chance == 1.0 and place == number - 1)
        ]
        if inside:
            yield Band(low, high, len(inside), fmean(one for one, _ in inside), fmean(true for _, true in inside))


def calibration_error(said: Sequence[float], came: Sequence[bool]) -> float:
    """By how much the chances missed what came, on average over ten bands (ECE)."""
    return sum(one.count / len(said) * abs(one.said - one.came) for one in bands(said, came))


def recall_at_top(said: Sequence[float], came: Sequence[bool], share: float = 0.1) -> float | None:
    """How many of those that came true were among the likeliest tenth."""
    hits = sum(came)
    if not hits:
        return None
    first = sorted(range(len(said)), key=lambda place: -said[place])[: int(len(said) * share)]
    return sum(came[place] for place in first) / hits


def brier(said: Sequence[float], came: Sequence[bool]) -> float:
    """The mean square of what was missed."""
    return fmean((a - b) ** 2 for a, b in zip(said, came, strict=True))
