"""How cases moved in a period: from step to step, from department to department, and which ways in all."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection

from engine.base.database import to_stored
from engine.cases.tables import tasks
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import (
    Question,
    department_names,
    of_whole_cases,
    question,
    spread_of,
    time,
)
from engine.supervision.figures.bins import Bins
from engine.supervision.figures.rollups import FlowSums, HandSums
from engine.supervision.figures.rules import FlowFigures, HandFigures, Scope, Variant
from engine.supervision.figures.sums import STEPS
from engine.supervision.figures.unended import OpenTask, hands_of, open_groups, open_tasks

FlowKey = tuple[int, int, str | None, str | None]


def flows(db: Connection, *, actor: Actor, scope: Scope) -> tuple[FlowFigures, ...]:
    """Of tasks opened and cases ended in the period, the most frequent first."""
    of = question(db, actor, scope)
    sums: dict[FlowKey, FlowSums] = defaultdict(FlowSums)
    for (came, to), one in rollups.flows(db, of.asked).items():
        place = to or came
        if place is None:
            continue
        key = (
            place.procedure_id, place.edition_id, None if came is None else came.element,
            None if to is None else to.element,
        )  # fmt: skip
        sums[key] = FlowSums(*(a + b for a, b in zip(sums[key], one, strict=True)))
    begin, end = to_stored(of.window.begin), to_stored(of.window.end)
    for still in open_groups(db, scope, of.asked.procedures):
        key = (still.procedure_id, still.edition_id, still.came_from, still.element)
        n = bisect_left(still.opened, end) - bisect_left(still.opened, begin)
        sums[key] = sums[key]._replace(n=sums[key].n + n)
    return tuple(
        FlowFigures(*key, n=one.n, wait=time(one.wait) / one.waited if one.waited else None)
        for key, one in sorted(sums.items(), key=lambda each: (-each[1].n, str(each[0])))
        if one.n
    )


def opened_in(db: Connection, of: Question) -> list[OpenTask]:
    """Open tasks that were opened in the period."""
    return open_tasks(db, of.asked, *_opened(of))


def _opened(of: Question) -> tuple[ColumnElement[bool], ...]:
    return tasks.c.opened_at >= of.window.begin, tasks.c.opened_at < of.window.end


def hand_overs(db: Connection, *, actor: Actor, scope: Scope) -> tuple[HandFigures, ...]:
    """Most of them first."""
    of = question(db, actor, scope)
    told = rollups.hands(db, of.asked)
    sums = {pair: numbers for pair, (numbers, _bins) in told.items()}
    for came, here, n, returned, bounced in hands_of(db, of.asked, *_opened(of)):
        before = sums.get((came, here), HandSums())
        sums[came, here] = before._replace(
            n=before.n + n, returned=before.returned + returned, ping_pong=before.ping_pong + bounced
        )
    names = department_names(db)
    none = Bins()
    return tuple(
        HandFigures(
            pair[0], names[pair[0]], pair[1], names[pair[1]], n=one.n,
            wait=spread_of(one.waited, one.wait, told[pair][1] if pair in told else none), returned=one.returned,
            ping_pong=one.ping_pong,
        )
        for pair, one in sorted(sums.items(), key=lambda each: (-each[1].n, each[0]))
        if one.n
    )  # fmt: skip


def variants(db: Connection, *, actor: Actor, scope: Scope, limit: int) -> tuple[Variant, ...]:
    """The most frequent first. Cases of several procedures with the same elements are one way."""
    of = of_whole_cases(db, question(db, actor, scope))
    found: dict[tuple[str, ...], tuple[int, Bins]] = {}
    for (_procedure, elements), one in rollups.ways(db, of.asked).items():
        n, bins = found.get(elements, (0, Bins()))
        found[elements] = n + one.n, bins + one.bins
    every = sum(n for n, _bins in found.values())
    names = _names(db, of)
    return tuple(
        Variant(
            way_key(way), way, tuple(names.get(element, element) for element in way), n, n / every,
            time(bins.ranked(50, n) or 0),
        )
        for way, (n, bins) in sorted(found.items(), key=lambda each: (-each[1][0], each[0]))[:limit]
    )  # fmt: skip


def _names(db: Connection, of: Question) -> dict[str, str]:
    """Of every step of the procedures, whatever steps the scope narrows to, and of what is not folded yet."""
    found: dict[str, str] = {}
    places = {key[0] for key, _change in of.asked.pending.of(STEPS)}
    unfolded = {place.edition_id for place in places if place.procedure_id in of.asked.procedures}
    for edition in sorted(of.asked.editions | unfolded):
        found |= element_names(db, edition)
    return found


def way_key(elements: Sequence[str]) -> str:
    """By what cases behind a way are asked for."""
    return sha256("\n".join(elements).encode()).hexdigest()[:16]
