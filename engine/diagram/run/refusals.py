"""Why a diagram cannot be run, or a move not be made."""

from __future__ import annotations

from engine.base.errors import Overtaken, Refusal


class CannotRun(Refusal):
    """“{name}” cannot be run: {why}."""

    zh = "“{name}”无法运行：{why}。"


class ChoiceNeeded(Refusal):
    """Say which way the case goes at “{gateway}”: {choices}."""

    zh = "请选择办件在“{gateway}”处的去向：{choices}。"


class NothingWaits(Overtaken):
    """The case no longer waits for this. Look at where it stands now, and act on that."""

    zh = "办件已不再等待此事项。请查看办件当前状态后再办理。"


class CannotReturn(Refusal):
    """The case cannot go back to “{element}” from here: it lies on another branch, or in a part that is over. Choose another step."""

    zh = "无法从此处退回到“{element}”：它在另一分支上，或所在部分已经结束。请选择其他环节。"


class HasGoneOn(Overtaken):
    """It cannot be taken back any more: what came of it has gone on meanwhile. Ask whoever has it now to return it."""

    zh = "已无法撤回：后续环节已经推进。请联系当前办理人退回。"


class StateUnreadable(Refusal):
    """What is kept of where the case stands cannot be read. Nothing was changed. Tell an administrator: it is to be restored from a backup."""

    zh = "办件的运行状态无法读取，未作任何更改。请告知系统管理员从备份恢复。"


class StateDoesNotFit(Refusal):
    """The case stands at “{element}”, which this edition of the procedure does not have."""

    zh = "办件停在“{element}”，而此版本的程序中没有该环节。"
