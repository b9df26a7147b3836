"""Where papers lie and how they are scanned, as the installation's settings say."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from engine.base.database import Database
from engine.papers.antivirus import scanner
from engine.papers.store import Folder, Store
from engine.papers.taking import Cabinet
from web.settings import Settings


def cabinet_of(settings: Settings, database: Database) -> Cabinet:
    """Beside the database where that is a file, unless OFFICIUM_PAPERS says otherwise."""
    return Cabinet(store=_store(settings, database), scanner=scanner(settings.antivirus), hold=settings.hold_unscanned)


def _store(settings: Settings, database: Database) -> Store:
    if settings.papers.startswith("s3://"):
        from engine.papers.bucket import Bucket  # noqa: PLC0415 -- only where it is configured

        return Bucket(settings.papers, Path(settings.data) / "papers")
    if settings.papers:
        return Folder(Path(settings.papers))
    url = make_url(str(database.engine.url))
    beside = Path(url.database).parent if database.is_sqlite and url.database else Path(settings.data)
    return Folder(beside / "papers")
