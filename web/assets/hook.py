"""Run by the installer: assets and message catalogues go into the wheel, already built."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Asks for a Node from PyPI only where the machine has none."""

    def dependencies(self) -> list[str]:
        found = self._run("assets/building.py")
        node = [] if found["is_current"]() or found["machine_has_node"]() else [found["NODE_FROM_PYPI"]]
        return ["babel>=2.18", *node]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        found = self._run("assets/building.py")
        if not found["is_current"]():
            found["build"]()
        self._run("catalogue.py")["compile_all"]()

    def _run(self, module: str) -> dict[str, Any]:
        # By its path: importing `web` would need all that the web needs, which is not here yet.
        return runpy.run_path(str(Path(self.root) / "web" / module))
