"""A diagram is checked as the studio would."""

from __future__ import annotations

import argparse
import json

from engine.base.text import Language
from engine.diagram import check as checks
from engine.diagram import report


def check(asked: argparse.Namespace) -> int:
    language: Language = asked.language
    results, outcome = checks.check(asked.files, language)
    for result in results:
        print(json.dumps(result.facts, ensure_ascii=False) if asked.json else report.as_text(result.facts, language))
    return int(outcome)
