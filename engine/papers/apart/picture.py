"""A PDF or a picture as PNG pages: {"file", "kind", "most_pages", "side", "into"} on standard input."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

_MEMORY = 1_200 * 2**20
_CPU = 15  # seconds
_FILE = 20 * 2**20
_MOST_PIXELS = 80_000_000
_THUMB = 220
_LONGEST_PAGE = 14_400  # points: what PDF readers end at
_FORMATS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP"}


class Refused(Exception):
    """One word of why."""


def main() -> None:
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    asked = json.loads(sys.stdin.buffer.read())
    try:
        told = _pdf(asked) if asked["kind"] == "pdf" else _picture(asked)
    except Refused as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "large"}
    except Exception:  # whatever a library says of a broken file: it cannot be shown
        told = {"refused": "broken"}
    sys.stdout.write(json.dumps(told) + "\n")


def _pdf(asked: dict[str, Any]) -> dict[str, Any]:
    import pypdfium2  # noqa: PLC0415

    try:
        document = pypdfium2.PdfDocument(asked["file"])
    except pypdfium2.PdfiumError as fault:
        raise Refused("locked" if "assword" in str(fault) else "broken") from None
    count, shown = len(document), min(len(document), asked["most_pages"])
    if not count:
        raise Refused("broken")
    sizes = []
    for number in range(shown):
        page = document[number]
        width, height = page.get_size()
        if not (0 < width <= _LONGEST_PAGE and 0 < height <= _LONGEST_PAGE):
            raise Refused("large")
        picture = page.render(scale=min(asked["side"] / max(width, height), 4.0)).to_pil()
        sizes.append(_keep(picture, asked, number + 1))
        page.close()
    return {"pages": count, "shown": sizes}


def _picture(asked: dict[str, Any]) -> dict[str, Any]:
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    with Image.open(asked["file"], formats=[_FORMATS[asked["kind"]]]) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise Refused("large")
        opened.draft("RGB", (asked["side"], asked["side"]))
        opened.thumbnail((asked["side"], asked["side"]))
        upright = ImageOps.exif_transpose(opened)
        return {"pages": 1, "shown": [_keep(upright, asked, 1)]}


def _keep(picture: Any, asked: dict[str, Any], number: int) -> list[int]:
    into = Path(asked["into"])
    plain = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
    plain.info.clear()
    plain.save(into / f"{number}.png", optimize=False)
    if number == 1:
        small = plain.copy()
        small.thumbnail((_THUMB, _THUMB))
        small.save(into / "thumb.png")
    return [plain.width, plain.height]


if __name__ == "__main__":
    main()
