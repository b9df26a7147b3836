"""A procedure packed here is the same procedure where it is unpacked; a bad package is refused in words."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram.read import read
from engine.procedures import package as packages
from engine.procedures.package import Package, gathered, packed, unpacked
from processes import shipped
from tests.diagram_text import END, START, process, step, way

SIMPLE = process(START + step("one") + END + way("start", "one", "end"))


def _zip(files: Mapping[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return into.getvalue()


def _again(package: Package) -> Package:
    return unpacked(packed(package, read(package.diagram, package.file)), "again.zip")


@pytest.mark.parametrize("one", shipped(), ids=lambda one: one.key)
def test_a_shipped_procedure_survives_packing(one: object) -> None:
    package = Package(
        diagram=one.diagram,  # type: ignore[attr-defined]
        file="bp.bpmn",
        attachments=one.attachments,  # type: ignore[attr-defined]
        scenarios={"granted": 'name = "Granted"\n'},
        name=one.name,  # type: ignore[attr-defined]
        prefix="BP",
        department="HC",
        owners=one.owners,  # type: ignore[attr-defined]
        asked=("flow_1",),
    )
    assert _again(package) == package


_WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(_WORDS, st.dictionaries(_WORDS, _WORDS, max_size=4), st.lists(_WORDS, max_size=3))
def test_whatever_names_people_give_are_the_same_after_packing(
    name: str, owners: dict[str, str], asked: list[str]
) -> None:
    package = Package(SIMPLE, "x.bpmn", name=name, prefix="X", owners=owners, asked=tuple(asked))
    assert _again(package) == package


def test_the_same_package_makes_the_same_bytes() -> None:
    package = Package(SIMPLE, "x.bpmn", {"b.json": b"{}", "a.dmn": b"<x/>"}, name="Simple")
    assert packed(package, read(SIMPLE, "x")) == packed(package, read(SIMPLE, "x"))


def test_the_folder_itself_may_be_packed_and_what_systems_leave_in_it_is_passed_over() -> None:
    content = _zip(
        {
            "permit/procedure.bpmn": SIMPLE,
            "permit/forms/one.form.json": b"{}",
            "permit/.DS_Store": b"x",
            "__MACOSX/permit/._procedure.bpmn": b"x",
        }
    )
    found = unpacked(content, "permit.zip")
    assert found.diagram == SIMPLE
    assert found.attachments == {"one.form.json": b"{}"}


def test_a_diagram_alone_and_its_forms_are_a_package_too() -> None:
    found = unpacked(_zip({"许可.bpmn": SIMPLE, "one.form": b"{}"}), "files.zip")
    assert (found.file, found.name, found.attachments) == ("许可.bpmn", "", {"one.form": b"{}"})


def _climbing(path: str) -> bytes:
    return _zip({"procedure.bpmn": SIMPLE, path: b"x"})


def _link() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("procedure.bpmn", SIMPLE)
        entry = zipfile.ZipInfo("forms/passwd")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return into.getvalue()


def _twice() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("procedure.bpmn", SIMPLE)
        with warnings.catch_warnings(action="ignore"):
            archive.writestr("procedure.bpmn", SIMPLE)
    return into.getvalue()


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (_climbing("../../x"), packages.PathClimbs, "../../x"),
        (_climbing("/etc/cron.d/x"), packages.PathClimbs, "/etc/cron.d/x"),
        (_climbing("C:\\x"), packages.PathClimbs, "C:/x"),
        (_climbing("forms\\..\\..\\x"), packages.PathClimbs, ".."),
        (_link(), packages.PathClimbs, "forms/passwd"),
        (_twice(), packages.NotAPackage, "twice"),
        (b"PK\x03\x04 and nothing more", packages.NotAPackage, "damaged"),
        (_zip({}), packages.DiagramMissing, "no diagram"),
        (_zip({"readme.txt": b"hello"}), packages.DiagramMissing, "no diagram"),
        (_zip({"a.bpmn": SIMPLE, "b.bpmn": SIMPLE}), packages.SeveralDiagrams, "a.bpmn, b.bpmn"),
        (_zip({"procedure.bpmn": SIMPLE, "procedure.toml": b"name = "}), packages.ToldUnreadable, "not TOML"),
        (_zip({"procedure.bpmn": SIMPLE, "procedure.toml": b"\xff"}), packages.ToldUnreadable, "UTF-8"),
        (_zip({"procedure.bpmn": SIMPLE, "procedure.toml": b"name = 3"}), packages.ToldUnreadable, "in quotes"),
        (_zip({"procedure.bpmn": SIMPLE, "procedure.toml": b"owners = 3"}), packages.ToldUnreadable, "owners"),
        (_zip({"procedure.bpmn": SIMPLE, "x": b"0" * 60_000_000}), packages.PackageTooLarge, "60"),
        (_zip({"procedure.bpmn": SIMPLE} | {f"f{n}": b"" for n in range(500)}), packages.PackageTooLarge, "501 files"),
    ],
)
def test_a_bad_package_is_refused_in_words(content: bytes, refusal: type[Exception], said: str) -> None:
    with pytest.raises(refusal) as caught:
        unpacked(content, "p.zip")
    for language in ("en", "zh"):
        assert "{" not in caught.value.say(language)  # type: ignore[attr-defined]
    assert said in caught.value.say("en")  # type: ignore[attr-defined]


def test_a_size_that_lies_is_found_out() -> None:
    honest = _zip({"procedure.bpmn": SIMPLE, "x": b"0" * 30_000_000})
    told, size = (30_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert told in honest
    with pytest.raises((packages.PackageTooLarge, packages.NotAPackage)):
        unpacked(honest.replace(told, size), "bomb.zip")


def test_what_a_name_holds_is_no_markup_in_the_manual() -> None:
    (one,) = [one for one in shipped() if one.key == "building_permit"]
    told = packages.manual("<script>*x*", read(one.diagram, "x"))
    assert "# \\<script\\>\\*x\\*" in told
    assert "## Check the papers 材料核验" in told


def test_files_of_a_folder_are_gathered_as_a_zip_is() -> None:
    assert gathered({"procedure.bpmn": SIMPLE}, "folder") == unpacked(_zip({"procedure.bpmn": SIMPLE}), "folder")
