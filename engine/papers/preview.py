"""What a paper looks like: its pages as PNG, drawn once in a process of its own and kept by hash."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.papers import rules
from engine.papers.kinds import SHOWN
from engine.papers.limited import Failed, apart
from engine.papers.store import Store, lent, previews

MOST_PAGES: Final = 12
_SIDE: Final = 1_400  # pixels
_TOLD: Final = "told.json"
_AGAIN: Final = frozenset({"time", "busy"})
"""Why something was not drawn that may go better another time."""
_WHY: Final = {
    "broken": Text("it is damaged", "文件已损坏"),
    "locked": Text("it is locked with a password", "文件设有密码"),
    "large": Text("its pages are too large to be drawn", "页面过大，无法绘制"),
    "time": Text("drawing it took too long", "绘制时间过长"),
    "busy": Text("others are being drawn just now; try again in a moment", "正在绘制其他文件，请稍后再试"),
    "kind": Text("only PDF and pictures are shown", "仅支持预览 PDF 和图片"),
}


@frozen
class Preview:
    """`pages` as many as there are; `shown` width and height of those that were drawn."""

    folder: Path
    pages: int
    shown: tuple[tuple[int, int], ...]

    def page(self, number: int) -> Path | None:
        file = self.folder / f"{number}.png"
        return file if 0 < number <= len(self.shown) and file.is_file() else None

    @property
    def thumb(self) -> Path:
        return self.folder / "thumb.png"


def preview(store: Store, key: str, kind: str, name: str) -> Preview:
    """Raises NoPreview, FileNotFoundError. Whether somebody may see it has been asked before."""
    if kind not in SHOWN:
        raise rules.NoPreview(name=name, why=_WHY["kind"])
    folder = previews(store) / key[:2] / key
    if not (folder / _TOLD).is_file():
        _draw(store, key, kind, folder, name)
    told = json.loads((folder / _TOLD).read_bytes())
    if "refused" in told:
        raise rules.NoPreview(name=name, why=_WHY.get(told["refused"], _WHY["broken"]))
    return Preview(folder, told["pages"], tuple((width, height) for width, height in told["shown"]))


def _draw(store: Store, key: str, kind: str, folder: Path, name: str) -> None:
    """Of two who look at once, both draw, and one picture stays. That it cannot be drawn is kept too."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with lent(store, key) as file:
            asked = {"file": str(file.resolve()), "kind": kind, "most_pages": MOST_PAGES, "side": _SIDE}
            with apart("picture", asked, folder=folder.parent.resolve()) as (made, told):
                (made / _TOLD).write_text(json.dumps(told))
                _put(made, folder)
    except Failed as fault:
        if fault.why in _AGAIN:
            raise rules.NoPreview(name=name, why=_WHY[fault.why]) from None
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / _TOLD).write_text(json.dumps({"refused": fault.why}))


def _put(made: Path, folder: Path) -> None:
    with suppress(OSError):  # it stands there already
        os.rename(made, folder)


def forget(store: Store, keys: Collection[str]) -> None:
    for key in keys:
        shutil.rmtree(previews(store) / key[:2] / key, ignore_errors=True)
