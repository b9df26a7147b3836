"""What a page of the watch was asked about, as its address says it: a period, and of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from flask import current_app, g, request, url_for

from engine.base import clock
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.reads import department_and_below
from engine.supervision.alerts.measuring import NOW, WATCHED
from engine.supervision.alerts.rules import MOST_DAYS as MOST_WATCHED
from engine.supervision.figures.asking import Owner, owners
from engine.supervision.figures.rules import Scope
from web.forms import whole
from web.languages import gettext as _
from web.shown import local

PERIODS: Final = (7, 30, 90, 365)
NARROWS: Final = ("days", "since", "until", "procedure", "edition", "department", "post", "kind")
"""What an address narrows the pages of the watch by; a step is of one page alone."""
USUAL: Final = 30
MOST_DAYS: Final = 1100
_MOST_NAMED: Final = 300
_NEW_ALERT: Final = "alerts.new"
"""Of another room, which an installation may do without."""
_DAY: Final = timedelta(days=1)


@frozen
class Asked:
    """`days`: one of PERIODS, where it is a period until today; None: from day to day.

    `unfit`: the two days that were asked for instead and are no period, as they were typed.
    """

    since: date
    until: date
    days: int | None = None
    procedure_id: int | None = None
    edition_id: int | None = None
    step: str | None = None
    department_id: int | None = None
    post_id: int | None = None
    kind: int | None = None
    unfit: tuple[str, str] | None = None

    def args(self, **other: Any) -> dict[str, Any]:
        """As an address says it, with something else in `other`; what is None there is left out."""
        found = self._period() | {
            "procedure": self.procedure_id, "edition": self.edition_id, "step": self.step,
            "department": self.department_id, "post": self.post_id, "kind": self.kind,
        }  # fmt: skip
        return {key: value for key, value in (found | other).items() if value is not None}

    def _period(self) -> dict[str, Any]:
        if self.days:
            return {"days": self.days}
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @property
    def length(self) -> timedelta:
        return self.until - self.since + _DAY

    def of_everything(self) -> Asked:
        """The same period, for a page whose numbers are of all that the person supervises."""
        return Asked(self.since, self.until, self.days)

    def before(self) -> Asked:
        """As many days directly before."""
        return replace(self, since=self.since - self.length, until=self.since - _DAY, days=None)

    def scope(self, **other: Any) -> Scope:
        """A department with all below it."""
        found: dict[str, Any] = {
            "procedure_id": self.procedure_id, "edition_id": self.edition_id, "element": self.step,
            "department_ids": None if self.department_id is None else _below(self.department_id),
            "post_id": self.post_id, "applicant_kind": self.kind,
        }  # fmt: skip
        return Scope(self.since, self.until, **(found | other))

    def behind(self, number: str, **other: Any) -> str:
        """The cases behind a number; what is more narrows it further. By its days: a link is looked at tomorrow too."""
        days = {"days": None, "since": self.since.isoformat(), "until": self.until.isoformat()}
        return url_for("watch.behind", number=number, **self.args(**(days | other)))

    def alert(self, figure: str) -> str | None:
        """Where an alert on this figure is made, of the same place; None where it cannot be watched, or nobody may here."""
        if figure not in WATCHED or _NEW_ALERT not in current_app.view_functions:
            return None
        length = min(self.length.days, MOST_WATCHED)
        return url_for(
            _NEW_ALERT, figure=figure, days=None if figure in NOW else length, procedure=self.procedure_id,
            step=self.step if self.procedure_id is not None else None, department=self.department_id,
        )  # fmt: skip


def _below(department_id: int) -> frozenset[int]:
    """Asks the database once for each department, and not again in a request."""
    known: dict[int, frozenset[int]] = g.setdefault("asked_below", {})
    if department_id not in known:
        known[department_id] = department_and_below(g.db, [department_id])
    return known[department_id]


def asked(procedure_id: int | None = None) -> Asked:
    """From the address. A period that cannot be gives way to the last thirty days; an edition is one of a procedure."""
    today = local(clock.now()).date()
    days = given("days")
    since, until = day_of("since"), day_of("until") or today
    typed = _typed()
    named = request.args.get("step")
    procedure_id = procedure_id or given("procedure")
    of: dict[str, Any] = {
        "procedure_id": procedure_id, "edition_id": given("edition") if procedure_id is not None else None,
        "step": named[:_MOST_NAMED] if named and "\0" not in named else None, "department_id": given("department"),
        "post_id": given("post"), "kind": given("kind"),
    }  # fmt: skip
    if (days and not typed) or since is None or not _DAY * 0 <= until - since < MOST_DAYS * _DAY:
        length = days if days in PERIODS else USUAL
        unfit = None if days and not typed else written("since", "until")
        return Asked(today - (length - 1) * _DAY, today, length, **of, unfit=unfit)
    return Asked(since, until, None, **of)


def _typed() -> bool:
    """Days were changed in a form, where a length stays chosen: `was` holds them as the form came."""
    was = request.args.get("was")
    return was is not None and was != f"{request.args.get('since', '')}/{request.args.get('until', '')}"


def written(first: str, last: str) -> tuple[str, str] | None:
    """Two days as the address has them; None where it has neither."""
    found = request.args.get(first, "").strip(), request.args.get(last, "").strip()
    return (found[0][:20], found[1][:20]) if any(found) else None


def given(name: str) -> int | None:
    """A number in the address; None where it says none."""
    return request.args.get(name, type=whole)


def day_of(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def kinds() -> dict[int, str]:
    """Of applicants, as `cases.applicant_kind` counts them."""
    return {1: _("natural persons"), 2: _("enterprises and other bodies"), 3: _("public authorities")}


def posts_by_department() -> list[tuple[Name, list[Owner]]]:
    """Every post, for a field that narrows by one: a post that is asked about is always among them."""
    found: dict[int, list[Owner]] = {}
    for one in owners(g.db).values():
        found.setdefault(one.department_id, []).append(one)
    return [(some[0].department, some) for some in found.values()]


def post_called(post_id: int | None) -> Name | None:
    one = owners(g.db).get(post_id or 0)
    return None if one is None else one.post
