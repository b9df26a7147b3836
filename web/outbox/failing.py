"""What went wrong on the way to a program, in words for whoever waits for it; what the machine said stays beside them."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from typing import Final

from engine.base.text import Name, Text

UNKNOWN: Final = Text(
    "nobody knows the name {host}: its address may be mistyped, or the name is gone",
    "找不到名称 {host}：地址可能有误，或该名称已停用",
)
NO_LOOKING_UP: Final = Text(
    "{host} could not be looked up: the network's directory of names does not answer",
    "无法查询 {host}：网络的域名服务没有应答",
)
NOBODY_THERE: Final = Text(
    "nothing answers at {host}: the program there does not run", "{host} 处没有程序应答：该程序未在运行"
)
NO_WAY: Final = Text("no way through the network leads to {host}", "网络无法到达 {host}")
CUT_OFF: Final = Text("{host} broke the connection off", "{host} 中断了连接")
UNTRUSTED: Final = Text(
    "{host} could not prove to be what it says it is: its certificate is not trusted",
    "{host} 无法证明其身份：其证书不受信任",
)
UNPROTECTED: Final = Text("no protected connection could be agreed on with {host}", "无法与 {host} 建立加密连接")
STRANGE: Final = Text("what {host} answered cannot be understood", "无法理解 {host} 的答复")
BROKEN: Final = Text("the connection to {host} failed", "与 {host} 的连接失败")

_MOST: Final = 200
_LOOKED_UP: Final = {socket.EAI_AGAIN: NO_LOOKING_UP}
_NO_WAY: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_KINDS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Text], ...]] = (
    (UnicodeError, UNKNOWN),
    (ssl.SSLCertVerificationError, UNTRUSTED),
    (ConnectionRefusedError, NOBODY_THERE),
    ((ConnectionError, ssl.SSLEOFError), CUT_OFF),
    (ssl.SSLError, UNPROTECTED),
    (http.client.IncompleteRead, CUT_OFF),
    (http.client.HTTPException, STRANGE),
)
"""The first that fits; the narrower stand before the wider."""


def told(fault: BaseException, host: str) -> Text:
    said = _of(fault)
    return Name(said.say("en", host=host), said.say("zh", host=host))


def _of(fault: BaseException) -> Text:
    if isinstance(fault, socket.gaierror):
        return _LOOKED_UP.get(fault.errno or 0, UNKNOWN)
    if isinstance(fault, OSError) and fault.errno in _NO_WAY:
        return NO_WAY
    return next((said for kinds, said in _KINDS if isinstance(fault, kinds)), BROKEN)


def raw(fault: BaseException) -> str:
    """As the machine says it: for whoever sees to the machines."""
    return f"{type(fault).__name__}: {fault}"[:_MOST]
