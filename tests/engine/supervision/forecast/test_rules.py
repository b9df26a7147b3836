"""Forecasts in a sentence, each of which can be read by itself in both languages."""

from __future__ import annotations

import pytest

from engine.supervision.forecast.rules import Basis, sentence
from engine.supervision.forecast.weeks import Expected, Week, endings_held


@pytest.mark.parametrize(
    ("promise", "law", "late", "en", "zh"),
    [
        (930, 240, False,
         "93% likely to miss the promise and 24% likely to miss what the law allows, from 118 similar cases at this step.",
         "有 93% 的可能超过承诺时限，有 24% 的可能超过法定时限，依据此环节 118 个类似办件。"),
        (None, None, False,
         "No period runs that it could miss; when it ends is estimated from 118 similar cases at this step.",
         "没有正在计算的期限；办结时间为预测值，依据此环节 118 个类似办件。"),
        (1000, None, True,
         "The promise is missed already; when it ends is estimated from 118 similar cases at this step.",
         "已超过承诺时限；办结时间为预测值，依据此环节 118 个类似办件。"),
        (None, 990, True,
         "The promise is missed already; 99% likely to miss what the law allows, from 118 similar cases at this step.",
         "已超过承诺时限；有 99% 的可能超过法定时限，依据此环节 118 个类似办件。"),
    ],
)  # fmt: skip
def test_it_is_told_in_a_sentence(promise: int | None, law: int | None, late: bool, en: str, zh: str) -> None:
    said = sentence(Basis.STEP, 118, promise, law, late=late)
    assert said.en == en
    assert said.zh == zh


def test_only_weeks_that_are_over_tell_whether_the_range_held() -> None:
    arrivals = Expected(0, 0.0, 0)
    over = [Week(Expected(2, 3.5, 5), arrivals, None, came, 0) for came in (1, 2, 5, 6)]
    assert endings_held([*over, Week(Expected(2, 3.5, 5), arrivals, None)]) == (2, 4)
    assert endings_held([]) == (0, 0)
