"""What is kept of figures: what each closed step and each ended case came to, once, and their sums by day and month.

Days are the office's, as ordinal numbers (`date.toordinal`); a month stands under its first day. Lengths of time are
milliseconds: of working time of the task's department (of a case: of the department that answers for its procedure),
but for `calendar`. A row of sums has a `grain`, as `sums.Grain` numbers them; of several places together years are kept
too, under their first day. All sums follow from `figure_spells` and
`figure_journeys`, those from the rows of the cases; `figure_notes` says which of them are to be looked at.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY
from engine.supervision.figures.shapes import CaseSums, StepSums

notes = Table(
    "figure_notes",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),  # 0: the case itself
    Column("case_id", BigInteger, nullable=False),
)
"""Written by triggers in the transaction of the act: a step that was closed (or opened again), a case that ended."""

places = Table(
    "figure_places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("procedure_id", Integer, nullable=False),  # of the case
    Column("edition_id", Integer, nullable=False),  # that `element` belongs to; of a case: its own
    Column("post_id", Integer, nullable=False),  # 0: a case
    Column("department_id", Integer, nullable=False),  # 0: a case
    Column("applicant_kind", SmallInteger, nullable=False),  # 0: not known; -1: all places of the step, or edition
    Column("element", Text, nullable=False),  # empty: a case, or all steps of the edition
    Index("uq_figure_places", "procedure_id", "edition_id", "element", "post_id", "department_id", "applicant_kind",
          unique=True),
)  # fmt: skip
"""By what figures are told apart, but for the day."""

spells = Table(
    "figure_spells",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("place_id", Integer, nullable=False),
    Column("opened_day", Integer, nullable=False),
    Column("closed_day", Integer, nullable=False),
    Column("how", SmallInteger, nullable=False),  # cases.rules.Closed
    Column("person_id", Integer),  # who completed it
    Column("from_place", Integer, nullable=False),  # of the step completed last when it was opened; 0: none was
    Column("from_department_id", Integer),  # of the task that led to it; None: none did
    Column("received", SmallInteger),  # 1: handed over from another department; here and below None: 0
    Column("timed", SmallInteger),  # 1: it had a due date
    Column("late", SmallInteger),
    Column("repeated", SmallInteger),  # 1: the same was completed in the case before
    Column("looped", SmallInteger),  # 1: and directly before
    Column("same_day", SmallInteger),
    Column("returned", SmallInteger),  # 1: given back to who had handed it over
    Column("ping_pong", SmallInteger),  # 1: the case had gone the other way between the two before
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("counted_by", BigInteger, nullable=False),  # by which version of the calendars
    Column("waiting", BigInteger),  # figures.parts.Part: the five add up to the sojourn
    Column("taken", BigInteger),
    Column("stopped", BigInteger),
    Column("outside", BigInteger),
    Column("handed", BigInteger),
    Column("calendar", BigInteger),  # None: from opened_at to closed_at
    Column("working", BigInteger),  # of what it was taken; None: nobody pressed start
    PrimaryKeyConstraint("office_id", "case_id", "task_number"),
    Index("ix_figure_spells_closed", "place_id", "closed_day", "case_id", "task_number", "how"),
    Index("ix_figure_spells_opened", "place_id", "opened_day", "case_id", "task_number"),
    info=BY_KEY,
)
"""Each closed step task, completed or cancelled. What is nothing is left out: PostgreSQL spends eight bytes on each 0."""

journeys = Table(
    "figure_journeys",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("place_id", Integer, nullable=False),
    Column("variant_id", Integer, nullable=False),
    Column("last_place", Integer, nullable=False),  # of the step completed last; 0: none was
    Column("started_day", Integer, nullable=False),
    Column("ended_day", Integer, nullable=False),
    Column("cancelled", SmallInteger, nullable=False),
    Column("promised", SmallInteger, nullable=False),  # 1: it had a promised period
    Column("promise_kept", SmallInteger, nullable=False),
    Column("lawful", SmallInteger, nullable=False),  # 1: it had a period of law
    Column("law_kept", SmallInteger, nullable=False),
    Column("first_pass", SmallInteger, nullable=False),  # 1: nothing completed twice, no hand-over returned
    Column("same_day", SmallInteger, nullable=False),
    Column("repeated", Integer, nullable=False),  # how many of its steps were
    Column("steps", Integer, nullable=False),  # completed
    Column("counted_by", BigInteger, nullable=False),
    Column("cycle", BigInteger, nullable=False),  # working time of the department that answers for the procedure
    Column("calendar", BigInteger, nullable=False),
    PrimaryKeyConstraint("office_id", "case_id"),
    Index("ix_figure_journeys_ended", "place_id", "ended_day", "case_id", "variant_id", "cancelled"),
    Index("ix_figure_journeys_started", "place_id", "started_day", "case_id"),
    Index("ix_figure_journeys_variant", "variant_id", "ended_day", "case_id"),
    info=BY_KEY,
)
"""Each case that has ended, by itself or cancelled."""

variants = Table(
    "figure_variants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("procedure_id", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the elements
    Column("elements", Text, nullable=False),  # of the steps completed, in their order: a JSON array
    Index("uq_figure_variants", "procedure_id", "digest", unique=True),
)


def _sums(name: str, *key: str, numbers: tuple[str, ...], more: tuple[Column[Any], ...] = ()) -> Table:
    return Table(
        name,
        metadata,
        Column("office_id", Integer, nullable=False),
        Column("grain", SmallInteger, nullable=False),
        *(Column(one, SmallInteger if one == "measure" else Integer, nullable=False) for one in key),
        *(Column(one, BigInteger, nullable=False) for one in numbers),
        *more,
        PrimaryKeyConstraint("office_id", "grain", *key),
        info=BY_KEY,
    )


STEP_NUMBERS: Final = StepSums._fields
CASE_NUMBERS: Final = CaseSums._fields

step_sums = _sums("figure_steps", "place_id", "day", numbers=STEP_NUMBERS)
case_sums = _sums("figure_cases", "place_id", "day", numbers=CASE_NUMBERS)
bins = _sums(
    "figure_bins", "place_id", "measure", "day", numbers=(), more=(Column("bins", LargeBinary, nullable=False),)
)
"""How long things took, as figures.bins.Bins writes it, of what took any time at all. `measure`: figures.bins.Measure."""
flow_sums = _sums("figure_flows", "to_place", "day", "from_place", numbers=("n", "waited", "wait"))
"""Steps (`to_place`) opened that day, once they are closed, by the step completed last before. `to_place` 0: cases that
ended by themselves that day behind it; `from_place` 0: with it the case began. `wait`: waiting and handed together, of
those completed, which `waited` counts."""
hand_sums = _sums(
    "figure_hands", "place_id", "day", "from_department_id", numbers=("n", "waited", "wait", "returned", "ping_pong"),
    more=(Column("bins", LargeBinary, nullable=False),),
)  # fmt: skip
"""Steps opened that day, once they are closed, that a task of another department led to. `wait` as with flows, and
`bins` of it."""
person_sums = _sums(
    "figure_persons", "place_id", "day", "person_id", "measure", numbers=("n", "total"),
    more=(Column("bins", LargeBinary, nullable=False),),
)  # fmt: skip
"""Steps completed that day, by who completed them. `measure`: taken, which all are counted under, and working."""
way_sums = _sums(
    "figure_ways", "place_id", "day", "variant_id", numbers=("n", "cycle", "calendar"),
    more=(Column("bins", LargeBinary, nullable=False),),
)  # fmt: skip
"""Cases that ended by themselves, by the way they went. `bins` are of `calendar`."""
