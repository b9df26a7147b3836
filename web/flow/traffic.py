"""What comes in and what goes out, what is under way, how old it is, and whether the flow is steady."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.frozen import frozen
from engine.organisation.rules import Right
from engine.procedures.reads import element_names
from engine.supervision.figures import reads
from engine.supervision.figures.now import steps_now
from engine.supervision.figures.rules import DayFigures, StepFigures, StepNow
from engine.supervision.figures.spreads import Spread
from web import charts
from web.asked_of import asked
from web.charts import KINDS, Chart, Columns, Series
from web.flow.grids import Grid, ageing_grid, days_grid, layers_grid
from web.flow.room import around, room
from web.guard import allows
from web.languages import gettext as _
from web.shown import day, number

_BY_WEEK: Final = 45
"""A period longer than so many days is told by weeks: what comes in and goes out would be a thicket."""
_LAYERS: Final = KINDS - 1
StepKey = tuple[int, int, str]


@frozen
class Aged:
    """A step where something waits now, beside how long those took that are done."""

    now: StepNow
    usual: Spread | None
    steady: bool | None
    backlog_days: float | None
    growing: bool

    @property
    def over(self) -> bool:
        """Its middle age is past what five of six took: of few done nothing is said."""
        usual, middle = self.usual, self.now.ages.median
        return usual is not None and not usual.few and None not in (usual.p85, middle) and middle > usual.p85  # type: ignore[operator]


@room.get("/traffic")
@allows(Right.SUPERVISE)
def traffic() -> ResponseReturnValue:
    of = asked()
    scope, now = of.scope(), clock.now()
    days = reads.days(g.db, actor=g.actor, scope=scope)
    steps = {_key(one): one for one in reads.steps(g.db, actor=g.actor, scope=scope)}
    names, values = layers_of(days)
    return render_template(
        "flow/traffic.html",
        days=days,
        by_week=len(days) > _BY_WEEK,
        traffic_chart=_traffic(days),
        cases_chart=_cumulative(days),
        work_chart=_work(names, values, days),
        layer_names=names,
        layer_values=values,
        periods_of=_summed(days),
        aged=[_aged(one, steps.get(_key_now(one))) for one in steps_now(g.db, actor=g.actor, scope=scope, now=now)],
        judged=any(one.steady is not None for one in steps.values()),
        unsteady=[one for one in steps.values() if one.steady is False],
        now=now,
        **around(of, "traffic"),
    )


def _key(one: StepFigures) -> StepKey:
    return one.procedure_id, one.edition_id, one.element


def _key_now(one: StepNow) -> StepKey:
    return one.procedure_id, one.edition_id, one.element


def _aged(one: StepNow, step: StepFigures | None) -> Aged:
    """Rates of a step that is not steady are not told."""
    if step is None:
        return Aged(one, None, None, None, False)
    return Aged(one, step.sojourn, step.steady, step.backlog_days if step.steady else None, step.growing)


@frozen
class Summed:
    """A day, or a week from its Monday on."""

    since: date
    arrived: int
    done: int
    started: int
    ended: int


def _summed(days: Sequence[DayFigures]) -> list[Summed]:
    if len(days) <= _BY_WEEK:
        return [Summed(one.day, one.arrived, one.done, one.started, one.ended) for one in days]
    weeks: dict[date, list[DayFigures]] = {}
    for one in days:
        weeks.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    return [
        Summed(
            monday, sum(one.arrived for one in some), sum(one.done for one in some),
            sum(one.started for one in some), sum(one.ended for one in some),
        )
        for monday, some in weeks.items()
    ]  # fmt: skip


def _traffic(days: Sequence[DayFigures]) -> Columns:
    found = _summed(days)
    return charts.columns(
        [
            Series(_("Cases begun"), [one.started for one in found]),
            Series(_("Cases ended"), [one.ended for one in found]),
        ],
        [day(one.since) for one in found],
        number,
    )


def _cumulative(days: Sequence[DayFigures]) -> Chart:
    """Cases ended since the period began, and on them those that are open: the upper edge is what ever came in."""
    ended, so_far = [], 0
    for one in days:
        so_far += one.ended
        ended.append(so_far)
    layers = [
        Series(_("Ended since the period began"), ended),
        Series(_("Still open"), [one.cases_open for one in days]),
    ]
    return charts.layers(layers, [day(one.day) for one in days], number)


def layers_of(days: Sequence[DayFigures]) -> tuple[list[str], list[list[int]]]:
    """Open tasks by step, the steps with most first; those beyond what can be told apart are one layer."""
    weights: Counter[tuple[int, str]] = Counter()
    for one in days:
        for step in one.steps:
            weights[step.edition_id, step.element] += step.open
    every = _by_name(key for key, weight in weights.most_common() if weight)
    shown = list(every.items())[:_LAYERS]
    open_at = [{(step.edition_id, step.element): step.open for step in one.steps} for one in days]
    values = [[sum(there.get(key, 0) for key in keys) for there in open_at] for _name, keys in shown]
    names = [name for name, _keys in shown]
    rest = [key for _name, keys in list(every.items())[_LAYERS:] for key in keys]
    if rest:
        names.append(_("all other steps"))
        values.append([sum(there.get(key, 0) for key in rest) for there in open_at])
    return names, values


def _by_name(keys: Iterable[tuple[int, str]]) -> dict[str, list[tuple[int, str]]]:
    """A step that stands in several editions is one."""
    found: dict[str, list[tuple[int, str]]] = {}
    for edition, element in keys:
        found.setdefault(element_names(g.db, edition).get(element, element), []).append((edition, element))
    return found


def _work(names: Sequence[str], values: Sequence[Sequence[int]], days: Sequence[DayFigures]) -> Chart:
    layers = [Series(name, some) for name, some in zip(names, values, strict=True)]
    return charts.layers(layers, [day(one.day) for one in days], number)


def days_table() -> Grid:
    return days_grid(reads.days(g.db, actor=g.actor, scope=asked().scope()))


def layers_table() -> Grid:
    days = reads.days(g.db, actor=g.actor, scope=asked().scope())
    names, values = layers_of(days)
    return layers_grid(names, [one.day.isoformat() for one in days], values)


def ageing_table() -> Grid:
    scope, now = asked().scope(), clock.now()
    usual: dict[Any, Spread] = {
        _key(one): one.sojourn for one in reads.steps(g.db, actor=g.actor, scope=scope) if not one.sojourn.few
    }
    return ageing_grid(steps_now(g.db, actor=g.actor, scope=scope, now=now), usual, now)
