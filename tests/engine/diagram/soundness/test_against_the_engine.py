"""What is found out about diagrams drawn at random, held against everything that can happen when they are run.

`SOUNDNESS_SEEDS=0:2000` takes as many as one likes (make soundness); without it a few, and each is walked less far.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from tests.engine.diagram.soundness.judging import Tally, judge

_ASKED = os.environ.get("SOUNDNESS_SEEDS", "")
FIRST, LAST = (int(part) for part in (_ASKED or "0:80").split(":"))
MOST = 400 if _ASKED else 60
ONCE_WRONG = () if _ASKED else (661,)
BUDGET = timedelta(seconds=2 if _ASKED else 0.3)


@pytest.mark.parametrize("seed", [*range(FIRST, LAST), *ONCE_WRONG])
def test_nothing_that_can_hang_is_called_sound_and_whatever_is_told_comes_about(seed: int) -> None:
    tally = Tally()
    judge(seed, tally, most=MOST, budget=BUDGET)
    assert tally.wrong == []
