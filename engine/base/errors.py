"""Why something asked for is not done: one base class, a sentence in each language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.base.text import Language, Text


class Refusal(Exception):
    """{act} was refused."""

    zh: ClassVar[str] = "{act}未获准。"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.say("en"))

    @property
    def code(self) -> str:
        return type(self).__name__

    @classmethod
    def text(cls) -> Text:
        """The docstring is the English sentence, the attribute `zh` the Chinese one."""
        return Text(en=" ".join((cls.__doc__ or cls.__name__).split()), zh=cls.zh)

    def say(self, language: Language, shown: Callable[[Any], Any] | None = None) -> str:
        """`shown` turns a fact into words before it is said: an instant into the office's own time."""
        facts = self.facts if shown is None else {key: shown(value) for key, value in self.facts.items()}
        return self.text().say(language, **facts)


class NotFound(Refusal):
    """There is no {what} here that you may see."""

    zh = "此处没有您可以查看的{what}。"


class NotAllowed(Refusal):
    """Your posts do not allow this: {why}."""

    zh = "您的岗位无此权限：{why}。"


class Overtaken(Refusal):
    """Something has changed since the page was opened."""

    zh = "页面打开以后情况已有变化。"
