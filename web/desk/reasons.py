"""Why a task lies where it lies, and what is asked for beside the diagram, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.cases.inbox import InboxLine
from engine.cases.reasons import Reason
from engine.cases.rules import Kind, Mark
from web.languages import gettext as _
from web.shown import named

_STRONG: Final[Mapping[Mark, str]] = {
    Mark.RETURNED: "warn",
    Mark.HAND_OVER_RETURNED: "warn",
    Mark.URGED: "late",
    Mark.ESCALATED: "late",
    Mark.GIVEN: "act",
}


def why(reason: Reason) -> tuple[str, str]:
    """The sentence, and how strongly it is shown."""
    department = reason.kind in (Mark.RETURNED, Mark.HAND_OVER_RETURNED, Mark.ESCALATED)
    said_by = (reason.department or reason.person) if department else (reason.person or reason.department)
    who = named(said_by) if said_by is not None else _("the office")
    sentence = _sentence(reason.kind, who)
    return (_("%(what)s: %(why)s", what=sentence, why=reason.words) if reason.words else sentence), _STRONG.get(
        reason.kind, ""
    )


def _sentence(kind: Mark, who: str) -> str:
    said: Mapping[Mark, str] = {
        Mark.RETURNED: _("returned by %(who)s", who=who),
        Mark.WITHDRAWN: _("taken back by %(who)s", who=who),
        Mark.URGED: _("urged by %(who)s", who=who),
        Mark.GIVEN: _("given to you by %(who)s", who=who),
        Mark.HAND_OVER_RETURNED: _("hand-over returned by %(who)s", who=who),
        Mark.ESCALATED: _("hand-over not accepted in time"),
        Mark.EXTENDED: _("more time given by %(who)s", who=who),
        Mark.RESUMED: _("resumed by %(who)s", who=who),
    }
    return said[kind]


def asked_for(line: InboxLine) -> str:
    """What stands as the task's name: the step, or what is asked for at it."""
    if line.kind is None:
        return line.step
    said: Mapping[Kind, str] = {
        Kind.OPINION: _("Opinion on “%(step)s”", step=line.step),
        Kind.SIGNATURE: _("Signature for “%(step)s”", step=line.step),
        Kind.COUNTERSIGNATURE: _("Counter-signature for “%(step)s”", step=line.step),
        Kind.VOTE: _("Vote on “%(step)s”", step=line.step),
        Kind.EXTENSION: _("More time for “%(step)s”?", step=line.step),
    }
    return said[line.kind]
