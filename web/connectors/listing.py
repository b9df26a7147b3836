"""Which connectors there are, and what was sent and what came lately."""

from __future__ import annotations

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.cases.numbers import numbers_of
from engine.connectors import reads
from engine.connectors.rules import Kind
from engine.connectors.states import Outcome, State
from engine.organisation.rules import Right
from web.connectors.room import room, tabs
from web.guard import allows
from web.languages import gettext as _


@room.get("/connectors/")
@allows(Right.ADMINISTER)
def connectors() -> ResponseReturnValue:
    found = reads.connectors_in_use(g.db, by=g.actor)
    return render_template("connectors/connectors.html", found=found, tabs_of=tabs(), kind_name=kind_name, where=_where)


def _where(one: reads.Connector) -> str:
    if one.kind is Kind.MAIL:
        return ", ".join(one.how.domains)
    return f"{one.how.method} {one.how.url}{one.how.path}"


def kind_name(kind: Kind) -> str:
    return {Kind.HTTP: _("query by HTTP"), Kind.MAIL: _("letter by e-mail"), Kind.WEBHOOK: _("signed notice")}[kind]


@room.get("/connectors/lately")
@allows(Right.ADMINISTER)
def lately() -> ResponseReturnValue:
    sent, came = reads.lately(g.db, by=g.actor), reads.received_lately(g.db, by=g.actor)
    return render_template(
        "connectors/lately.html",
        sent=sent,
        came=came,
        numbers=numbers_of(g.db, {one.case_id for one in sent}),
        state_name=_state_name,
        outcome_name=_outcome_name,
        tabs_of=tabs(),
        now=clock.now(),
    )


def _state_name(one: reads.Call) -> tuple[str, str]:
    """The words, and the kind of the chip."""
    return {
        State.WAITING: (_("under way"), "warn" if one.tries else ""),
        State.ANSWERED: (_("answered"), "ok"),
        State.GIVEN_UP: (_("given up"), "late"),
        State.CANCELLED: (_("cancelled"), ""),
    }[one.state]


def _outcome_name(outcome: Outcome) -> tuple[str, str]:
    return {
        Outcome.DELIVERED: (_("reached its case"), "ok"),
        Outcome.STARTED: (_("began a case"), "ok"),
        Outcome.NOBODY: (_("nobody awaited it"), "late"),
        Outcome.AMBIGUOUS: (_("several awaited it"), "late"),
    }[outcome]
