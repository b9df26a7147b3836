"""Trial runs, and the scenarios that belong to an edition."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
