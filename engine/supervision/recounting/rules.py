"""What is allowed with counting history again. Pure."""

from __future__ import annotations

from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.organisation.rules import Actor, Right

CASES_AT_ONCE: Final = 200


class NotYoursToRecount(NotAllowed):
    """History is counted again by who supervises or administers. Ask one of them."""

    zh = "重新统计历史数据由监督人员或管理员办理，请与其联系。"


class ReasonForRecount(Refusal):
    """Say in a sentence why history is counted again, such as which calendar was mended: it goes into the record."""

    zh = "请用一句话说明重新统计历史数据的理由，例如更正了哪个日历：这将写入记录。"


def must_recount(by: Actor) -> None:
    if not (by.may(Right.SUPERVISE) or by.may(Right.ADMINISTER)):
        raise NotYoursToRecount()
