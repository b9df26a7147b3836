"""What trees learn of a length is what they are asked by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.forecast.days import Days, days
from engine.supervision.forecast.lengths import beside
from tests.engine.supervision.forecast.test_days import begins, works

WALL, RESTING = days(3, 60, works), days(3, 60, works, begins)


@pytest.mark.parametrize("axis", [WALL, RESTING])
@given(of=st.lists(st.tuples(st.floats(-5, 70), st.one_of(st.just(0.0), st.floats(0, 500))), min_size=1, max_size=20))
def test_many_lengths_at_once_end_where_each_does(axis: Days, of: list[tuple[float, float]]) -> None:
    at, length = np.asarray(of).T

    found = beside(np.full((len(of), 1), 7.0), at, length, axis)

    assert found.tolist() == [[7.0, *axis.ahead(one, long)] for one, long in of]
