"""Secrets of connectors, kept so that a copy of the database alone does not tell them."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.base.errors import Refusal

_NONCE: Final = 12
_WHAT: Final = b"officium connectors 1"


class SealBroken(Refusal):
    """The secrets of this connector can no longer be read: the installation's own secret has changed. Type them in again."""

    zh = "此连接器的密钥已无法读取：本系统的密钥已更换。请重新填写。"


class Seal:
    """By the installation's own secret, which is not in the database."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(sha256(_WHAT + secret.encode()).digest())

    def close(self, text: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _WHAT)

    def open(self, sealed: bytes) -> str:
        """Raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _WHAT).decode()
        except (InvalidTag, ValueError):
            raise SealBroken() from None
