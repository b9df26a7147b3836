"""What is kept of cases: tasks, every change of a task, timers, awaited messages, incidents, hand-overs.

Keys of what grows begin with the office, then the case: one case lies together on disk,
and an installation that serves many offices can be split by office.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

cases = Table(
    "cases",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),  # also the id of its chain in the record
    Column("edition_id", Integer, nullable=False),
    Column("started_by", Integer),
    Column("number", Text, nullable=False),
    Column("matter", Text, nullable=False),  # one line: what it is about
    Column("applicant", Text, nullable=False),
    Column("process", Text, nullable=False),  # the process of the edition that it runs
    Column("parent", BigInteger),  # the case whose message started it
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("state", LargeBinary, nullable=False),  # opaque outside diagram.run; empty once ended
    Column("version", Integer, nullable=False),  # one more with each change
    Column("tasks_opened", Integer, nullable=False),
    Column("chain_length", Integer, nullable=False),
    Column("chain_head", LargeBinary, nullable=False),
    Column("receipt", LargeBinary),  # the idempotency key it was started with
    Column("subject", Text),  # what it decides on, as edition:12; only whoever names it may decide
    Column("suspended_at", Instant),  # since when it rests; None: it does not
    Column("ended_how", SmallInteger),  # cases.rules.Ended; None: by itself
    Column("period_due", Instant),  # when the first of its periods is over; None: it has none that runs
    Column("clock_stops", SmallInteger),  # how many stops hold its clocks now
    Column("applicant_kind", SmallInteger),  # cases.rules.Applicant; None: nobody said
    PrimaryKeyConstraint("office_id", "id"),
    Index("uq_cases_number", "office_id", "number", unique=True),
    Index("ix_cases_procedure_open", "office_id", "procedure_id", "started_at", "ended_at", "edition_id",
          "applicant_kind",
          sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    Index("ix_cases_procedure_ended", "office_id", "procedure_id", "ended_at",
          sqlite_where=text("ended_at IS NOT NULL"), postgresql_where=text("ended_at IS NOT NULL")),
    Index("uq_cases_receipt", "office_id", "receipt", unique=True,
          sqlite_where=text("receipt IS NOT NULL"), postgresql_where=text("receipt IS NOT NULL")),
    Index("ix_cases_suspended", "office_id", "id",
          sqlite_where=text("suspended_at IS NOT NULL"), postgresql_where=text("suspended_at IS NOT NULL")),
    info=BY_KEY,
)  # fmt: skip

_OPEN = "closed_at IS NULL"
_CORRELATED = "closed_at IS NULL AND correlation IS NOT NULL"
_COUNTED = "closed_at IS NULL AND wake_at IS NOT NULL AND counted_by IS NOT NULL"
_FREE = "closed_at IS NULL AND person_id IS NULL"
_PROVISIONAL = "closed_at IS NULL AND provisional IS NOT NULL"
_TAKEN = "closed_at IS NULL AND person_id IS NOT NULL"
_WAKES = "closed_at IS NULL AND wake_at IS NOT NULL"
_SILENT = "accepted_at IS NULL AND returned_at IS NULL AND lapsed_at IS NULL"

tasks = Table(
    "tasks",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … within the case
    Column("case_id", BigInteger, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column("edition_id", Integer, nullable=False),  # the edition `element` belongs to: a called one inside a call
    Column("post_id", Integer, nullable=False),
    Column("department_id", Integer, nullable=False),
    Column("person_id", Integer),  # who claimed it
    Column("changes", SmallInteger, nullable=False),  # how many rows of task_events it has
    Column("closed_how", SmallInteger),  # cases.rules.Closed
    Column("kind", SmallInteger),  # cases.rules.Kind: asked of somebody beside the diagram; None: a step of it
    Column("of_task", Integer),  # the step beside which it was asked
    Column("asks", SmallInteger),  # more than 0 once something was asked beside it
    Column("from_department_id", Integer),  # of the task that led to it
    Column("came_from", Text),  # while it is open: the step completed last when it was opened; None: the case began with it
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # cases.rules.NO_DUE where nothing is promised
    Column("provisional", BigInteger),  # counted by which version of the calendars, while holidays are not told; None: certain
    Column("clock_of", Integer),  # the number of the task whose clock this one goes on with; None: its own
    Column("claimed_at", Instant),
    Column("closed_at", Instant),
    Column("token", Text, nullable=False),  # diagram.run.Waiting.token
    Column("element", Text, nullable=False),
    Column("item", Text),  # which of several, for a multi-instance step
    Column("receipt", LargeBinary),  # of the idempotency key it was completed with: rules.kept_of
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    # One LIMIT per post over the first, one over the second: never a scan of all open tasks.
    # What a list is filtered and counted by stands in them too: a row itself is only looked at where it is shown.
    Index("ix_tasks_free", "office_id", "post_id", "due_at", "case_id", "number", "closed_at", "person_id",
          "procedure_id", "kind", "from_department_id", "opened_at",
          sqlite_where=text(_FREE), postgresql_where=text(_FREE)),
    Index("ix_tasks_taken", "office_id", "person_id", "due_at", "case_id", "number", "closed_at", "claimed_at",
          sqlite_where=text(_TAKEN), postgresql_where=text(_TAKEN)),
    Index("ix_tasks_provisional", "provisional", sqlite_where=text(_PROVISIONAL), postgresql_where=text(_PROVISIONAL)),
    # All that is open is counted from this alone, in its order, by figures.unended.
    Index("ix_tasks_waiting", "office_id", "procedure_id", "edition_id", "element", "came_from", "department_id",
          "post_id", "person_id", "opened_at", "due_at", "from_department_id", "kind", "closed_at",
          sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
    info=BY_KEY,
)  # fmt: skip

task_events = Table(
    "task_events",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("change", SmallInteger, nullable=False),  # cases.rules.Change
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … within the task
    Column("post_id", Integer, nullable=False),
    Column("department_id", Integer, nullable=False),
    Column("person_id", Integer),
    Column("external", Boolean, nullable=False),  # the wait is for somebody outside the office
    PrimaryKeyConstraint("office_id", "case_id", "task_number", "number"),
    info=BY_KEY,
)

marks = Table(
    "marks",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … within the task
    Column("kind", SmallInteger, nullable=False),  # cases.rules.Mark: why it lies where it lies
    Column("at", Instant, nullable=False),
    Column("person_id", Integer),
    Column("department_id", Integer),
    Column("words", Text, nullable=False),  # the reason as it was given
    PrimaryKeyConstraint("office_id", "case_id", "task_number", "number"),
    info=BY_KEY,
)

task_drafts = Table(
    "task_drafts",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("person_id", Integer, nullable=False),  # nobody else is ever shown it
    Column("version", Integer, nullable=False),  # one more with each change
    Column("at", Instant, nullable=False),
    Column("typed", Text, nullable=False),  # JSON of cases.typed.Sheet: what stands in each field
    PrimaryKeyConstraint("office_id", "case_id", "task_number", "person_id"),
    info=BY_KEY,
)

timers = Table(
    "timers",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("wake_at", Instant),  # when it is looked at: as it is due; None while its case rests
    Column("closed_at", Instant),  # fired, or no longer needed
    Column("since_at", Instant),  # from when its length counts; when it was armed
    Column("counted_by", BigInteger),  # of working time: by which version of the calendars
    Column("value", Text),  # length, repetition or date, as an expression gave it
    PrimaryKeyConstraint("office_id", "case_id", "token", "due_at"),
    Index("ix_timers_wake", "wake_at", "case_id", "token", sqlite_where=text(_WAKES), postgresql_where=text(_WAKES)),
    Index("ix_timers_counted", "counted_by", sqlite_where=text(_COUNTED), postgresql_where=text(_COUNTED)),
    info=BY_KEY,
)

awaited = Table(
    "awaited_messages",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", Text, nullable=False),  # message, signal or condition; call: a connector's answer
    Column("name", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("correlation", Text),  # diagram.correlation: by what a message from elsewhere finds it
    PrimaryKeyConstraint("office_id", "case_id", "token", "opened_at"),
    Index("ix_awaited_messages_name", "office_id", "name", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
    Index("ix_awaited_messages_correlation", "office_id", "name", "correlation",
          sqlite_where=text(_CORRELATED), postgresql_where=text(_CORRELATED)),
    info=BY_KEY,
)  # fmt: skip

incidents = Table(
    "incidents",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("token", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", Text, nullable=False),  # diagram.run.Trouble.kind
    Column("facts", Text, nullable=False),  # JSON: what the sentence is filled with
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Integer),
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    Index("ix_incidents_open", "office_id", "opened_at", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
    info=BY_KEY,
)

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("task_number", Integer, nullable=False),  # the task that received it
    Column("from_task", Integer),  # the task whose completion sent it; None: its post was changed by hand
    Column("from_post_id", Integer),
    Column("from_person_id", Integer),
    Column("from_department_id", Integer, nullable=False),
    Column("to_department_id", Integer, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("answer_by", Instant, nullable=False),  # silence beyond it escalates
    Column("accepted_at", Instant),
    Column("accepted_by", Integer),
    Column("returned_at", Instant),
    Column("returned_by", Integer),
    Column("reason", Text),  # why it was returned
    Column("escalated_at", Instant),
    Column("lapsed_at", Instant),  # the case went another way before anybody answered
    PrimaryKeyConstraint("office_id", "case_id", "task_number"),
    # Times in transit by pair of departments are read from the first alone, whatever the period.
    Index("ix_hand_overs_pair", "office_id", "sent_at", "from_department_id", "to_department_id", "accepted_at",
          "returned_at", "escalated_at"),
    Index("ix_hand_overs_silent", "answer_by", sqlite_where=text(_SILENT), postgresql_where=text(_SILENT)),
    info=BY_KEY,
)  # fmt: skip
