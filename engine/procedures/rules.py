"""What is allowed with procedures and their editions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from engine.base.errors import NotAllowed, Refusal
from engine.base.text import Text
from engine.diagram.shape import Diagram, Finding, Owner, Severity
from engine.organisation.rules import Actor, Right


class EditionState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in force"
    OUT_OF_FORCE = "out of force"
    WITHDRAWN = "withdrawn"


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


class KeptOutOfForce(Refusal):
    """{count} findings keep edition {edition} out of force. The first: {first}"""

    zh = "有 {count} 项问题使第 {edition} 版不能生效。第一项：{first}"


class OwnerMissing(Refusal):
    """“{owner}” is not mapped to a post, so its steps would wait for nobody. Choose a post for it."""

    zh = "“{owner}”尚未对应岗位，其步骤将无人负责。请为其选择岗位。"


class PostUnknown(Refusal):
    """“{owner}” was mapped to a post that does not exist. Choose one of the posts listed."""

    zh = "“{owner}”所选的岗位不存在。请从列出的岗位中选择。"


class ProcessNotChosen(Refusal):
    """This file holds several processes: {processes}. Choose the one that a case begins in."""

    zh = "该文件包含多个流程：{processes}。请选择办件从哪一个开始。"


class CallUnresolved(Refusal):
    """“{step}” calls “{called}”, which no procedure in force has. Put the called procedure in force first."""

    zh = "“{step}”调用“{called}”，但没有生效的程序包含该流程。请先使被调用的程序生效。"


class NothingInForce(Refusal):
    """“{procedure}” has no edition in force, so no case can be started. Put an edition in force first."""

    zh = "“{procedure}”没有生效的版本，无法发起办件。请先使一个版本生效。"


class CannotAskInstead(Refusal):
    """“{flow}” is not a flow with a condition in this diagram, so nobody can be asked instead."""

    zh = "“{flow}”不是本流程图中带条件的流向，无法改为由人选择。"


class AttachmentsTooLarge(Refusal):
    """The files beside the diagram come to {size} kB. An edition keeps at most {limit} kB in {most} files."""

    zh = "随附文件共 {size} kB；每版最多保存 {limit} kB、{most} 个文件。"


MOST_ATTACHMENTS = 100
MOST_ATTACHED_BYTES = 3_000_000


_DESIGN_POST = Text(
    en="procedures are designed by the holders of a design post",
    zh="程序由流程设计岗位的人员设计",
)


def must_design(actor: Actor) -> None:
    if not actor.may(Right.DESIGN):
        raise NotAllowed(why=_DESIGN_POST)


def fit_prefix(prefix: str) -> str:
    cleaned = prefix.strip().upper()
    if not re.fullmatch(r"[A-Z]{2,6}", cleaned):
        raise PrefixUnfit(prefix=prefix)
    return cleaned


def must_be_draft(number: int, state: str) -> None:
    if state != EditionState.DRAFT:
        raise NotADraft(edition=number, state=state)


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


def must_be_modest(attachments: Mapping[str, bytes]) -> None:
    size = sum(len(content) for content in attachments.values())
    if size > MOST_ATTACHED_BYTES or len(attachments) > MOST_ATTACHMENTS:
        raise AttachmentsTooLarge(size=size // 1000, limit=MOST_ATTACHED_BYTES // 1000, most=MOST_ATTACHMENTS)


def keeping_out(findings: Iterable[Finding], asked: Collection[str]) -> list[Finding]:
    """Findings that keep an edition out of force. A condition that cannot be read does not where a person is asked."""
    return [
        one
        for one in findings
        if one.rule.severity is Severity.BLOCKS
        and not (one.rule.code == "expression-unreadable" and one.element in asked)
    ]
