"""How a file that is sent is called. No header may hold a name outside Latin letters as it is: servers refuse to send it."""

from __future__ import annotations

from urllib.parse import quote


def as_attachment(name: str) -> str:
    """RFC 6266: a plain name for old clients, the real one as RFC 5987 writes it."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%;' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
