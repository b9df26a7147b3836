"""What is told of a forecast, to whom, and in what words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from statistics import fmean
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.supervision.forecast.measures import Band, bands
from engine.supervision.forecast.survival import FEWEST

PROMISE: Final = "promise"
LAW: Final = "law"
PERIODS: Final = (PROMISE, LAW)

WEEKS_AHEAD: Final = 4
WEEKS_BACK: Final = 12
LIKELY: Final = 500
"""In thousandths: from here on a case is called likely late."""
FEWEST_TO_JUDGE: Final = 20
"""From fewer forecasts that came to their end nothing is said of how good they are."""

WELL_FROM: Final = 0.7
"""Of ranges that are meant to hold 80 %: where fewer held what came, that is said with a warning."""


class Basis(IntEnum):
    """Numbers are stored: never renumber."""

    TOO_FEW = 0
    STEP = 1
    """Cases that stood at the same step as long."""
    AGE = 2
    """Cases of the procedure that were as old."""
    STEP_BOOSTED = 3
    AGE_BOOSTED = 4


_LATE: Final = {
    PROMISE: Text("{percent}% likely to miss the promise", "有 {percent}% 的可能超过承诺时限"),
    LAW: Text("{percent}% likely to miss what the law allows", "有 {percent}% 的可能超过法定时限"),
}
_FROM: Final = {
    Basis.STEP: Text("from {n} similar cases at this step", "依据此环节 {n} 个类似办件"),
    Basis.AGE: Text("from {n} cases of this procedure that were as old", "依据本程序 {n} 个办理时间相近的办件"),
    Basis.STEP_BOOSTED: Text(
        "from {n} similar cases at this step and all else that is known of it",
        "依据此环节 {n} 个类似办件及该办件的其他情况",
    ),
    Basis.AGE_BOOSTED: Text(
        "from {n} cases of this procedure that were as old and all else that is known of it",
        "依据本程序 {n} 个办理时间相近的办件及该办件的其他情况",
    ),
}
TOO_FEW: Final = Text(
    f"Too few similar cases have ended to say when this one will: at least {FEWEST} are needed.",
    f"类似办件办结过少，无法预测此件何时办结：至少需要 {FEWEST} 件。",
)
_HELD: Final = Text("{source}, held to how the last four weeks came out", "{source}，并按最近四周的实际情况校正")
_BOTH: Final = Text(
    "so the end is told as it was reckoned and {times} times as far off: the range holds both, the likeliest end lies "
    "between, and a chance to be late is the mean of both.",
    "因此办结时间同时按原推算和其 {times} 倍时长预测：区间涵盖两者，最可能的办结时间居于其间，逾期可能取两者平均。",
)
_LONGER: Final = Text(
    "Cases took longer than foretold in the last four weeks, {both}", "最近四周的办件比预测用时更长，{both}"
)
_SHORTER: Final = Text(
    "Cases took less long than foretold in the last four weeks, {both}", "最近四周的办件比预测用时更短，{both}"
)
_SAID: Final = Text("{late}, {source}.", "{late}，{source}。")
_NO_PERIOD: Final = Text(
    "No period runs that it could miss; when it ends is estimated {source}.",
    "没有正在计算的期限；办结时间为预测值，{source}。",
)
_PAST: Final = Text(
    "The promise is missed already; when it ends is estimated {source}.",
    "已超过承诺时限；办结时间为预测值，{source}。",
)
_PAST_LAW: Final = Text("The promise is missed already; {law}, {source}.", "已超过承诺时限；{law}，{source}。")


def percent(thousandths: int) -> int:
    """Never nought nor a hundred: what has not happened is not certain."""
    return min(max(round(thousandths / 10), 1), 99)


def source(basis: Basis, similar: int, times: float = 1.0) -> Text:
    """From what it is told: “from 412 similar cases at this step”."""
    if basis is Basis.TOO_FEW:
        return TOO_FEW
    found = Text(*(_FROM[basis].say(one, n=similar) for one in ("en", "zh")))
    return found if times == 1.0 else Text(*(_HELD.say(one, source=found) for one in ("en", "zh")))


def why_held(times: float) -> Text | None:
    """What was changed by how the weeks before came out, and why. None where nothing was."""
    if times == 1.0:
        return None
    both = Text(*(_BOTH.say(one, times=f"{times:g}") for one in ("en", "zh")))
    return Text(*((_LONGER if times > 1 else _SHORTER).say(one, both=both) for one in ("en", "zh")))


def sentence(
    basis: Basis, similar: int, promise: int | None, law: int | None, *, late: bool = False, times: float = 1.0
) -> Text:
    """“38 % likely to miss the promise, from 412 similar cases at this step.”"""
    if basis is Basis.TOO_FEW:
        return TOO_FEW
    known = source(basis, similar, times)
    said = [(kind, chance) for kind, chance in ((PROMISE, promise), (LAW, law)) if chance is not None]
    if not said:
        return Text(*(_NO_PERIOD.say(one, source=known) for one in ("en", "zh")))
    if late:
        return _past(law, known)
    both = [Text(*(_LATE[kind].say(one, percent=percent(chance)) for one in ("en", "zh"))) for kind, chance in said]
    words = both[0] if len(both) == 1 else Text(f"{both[0].en} and {both[1].en}", f"{both[0].zh}，{both[1].zh}")
    return Text(*(_SAID.say(one, late=words, source=known) for one in ("en", "zh")))


def _past(law: int | None, known: Text) -> Text:
    """What may still be missed is what the law allows."""
    if law is None:
        return Text(*(_PAST.say(one, source=known) for one in ("en", "zh")))
    said = Text(*(_LATE[LAW].say(one, percent=percent(law)) for one in ("en", "zh")))
    return Text(*(_PAST_LAW.say(one, law=said, source=known) for one in ("en", "zh")))


@frozen
class Told:
    """A forecast that came to its end: in working days how long was foretold and how long it took from then."""

    week: date
    foretold: float
    came: float
    within: bool
    promise: float | None
    missed: bool | None


@frozen
class Score:
    """How good forecasts were. `error` and `typical`: working days; `within`: the share inside the range of 80 %."""

    count: int
    error: float
    typical: float
    within: float
    judged: int
    said: float | None
    late: float | None
    bands: tuple[Band, ...]


def score(told: Sequence[Told]) -> Score | None:
    """None where there are too few."""
    if len(told) < FEWEST_TO_JUDGE:
        return None
    errors = sorted(abs(one.foretold - one.came) for one in told)
    judged = [(one.promise, one.missed) for one in told if one.promise is not None and one.missed is not None]
    said, came = [chance for chance, _ in judged], [was for _, was in judged]
    enough = len(judged) >= FEWEST_TO_JUDGE
    return Score(
        len(told), fmean(errors), errors[len(errors) // 2], fmean(one.within for one in told), len(judged),
        fmean(said) if enough else None, fmean(came) if enough else None,
        tuple(bands(said, came, 5)) if enough else (),
    )  # fmt: skip
