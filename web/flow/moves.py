"""Whether a figure has moved, which way, and whether that is for the better: in words. Pure but for the language."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from engine.base.frozen import frozen
from web.flow.lengths import worked
from web.languages import gettext as _
from web.shown import duration, number

Unit = Literal["working", "calendar", "share", "number", "rate"]
Wish = Literal["lower", "higher", "none"]
Verdict = Literal["better", "worse", "same", "other"]
Value = timedelta | float | int

_STILL: Final = 0.01
"""A figure that moved by less than this share of itself stands where it stood; a share by half a point."""
_POINT: Final = 0.005


@frozen
class Moved:
    """`words`: by how much; `verdict`: better, worse, the same, or other where neither way is better."""

    words: str
    verdict: Verdict

    @property
    def said(self) -> str:
        return {"better": _("better"), "worse": _("worse"), "same": _("as before"), "other": ""}[self.verdict]

    @property
    def kind(self) -> str:
        """Of a chip."""
        return {"better": "ok", "worse": "late", "same": "", "other": ""}[self.verdict]


def moved(now: Value | None, before: Value | None, unit: Unit, wish: Wish) -> Moved | None:
    """None where one of the two is missing."""
    if now is None or before is None:
        return None
    difference, size = _plain(now) - _plain(before), abs(_plain(before))
    still = abs(difference) < (_POINT if unit == "share" else max(size * _STILL, 1e-9))
    if still:
        return Moved(_("unchanged"), "same")
    return Moved(_words(difference, unit), _verdict(difference, wish))


def _verdict(difference: float, wish: Wish) -> Verdict:
    if wish == "none":
        return "other"
    return "better" if (difference < 0) == (wish == "lower") else "worse"


def _words(difference: float, unit: Unit) -> str:
    more = difference > 0
    if unit in ("working", "calendar"):
        length = timedelta(seconds=abs(difference))
        said = worked(length) if unit == "working" else duration(length)
        return _("%(length)s longer", length=said) if more else _("%(length)s shorter", length=said)
    if unit == "share":
        points = number(round(abs(difference) * 100, 1))
        return _("%(points)s points more", points=points) if more else _("%(points)s points less", points=points)
    figure = number(round(abs(difference), 2))
    return _("%(number)s more", number=figure) if more else _("%(number)s fewer", number=figure)


def _plain(value: Value) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
