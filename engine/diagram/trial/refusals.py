"""Why a move of a trial cannot be made, or a file is no scenario."""

from __future__ import annotations

from engine.base.errors import Refusal


class NotAScenario(Refusal):
    """The file is not a scenario: {why}."""

    zh = "该文件不是情景：{why}。"


class AnswersUnfit(Refusal):
    """The form of “{step}” does not take these answers: {said}."""

    zh = "“{step}”的表单不接受这些内容：{said}。"


class NothingWaitsThere(Refusal):
    """“{step}” is not waited for now; the trial waits at {found}."""

    zh = "此刻并未等待“{step}”；试运行正等待：{found}。"


class PayloadUnfit(Refusal):
    """What the message brings cannot be read: {why}."""

    zh = "无法读取来件内容：{why}。"


class TrialTooLong(Refusal):
    """A trial may have {most} moves. Step back, or begin another."""

    zh = "一次试运行最多 {most} 步。请退回，或另开一次试运行。"
