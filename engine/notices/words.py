"""What each kind of notice says, in both languages.

A sentence may use the facts {who} (the person who acted), {task} (the step), {department} and {outcome}. The number of
the case stands beside it, found by its id; of what is no case, it is the fact `number`. What somebody typed as a reason
is the fact `why`: it is shown in the page alone, for a letter may be read by others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.base.text import Name, Text

SENTENCES: Final[Mapping[str, Text]] = {
    "returned": Text("{who} returned “{task}” to you.", "{who}将“{task}”退回给您。"),
    "withdrawn": Text(
        "{who} took back what led to “{task}”. You have nothing more to do there.",
        "{who}撤回了“{task}”，您无需再办理。",
    ),
    "year_missing": Text(
        "The holidays of {year} are not taken in yet for {of}. Due dates in {year} are provisional until they are.",
        "{of}尚未录入 {year} 年的放假安排，此前 {year} 年的期限均为暂定。",
    ),
    "figures_mended": Text(
        "The nightly comparison found figures that were not what the rows say: {steps} steps or cases, {sums} sums. They "
        "were put right.",
        "夜间核对发现统计与业务记录不一致：{steps} 个环节或办件、{sums} 项汇总，均已更正。",
    ),
    "figures_recounted": Text(
        "History was counted again as you asked: {steps} steps and cases, by the calendars as they are now.",
        "已按您的要求重新统计历史数据：{steps} 个环节和办件，按现行日历计算。",
    ),
    "urged": Text("{who} urges you to see to “{task}”.", "{who}催办“{task}”。"),
    "order_sooner": Text("{who} asks that “{task}” be served sooner.", "{who}要求优先办理“{task}”。"),
    "order_later": Text("{who} says that “{task}” may be served later.", "{who}说明“{task}”可以稍后办理。"),
    "order_normal": Text("{who} put “{task}” back into its usual order.", "{who}将“{task}”恢复为正常顺序。"),
    "accepted_for": Text(
        "{who} accepted the hand-over of “{task}” on behalf of your post.", "{who}代您的岗位接收了“{task}”的交接。"
    ),
    "incident_opened": Text("{who} opened an incident at “{task}”.", "{who}在“{task}”登记了异常。"),
    "post_lent": Text("{who} gave you a post for a time: {outcome}.", "{who}安排您临时任职：{outcome}。"),
    "post_lent_ended": Text("{who} ended your time in a post: {outcome}.", "{who}结束了您的临时任职：{outcome}。"),
    "corrective_given": Text(
        "{who} gave your post a corrective action: {outcome}.", "{who}向您的岗位下达纠正措施：{outcome}。"
    ),
    "corrective_done": Text(
        "{who} carried out the corrective action “{outcome}”. Somebody else verifies it.",
        "{who}已完成纠正措施“{outcome}”，待他人验证。",
    ),
    "corrective_verified": Text(
        "{who} verified the corrective action “{outcome}”: it is effective.",
        "{who}已验证纠正措施“{outcome}”：有效。",
    ),
    "corrective_again": Text(
        "{who} found the corrective action “{outcome}” not effective: it is open again.",
        "{who}认为纠正措施“{outcome}”无效，现重新打开。",
    ),
    "corrective_late": Text("The corrective action “{outcome}” is past its day.", "纠正措施“{outcome}”已过期限。"),
    "corrective_dropped": Text("{who} dropped the corrective action “{outcome}”.", "{who}撤销了纠正措施“{outcome}”。"),
    "alert_fired": Text("Alert “{outcome}”: {figure}.", "预警“{outcome}”：{figure}。"),
    "alert_paused": Text(
        "The alert “{outcome}” was paused: its figure can no longer be shown to you.",
        "预警“{outcome}”已暂停：其指标已不能向您显示。",
    ),
    "weekly_report": Text("The weekly report of {of} is ready: {outcome}.", "{of}的周报已生成：{outcome}。"),
    "taken_from": Text(
        "{who} released “{task}” to its post. You have nothing more to do there.",
        "{who}将“{task}”退回岗位，您无需再办理。",
    ),
    "given": Text("{who} handed “{task}” over to you.", "{who}将“{task}”转交给您办理。"),
    "opinion_asked": Text("{who} asks for your opinion on “{task}”.", "{who}就“{task}”征求您的意见。"),
    "asked_left": Text(
        "{who}, whom you asked something at “{task}”, has left. What you asked has lapsed: ask somebody else if needed.",
        "您在“{task}”中询问的{who}已离任，该事项已失效；如有需要，请另行询问他人。",
    ),
    "opinion_given": Text("{who} gave the opinion asked for on “{task}”.", "{who}已就“{task}”提出意见。"),
    "signature_asked": Text("{who} asks you to sign “{task}”.", "{who}请您会签“{task}”。"),
    "signed": Text("{who} signed “{task}”.", "{who}已签署“{task}”。"),
    "refused": Text("{who} declined what was asked of them on “{task}”.", "{who}未同意“{task}”的请求事项。"),
    "countersign_asked": Text("{who} asks your department to countersign “{task}”.", "{who}请贵部门会签“{task}”。"),
    "not_needed": Text("What you were asked at “{task}” is no longer needed.", "“{task}”中请您办理的事项已不再需要。"),
    "vote_opened": Text("{who} asks you to vote on “{task}”.", "{who}请您就“{task}”表决。"),
    "vote_closed": Text("The vote on “{task}” is closed: {outcome}.", "“{task}”的表决已结束：{outcome}。"),
    "copied": Text("{who} sent you a copy for your information.", "{who}将办件抄送给您。"),
    "hand_over_waiting": Text(
        "“{task}” was handed over to your department and waits to be accepted.", "“{task}”已交接给贵部门，等待接收。"
    ),
    "hand_over_returned": Text(
        "{department} did not accept “{task}” and returned it.", "{department}未接收“{task}”，已退回。"
    ),
    "hand_over_escalated": Text(
        "The hand-over of “{task}” has waited too long for an answer.", "“{task}”的交接逾期未接收，现上报给您。"
    ),
    "hand_over_silent": Text(
        "{department} has not answered your hand-over of “{task}” in time. The post above it was told.",
        "{department}逾期未接收您交出的“{task}”，已告知其上级岗位。",
    ),
    "mentioned": Text("{who} mentioned you in a note.", "{who}在备注中提到了您。"),
    "stood_in": Text("{who} did “{task}” on your behalf.", "{who}代您办理了“{task}”。"),
    "deputy_dropped": Text(
        "{who} no longer stands in for you while you are absent {days}. Name somebody else; until then nobody stands in.",
        "{who}不再在您外出期间（{days}）代理您。请另行指定代理人，此前无人代理。",
    ),
    "nobody_stands_in": Text(
        "{who} no longer stands in for {of}, absent {days}. Name somebody else; until then nobody stands in.",
        "{who}不再代理{of}（外出：{days}）。请另行指定代理人，此前无人代理。",
    ),
    "deputy_away": Text(
        "{who}, who stands in for {of}, is absent {days} too. Name somebody else; else nobody stands in on those days.",
        "代理{of}的{who}也将外出（{days}）。请另行指定代理人，否则该期间无人代理。",
    ),
    "extension_asked": Text("{who} asks for more time for “{task}”.", "{who}申请延长“{task}”的办理期限。"),
    "extension_decided": Text(
        "{who} decided on the time you asked for at “{task}”: {outcome}.", "{who}对“{task}”延期申请的决定：{outcome}。"
    ),
    "suspended": Text("{who} suspended the case.", "{who}已中止办件。"),
    "resumed": Text("{who} resumed the case.", "{who}已恢复办件。"),
    "cancelled": Text("{who} cancelled the case.", "{who}已撤销办件。"),
    "task_waiting": Text("“{task}” waits for you.", "“{task}”等待您办理。"),
    "yellow_card": Text("A yellow card was given at “{task}”: {outcome}.", "“{task}”被发黄牌：{outcome}。"),
    "red_card": Text("A red card was given at “{task}”: {outcome}.", "“{task}”被发红牌：{outcome}。"),
    "sent_up": Text("“{task}” was sent up to you: {outcome}.", "“{task}”现上报给您：{outcome}。"),
    "card_answered": Text("{who} answered for the card “{outcome}”.", "{who}已就“{outcome}”作出说明。"),
    "card_lifted": Text("{who} lifted the card “{outcome}”.", "{who}撤销了“{outcome}”的牌。"),
    "clock_stopped": Text("{who} stopped the clock of the case.", "{who}中止了办件计时。"),
    "clock_resumed": Text("{who} set the clock of the case going again.", "{who}恢复了办件计时。"),
    "period_asked": Text("{who} asks that the period of the case be extended.", "{who}申请延长办件期限。"),
    "period_decided": Text(
        "{who} decided on extending the period: {outcome}.", "{who}对延长期限申请的决定：{outcome}。"
    ),
    "period_ends": Text(
        "{period}: it is over in five working days, and silence then takes effect.",
        "{period}：还有五个工作日届满，届满后将产生法律后果。",
    ),
    "period_over": Text("{period}: it is over.", "{period}：已届满。"),
    "period_to_confirm": Text(
        "{period}: it is over. Confirm what that means, or set it aside.",
        "{period}：已届满，请确认其法律后果或不予适用。",
    ),
    "period_confirmed": Text(
        "{who} settled what the end of the period means: {outcome}.", "{who}已处理期限届满：{outcome}。"
    ),
    "period_moved": Text(
        "{period}: it ends on another day, for the calendar has changed.", "{period}：因日历变更，届满日期已调整。"
    ),
    "enquiry_handed": Text("{who} handed an enquiry on to your post.", "{who}将一件咨询转交您的岗位。"),
}
"""Kinds are kept in the database: never rename one."""

_OF_THE_CASE: Final[Mapping[str, Text]] = {
    "yellow_card": Text("A yellow card was given to the case: {outcome}.", "该办件被发黄牌：{outcome}。"),
    "red_card": Text("A red card was given to the case: {outcome}.", "该办件被发红牌：{outcome}。"),
    "sent_up": Text("The case was sent up to you: {outcome}.", "该办件现上报给您：{outcome}。"),
}
"""Where it is about none of its tasks."""

_NOT_TOLD: Final[Mapping[str, Text]] = {
    "who": Text("The office", "本机关"),
    "task": Text("the case", "办件"),
    "department": Text("the other department", "对方部门"),
    "outcome": Text("see the case", "详见办件"),
    "year": Text("the coming year", "下一"),
    "of": Text("the office", "本机关"),
    "period": Text("The period of the case", "办件期限"),
    "figure": Text("see the page of alerts", "详见预警页面"),
    "days": Text("for a time", "一段时间"),
    "steps": Text("some", "若干"),
    "sums": Text("some", "若干"),
}
"""What stands for a fact that was not given."""


def sentence(kind: str, facts: Mapping[str, Any]) -> Text:
    """With its facts filled in. Facts hold what people typed: they are shown as they stand."""
    whole = _OF_THE_CASE.get(kind) if "task" not in facts else None
    said = whole or SENTENCES.get(kind, Text("Something happened in the case.", "办件有新情况。"))
    filled = {**_NOT_TOLD, **facts}
    return Name(said.say("en", **filled), said.say("zh", **filled))
