"""How a step says that it cannot go on."""

from __future__ import annotations

from engine.diagram.position import TroubleKind


class Stuck(Exception):
    """Becomes a Trouble of the token that met it; never leaves the package."""

    def __init__(self, kind: TroubleKind, **facts: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.facts = facts
