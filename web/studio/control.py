"""Document control: the review of an edition, its comments and decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.control import acts, reads
from engine.control.parties import must_take_part
from engine.control.rules import Act, CommentState
from engine.organisation.reads import today
from engine.organisation.rules import Right
from engine.procedures import reads as procedures
from engine.procedures.approving import approving
from engine.procedures.rules import EditionState
from engine.procedures.scenarios import results
from web.guard import allows, anybody_signed_in
from web.languages import gettext as _
from web.languages import ngettext
from web.notices import tell
from web.problems import status_of
from web.shown import day as shown_day
from web.shown import named
from web.studio.room import room, states


@room.app_context_processor
def _approval() -> dict[str, Any]:
    """Whether editions come into force by approval here: asked only by pages that say it."""
    return {"approved_here": lambda: approving(g.db) is not None}


@room.get("/editions/<int:edition_id>/review")
@anybody_signed_in
def review(edition_id: int) -> ResponseReturnValue:
    """For designers and for whoever decides in the review; the engine refuses others."""
    return _page(edition_id)


def _page(edition_id: int, refusal: Refusal | None = None, at: str = "") -> str:
    page = reads.review(g.db, actor=g.actor, edition_id=edition_id)
    found = procedures.edition(g.db, edition_id)
    return render_template(
        "studio/review.html",
        page=page,
        stages=_stages(page),
        mine=_mine(page),
        marks=_marks(page),
        designer=g.actor.may(Right.DESIGN),
        scenarios=results(g.db, edition_id) if page.state != EditionState.OUT_OF_FORCE else None,
        differences=_differences(page),
        may_set_day=g.actor.may(Right.APPROVE) and not page.is_author and page.state == EditionState.APPROVED,
        keeping_out=len(found.keeping_out),
        to_look_at=len(found.to_look_at),
        unmapped=sum(1 for one in found.owners if one.owner.steps and one.post_id is None),
        today=today(g.db).isoformat(),
        comment_states={"open": _("unanswered"), "answered": _("answered"), "closed": _("closed")},
        refusal=refusal,
        at=at,
        typed=request.form,
        **states(),
    )


def _differences(page: reads.ReviewPage) -> str | None:
    """Where the edition is compared with the one in force, if there is one."""
    if page.in_force_id in (None, page.edition_id) or "studio.differences" not in current_app.view_functions:
        return None
    return url_for("studio.differences", edition_id=page.edition_id)


def _mine(page: reads.ReviewPage) -> list[reads.TurnLine]:
    """What waits for me, in as far as I may decide it; of several the first, their own before others'."""
    able = [one for one in page.turns if one.mine and one.why is None]
    return sorted(able, key=lambda one: one.on_behalf is not None)[:1]


@frozen
class Stage:
    """One of the five steps from a draft to an edition in force. kind: done, back, now or next."""

    title: str
    kind: str
    said: str


def _stages(page: reads.ReviewPage) -> list[Stage]:
    last = page.rounds[0] if page.rounds else None
    if page.state == EditionState.DRAFT:
        last = None  # what was decided before it was returned stands in the history
    waiting = {one.act for one in page.turns}
    return [
        Stage(_("Submitted"), "done" if last else "now", named(last.submitted_by) if last else ""),
        _decided(_("Check"), last.check if last else None, Act.CHECK in waiting),
        _consents(last, Act.CONSENT in waiting),
        _decided(_("Approval"), last.approval if last else None, Act.APPROVE in waiting),
        _force(page),
    ]


def _decided(title: str, made: reads.DecisionLine | None, now: bool) -> Stage:
    if made is None:
        return Stage(title, "now" if now else "next", "")
    return Stage(title, "done" if made.passed else "back", named(made.person))


def _consents(last: reads.RoundLine | None, now: bool) -> Stage:
    if last is None:
        return Stage(_("Consents"), "next", "")
    given = sum(one.agreed is True for one in last.consents)
    refused = any(one.agreed is False for one in last.consents)
    said = _("%(given)s of %(asked)s", given=given, asked=len(last.consents))
    kind = "back" if refused and not now else "done" if given == len(last.consents) else "now" if now else "next"
    return Stage(_("Consents"), kind, said)


def _force(page: reads.ReviewPage) -> Stage:
    if page.state in (EditionState.IN_FORCE, EditionState.OUT_OF_FORCE):
        return Stage(_("In force"), "done", "")
    if page.state == EditionState.APPROVED and page.effective is not None:
        return Stage(_("In force"), "now", _("from %(day)s", day=shown_day(page.effective.from_day)))
    return Stage(_("In force"), "next", "")


def _marks(page: reads.ReviewPage) -> dict[str, Any]:
    """One mark a place, with the numbers of what is said there; it leads to the first."""
    there: dict[str, list[reads.CommentLine]] = {}
    for one in page.comments:
        if one.element and one.state != CommentState.CLOSED:
            there.setdefault(one.element, []).append(one)
    return {
        "comments": [
            {
                "element": element,
                "state": "open" if any(one.state == CommentState.OPEN for one in found) else "answered",
                "text": ", ".join(str(one.number) for one in found),
                "href": f"#comment-{found[0].number}",
                "label": _("Comment %(number)s by %(person)s", number=found[0].number, person=named(found[0].person))
                if len(found) == 1
                else ngettext("%(num)s comment", "%(num)s comments", len(found)),
            }
            for element, found in there.items()
        ]
    }


@room.get("/editions/<int:edition_id>/review/diagram.bpmn")
@anybody_signed_in
def review_diagram(edition_id: int) -> ResponseReturnValue:
    """The drawing, for whoever takes part in the review."""
    procedures.must_exist(g.db, edition_id)
    must_take_part(g.db, g.actor, edition_id)
    return Response(procedures.drawing(g.db, edition_id), mimetype="application/xml")


def _done(edition_id: int, act: Callable[[], object], said: Callable[[], str], at: str) -> ResponseReturnValue:
    """Where the act is refused the page comes back with the reason and what was typed; nothing is kept."""
    try:
        with g.db.begin_nested():
            act()
    except Refusal as refusal:
        return _page(edition_id, refusal, at), status_of(refusal)
    tell(said())
    return redirect(url_for("studio.review", edition_id=edition_id), 303)


@room.post("/editions/<int:edition_id>/review/submit")
@allows(Right.DESIGN)
def submit_for_review(edition_id: int) -> ResponseReturnValue:
    return _done(
        edition_id,
        lambda: acts.submit_for_review(g.db, by=g.actor, edition_id=edition_id, note=request.form.get("remarks", "")),
        lambda: _("Submitted for review. The edition does not change until it is returned or in force."),
        "o-remarks",
    )


@room.post("/editions/<int:edition_id>/review/check")
@anybody_signed_in
def check(edition_id: int) -> ResponseReturnValue:
    return _done(
        edition_id,
        lambda: acts.check(g.db, by=g.actor, edition_id=edition_id, remarks=request.form.get("remarks", "")),
        lambda: _("Passed. The departments it crosses are asked for their consent."),
        "o-remarks",
    )


@room.post("/editions/<int:edition_id>/review/consent")
@anybody_signed_in
def consent(edition_id: int) -> ResponseReturnValue:
    agreed = request.form.get("agreed") == "yes"
    return _done(
        edition_id,
        lambda: acts.consent(
            g.db, by=g.actor, edition_id=edition_id, agreed=agreed, remarks=request.form.get("remarks", "")
        ),
        lambda: _("Your department's consent is noted.") if agreed else _("Your department's refusal is noted."),
        "o-remarks",
    )


@room.post("/editions/<int:edition_id>/review/return")
@anybody_signed_in
def return_to_author(edition_id: int) -> ResponseReturnValue:
    return _done(
        edition_id,
        lambda: acts.return_to_author(g.db, by=g.actor, edition_id=edition_id, reasons=request.form.get("remarks", "")),
        lambda: _("Returned. The edition is a draft again, and its author is asked to mend it."),
        "o-remarks",
    )


@room.post("/editions/<int:edition_id>/review/approve")
@anybody_signed_in
def approve(edition_id: int) -> ResponseReturnValue:
    def act() -> None:
        acts.approve(g.db, by=g.actor, edition_id=edition_id, from_day=_day(), remarks=request.form.get("remarks", ""))

    return _done(edition_id, act, lambda: _told_of_day(edition_id), "o-day")


@room.post("/editions/<int:edition_id>/review/day")
@anybody_signed_in
def set_effective(edition_id: int) -> ResponseReturnValue:
    def act() -> None:
        acts.set_effective(g.db, by=g.actor, edition_id=edition_id, from_day=_day() or today(g.db))

    return _done(edition_id, act, lambda: _told_of_day(edition_id), "o-day")


class DayUnreadable(Refusal):
    """That is no date. Write it as year, month, day: 2026-04-01."""

    zh = "日期无法识别。请按年-月-日填写，例如 2026-04-01。"


def _day() -> date | None:
    """None where nothing was typed."""
    typed = request.form.get("day", "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise DayUnreadable() from None


def _told_of_day(edition_id: int) -> str:
    page = reads.review(g.db, actor=g.actor, edition_id=edition_id)
    if page.state == EditionState.APPROVED and page.effective is not None:
        return str(_("Approved. In force from %(day)s.", day=shown_day(page.effective.from_day)))
    return str(_("Edition %(number)s is in force.", number=page.number))


@room.post("/editions/<int:edition_id>/comments")
@anybody_signed_in
def comment(edition_id: int) -> ResponseReturnValue:
    return _done(
        edition_id,
        lambda: acts.comment(
            g.db,
            by=g.actor,
            edition_id=edition_id,
            text=request.form.get("comment", ""),
            element=request.form.get("element") or None,
        ),
        lambda: _("Your comment stands on the diagram."),
        "o-comment",
    )


@room.post("/editions/<int:edition_id>/comments/<int:number>/reply")
@anybody_signed_in
def reply(edition_id: int, number: int) -> ResponseReturnValue:
    return _done(
        edition_id,
        lambda: acts.reply(g.db, by=g.actor, edition_id=edition_id, number=number, text=request.form.get("reply", "")),
        lambda: _("Your answer is kept."),
        f"o-reply-{number}",
    )


@room.post("/editions/<int:edition_id>/comments/<int:number>/close")
@anybody_signed_in
def close_comment(edition_id: int, number: int) -> ResponseReturnValue:
    return _done(
        edition_id,
        lambda: acts.close_comment(g.db, by=g.actor, edition_id=edition_id, number=number),
        lambda: _("Comment %(number)s is closed.", number=number),
        f"comment-{number}",
    )


def waits(page: reads.ReviewPage) -> str:
    """The page's heading: what it waits for."""
    missing = sum(one.act == Act.CONSENT for one in page.turns)
    if missing:
        return str(ngettext("%(num)s consent is awaited", "%(num)s consents are awaited", missing))
    if page.turns:
        return str(_("Waits for: %(step)s", step=page.turns[0].step))
    return ""


room.add_app_template_global(waits, "review_waits")
