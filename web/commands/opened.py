"""The database that the environment names."""

from __future__ import annotations

from engine.base.database import Database
from web.settings import Settings


def opened() -> Database:
    return Database(Settings.from_environment().database_url)
