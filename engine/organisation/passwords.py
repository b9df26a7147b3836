"""Passwords: argon2id, and what a guess at one costs."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.base.frozen import frozen


@frozen
class Cost:
    passes: int
    memory: int  # KiB
    lanes: int


OFFICE_COST: Final = Cost(passes=2, memory=32 * 1024, lanes=1)
"""About 50 ms on a modest server: unnoticed by somebody who signs in, dear to somebody who guesses."""

TEST_COST: Final = Cost(passes=1, memory=8, lanes=1)
"""Protects nothing. For test worlds with many accounts."""

_cost = OFFICE_COST


def charge(cost: Cost) -> None:
    """What hashing costs in this process from now on. Hashes made at another cost stay valid and are renewed."""
    global _cost  # noqa: PLW0603 -- one setting for the process, read in every thread
    _cost = cost


def hashed(password: str) -> str:
    return _hasher(_cost).hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Takes as long where there is no password to compare with: how long it took tells nothing."""
    try:
        return _hasher(_cost).verify(kept or _dummy(_cost), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_stale(kept: str) -> bool:
    """Hashed at another cost than today's."""
    return _hasher(_cost).check_needs_rehash(kept)


@lru_cache(maxsize=4)
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)


@lru_cache(maxsize=4)
def _dummy(cost: Cost) -> str:
    return _hasher(cost).hash("nobody's password")
