"""Rooms that are opened when somebody first comes: until then their addresses stand as `addresses.json` tells them.

What a worker has not been asked for it does not hold. `python -m web.rooms` writes the file anew.
"""

from __future__ import annotations

import ctypes
import gc
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from flask import Blueprint, Flask

from engine.organisation.rules import Right
from web.guard import Rule, rule_of, wearing

LISTED: Final = Path(__file__).with_name("addresses.json")


class NotAsListed(Exception):
    """A room declares something else than `addresses.json` says: run `python -m web.rooms`."""


class Address(NamedTuple):
    url: str
    endpoint: str
    method: str
    who: Rule


class Listed(NamedTuple):
    """What others need of a room that is not open: its addresses, and what it gives to templates."""

    addresses: Sequence[Address]
    filters: Sequence[str]
    functions: Sequence[str]


def listed() -> Mapping[str, Listed]:
    """By the name of the room's module."""
    return {name: _read(one) for name, one in json.loads(LISTED.read_text(encoding="utf-8")).items()}


def _read(one: Mapping[str, Any]) -> Listed:
    addresses = [
        Address(url, endpoint, method, Rule(signed_in=who is not None, rights=tuple(map(Right, who or ()))))
        for url, endpoint, method, who in one["addresses"]
    ]
    return Listed(addresses, one["filters"], one["functions"])


def blueprint(name: str) -> Blueprint | None:
    """None for a folder without a module."""
    found = find_spec(f"web.{name}")
    if found is None or found.origin is None:
        return None
    room: Blueprint = import_module(f"web.{name}").room
    return room


class Closed:
    """The rooms of one app that nobody has asked for yet."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._announced: dict[str, Rule] = {}
        self._door = threading.Lock()
        self.opening = False

    def announce(self, app: Flask, module: str, told: Listed) -> None:
        name = module.partition(".")[0]
        for one in told.addresses:
            app.add_url_rule(one.url, one.endpoint, wearing(_nobody_comes_here(name), one.who), methods=[one.method])
            self._announced[one.endpoint] = one.who
        for given, names in ((app.jinja_env.filters, told.filters), (app.jinja_env.globals, told.functions)):
            for known in names:
                given[known] = self._stand_in(app, name, given, known)
        self._modules[name] = module

    def are(self) -> list[str]:
        return sorted(self._modules)

    def _stand_in(self, app: Flask, room: str, given: Mapping[str, Any], known: str) -> Callable[..., Any]:
        """Pages of other rooms call it too."""

        def called(*args: Any, **named: Any) -> Any:
            self.open(app, room)
            return given[known](*args, **named)

        return called

    def open(self, app: Flask, name: str | None) -> None:
        """Nothing where it is open."""
        if name not in self._modules:
            return
        with self._door:
            if name not in self._modules:
                return
            room = blueprint(self._modules[name])
            if room is None:
                raise NotAsListed(name)
            self.opening = True
            try:
                app.register_blueprint(room)
            finally:
                self.opening = False
            del self._modules[name]  # not before: until then whoever comes waits at the door
            settle()

    def takes(self, app: Flask, endpoint: str, view: Callable[..., Any]) -> bool:
        """Whether the address stands already and needed but its view."""
        if not self.opening:
            return False
        app.view_functions[endpoint] = view
        if self._announced.get(endpoint) != rule_of(app, endpoint):
            raise NotAsListed(endpoint)
        return True


def _nobody_comes_here(room: str) -> Callable[..., str]:
    """One for each address: it wears the rule of that."""

    def view(**_args: object) -> str:
        raise NotAsListed(room)

    return view


def settle() -> None:
    """What was loaded stays as long as the process: without this, now and then a page waits 50 ms while all of it is walked."""
    gc.collect()
    gc.freeze()
    # Loading leaves some 3 MB free but held; glibc gives them back only when asked. Other C libraries know no such call.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
