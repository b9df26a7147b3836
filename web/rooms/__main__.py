"""Writes down what the rooms declare."""

from __future__ import annotations

import json
from typing import Any

from web.building import ROOMS, create_app
from web.guard import rule_of
from web.rooms import LISTED, blueprint
from web.settings import Settings
from web.unit import Office


def written() -> str:
    """One address a line."""
    app = create_app(Settings(secret="", database_url="sqlite://"), rooms=())
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {_room(app, name)}" for name in ROOMS) + "\n}\n"


def _room(app: Office, name: str) -> str:
    environment = app.jinja_env
    filters, functions, known = set(environment.filters), set(environment.globals), set(app.view_functions)
    found = blueprint(name)
    if found is not None:
        app.register_blueprint(found)
    addresses: list[list[Any]] = []
    for one in app.url_map.iter_rules():
        if one.endpoint in known:
            continue
        who = rule_of(app, one.endpoint)
        method = "POST" if "POST" in (one.methods or ()) else "GET"
        addresses.append([one.rule, one.endpoint, method, list(who.rights) if who.signed_in else None])
    lines = ",\n".join(json.dumps(one) for one in sorted(addresses, key=lambda one: (one[0], one[2])))
    given = {"filters": set(environment.filters) - filters, "functions": set(environment.globals) - functions}
    rest = ", ".join(f"{json.dumps(kind)}: {json.dumps(sorted(names))}" for kind, names in given.items())
    return f'{{{rest}, "addresses": [\n{lines}\n]}}'


if __name__ == "__main__":
    LISTED.write_text(written(), encoding="utf-8")
