"""What comes next, and whose it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from flask import g

from engine.base.frozen import frozen
from engine.cases.ahead import Next, next_places
from engine.cases.reads import CasePage, TaskLine, TaskPage
from engine.diagram.ahead import Wait, Way
from web.beside.part import Part
from web.languages import gettext as _

_MOST_TASKS = 3


@frozen
class Leading:
    """Where one way leads. `when` is empty where there is no other."""

    when: str
    places: tuple[Next, ...]


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """On the page of a case: after each task that is open."""
    lines, edition_id = _standing(case, task)
    if not lines:
        return None
    found = next_places(g.db, edition_id, [line.element for line in lines])
    asked = frozenset(one.gateway for one in task.questions) if task else frozenset()
    after = [(line, leading) for line in lines if (leading := _by_way(found[line.element], asked))]
    if not after:
        return None
    return Part("aside", "beside/ahead.html", {"after": after, "alone": task is not None, "soon": _soon(after[0][1])})


def _standing(case: CasePage, task: TaskPage | None) -> tuple[Sequence[TaskLine], int]:
    if task is not None:
        here = task.line.closed_at is None and task.line.kind is None
        return ([task.line] if here else []), task.edition_id
    lines = {line.element: line for line in case.open_tasks if line.kind is None}
    return list(lines.values())[:_MOST_TASKS], case.edition_id


def _by_way(places: Sequence[Next], asked: Collection[str]) -> list[Leading]:
    def way(one: Next) -> tuple[object, ...]:
        return tuple(way.flow for way in one.ways), one.waits

    return [Leading(_when(same[0], asked), same) for _way, group in groupby(places, way) if (same := tuple(group))]


def _when(one: Next, asked: Collection[str]) -> str:
    parts = [_waiting(wait) for wait in one.waits]
    ways = _(", ").join(_way_in_words(way) for way in one.ways)
    if ways and one.ways[0].gateway in asked:
        parts.append(_("If you choose: %(ways)s", ways=ways))
    elif ways:
        parts.append(_("If: %(ways)s", ways=ways))
    return " · ".join(parts)


def _way_in_words(way: Way) -> str:
    return way.name or way.condition or (_("otherwise") if way.otherwise else _("on"))


def _waiting(wait: Wait) -> str:
    if wait.kind == "timer":
        if wait.overtakes:
            return _("Not done in time: %(what)s", what=wait.name or "")
        return _("After the time is up: %(what)s", what=wait.name or "")
    if wait.overtakes:
        return _("If this comes first: %(what)s", what=wait.name or "")
    return _("Once this has come: %(what)s", what=wait.name or "")


def _soon(leading: Sequence[Leading]) -> tuple[Next, ...]:
    """What certainly comes next: said beside the button that leads there."""
    first = [one for one in leading if not one.places[0].waits]
    return first[0].places if len(first) == 1 and not first[0].when and len(first[0].places) <= 3 else ()
