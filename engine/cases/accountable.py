"""Which one post is accountable for a case at this moment. Pure; its reasons are in decisions/0019."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.base.frozen import frozen


class Why(StrEnum):
    SUSPENDED = "suspended"
    """Whoever let it rest sees that it goes on."""
    INCIDENT = "incident"
    """Nobody at a desk can mend it: the procedure's owner can."""
    STEP = "step"
    """The one step that is open."""
    LEAD = "lead"
    """Of several open steps the one that is due first: the others assist."""
    SENT = "sent"
    """It was handed over and nobody has accepted it yet: the sender."""
    SILENT = "silent"
    """The receiver was silent for too long: it is theirs now."""
    WAITS = "waits"
    """Only times and messages are waited for: whoever completed the last step."""
    OWNER = "owner"
    """No step was completed yet, and none is open: the procedure's owner."""


@frozen
class Held:
    """A post, and who of it has the thing in hand, where somebody has."""

    post_id: int
    person_id: int | None = None


@frozen
class Lying:
    """A step that is open. `sender`: who handed it over, where nobody has accepted it yet."""

    number: int
    holder: Held
    due_at: datetime
    opened_at: datetime
    sender: Held | None = None
    silent: bool = False


@frozen
class Facts:
    """What the rule looks at. `last`: who completed the step that was completed last."""

    owner: Held
    suspended_by: Held | None = None
    has_incident: bool = False
    steps: tuple[Lying, ...] = ()
    last: Held | None = None


@frozen
class Verdict:
    """`step`: the number of the task that is meant, where it is one; `assisting`: those of the other open steps."""

    held: Held
    why: Why
    step: int | None = None
    assisting: tuple[int, ...] = ()


def accountable_of(facts: Facts) -> Verdict:
    order = sorted(facts.steps, key=lambda one: (one.due_at, one.opened_at, one.number))
    numbers = tuple(one.number for one in order)
    if facts.suspended_by is not None:
        return Verdict(facts.suspended_by, Why.SUSPENDED, assisting=numbers)
    if facts.has_incident:
        return Verdict(facts.owner, Why.INCIDENT, assisting=numbers)
    if order:
        lead, *_others = order
        held, why = _of_step(lead, alone=len(order) == 1)
        return Verdict(held, why, lead.number, numbers[1:])
    if facts.last is not None:
        return Verdict(facts.last, Why.WAITS)
    return Verdict(facts.owner, Why.OWNER)


def _of_step(one: Lying, *, alone: bool) -> tuple[Held, Why]:
    if one.sender is not None and one.silent:
        return one.holder, Why.SILENT
    if one.sender is not None:
        return one.sender, Why.SENT
    return one.holder, Why.STEP if alone else Why.LEAD
