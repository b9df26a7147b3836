"""What is allowed with a hand-over, how long it took, and how often a case went to and fro. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from engine.base.errors import Overtaken, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text


class NotHandedOver(Refusal):
    """“{task}” was not handed over by another department, so there is nothing to accept or to return."""

    zh = "“{task}”不是由其他部门交接而来，无需接收或退回。"


class AlreadyAccepted(Overtaken):
    """“{task}” was accepted by {person} on {at}. Return it to an earlier step if it cannot be done."""

    zh = "“{task}”已由{person}于 {at} 接收。如无法办理，请退回前一环节。"


class WhyReturned(Refusal):
    """Say in a sentence why you return it: {department} reads it, and it goes into the record."""

    zh = "请用一句话说明退回理由：{department}将看到该理由，并写入记录。"


class NoWayBack(Refusal):
    """“{task}” cannot be returned to {department}: several branches came together here, or that part is over. Accept it, and speak with {department}."""

    zh = "“{task}”不能退回{department}：多个分支已在此汇合，或该部分已经结束。请先接收，再与{department}联系。"


class State(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    LAPSED = "lapsed"
    """The case went another way before anybody answered."""


@frozen
class HandOver:
    """One crossing from a department to another. `number` is of the task that received it, `closed_at` its end."""

    number: int
    task: str
    sender_id: int
    sender: Text
    sender_person: Text | None
    receiver_id: int
    receiver: Text
    sent_at: datetime
    answer_by: datetime
    accepted_at: datetime | None
    accepted_by: Text | None
    returned_at: datetime | None
    returned_by: Text | None
    reason: str | None
    escalated_at: datetime | None
    lapsed_at: datetime | None
    closed_at: datetime | None

    @property
    def state(self) -> State:
        if self.returned_at is not None:
            return State.RETURNED
        if self.accepted_at is not None:
            return State.ACCEPTED
        return State.WAITING if self.lapsed_at is None else State.LAPSED

    def in_transit(self, now: datetime) -> timedelta:
        """From sending to the receiver's answer."""
        return (self.accepted_at or self.returned_at or self.lapsed_at or now) - self.sent_at

    def at_receiver(self, now: datetime) -> timedelta:
        """Since the receiver accepted it, as long as their task was open."""
        if self.accepted_at is None:
            return timedelta(0)
        return max((self.closed_at or now) - self.accepted_at, timedelta(0))

    @property
    def within(self) -> timedelta:
        return self.answer_by - self.sent_at


@frozen
class Swing:
    """How often a case came back to where it had been, of two departments."""

    one: Text
    other: Text
    times: int


def to_and_fro(handed: Iterable[HandOver]) -> tuple[Swing, ...]:
    """There and back is once: every hand-over between the two is a crossing, and so is every return.

    What one move of the case hands over in several tasks crosses once. The most restless pair first.
    """
    names: dict[frozenset[int], tuple[Text, Text]] = {}
    moves: set[tuple[frozenset[int], datetime, bool]] = set()
    for one in handed:
        pair = frozenset((one.sender_id, one.receiver_id))
        names.setdefault(pair, (one.sender, one.receiver))
        moves.add((pair, one.sent_at, False))
        if one.returned_at is not None:
            moves.add((pair, one.returned_at, True))
    crossings = Counter(pair for pair, _at, _back in moves)
    return tuple(Swing(*names[pair], count // 2) for pair, count in crossings.most_common() if count > 1)
