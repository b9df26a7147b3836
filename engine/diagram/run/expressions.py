"""The script engine the library is given: FEEL, and nothing of Python."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from engine.diagram import language
from engine.diagram.position import TroubleKind
from engine.diagram.run.stuck import Stuck

if TYPE_CHECKING:
    from engine.diagram.run.case import Token

_ASSIGNMENT: Final = re.compile(r"([^\W\d]\w*)\s*=(?!=)\s*(\S.*)")
_MOST_SCRIPT: Final = 8_192


class Expressions:
    """`now` is the moment of the move; the library's clock is never asked."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.now = now
        self.zone = zone
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
        except language.NotAnExpression as refusal:
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, why=refusal.say("en")) from None
        except language.CannotEvaluate as refusal:
            why = str(refusal.facts.get("why", refusal.say("en")))
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, why=why) from None

    def holds(self, task: Token, expression: str, more: Mapping[str, Any] | None = None) -> bool:
        """Raises Stuck where the outcome is neither true nor false."""
        value = self.evaluate(task, expression, more)
        if not isinstance(value, bool):
            why = f"the outcome is {value!r}, neither true nor false"
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, why=why)
        return value

    def execute(self, task: Token, script: str, external_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Lines of the form `name = expression`, in order; what they assign. Raises Stuck."""
        assigned: dict[str, Any] = {}
        for line in assignments(script):
            try:
                assigned[line[0]] = self.evaluate(task, line[1], assigned)
            except Stuck as stuck:
                raise Stuck(TroubleKind.SCRIPT, script=line[1], why=stuck.facts["why"]) from None
        return assigned

    def call_service(self, task: Token, **_parameters: Any) -> None:
        raise Stuck(TroubleKind.SERVICE)


def assignments(script: str) -> list[tuple[str, str]]:
    """Raises Stuck at the first line that assigns nothing."""
    found = []
    if not script.strip() or len(script) > _MOST_SCRIPT:
        raise Stuck(TroubleKind.SCRIPT, script=script.strip()[:80], why="empty, or longer than a script may be")
    for line in script.splitlines():
        written = line.strip().removesuffix(";").strip()
        if not written or written.startswith(("#", "//")):
            continue
        match = _ASSIGNMENT.fullmatch(written)
        if match is None:
            raise Stuck(TroubleKind.SCRIPT, script=written[:80], why="not of the form name = expression")
        found.append((match[1], match[2]))
    return found


def names_in(expression: str) -> frozenset[str]:
    """The variables an expression asks for; none where it cannot be read."""
    try:
        return language.expression(expression).names
    except language.NotAnExpression:
        return frozenset()
