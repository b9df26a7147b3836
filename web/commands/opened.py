"""The database that the environment names."""

from __future__ import annotations

from pathlib import Path

from engine import migrations
from engine.base.database import Database
from engine.base.errors import Refusal
from web.settings import Settings


class NoOfficeThere(Refusal):
    """There is no office in “{place}”. DATABASE_URL says where it is; `officium found FOLDER` founds one."""

    zh = "“{place}”中没有单位。请用 DATABASE_URL 指明其位置；新建单位请运行 officium found FOLDER。"


def opened() -> Database:
    return Database(Settings.from_environment().database_url)


def standing() -> Database:
    """For commands that begin no office. Raises NoOfficeThere and, where it is to be upgraded first, DatabaseOlder."""
    database = opened()
    url = database.engine.url
    place = (url.database or "") if database.is_sqlite else url.render_as_string()
    if database.is_sqlite and not Path(place).exists():
        raise NoOfficeThere(place=place)
    if migrations.is_empty(database):
        raise NoOfficeThere(place=place)
    if not migrations.is_current(database):
        raise migrations.DatabaseOlder
    return database
