from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram.durations import duration


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("P3D", timedelta(days=3)),
        ("PT4H", timedelta(hours=4)),
        ("P1W", timedelta(weeks=1)),
        ("P1DT2H30M5S", timedelta(days=1, hours=2, minutes=30, seconds=5)),
        ("PT0S", timedelta(0)),
        (" P2D\n", timedelta(days=2)),
    ],
)
def test_a_duration_is_what_is_written(written: str, meant: timedelta) -> None:
    assert duration(written) == meant


@pytest.mark.parametrize(
    "written",
    ["", "P", "PT", "3D", "p3d", "P1M", "P1Y", "P-3D", "-P3D", "P1.5D", "P3D4H", "P٣D", "P3D P4D", "PT99999999999999H"],
)
def test_what_has_no_fixed_length_or_is_no_duration_is_none(written: str) -> None:
    assert duration(written) is None


@given(st.integers(0, 99999), st.integers(0, 999999), st.integers(0, 9999999))
def test_days_hours_and_minutes_add_up(days: int, hours: int, minutes: int) -> None:
    assert duration(f"P{days}DT{hours}H{minutes}M") == timedelta(days=days, hours=hours, minutes=minutes)


@given(st.text(max_size=40))
def test_no_text_breaks_it(written: str) -> None:
    found = duration(written)
    assert found is None or found >= timedelta(0)
