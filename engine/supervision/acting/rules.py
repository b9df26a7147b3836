"""What is allowed with acting on many tasks at once, lending people, and corrective actions. Pure."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen

MOST: Final = 50
"""Tasks of one form: everybody else who works in these cases waits until it is done."""


class Act(StrEnum):
    """What can be done with every task that was chosen."""

    REASSIGN = "reassign"
    URGE = "urge"
    ACCEPT = "accept"
    ORDER = "order"
    INCIDENT = "incident"
    RETRY = "retry"
    COMMENT = "comment"


@frozen
class Outcome:
    """What became of one task; `why` it was not done, None where it was."""

    case_id: int
    number: int
    step: str
    case: str
    why: Refusal | None = None


class NoTaskChosen(Refusal):
    """Nothing was chosen: tick the tasks first."""

    zh = "未选择任务：请先勾选。"


class NoReceiverChosen(Refusal):
    """Choose to whom the tasks go, or that they are released to their posts."""

    zh = "请选择转给谁，或选择退回岗位。"


class OrderUnknown(Refusal):
    """Choose whether the tasks are to be served sooner, as usual, or later."""

    zh = "请选择优先办理、正常办理或稍后办理。"


class TakenMeanwhile(Refusal):
    """{person} has it since {at}, after you looked at the list. Send it again if it is to go elsewhere all the same."""

    zh = "您查看列表后，该任务已于 {at} 转到{person}处。如仍要转出，请再次提交。"


class FreedMeanwhile(Refusal):
    """It was released to its post since you looked at the list. Send it again if it is to go elsewhere all the same."""

    zh = "您查看列表后，该任务已退回岗位。如仍要转出，请再次提交。"


def receipt_for(receipt: bytes | None, *what: object) -> bytes | None:
    """One form acts on several tasks of a case: each needs a receipt of its own, the same when the same is sent again.

    What was changed in a form that the back button brought is something else.
    """
    return None if receipt is None else sha256(receipt + repr(what).encode("utf-8", "replace")).digest()[:16]
