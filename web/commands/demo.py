"""The demo office is loaded."""

from __future__ import annotations

import argparse

from engine import migrations
from engine.base.database import Database
from web import demo as office
from web.cabinet import cabinet_of
from web.commands.opened import opened
from web.demo.simulation import Half
from web.settings import DemoSignIn, Settings


def into_empty(_asked: argparse.Namespace) -> int:
    database = opened()
    migrations.upgrade(database)
    load(database)
    return 0


def load(database: Database) -> None:
    last = -1

    def progress(share: float, half: Half) -> None:
        nonlocal last
        if int(share * 20) > last:
            last = int(share * 20)
            print(f"  {min(share, 1):4.0%}  {half.started} cases started, {half.ended} ended", flush=True)

    print("Loading the demo office: half a year of work, told by a simulated clock …", flush=True)
    half = office.load(database, progress, cabinet_of(Settings.from_environment(), database))
    print(f"The demo office is there: {half.started} cases, {half.completed} completed tasks.", flush=True)


def sign_ins(database: Database) -> tuple[DemoSignIn, ...]:
    """None where the office in the database is a real one: its accounts are nobody else's business."""
    with database.reading() as db:
        return office.sign_ins(db) if office.is_the_demo(db) else ()
