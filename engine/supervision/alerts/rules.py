"""What is allowed with alerts, when one fires, and when it has recovered. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import IntEnum
from typing import Final

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text, one_line
from engine.supervision.figures.definitions import DEFINITIONS, Definition, Unit

MOST_NAME: Final = 100
MOST_DAYS: Final = 90
MOST_ALERTS: Final = 50
MARGIN: Final = 0.1
"""A figure has recovered once it lies this part of the threshold back from it: it does not ring at every wavering."""
FEW: Final = 5
"""Of fewer tasks or cases than this no middle and no share is told of: one case would ring it."""
ALERT: Final = Text(en="alert", zh="预警")


class Kind(IntEnum):
    """Numbers are stored: never renumber."""

    ABOVE = 1
    BELOW = 2
    RISES = 3
    """By more than so much of what it was in the window before."""
    FALLS = 4


class Repeats(IntEnum):
    """Numbers are stored: never renumber."""

    ONCE = 1
    """Again only after it has recovered."""
    DAILY = 2
    """Every day of the office while it stands."""


CHANGES: Final = frozenset({Kind.RISES, Kind.FALLS})


class AlertNameMissing(Refusal):
    """Give the alert a name of at most {most} characters: it is what you will be told."""

    zh = "请为预警命名，不超过 {most} 字：提醒时显示该名称。"


class FigureUnknown(Refusal):
    """Choose one of the figures that an alert can watch."""

    zh = "请选择一项可设预警的指标。"


class ThresholdUnfit(Refusal):
    """Write the threshold as a number, such as 12 or 7.5."""

    zh = "请将阈值填写为数字，如 12 或 7.5。"


class DaysUnfit(Refusal):
    """Say over how many days the figure is taken: 1 to {most}."""

    zh = "请填写统计天数：1 至 {most}。"


class NoWindowBefore(Refusal):
    """“{figure}” tells how things stand now: there is no time before it to compare with. Choose a threshold instead."""

    zh = "“{figure}”反映当前状况，没有可比较的前期。请改用阈值。"


class AlertNeverFires(Refusal):
    """This alert could never fire: {why}. Change the figure, the threshold or the place."""

    zh = "该预警永远不会触发：{why}。请更改指标、阈值或范围。"


class AlertAlwaysFires(Refusal):
    """This alert would stand from the first day on and never recover: {why}. Change the threshold."""

    zh = "该预警从第一天起就会触发且永不恢复：{why}。请更改阈值。"


class StepNeeded(Refusal):
    """“{figure}” is told of one step. Choose a procedure and its step."""

    zh = "“{figure}”针对单个环节。请选择程序和环节。"


class TooManyAlerts(Refusal):
    """You have {most} alerts already. Nobody reads more: remove one that no longer helps."""

    zh = "您已有 {most} 个预警，再多也无人细看。请先删除不再有用的预警。"


class NotYourDepartment(NotAllowed):
    """You do not supervise that department, so none of its figures can be told to you."""

    zh = "该部门不属于您的监督范围，不能向您提供其指标。"


class WorkOfFew(NotAllowed):
    """Fewer than {least} people work there, so “{figure}” would tell of persons, and their figures are not shown to you. Choose a larger place or another figure."""

    zh = "该处工作人员不足 {least} 人，“{figure}”会反映个人情况，而个人指标不对您显示。请扩大范围或改用其他指标。"


class WebhookGone(Refusal):
    """That program is not sent anything any more. Choose another one, or a notice."""

    zh = "已不再向该程序发送通知。请选择其他程序或站内通知。"


NOTHING_ABOVE: Final = Text("it is never more than {most}", "该指标不会超过 {most}")
NOTHING_BELOW: Final = Text("it is never less than 0", "该指标不会小于 0")
NO_FALL: Final = Text("nothing falls by 100 % or more", "不可能下降 100% 或以上")
ALWAYS_ABOVE: Final = Text("it is never less than 0", "该指标不会小于 0")
ALWAYS_BELOW: Final = Text("it is never more than {most}", "该指标不会超过 {most}")
NO_SUCH_STEP: Final = Text("the procedure has no such step", "该程序没有此环节")
ANOTHER_DEPARTMENT: Final = Text("no task of that step comes to that department", "该环节的任务不会进入该部门")
ANOTHER_PROCEDURE: Final = Text(
    "another department answers for that procedure, and its cases are counted there",
    "该程序由其他部门负责，其办件计入该部门",
)
NO_STANDARD_TIME: Final = Text("the step sets no standard time", "该环节未设规定时限")


@frozen
class Alert:
    """`threshold`: seconds of a time, a part of 1 of a share and of every change, else a number. `days` 0: as it stands now."""

    name: str
    figure: str
    kind: Kind
    threshold: float
    days: int
    procedure_id: int | None = None
    element: str | None = None
    department_id: int | None = None
    repeats: Repeats = Repeats.ONCE
    webhook_id: int | None = None

    @property
    def definition(self) -> Definition:
        return DEFINITIONS[self.figure]


@frozen
class Standing:
    """Whether it was told and has not recovered; and on which day it was told last."""

    stands: bool = False
    told_on: date | None = None


class Outcome(IntEnum):
    NOTHING = 0
    FIRES = 1
    RECOVERS = 2


def fit(
    alert: Alert, *, now_figures: frozenset[str], step_figures: frozenset[str], case_figures: frozenset[str],
    known: frozenset[str],
) -> Alert:  # fmt: skip
    """Of the fields alone; whether its place can ever hold such a figure is looked up elsewhere.

    Raises AlertNameMissing, FigureUnknown, DaysUnfit, NoWindowBefore, StepNeeded, AlertNeverFires, AlertAlwaysFires.
    """
    name = one_line(alert.name)
    if not name or len(name) > MOST_NAME:
        raise AlertNameMissing(most=MOST_NAME)
    if alert.figure not in known:
        raise FigureUnknown(figure=alert.figure)
    is_now = alert.figure in now_figures
    if is_now and alert.kind in CHANGES:
        raise NoWindowBefore(figure=alert.definition.name)
    if not is_now and not 1 <= alert.days <= MOST_DAYS:
        raise DaysUnfit(most=MOST_DAYS)
    if alert.figure in step_figures and (alert.element is None or alert.procedure_id is None):
        raise StepNeeded(figure=alert.definition.name)
    _must_be_able_to_fire(alert)
    return Alert(
        name, alert.figure, alert.kind, alert.threshold, 0 if is_now else alert.days, alert.procedure_id,
        None if alert.figure in case_figures else alert.element, alert.department_id, alert.repeats, alert.webhook_id,
    )  # fmt: skip


_OVER_ONE: Final = frozenset({"utilisation", "used_median", "used_worst"})


def most(definition: Definition) -> float | None:
    """What a figure never exceeds; None: nothing bounds it."""
    bounded = definition.unit is Unit.YES_NO or (definition.unit is Unit.SHARE and definition.key not in _OVER_ONE)
    return 1.0 if bounded else None


def _must_be_able_to_fire(alert: Alert) -> None:
    threshold, bound = alert.threshold, most(alert.definition)
    if not -1e12 < threshold < 1e12:  # neither is a NaN
        raise ThresholdUnfit()
    if alert.kind is Kind.FALLS and threshold >= 1:
        raise AlertNeverFires(why=NO_FALL)
    if alert.kind in CHANGES:
        if threshold <= 0:
            raise ThresholdUnfit()
        return
    if alert.kind is Kind.ABOVE and bound is not None and threshold >= bound:
        raise AlertNeverFires(why=_said(NOTHING_ABOVE, alert))
    if alert.kind is Kind.ABOVE and threshold < 0:
        raise AlertAlwaysFires(why=ALWAYS_ABOVE)
    if alert.kind is Kind.BELOW and threshold <= 0:
        raise AlertNeverFires(why=NOTHING_BELOW)
    if alert.kind is Kind.BELOW and bound is not None and threshold > bound:
        raise AlertAlwaysFires(why=_said(ALWAYS_BELOW, alert))


def _said(why: Text, alert: Alert) -> Text:
    shown = "100%" if alert.definition.unit is Unit.SHARE else "1"
    return Text(why.say("en", most=shown), why.say("zh", most=shown))


def change(now: float | None, before: float | None) -> float | None:
    """As a part of what it was. None where there was nothing to compare with."""
    return None if now is None or not before else (now - before) / before


def holds(alert: Alert, value: float) -> bool:
    if alert.kind in (Kind.ABOVE, Kind.RISES):
        return value > alert.threshold
    return value < (-alert.threshold if alert.kind is Kind.FALLS else alert.threshold)


def has_recovered(alert: Alert, value: float) -> bool:
    """Not the threshold itself: a little on the good side of it."""
    margin = abs(alert.threshold) * MARGIN
    if alert.kind in (Kind.ABOVE, Kind.RISES):
        return value <= alert.threshold - margin
    if alert.kind is Kind.FALLS:
        return value >= -alert.threshold + margin
    bound = most(alert.definition)
    wanted = alert.threshold + margin
    return value >= (wanted if bound is None else min(wanted, bound))


def outcome(alert: Alert, standing: Standing, value: float | None, on: date) -> Outcome:
    """What a look on that day leads to; what cannot be told changes nothing."""
    if value is None:
        return Outcome.NOTHING
    if not standing.stands:
        return Outcome.FIRES if holds(alert, value) else Outcome.NOTHING
    if has_recovered(alert, value):
        return Outcome.RECOVERS
    again = alert.repeats is Repeats.DAILY and holds(alert, value) and standing.told_on != on
    return Outcome.FIRES if again else Outcome.NOTHING


def after(standing: Standing, found: Outcome, on: date) -> Standing:
    if found is Outcome.FIRES:
        return Standing(True, on)
    return Standing(False, standing.told_on) if found is Outcome.RECOVERS else standing


def would_have_fired(alert: Alert, values: Iterable[tuple[date, float | None]]) -> int:
    """How often, had it been looked at on each of these days, the earliest first."""
    standing, fired = Standing(), 0
    for on, value in values:
        found = outcome(alert, standing, value, on)
        fired += found is Outcome.FIRES
        standing = after(standing, found, on)
    return fired
