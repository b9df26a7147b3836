"""How every act of asking begins: the step locked, the person entitled to it, the move not switched off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from engine.base.frozen import frozen
from engine.cases import rules as cases
from engine.cases.acts.moving import ready
from engine.cases.acts.work import locked_task
from engine.cases.asked.step import must_be_a_step
from engine.cases.beside import StepAt
from engine.cases.entitled import Hand, must_be_workable
from engine.cases.rules import Kind
from engine.organisation.rules import Actor
from engine.procedures.runnable import Step, place


@frozen
class Held:
    """A locked task, its step, and by which post the person acts."""

    task: Any
    step: Step
    hand: Hand

    @property
    def at_step(self) -> StepAt:
        """The step's own task, also where the locked one was asked beside it."""
        task = self.task
        return StepAt(task.number if task.kind is None else task.of_task, task.edition_id, task.element)


def workable_step(db: Connection, by: Actor, case_id: int, number: int, move: str | None) -> Held:
    """The step that the person works. Raises AskedBeside, MoveSwitchedOff, WrongPost, NoLongerNeeded …"""
    task = locked_task(db, case_id, number)
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_a_step(task, step)
    hand = must_be_workable(db, task, step, by)
    if move is not None:
        cases.must_be_switched_on(step.name, step.without, move)
    return Held(task, step, hand)


def asked_task(db: Connection, by: Actor, task: Any) -> Held:
    """What lies on the person's desk, asked beside a step and locked. Raises WrongPost, AlreadyCompleted …"""
    step = place(db, ready(db, task), task.edition_id, task.element)
    return Held(task, step, must_be_workable(db, task, bound_by(step, task.kind), by))


def bound_by(step: Step, kind: int) -> Step:
    """Duties kept apart bind whoever signs or votes like whoever does the step; an opinion decides nothing."""
    return replace(step, separations=(), apart=()) if kind == Kind.OPINION and step.apart else step
