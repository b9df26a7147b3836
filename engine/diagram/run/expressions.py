"""The script engine the library is given: FEEL, and nothing of Python."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from engine.base.errors import Refusal
from engine.base.text import Text
from engine.diagram import language
from engine.diagram.position import TroubleKind
from engine.diagram.run.lengths import Calendars
from engine.diagram.run.stuck import Stuck

if TYPE_CHECKING:
    from engine.diagram.run.case import Token

NEITHER: Final = Text("the outcome is {value}, neither true nor false", "结果为{value}，既非是也非否")
OUTCOME: Final = Text("the outcome is {value}", "结果为{value}")
NOTHING: Final = Text("nothing is written in it", "其中没有内容")


class Expressions:
    """`now` is the moment of the move; the library's clock is never asked. `calendars`: how working time is counted."""

    def __init__(self, now: datetime, zone: ZoneInfo, calendars: Calendars | None = None) -> None:
        self.now = now
        self.zone = zone
        self.calendars = calendars
        self.environment = self

    def evaluate(self, task: Token, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """A value as JSON has them. Raises Stuck."""
        variables: Mapping[str, Any] = task.workflow.variables
        if task.data or external_context:
            variables = ChainMap(dict(external_context or {}), task.data, dict(variables))
        return self.work_out(expression, variables)

    def work_out(self, expression: str, variables: Mapping[str, Any]) -> Any:
        try:
            value = language.evaluate(language.expression(expression), variables, now=self.now.astimezone(self.zone))
            return language.jsonable(value)
        except (language.NotAnExpression, language.CannotEvaluate) as refusal:
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, **why(refusal)) from None

    def holds(self, task: Token, expression: str, more: Mapping[str, Any] | None = None) -> bool:
        """Raises Stuck where the outcome is neither true nor false."""
        value = self.evaluate(task, expression, more)
        if not isinstance(value, bool):
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, **said(NEITHER, value))
        return value

    def execute(self, task: Token, script: str, external_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Lines of the form `name = expression`, in order; what they assign. Raises Stuck."""
        assigned: dict[str, Any] = {}
        for name, expression in assignments(script):
            try:
                assigned[name] = self.evaluate(task, expression, assigned)
            except Stuck as stuck:
                facts = {"script": stuck.facts.pop("expression"), **stuck.facts}
                raise Stuck(TroubleKind.SCRIPT, **facts) from None
        return assigned

    def call_service(self, task: Token, **_parameters: Any) -> None:
        raise Stuck(TroubleKind.SERVICE)


def assignments(script: str) -> list[tuple[str, str]]:
    """What is assigned, in order. Raises Stuck where there is nothing, or something else."""
    try:
        found = [(name, expression.source) for name, expression in language.assignments(script)]
    except language.NotAnExpression as refusal:
        raise Stuck(TroubleKind.SCRIPT, script=str(refusal.facts.get("source", "")), **why(refusal)) from None
    if not found:
        raise Stuck(TroubleKind.SCRIPT, script=script.strip()[:80], **said(NOTHING))
    return found


def why(refusal: Refusal) -> dict[str, str]:
    """The reason a refusal gives, in both languages, as facts of a trouble."""
    reason = refusal.facts.get("why")
    if isinstance(reason, Text):
        return {"why": reason.say("en"), "why_zh": reason.say("zh")}
    return {"why": refusal.say("en"), "why_zh": refusal.say("zh")}


def said(reason: Text, value: Any = None) -> dict[str, str]:
    shown = f"{value!r:.80}"
    return {"why": reason.say("en", value=shown), "why_zh": reason.say("zh", value=shown)}


def names_in(expression: str) -> frozenset[str]:
    """The variables an expression asks for; none where it cannot be read."""
    try:
        return language.expression(expression).names
    except language.NotAnExpression:
        return frozenset()
