"""Enquiries: whoever is asked first owns one until somebody else has accepted it."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.counter import acts, reads
from engine.counter.rules import (
    CHANNELS,
    AnswerMissing,
    CallerMissing,
    ContactTooLong,
    EnquiryMissing,
    HandedToOneself,
    NobodyThere,
    WhyMissing,
)
from engine.organisation import reads as organisation
from web.counter.room import room
from web.forms import faults, new_receipt, receipt_of, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell

_NOTED = {CallerMissing: "o-caller", EnquiryMissing: "o-matter", ContactTooLong: "o-contact"}
_DONE = {AnswerMissing: "o-answer", WhyMissing: "o-why", HandedToOneself: "o-post", NobodyThere: "o-post"}


@room.get("/enquiries/new")
@anybody_signed_in
def new_enquiry() -> ResponseReturnValue:
    return _new_page(None)


def _new_page(refusal: Refusal | None) -> str:
    return render_template(
        "counter/new_enquiry.html",
        channels=CHANNELS,
        own={name: request.form.get(name, "") for name in ("caller", "contact", "channel", "matter")},
        faults=faults(refusal, _NOTED),
        refusal=refusal,
        receipt=request.form.get("own:receipt") or new_receipt(),
    )


@room.post("/enquiries/new")
@anybody_signed_in
def note_enquiry() -> ResponseReturnValue:
    try:
        enquiry_id = acts.note_enquiry(
            g.db,
            by=g.actor,
            caller=request.form.get("caller", ""),
            contact=request.form.get("contact", ""),
            channel=request.form.get("channel", ""),
            matter=request.form.get("matter", ""),
            receipt=receipt_of(request.form),
        )
    except tuple(_NOTED) as refusal:
        return _new_page(refusal), 422
    tell(_("The enquiry is noted. It is yours until it is answered, or somebody else has accepted it."))
    return redirect(url_for("counter.enquiry", enquiry_id=enquiry_id), 303)


@room.get("/enquiries/<int:enquiry_id>")
@anybody_signed_in
def enquiry(enquiry_id: int) -> ResponseReturnValue:
    return _page(enquiry_id, None)


def _page(enquiry_id: int, refusal: Refusal | None) -> str:
    page = reads.enquiry(g.db, actor=g.actor, enquiry_id=enquiry_id)
    return render_template(
        "counter/enquiry.html",
        page=page,
        chart=organisation.chart(g.db) if page.mine and page.line.handed_to is None else None,
        own={name: request.form.get(name, "") for name in ("answer", "reason", "post")},
        faults=faults(refusal, _DONE),
        refusal=refusal,
        now=clock.now(),
    )


@room.post("/enquiries/<int:enquiry_id>/answer")
@anybody_signed_in
def answer(enquiry_id: int) -> ResponseReturnValue:
    try:
        acts.answer_enquiry(g.db, by=g.actor, enquiry_id=enquiry_id, answer=request.form.get("answer", ""))
    except AnswerMissing as refusal:
        return _page(enquiry_id, refusal), 422
    tell(_("Answered. The enquiry is closed."))
    return redirect(url_for("counter.counter"), 303)


@room.post("/enquiries/<int:enquiry_id>/hand-on")
@anybody_signed_in
def hand_on(enquiry_id: int) -> ResponseReturnValue:
    try:
        acts.hand_on(g.db, by=g.actor, enquiry_id=enquiry_id, post_id=_post(), reason=request.form.get("reason", ""))
    except (WhyMissing, HandedToOneself, NobodyThere) as refusal:
        return _page(enquiry_id, refusal), 422
    tell(_("Handed on. It stays yours until somebody there has accepted it."))
    return redirect(url_for("counter.enquiry", enquiry_id=enquiry_id), 303)


@room.post("/enquiries/<int:enquiry_id>/accept")
@anybody_signed_in
def accept(enquiry_id: int) -> ResponseReturnValue:
    acts.accept_enquiry(g.db, by=g.actor, enquiry_id=enquiry_id)
    tell(_("Accepted. From now on the enquiry is yours."))
    return redirect(url_for("counter.enquiry", enquiry_id=enquiry_id), 303)


@room.post("/enquiries/<int:enquiry_id>/give-back")
@anybody_signed_in
def give_back(enquiry_id: int) -> ResponseReturnValue:
    try:
        acts.give_back(g.db, by=g.actor, enquiry_id=enquiry_id, reason=request.form.get("reason", ""))
    except WhyMissing as refusal:
        return _page(enquiry_id, refusal), 422
    tell(_("Given back, with your reason."))
    return redirect(url_for("counter.counter"), 303)


def _post() -> int:
    try:
        return whole(request.form.get("post", ""))
    except ValueError:
        return -1
