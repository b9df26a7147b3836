"""The decision files beside an edition, as designers see them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.diagram import decisions
from engine.diagram.decisions.outline import Outline, outline
from engine.diagram.shape import Finding
from engine.procedures.editions import contents, digest


@frozen
class DecisionFile:
    """`read` and `outline` are none where the file cannot be read; `refusal` says why."""

    path: str
    content: bytes
    read: decisions.Decisions | None
    outline: Outline | None
    findings: tuple[Finding, ...]
    refusal: Refusal | None

    @property
    def digest(self) -> str:
        return digest(self.content).hex()

    def findings_of(self, decision: str) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.element == decision)


def decision_files(db: Connection, edition_id: int) -> tuple[DecisionFile, ...]:
    """By name. The edition must exist."""
    held = contents(db, edition_id).attachments
    return tuple(decision_file(path, content, held) for path, content in held.items() if path.lower().endswith(".dmn"))


def decision_file(path: str, content: bytes, others: Mapping[str, bytes]) -> DecisionFile:
    """Never raises: what cannot be read is kept with the reason. `others`: the files it may build on."""
    try:
        read = decisions.read(content, path, others)
    except decisions.NotADecisionFile as refusal:
        return DecisionFile(path, content, None, None, (), refusal)
    return DecisionFile(path, content, read, outline(content, path), decisions.findings(read), None)
