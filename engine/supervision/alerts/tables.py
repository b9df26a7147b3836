"""What is kept of alerts: the rule, how it stands now, and each time that it was told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_LOOKED_AT = "next_at IS NOT NULL"

alerts = Table(
    "alerts",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("person_id", Integer, nullable=False),  # whose it is: looked at with the posts they hold then
    Column("procedure_id", Integer),
    Column("department_id", Integer),
    Column("webhook_id", Integer),  # None: told by a notice
    Column("days", SmallInteger, nullable=False),  # how long the window is; 0: as things stand now
    Column("kind", SmallInteger, nullable=False),  # alerts.rules.Kind
    Column("repeats", SmallInteger, nullable=False),  # alerts.rules.Repeats
    Column("threshold", Float, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("next_at", Instant),  # when it is looked at; None: it is paused or removed
    Column("standing_since", Instant),  # it was told, and has not recovered yet
    Column("told_at", Instant),
    Column("looked_at", Instant),
    Column("value", Float),  # as it was found then; of a change the share
    Column("paused_at", Instant),
    Column("removed_at", Instant),
    Column("figure", Text, nullable=False),  # figures.definitions: the key
    Column("element", Text),
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_alerts_next", "next_at", sqlite_where=text(_LOOKED_AT), postgresql_where=text(_LOOKED_AT)),
    Index("ix_alerts_person", "office_id", "person_id"),
    info=BY_KEY,
)

alert_firings = Table(
    "alert_firings",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("alert_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("recovered_at", Instant),
    Column("value", Float, nullable=False),
    PrimaryKeyConstraint("office_id", "alert_id", "at"),
    info=BY_KEY,
)
