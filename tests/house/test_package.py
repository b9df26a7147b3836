"""What is installed: three top-level names that are ours, one command, licences we may stand on."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from importlib import import_module
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Final

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import PACKAGES, ROOT, kept_files

LESSER: Final = {
    "spiffworkflow": "LGPL: imported as it is, not changed",
    "psycopg": "LGPL: imported as it is, not changed",
    "psycopg-binary": "LGPL: the same, compiled",
    "docxtpl": "LGPL: imported as it is, not changed, in a process of its own",
}
"""Under the Lesser GPL: may be stood on, never copied from."""

_FREE: Final = re.compile(r"MIT|ZPL|BSD|Apache|ISC|PSF|Python Software|Zlib|Unlicense|0BSD|HPND|MPL", re.IGNORECASE)
_LESSER: Final = re.compile(r"LGPL|Lesser General Public", re.IGNORECASE)
_STRONG: Final = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|AGPL|Affero|SSPL|BUSL|Commons Clause", re.IGNORECASE)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_top_level_names_are_ours(name: str) -> None:
    """Another distribution with a package of this name would silently take the place of ours."""
    assert set(packages_distributions().get(name, ())) <= {"officium"}
    assert Path(str(import_module(name).__file__)).resolve().is_relative_to(ROOT)


def _stood_on() -> dict[str, str]:
    """Every distribution that runs with the product, with what it says of its licence."""
    found: dict[str, str] = {}
    ahead = [one for line in distribution("officium").requires or () if _wanted(one := Requirement(line))]
    while ahead:
        one = ahead.pop()
        name = canonicalize_name(one.name)
        if name in found:
            continue
        described = distribution(one.name)
        found[name] = _licence_of(described.metadata)
        for line in described.requires or ():
            needed = Requirement(line)
            if _wanted(needed, one.extras):
                ahead.append(needed)
    return found


def _wanted(one: Requirement, extras: set[str] = frozenset()) -> bool:  # type: ignore[assignment]
    if one.marker is None:
        return True
    return any(one.marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def _licence_of(metadata: object) -> str:
    get_all = getattr(metadata, "get_all")  # noqa: B009 (typed otherwise in every version of Python)
    said = [*(get_all("License-Expression") or ()), *(get_all("License") or ())]
    said += [line for line in get_all("Classifier") or () if line.startswith("License ::")]
    return " | ".join(line.strip().partition("\n")[0] for line in said)


def test_no_licence_binds_the_product() -> None:
    licences = _stood_on()
    assert {"flask", "sqlalchemy", "spiffworkflow"} <= set(licences)
    assert {name: said for name, said in licences.items() if _STRONG.search(_LESSER.sub("", said))} == {}
    assert {name for name, said in licences.items() if _LESSER.search(said)} == set(LESSER)
    unknown = {name: said for name, said in licences.items() if not _FREE.search(said) and not _LESSER.search(said)}
    assert unknown == {}


def test_what_is_locked_is_what_is_wanted() -> None:
    """Every direct requirement is in the lock, each line of it with its digests."""
    for lock in ("requirements.lock", "requirements-checks.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        locked = {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}
        asked = map(Requirement, distribution("officium").requires or ())
        wanted = {canonicalize_name(one.name) for one in asked if _wanted(one)}
        assert wanted
        assert wanted <= locked, lock
        for entry in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE):
            if entry.strip() and not entry.startswith("#"):
                assert "--hash=sha256:" in entry, entry.partition("\n")[0]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as opened:
        yield opened


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    (name,) = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
    said = HeaderParser().parsestr(wheel.read(name).decode())
    assert said["Name"] == "officium"
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Requires-Python"] == ">=3.11"
    command = wheel.read(name.replace("METADATA", "entry_points.txt")).decode()
    assert "officium = web.__main__:main" in command
    assert "web/__main__.py" in wheel.namelist()


def test_the_wheel_holds_all_that_is_shipped_and_no_more(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    kept = {file.relative_to(ROOT).as_posix() for file in kept_files()}
    shipped = {name for name in kept if name.startswith(tuple(f"{one}/" for one in PACKAGES))}
    assert any(name.endswith("procedure.bpmn") for name in inside)
    assert shipped - inside == set()
    made = ("web/static/built/", "web/translations/")
    assert {name for name in inside - shipped if not name.startswith(made)} == set()


def test_the_wheel_holds_what_browsers_load_and_what_they_read(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "web/static/built/manifest.json" in names
    assert any(name.endswith("zh_Hans/LC_MESSAGES/messages.mo") for name in names)
