"""Which places a question about the sums is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain

from sqlalchemy import Connection

from engine.base.frozen import frozen
from engine.base.once import once
from engine.supervision.figures import kept
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.shapes import StepKey, step_key
from engine.supervision.figures.sums import JOINED, Adds, Join, of_edition, of_step
from engine.supervision.figures.unfolded import pending

Key = tuple[Scope, frozenset[int]]


def key_of(scope: Scope, procedures: frozenset[int]) -> Key:
    """What it is known by, whatever its period."""
    return replace(scope, since=date.min, until=date.max), procedures


@frozen
class Places:
    """By number, as `Asked` tells them. `by_edition`: editions asked for whole, and the places of others."""

    steps: Mapping[int, Place]
    cases: Mapping[int, Place]
    together: Mapping[int, Place]
    others: Mapping[int, Place]
    by_edition: Sequence[int]
    editions: frozenset[int]  # of every step of the procedures, whatever steps the scope names


@frozen
class Asked:
    """`steps` and `cases`: the places of each that the scope names, by number. `cases` go by procedure, edition and kind
    of applicant alone. `together`: steps all of whose places the scope names, by the number of them together; `others`:
    places of all other steps."""

    scope: Scope
    procedures: frozenset[int]
    places: Places
    pending: Adds

    @property
    def steps(self) -> Mapping[int, Place]:
        return self.places.steps

    @property
    def cases(self) -> Mapping[int, Place]:
        return self.places.cases

    @property
    def together(self) -> Mapping[int, Place]:
        return self.places.together

    @property
    def others(self) -> Mapping[int, Place]:
        return self.places.others

    @property
    def editions(self) -> frozenset[int]:
        return self.places.editions

    @property
    def key(self) -> Key:
        return key_of(self.scope, self.procedures)

    def step_of(self, number: int) -> StepKey:
        """Of one of `together` or `steps`."""
        return step_key(self.places.together.get(number) or self.places.steps[number])

    def holds(self, place: Place) -> bool:
        return _holds(self.scope, self.procedures, place)

    def holds_case(self, place: Place) -> bool:
        return _holds_case(self.scope, self.procedures, place)


def asked(db: Connection, *, scope: Scope, procedures: Collection[int]) -> Asked:
    """`procedures`: those that whoever asks may see."""
    mine = frozenset(procedures)
    if scope.procedure_id is not None:
        mine &= {scope.procedure_id}
    places = once(db, ("places asked", key_of(scope, mine)), lambda: _places(db, scope, mine))
    return Asked(scope, mine, places, pending(db))


def _places(db: Connection, scope: Scope, mine: frozenset[int]) -> Places:
    every = places_seen(db, mine)
    steps_ = {number: place for number, place in every.items() if _holds(scope, mine, place)}
    cases = {number: place for number, place in every.items() if _holds_case(scope, mine, place)}
    together, others = _joined(every, steps_, of_step)
    return Places(
        steps_, cases, together, others, [*chain(*_joined(every, steps_, of_edition))],
        frozenset(place.edition_id for place in every.values()),
    )  # fmt: skip


def _joined(
    every: Mapping[int, Place], steps_: Mapping[int, Place], join: Join
) -> tuple[dict[int, Place], dict[int, Place]]:
    """What stands for several places all of which are asked for; and those that are asked for without all of theirs."""
    of = {number: join(place) for number, place in every.items() if place.element and place.applicant_kind != JOINED}
    left_out = {whole for number, whole in of.items() if number not in steps_}
    there = {of[number] for number in steps_} - left_out
    together = {number: place for number, place in every.items() if place in there}
    found = set(together.values())
    return together, {number: place for number, place in steps_.items() if of[number] not in found}


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
