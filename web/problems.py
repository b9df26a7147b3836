"""What a person is shown when something is not done: the only table from kinds of refusals to an HTTP status."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from engine.base.errors import NotAllowed, NotFound, Overtaken, Refusal
from engine.base.frozen import frozen
from engine.diagram import run
from engine.migrations import DatabaseNewer
from engine.supervision.figures.too_few import GroupTooSmall
from web.guard import NotSignedIn, cookie_name
from web.languages import gettext as _
from web.languages import language
from web.shown import fact
from web.tokens import FIELD, PageTooOld

STATUS: Final[Mapping[type[Refusal], int]] = {
    NotSignedIn: 401,
    PageTooOld: 400,
    NotAllowed: 403,
    NotFound: 404,
    Overtaken: 409,
    run.StateUnreadable: 503,
    DatabaseNewer: 503,
}
"""A refusal that is not listed, nor any class it is made from, answers 422."""

_log = logging.getLogger("officium")
_MOST_KEPT: Final = 1_000_000


@frozen
class Typed:
    """`files`: some were sent too; those a page cannot hold."""

    url: str
    fields: Sequence[tuple[str, str]]
    files: bool


def status_of(refusal: Refusal) -> int:
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 422)


def set_up(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(NotSignedIn, _to_the_entrance)
    app.register_error_handler(PageTooOld, _form_too_old)
    app.register_error_handler(GroupTooSmall, _too_few_to_show)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(NoConnection, _no_connection)
    app.register_error_handler(DataError, _not_to_be_kept)
    app.register_error_handler(Exception, _fault)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    status = status_of(refusal)
    return _page(status, _heading(status), refusal.say(language(), fact), code=refusal.code)


def _to_the_entrance(refusal: NotSignedIn) -> ResponseReturnValue:
    entrance = url_for("entrance.sign_in", next=request.full_path.rstrip("?"))
    if _is_htmx():
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = url_for("entrance.sign_in")
        return answer
    if request.method in {"GET", "HEAD"}:
        return redirect(entrance, 303)
    typed = _typed() if _is_ours() else None
    return _page(
        401, _heading(401), _("Your sign-in has ended. Nothing was done.") if typed else refusal.say(language()),
        way=(entrance, _("Sign in")), again=typed,
        advice=_("Sign in in another window, then come back to this one and send it again.") if typed else None,
    )  # fmt: skip


def _form_too_old(_refusal: PageTooOld) -> ResponseReturnValue:
    typed = _typed() if _is_ours() else None
    if typed is not None and cookie_name() not in request.cookies:
        return _to_the_entrance(NotSignedIn())
    return _page(
        400, _("This page was too old to be sent"),
        _("Nothing was done. You signed in again after it was opened, or it was not opened here."), again=typed,
        advice=_("Send it again from here.") if typed else _("Go back, load the page again, and send it once more."),
    )  # fmt: skip


def _is_ours() -> bool:
    """Whether what was sent was typed into a page of ours: words of somebody else's page are not laid before anybody.

    A page of theirs can send neither of these headers with another's name in it.
    """
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or (
        urlsplit(request.headers.get("Origin", "")).netloc == request.host
    )


def _too_few_to_show(refusal: GroupTooSmall) -> ResponseReturnValue:
    """Nothing is to be corrected: the same page is there of everybody."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "kind"]
    everybody = f"{request.path}?{urlencode(asked)}"
    return _page(
        status_of(refusal), _("Too few to be shown"), refusal.say(language(), fact), code=refusal.code,
        advice=_("Nobody can be told apart by figures: groups under five are hidden, and what they could be worked out from."),
        way=(everybody, _("Show all applicants")),
    )  # fmt: skip


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    if status >= 500:
        return _fault(error)
    sentence = {
        404: _("There is no such page. The address may be old or mistyped."),
        405: _("This address cannot be used in that way."),
        413: _(
            "What you sent is too large. The limit is %(size)s MB.", size=(request.max_content_length or 0) // 2**20
        ),
        429: _("Too many attempts from this address."),
    }.get(status, _("The office did not understand what was sent."))
    answer = make_response(_page(status, _heading(status), sentence))
    for header in ("Allow", "Retry-After"):
        if header in (sent := dict(error.get_headers())):
            answer.headers[header] = sent[header]
    return answer


def _database(error: OperationalError) -> ResponseReturnValue:
    """Waiting too long for another writer, a full disk, a server that is gone: the person can only come back."""
    said = str(error.orig).lower()
    if "no such table" in said or "no such column" in said:  # SQLite says so, and it is no matter of waiting
        return _fault(error)
    reference = _noted(error, said.partition("\n")[0])
    if "full" in said or "no space" in said:
        sentence = _("The office's disk is full: nothing can be kept until an administrator makes room.")
    elif "locked" in said or "busy" in said:
        sentence = _("The office is busy: others were writing for too long.")
    else:
        sentence = _("The office's database does not answer.")
    in_doubt = bool(g.get("being_kept"))
    if in_doubt:
        advice = _("It broke off while this was being kept: look whether it was, before you send it again.")
    else:
        advice = _("Nothing was done. Try again in a minute.")
    heading = _("Perhaps not kept") if in_doubt else _("Not kept")
    answer = make_response(_page(503, heading, sentence, advice=advice, reference=reference, again=_typed()))
    answer.headers["Retry-After"] = "60"
    return answer


def _no_connection(error: NoConnection) -> ResponseReturnValue:
    """All connections were in use for half a minute."""
    reference = _noted(error)
    sentence = _("The office is busy: too many are asking its database.")
    advice = _("Nothing was done. Try again in a minute.")
    answer = make_response(_page(503, _("Not kept"), sentence, advice=advice, reference=reference, again=_typed()))
    answer.headers["Retry-After"] = "60"
    return answer


def _typed() -> Typed | None:
    """What was sent, so that it can be sent again from the page that tells of the problem. None: not from there.

    A password stands on no page, and a page that was only looked at is looked at again by its own address.
    """
    if request.method != "POST" or request.blueprint == "entrance" or _is_htmx():
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != FIELD]
    if sum(len(value) for _name, value in fields) > _MOST_KEPT:
        return None
    return Typed(request.full_path.rstrip("?"), fields, files=any(one.filename for one in request.files.values()))


def _not_to_be_kept(_error: DataError) -> ResponseReturnValue:
    """A number or a character that no person types and PostgreSQL does not take."""
    return _page(400, _heading(400), _("The office did not understand what was sent."))


def _fault(error: Exception) -> ResponseReturnValue:
    reference = _noted(error)
    return _page(
        500,
        _("Something went wrong here"),
        _("Nothing was done. The fault is ours, and it has been noted."),
        advice=_("Try again. If it happens again, tell an administrator the reference number."),
        reference=reference,
    )


def _noted(error: Exception, line: str | None = None) -> str:
    """`line` is all there is to say of it: while a database is away, every request fails in the same place."""
    reference = secrets.token_hex(4).upper()
    where = reference, request.method, request.path
    if line is None:
        _log.error("%s: %s %s", *where, exc_info=error)
    else:
        _log.error("%s: %s %s: %s", *where, line)
    return reference


def _heading(status: int) -> str:
    headings: dict[int, str] = {
        401: _("Please sign in"),
        403: _("Your posts do not allow this"),
        404: _("Not found"),
        405: _("Not possible"),
        409: _("Somebody was faster"),
        413: _("Too large"),
        429: _("Wait a moment"),
    }
    return headings.get(status) or str(_("Not done"))


def _advice(status: int) -> str:
    advice: dict[int, str] = {
        403: _("If this is your work, ask an administrator to give you the post for it."),
        404: _("Look for it in the lists, or go back."),
        409: _("Go back and load the page again to see how things stand now."),
        413: _("Make the file smaller, or send fewer things at once."),
        429: _("Try again in a minute."),
    }
    return advice.get(status) or str(_("Go back, correct it, and send it again."))


def _page(
    status: int,
    heading: str,
    sentence: str,
    *,
    advice: str | None = None,
    way: tuple[str, str] | None = None,
    code: str | None = None,
    reference: str | None = None,
    again: Typed | None = None,
) -> ResponseReturnValue:
    facts: dict[str, Any] = {
        "status": status,
        "heading": heading,
        "sentence": sentence,
        "advice": advice or _advice(status),
        "way": way or _way_back(),
        "code": code,
        "reference": reference,
        "again": again,
    }
    if not _is_htmx():
        return render_template("problem.html", **facts), status
    answer = make_response(render_template("problem_note.html", **facts), status)
    answer.headers["HX-Retarget"] = "#o-notes"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def _way_back() -> tuple[str, str]:
    """The page the person came from, if it was one of ours and not this one."""
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path not in {"", request.path}:
        return (came.path + (f"?{came.query}" if came.query else ""), _("Back to the page before"))
    return ("/", _("To the first page"))
