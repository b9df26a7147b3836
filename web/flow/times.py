"""How long cases and their steps take, what that time is made of, and how it has moved."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.organisation.rules import Right
from engine.supervision.figures import reads
from engine.supervision.figures.rules import StepFigures
from engine.supervision.figures.suppressing import without_work, work_is_of_few
from web.asked_of import Asked, asked
from web.flow.grids import Grid, figures_grid, steps_grid
from web.flow.lines import Flow, lines
from web.flow.moves import Moved, moved
from web.flow.room import around, made, means_of, of_step, room
from web.guard import allows

StepKey = tuple[int, int, str]


@room.get("/")
@allows(Right.SUPERVISE)
def times() -> ResponseReturnValue:
    of = asked()
    now, before = flow_of(of), flow_of(of.before())
    return render_template(
        "flow/times.html",
        lines=lines(now, before),
        made_of_all=made(now.parts),
        of_step=of_step,
        means_of=means_of,
        whole=now.cases,
        steps=_told(of, now.steps),
        step_moved=_moved(now.steps, before.steps),
        **around(of, "times"),
    )


def flow_of(of: Asked) -> Flow:
    scope = of.scope()
    steps = reads.steps(g.db, actor=g.actor, scope=scope)
    whole = reads.whole(g.db, actor=g.actor, scope=scope)
    return Flow(whole, steps, work_hidden=work_is_of_few(steps, _few(of, steps)))


def _few(of: Asked, steps: tuple[StepFigures, ...]) -> Mapping[int, int]:
    """Asked once in a request, and only where somebody pressed start."""
    if "few_posts" not in g and any(one.working.n for one in steps):
        g.few_posts = reads.small_posts(g.db, actor=g.actor, scope=of.scope())
    found: Mapping[int, int] = g.get("few_posts", {})
    return found


def _told(of: Asked, steps: tuple[StepFigures, ...]) -> tuple[StepFigures, ...]:
    return without_work(steps, _few(of, steps))


def _key(one: StepFigures) -> StepKey:
    return one.procedure_id, one.edition_id, one.element


def _moved(now: tuple[StepFigures, ...], before: tuple[StepFigures, ...]) -> dict[StepKey, Moved]:
    """Of the middle sojourn of each step that enough were done of in both periods."""
    earlier = {_key(one): one.sojourn for one in before if not one.sojourn.few}
    found = {
        _key(one): moved(one.sojourn.median, earlier[_key(one)].median, "working", "lower")
        for one in now
        if not one.sojourn.few and _key(one) in earlier
    }
    return {key: one for key, one in found.items() if one is not None}


def figures_table() -> Grid:
    of = asked()
    return figures_grid(lines(flow_of(of), flow_of(of.before())))


def steps_table() -> Grid:
    of = asked()
    return steps_grid(_told(of, reads.steps(g.db, actor=g.actor, scope=of.scope())))
