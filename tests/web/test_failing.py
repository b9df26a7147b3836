"""What goes wrong on the way to a program is told in words, and never as a machine says it."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest

from engine.base.text import Text
from web.outbox import failing


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), failing.UNKNOWN),
        (UnicodeError("label empty or too long"), failing.UNKNOWN),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), failing.NO_LOOKING_UP),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), failing.NOBODY_THERE),
        (OSError(errno.EHOSTUNREACH, "No route to host"), failing.NO_WAY),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), failing.CUT_OFF),
        (http.client.RemoteDisconnected("Remote end closed connection"), failing.CUT_OFF),
        (http.client.IncompleteRead(b"", 12), failing.CUT_OFF),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), failing.UNTRUSTED),
        (ssl.SSLError(1, "wrong version number"), failing.UNPROTECTED),
        (http.client.BadStatusLine("<html>"), failing.STRANGE),
        (AttributeError("'NoneType' object has no attribute 'sendall'"), failing.BROKEN),
    ],
    ids=lambda one: type(one).__name__,
)
def test_each_fault_is_a_sentence_in_both_languages_that_names_the_place(fault: BaseException, words: Text) -> None:
    said = failing.told(fault, "register.example")
    assert said.en == words.say("en", host="register.example")
    assert said.zh == words.say("zh", host="register.example")
    assert "register.example" in said.en
    assert "register.example" in said.zh
    assert str(fault) not in said.en
    assert failing.raw(fault).startswith(type(fault).__name__)
