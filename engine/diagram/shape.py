"""What a diagram says, as facts: elements, flows, lanes and findings. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from engine.base.frozen import frozen
from engine.base.text import Language, Name, Text


class Severity(StrEnum):
    BLOCKS = "blocks"  # keeps the diagram out of force
    ATTENTION = "attention"  # somebody should look at it
    INFO = "info"  # told, nothing to do


@frozen
class Rule:
    """One rule a diagram is checked by. The sentences take the facts of a finding."""

    code: str
    severity: Severity
    sentence: Text
    remedy: Text


@frozen
class Finding:
    """A rule that a place in the file breaks. `line` is 1-based, None where no place is meant."""

    rule: Rule
    line: int | None
    element: str | None
    name: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: Language) -> str:
        return self.rule.sentence.say(language, **self._known())

    def remedy(self, language: Language) -> str:
        return self.rule.remedy.say(language, **self._known())

    def _known(self) -> dict[str, Any]:
        return {"line": self.line, "element": self.element, "name": self.name or self.element, **self.facts}


@frozen
class Flow:
    """A sequence flow. `condition` is the expression as written, None where there is none."""

    id: str
    source: str
    target: str
    name: str | None
    condition: str | None
    language: str | None  # the expression's declared language, as written
    line: int


@frozen
class Separation:
    """Duties kept apart: not by whoever did the step `source` (`by` is "person"), nor by anybody of the department that
    did it (`by` is "department")."""

    source: str
    by: str


@frozen
class Element:
    """A flow node. `kind` is the BPMN tag without its namespace (`userTask`, `exclusiveGateway` …)."""

    id: str
    kind: str
    name: str | None
    line: int
    process: str
    scope: str  # the id of the process or sub-process it stands in
    event: str | None = None  # timer, message, signal, error … for events
    event_name: str | None = None  # the name of its message, signal, error or escalation; of its link
    attached_to: str | None = None
    interrupting: bool = True  # boundary events and event sub-process starts
    default: str | None = None
    triggered_by_event: bool = False
    called: str | None = None  # a call activity's calledElement
    documentation: str | None = None
    lane: str | None = None  # the deepest lane that holds it, through its sub-processes
    group: str | None = None  # candidate group or assignee of a foreign dialect, where no lane says who
    loop: str | None = None  # "parallel", "sequential" or "standard"
    standard_time: str | None = None  # ISO 8601 duration: how long the step should take
    external: bool = False  # the wait is for somebody outside the office
    act: str | None = None  # the act of document control that this step or event is, where it is one
    owner_from: str | None = None  # "item": of several, each is owned by the post whose code its item is
    working_time: bool = False  # the standard time counts working days and hours
    matter: str | None = (
        None  # of a start that waits for a time: what the cases it begins are about, {month} and the like filled in
    )
    applicant: str | None = None  # of the same: who applies; None: the department that answers for the procedure
    separations: tuple[Separation, ...] = ()
    documents: tuple[Name, ...] = ()  # what must be there for the step
    together: bool = False  # several may be completed at once from the list
    produces: tuple[str, ...] = ()  # templates of the documents that are made at it, as attached files
    without: frozenset[str] = frozenset()  # moves that are switched off here: words of duties.MOVES
    committee: str | None = None  # the code of the post whose holders decide this step by a vote
    quorum: str | None = None  # as written: a share of the members, or how many of them must vote
    majority: str | None = None  # as written: the share of those present that adopts it
    countersign: tuple[str, ...] = ()  # codes of the departments that must countersign here
    accept_within: str | None = None  # ISO 8601 duration: how long a hand-over to it may lie before silence escalates
    stops_clock: str | None = None  # as written: the ground on which the periods of the case stand while it waits here
    refusal: str | None = None  # as written: the condition, or the way out, by which this step refuses
    ground: tuple[str, ...] = ()  # keys of the answers in which a refusal's ground stands
    connector: str | None = None  # the code of the connector that does it
    inputs: tuple[tuple[str, str], ...] = ()  # what the connector is given: names and expressions
    outputs: tuple[tuple[str, str], ...] = ()  # what is kept of its answer: variables and expressions
    correlation: str | None = None  # the expression by whose value a message finds the case that awaits it


@frozen
class Lane:
    """A lane; `name` as drawn. `depth` counts from 0 at the outermost."""

    id: str
    name: str | None
    process: str
    parent: str | None
    depth: int
    line: int


@frozen
class Periods:
    """What a process says of the periods of its cases, as written; `diagram.clocks` makes plans of it.

    Lengths are ISO 8601; what begins, accepts and decides are ids of elements.
    """

    rule_set: str | None = None
    promised: str | None = None  # within this a case is to be decided, by the office's own word
    statutory: str | None = None  # within this it must be decided, by law
    working_time: bool = False  # days and hours are working days and hours
    counts_from: tuple[str, ...] = ()  # elements that begin the period when they are passed; none: the case does
    promise_from: tuple[str, ...] = ()  # the same of the promise, where it is another; "start": the case does
    notice_by: tuple[str, ...] = ()  # elements by which the applicant was told what is missing
    decided_by: tuple[str, ...] = ()  # elements by which it is decided; none: the end of the case
    joint: bool = False  # several authorities handle it together
    first_day: bool = False  # the day of the event counts
    rolls: bool | None = None  # a last day that is not worked gives way; None: as the law says
    stops: tuple[str, ...] | None = None  # grounds on which it may stand; None: as the law says
    extension: str | None = None  # by how much it may be extended, once
    expiry: str | None = None  # what its end means


@frozen
class Process:
    """One process of the file. `pool` is the name of the participant that shows it."""

    id: str
    name: str | None
    pool: str | None
    line: int
    has_content: bool
    promised: str | None = None  # ISO 8601 duration: within this a case is to end, by the office's own word
    statutory: str | None = None  # ISO 8601 duration: within this a case must end, by law
    working_time: bool = False  # both count working days and hours
    accept_within: str | None = None  # as an element's, for every step that says nothing of its own
    periods: Periods | None = None  # all it says of periods, `promised` and `statutory` among it


@frozen
class Instruction:
    """A step's work instruction: what to do, how, and to what standard (ISO 9001:2015, 8.5.1)."""

    what: Mapping[Language, str] = field(default_factory=dict)
    how: Mapping[Language, str] = field(default_factory=dict)
    standard: Mapping[Language, str] = field(default_factory=dict)


@frozen
class Owner:
    """What a designer maps to a post: a lane, a candidate group, or a process without lanes.

    `key` is `lane:<id>`, `group:<name>` or `process:<id>`; stable within an edition.
    """

    key: str
    name: str
    steps: tuple[str, ...]  # ids of the human steps it owns


@frozen
class Diagram:
    """A file that was read. Mappings are keyed by element id and keep document order."""

    source: bytes
    file: str
    processes: Mapping[str, Process]
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    lanes: Mapping[str, Lane]
    instructions: Mapping[str, Instruction]
    findings: tuple[Finding, ...]  # what reading itself found; `lint` adds the rest
    has_coordinates: bool
