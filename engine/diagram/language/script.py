"""Scripts of assignments: the only ones that are ever run."""

from __future__ import annotations

import re
from typing import Final

from engine.diagram.language import limits, names, reasons
from engine.diagram.language.expressions import Expression, expression
from engine.diagram.language.reasons import NotAnExpression, because, quoted

Assignment = tuple[str, Expression]

_LINE: Final = re.compile(rf"({names.START}{names.PART}*)\s*:?=(?!=)\s*(.*)", re.DOTALL)


def assignments(source: str) -> tuple[Assignment, ...]:
    """Lines `name = expression` in their order. Raises NotAnExpression; its facts then also name the `line`."""
    lines = source.splitlines()
    if len(lines) > limits.SCRIPT_LINES:
        why = because(reasons.TOO_MANY_LINES, most=limits.SCRIPT_LINES)
        raise NotAnExpression(source=quoted(source), position=1, why=why, line=limits.SCRIPT_LINES + 1)
    return tuple(
        _assignment(text, number)
        for number, line in enumerate(lines, 1)
        if (text := line.strip()) and not _is_remark(text)
    )


def _is_remark(line: str) -> bool:
    return line.startswith(("//", "#")) and not line.startswith("#{")


def _assignment(text: str, line: int) -> Assignment:
    match = _LINE.fullmatch(text.rstrip(";").rstrip())
    if match is None:
        raise NotAnExpression(source=quoted(text), position=1, why=because(reasons.NOT_ASSIGNED, line=line), line=line)
    try:
        return match[1], expression(match[2])
    except NotAnExpression as error:
        raise NotAnExpression(**error.facts, line=line) from error
