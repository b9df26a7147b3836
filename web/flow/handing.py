"""Between which departments cases go, how long they wait for the other one, and where they go back and forth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base.text import Name
from engine.organisation.rules import Right
from engine.supervision.figures import reads
from engine.supervision.figures.rules import HandFigures
from web.asked_of import asked
from web.flow.grids import Grid, hands_grid
from web.flow.room import around, room
from web.guard import allows


@room.get("/hand-overs")
@allows(Right.SUPERVISE)
def handing() -> ResponseReturnValue:
    of = asked()
    hands = reads.hand_overs(g.db, actor=g.actor, scope=of.scope())
    return render_template(
        "flow/handing.html",
        hands=hands,
        cells={(one.from_department_id, one.to_department_id): one for one in hands},
        senders=_departments([(one.from_department_id, one.from_department, one.n) for one in hands]),
        receivers=_departments([(one.to_department_id, one.to_department, one.n) for one in hands]),
        heat=lambda one: heat(one, hands),
        **around(of, "handing"),
    )


def _departments(found: Sequence[tuple[int, Name, int]]) -> list[tuple[int, Name, int]]:
    """Each once, with all its hand-overs, most of them first."""
    names = {department: name for department, name, _n in found}
    counts = {one: sum(n for department, _name, n in found if department == one) for one in names}
    return sorted(((one, names[one], counts[one]) for one in names), key=lambda one: (-one[2], one[0]))


def heat(one: HandFigures, hands: Sequence[HandFigures]) -> int:
    """1 to 4 by its mean wait beside the longest there is; 0 where too few were measured."""
    longest = max((each.wait.mean for each in hands if each.wait.mean and not each.wait.is_tiny), default=timedelta(0))
    if not one.wait.mean or one.wait.is_tiny or not longest:
        return 0
    return min(4, 1 + int(one.wait.mean / longest * 4 - 1e-9))


def hands_table() -> Grid:
    return hands_grid(reads.hand_overs(g.db, actor=g.actor, scope=asked().scope()))
