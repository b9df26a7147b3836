"""A diagram as a picture for paper and for other programs: SVG, and from it PNG and PDF."""

from __future__ import annotations

from engine.diagram.picture.printed import PictureTooLarge, pdf, png
from engine.diagram.picture.svg import svg

__all__ = ["PictureTooLarge", "pdf", "png", "svg"]
