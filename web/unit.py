"""One request, one transaction: kept when the view returns, undone when it raises."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final
from wsgiref.types import WSGIEnvironment

from flask import Flask, Request, Response, g, request
from flask.globals import request_ctx
from flask.sessions import NullSession, SessionInterface
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import Headers
from werkzeug.routing import Rule
from werkzeug.urls import iri_to_uri

from engine.base.database import Database
from engine.organisation.sign_in import touch
from engine.papers.taking import Cabinet
from web import tokens
from web.before import allow_size, before_of, prepare
from web.guard import admit, is_bare, is_for_programs
from web.languages import Reader, spoken
from web.rooms import Closed
from web.timings import Timings
from web.working.waking import ring

_log = logging.getLogger("officium")
_TYPE, _LENGTH = "Content-Type", "Content-Length"
_PLAIN: Final = re.compile(r"/(?!/)[A-Za-z0-9/._~?=&%-]*")
"""An address of ours in which nothing has to be written otherwise."""
_ONLY_LOOK = frozenset({"GET", "HEAD", "OPTIONS"})


class NoSession(SessionInterface):
    """Flask's own session is not used: who is signed in stands in the guard's cookie, notices in theirs."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return self._none


class Led(Response):
    """Leads elsewhere and shows nothing. What goes out is right as it is made, and not gone through once more."""

    def __init__(self, location: str, code: int) -> None:
        to = location if _PLAIN.fullmatch(location) else iri_to_uri(location)
        super().__init__(status=code, headers=[(_TYPE, "text/html; charset=utf-8"), (_LENGTH, "0"), ("Location", to)])

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        return self.headers


class Route(Rule):
    """An address. How it is put together is worked out when somebody first asks: for all of them that took 1.5 MB."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: Callable[..., tuple[str, str]] | None = None

        def build(route: Route, /, **values: Any) -> tuple[str, str]:
            nonlocal made
            if made is None:
                made = super(Route, route)._compile_builder(append_unknown)
            return made(route, **values)

        return build


class Office(Flask):
    """The web of one office.

    The transaction stands around the dispatch and not in a teardown, so that a commit that fails
    still meets the error handlers. A response that streams must have read everything before.
    """

    database: Database
    cabinet: Cabinet
    timings: Timings
    session_interface = NoSession()

    def __init__(self, name: str, **options: Any) -> None:
        self.closed = Closed()
        super().__init__(name, **options)

    def _check_setup_finished(self, f_name: str) -> None:
        """A room is opened after requests were answered: all that others know of it stood there before."""
        if not self.closed.opening:
            super()._check_setup_finished(f_name)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        if endpoint is None or view_func is None or not self.closed.takes(self, endpoint, view_func):
            super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view of ours is a coroutine: nobody has to look."""
        return func

    def redirect(self, location: str, code: int = 302) -> Response:
        return Led(location, code)

    def full_dispatch_request(self) -> Response:
        reader, begun, status = spoken.set(Reader()), perf_counter(), 500
        try:
            self.closed.open(self, request.blueprint)
            response = super().full_dispatch_request()
            status = response.status_code
            return response
        finally:
            self.timings.note(request.blueprint, status, perf_counter() - begun)
            spoken.reset(reader)

    def dispatch_request(self) -> ResponseReturnValue:
        asked = request_ctx.request
        if is_bare(self, asked.endpoint):
            return super().dispatch_request()
        if asked.method not in _ONLY_LOOK:
            if asked.routing_exception is None:
                # Before the transaction: while a large upload comes in, nobody waits for it at the database.
                before = before_of(asked.endpoint)
                allow_size(before)
                if is_for_programs(self, asked.endpoint):
                    asked.get_data()
                else:
                    tokens.check()
                prepare(before, self.database)
            with self.database.writing() as g.db:
                answer = self._answer()
                g.being_kept = True  # what fails from here on may have been kept
            ring()
            return answer
        with self.database.reading() as g.db:
            answer = self._answer()
        self._stay_signed_in()
        return answer

    def _answer(self) -> ResponseReturnValue:
        try:
            admit()
            return super().dispatch_request()
        finally:
            # A page about a problem is made after the transaction and must not touch it.
            g.pop("db", None)

    def _stay_signed_in(self) -> None:
        """Looking at pages writes nothing but this, every few minutes, in a transaction of its own."""
        if g.in_use is None:
            return
        try:
            with self.database.writing() as db:
                touch(db, g.in_use)
        except OperationalError as error:
            _log.warning("a session in use was not noted: %s", error)
