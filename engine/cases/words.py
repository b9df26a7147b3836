"""What an incident and an act are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.base.text import Name, Text
from engine.diagram.position import TroubleKind

_INCIDENTS: Final[Mapping[str, Text]] = {
    TroubleKind.EXPRESSION: Text(
        "The condition “{expression}” could not be worked out: {why}", "条件“{expression}”无法计算：{why}"
    ),
    TroubleKind.NO_WAY_OUT: Text(
        "None of the conditions at this gateway holds, so the case has no way on.",
        "此网关的条件均不成立，办件无法继续。",
    ),
    TroubleKind.SERVICE: Text(
        "This step belongs to a machine that is not connected here.", "此步骤由尚未接入的系统完成。"
    ),
    TroubleKind.UNDO: Text(
        "What was done is to be undone here: {steps}. See to it, then settle this.",
        "此处须撤销已办事项：{steps}。请办理后处理本项。",
    ),
    TroubleKind.DECISION: Text(
        "The decision table “{decision}” gave no answer: {why}", "决策表“{decision}”未给出结果：{why}"
    ),
    TroubleKind.SCRIPT: Text("The script of this step could not be run: {why}", "此步骤的脚本无法运行：{why}"),
    TroubleKind.TIMER: Text(
        "The time “{expression}” could not be worked out: {why}", "时间“{expression}”无法计算：{why}"
    ),
    TroubleKind.BUDGET: Text(
        "The case made {steps} automatic steps without waiting for anybody, and was stopped.",
        "办件连续自动执行了 {steps} 步而未等待任何人，已被停止。",
    ),
    TroubleKind.ERROR: Text(
        "The error “{name}” was raised and nothing catches it.", "发生错误“{name}”，没有任何环节处理。"
    ),
    TroubleKind.DEADLOCK: Text(
        "The case has not ended, yet nothing in it is waited for.", "办件尚未结束，但没有任何等待事项。"
    ),
}

_ACTS: Final[Mapping[str, Text]] = {
    "start_case": Text("started the case", "发起办件"),
    "claim": Text("claimed the task", "认领任务"),
    "release": Text("released the task", "退回任务"),
    "begun_work": Text("began work", "开始办理"),
    "paused_work": Text("paused work", "暂停办理"),
    "resumed_work": Text("resumed work", "继续办理"),
    "complete_task": Text("completed the task", "完成任务"),
    "fire_timer": Text("a timer came due", "定时到期"),
    "deliver_message": Text("noted what had come", "登记来件"),
    "retry_incident": Text("tried the incident again", "重试异常"),
    "move_case": Text("moved the case to another edition of the procedure", "将办件转到程序的另一版本"),
    "move_back": Text("moved the case back to the edition it ran on before", "将办件转回原来的版本"),
    "settle_incident": Text("settled the incident by hand", "人工处理异常"),
}


def incident(kind: str, facts: Mapping[str, Any]) -> Text:
    """The sentence with its facts filled in. Facts come from the diagram: they are shown as they stand."""
    sentence = _INCIDENTS[kind]
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))


def act(code: str) -> Text:
    return _ACTS.get(code, Text(code, code))
