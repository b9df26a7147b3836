"""SVG made into PNG and PDF."""

from __future__ import annotations

import re
from typing import Final, Literal

from engine.base.errors import Refusal
from engine.diagram.picture.svg import svg

_LONGEST: Final = 14_000  # points a side; PDF readers end at 14,400
_MOST_PIXELS: Final = 40_000_000
_SHARP: Final = 144  # dots per inch
_PAGE: Final = '#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg", width: 100%)'


class PictureTooLarge(Refusal):
    """The drawing is {width} by {height} points, too large for a picture of this kind. Take it as SVG, or as BPMN."""

    zh = "流程图大小为 {width}×{height} 点，超出此类图片的限制。请改用 SVG 或 BPMN 格式。"


def pdf(source: bytes, file: str) -> bytes:
    """One page as large as the drawing. Raises NotADrawing, PictureTooLarge."""
    return _printed(svg(source, file), "pdf", _SHARP)


def png(source: bytes, file: str) -> bytes:
    """Sharp where it is small, coarser where it is large. Raises NotADrawing, PictureTooLarge."""
    drawn = svg(source, file)
    width, height = _size(drawn)
    sharp = min(_SHARP, 72 * (_MOST_PIXELS / (width * height)) ** 0.5)
    return _printed(drawn, "png", sharp)


def _size(drawn: str) -> tuple[float, float]:
    found = re.match(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"', drawn)
    width, height = (float(side) for side in found.groups()) if found else (1.0, 1.0)
    if max(width, height) > _LONGEST:
        raise PictureTooLarge(width=round(width), height=round(height))
    return width, height


def _printed(drawn: str, kind: Literal["pdf", "png"], sharp: float) -> bytes:
    import typst  # noqa: PLC0415 -- 30 MB that only a printed picture needs

    width, height = _size(drawn)
    page = _PAGE.format(width=f"{width:g}", height=f"{height:g}").encode()
    made = typst.compile(page, format=kind, ppi=sharp, sys_inputs={"svg": drawn})
    if not isinstance(made, bytes):  # pragma: no cover  several pages, which one image is not
        raise RuntimeError("a picture came out as several pages")
    return made
