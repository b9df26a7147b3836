"""Forms that were written to do harm, or by accident do."""

from __future__ import annotations

import json
import re
import socket
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import forms
from engine.diagram.forms import NotAForm


def refused(text: str | bytes, ui: str | None = None) -> str:
    with pytest.raises(NotAForm) as caught:
        forms.form_from_json(text, ui=ui)
    assert caught.value.say("zh").startswith("无法读取此表单：")
    return caught.value.say("en")


def schema(properties: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "object", "properties": properties, **more})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"components": [' + b" " * 600_000 + b"]}", "larger than 512 kB"),
        ("[" * 200_000, "nested deeper"),
        ('{"components":' + "[" * 40 + "]" * 40 + "}", "nested deeper"),
        ('{"components":[' + "1," * 60_000 + "1]}", "more than 50000 parts"),
        (
            json.dumps({"components": [{"type": "textfield", "key": f"k{n}"} for n in range(501)]}),
            "more than 500 parts",
        ),
        (b"\xff\xfe{}", "not UTF-8"),
        ("{'components': []}", "not JSON"),
        ("", "not JSON"),
        ('{"components": [], "components": []}', "says “components” twice"),
        ('{"components": [], "n": 1e999}', "too large"),
        ('{"components": [], "n": NaN}', "too large"),
        ('{"components": [], "n": %s}' % ("9" * 5_000), "too large"),
        ('{"components": [], "n": "\\ud800"}', "no text"),
        ('{"components": [], "n\\u0000": 1}', "no text"),
        ("[]", "neither a form-js form nor"),
        ('{"components": {}}', "neither a form-js form nor"),
        ("null", "neither a form-js form nor"),
        (schema({"a": {"type": "nothing"}}), "not valid at #/properties/a"),
        (schema({"a": {"$ref": "http://169.254.169.254/latest"}}), "only parts of the same file"),
        (schema({"a": {"$ref": "file:///etc/passwd"}}), "only parts of the same file"),
        (schema({"a": {"$ref": "#/gone"}}), "only parts of the same file"),
        (schema({"a": {"$dynamicRef": "#x"}}), "only parts of the same file"),
        (schema({"a": {"$ref": "#"}}), "refers to itself"),
        (schema({}, **{"$ref": "#"}), "refers to itself"),
        (
            schema({"a": {"$ref": "#/$defs/b"}}, **{"$defs": {"b": {"items": {"$ref": "#/$defs/b"}}}}),
            "refers to itself",
        ),
    ],
)
def test_what_is_no_form_is_refused_with_the_reason(text: str | bytes, why: str) -> None:
    assert why in refused(text)


def test_references_that_multiply_are_stopped_before_they_fill_the_memory() -> None:
    laughs: dict[str, Any] = {"d0": {"type": "string"}}
    for level in range(1, 12):
        laughs[f"d{level}"] = {"allOf": [{"$ref": f"#/$defs/d{level - 1}"}] * 10}
    began = time.thread_time()
    assert "parts" in refused(schema({"a": {"$ref": "#/$defs/d11"}}, **{"$defs": laughs}))
    assert time.thread_time() - began < 15


def test_a_ui_schema_is_taken_in_with_the_same_care() -> None:
    assert "twice" in refused(schema({}), ui='{"a": 1, "a": 2}')


def test_a_schema_is_never_looked_up_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def tempted(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", tempted)
    document = {
        "$schema": "http://evil.example/draft",
        "$id": "http://evil.example/s",
        "type": "object",
        "properties": {"a": {"type": "string", "$schema": "http://evil.example/t", "$id": "u"}},
    }
    form = forms.form_from_json(json.dumps(document))
    assert forms.fill(form, {"a": ["x"]}, {}).errors == {}


@pytest.mark.parametrize(
    "draft", ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema", None]
)
def test_no_pattern_of_a_designer_reaches_pythons_own_engine(
    draft: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang = "^(a+)+$"
    inside = {"type": "string", "pattern": hang, "$schema": "http://json-schema.org/draft-07/schema#"}
    text = schema(
        {"a": {"type": "string", "pattern": hang}, "b": inside, "c": {"type": "string", "pattern": "(?=x)"}},
        propertyNames={"pattern": hang + "|b|c"},
        patternProperties={hang: {"type": "string"}},
        additionalProperties=True,
        **({"$schema": draft} if draft else {}),
    )
    real = re.search

    def watched(pattern: Any, *rest: Any, **more: Any) -> Any:
        assert pattern not in (hang, "(?=x)")
        return real(pattern, *rest, **more)

    monkeypatch.setattr(re, "search", watched)
    form = forms.form_from_json(text)
    began = time.thread_time()
    filled = forms.fill(form, {"a": ["a" * 3_000], "b": ["a" * 3_000 + "!"], "c": ["y"]}, {})
    assert time.thread_time() - began < 15
    assert set(filled.errors) == {"b"}


@pytest.mark.parametrize(
    "pattern",
    ["(", "\\", "\\u", "\\u{", "\\u{zz}", "a{5000}", "(?<=a)b", "\\1", "x" * 1001, "[", "((((a{99}){99}){99}){99})"],
)
def test_a_pattern_that_cannot_be_kept_is_told_of_at_upload(pattern: str) -> None:
    form = forms.form_from_json(
        json.dumps({"components": [{"type": "textfield", "key": "k", "validate": {"pattern": pattern}}]})
    )
    assert [warning.rule.code for warning in form.warnings] == ["form-rule-unread"]
    assert forms.fill(form, {"k": ["x"]}, {}).errors == {}


WORDS = st.sampled_from(
    [
        "components",
        "type",
        "key",
        "label",
        "textfield",
        "number",
        "select",
        "values",
        "value",
        "validate",
        "min",
        "max",
        "pattern",
        "conditional",
        "hide",
        "layout",
        "row",
        "columns",
        "group",
        "dynamiclist",
        "path",
        "text",
        "properties",
        "required",
        "enum",
        "items",
        "object",
        "array",
        "string",
        "title",
        "ui:widget",
        "default",
        "defaultValue",
        "oneOf",
        "const",
        "$ref",
        "#",
        "#/properties",
        "definitions",
        "format",
        "date",
        "uri",
        "datetime",
        "subtype",
        "decimalDigits",
    ]
)
SHAPES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**6), 10**6),
        st.floats(allow_nan=False, allow_infinity=False),
        WORDS,
        st.text(max_size=6),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, st.text(max_size=3)), inner, max_size=6)
    ),
    max_leaves=25,
)
COMPONENT = st.dictionaries(WORDS, st.one_of(WORDS, SHAPES), max_size=6).map(
    lambda one: {"type": "textfield", "key": "k", **one}
)


@given(
    st.one_of(
        SHAPES,
        st.lists(COMPONENT, max_size=4).map(lambda some: {"components": some}),
        st.dictionaries(st.text(max_size=3), SHAPES, max_size=4).map(
            lambda some: {"type": "object", "properties": some}
        ),
    ),
    st.one_of(st.none(), SHAPES),
)
def test_any_json_is_a_form_or_is_refused(document: Any, ui: Any) -> None:
    try:
        form = forms.form_from_json(json.dumps(document), ui=None if ui is None else json.dumps(ui))
    except NotAForm as refusal:
        refusal.say("zh").encode()
        return
    for warning in form.warnings:
        warning.sentence("en").encode()
        warning.remedy("zh").encode()
    begun = forms.begun(form, {"k": "1"})
    forms.fill(form, begun.typed, {})
    forms.fill(form, {"k": ["x"], "k[0].k": ["2"]}, {"k": {}})


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_are_refused(content: bytes) -> None:
    try:
        forms.form_from_json(content)
    except NotAForm as refusal:
        refusal.say("en").encode()
