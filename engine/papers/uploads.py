"""Files that were handed in and stand in no case yet: what is signed for them comes back with the form, or in a draft."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import field
from hashlib import sha256
from typing import Any, Final

from engine.base.database import new_id
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.papers.taking import Cabinet, Taken

_BEGINS: Final = "upload."
_DIGEST: Final = re.compile(r"upload\.([0-9a-f]{64})\.")


@frozen
class Upload:
    """`paper` is the id it will have in its case; `usual`: of a kind that is accepted everywhere."""

    taken: Taken
    paper: int
    usual: bool

    @property
    def answer(self) -> Mapping[str, Any]:
        """What the form's answer keeps of it."""
        one = self.taken
        return {"paper": self.paper, "name": one.name, "kind": one.kind, "size": one.size, "sha256": one.key}


@frozen
class Uploads:
    """Everything that was handed in with a form, by what is submitted for it; `refused` with the reason."""

    cabinet: Cabinet
    taken: Mapping[str, Upload] = field(default_factory=dict)
    refused: Mapping[str, Text] = field(default_factory=dict)


def signed(taken: Taken, *, person_id: int, secret: str) -> str:
    """A reference that nobody else can use and nobody can make."""
    name = base64.urlsafe_b64encode(taken.name.encode()).decode().rstrip("=")
    held = "held" if taken.held else "clean"
    told = f"{_BEGINS}{taken.key}.{new_id()}.{taken.size}.{taken.kind}.{held}.{name}"
    return f"{told}.{_seal(told, person_id, secret)}"


def read(reference: str, *, person_id: int, secret: str, usual: Collection[str]) -> Upload | None:
    """None where it was not signed here, or for somebody else."""
    told, _dot, seal = reference.rpartition(".")
    if not reference.startswith(_BEGINS) or not reference.isascii():
        return None
    if not hmac.compare_digest(seal, _seal(told, person_id, secret)):
        return None
    try:
        _begins, key, paper, size, kind, held, name = told.split(".")
        plain = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        taken = Taken(bytes.fromhex(key), plain, kind, int(size), held == "held")
    except (ValueError, binascii.Error):
        return None
    return Upload(taken, int(paper), kind in usual)


def _seal(told: str, person_id: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"upload of {person_id}: {told}".encode(), sha256).hexdigest()


def digests_in(text: str) -> set[str]:
    """Contents that are named in what somebody typed and has not sent yet."""
    return set(_DIGEST.findall(text))
