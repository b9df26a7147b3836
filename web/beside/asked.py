"""Opinions, signatures and votes asked for beside the step."""

from __future__ import annotations

from engine.cases.reads import CasePage, TaskPage
from web.beside.part import Part


def part(case: CasePage, task: TaskPage | None) -> Part | None:
    return None
