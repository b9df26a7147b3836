"""The office is founded, and its database looked after."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Final

import processes
from engine import migrations
from engine.base import clock
from engine.base.text import Text
from engine.cases import papers
from engine.cases import reads as cases
from engine.cases.notes.reads import first_altered
from engine.cases.notes.rules import NoteAltered
from engine.counter import reads as counter
from engine.organisation import reads as organisation
from engine.papers import contents
from engine.procedures import reads as procedures
from engine.records.journal import Chain
from engine.records.verify import first_broken
from engine.supervision.mining import kept as logs
from web import founding, searching
from web.cabinet import cabinet_of
from web.commands.opened import opened, standing
from web.settings import Settings

_OF_CASE: Final = Text(" It is the record of case {case}.", "该链是办件 {case} 的记录。")


def found(asked: argparse.Namespace) -> int:
    try:
        plan = processes.office_in(asked.folder)
    except (OSError, KeyError, TypeError, ValueError) as fault:
        print(f"The office in {asked.folder} cannot be read: {fault!r}. See processes/office for how it is told.")
        return 1
    database = opened()
    migrations.upgrade(database)
    with database.writing() as db:
        founded = founding.found(db, plan, clock.now().date())
    print("The office is founded. Hand everybody their first password, to be changed at /password:")
    for login, password in founded.passwords.items():
        print(f"  {login:<20} {password}")
    return 0


def tidy(_asked: argparse.Namespace) -> int:
    database = standing()
    store = cabinet_of(Settings.from_environment(), database).store
    removed = contents.tidy(database, store, lambda db: papers.mentioned(db) | logs.mentioned(db))
    print(f"{removed} files were removed that belonged to no case.")
    return 0


def reindex(_asked: argparse.Namespace) -> int:
    read = searching.reindex(
        standing(), lambda so_far: print(f"  {so_far} cases", flush=True) if so_far % 1000 == 0 else None
    )
    print(f"{read} cases have been read in.")
    return 0


def upgrade(_asked: argparse.Namespace) -> int:
    database = opened()
    if migrations.is_current(database):
        print("The database is up to date already.")
        return 0
    migrations.upgrade(database)
    print("The database is up to date now.")
    return 0


def verify(asked: argparse.Namespace) -> int:
    database = standing()
    with database.reading() as db:
        heads: Iterator[Chain] = chain(organisation.heads(db), procedures.heads(db), cases.heads(db), counter.heads(db))
        broken = first_broken(db, heads)
        case = cases.number_of(db, broken.chain) if broken else None
        altered = None if broken else first_altered(db)
    if broken is not None:
        of = _OF_CASE.say(asked.language, case=case) if case else ""
        print(broken.sentence.say(asked.language) + of, file=sys.stderr)
        return 1
    if altered is not None:
        print(NoteAltered(case=altered[0], number=altered[1]).say(asked.language), file=sys.stderr)
        return 1
    print("The record is as it was written.")
    return 0
