"""English or Simplified Chinese: which one a page speaks."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache, lru_cache
from gettext import NullTranslations, translation
from typing import Any, Final

from flask import Flask, g, has_request_context, request
from markupsafe import Markup

from engine.base.text import LANGUAGES, Language
from web import catalogue

COOKIE: Final = "officium_language"

_LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "zh": "zh_Hans"}
TAGS: Final[dict[Language, str]] = {"en": "en-GB", "zh": "zh-Hans"}
"""What the `lang` attribute says."""


def set_up(app: Flask) -> None:
    catalogue.compile_all()
    # Not Jinja's own extension: that makes a context anew for every word inside a loop.
    app.jinja_env.globals |= {"_": _marked, "ngettext": _marked_number}


def gettext(sentence: str, **facts: Any) -> str:
    """The sentence in the page's language, its `%(facts)s` filled in. Imported as `_`."""
    said = _catalogue(language()).gettext(sentence)
    return said % facts if facts else said


def ngettext(one: str, many: str, num: int, **facts: Any) -> str:
    """The number is written as tables write it: both languages part thousands by a comma."""
    return _catalogue(language()).ngettext(one, many, num) % {"num": f"{num:,}", **facts}


def _marked(sentence: str, **facts: Any) -> Markup:
    """For templates: the sentence may hold markup, the facts are escaped."""
    said = _sentence(language(), sentence)
    return said % facts if facts else said


def _marked_number(one: str, many: str, num: int, **facts: Any) -> Markup:
    said = Markup(_catalogue(language()).ngettext(one, many, num))  # noqa: S704 -- a sentence of our own
    return said % {"num": f"{num:,}", **facts}


@lru_cache(maxsize=4096)
def _sentence(spoken_in: Language, sentence: str) -> Markup:
    return Markup(_catalogue(spoken_in).gettext(sentence))  # noqa: S704 -- as above


@cache
def _catalogue(spoken_in: Language) -> NullTranslations:
    return translation("messages", catalogue.FOLDER, [_LOCALES[spoken_in]], fallback=True)


def chosen() -> Language:
    """The person's own choice; before they sign in the browser's cookie, then what the browser asks for."""
    actor = g.get("actor")
    wish = actor.language if actor is not None else request.cookies.get(COOKIE)
    return language_named(wish) or _asked_for()


def language_named(wish: str | None) -> Language | None:
    return wish if wish in LANGUAGES else None


def _asked_for() -> Language:
    best = request.accept_languages.best_match(["en", "zh", "zh-Hans", "zh-CN"])
    return "zh" if best is not None and best.startswith("zh") else "en"


def language() -> Language:
    """The language of the page being made. A page asks hundreds of times: it is found out once who reads it."""
    known = spoken.get(None)
    if known is not None and known.language is not None:
        return known.language
    if not has_request_context():
        return "en"
    found = chosen()
    if known is not None and "actor" in g:
        known.language = found
    return found


@dataclass(slots=True)
class Reader:
    """Who reads the page being made: the language and the zone, once they are known."""

    language: Language | None = None
    zone: tzinfo | None = None


spoken: ContextVar[Reader] = ContextVar("reader")
"""Set anew for each request."""


def other(spoken: Language) -> Language:
    return "en" if spoken == "zh" else "zh"
