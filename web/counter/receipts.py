"""The receipt of an application, and the notice of all that is missing: on paper, printed or as PDF."""

from __future__ import annotations

from flask import Response, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.counter import acts, printed, reads
from engine.organisation.reads import office
from engine.organisation.rules import Right
from web.attached import as_attachment
from web.counter.applications import brought
from web.counter.room import room
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell


@room.get("/receipts/<int:case_id>")
@allows(Right.RECEIVE)
def receipt(case_id: int) -> ResponseReturnValue:
    return render_template(
        "counter/receipt.html", page=reads.receipt(g.db, actor=g.actor, case_id=case_id), now=clock.now()
    )


@room.get("/receipts/<int:case_id>/receipt.pdf")
@allows(Right.RECEIVE)
def receipt_pdf(case_id: int) -> ResponseReturnValue:
    page = reads.receipt(g.db, actor=g.actor, case_id=case_id)
    return _pdf(printed.receipt(page, office(g.db), language()), f"{page.number}.pdf")


@room.get("/receipts/<int:case_id>/notice.pdf")
@allows(Right.RECEIVE)
def notice_pdf(case_id: int) -> ResponseReturnValue:
    page = reads.receipt(g.db, actor=g.actor, case_id=case_id)
    return _pdf(printed.notice(page, office(g.db), language()), f"{page.number}-notice.pdf")


@room.post("/receipts/<int:case_id>/papers")
@allows(Right.RECEIVE)
def papers(case_id: int) -> ResponseReturnValue:
    acts.note_papers(g.db, by=g.actor, case_id=case_id, brought=brought())
    tell(_("The papers are noted."))
    return redirect(url_for("counter.receipt", case_id=case_id), 303)


@room.post("/receipts/<int:case_id>/notice")
@allows(Right.RECEIVE)
def notice(case_id: int) -> ResponseReturnValue:
    acts.give_notice(g.db, by=g.actor, case_id=case_id)
    tell(_("The notice is given: all that is missing was told at once. Print it for the applicant."))
    return redirect(url_for("counter.receipt", case_id=case_id), 303)


def _pdf(made: bytes, name: str) -> Response:
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = as_attachment(name)
    return answer
