"""Why a task lies where it lies, and what is asked for beside the diagram, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.cases.inbox import InboxLine
from engine.cases.reasons import Reason
from engine.cases.rules import Kind, Mark
from web.languages import gettext as _
from web.languages import language
from web.shown import named

_STRONG: Final[Mapping[Mark, str]] = {
    Mark.RETURNED: "warn",
    Mark.HAND_OVER_RETURNED: "warn",
    Mark.URGED: "late",
    Mark.ESCALATED: "late",
    Mark.YELLOW_CARD: "warn",
    Mark.RED_CARD: "late",
    Mark.SENT_UP: "act",
    Mark.GIVEN: "act",
    Mark.SOONER: "act",
}


def why(reason: Reason) -> tuple[str, str]:
    """The sentence, and how strongly it is shown."""
    department = reason.kind in (Mark.RETURNED, Mark.HAND_OVER_RETURNED, Mark.ESCALATED)
    said_by = (reason.department or reason.person) if department else (reason.person or reason.department)
    who = named(said_by) if said_by is not None else _("the office")
    sentence = _sentence(reason.kind, who)
    words = _of_rule(reason)
    return (_("%(what)s: %(why)s", what=sentence, why=words) if words else sentence), _STRONG.get(reason.kind, "")


_BY_RULE: Final = frozenset({Mark.YELLOW_CARD, Mark.RED_CARD, Mark.SENT_UP})


def _of_rule(reason: Reason) -> str:
    """What was typed; of a card the name of its rule, of which the mark keeps a line in each language."""
    if reason.kind not in _BY_RULE:
        return reason.words
    en, _break, zh = reason.words.partition("\n")
    return zh if language() == "zh" and zh else en


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
        Mark.GIVEN_BACK: _("released to the post by %(who)s", who=who),
        Mark.SOONER: _("to be served sooner, says %(who)s", who=who),
        Mark.LATER: _("may be served later, says %(who)s", who=who),
        Mark.ACCEPTED_FOR: _("hand-over accepted on behalf by %(who)s", who=who),
        Mark.YELLOW_CARD: _("▲ yellow card"),
        Mark.RED_CARD: _("■ red card"),
        Mark.SENT_UP: _("↑ sent up"),
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
