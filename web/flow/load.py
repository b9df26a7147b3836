"""What each post has to do beside the hours there are for it; persons only before those entitled to their figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.rules import Right
from engine.supervision.figures import acts as figure_acts
from engine.supervision.figures import privacy, reads
from engine.supervision.figures.rules import PersonLoad, PostLoad, ReasonForPeople
from engine.supervision.figures.spreads import FEW
from engine.supervision.figures.suppressing import LEAST, hidden_of
from engine.supervision.figures.unattended import unattended
from web.asked_of import Asked, asked
from web.flow.grids import Grid, people_grid, posts_grid
from web.flow.room import around, room
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.shown import refused

FULL = 0.85
"""From this utilisation on waiting grows out of proportion to every more of work."""


def own_holders(one: PostLoad) -> int:
    """Without those who are added for a time: they make no group large enough to be told of."""
    return one.holders - one.lent


@frozen
class Department:
    name: Name
    posts: tuple[PostLoad, ...]
    hidden: frozenset[int]
    """Posts whose work is that of too few persons to be told apart from them."""

    @property
    def utilisation(self) -> float | None:
        """Of all its posts together; None where nothing was measured, or where it would tell of a hidden one."""
        told = [one for one in self.posts if one.working is not None]
        if self.hidden and sum(own_holders(one) for one in self.posts if one.post_id in self.hidden) < LEAST:
            return None
        capacity = sum((one.capacity for one in self.posts), timedelta(0))
        return (
            sum((one.working or timedelta(0) for one in told), timedelta(0)) / capacity if told and capacity else None
        )


@room.get("/workload")
@allows(Right.SUPERVISE)
def load() -> ResponseReturnValue:
    of = asked()
    posts = reads.workload(g.db, actor=g.actor, scope=of.scope())
    people, why = _people(of)
    departments = by_department(posts, told_of_persons=people is not None)
    return render_template(
        "flow/load.html",
        departments=departments,
        posts=posts,
        alone=unattended(g.db, actor=g.actor, scope=of.scope()),
        people=people,
        why=why,
        full=FULL,
        few=FEW,
        administers=g.actor.may(Right.ADMINISTER),
        **around(of, "load"),
    )


def _people(of: Asked) -> tuple[tuple[PersonLoad, ...] | None, str | None]:
    """Or why not: the refusal's own sentence."""
    try:
        return reads.people(g.db, actor=g.actor, scope=of.scope()), None
    except NotAllowed as refusal:
        return None, refused(refusal)


def by_department(posts: Sequence[PostLoad], *, told_of_persons: bool) -> list[Department]:
    """Posts of few holders are as good as persons: what was worked there is hidden from whoever may not see persons.

    A vacant one too: somebody may have left it yesterday.
    """
    found: dict[int, list[PostLoad]] = defaultdict(list)
    for one in posts:
        found[one.department_id].append(one)
    return [
        Department(
            some[0].department,
            tuple(some),
            frozenset() if told_of_persons else hidden_of({one.post_id: max(own_holders(one), 1) for one in some}),
        )
        for some in found.values()
    ]


def _shown_posts() -> list[PostLoad]:
    of = asked()
    posts = reads.workload(g.db, actor=g.actor, scope=of.scope())
    people, _why = _people(of)
    hidden = frozenset().union(*(one.hidden for one in by_department(posts, told_of_persons=people is not None)))
    return [one if one.post_id not in hidden else _without_work(one) for one in posts]


def _without_work(one: PostLoad) -> PostLoad:
    return PostLoad(
        one.post_id, one.name, one.department_id, one.department, one.holders, one.open, one.arrived, one.done, None,
        one.capacity, one.rate, one.unmeasured, one.hidden, one.lent, one.lent_capacity,
    )  # fmt: skip


def posts_table() -> Grid:
    return posts_grid(_shown_posts(), unattended(g.db, actor=g.actor, scope=asked().scope()))


def people_table() -> Grid:
    return people_grid(reads.people(g.db, actor=g.actor, scope=asked().scope()))


@room.get("/persons")
@allows(Right.ADMINISTER)
def persons() -> ResponseReturnValue:
    return _persons_page()


def _persons_page(refusal: Refusal | None = None) -> str:
    return render_template(
        "flow/persons.html",
        allowed=privacy.people_allowed(g.db),
        reason=request.form.get("reason", ""),
        error=refused(refusal) if refusal else None,
    )


@room.post("/persons")
@allows(Right.ADMINISTER)
def allow_persons() -> ResponseReturnValue:
    allowed = request.form.get("allowed") == "yes"
    try:
        figure_acts.allow_people(g.db, by=g.actor, allowed=allowed, reason=request.form.get("reason", "")[:5000])
    except ReasonForPeople as refusal:
        return _persons_page(refusal), 422
    tell(_("Kept, with your reason, on the record of the office."))
    return redirect(url_for("flow.persons"), 303)
