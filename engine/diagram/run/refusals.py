"""Why a diagram cannot be run, or a move not be made."""

from __future__ import annotations

from engine.base.errors import Refusal


class CannotRun(Refusal):
    """“{name}” cannot be run: {why}."""

    zh = "“{name}”无法运行：{why}。"


class ChoiceNeeded(Refusal):
    """Say which way the case goes at “{gateway}”: {choices}."""

    zh = "请选择办件在“{gateway}”处的去向：{choices}。"


class NothingWaits(Refusal):
    """The case no longer waits for this. Look at where it stands now, and act on that."""

    zh = "办件已不再等待此事项。请查看办件当前状态后再办理。"


class StateDoesNotFit(Refusal):
    """The case stands at “{element}”, which this edition of the procedure does not have."""

    zh = "办件停在“{element}”，而此版本的程序中没有该步骤。"
