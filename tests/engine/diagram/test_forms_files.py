"""Fields that ask for files: read from every dialect, and checked like any other answer."""

from __future__ import annotations

import json

import pytest

from engine.base.text import Name
from engine.diagram import forms
from engine.diagram.forms import Field, Form, Handed, Kind, Source


def handed(
    number: int = 1, name: str = "plan.pdf", kind: str = "pdf", size: int = 1000, *, usual: bool = True
) -> Handed:
    value = {"paper": number, "name": name, "kind": kind, "size": size, "sha256": "0" * 64}
    return Handed(value, usual)


def asking(**facts: object) -> Form:
    field = Field("plan", Kind.FILE, label="Plan", path=("plan",), **facts)  # type: ignore[arg-type]
    return Form("", (field,), Source.FORM_JS)


def said(form: Form, *tokens: str, **files: Handed | Name) -> list[str]:
    found = forms.fill(form, {"plan": list(tokens)}, {}, files)
    return [one.say("en") for one in found.errors.values()]


def test_a_file_is_kept_as_its_paper_name_and_hash() -> None:
    found = forms.fill(asking(), {"plan": ["a"]}, {}, {"a": handed(7)})
    assert found.errors == {}
    assert found.values == {"plan": {"paper": 7, "name": "plan.pdf", "kind": "pdf", "size": 1000, "sha256": "0" * 64}}
    assert [one.name for _token, one in found.handed("plan")] == ["plan.pdf"]


def test_several_are_a_list_and_one_alone_takes_the_place_of_the_one_before() -> None:
    files = {"a": handed(1), "b": handed(2)}
    many = forms.fill(asking(several=True), {"plan": ["a", "b", "a"]}, {}, files)
    assert [one["paper"] for one in many.values["plan"]] == [1, 2]
    one = forms.fill(asking(), {"plan": ["a", "b"]}, {}, files)
    assert one.values["plan"]["paper"] == 2
    assert one.typed["plan"] == ("b",)


def test_a_required_file_must_be_there() -> None:
    assert said(asking(required=True)) == ["Choose a file for “Plan”."]
    assert said(asking(required=True), "a", a=handed()) == []
    assert said(asking()) == []


def test_a_field_takes_its_own_kinds_and_sizes_only() -> None:
    word = handed(1, "x.docx", "docx")
    assert "does not take" in said(asking(accept=("pdf",)), "a", a=word)[0]
    assert said(asking(accept=("docx",)), "a", a=word) == []
    assert "does not take" in said(asking(), "a", a=handed(1, "x.zip", "zip", usual=False))[0]
    assert said(asking(accept=("zip",)), "a", a=handed(1, "x.zip", "zip", usual=False)) == []
    assert "at most 2 MB" in said(asking(most_bytes=2 * 2**20), "a", a=handed(size=3 * 2**20))[0]


def test_what_was_refused_is_told_at_the_field_and_not_shown_again() -> None:
    found = forms.fill(
        asking(several=True), {"plan": ["a", "no"]}, {}, {"a": handed(), "no": Name("Refused.", "拒收。")}
    )
    assert found.errors["plan"].say("en") == "Refused."
    assert found.typed["plan"] == ("a",)


def test_a_reference_that_nobody_gave_is_no_file() -> None:
    assert "no longer here" in said(asking(), '{"paper": 1}')[0]
    assert "no longer here" in said(asking(), "paper:5")[0]


def test_a_file_that_was_answered_before_is_kept_by_its_paper() -> None:
    answers = {"plan": handed(5).value, "rows": [{"deeds": [handed(6).value]}], "no": {"paper": "x"}}
    assert set(forms.earlier(answers)) == {"paper:5", "paper:6"}
    shown = forms.begun(asking(), answers, forms.earlier(answers))
    assert shown.typed["plan"] == ("paper:5",)
    again = forms.fill(asking(required=True), shown.typed, {}, forms.earlier(answers))
    assert again.values["plan"] == answers["plan"]


def test_where_no_file_can_be_handed_in_none_is_demanded() -> None:
    assert forms.fill(asking(required=True), {}, {}).errors == {}


def test_every_file_is_found_in_rows_and_groups() -> None:
    inner = Field("deed", Kind.FILE, path=("deed",))
    rows = Field("rows", Kind.ROWS, path=("rows",), children=(Field("g", Kind.GROUP, children=(inner,)),))
    found = list(
        forms.files_in((rows,), {"rows": [{"deed": handed(1).value}, {"deed": None}, {"deed": handed(2).value}]})
    )
    assert [(field.key, value["paper"]) for field, value in found] == [("deed", 1), ("deed", 2)]


def test_form_js_and_json_schema_say_which_files_are_meant() -> None:
    picker = {"type": "filepicker", "key": "plan", "label": "Plan", "multiple": True, "accept": ".pdf, .JPEG,image/png",
              "properties": {"megabytes": "5"}, "validate": {"required": True}}  # fmt: skip
    (one,) = forms.form_from_json(json.dumps({"type": "default", "components": [picker]})).fields
    assert (one.kind, one.several, one.accept, one.most_bytes, one.required) == (
        Kind.FILE, True, ("pdf", "jpg", "png"), 5 * 2**20, True,
    )  # fmt: skip
    schema = {
        "type": "object",
        "required": ["scan"],
        "properties": {
            "scan": {"type": "string", "format": "data-url"},
            "more": {"type": "array", "items": {"type": "string", "format": "data-url"}},
        },
    }
    form = forms.form_from_json(json.dumps(schema), ui=json.dumps({"scan": {"ui:options": {"accept": ".pdf"}}}))
    assert [(one.kind, one.several, one.accept, one.required) for one in form.fields] == [
        (Kind.FILE, False, ("pdf",), True), (Kind.FILE, True, (), False),
    ]  # fmt: skip
    files = {"a": handed(1), "b": handed(2)}
    found = forms.fill(form, {"scan": ["a"], "more": ["a", "b"]}, {}, files)
    assert found.errors == {}
    assert set(forms.fill(form, {}, {}, {}).errors) == {"scan"}


@pytest.mark.parametrize(
    ("written", "kinds"),
    [("", ()), ("image/*", ("png", "jpg", "gif", "webp")), (".docx,.docx", ("docx",)), ("*/*, x", ()), (".a b", ())],
)
def test_what_a_browser_is_told_to_accept_is_read_as_kinds(written: str, kinds: tuple[str, ...]) -> None:
    (one,) = forms.form_from_json(
        json.dumps({"components": [{"type": "filepicker", "key": "x", "accept": written}]})
    ).fields
    assert one.accept == kinds
