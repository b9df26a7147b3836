"""The blueprint, its sections, and what each of its pages shows around its own matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.organisation.rules import Right
from engine.supervision.figures.definitions import CLAIMED_IS_NOT_WORKING, DEFINITIONS, TOO_FEW
from engine.supervision.figures.rules import StepFigures
from web.asked_of import PERIODS, Asked, asked, kinds, posts_by_department
from web.flow.choices import choices, told
from web.flow.lengths import day_length, worked
from web.guard import allows
from web.languages import gettext as _
from web.shown import share

room = Blueprint("flow", __name__, url_prefix="/watch/flow")
room.app_template_filter("worked")(worked)
_MINUTE: Final = timedelta(minutes=1)

SECTIONS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    ("times", lambda: _("Times")),
    ("traffic", lambda: _("Arrivals and departures")),
    ("handing", lambda: _("Hand-overs")),
    ("ways", lambda: _("Ways and loops")),
    ("load", lambda: _("Workload")),
    ("compare", lambda: _("Compare")),
)


def part_words() -> dict[str, str]:
    """The parts that the time of a step is made of, in the order they are drawn."""
    return {
        "waiting": _("waited for somebody here"), "handed": _("handed over, not accepted yet"),
        "taken": _("in somebody's hands"), "stopped": _("clock stopped"), "outside": _("waited for somebody outside"),
    }  # fmt: skip


def made(parts: Mapping[str, timedelta]) -> list[tuple[str, float, str]]:
    """Part, share of all of them, both in words; none where no time passed."""
    every = sum(parts.values(), timedelta(0))
    if not every:
        return []
    return [(one, parts[one] / every, f"{words} {share(parts[one] / every)}") for one, words in part_words().items()]


def of_step(step: StepFigures) -> list[tuple[str, float, str]]:
    return made({one: getattr(step, one).total for one in part_words()})


def means_of(step: StepFigures) -> str:
    """How long it was in each part on the mean, the longest first; what took no minute is left out."""
    words = {
        "waiting": _("waiting"), "handed": _("in hand-over"), "taken": _("in hand"), "stopped": _("stopped"),
        "outside": _("outside"), "working": _("of it at work"),
    }  # fmt: skip
    means = {one: getattr(step, one).mean for one in words}
    means["handed"] = step.handed.total / step.done if step.done else None
    told = sorted(
        ((mean, one) for one, mean in means.items() if mean is not None and mean >= _MINUTE and one != "working"),
        reverse=True,
    )
    parts = [f"{words[one]} {worked(mean)}" for mean, one in told]
    if step.working.mean is not None:
        parts.append(f"{words['working']} {worked(step.working.mean)}")
    return _(", ").join(parts)


def around(of: Asked, here: str) -> dict[str, Any]:
    """The form that narrows, the sections, and what is told of the period."""
    known = choices(of.procedure_id)
    return {
        "asked": of,
        "before": of.before(),
        "choices": known,
        "periods": PERIODS,
        "here_is": here,
        "sections": [(words(), url_for(f"flow.{name}", **of.args()), name == here, None) for name, words in SECTIONS],
        "told": told(of, known),
        "day_length": day_length(),
        "definitions": DEFINITIONS,
        "too_few_words": TOO_FEW,
        "not_measured_words": CLAIMED_IS_NOT_WORKING,
        "kinds": list(kinds().items()),
        "every_post": posts_by_department(),
        "behind": of.behind,
        "alert_on": of.alert,
        "csv": lambda table, **more: url_for("flow.csv", table=table, **of.args(), **more),
    }


@room.get("/<int:procedure_id>")
@allows(Right.SUPERVISE)
def of_procedure(procedure_id: int) -> ResponseReturnValue:
    """So that the tabs of the watch lead from a procedure's map to its flow."""
    return redirect(url_for("flow.times", **asked(procedure_id).args()))
