"""Tables as they are taken away: heads, and lines of plain values. Lengths are in hours, shares of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.base.frozen import frozen
from engine.supervision.figures.rules import (
    DayFigures,
    HandFigures,
    PersonLoad,
    PostLoad,
    StepFigures,
    StepNow,
    Variant,
)
from engine.supervision.figures.spreads import FEW, Spread
from engine.supervision.figures.unattended import Unattended
from web.flow.lengths import hours
from web.flow.lines import Line, plain
from web.languages import gettext as _
from web.shown import named


@frozen
class Grid:
    name: str  # of the file
    heads: Sequence[str]
    lines: Sequence[Sequence[Any]]


def units() -> dict[str, str]:
    return {
        "working": _("in working hours"), "calendar": _("hours by the clock"), "share": _("share of one"),
        "number": _("number"), "rate": _("a working day"),
    }  # fmt: skip


def figures_grid(lines: Sequence[Line]) -> Grid:
    heads = [
        _("Figure"),
        _("Unit"),
        _("Number of"),
        _("Value"),
        _("The period before"),
        _("How it moved"),
        _("For the better?"),
    ]
    return Grid(
        "figures",
        heads,
        [
            [one.name, units()[one.unit], one.n, _few(one.few, plain(one.value)), _few(one.of_few, plain(one.before)),
             one.moved.words if one.moved else "", one.moved.said if one.moved else ""]
            for one in lines
        ],
    )  # fmt: skip


def _few(few: bool, value: Any) -> Any:
    return _("too few") if few else value


def _mean(one: Spread) -> Any:
    return hours(one.mean) if not one.n else _few(one.is_tiny, hours(one.mean))


def _middle(one: Spread) -> list[Any]:
    return [one.n, *(_few(one.few, hours(each)) for each in (one.median, one.p85, one.p95))]


def steps_grid(steps: Sequence[StepFigures]) -> Grid:
    heads = [
        _("Step"), _("Post"), _("Department"), _("Arrived"), _("Done"), _("Still open"), _("Done again"), _("Late"),
        _("Waiting, mean hours"), _("In somebody's hands, mean hours"), _("Working, mean hours"),
        _("Hand-over, mean hours"), _("Clock stopped, mean hours"), _("Outside, mean hours"), _("Number of"),
        _("Sojourn, median hours"), _("Sojourn, P85 hours"), _("Sojourn, P95 hours"),
        _("Sojourn by the clock, median hours"), _("Same day"),
    ]  # fmt: skip
    return Grid(
        "steps",
        heads,
        [
            [one.name, named(one.post), named(one.department), one.arrived, one.done, one.open, one.repeated, one.late,
             *(_mean(each) for each in (one.waiting, one.taken, one.working, one.handed, one.stopped, one.outside)),
             *_middle(one.sojourn), _few(one.sojourn_calendar.few, hours(one.sojourn_calendar.median)),
             _few(one.same_day.few, plain(one.same_day.value))]
            for one in steps
        ],
    )  # fmt: skip


def days_grid(days: Sequence[DayFigures]) -> Grid:
    heads = [
        _("Day"), _("Working day"), _("Cases begun"), _("Cases ended"), _("Cases open"), _("Tasks arrived"),
        _("Tasks done"), _("Tasks no longer needed"), _("Tasks open"),
    ]  # fmt: skip
    return Grid(
        "days",
        heads,
        [
            [one.day.isoformat(), _("yes") if one.works else _("no"), one.started, one.ended, one.cases_open,
             one.arrived, one.done, one.cancelled, one.open]
            for one in days
        ],
    )  # fmt: skip


def layers_grid(names: Sequence[str], labels: Sequence[str], values: Sequence[Sequence[float]]) -> Grid:
    """A column for each layer."""
    lines = [[label, *(series[at] for series in values)] for at, label in enumerate(labels)]
    return Grid("open-by-step", [_("Day"), *names], lines)


def ageing_grid(now: Sequence[StepNow], usual: dict[Any, Spread], at: datetime) -> Grid:
    heads = [
        _("Step"), _("Department"), _("Still open"), _("Late"), _("Median age, hours"), _("P85 age, hours"),
        _("Oldest, hours by the clock"), _("P85 of those done, hours"),
    ]  # fmt: skip
    return Grid(
        "ageing",
        heads,
        [
            [one.name, named(one.department), one.open, one.late, hours(one.ages.median), hours(one.ages.p85),
             hours(at - one.oldest), hours(usual[key].p85) if key in usual else None]
            for one in now
            for key in [(one.procedure_id, one.edition_id, one.element)]
        ],
    )  # fmt: skip


def hands_grid(hands: Sequence[HandFigures]) -> Grid:
    heads = [
        _("From"), _("To"), _("Hand-overs"), _("Number measured"), _("Mean wait, hours"), _("Median wait, hours"),
        _("Returned"), _("Back and forth"),
    ]  # fmt: skip
    return Grid(
        "hand-overs",
        heads,
        [
            [named(one.from_department), named(one.to_department), one.n, one.wait.n, _mean(one.wait),
             _few(one.wait.few, hours(one.wait.median)), one.returned, one.ping_pong]
            for one in hands
        ],
    )  # fmt: skip


def variants_grid(variants: Sequence[Variant]) -> Grid:
    covered, found = 0.0, []
    for one in variants:
        covered += one.share
        found.append([" → ".join(one.names), one.n, round(one.share, 4), round(covered, 4), hours(one.median_cycle)])
    heads = [_("Way it went"), _("Cases"), _("Share"), _("Covered so far"), _("Median cycle time, hours by the clock")]
    return Grid("ways", heads, found)


def loops_grid(steps: Sequence[StepFigures]) -> Grid:
    heads = [_("Step"), _("Done"), _("Done again"), _("directly after itself")]
    return Grid("loops", heads, [[one.name, one.done, one.repeated, one.self_loops] for one in steps])


def posts_grid(posts: Sequence[PostLoad], alone: Mapping[int, Unattended]) -> Grid:
    heads = [
        _("Post"), _("Department"), _("Holders"), _("Lent"), _("Still open"), _("Arrived"), _("Done"), _("Working, hours"),
        _("Not measured"), _("Capacity, hours"), _("Utilisation"), _("Done a working day"), _("Working days to clear"),
        _("Worked by those lent, hours"), _("Capacity lent, hours"), _("Waited while nobody was there, share"),
    ]  # fmt: skip
    return Grid(
        "workload",
        heads,
        [
            [named(one), named(one.department), one.holders, one.lent, one.open, one.arrived, one.done, hours(one.working),
             one.unmeasured, hours(one.capacity), plain(one.utilisation), plain(one.rate), plain(one.days_to_clear),
             hours(one.helped), hours(one.lent_capacity), _alone(alone.get(one.post_id))]
            for one in posts
        ],
    )  # fmt: skip


def _alone(one: Unattended | None) -> str | float | None:
    return None if one is None else _few(one.done < FEW, plain(one.share))


def people_grid(people: Sequence[PersonLoad]) -> Grid:
    heads = [
        _("Person"), _("Post"), _("Still open"), _("Done"), _("Number measured"), _("Working, median hours"),
        _("In hand, median hours"),
    ]  # fmt: skip
    return Grid(
        "persons",
        heads,
        [
            [named(one), named(one.post), one.open, one.done, one.working.n,
             _few(one.working.few, hours(one.working.median)), _few(one.taken.few, hours(one.taken.median))]
            for one in people
        ],
    )  # fmt: skip


def compared_grid(left: str, right: str, lines: Sequence[Line]) -> Grid:
    heads = [
        _("Figure"), _("Unit"), left, _("Number of"), right, _("Number of"), _("Difference"), _("For the better?")
    ]  # fmt: skip
    return Grid(
        "compared",
        heads,
        [
            [one.name, units()[one.unit], _few(one.few, plain(one.value)), one.n,
             _few(one.of_few, plain(one.before)), one.n_before,
             one.moved.words if one.moved else "", one.moved.said if one.moved else ""]
            for one in lines
        ],
    )  # fmt: skip
