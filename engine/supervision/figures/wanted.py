"""Which places a question about the sums is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from engine.base.once import once
from engine.supervision.figures import kept
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.sums import JOINED, Adds, of_edition, of_step
from engine.supervision.figures.unfolded import pending

Key = tuple[Scope, frozenset[int]]


def key_of(scope: Scope, procedures: frozenset[int]) -> Key:
    """What it is known by, whatever its period."""
    return replace(scope, since=date.min, until=date.max), procedures


@dataclass(frozen=True, slots=True)
class Asked:
    """`steps` and `cases`: the places of each that the scope names, by number. `cases` go by procedure, edition and kind
    of applicant alone. `whole`: steps, and editions, all of whose places the scope names."""

    scope: Scope
    procedures: frozenset[int]
    steps: Mapping[int, Place]
    cases: Mapping[int, Place]
    whole: Mapping[int, Place]
    pending: Adds
    editions: frozenset[int]  # of every step of the procedures, whatever steps the scope names

    @property
    def key(self) -> Key:
        return key_of(self.scope, self.procedures)

    def holds(self, place: Place) -> bool:
        return _holds(self.scope, self.procedures, place)

    def holds_case(self, place: Place) -> bool:
        return _holds_case(self.scope, self.procedures, place)


def asked(db: Connection, *, scope: Scope, procedures: Collection[int]) -> Asked:
    """`procedures`: those that whoever asks may see."""
    mine = frozenset(procedures)
    if scope.procedure_id is not None:
        mine &= {scope.procedure_id}
    every = places_seen(db, mine)
    steps_ = {number: place for number, place in every.items() if _holds(scope, mine, place)}
    return Asked(
        scope, mine, steps_,
        {number: place for number, place in every.items() if _holds_case(scope, mine, place)},
        _whole(every, steps_), pending(db), frozenset(place.edition_id for place in every.values()),
    )  # fmt: skip


def _whole(every: Mapping[int, Place], steps_: Mapping[int, Place]) -> dict[int, Place]:
    left_out = {
        join(place)
        for number, place in every.items()
        if number not in steps_ and place.applicant_kind != JOINED
        for join in (of_step, of_edition)
    }
    there = {join(place) for place in steps_.values() for join in (of_step, of_edition)}
    return {number: place for number, place in every.items() if place in there and place not in left_out}


def places_seen(db: Connection, procedures: frozenset[int]) -> Mapping[int, Place]:
    return once(db, ("places of", procedures), lambda: kept.places_of(db, procedures)) if procedures else {}


def _holds(scope: Scope, procedures: frozenset[int], place: Place) -> bool:
    return (
        bool(place.element)
        and place.applicant_kind != JOINED
        and place.procedure_id in procedures
        and scope.edition_id in (None, place.edition_id)
        and scope.element in (None, place.element)
        and scope.post_id in (None, place.post_id)
        and (scope.department_ids is None or place.department_id in scope.department_ids)
        and scope.applicant_kind in (None, place.applicant_kind)
    )


def _holds_case(scope: Scope, procedures: frozenset[int], place: Place) -> bool:
    return (
        not place.element
        and place.applicant_kind != JOINED
        and place.procedure_id in procedures
        and scope.edition_id in (None, place.edition_id)
        and scope.applicant_kind in (None, place.applicant_kind)
    )
