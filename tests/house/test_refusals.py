"""A refusal is a sentence for a clerk, in both languages, and answered with the right status."""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib import import_module
from string import Formatter
from typing import Final

import pytest

from engine.base.errors import Refusal
from tests.house.tree import PACKAGES, dotted, modules, named, nodes, shown

CHINESE: Final = re.compile("[\u4e00-\u9fff]")

SOMEBODY_WAS_QUICKER: Final = (
    "AlreadyCompleted", "ClaimedBySomebody", "NoLongerNeeded", "NotWaiting", "NothingWaits", "CaseEnded",
    "AlreadyAccepted", "AlreadyBegun", "TriedAlready", "HasGoneOn", "KeyUsed", "AlreadyDecided", "NotInReview", "NotItsTurn",
    "RevokedAlready", "CardAnswered", "CardLifted", "SavedMeanwhile", "DecisionChanged", "FileChangedMeanwhile",
)  # fmt: skip
DEMANDED: Final = {
    "NotSignedIn": 401, "NotAllowed": 403, "WrongPost": 403, "NotFound": 404, "LinkUnknown": 404, "FormFaults": 422, "StateUnreadable": 503, "DatabaseNewer": 503,
    **dict.fromkeys(SOMEBODY_WAS_QUICKER, 409),
}  # fmt: skip
"""Codes whose status somebody relies on: browsers, htmx, the loser of a race."""

_RUN_BY_A_TOOL: Final = "engine.migrations."


def _refusals() -> list[type[Refusal]]:
    for file in modules(*PACKAGES):
        if not named(file).startswith(_RUN_BY_A_TOOL) and not named(file).endswith("hook"):
            import_module(named(file))
    found: list[type[Refusal]] = []
    ahead = [Refusal]
    while ahead:
        one = ahead.pop()
        found.append(one)
        ahead.extend(kind for kind in one.__subclasses__() if kind.__module__.startswith(PACKAGES))
    return sorted(set(found), key=lambda kind: (kind.__module__, kind.__name__))


@pytest.fixture(scope="module")
def refusals() -> list[type[Refusal]]:
    found = _refusals()
    assert len(found) > 1
    return found


def _facts(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name is not None}


def test_each_says_a_sentence_in_english(refusals: list[type[Refusal]]) -> None:
    for kind in refusals:
        assert kind.__dict__.get("__doc__"), f"{kind.__qualname__} has no sentence of its own"
        sentence = kind.text().en
        assert sentence, f"{kind.__qualname__} has no sentence of its own"
        assert sentence.endswith((".", "?", "}")), f"{kind.__qualname__}: {sentence}"
        assert sentence[0].isupper() or not sentence[0].isalpha(), f"{kind.__qualname__}: {sentence}"
        assert not CHINESE.search(sentence), kind


def test_each_says_the_same_in_chinese(refusals: list[type[Refusal]]) -> None:
    for kind in refusals:
        chinese = kind.__dict__.get("zh")
        assert isinstance(chinese, str), f"{kind.__qualname__} has no Chinese sentence of its own"
        assert CHINESE.search(chinese), kind
        assert chinese.endswith(("。", "？", "}")), f"{kind.__qualname__}: {chinese}"
        assert _facts(chinese) == _facts(kind.text().en), kind


def test_no_code_means_two_things(refusals: list[type[Refusal]]) -> None:
    counted = Counter(kind.__name__ for kind in refusals)
    assert {code: times for code, times in counted.items() if times > 1} == {}


def test_each_is_answered_with_the_status_somebody_relies_on(refusals: list[type[Refusal]]) -> None:
    problems = pytest.importorskip("web.problems")
    known = {kind.__name__: kind for kind in refusals}
    missing = {code for code in DEMANDED if code not in known}
    assert missing == set()
    for code, status in DEMANDED.items():
        answered = next((problems.STATUS[kind] for kind in known[code].__mro__ if kind in problems.STATUS), 422)
        assert answered == status, f"{code} is answered with {answered}"


def test_the_table_of_statuses_holds_nothing_else(refusals: list[type[Refusal]]) -> None:
    problems = pytest.importorskip("web.problems")
    assert problems.STATUS
    for kind, status in problems.STATUS.items():
        assert kind in refusals
        assert 400 <= status < 500 or status == 503


def test_every_text_is_written_in_both_languages() -> None:
    """Text(en=…, zh=…) as it stands in the code."""
    seen = 0
    for file in modules(*PACKAGES):
        for node in nodes(file):
            if not isinstance(node, ast.Call) or dotted(file, node.func) != "engine.base.text.Text":
                continue
            said = {keyword.arg: keyword.value for keyword in node.keywords} | dict(
                zip(("en", "zh"), node.args, strict=False)
            )
            english, chinese = said.get("en"), said.get("zh")
            if not isinstance(english, ast.Constant) or not isinstance(chinese, ast.Constant):
                continue
            seen += 1
            where = f"{shown(file)}:{node.lineno}"
            assert _facts(str(english.value)) == _facts(str(chinese.value)), where
            if re.search("[a-z]{3}", re.sub(r"\{.*?\}", "", str(english.value))):
                assert CHINESE.search(str(chinese.value)), where
    assert seen
