"""What an incident and an act are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.base.text import Name, Text
from engine.cases.rules import BY_HAND
from engine.diagram.position import TroubleKind

_INCIDENTS: Final[Mapping[str, Text]] = {
    BY_HAND: Text("Noted by a supervisor: {words}", "监督人员登记：{words}"),
    TroubleKind.EXPRESSION: Text(
        "The condition “{expression}” could not be worked out: {why}", "条件“{expression}”无法计算：{why}"
    ),
    TroubleKind.NO_WAY_OUT: Text(
        "None of the conditions at this gateway holds, so the case has no way on.",
        "此网关的条件均不成立，办件无法继续。",
    ),
    TroubleKind.SERVICE: Text(
        "This step belongs to a machine that is not connected here.", "此环节由尚未接入的系统完成。"
    ),
    TroubleKind.UNDO: Text(
        "What was done is to be undone here: {steps}. See to it, then settle this.",
        "此处须撤销已办事项：{steps}。请办理后处理本项。",
    ),
    TroubleKind.DECISION: Text(
        "The decision table “{decision}” gave no answer: {why}", "决策表“{decision}”未给出结果：{why}"
    ),
    TroubleKind.SCRIPT: Text("The script of this step could not be run: {why}", "此环节的脚本无法运行：{why}"),
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

_CONNECTOR: Final = Text(
    "The connector “{connector}” gave no usable answer: {why}", "连接器“{connector}”未给出可用答复：{why}"
)

_ACTS: Final[Mapping[str, Text]] = {
    "start_case": Text("started the case", "发起办件"),
    "claim": Text("claimed the task", "认领任务"),
    "release": Text("released the task", "将任务退回岗位"),
    "begun_work": Text("began work", "开始办理"),
    "paused_work": Text("paused work", "暂停办理"),
    "resumed_work": Text("resumed work", "继续办理"),
    "complete_task": Text("completed the task", "完成任务"),
    "fire_timer": Text("a timer came due", "定时到期"),
    "recount_timers": Text("timers were counted anew: the calendar has changed", "日历变更，定时重新计算"),
    "answer_call": Text("a connector answered", "连接器已答复"),
    "give_up_call": Text("a connector gave no usable answer", "连接器未给出可用答复"),
    "receive_message": Text("a message came from outside", "收到外部消息"),
    "message_late": Text("a message came too late: nobody awaited it any more", "消息送达过迟：已无人等待"),
    "deliver_message": Text("noted what had come", "登记来件"),
    "receive_application": Text("received the application at the counter", "窗口受理申请"),
    "note_papers": Text("noted papers that were brought later", "登记补交材料"),
    "give_notice": Text("gave the one notice of all that is missing", "出具一次性告知书"),
    "retry_incident": Text("tried the incident again", "重试异常"),
    "move_case": Text("moved the case to another edition of the procedure", "将办件转到程序的另一版本"),
    "move_back": Text("moved the case back to the edition it ran on before", "将办件转回原来的版本"),
    "write_note": Text("wrote a note", "写备注"),
    "correct_note": Text("corrected a note", "更正备注"),
    "strike_note": Text("struck out a note", "划去备注"),
    "attach_paper": Text("added a paper", "添加材料"),
    "add_version": Text("added a new version of a paper", "添加材料的新版本"),
    "withdraw_paper": Text("struck out a paper", "作废材料"),
    "issue_document": Text("issued a document", "出具文书"),
    "refuse_paper": Text(
        "handed in a file that was refused: the virus scanner found something", "提交的文件因查出病毒被拒收"
    ),
    "scan_paper": Text("a paper was scanned for viruses", "材料已完成病毒扫描"),
    "consult": Text("asked for opinions", "征求意见"),
    "give_opinion": Text("gave an opinion", "提出意见"),
    "add_signers": Text("asked for signatures", "加签"),
    "part_done": Text("had done their part and passed it to the signers", "办完本人部分，交签署人签署"),
    "sign": Text("answered a request to sign", "答复加签"),
    "countersign": Text("had it countersigned", "送会签"),
    "answer_countersign": Text("answered for the department", "部门会签"),
    "withdraw_asked": Text("withdrew what had been asked", "撤回所提事项"),
    "open_vote": Text("opened a vote", "发起表决"),
    "cast_vote": Text("voted", "表决"),
    "change_vote": Text("changed their vote", "更改表决"),
    "close_vote": Text("closed the vote", "结束表决"),
    "give_up_vote": Text("gave up the vote", "终止表决"),
    "send_copy": Text("sent a copy for information", "抄送"),
    "read_copy": Text("read the copy", "阅知抄送件"),
    "accept_hand_over": Text("accepted the hand-over", "接收交接"),
    "return_hand_over": Text("did not accept the hand-over and returned it", "未接收交接，予以退回"),
    "escalate_hand_over": Text(
        "nobody had answered the hand-over in time: the post above was told", "交接逾期无人接收，已报上级岗位"
    ),
    "return_task": Text("returned the task to an earlier step", "退回到前面的环节"),
    "withdraw": Text("took back what was completed", "撤回已办结的内容"),
    "stop_clock": Text("stopped the clock", "中止计时"),
    "resume_clock": Text("let the clock go on", "恢复计时"),
    "ask_period": Text("asked that the period be extended", "申请延长期限"),
    "extend_period": Text("extended the period", "延长期限"),
    "decline_period": Text("did not extend the period", "未同意延长期限"),
    "warn_of_expiry": Text("warned that the period is nearly over", "预警：期限即将届满"),
    "note_expiry": Text("a period was over", "期限届满"),
    "confirm_expiry": Text("settled what the end of the period means", "处理期限届满的法律后果"),
    "recompute_clocks": Text("the calendar changed, and a period with it", "日历变更，期限重新计算"),
    "suspend": Text("suspended the case", "中止办件"),
    "resume": Text("resumed the case", "恢复办件"),
    "ask_extension": Text("asked for more time", "申请延期"),
    "decide_extension": Text("decided on more time", "审批延期"),
    "recount_task": Text(
        "counted anew when the task is due: the holidays were published", "放假安排公布，重新计算任务期限"
    ),
    "cancel_case": Text("cancelled the case", "撤销办件"),
    "urge": Text("urged", "催办"),
    "transfer": Text("handed the task over to a colleague", "转办"),
    "give_back_to_post": Text("released the task to its post", "将任务退回岗位"),
    "change_order": Text("changed the order of service", "调整办理顺序"),
    "accept_on_behalf": Text("accepted the hand-over on behalf of the receiver", "代为接收交接"),
    "open_incident": Text("opened an incident", "登记异常"),
    "come_back": Text("was back: the task went back", "人员返岗，任务归还"),
    "drop_deputy": Text("the deputy no longer stands in: the task went back", "代理人不再代理，任务归还"),
    "hand_over_work": Text("handed over the work of somebody who leaves", "交接离任人员的任务"),
    "lapse_asked": Text("what was asked lapsed: whoever was asked has left", "所询事项失效：被询问人已离任"),
    "release_unfit": Text("the task was released: its holder may not do it", "任务已退回岗位：持有人依规不得办理"),
    "declare_interest": Text("declared an interest in the case", "申报利害关系（回避）"),
    "withdraw_interest": Text("consented to withdrawing a declared interest", "同意撤回利害关系申报"),
    "give_card": Text("a rule of supervision gave a card or sent it up the line", "依监察规则发牌或上报"),
    "answer_card": Text("answered for what supervision found", "对黄红牌或上报作出说明"),
    "lift_card": Text("lifted a card", "撤销黄红牌"),
    "settle_incident": Text("settled the incident by hand", "人工处理异常"),
}


def incident(kind: str, facts: Mapping[str, Any]) -> Text:
    """The sentence with its facts filled in. Facts come from the diagram: they are shown as they stand."""
    sentence = _CONNECTOR if kind == TroubleKind.SERVICE and "connector" in facts else _INCIDENTS[kind]
    return Name(sentence.say("en", **facts), sentence.say("zh", **_in_chinese(facts)))


def _in_chinese(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact is called in Chinese stands beside it."""
    return {**facts, **{name.removesuffix("_zh"): value for name, value in facts.items() if name.endswith("_zh")}}


def act(code: str) -> Text:
    return _ACTS.get(code, Text(code, code))
