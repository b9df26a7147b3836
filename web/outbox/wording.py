"""What letters say, in the language of whoever gets them; and what programs are sent.

A letter may be read by others on its way: it tells what has happened and in which case, and nothing of what was
answered or typed as a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import groupby
from typing import Any, Final

import orjson
from markupsafe import Markup

from engine.base.text import Language, Name, one_line
from engine.notices.outbox import Addressee, Taken
from engine.notices.reads import Notice
from web.languages import TAGS, Reader, ngettext, spoken
from web.languages import gettext as _
from web.outbox.means import Means
from web.outbox.paths import WISHES, path_of
from web.shown import hour, long_day

MOST_TOLD: Final = 100
"""Notices that a letter tells one by one."""
_MOST_SUBJECT: Final = 150


@contextmanager
def in_language(language: Language, zone: tzinfo) -> Iterator[None]:
    """Words, days and hours as they are for one reader, though nobody looks at a page."""
    reader = spoken.set(Reader(language, zone))
    try:
        yield
    finally:
        spoken.reset(reader)


def letter(
    to: Addressee, taken: Taken, notices: Sequence[Notice], *, office: Name, zone: tzinfo, means: Means
) -> EmailMessage:
    """Of notices; or the one with the code that proves an address."""
    with in_language(to.language, zone):
        if to.code is not None:
            subject, parts = _("Code for your address: %(code)s", code=to.code), _proof(to, office)
        else:
            subject, parts = _subject(notices, to.language), _told(notices, to, office, means)
        return _message(subject, parts, to, taken, office, means)


Parts = list[tuple[str, str | None]]
"""Lines, each with the link it leads to; an empty one is a gap."""


def _subject(notices: Sequence[Notice], language: Language) -> str:
    if len(notices) == 1:
        only = notices[0]
        return ": ".join(part for part in (only.case, only.sentence.say(language)) if part)
    return ngettext("%(num)s new notice", "%(num)s new notices", len(notices))


def _proof(to: Addressee, office: Name) -> Parts:
    return [
        (_("%(name)s, here is the code for your e-mail address at %(office)s:", name=to.name.say(to.language), office=office.say(to.language)), None),
        ("", None),
        (to.code or "", None),
        ("", None),
        (_("It is good for one hour. If you did not ask for it, do nothing: this address will not be written to."), None),
    ]  # fmt: skip


def _told(notices: Sequence[Notice], to: Addressee, office: Name, means: Means) -> Parts:
    parts: Parts = []
    shown = notices[:MOST_TOLD]
    for day, those in groupby(shown, key=lambda one: long_day(one.at)):
        parts.append((day, None))
        for one in those:
            said = " ".join(part for part in (hour(one.at), one.case, one.sentence.say(to.language)) if part)
            path = path_of(one)
            parts.append((said, means.url + path if means.url and path else None))
        parts.append(("", None))
    if len(notices) > len(shown):
        more = len(notices) - len(shown)
        parts += [(ngettext("and %(num)s more", "and %(num)s more", more), _link(means, "/notices/")), ("", None)]
    parts.append((_("Sent by %(office)s. Answers to this message are not read.", office=office.say(to.language)), None))
    parts.append((_("What is sent to you and when, you choose under “My notices”."), _link(means, WISHES)))
    return parts


def _link(means: Means, path: str) -> str | None:
    return means.url + path if means.url else None


def _message(subject: str, parts: Parts, to: Addressee, taken: Taken, office: Name, means: Means) -> EmailMessage:
    found = EmailMessage()
    found["Subject"] = one_line(subject)[:_MOST_SUBJECT]
    found["From"] = _address(office.say(to.language), means.sender)
    found["To"] = _address(to.name.say(to.language), to.address)
    found["Date"] = format_datetime(taken.made_at)
    found["Message-ID"] = f"<{taken.message_id}@{means.sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found["X-Auto-Response-Suppress"] = "All"
    found.set_content("\n".join(_plain(parts)) + "\n")
    found.add_alternative(str(_html(parts, to.language)), subtype="html")
    found["Content-Language"] = TAGS[to.language]  # not before: setting the contents takes it away
    # The boundary would be drawn anew at each try; the same message stays the same to the last byte.
    found.set_boundary(f"={taken.message_id}=")
    return found


def _address(name: str, address: str) -> Address:
    """Names are what somebody typed: a line break in one would be a header of their own."""
    return Address(one_line(name), addr_spec=address)


def _plain(parts: Parts) -> Iterator[str]:
    for words, link in parts:
        yield one_line(words)
        if link:
            yield f"    {link}"


def _html(parts: Parts, language: Language) -> Markup:
    lines = [
        Markup('<p><a href="{}">{}</a></p>').format(link, words) if link else Markup("<p>{}</p>").format(words)
        for words, link in parts
        if words
    ]
    return Markup('<!doctype html><html lang="{}"><meta charset="utf-8"><body>{}</body></html>\n').format(
        TAGS[language], Markup("\n").join(lines)
    )


def for_program(taken: Taken, notices: Sequence[Notice], logins: Mapping[int, str], url: str) -> bytes:
    """What has happened, to whom it was told, and where to look; the sentence in both languages."""
    return orjson.dumps({"delivery": taken.message_id, "notices": [_fact(one, logins, url) for one in notices]})


def _fact(one: Notice, logins: Mapping[int, str], url: str) -> dict[str, Any]:
    path = path_of(one)
    return {
        "id": str(one.id),  # beyond what JavaScript counts to
        "at": _instant(one.at),
        "kind": one.kind,
        "to": logins.get(one.person_id),
        "case": one.case,
        "task": one.task_number,
        "sentence": {"en": one.sentence.en, "zh": one.sentence.zh},
        "link": url + path if url and path else None,
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
