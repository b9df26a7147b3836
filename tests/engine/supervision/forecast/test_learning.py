"""Trees are used where they are better on what they had not seen, and only there; they are grown in a program of their own."""

from __future__ import annotations

import math
import subprocess
import sys
from statistics import fmean

import pytest

from engine.supervision.forecast import apart
from engine.supervision.forecast.apart import NotGrown, given, grown_apart, taken
from engine.supervision.forecast.forests import ModelUnfit
from engine.supervision.forecast.kept import packed, unpacked
from engine.supervision.forecast.learning import survival_lengths
from engine.supervision.forecast.measures import separation
from engine.supervision.forecast.model import Model, read_model
from engine.supervision.forecast.stories import Event, Moment, Story, missed
from engine.supervision.forecast.stretching import both_ways
from tests.engine.supervision.forecast.histories import DAYS, known_now, made

TRAINED = 220


def learned() -> Model:
    """Small ones take two days, large ones ten; the promise is six days."""
    every = made(TRAINED + 150, lambda amount, dice: dice.uniform(0.9, 1.1) * (2 if amount < 5 else 10), due=6.0)
    history = known_now(every, until=TRAINED * 0.5)
    said = {"survival": survival_lengths(history), **grown_apart(history)}
    model, digest = packed(said)
    return unpacked(model, digest)


@pytest.fixture(scope="module")
def model() -> Model:
    return learned()


def later() -> list[Moment]:
    """At their review, of cases that began after everything was learned."""
    every = made(TRAINED + 150, lambda amount, dice: dice.uniform(0.9, 1.1) * (2 if amount < 5 else 10), due=6.0)
    return [Moment(one, 2) for one in every[TRAINED:]]


def test_trees_see_what_survival_cannot(model: Model) -> None:
    asked = later()
    rows = model.rows_of(DAYS)
    said = [model.says(one, rows) for one in asked]
    alone = [model.survival.says(one) for one in asked]
    came = [one.remaining or 0.0 for one in asked]

    assert model.boosted is not None
    assert all(one is not None for one in (*said, *alone))
    ours = fmean(abs(one.middle - left) for one, left in zip(said, came, strict=True) if one)
    base = fmean(abs(one.middle - left) for one, left in zip(alone, came, strict=True) if one)
    assert ours < 1.2 < 2 < base
    assert all(one.low <= one.middle <= one.high for one in said if one)
    late = [bool(missed(one.story, "promise", math.inf)) for one in asked]
    assert (separation([one.chances["promise"] for one in said if one], late) or 0) > 0.99


def test_what_trees_say_is_told_both_ways_too(model: Model) -> None:
    rows = model.rows_of(DAYS)
    higher = 0
    for one in later()[:30]:
        said = model.says(one, rows)
        assert said is not None
        told = both_ways(model, one, rows, said, 3.0)
        assert (told.low, told.high, told.boosted) == (said.low, 3 * said.high, True)
        assert said.chances["promise"] <= told.chances["promise"] <= 1.0
        higher += told.chances["promise"] > said.chances["promise"] + 0.3
    assert higher > 10, "what takes two days misses six days where it takes three times as long"


def test_where_nothing_tells_them_apart_survival_stays() -> None:
    history = known_now(made(230, lambda _amount, dice: dice.expovariate(1 / 5)), until=114.0)

    told = grown_apart(history)

    assert told["boosted"] is None
    assert told["measured"]["boosted"] > 0.95 * told["measured"]["survival"]


def test_what_the_other_program_is_given_is_what_it_takes() -> None:
    history = known_now(made(30, lambda _amount, _dice: 3.0, due=5.0), until=10.0)

    other = taken(given(history))

    assert other.stories == history.stories
    assert other.until == history.until
    assert other.days == history.days


def test_nothing_that_is_grown_with_is_loaded_where_pages_are_served() -> None:
    """A whole office is set up in a process of its own, and asked what it has loaded."""
    asked = "import sys, web.working.registry, web.forecasting, web; print([one for one in sys.modules if one.partition('.')[0] in ('lightgbm', 'numpy', 'scipy')])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_where_the_program_fails_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_PATIENCE", 0.01)

    with pytest.raises(NotGrown):
        grown_apart(known_now(made(5, lambda _amount, _dice: 3.0), until=10.0))


def test_a_model_that_was_changed_is_not_used() -> None:
    model, digest = packed({"survival": {"steps": {}, "whole": []}, "boosted": None, "measured": {}})

    assert unpacked(model, digest).boosted is None
    with pytest.raises(ModelUnfit):
        unpacked(model + b"x", digest)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        {},
        {"survival": {"steps": {"a": [[-1.0, True]]}, "whole": []}, "measured": {}},
        {"survival": {"steps": {"a": ["x"]}, "whole": []}, "measured": {}},
        {"survival": {"steps": {}, "whole": []}, "measured": {}, "boosted": {"vocabulary": {}}},
        {"survival": {"steps": {}, "whole": []}, "measured": {}, "ends": [0.9]},
    ],
)
def test_what_is_no_model_is_refused(kept: object) -> None:
    with pytest.raises(ModelUnfit):
        read_model(kept)


def test_without_trees_too_the_range_is_as_wide_as_validation_says() -> None:
    """Of lengths of 1 to 100 days a fifth were shorter than 20.5 and three tenths longer than 70.5."""
    lengths = [(float(one), True) for one in range(1, 101)]
    model = read_model({"survival": {"steps": {"a": lengths}, "whole": []}, "measured": {}, "ends": [0.8, 0.3]})

    told = model.says(Moment(Story(1, (Event("a", 0.0, 0.0),), None), 1))

    assert told is not None
    assert (told.low, told.middle, told.high) == (20.5, 50.5, 70.5)


def test_of_too_few_similar_cases_nothing_is_told() -> None:
    history = known_now(made(19, lambda _amount, _dice: 3.0), until=100.0)
    model = read_model({"survival": survival_lengths(history), "measured": {}, "boosted": None})
    one = made(40, lambda _amount, _dice: 3.0)[39]

    assert model.says(Moment(one, 1)) is None


def test_one_that_has_waited_longer_than_all_is_told_by_nobody() -> None:
    history = known_now(made(60, lambda _amount, _dice: 3.0, due=5.0), until=100.0)
    model = read_model({"survival": survival_lengths(history), "measured": {}, "boosted": None})
    one = made(61, lambda _amount, _dice: 3.0, due=5.0)[60]

    told = model.says(Moment(one, 2, waited=1.0))

    assert told is not None
    assert told.similar == 60
    assert told.middle == pytest.approx(2.0, abs=1e-4)
    assert told.chances == {"promise": 0.0}
    assert model.says(Moment(one, 2, waited=9.0)) is None
