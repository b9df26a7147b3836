"""What is allowed with procedures and their editions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final

from engine.base.errors import NotAllowed, Overtaken, Refusal
from engine.base.text import Name, Text, one_line
from engine.diagram.shape import Diagram, Finding, Owner, Severity
from engine.organisation.rules import Actor, Right

APPROVAL: Final = "procedure_approval"
"""The process by which editions are approved. As long as no edition of it is in force, designers put theirs in force."""

APPROVAL_ACTS: Final = ("check", "consent", "revise", "approve")
"""The steps such a process must have, told by `officium:act`: each is decided by an act, never by its form alone."""


class EditionState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    IN_FORCE = "in force"
    OUT_OF_FORCE = "out of force"
    WITHDRAWN = "withdrawn"


STATES: Final[Mapping[str, Text]] = {
    EditionState.DRAFT: Text("a draft", "草稿"),
    EditionState.IN_REVIEW: Text("in review", "审核中"),
    EditionState.APPROVED: Text("approved", "已批准"),
    EditionState.IN_FORCE: Text("in force", "生效"),
    EditionState.OUT_OF_FORCE: Text("out of force", "已失效"),
    EditionState.WITHDRAWN: Text("withdrawn", "已撤回"),
}


class PrefixUnfit(Refusal):
    """The prefix “{prefix}” cannot begin a case number. Use two to six capital letters, such as BP."""

    zh = "“{prefix}”不能作为办件编号的前缀。请使用二至六个大写字母，例如 BP。"


class PrefixTaken(Refusal):
    """The prefix {prefix} already belongs to “{procedure}”. Choose another one."""

    zh = "前缀 {prefix} 已属于“{procedure}”。请另选一个。"


class NameMissing(Refusal):
    """A procedure needs a name. Write one in the field “Name”."""

    zh = "程序需要名称。请填写“名称”一栏。"


class NotADraft(Refusal):
    """Edition {edition} is {state}, and only a draft can be changed. Upload the changed diagram as a new edition."""

    zh = "第 {edition} 版的状态为“{state}”，只有草稿可以修改。请将修改后的流程图作为新版上传。"


class UnderReview(NotADraft):
    """Edition {edition} is {state}: what is reviewed and approved does not change. Have it returned to you to go on."""

    zh = "第 {edition} 版的状态为“{state}”：审核和批准的内容不再变动。如需修改，请先由审核人退回。"


class ApprovalNeeded(Refusal):
    """In this office an edition comes into force by approval. Submit edition {edition} for review instead."""

    zh = "本机关的版本须经批准方可生效。请将第 {edition} 版提交审核。"


class ApprovalUnfit(Refusal):
    """This is the procedure by which editions are approved, but it lacks the steps {acts}. Draw them, each with its act."""

    zh = "这是审批版本所用的程序，但缺少环节：{acts}。请画出这些环节，并为其注明所作的决定。"


class ApproverWithoutRight(Refusal):
    """“{step}” belongs to the post “{post}”, which does not carry the right to approve, so nobody could ever approve."""

    zh = "“{step}”属于岗位“{post}”，该岗位没有批准权，将无人能够批准。"


class AnotherApproval(Refusal):
    """“{procedure}” is already the procedure by which editions are approved. Upload this as its next edition."""

    zh = "“{procedure}”已是审批版本所用的程序。请将此图作为它的新版上传。"


class KeptOutOfForce(Refusal):
    """{count} findings keep edition {edition} out of force. The first: {first}"""

    zh = "有 {count} 项问题使第 {edition} 版不能生效。第一项：{first}"


class OwnerMissing(Refusal):
    """“{owner}” is not mapped to a post, so its steps would wait for nobody. Choose a post for it."""

    zh = "“{owner}”尚未对应岗位，其环节将无人负责。请为其选择岗位。"


class PostUnknown(Refusal):
    """“{owner}” was mapped to a post that does not exist. Choose one of the posts listed."""

    zh = "“{owner}”所选的岗位不存在。请从列出的岗位中选择。"


class ProcessNotChosen(Refusal):
    """This file holds several processes: {processes}. Choose the one that a case begins in."""

    zh = "该文件包含多个流程：{processes}。请选择办件从哪一个开始。"


class CallUnresolved(Refusal):
    """“{step}” calls “{called}”, which no procedure in force has. Put the called procedure in force first."""

    zh = "“{step}”调用“{called}”，但没有生效的程序包含该流程。请先使被调用的程序生效。"


class ScenarioNameMissing(Refusal):
    """A scenario needs a name that says what happens in it. Write one in the field “Name of the scenario”."""

    zh = "情景需要一个说明其经过的名称。请填写“情景名称”一栏。"


class TooManyScenarios(Refusal):
    """This edition already has {most} scenarios. Drop one that says nothing new first."""

    zh = "此版本已有 {most} 个情景。请先删除其中没有新内容的情景。"


class EditionOfNoUse(Refusal):
    """Edition {edition} is no longer used, so its scenarios stay as they are. Keep this one with edition {newest}."""

    zh = "第 {edition} 版已停用，其情景不再变动。请将此情景保存到第 {newest} 版。"


class NothingInForce(Refusal):
    """“{procedure}” has no edition in force, so no case can be started. Put an edition in force first."""

    zh = "“{procedure}”没有生效的版本，无法发起办件。请先使一个版本生效。"


class DepartmentUnknown(Refusal):
    """The package names the department “{department}”, which this office does not have. Choose the department here."""

    zh = "包中指定的部门“{department}”在本单位不存在。请在此选择部门。"


class CallAmbiguous(Refusal):
    """“{step}” calls “{called}”, and several procedures in force claim that id: {procedures}. Give one of them another."""

    zh = "“{step}”调用“{called}”，但有多个生效的程序使用该编号：{procedures}。请为其中之一更换编号。"


class CannotAskInstead(Refusal):
    """“{flow}” is not a flow with a condition in this diagram, so nobody can be asked instead."""

    zh = "“{flow}”不是本流程图中带条件的流向，无法改为由人选择。"


class AttachmentsTooLarge(Refusal):
    """The files beside the diagram come to {size} kB. An edition keeps at most {limit} kB in {most} files."""

    zh = "随附文件共 {size} kB；每版最多保存 {limit} kB、{most} 个文件。"


class NothingToWaive(Refusal):
    """There is no such warning here any more. Look at the findings again: the diagram may have changed meanwhile."""

    zh = "此处已没有该项警告。流程图可能已被修改，请重新查看检查结果。"


class NotToBeWaived(Refusal):
    """“{finding}” is no warning, so it cannot be waived. What keeps an edition out of force is mended, never waived."""

    zh = "“{finding}”不是警告，不能豁免。阻止生效的问题只能修正，不能豁免。"


class WaiverWithoutReason(Refusal):
    """A warning is waived with a reason of at most {most} characters. Write why it may stand."""

    zh = "豁免警告须说明理由，不超过 {most} 字。请写明为何可以保留。"


class FileUnfit(Refusal):
    """“{path}” cannot stand beside a diagram: forms end in .form or .json, decision tables in .dmn, templates in .docx or .notice.toml. Rename it."""

    zh = "“{path}”不能随附于流程图：表单以 .form 或 .json 结尾，决策表以 .dmn 结尾，文书模板以 .docx 或 .notice.toml 结尾。请重命名文件。"


class FileChangedMeanwhile(Overtaken):
    """{person} changed “{path}” at {at} while you worked on it. What you made is still here: open theirs, or replace it."""

    zh = "您编辑期间，{person}已于{at}修改了“{path}”。您的内容仍在此处：可打开对方的内容，或用您的替换。"


MOST_ATTACHMENTS = 100
MOST_ATTACHED_BYTES = 3_000_000


_DESIGN_POST = Text(
    en="procedures are designed by the holders of a design post",
    zh="程序由流程设计岗位的人员设计",
)


def must_design(actor: Actor) -> None:
    if not actor.may(Right.DESIGN):
        raise NotAllowed(why=_DESIGN_POST)


_APPROVE_POST = Text(
    en="where editions are approved, procedures go out of force by the holders of an approving post",
    zh="实行版本审批的，程序由批准岗位的人员停用",
)


def must_retire(actor: Actor, *, approved: bool) -> None:
    """What needs approval to come into force needs it to go out of force."""
    if not approved:
        must_design(actor)
    elif not actor.may(Right.APPROVE):
        raise NotAllowed(why=_APPROVE_POST)


def fit_prefix(prefix: str) -> str:
    cleaned = prefix.strip().upper()
    if not re.fullmatch(r"[A-Z]{2,6}", cleaned):
        raise PrefixUnfit(prefix=prefix)
    return cleaned


def must_have_name(scenario: str) -> None:
    if not one_line(scenario):
        raise ScenarioNameMissing()


def must_be_draft(number: int, state: str) -> None:
    if state in (EditionState.IN_REVIEW, EditionState.APPROVED):
        raise UnderReview(edition=number, state=STATES[state])
    if state != EditionState.DRAFT:
        raise NotADraft(edition=number, state=STATES.get(state, state))


def main_process(diagram: Diagram, chosen: str | None) -> str | None:
    """The process a case begins in: the chosen one, else the only one with content, else none."""
    with_content = [process.id for process in diagram.processes.values() if process.has_content]
    if chosen in with_content:
        return chosen
    return with_content[0] if len(with_content) == 1 else None


def remembered(owners: Iterable[Owner], posts_by_name: Mapping[str, int]) -> dict[str, int]:
    """The posts that owners of the same name had in the edition before."""
    return {owner.key: posts_by_name[owner.name] for owner in owners if owner.name in posts_by_name}


def unmapped(owners: Iterable[Owner], mapped: Collection[str]) -> list[Owner]:
    return [owner for owner in owners if owner.steps and owner.key not in mapped]


def fit_file_name(path: str) -> str:
    """A plain name: no folders, nothing that cannot be seen. Raises FileUnfit."""
    name = one_line(path)
    fit = re.fullmatch(r"[^/\\:*?\"<>|]{1,115}\.(form|json|dmn|docx|notice\.toml)", name, re.IGNORECASE)
    if fit is None or name.startswith("."):
        raise FileUnfit(path=path[:120])
    return name


def must_be_modest(attachments: Mapping[str, bytes]) -> None:
    size = sum(len(content) for content in attachments.values())
    if size > MOST_ATTACHED_BYTES or len(attachments) > MOST_ATTACHMENTS:
        raise AttachmentsTooLarge(size=size // 1000, limit=MOST_ATTACHED_BYTES // 1000, most=MOST_ATTACHMENTS)


MOST_REASON: Final = 500


def must_be_waivable(found: Collection[Finding], reason: str) -> None:
    """What keeps an edition out of force cannot be waived, nor what asks nothing of anybody."""
    first = next(iter(found), None)
    if first is None:
        raise NothingToWaive()
    if first.rule.severity is not Severity.ATTENTION:
        raise NotToBeWaived(finding=Name(first.sentence("en"), first.sentence("zh")))
    if not 0 < len(reason) <= MOST_REASON:
        raise WaiverWithoutReason(most=MOST_REASON)


def keeping_out(findings: Iterable[Finding], asked: Collection[str]) -> list[Finding]:
    """Findings that keep an edition out of force. A condition that cannot be read does not where a person is asked."""
    return [
        one
        for one in findings
        if one.rule.severity is Severity.BLOCKS
        and not (one.rule.code == "expression-unreadable" and one.element in asked)
    ]


class DecisionChanged(Overtaken):
    """{person} changed “{file}” at {at}, after you opened it. Nothing of yours is kept yet; what you typed is still here."""

    zh = "您打开“{file}”之后，{person}于 {at} 修改了它。您的更改尚未保存，但所填内容仍在此处。"


class DecisionThere(DecisionChanged):
    """“{file}” is not as it was when you opened it. Nothing of yours is kept yet; what you typed is still here."""

    zh = "“{file}”已不是您打开时的内容。您的更改尚未保存，但所填内容仍在此处。"


class DecisionPathUnfit(Refusal):
    """“{file}” cannot be the name of a decision file. Use a plain name that ends in .dmn, such as fees.dmn."""

    zh = "“{file}”不能作为决策文件名。请使用以 .dmn 结尾的普通名称，例如 fees.dmn。"


def fit_decision_path(path: str) -> str:
    cleaned = one_line(path)
    if not re.fullmatch(r"[^/\\:*?\"<>|]{1,110}\.dmn", cleaned, re.IGNORECASE) or cleaned.startswith("."):
        raise DecisionPathUnfit(file=path[:80])
    return cleaned
