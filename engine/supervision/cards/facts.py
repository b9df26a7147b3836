"""What a rule may ask of a case, a step and a hand-over: every fact with its kind, its range and its words. Pure.

Days and hours are working days and working hours of the calendar of the department that has the thing in hand, and
never run on while the clock stands. A fact without a value (nothing is promised, so nothing is left of it) makes no
rule fire that asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal

from engine.base.frozen import frozen
from engine.base.text import Text

FactKind = Literal["number", "truth", "text"]
Value = Decimal | bool | str | None


class Subject(StrEnum):
    """What a rule is about. Kept with the rules: never rename one."""

    STEP = "step"
    CASE = "case"
    HAND_OVER = "handover"


SUBJECTS: Final[Mapping[Subject, Text]] = {
    Subject.STEP: Text("each open step", "每个未办环节"),
    Subject.CASE: Text("the case as a whole", "整个办件"),
    Subject.HAND_OVER: Text("each hand-over not answered yet", "每次未答复的交接"),
}
WITHIN: Final[Mapping[Subject, tuple[str, ...]]] = {
    Subject.STEP: ("step", "case"),
    Subject.CASE: ("case",),
    Subject.HAND_OVER: ("handover", "step", "case"),
}
"""Whose facts a rule about it may ask for."""


@frozen
class Fact:
    """`said` tells the value in a sentence ({value}), of a truth that it is so; `denied` that it is not.

    `again`: a new value is a new occasion, as with every further supplement notice. `runs`: it changes by itself with time.
    """

    name: str
    kind: FactKind
    what: Text
    said: Text
    denied: Text | None = None
    whole: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    again: bool = False
    runs: bool = False


_MOST: Final = Decimal(10_000)
_NONE: Final = Decimal(0)


def _count(
    name: str, what: Text, said: Text, *, least: Decimal = _NONE, again: bool = False, runs: bool = False
) -> Fact:
    return Fact(name, "number", what, said, whole=True, least=least, most=_MOST, again=again, runs=runs)


def _share(name: str, what: Text, said: Text) -> Fact:
    return Fact(name, "number", what, said, least=_NONE, most=_MOST, runs=True)


def _truth(name: str, what: Text, said: Text, denied: Text, *, runs: bool = False) -> Fact:
    return Fact(name, "truth", what, said, denied, runs=runs)


def _text(name: str, what: Text, said: Text) -> Fact:
    return Fact(name, "text", what, said)


_ALL: Final = (
    _truth("step.late", Text("the step is past its due date", "环节已超过到期时间"),
           Text("the step is late", "环节已逾期"), Text("the step is not late", "环节未逾期"), runs=True),
    _share("step.share_used", Text("how much of the step's time is used: 0.8 is 80 %, 1 is all of it", "环节已用时间的比例：0.8 即 80%，1 即用完"),
           Text("{value} of the step's time is used", "环节已用时间 {value}")),
    _count("step.working_days_left", Text("working days until the step is due; less than 0 once it is late", "距环节到期的工作日；逾期后为负数"),
           Text("{value} working days are left of the step", "环节剩余 {value} 个工作日"), least=-_MOST, runs=True),
    _count("step.working_days_late", Text("working days since the step was due", "环节已逾期的工作日"),
           Text("the step is {value} working days past its due date", "环节已逾期 {value} 个工作日"), runs=True),
    _count("step.open_days", Text("working days since the step was opened", "环节开始以来的工作日"),
           Text("the step has been open for {value} working days", "环节已开启 {value} 个工作日"), runs=True),
    _truth("step.claimed", Text("somebody has claimed it", "已有人认领"),
           Text("somebody has claimed it", "已有人认领"), Text("nobody has claimed it", "尚无人认领")),
    _count("step.claimed_untouched_days", Text("working days since whoever claimed it did anything there; 0 where nobody has", "认领后无任何处理的工作日；无人认领为 0"),
           Text("it has been claimed and untouched for {value} working days", "认领后 {value} 个工作日未处理"), runs=True),
    _count("step.unclaimed_days", Text("working days it has waited without being claimed; 0 once it is", "无人认领的工作日；认领后为 0"),
           Text("nobody has claimed it for {value} working days", "{value} 个工作日无人认领"), runs=True),
    _count("step.returned_times", Text("how often it was returned to this step", "退回到本环节的次数"),
           Text("it was returned {value} times", "已被退回 {value} 次")),
    _count("step.urged_times", Text("how often it was urged", "被催办的次数"), Text("it was urged {value} times", "已被催办 {value} 次")),
    _text("step.department", Text("the code of the department that has the step", "环节所在部门的代码"),
          Text("the step lies with department {value}", "环节在部门 {value}")),
    _truth("case.late", Text("the case is past what was promised", "办件已超过承诺时限"),
           Text("the case is late", "办件已逾期"), Text("the case is not late", "办件未逾期"), runs=True),
    _share("case.share_used", Text("how much of the case's promised time is used", "办件承诺时限已用的比例"),
           Text("{value} of the case's time is used", "办件已用时限 {value}")),
    _count("case.days_left", Text("working days until the case is due; less than 0 once it is late", "距办件到期的工作日；逾期后为负数"),
           Text("{value} working days are left of the case", "办件剩余 {value} 个工作日"), least=-_MOST, runs=True),
    _count("case.days_late", Text("working days since the case was due", "办件已逾期的工作日"),
           Text("the case is {value} working days past its due date", "办件已逾期 {value} 个工作日"), runs=True),
    _count("case.open_days", Text("working days since the case began", "办件开始以来的工作日"),
           Text("the case has been open for {value} working days", "办件已开始 {value} 个工作日"), runs=True),
    _count("case.supplements", Text("how often the applicant was asked to supply something", "要求申请人补正的次数"),
           Text("the applicant was asked {value} times to supply something", "已 {value} 次要求申请人补正"), again=True),
    _truth("case.refused_without_ground", Text("it was refused, and no ground of at least four letters or characters was given", "不予办理，且未写明理由（至少四个字）"),
           Text("it was refused without a ground", "不予办理而未说明理由"), Text("it was not refused without a ground", "并非无理由不予办理")),
    _count("case.ping_pong_rounds", Text("how often it went to and fro between the same two departments", "在两个部门之间往返的次数"),
           Text("it went to and fro {value} times between two departments", "在两个部门之间往返 {value} 次")),
    _text("case.procedure", Text("the prefix of the procedure's case numbers, as BP", "程序的办件编号前缀，如 BP"),
          Text("the procedure is {value}", "程序为 {value}")),
    _truth("handover.late", Text("it was not answered in time", "逾期未答复"),
           Text("the hand-over was not answered in time", "交接逾期未答复"), Text("there is time left to answer the hand-over", "交接仍在答复期内"), runs=True),
    _share("handover.share_used", Text("how much of the time to answer is used", "答复时间已用的比例"),
           Text("{value} of the time to answer is used", "答复时间已用 {value}")),
    _count("handover.hours_unanswered", Text("working hours since it was sent", "交接发出以来的工作小时"),
           Text("the hand-over has waited {value} working hours for an answer", "交接已等待答复 {value} 个工作小时"), runs=True),
)  # fmt: skip
FACTS: Final[Mapping[str, Fact]] = {one.name: one for one in _ALL}


def facts_of(about: Subject) -> tuple[Fact, ...]:
    """Those that a rule about it may ask for."""
    return tuple(one for one in _ALL if one.name.partition(".")[0] in WITHIN[about])


@frozen
class Relation:
    """What holds between facts at every moment. `marks`: numbers at which it changes, by fact."""

    names: tuple[str, ...]
    holds: Callable[..., bool]


def _relations(of: str, late: str, share: str, left: str | None, overdue: str | None) -> tuple[Relation, ...]:
    late, share = f"{of}.{late}", f"{of}.{share}"
    found = [Relation((late, share), lambda is_late, used: used >= 1 if is_late else used <= 1)]
    if left is not None and overdue is not None:
        left, overdue = f"{of}.{left}", f"{of}.{overdue}"
        found += [
            Relation((late, left), lambda is_late, days: days <= 0 if is_late else days >= 0),
            Relation((left, overdue), lambda days, after: after == max(_NONE, -days)),
            Relation((share, left), lambda used, days: not (used > 1 and days > 0) and not (used < 1 and days < 0)),
        ]
    return tuple(found)


RELATIONS: Final = (
    *_relations("step", "late", "share_used", "working_days_left", "working_days_late"),
    *_relations("case", "late", "share_used", "days_left", "days_late"),
    *_relations("handover", "late", "share_used", None, None),
    Relation(("step.claimed", "step.claimed_untouched_days"), lambda claimed, days: claimed or days == 0),
    Relation(("step.claimed", "step.unclaimed_days"), lambda claimed, days: not (claimed and days > 0)),
    Relation(("step.claimed_untouched_days", "step.open_days"), lambda days, whole: days <= whole),
    Relation(("step.unclaimed_days", "step.open_days"), lambda days, whole: days <= whole),
    Relation(("step.open_days", "case.open_days"), lambda days, whole: days <= whole),
)
MARKS: Final[Mapping[str, tuple[Decimal, ...]]] = {
    name: (Decimal(0), Decimal(1)) for name, one in FACTS.items() if one.kind == "number"
}
"""Where the relations change, beside what a condition compares with."""


def as_context(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`step.late` as FEEL finds it: `late` of `step`."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        of, _dot, fact = name.partition(".")
        found.setdefault(of, {})[fact] = value
    return found
