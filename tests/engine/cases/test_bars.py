from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.cases.bars import parts

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
hours = st.integers(min_value=0, max_value=5000).map(lambda n: n * HOUR)


def test_unclaimed_time_is_waiting() -> None:
    shown = parts(opened=T0, claimed=None, until=T0 + 5 * HOUR, due=T0 + 10 * HOUR)
    assert (shown.waited, shown.worked, shown.past) == (5 * HOUR, 0 * HOUR, 0 * HOUR)
    assert shown.promise == 10 * HOUR


def test_work_begins_with_the_claim() -> None:
    shown = parts(opened=T0, claimed=T0 + 2 * HOUR, until=T0 + 8 * HOUR, due=T0 + 10 * HOUR)
    assert (shown.waited, shown.worked, shown.past) == (2 * HOUR, 6 * HOUR, 0 * HOUR)


def test_past_the_promise_is_neither_waiting_nor_work() -> None:
    shown = parts(opened=T0, claimed=T0 + 2 * HOUR, until=T0 + 20 * HOUR, due=T0 + 10 * HOUR)
    assert (shown.waited, shown.worked, shown.past) == (2 * HOUR, 8 * HOUR, 10 * HOUR)


def test_claimed_after_the_promise_was_broken_is_no_work_within_it() -> None:
    shown = parts(opened=T0, claimed=T0 + 15 * HOUR, until=T0 + 20 * HOUR, due=T0 + 10 * HOUR)
    assert (shown.waited, shown.worked, shown.past) == (10 * HOUR, 0 * HOUR, 10 * HOUR)


@given(st.one_of(st.none(), hours), hours, st.one_of(st.none(), hours))
def test_the_parts_are_all_the_time_there_was(
    claimed: timedelta | None, until: timedelta, due: timedelta | None
) -> None:
    shown = parts(
        opened=T0,
        claimed=None if claimed is None else T0 + claimed,
        until=T0 + until,
        due=None if due is None else T0 + due,
    )
    assert min(shown.waited, shown.worked, shown.past) >= timedelta(0)
    assert shown.waited + shown.worked + shown.past == until
