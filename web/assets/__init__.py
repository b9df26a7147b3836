"""The files browsers load, as built: name in a template -> hashed name under /static/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from engine.base.frozen import frozen
from web.assets import building


@frozen
class Built:
    folder: Path
    files: dict[str, str]

    def name(self, asset: str) -> str:
        return self.files[asset]

    @property
    def hashed(self) -> frozenset[str]:
        """These never change under their name: browsers may keep them for good."""
        return frozenset(self.files.values())


@cache
def built() -> Built:
    """Builds first where the files are missing or their sources have changed."""
    if not building.is_current():
        building.build()
    manifest = json.loads(building.MANIFEST.read_text(encoding="utf-8"))
    return Built(building.BUILT, manifest["files"])
