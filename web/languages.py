"""English or Simplified Chinese: which one a page speaks."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from typing import Final

from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, get_locale

from engine.base.text import LANGUAGES, Language
from web import catalogue

COOKIE: Final = "officium_language"

_LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "zh": "zh_Hans"}
TAGS: Final[dict[Language, str]] = {"en": "en-GB", "zh": "zh-Hans"}
"""What the `lang` attribute says."""


def set_up(app: Flask) -> None:
    catalogue.compile_all()
    Babel(
        app,
        default_translation_directories=str(catalogue.FOLDER),
        locale_selector=lambda: _LOCALES[chosen()],
        timezone_selector=lambda: None,
    )
    # Flask-Babel looks for the request's catalogue at each word of a page; a page speaks one language throughout.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: _catalogue(language()).gettext(words),
        lambda one, many, number: _catalogue(language()).ngettext(one, many, number),
        newstyle=True,
    )


@cache
def _catalogue(spoken_in: Language) -> NullTranslations:
    return Translations.load(catalogue.FOLDER, [_LOCALES[spoken_in]])


def chosen() -> Language:
    """The person's own choice; before they sign in the browser's cookie, then what the browser asks for."""
    actor = g.get("actor")
    wish = actor.language if actor is not None else request.cookies.get(COOKIE)
    return language_named(wish) or _asked_for()


def language_named(wish: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == wish), None)


def _asked_for() -> Language:
    best = request.accept_languages.best_match(["en", "zh", "zh-Hans", "zh-CN"])
    return "zh" if best is not None and best.startswith("zh") else "en"


def language() -> Language:
    """The language of the page being made. A page asks hundreds of times: it is found out once who reads it."""
    known = spoken.get(None)
    if known is not None and known.language is not None:
        return known.language
    locale = get_locale()
    found: Language = "zh" if locale is not None and locale.language == "zh" else "en"
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
