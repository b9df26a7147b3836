"""Two periods, two editions or two departments side by side: every figure, by how much it differs, and which is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.base.frozen import frozen
from engine.organisation.rules import Right
from engine.supervision.figures.rules import StepFigures
from web.asked_of import MOST_DAYS, Asked, asked, day_of, written
from web.flow.choices import Choices, choices
from web.flow.grids import Grid, compared_grid
from web.flow.lines import LINES, Line, lines
from web.flow.moves import Moved, moved
from web.flow.room import around, room
from web.flow.times import flow_of
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.shown import day, named

KINDS: Final = ("periods", "editions", "departments")


@frozen
class Sides:
    kind: str
    left: Asked
    right: Asked

    @property
    def whole(self) -> bool:
        """Both are chosen, and they differ."""
        chosen = {"editions": "edition_id", "departments": "department_id"}.get(self.kind)
        known = chosen is None or None not in (getattr(self.left, chosen), getattr(self.right, chosen))
        return known and self.left != self.right

    @property
    def alike(self) -> bool:
        """As much may be expected of both: more or fewer is then better or worse."""
        return self.kind == "periods" and self.left.length == self.right.length


@frozen
class StepLine:
    """A step as both have it, by its name and post: None on the side where it is not."""

    name: str
    post: str
    left: StepFigures | None
    right: StepFigures | None
    moved: Moved | None


@room.get("/compare")
@allows(Right.SUPERVISE)
def compare() -> ResponseReturnValue:
    of = asked()
    known = choices(of.procedure_id)
    sides = sides_of(of, known)
    figures, steps = found(sides) if sides.whole else ([], [])
    return render_template(
        "flow/compare.html",
        sides=sides,
        kinds_of=_kinds(),
        lines=figures,
        step_lines=steps,
        left=side_told(sides, sides.left, known),
        right=side_told(sides, sides.right, known),
        typed=request.args,
        **around(of, "compare"),
    )


def _kinds() -> dict[str, str]:
    return {"periods": _("two periods"), "editions": _("two editions"), "departments": _("two departments")}


def sides_of(of: Asked, known: Choices) -> Sides:
    """The right one is what the left one is compared with. Without a choice: the period before, the two newest editions."""
    kind = request.args.get("of", KINDS[0])
    if kind == "editions":
        newest = [*[one.id for one in known.editions][:2], None, None]
        mine = {one.id for one in known.editions}
        left, right = (request.args.get(name, type=whole) for name in ("edition", "with_edition"))
        return Sides(
            kind,
            replace(of, edition_id=left if left in mine else newest[0]),
            replace(of, edition_id=right if right in mine else newest[1]),
        )
    if kind == "departments":
        every = [one for one, _name in known.departments]
        left, right = (request.args.get(name, type=whole) for name in ("department", "with_department"))
        return Sides(
            kind,
            replace(of, department_id=left if left in every else next(iter(every), None)),
            replace(of, department_id=right if right in every else next(iter(every[1:]), None)),
        )
    return Sides("periods", of, _other_period(of))


def _other_period(of: Asked) -> Asked:
    """As it was asked for; else as many days directly before."""
    since, until = day_of("with_since"), day_of("with_until")
    if since is None or until is None or not timedelta(0) <= until - since < timedelta(days=MOST_DAYS):
        return replace(of.before(), unfit=written("with_since", "with_until"))
    return replace(of, since=since, until=until, days=None, unfit=None)


def side_told(sides: Sides, side: Asked, known: Choices) -> str:
    if sides.kind == "periods":
        return _("%(since)s to %(until)s", since=day(side.since), until=day(side.until))
    if sides.kind == "editions":
        number = known.edition(side.edition_id)
        return _("edition %(number)s", number=number) if number is not None else "—"
    return known.department(side.department_id) or "—"


def found(sides: Sides) -> tuple[list[Line], list[StepLine]]:
    left, right = flow_of(sides.left), flow_of(sides.right)
    return lines(left, right, LINES, counts_judged=sides.alike), matched(left.steps, right.steps)


def matched(left: Sequence[StepFigures], right: Sequence[StepFigures]) -> list[StepLine]:
    """By name and post: another edition draws the same step anew."""
    mine, theirs = ({(one.name, one.post_id): one for one in some if one.done} for some in (left, right))
    return [_step(mine.get(key), theirs.get(key)) for key in dict.fromkeys([*mine, *theirs])]


def _step(left: StepFigures | None, right: StepFigures | None) -> StepLine:
    one = left or right
    assert one is not None  # noqa: S101 -- it is in one of the two
    way = None
    if left is not None and right is not None and not left.sojourn.few and not right.sojourn.few:
        way = moved(left.sojourn.median, right.sojourn.median, "working", "lower")
    return StepLine(one.name, named(one.post), left, right, way)


def compared_table() -> Grid:
    of = asked()
    known = choices(of.procedure_id)
    sides = sides_of(of, known)
    figures = found(sides)[0] if sides.whole else []
    return compared_grid(side_told(sides, sides.left, known), side_told(sides, sides.right, known), figures)
