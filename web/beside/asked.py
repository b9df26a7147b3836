"""Opinions, signatures, departments and votes asked for beside the step; copies sent of the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import g, request

from engine.cases.asked import reads, rules
from engine.cases.asked.reads import AskedLine
from engine.cases.reads import CasePage, TaskPage
from engine.cases.rules import Kind
from engine.diagram.shape import Element
from engine.procedures.reads import drawn_step
from web.beside import moves
from web.beside.part import Part
from web.forms import new_receipt
from web.languages import gettext as _

_ASKED: Final = frozenset({"consult", "add_signers", "countersign", "open_vote"})
_SENT: Final = "send_copy"


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    """What was asked and what came of it; beside a task that the person works also the forms to ask."""
    if task is not None and task.line.kind is not None:
        return None  # it stands in the place of the form
    lines = _lines(case)
    works = task is not None and task.may_work and not task.decided_on
    step = drawn_step(g.db, task.edition_id, task.line.element) if task is not None else None
    moves = _moves(step) if works and step is not None else []
    sent = any(entry.act == _SENT for entry in case.record)
    if not (lines or moves or sent):
        return None
    ballots = reads.ballots_in(g.db, case.case_id, lines)
    here = [one for one in lines if task is not None and one.of_task == task.line.number]
    open_vote = next((one for one in ballots if task and one.of_task == task.line.number and not one.given_up), None)
    return Part(
        "main",
        "beside/asked.html",
        {
            "case": case,
            "task": task,
            "works": works,
            "moves": [one for one in moves if one[0] != "vote" or open_vote is None],
            "rounds": _rounds(lines, task),
            "ballots": ballots,
            "steps": {one.number: one.name for one in case.tasks},
            "said": rules.SAID,
            "kinds": _kinds(),
            "copies": reads.copies_in(g.db, case.case_id) if sent else (),
            "unread": reads.unread_in(g.db, actor=g.actor, case_id=case.case_id) if sent else (),
            "waits_for_me": works and any(one.after and one.waiting for one in here),
            "required": frozenset(step.countersign) if step is not None else frozenset(),
            "receipt": new_receipt(),
        },
    )


def before(case: CasePage, task: TaskPage | None) -> Part | None:
    """What completing now would close, or what keeps the step from being completed: said above the form."""
    if task is None or task.line.kind is not None or not task.may_work:
        return None
    step = drawn_step(g.db, task.edition_id, task.line.element)
    lines = [one for one in _lines(case) if one.of_task == task.line.number]
    missing = [one for one in lines if one.kind is not Kind.OPINION and (one.waiting or one.refused)]
    opinions = [one for one in lines if one.kind is Kind.OPINION and one.waiting]
    ballots = [one for one in reads.ballots_in(g.db, case.case_id, lines) if one.of_task == task.line.number]
    values = {
        "signers": [one for one in missing if one.kind is Kind.SIGNATURE],
        "departments": [one for one in missing if one.kind is Kind.COUNTERSIGNATURE],
        "opinions": opinions,
        "vote": step is not None and step.committee is not None and not any(one.adopted is not None for one in ballots),
        "voting": next((one for one in ballots if one.is_open), None),
        "never": bool(step and step.countersign and not any(one.kind is Kind.COUNTERSIGNATURE for one in lines)),
        "task": task,
    }
    if not any(value for name, value in values.items() if name != "task"):
        return None
    return Part("head", "beside/asked_open.html", values)


def instead(task: TaskPage) -> Part | None:
    """What the page of a task shows in the place of the step's form, where it was asked beside the diagram."""
    if task.line.kind == Kind.EXTENSION:
        return moves.deciding(task)
    if task.line.kind not in rules.ANSWERS:
        return None
    lines = _lines(task.case)
    one = next((line for line in lines if line.task_number == task.line.number), None)
    if one is None:
        return None
    ballots = reads.ballots_in(g.db, task.case.case_id, lines)
    ballot = next((found for found in ballots if found.round == one.round), None)
    open_vote = ballot is not None and ballot.is_open and task.mine
    return Part(
        "main",
        "beside/asked_here.html",
        {
            "task": task,
            "one": one,
            "ballot": ballot,
            "answers": rules.ANSWERS[one.kind],
            "said": rules.SAID,
            "with_words": rules.WITH_WORDS,
            "may_answer": task.may_work or open_vote,
            "others": [line for line in lines if line.of_task == one.of_task and line.number != one.number],
            "own_part": next((line.name for line in task.case.tasks if line.number == one.of_task), task.line.name),
            "receipt": request.form.get("own:receipt") or new_receipt(),
        },
    )


def _lines(case: CasePage) -> Sequence[AskedLine]:
    """Asked of the database once a page, and only where something was asked in the case."""
    if not any(entry.act in _ASKED for entry in case.record):
        return ()
    known: dict[int, Sequence[AskedLine]] = g.setdefault("asked_lines", {})
    if case.case_id not in known:
        known[case.case_id] = reads.asked_in(g.db, case.case_id)
    return known[case.case_id]


def _moves(step: Element) -> list[tuple[str, str]]:
    """The moves of asking that are not switched off at the step, with what they are called."""
    known = [
        ("vote", _("Open the committee's vote")),
        ("consult", _("Ask for an opinion")),
        ("sign", _("Add signers")),
        ("countersign", _("Have it countersigned by departments")),
        ("copy", _("Send a copy for information")),
    ]
    return [(move, words) for move, words in known if (step.committee if move == "vote" else move not in step.without)]


def _kinds() -> Mapping[Kind, str]:
    return {
        Kind.OPINION: _("Opinions"),
        Kind.SIGNATURE: _("Signatures"),
        Kind.COUNTERSIGNATURE: _("Departments"),
    }


def _rounds(lines: Sequence[AskedLine], task: TaskPage | None) -> list[dict[str, Any]]:
    """What was asked together, with its answers: on the page of a task that task's first."""
    found: dict[int, list[AskedLine]] = {}
    for one in lines:
        if one.kind is not Kind.VOTE:
            found.setdefault(one.round, []).append(one)
    rounds = [{"first": asked[0], "lines": asked} for asked in found.values()]
    here = task.line.number if task is not None else None
    return sorted(rounds, key=lambda one: (one["first"].of_task != here, one["first"].number))
