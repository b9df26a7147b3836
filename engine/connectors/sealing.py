"""Secrets of connectors, kept so that a copy of the database alone does not tell them."""

from __future__ import annotations

import secrets
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from engine.base.errors import Refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = 12
_WHAT: Final = b"officium connectors 1"


class SealBroken(Refusal):
    """The secrets of this connector can no longer be read: the installation's own secret has changed. Type them in again."""

    zh = "此连接器的密钥已无法读取：本系统的密钥已更换。请重新填写。"


class Seal:
    """By the installation's own secret, which is not in the database."""

    def __init__(self, secret: str) -> None:
        self._key = sha256(_WHAT + secret.encode()).digest()

    @cached_property
    def _cipher(self) -> AESGCM:
        # Six megabytes, which an office without connectors never needs.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        return AESGCM(self._key)

    def close(self, text: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _WHAT)

    def open(self, sealed: bytes) -> str:
        """Raises SealBroken."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  as above

        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _WHAT).decode()
        except (InvalidTag, ValueError):
            raise SealBroken() from None
