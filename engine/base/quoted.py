"""Text as the value of an XML attribute. The library's own brings a client for HTTP along."""

from __future__ import annotations

from typing import Final

_WRITTEN: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)


def quoted(text: str) -> str:
    """With its quotation marks; read again it is the same, line breaks too."""
    return f'"{text.translate(_WRITTEN)}"'
