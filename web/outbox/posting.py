"""Letters that a step of a procedure sends by a connector: to domains the administrator allows, in words they wrote."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, Final

from engine.base.text import Language, Name, Text, one_line
from engine.cases.outside.acts.calls import Answered
from engine.connectors.reads import Connector
from engine.connectors.rules import GivenUnfit
from engine.notices.rules import AddressUnfit, fit_address
from web.outbox.asking import Failed, failed
from web.outbox.mail import NotAccepted, NotReached, Postman
from web.outbox.means import Means

_PLACE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,60})\}")
_MOST_VALUE: Final = 2_000
_NO_SERVER: Final = Text("no mail server is named (OFFICIUM_SMTP)", "未指定邮件服务器（OFFICIUM_SMTP）")
_NO_ADDRESS: Final = Text("“to” is no e-mail address", "“to”不是电子邮件地址")
_DOMAIN: Final = Text("letters may not go to {domain}", "不允许向 {domain} 发信")
_REFUSED: Final = Text("the mail server did not take the letter", "邮件服务器未接收该信件")
_UNREACHED: Final = Text("the mail server was not reached", "无法连接邮件服务器")


def post(connector: Connector, given: Mapping[str, Any], *, key: str, means: Means) -> Answered:
    """Raises Failed, GivenUnfit."""
    if means.server is None:
        raise failed(_NO_SERVER, for_good=True)
    to = addressee(connector, given)
    begun = time.monotonic()
    try:
        seconds = float(connector.time_out)
        with Postman(means.server, means.sender, time_out=seconds, whole=seconds) as postman:
            postman.send(letter(connector, given, to, key, means.sender), to)
    except NotReached as fault:
        raise _after(begun, failed(_UNREACHED, detail=str(fault)[:200])) from fault
    except NotAccepted as fault:
        for_good = re.match(r"5\d\d ", str(fault)) is not None
        raise _after(begun, failed(_REFUSED, for_good=for_good, detail=str(fault)[:200])) from fault
    return Answered(250, None, b"", round((time.monotonic() - begun) * 1000))


def _after(begun: float, fault: Failed) -> Failed:
    fault.took = round((time.monotonic() - begun) * 1000)
    return fault


def addressee(connector: Connector, given: Mapping[str, Any]) -> str:
    """Raises GivenUnfit where nobody may be written to there."""
    try:
        to = fit_address(str(given.get("to") or ""))
    except AddressUnfit:
        raise GivenUnfit(why=_NO_ADDRESS) from None
    domain = to.rpartition("@")[2]
    if domain not in connector.how.domains:
        raise GivenUnfit(why=Name(_DOMAIN.say("en", domain=domain), _DOMAIN.say("zh", domain=domain)))
    return to


def letter(connector: Connector, given: Mapping[str, Any], to: str, key: str, sender: str) -> EmailMessage:
    """In the language that is given as `language`, else in both. Its id is the same at every try."""
    wish = given.get("language")
    languages: tuple[Language, ...] = (wish,) if wish in ("en", "zh") else ("zh", "en")
    subject = " / ".join(one_line(_filled(connector.how.subject.say(one), given)) for one in languages)
    words = "\n\n".join(_filled(connector.how.words.say(one), given) for one in languages)
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject[:300]
    made["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(words)
    return made


def _filled(words: str, given: Mapping[str, Any]) -> str:
    """What is not given stays as it stands: somebody who reads it sees what is missing."""
    return _PLACE.sub(lambda found: _said(given.get(found[1]), found[0]), words)


def _said(value: Any, otherwise: str) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return otherwise if value is None else str(value)[:_MOST_VALUE]
    return str(value)[:_MOST_VALUE]
