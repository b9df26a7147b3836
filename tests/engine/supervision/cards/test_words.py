"""What is said of cards in notices."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.base.text import Name
from engine.supervision.cards.words import Done, summary


def test_what_was_done_so_far_is_told_by_the_days_of_the_office() -> None:
    early = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past seven on the second, in the office
    said = summary([Done(early, "claimed", Name("Li", "李"))], ZoneInfo("Asia/Shanghai"))
    assert said.en.startswith("2 March 2026 ")
    assert said.zh.startswith("2026年3月2日 ")
    assert "(Li)" in said.en
