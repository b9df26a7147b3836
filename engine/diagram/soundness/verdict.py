"""What is found out about a process: values only."""

from __future__ import annotations

from enum import StrEnum

from engine.base.frozen import frozen


class Outcome(StrEnum):
    SOUND = "sound"
    UNSOUND = "unsound"
    NOT_PROVEN = "not proven"


class FaultKind(StrEnum):
    DEADLOCK = "deadlock"  # a case waits for ever at a join
    MUTUAL_WAIT = "mutual-wait"  # joins wait for each other
    LIVELOCK = "livelock"  # a case goes on for ever, and never to its end
    UNSYNCHRONISED = "unsynchronised"  # a second token comes where one already is
    DEAD_STEP = "dead-step"  # no case ever comes there
    ENDLESS_LOOP = "endless-loop"  # round and round, without a wait


class How(StrEnum):
    BEGINS = "begins"
    DONE = "done"  # by a person, or seen to by hand
    CHOSEN = "chosen"  # a person says which way, in a wait of its own
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"
    THROWN = "thrown"  # by a process of another file that is called


class Unproven(StrEnum):
    TIME = "time"
    STATES = "states"
    CANNOT_RUN = "cannot run"  # what it is, is told elsewhere


@frozen
class Chosen:
    """The ways a gateway took."""

    gateway: str
    flows: tuple[str, ...]


@frozen
class Standing:
    """Where tokens are. `held`: at a join, for others."""

    element: str
    count: int
    held: bool


@frozen
class Turn:
    """One step of a trace: what came about at `element`, what was gone through by that, and what stands then.

    `by` is the step on whose border the event stands, or the event gateway.
    """

    how: How
    element: str
    process: str
    chosen: tuple[Chosen, ...]
    passed: tuple[str, ...]
    flows: tuple[str, ...]  # those gone along
    standing: tuple[Standing, ...]
    by: str | None = None


@frozen
class Fault:
    """`turns` is the shortest way there, empty for a dead step. `decisive` is the turn after which there is no way out.

    `elements`: every join that waits, or every step of the loop; the first is `element`. `always`: in every case.
    """

    kind: FaultKind
    element: str
    process: str
    elements: tuple[str, ...]
    turns: tuple[Turn, ...] = ()
    decisive: int = 0
    always: bool = False
    behind: int = 0  # of a dead step: how many more lie behind it


@frozen
class Verdict:
    """`why` says what kept it from being proven; with faults found all the same, that there may be more."""

    outcome: Outcome
    faults: tuple[Fault, ...] = ()
    why: Unproven | None = None
    markings: int = 0
