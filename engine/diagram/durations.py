"""Lengths of time as people and programs write them into diagrams."""

from __future__ import annotations

import re
from datetime import timedelta

from engine.base.text import Name
from engine.diagram.cron import is_cron

_FORM = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.ASCII)


def duration(written: str) -> timedelta | None:
    """Weeks, days, hours, minutes, seconds; None where it is something else (months have no fixed length)."""
    match = _FORM.fullmatch(written.strip())
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


_ISO = re.compile(r"P[\dT]|R\d*/|\d{4}-\d\d|\d{4}-W\d\d")
_SHORT = re.compile(
    r"(?:(\d{1,5})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,7})m)?\s*(?:(\d{1,8})s)?\s*(?:(\d{1,9})ms)?",
    re.ASCII | re.IGNORECASE,
)


def is_literal(text: str) -> bool:
    """Written out in ISO 8601, as cron or in short, rightly or not, rather than an expression."""
    bare = unquoted(text)
    if '"' in bare or "'" in bare:
        return False  # two strings and what joins them: "R3/" + every
    return _ISO.match(bare) is not None or is_cron(bare) or bool(in_iso(bare))


def in_iso(written: str) -> str | None:
    """`2h`, `1d 12h` or `500ms`, and the repetition `2h###5m` (after two hours, then every five minutes), as jBPM
    writes them: in ISO 8601, the repetition as `R/PT2H/PT5M`. None for anything else."""
    parts = written.strip().split("###")
    lengths = [_from_short(part) for part in parts]
    if len(parts) > 2 or None in lengths:
        return None
    return lengths[0] if len(parts) == 1 else "/".join(("R", *(one or "" for one in lengths)))


def _from_short(written: str) -> str | None:
    match = _SHORT.fullmatch(written.strip())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds, thousandths = (int(part or 0) for part in match.groups())
    return f"P{days}DT{hours}H{minutes}M{seconds + thousandths // 1000}.{thousandths % 1000:03}S"


def unquoted(text: str) -> str:
    """Some tools want the literal in quotation marks."""
    return text.strip().strip("\"'")


def in_words(length: timedelta, *, working: bool = False) -> Name:
    """Days, hours and minutes, without those there are none of; `working`: of them that the office works."""
    minutes = int(length.total_seconds()) // 60
    en, zh = [], []
    for count, said, counted in (
        (minutes // 1440, "day", "天"),
        (minutes // 60 % 24, "hour", "小时"),
        (minutes % 60, "minute", "分钟"),
    ):
        if count:
            en.append(f"{count} {said}" + ("s" if count > 1 else ""))
            zh.append(f"{count} {counted}")
    words = Name(" ".join(en) or "no time", " ".join(zh) or "零时长")
    if not working:
        return words
    return Name(
        words.en.replace(" day", " working day").replace(" hour", " working hour"),
        words.zh.replace(" 天", " 个工作日").replace(" 小时", " 个工作小时"),
    )
