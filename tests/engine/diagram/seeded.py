"""Faults put into diagrams on purpose: which rule must find each, at which element, in which line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Shown = tuple[str | None, str | None]
"""The element, and what stands in the line that is told; None for a file as a whole."""


def _at(element: str) -> Shown:
    return element, f'id="{element}"'


# The diagram of each rule's page of help.
EXAMPLES: Final[dict[str, Shown]] = {
    "answer-never-given": _at("granted_to_issue"),
    "answers-unread": _at("check"),
    "attachment-unused": (None, None),
    "back-and-forth": _at("clerk"),
    "boundary-on-nothing": _at("late"),
    "call-without-process": _at("hearing"),
    "calls-another-procedure": _at("hearing"),
    "calls-itself": _at("again"),
    "choice-without-name": _at("decide"),
    "clock-stop-unfit": _at("review"),
    "committee-too-small": _at("sign"),
    "committee-unfit": _at("sign"),
    "condition-ignored": _at("flow_no"),
    "connector-unfit": _at("sign"),
    "connector-unknown": _at("sign"),
    "countersign-unfit": _at("sign"),
    "dangling-reference": _at("lost"),
    "dead-end": _at("copy"),
    "dead-step": _at("late"),
    "deadlock": _at("join"),
    "decision-cell-unreadable": ("fee", "&gt;= </text>"),
    "decision-circle": _at("fee"),
    "decision-gap": ("fee", "<decisionTable"),
    "decision-id-twice": ("fee", '<decision id="fee"'),
    "decision-import": (None, "<import "),
    "decision-missing": _at("whose"),
    "decision-not-proven": ("fee", "<decisionTable"),
    "decision-overlap": ("fee", "<decisionTable"),
    "decision-required-unknown": ("fee", '<decision id="fee"'),
    "decision-rule-unreachable": ("fee", "<decisionTable"),
    "decision-takes-name": ("fee", "<decisionTable"),
    "decision-unreadable": (None, None),
    "decision-values-open": ("fee", "<decisionTable"),
    "documentation-only": _at("register"),
    "duplicate-id": ("review", "Review again"),
    "duplicate-names": _at("second"),
    "empty-sub-process": _at("hearing"),
    "event-gateway-alone": _at("first"),
    "event-gateway-target": _at("review"),
    "event-without-reference": _at("paid"),
    "event-without-trigger": _at("wait"),
    "expression-unreadable": _at("flow_yes"),
    "flow-crosses-border": _at("across"),
    "flow-not-allowed": _at("back"),
    "form-component-unsupported": _at("check"),
    "form-elsewhere": _at("check"),
    "form-key-clash": _at("decide"),
    "form-key-twice": _at("check"),
    "form-missing": _at("check"),
    "template-missing": _at("check"),
    "template-unreadable": _at("check"),
    "form-rule-unread": _at("check"),
    "form-unreadable": _at("check"),
    "gateway-without-condition": _at("decide"),
    "gateway-without-name": _at("choice"),
    "handed-back-unrecorded": _at("see"),
    "implicit-start": _at("procedure"),
    "instruction-missing": _at("sign"),
    "lane-unmapped": _at("clerk"),
    "lane-without-steps": _at("system"),
    "link-unmatched": _at("go_on"),
    "livelock": _at("ask"),
    "loop-without-wait": _at("count"),
    "missing-id": ("unnamed_1", "<lane "),
    "move-unknown": _at("sign"),
    "mutual-wait": _at("one"),
    "name-in-one-language": _at("review"),
    "name-without-verb": _at("notice"),
    "never-ends": _at("both"),
    "never-thrown": _at("failed"),
    "no-end": _at("procedure"),
    "no-lanes": _at("procedure"),
    "no-owner": _at("sign"),
    "no-start": _at("procedure"),
    "not-proven": _at("procedure"),
    "nothing-drawn": _at("procedure"),
    "period-element-missing": _at("procedure"),
    "period-over-law": _at("procedure"),
    "period-unreadable": _at("procedure"),
    "period-word-unknown": _at("procedure"),
    "post-vacant": _at("clerk"),
    "post-without-deputy": _at("clerk"),
    "promised-over-statutory": _at("procedure"),
    "question-without-name": _at("choice"),
    "reference-as-name": ("tell", "signalRef="),
    "refusal-unfit": _at("decide"),
    "repetition-missing": _at("review"),
    "script-unreadable": _at("compute"),
    "separation-impossible": _at("sign"),
    "separation-not-before": _at("review"),
    "separation-unknown": _at("sign"),
    "service-without-connector": _at("publish"),
    "several-processes": _at("application"),
    "stale-lane-entry": _at("clerk"),
    "standard-time-missing": _at("sign"),
    "standard-time-unreadable": _at("review"),
    "start-matter-unknown": _at("monthly"),
    "start-timer-asks": _at("monthly"),
    "accept-within-unreadable": _at("review"),
    "step-without-name": _at("task_1"),
    "sub-process-start": _at("hearing"),
    "timer-before-standard": _at("late"),
    "timer-missing": _at("late"),
    "timer-too-fast": _at("late"),
    "timer-unreadable": _at("late"),
    "times-over-promised": _at("procedure"),
    "together-asks": _at("check"),
    "too-many-instances": _at("review"),
    "two-owners": _at("review"),
    "type-clash": _at("large_to_inspect"),
    "undone-by-hand": _at("undo"),
    "unreachable-element": _at("archive"),
    "unsupported-element": _at("gather"),
    "unsynchronised": _at("decide"),
    "variable-not-yet-set": _at("large_to_decide"),
    "variable-unknown": _at("granted_to_issue"),
    "vendor-extension": _at("review"),
    "vendor-understood": _at("review"),
    "vendor-work-ignored": ("review", "<extensionElements>"),
    "working-time-idle": _at("wait"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is put into a shipped procedure in place of what stands there. `mark` stands in the line that is told."""

    rule: str
    procedure: str
    old: str
    new: str
    element: str | None
    mark: str = ""
    file: str = "procedure.bpmn"
    times: int = 1  # how often it is put in; -1: everywhere

    def __str__(self) -> str:
        return f"{self.rule} in {self.procedure}: {self.new[:40] or self.old[:40]}"

    @property
    def told_there(self) -> bool:
        """In the file that was changed, or in the diagram beside it."""
        return self.file.endswith(".bpmn") or (self.file.endswith(".dmn") and self.element == "committee")

    @property
    def place(self) -> str:
        return self.mark or f'id="{self.element}"'


BP, AB, ID = "building_permit", "additional_budget", "incoming_document"
DMN = "decisions/committee.dmn"
INSTRUCTION = "<officium:instruction>"
JOIN = '<bpmn:sequenceFlow id="flow_review_fire_gateway_join" sourceRef="review_fire" targetRef="gateway_join" />'
SEEN = '<bpmn:sequenceFlow id="flow_gateway_seen_draft_decision" sourceRef="gateway_seen" targetRef="draft_decision" />'
PROCESS = '<bpmn:process id="building_permit"'
CELL = '<inputEntry id="committee_rule_1_amount_supported"'
APART = '<officium:separation from="{}" by="{}" /><officium:instruction>'

# Slips that people make in procedures of ordinary size.
FAULTS: Final = (
    Fault("variable-unknown", BP, "large_project or site", "big_project or site", "flow_site_visit"),
    Fault("variable-unknown", BP, 'complete = "yes"', 'compleet = "yes"', "flow_complete"),
    Fault("variable-unknown", BP, "floor_area &gt;= 5000", "area &gt;= 5000", "classify"),
    Fault("variable-unknown", AB, ">committee_needed<", ">comittee_needed<", "flow_committee"),
    Fault("variable-not-yet-set", BP, 'complete = "yes"', 'decision = "yes"', "flow_complete"),
    Fault("variable-not-yet-set", BP, "building_height &gt;= 24", "site_visit_needed", "classify"),
    Fault("variable-not-yet-set", AB, 'review_result = "supported"', "adopted = true", "flow_supported"),
    Fault("variable-not-yet-set", AB, 'approval = "approved"', "adopted = true", "flow_approved"),
    Fault("type-clash", BP, "floor_area &gt;= 5000", 'floor_area = "large"', "classify"),
    Fault("type-clash", BP, 'decision = "grant"', "decision = true", "flow_granted"),
    Fault("type-clash", BP, 'decision = "rework"', "decision &gt; 3", "flow_rework"),
    Fault("type-clash", BP, "or site_visit_needed", "or site_visit_needed = 1", "flow_site_visit"),
    Fault("type-clash", AB, "not(committee_needed)", 'committee_needed = "no"', "flow_director"),
    Fault("answer-never-given", BP, 'decision = "grant"', 'decision = "granted"', "flow_granted"),
    Fault("answer-never-given", BP, 'complete = "no"', 'complete in ("No", "none")', "flow_incomplete"),
    Fault("answer-never-given", AB, 'review_result = "returned"', 'review_result = "lost"', "flow_returned"),
    Fault("expression-unreadable", BP, 'decision = "grant"', 'decision = "grant', "flow_granted"),
    Fault("expression-unreadable", AB, "not(committee_needed)", "not committee_needed)", "flow_director"),
    Fault("script-unreadable", BP, "large_project = floor_area", "var large = floor_area", "classify"),
    Fault("condition-ignored", BP, ' default="flow_no_site_visit"', ' default="flow_site_visit"', "flow_site_visit"),
    Fault("gateway-without-condition", BP, ' default="flow_no_site_visit"', "", "gateway_site"),
    Fault("question-without-name", BP, ' name="See the site? 是否踏勘" default="flow_no_site_visit"', "", "gateway_site"),
    Fault("gateway-without-name", BP, ' name="Complete? 是否齐全"', "", "gateway_complete"),
    Fault("choice-without-name", ID, ' name="agreed 同意"', "", "gateway_instruction"),
    Fault("dangling-reference", BP, 'targetRef="gateway_join" />', 'targetRef="gateway_jion" />', "flow_review_planning_gateway_join"),
    Fault("dangling-reference", BP, 'default="flow_no_site_visit"', 'default="flow_no_visit"', "gateway_site"),
    Fault("dead-end", BP, JOIN, "", "review_fire"),
    Fault("unreachable-element", BP, SEEN, "", "draft_decision"),
    Fault("duplicate-id", BP, 'id="issue_permit"', 'id="decide"', "decide", 'name="Issue the permit'),
    Fault("boundary-on-nothing", BP, ' attachedToRef="await_supplement"', "", "timer_supplement"),
    Fault("boundary-on-nothing", BP, 'attachedToRef="await_supplement"', 'attachedToRef="gateway_complete"', "timer_supplement"),
    Fault("flow-not-allowed", BP, 'sourceRef="await_supplement" targetRef="check_papers"', 'sourceRef="await_supplement" targetRef="start"', "flow_supplemented"),
    Fault("flow-crosses-border", BP, 'sourceRef="decide" targetRef="gateway_decision"', 'sourceRef="decide" targetRef="review_plans"', "flow_decide_gateway_decision"),
    Fault("sub-process-start", BP, '<bpmn:startEvent id="review_start">', '<bpmn:startEvent id="review_start"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>', "technical_review"),
    Fault("timer-unreadable", BP, ">P15D<", ">15 days<", "timer_supplement"),
    Fault("timer-missing", BP, '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P15D</bpmn:timeDuration>', "", "timer_supplement"),
    Fault("timer-before-standard", BP, ">P15D<", ">P5D<", "timer_supplement"),
    Fault("timer-before-standard", AB, ">P10D<", ">PT12H<", "timer_amend"),
    Fault("accept-within-unreadable", BP, 'officium:acceptWithin="P3D"', 'officium:acceptWithin="3 days"', "building_permit"),
    Fault("standard-time-unreadable", BP, 'officium:standardTime="P15D"', 'officium:standardTime="15d"', "await_supplement"),
    Fault("standard-time-missing", BP, ' officium:standardTime="P15D"', "", "await_supplement"),
    Fault("times-over-promised", BP, 'officium:promised="P30D"', 'officium:promised="P3D"', "building_permit"),
    Fault("period-unreadable", BP, 'officium:statutory="P45D"', 'officium:statutory="P1M2D"', "building_permit"),
    Fault("promised-over-statutory", BP, 'officium:promised="P30D"', 'officium:promised="P46D"', "building_permit"),
    Fault("period-word-unknown", BP, 'officium:ruleSet="cn-licensing"', 'officium:ruleSet="licensing"', "building_permit"),
    Fault("period-element-missing", BP, 'officium:decidedBy="decide"', 'officium:decidedBy="decided"', "building_permit"),
    Fault("period-over-law", BP, 'officium:statutory="P45D"', 'officium:statutory="P46D"', "building_permit"),
    Fault("clock-stop-unfit", BP, 'officium:stopsClock="supplement"', 'officium:stopsClock="holiday"', "await_supplement"),
    Fault("refusal-unfit", BP, 'officium:ground="decision_reasons"', 'officium:ground="reasons_given"', "decide"),
    Fault("refusal-unfit", BP, 'officium:refusal="decision = &quot;refuse&quot;"', 'officium:refusal="flow_site_visit"', "decide"),
    Fault("no-owner", BP, "<bpmn:flowNodeRef>decide</bpmn:flowNodeRef>", "", "decide"),
    Fault("two-owners", BP, "<bpmn:flowNodeRef>decide</bpmn:flowNodeRef>", "<bpmn:flowNodeRef>decide</bpmn:flowNodeRef><bpmn:flowNodeRef>review_fire</bpmn:flowNodeRef>", "review_fire"),
    Fault("stale-lane-entry", BP, "<bpmn:flowNodeRef>decide</bpmn:flowNodeRef>", "<bpmn:flowNodeRef>decide</bpmn:flowNodeRef><bpmn:flowNodeRef>gone</bpmn:flowNodeRef>", "lane_deputy"),
    Fault("lane-without-steps", BP, 'id="review_fire" name="Review fire safety 消防审查"', 'id="review_fires" name="Review fire safety 消防审查"', "lane_fire"),
    Fault("form-missing", BP, 'officium:form="papers.form.json"', 'officium:form="paper.form.json"', "check_papers"),
    Fault("attachment-unused", BP, 'officium:form="papers.form.json"', "", None),
    Fault("form-unreadable", BP, '"components": [', '"components": ', "decide", file="forms/decision.form.json"),
    Fault("form-key-twice", BP, '"key": "decision_reasons"', '"key": "decision"', "decide", file="forms/decision.form.json"),
    Fault("form-component-unsupported", BP, '"type": "textarea"', '"type": "html"', "decide", file="forms/decision.form.json"),
    Fault("form-key-clash", BP, '"key": "decision_reasons"', '"key": "floor_area"', "decide", file="forms/decision.form.json"),
    Fault("decision-missing", AB, 'officium:decision="committee"', 'officium:decision="comittee"', "decide_route"),
    Fault("decision-missing", AB, ' officium:decision="committee"', "", "decide_route"),
    Fault("decision-gap", AB, "<text>&lt; 500000</text>", "<text>&lt; 400000</text>", "committee", "<decisionTable", DMN),
    Fault("decision-overlap", AB, "<text>&gt; 2000000</text>", "<text>&gt; 1000000</text>", "committee", "<decisionTable", DMN),
    Fault("decision-cell-unreadable", AB, "<text>&lt; 500000</text>", "<text>&lt; 500,000.0.0</text>", "committee", CELL, DMN),
    Fault("type-clash", AB, 'typeRef="number"', 'typeRef="string"', "decide_route", 'id="decide_route"', DMN),
    Fault("separation-unknown", BP, INSTRUCTION, APART.format("chek_papers", "person"), "check_papers"),
    Fault("separation-unknown", BP, INSTRUCTION, APART.format("gateway_decision", "person"), "check_papers"),
    Fault("separation-unknown", BP, INSTRUCTION, APART.format("decide", "post"), "check_papers"),
    Fault("separation-not-before", BP, INSTRUCTION, APART.format("issue_permit", "person"), "check_papers"),
    Fault("step-without-name", BP, 'name="Review fire safety 消防审查"', 'name="Task 3"', "review_fire"),
    Fault("duplicate-names", BP, 'name="Review fire safety 消防审查"', 'name="Review against the plan 规划审查"', "review_fire"),
    Fault("name-in-one-language", BP, 'name="Review fire safety 消防审查"', 'name="消防审查"', "review_fire"),
    Fault("name-in-one-language", BP, 'name="Papers returned 逾期退件"', 'name="Papers returned"', "end_closed"),
    Fault("name-without-verb", BP, 'name="Review fire safety 消防审查"', 'name="Inspection of fire safety 消防审查"', "review_fire"),
    Fault("event-without-reference", AB, ' messageRef="message_receipt"', "", "receipt"),
    Fault("service-without-connector", BP, "bpmn:scriptTask", "bpmn:serviceTask", "classify", times=-1),
    Fault("unsupported-element", BP, '逾期退件">', '逾期退件"><bpmn:cancelEventDefinition />', "end_closed"),
    Fault("never-ends", BP, 'sourceRef="review_planning" targetRef', 'sourceRef="return_papers" targetRef', "gateway_join"),
)  # fmt: skip
