"""Who is accountable for the case now, and why."""

from __future__ import annotations

from flask import g

from engine.cases.accountable import Why
from engine.cases.handing.reads import Accountable, accountable
from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part
from web.languages import gettext as _


def part(case: CasePage, _task: TaskPage | None) -> Part | None:
    """On the page of a task too it is told of the case: another step may be in the lead."""
    one = None if case.ended_at is not None else accountable(g.db, case.case_id)
    return None if one is None else Part("head", "beside/accountable.html", {"one": one, "why": _why(one)})


def _why(one: Accountable) -> str:
    step = one.step or ""
    said: dict[Why, str] = {
        Why.STEP: _("the case is at “%(step)s”", step=step),
        Why.LEAD: _("of the steps that are open, “%(step)s” is due first", step=step),
        Why.SENT: _("“%(step)s” was handed over and nobody has accepted it yet", step=step),
        Why.SILENT: _("“%(step)s” was handed over and not accepted in time", step=step),
        Why.WAITS: _("only times and messages are waited for, and this post completed the last step"),
        Why.INCIDENT: _("an incident holds the case up, and this post supervises the procedure"),
        Why.SUSPENDED: _("the case is suspended, and this post suspended it"),
        Why.OWNER: _("no step is open yet, and this post supervises the procedure"),
    }
    return said[one.why]
