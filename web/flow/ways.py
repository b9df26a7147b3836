"""Which ways cases went, how many each, and where they went round."""

from __future__ import annotations

from typing import Final

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base.frozen import frozen
from engine.organisation.rules import Right
from engine.supervision.figures import reads
from engine.supervision.figures.rules import StepFigures, Variant
from web.asked_of import Asked, asked
from web.flow.grids import Grid, loops_grid, variants_grid
from web.flow.room import around, room
from web.guard import allows

_MOST: Final = 20
_MOST_TAKEN: Final = 1000


@frozen
class Way:
    """A variant with what it and those before it cover, and which of its steps were there before."""

    variant: Variant
    covered: float
    again: tuple[bool, ...]


@room.get("/ways")
@allows(Right.SUPERVISE)
def ways() -> ResponseReturnValue:
    of = asked()
    scope = of.scope()
    return render_template(
        "flow/ways.html",
        ways=_covered(reads.variants(g.db, actor=g.actor, scope=scope, limit=_MOST)),
        loops=_loops(of),
        most=_MOST,
        **around(of, "ways"),
    )


def _covered(found: tuple[Variant, ...]) -> list[Way]:
    covered, told = 0.0, []
    for one in found:
        covered += one.share
        again = tuple(element in one.elements[:at] for at, element in enumerate(one.elements))
        told.append(Way(one, min(covered, 1.0), again))
    return told


def _loops(of: Asked) -> list[StepFigures]:
    """Steps that were done again, most often first."""
    steps = reads.steps(g.db, actor=g.actor, scope=of.scope())
    return sorted((one for one in steps if one.repeated), key=lambda one: (-one.repeated, one.name))


def variants_table() -> Grid:
    return variants_grid(reads.variants(g.db, actor=g.actor, scope=asked().scope(), limit=_MOST_TAKEN))


def loops_table() -> Grid:
    return loops_grid(_loops(asked()))
