"""The command `officium`: serve the office, check a diagram, look after the database.

What there is to ask for stands here; what a command does is a function of a module of `commands`, loaded when it is asked for.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.base.errors import Refusal
from engine.base.text import LANGUAGES
from web.commands import loading


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    try:
        return command(asked.run)(asked)
    except Refusal as refusal:
        print(refusal.say(asked.language), file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read along has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def command(name: str) -> Callable[[argparse.Namespace], int]:
    module, _, function = name.partition(":")
    with loading():
        found: Callable[[argparse.Namespace], int] = getattr(import_module(f"web.commands.{module}"), function)
    return found


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="officium", description="Runs an office's procedures from their diagrams.")
    made.add_argument("--language", choices=LANGUAGES, default="en", help="the language answers are in")
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="bring the database up to date and serve the office")
    serve.add_argument("--host", help="the address to listen on (HOST; 127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on (PORT; 8000)")
    serve.add_argument("--demo", action="store_true", help="load the demo office first where no office stands yet")
    serve.set_defaults(run="serving:serve")

    ends = (
        "Ends with 0 where nothing keeps a diagram out of force, 1 where something does, 2 where a file is no diagram."
    )
    checks = commands.add_parser("check", help="say what is wrong with a diagram, as the studio would", epilog=ends)
    checks.add_argument("files", nargs="+", type=Path, metavar="FILE")
    checks.add_argument("--json", action="store_true", help="one object a file, for programs")
    checks.set_defaults(run="checking:check")

    founding = commands.add_parser("found", help="found an office of your own in an empty database")
    founding.add_argument("folder", type=Path, help="holds office.toml and persons.toml, as processes/office does")
    founding.set_defaults(run="keeping:found")

    for name, run, told in (
        ("reindex", "keeping:reindex", "read every case into the search anew"),
        ("demo", "demo:into_empty", "load the demo office into an empty database"),
        ("tick", "working:tick_once", "let timers that are due take effect, and send what waits, once"),
        ("worker", "working:work", "do the background work, as many of them as you like, until told to stop"),
        ("tidy", "keeping:tidy", "remove files that were handed in more than a day ago and belong to no case"),
        ("upgrade", "keeping:upgrade", "bring the database up to date"),
        ("verify", "keeping:verify", "prove that the record is as it was written"),
    ):
        commands.add_parser(name, help=told).set_defaults(run=run)
    _offer_carrying(commands)
    _offer_webhooks(commands)
    return made


def _offer_carrying(commands: Any) -> None:
    commands.add_parser("procedures", help="list procedures and their editions").set_defaults(run="carrying:listed")

    taking_in = commands.add_parser("take-in", help="take in a procedure from a ZIP or a folder, as a draft")
    taking_in.add_argument("package", type=Path, metavar="ZIP|FOLDER")
    taking_in.add_argument("--by", required=True, metavar="LOGIN", help="the designer whose act it is")
    taking_in.add_argument("--force", action="store_true", help="put it in force too, where nothing keeps it out")
    taking_in.set_defaults(run="carrying:take_in")

    taking_out = commands.add_parser("take-out", help="write an edition as a ZIP that another office takes in")
    taking_out.add_argument("prefix", help="of the procedure's case numbers")
    taking_out.add_argument("--edition", type=int, help="its number; the one in force where none is named")
    taking_out.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="where to write it")
    taking_out.set_defaults(run="carrying:take_out")

    forcing = commands.add_parser("put-in-force", help="put an edition in force")
    forcing.add_argument("prefix", help="of the procedure's case numbers")
    forcing.add_argument("edition", type=int, help="its number")
    forcing.add_argument("--by", required=True, metavar="LOGIN", help="the designer whose act it is")
    forcing.set_defaults(run="carrying:put_in_force")

    drawing = commands.add_parser("draw", help="draw a diagram: .svg, .png, .pdf, or .bpmn with coordinates")
    drawing.add_argument("file", type=Path)
    drawing.add_argument("picture", type=Path, help="its ending says what is drawn")
    drawing.set_defaults(run="carrying:draw")


def _offer_webhooks(commands: Any) -> None:
    webhook = commands.add_parser("webhook", help="send notices to a program: add, list, remove")
    asked = webhook.add_subparsers(required=True, metavar="ADD|LIST|REMOVE")

    adding = asked.add_parser("add", help="send every notice there from now on; tells the secret it is signed with")
    adding.add_argument("url")
    adding.set_defaults(run="webhooks:add")

    listing = asked.add_parser("list", help="where notices are sent")
    listing.set_defaults(run="webhooks:listed")

    removing = asked.add_parser("remove", help="send nothing there any more")
    removing.add_argument("number", type=int, help="as the list tells it")
    removing.set_defaults(run="webhooks:remove")

    for one in (adding, listing, removing):
        one.add_argument("--by", required=True, metavar="LOGIN", help="the administrator whose act it is")


if __name__ == "__main__":
    sys.exit(main())
