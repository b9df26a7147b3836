"""Random sequences of moves on the shipped procedures. `make sequences N=10000` plays many more of them."""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.base.database import Database
from tests.conftest import Clock
from tests.processes.sequencing import MOVES, Ground, Step, Walk

PLAYED: Final = int(os.environ.get("OFFICIUM_SEQUENCES", "150"))
BESIDE: Final = max(20, PLAYED // 50)
"""On the other database: it keeps the same rows in the same way, only slower."""


@pytest.mark.timeout(0)
def test_no_sequence_of_moves_leaves_a_case_that_waits_for_nothing_or_cannot_end(
    database: Database, clock: Clock
) -> None:
    played = 0
    with database.writing() as db:
        ground = Ground.laid(db, clock)
        begun = clock.now()

        @settings(
            max_examples=PLAYED if database.is_sqlite else BESIDE,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            which=st.integers(0, 11),
            chance=st.integers(0, 999),
            ahead=st.integers(0, 9),
            steps=st.lists(
                st.tuples(st.integers(0, len(MOVES) - 1), st.integers(0, 59), st.integers(0, 59)),
                min_size=3,
                max_size=18,
            ),
        )
        def play(which: int, chance: int, ahead: int, steps: list[Step]) -> None:
            nonlocal played
            clock.set(begun)
            sequence = db.begin_nested()
            try:
                walk = Walk(ground, which, chance)
                walk.holds()
                walk.go_ahead(ahead, chance)
                for step in steps:
                    walk.step(step)
                    walk.holds()
                played += 1
            finally:
                sequence.rollback()

        play()
    made = sum(ground.made.values())
    print(f"\n{played} sequences, {made} moves made: {dict(ground.made)}")
    print(f"{sum(ground.refused.values())} refused: {dict(ground.refused.most_common(12))}")
    wanted = {"complete", "return", "withdraw", "transfer", "suspend", "resume", "extension", "urge"}
    assert wanted <= ground.made.keys() or played < 500
