"""What is asked beside a step: the forms to ask, the answers, votes and their minutes, copies for information."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import from_stored, to_stored
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.cases import reads as cases
from engine.cases.asked import acts, people, reads, rules
from engine.cases.reads import TaskPage
from engine.cases.rules import Kind, ReasonMissing
from engine.procedures.reads import drawn_step
from engine.worktime.periods import end_of
from web.due import calendar_for
from web.forms import MOST_NUMBER, new_receipt, receipt_of, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.page import zone
from web.shown import refused

room = Blueprint("asking", __name__)

_MOVES: Final = "any(consult, sign, behind, countersign, vote, copy)"
_PAGE: Final = 50
_FIELD: Final[Mapping[type[Refusal], str]] = {
    rules.NothingAsked: "ask-words",
    rules.AnswerWithoutWords: "ask-words",
    rules.NobodyChosen: "ask-search",
    rules.NobodyToAsk: "ask-search",
    rules.AskedOneself: "ask-search",
    rules.AlreadyAsked: "ask-search",
    rules.DayHasPassed: "ask-due",
    rules.AnswerNotChosen: "ask-answers",
}
"""What whoever filled in the form can mend, and where."""


@frozen
class Typed:
    """A form of asking as it stands: at first empty, or as it was sent."""

    move: str
    words: str = ""
    due: str = ""
    search: str = ""
    to: tuple[str, ...] = ()
    in_turn: bool = False
    after: bool = False
    receipt: str = field(default_factory=new_receipt)

    def due_at(self) -> datetime | None:
        """When the office closes on that day; of a day it does not work, its end. A day that nobody can read is none."""
        try:
            return end_of(date.fromisoformat(self.due), calendar_for()) if self.due else None
        except (ValueError, OverflowError):
            return None


def _sent(move: str) -> Typed:
    form = request.form
    to = [one for one in form.getlist("to") if one]
    # Of a department that is chosen, the post chosen with it.
    to = [form.get(f"of:{one}") or one for one in to]
    return Typed(
        move, form.get("words", ""), form.get("due", "")[:10], form.get("search", "")[:100], tuple(to[:200]),
        form.get("order") == "turn", form.get("when") == "after", form.get("own:receipt") or new_receipt(),
    )  # fmt: skip


@room.get(f"/tasks/<int:case_id>/<int:number>/ask/<{_MOVES}:move>")
@anybody_signed_in
def form(case_id: int, number: int, move: str) -> ResponseReturnValue:
    return _form(case_id, number, Typed(move))


def _form(case_id: int, number: int, typed: Typed, refusal: Refusal | None = None) -> str:
    page = cases.task(g.db, actor=g.actor, case_id=case_id, number=number)
    step = drawn_step(g.db, page.edition_id, page.line.element)
    chosen = people.chosen(g.db, typed.to) if typed.to and refusal is None else _known(typed.to)
    by_department = typed.move == "countersign"
    near = frozenset(post.department_id for post in g.actor.posts)
    partly = request.headers.get("HX-Request") == "true"
    return render_template(
        "asking/form.html" if partly else "asking/ask.html",
        page=page,
        typed=typed,
        chosen=chosen,
        found=() if by_department or typed.move == "vote" else _found(typed.search, near, typed.to),
        places=people.places(g.db) if by_department else (),
        required=frozenset(step.countersign) if step else frozenset(),
        fault=_fault(refusal),
        today=clock.now().astimezone(zone()).date().isoformat(),
    )


def _known(to: Sequence[str]) -> Sequence[people.Whom]:
    """Those of what was chosen that can be asked: the form comes back with them."""
    found: list[people.Whom] = []
    for one in to:
        try:
            found += people.chosen(g.db, [one])
        except (Refusal, NotFound):
            continue
    return found


def _found(search: str, near: frozenset[int], but: Sequence[str]) -> Sequence[people.Whom]:
    return [one for one in people.found(g.db, search, near=near, but=g.actor.person_id) if one.key not in but]


def _fault(refusal: Refusal | None) -> tuple[str, str] | None:
    if refusal is None:
        return None
    return next((name for kind, name in _FIELD.items() if isinstance(refusal, kind)), ""), refused(refusal)


@room.get("/asking/people")
@anybody_signed_in
def found_people() -> ResponseReturnValue:
    """Whom one may ask, as words are typed; those chosen already stay."""
    chosen = request.args.getlist("to")[:200]
    near = frozenset(post.department_id for post in g.actor.posts)
    return render_template(
        "asking/people.html",
        chosen=_known(chosen),
        found=_found(request.args.get("search", "")[:100], near, chosen),
        searched=bool(request.args.get("search", "").strip()),
        one="one" in request.args,
    )


@room.post(f"/tasks/<int:case_id>/<int:number>/ask/<{_MOVES}:move>")
@anybody_signed_in
def ask(case_id: int, number: int, move: str) -> ResponseReturnValue:
    typed = _sent(move)
    if "find" in request.form:
        return _form(case_id, number, typed)
    try:
        _DO[move](case_id, number, typed)
    except tuple(_FIELD) as refusal:
        return _form(case_id, number, typed, refusal), 422
    return _to_task(case_id, number)


def _consult(case_id: int, number: int, typed: Typed) -> None:
    acts.consult(
        g.db, by=g.actor, case_id=case_id, number=number, whom=typed.to, words=typed.words, due_at=typed.due_at(),
        receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("Asked. You are told when an opinion comes; the task stays yours."))


def _sign(case_id: int, number: int, typed: Typed) -> None:
    acts.add_signers(
        g.db, by=g.actor, case_id=case_id, number=number, whom=typed.to, words=typed.words, in_turn=typed.in_turn,
        after=typed.after, due_at=typed.due_at(), receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("The signers are added. The task can be completed once all of them have signed."))


def _behind(case_id: int, number: int, typed: Typed) -> None:
    acts.add_behind(
        g.db, by=g.actor, case_id=case_id, number=number, whom=typed.to[0] if typed.to else "", words=typed.words,
        receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("Added: they are asked once you have signed."))


def _countersign(case_id: int, number: int, typed: Typed) -> None:
    acts.countersign(
        g.db, by=g.actor, case_id=case_id, number=number, whom=typed.to, words=typed.words, due_at=typed.due_at(),
        receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("The departments are asked. The task can be completed once all of them have answered."))


def _vote(case_id: int, number: int, typed: Typed) -> None:
    acts.open_vote(
        g.db, by=g.actor, case_id=case_id, number=number, question=typed.words, due_at=typed.due_at(),
        receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("The vote is open. Its members have been asked."))


def _copy(case_id: int, number: int, typed: Typed) -> None:
    acts.send_copy(
        g.db, by=g.actor, case_id=case_id, number=number, whom=typed.to, words=typed.words,
        receipt=receipt_of(request.form),
    )  # fmt: skip
    tell(_("Sent. From now on they may see the case."))


_DO: Final = {
    "consult": _consult,
    "sign": _sign,
    "behind": _behind,
    "countersign": _countersign,
    "vote": _vote,
    "copy": _copy,
}


def _to_task(case_id: int, number: int) -> ResponseReturnValue:
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


@room.post("/tasks/<int:case_id>/<int:number>/answer")
@anybody_signed_in
def answer(case_id: int, number: int) -> ResponseReturnValue:
    """On a refusal that can be mended the form comes back with what was typed."""
    page = cases.task(g.db, actor=g.actor, case_id=case_id, number=number)
    do = acts.cast_vote if page.line.kind == Kind.VOTE else acts.answer
    words = request.form.get("words", "")
    try:
        do(
            g.db, by=g.actor, case_id=case_id, number=number, outcome=_number("outcome"), words=words,
            receipt=receipt_of(request.form),
        )  # fmt: skip
    except (rules.AnswerNotChosen, rules.AnswerWithoutWords) as refusal:
        return _answer_again(page, words, refusal), 422
    if page.line.kind == Kind.VOTE:
        tell(_("Your vote is noted. You may change it until the vote is closed."))
        return _to_task(case_id, number)
    tell(_("Your answer is noted, and whoever asked has been told."))
    return redirect(url_for("desk.desk"), 303)


def _answer_again(page: TaskPage, words: str, refusal: Refusal) -> str:
    lines = reads.asked_in(g.db, page.case.case_id, of_task=page.line.of_task)
    return render_template(
        "asking/again.html",
        page=page,
        one=next(one for one in lines if one.task_number == page.line.number),
        answers=rules.ANSWERS[Kind(page.line.kind or 0)],
        answer_names=rules.SAID,
        with_words=rules.WITH_WORDS,
        words=words,
        outcome=_number("outcome"),
        fault=_fault(refusal),
        receipt=request.form.get("own:receipt") or new_receipt(),
    )


def _number(name: str) -> int | None:
    try:
        return whole(request.form.get(name, ""), MOST_NUMBER)
    except ValueError:
        return None


@room.post("/tasks/<int:case_id>/<int:number>/asked/<int:asked>/withdraw")
@anybody_signed_in
def withdraw(case_id: int, number: int, asked: int) -> ResponseReturnValue:
    why = request.form.get("why", "")[: rules.MOST_WORDS]
    acts.withdraw_asked(g.db, by=g.actor, case_id=case_id, number=number, asked=asked, why=why)
    tell(_("Withdrawn. Whoever was asked has been told."))
    return _to_task(case_id, number)


@room.post("/tasks/<int:case_id>/<int:number>/asked/<int:asked>/again")
@anybody_signed_in
def again(case_id: int, number: int, asked: int) -> ResponseReturnValue:
    words = request.form.get("words", "")
    acts.ask_again(
        g.db, by=g.actor, case_id=case_id, number=number, asked=asked, words=words, receipt=receipt_of(request.form)
    )
    tell(_("Asked again."))
    return _to_task(case_id, number)


@room.post("/tasks/<int:case_id>/<int:number>/part-done")
@anybody_signed_in
def part_done(case_id: int, number: int) -> ResponseReturnValue:
    words = request.form.get("words", "")[: rules.MOST_WORDS]
    acts.part_done(g.db, by=g.actor, case_id=case_id, number=number, words=words)
    tell(_("Now the signers are asked. Complete the task once they have signed."))
    return _to_task(case_id, number)


@room.post("/tasks/<int:case_id>/<int:number>/vote/close")
@anybody_signed_in
def close_vote(case_id: int, number: int) -> ResponseReturnValue:
    if acts.close_vote(g.db, by=g.actor, case_id=case_id, number=number):
        tell(_("The vote is closed: adopted. Complete the task to go on with this result."))
    else:
        tell(_("The vote is closed: not adopted. Complete the task to go on with this result."))
    return _to_task(case_id, number)


@room.post("/tasks/<int:case_id>/<int:number>/vote/give-up")
@anybody_signed_in
def give_up_vote(case_id: int, number: int) -> ResponseReturnValue:
    why = request.form.get("why", "")
    if not why.strip():
        raise ReasonMissing()
    acts.give_up_vote(g.db, by=g.actor, case_id=case_id, number=number, why=why)
    tell(_("The vote is given up. Another one may be opened."))
    return _to_task(case_id, number)


@room.get("/cases/<int:case_id>/votes/<int:vote>")
@anybody_signed_in
def minutes(case_id: int, vote: int) -> ResponseReturnValue:
    """What was asked, who voted how and why, what came of it: made to be printed."""
    page = cases.case(g.db, actor=g.actor, case_id=case_id)
    return render_template(
        "asking/minutes.html", page=page, ballot=reads.ballot(g.db, case_id, vote), outcomes=rules.SAID,
        edition_step=_step_of(page, reads.ballot(g.db, case_id, vote).of_task),
    )  # fmt: skip


def _step_of(page: cases.CasePage, number: int) -> str:
    return next((one.name for one in page.tasks if one.number == number), "")


@room.get("/copies")
@anybody_signed_in
def copies() -> ResponseReturnValue:
    """What was sent to me for information, newest first."""
    unread = request.args.get("which") == "unread"
    lines = reads.copies_for(g.db, actor=g.actor, unread=unread, before=_before(), limit=_PAGE + 1)
    following: dict[str, Any] = {"before": to_stored(lines[_PAGE - 1].at)} if len(lines) > _PAGE else {}
    return render_template(
        "asking/copies.html",
        lines=lines[:_PAGE],
        unread=unread,
        count=reads.count_unread(g.db, actor=g.actor),
        next_url=url_for("asking.copies", which=request.args.get("which"), **following) if following else None,
        paged="before" in request.args,
    )


def _before() -> datetime | None:
    try:
        return from_stored(whole(request.args["before"]))
    except (KeyError, ValueError, OverflowError):
        return None


@room.post("/cases/<int:case_id>/copies/<int:number>/read")
@anybody_signed_in
def read(case_id: int, number: int) -> ResponseReturnValue:
    acts.read_copy(g.db, by=g.actor, case_id=case_id, number=number)
    if request.form.get("stay") == "list":
        return redirect(url_for("asking.copies"), 303)
    return redirect(url_for("cases.case", case_id=case_id), 303)
