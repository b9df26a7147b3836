"""What was found in a file, for another program and for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from engine.base.text import Language, Text
from engine.diagram.refusals import NotADrawing
from engine.diagram.shape import Finding, Severity

_SEVERITIES: Final = {
    Severity.BLOCKS: Text(en="keeps it out of force", zh="阻止生效"),
    Severity.ATTENTION: Text(en="to look at", zh="需要查看"),
    Severity.INFO: Text(en="for information", zh="供参考"),
}
_LINE: Final = Text(en="line {line}", zh="第 {line} 行")
_NO_FINDINGS: Final = Text(en="no findings", zh="没有发现问题")
_FILE_REMEDY: Final = Text(
    en="Put the file right as described, and hand it in again.", zh="请按上述说明修正文件后重新提交。"
)


def as_json(file: str, drawing: bool, findings: Sequence[Finding], language: Language = "en") -> dict[str, Any]:
    """Everything in it can be written as JSON."""
    return {
        "file": file,
        "drawing": drawing,
        "findings": [
            {
                "rule": one.rule.code,
                "severity": one.rule.severity.value,
                "line": one.line,
                "element": one.element,
                "name": one.name,
                "sentence": one.sentence(language),
                "remedy": one.remedy(language),
            }
            for one in findings
        ],
    }


def refused(refusal: NotADrawing, language: Language = "en") -> dict[str, Any]:
    """A file that is not even a drawing: its refusal is the only finding."""
    only = {
        "rule": refusal.rule,
        "severity": Severity.BLOCKS.value,
        "line": refusal.line,
        "element": refusal.element,
        "name": None,
        "sentence": refusal.say(language),
        "remedy": _FILE_REMEDY.say(language),
    }
    return {"file": refusal.facts["file"], "drawing": False, "findings": [only]}


def as_text(result: dict[str, Any], language: Language = "en") -> str:
    """What `as_json` or `refused` made, to be read in a terminal."""
    lines = [f"{result['file']}: {_counted(result, language)}"]
    for one in result["findings"]:
        severity = _SEVERITIES[Severity(one["severity"])].say(language)
        where = f", {_LINE.say(language, line=one['line'])}" if one["line"] else ""
        lines += [
            f"  {severity}{where} [{one['rule']}] {_printable(one['sentence'])}",
            f"    → {_printable(one['remedy'])}",
        ]
    return "\n".join(lines)


def _counted(result: dict[str, Any], language: Language) -> str:
    counts = Counter(Severity(one["severity"]) for one in result["findings"])
    said = [f"{name.say(language)} {counts[severity]}" for severity, name in _SEVERITIES.items() if counts[severity]]
    return ", ".join(said) or _NO_FINDINGS.say(language)


def _printable(words: str) -> str:
    """Names come from strangers; none of their characters may steer a terminal."""
    return "".join(one if one.isprintable() or one == " " else "�" for one in words)
