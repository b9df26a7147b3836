"""What a process loads at its start: a worker nothing of what only serving, drawing and learning need."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from engine.base.database import Database
from tests.house.tree import ROOT
from web.__main__ import command, parser

_NOT_BEFORE_ASKED: Final = (
    "flask", "werkzeug", "jinja2", "limits", "alembic", "lightgbm", "numpy", "scipy", "waitress",
    "engine.diagram.lint", "engine.diagram.soundness", "engine.diagram.layout", "engine.diagram.trial",
    "engine.procedures.acts", "engine.control.acts",
)  # fmt: skip

_FIRST_ROUND: Final = f"""
import sys
from engine.base.database import Database
from web.__main__ import command
command("working:work")
import web.working.queue
from web.working.rounds import tick
tick(Database(sys.argv[1]))
print(sorted(one for one in {_NOT_BEFORE_ASKED} if one in sys.modules))
"""


def test_a_worker_starts_and_goes_round_without_what_only_others_need(database: Database) -> None:
    address = database.engine.url.render_as_string(hide_password=False)
    told = subprocess.run(
        [sys.executable, "-c", _FIRST_ROUND, address], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "[]"


def test_each_command_leads_to_a_function() -> None:
    asked = dict(_leads(parser()))
    assert asked
    assert all(callable(command(one)) for one in asked.values())


def _leads(made: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """By name, those of commands within commands too."""
    for action in made._subparsers._group_actions if made._subparsers else ():
        choices: Any = action.choices
        for name, inner in choices.items():
            run = inner.get_default("run")
            if run is not None:
                yield name, run
            yield from _leads(inner)
