"""Makes one message catalogue of the .po files of all rooms. Needs Babel only: the installer runs it too."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER: Final = Path(__file__).parent / "translations"


class TranslatedTwice(Exception):
    """Two files translate one sentence differently."""


def compile_all(folder: Path = FOLDER) -> None:
    """Every messages.mo that is missing or older than a .po file beside it."""
    for home in sorted(folder.glob("*/LC_MESSAGES")):
        sources = sorted(home.glob("*.po"))
        made = home / "messages.mo"
        if made.exists() and all(source.stat().st_mtime <= made.stat().st_mtime for source in sources):
            continue
        from babel.messages.mofile import write_mo  # noqa: PLC0415  a server that finds it made carries no Babel

        every = merged(sources, locale=home.parent.name)
        unfinished = made.with_suffix(f".{secrets.token_hex(4)}.new")  # two who make it at once do not meet
        with unfinished.open("wb") as file:
            write_mo(file, every)
        unfinished.replace(made)


def merged(sources: list[Path], *, locale: str) -> Catalog:
    from babel.messages.catalog import Catalog  # noqa: PLC0415  as above
    from babel.messages.pofile import read_po  # noqa: PLC0415  as above

    every = Catalog(locale=locale, fuzzy=False)
    for source in sources:
        with source.open("rb") as file:
            found = read_po(file, locale=locale, abort_invalid=True)
        for message in found:
            if not message.id or not message.string:
                continue
            before = every.get(message.id)
            if before is not None and before.string != message.string:
                raise TranslatedTwice(f"{source.name}: “{message.id}” is translated otherwise in another file")
            every.add(message.id, message.string, flags=message.flags)
    return every
