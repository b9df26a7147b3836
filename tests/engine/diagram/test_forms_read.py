"""Forms of every dialect, read into one model."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine.diagram import forms
from engine.diagram.forms import Form, Kind, Option, Source
from engine.diagram.read import read
from engine.diagram.shape import Diagram, Severity

ROOT = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("OFFICIUM_SHARED", ROOT.parent / "shared")) / "bpmn"
SPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:officium="urn:officium:procedure:1" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:flowable="http://flowable.org/bpmn" '
    'xmlns:activiti="http://activiti.org/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)
REVIEW = json.dumps(
    {
        "type": "default",
        "id": "Form_review",
        "components": [{"type": "textfield", "key": "plot", "label": "Plot number 地块号"}],
    }
).encode()


def drawn(inside: str = "", attributes: str = "", kind: str = "userTask", beside: str = "") -> Diagram:
    block = f"<extensionElements>{inside}</extensionElements>" if inside else ""
    body = f'<{kind} id="review" name="Review the plans" {attributes}>{block}</{kind}>'
    outside = f"<extensionElements>{beside}</extensionElements>" if beside else ""
    return read(
        f'<definitions {SPACES} targetNamespace="urn:t"><process id="p">{outside}{body}</process></definitions>'.encode(),
        "p.bpmn",
    )


def form_of(diagram: Diagram, attachments: Mapping[str, bytes] | None = None) -> Form:
    return forms.forms_of(diagram, attachments or {})["review"]


def codes(form: Form) -> list[str]:
    for warning in form.warnings:
        for language in ("en", "zh"):
            said = warning.sentence(language) + warning.remedy(language)
            assert "{" not in said
    return [warning.rule.code for warning in form.warnings]


def components(*given: Mapping[str, Any]) -> Form:
    return forms.form_from_json(json.dumps({"components": given}))


def schema(properties: Mapping[str, Any], /, ui: Any = None, **more: Any) -> Form:
    document = {"type": "object", "properties": properties, **more}
    return forms.form_from_json(json.dumps(document), ui=json.dumps(ui) if ui else None)


# Where a form stands.


@pytest.mark.parametrize(
    ("inside", "attributes"),
    [
        ("", 'officium:form="review.form.json"'),
        ("", 'camunda:formKey="review"'),
        ("", 'camunda:formKey="camunda-forms:deployment:forms/review.form.json"'),
        ("", 'camunda:formRef="Form_review"'),
        ("", 'flowable:formKey="review"'),
        ('<zeebe:formDefinition formId="Form_review"/>', ""),
        ('<zeebe:formDefinition formKey="review"/>', ""),
        (
            '<spiffworkflow:properties><spiffworkflow:property name="formJsonSchemaFilename" value="review.form.json"/>'
            "</spiffworkflow:properties>",
            "",
        ),
    ],
)
@pytest.mark.parametrize("file", ["review.form.json", "forms/review.form.json"])
def test_an_attached_form_is_found_however_a_dialect_names_it(inside: str, attributes: str, file: str) -> None:
    form = form_of(drawn(inside, attributes), {"other.json": b"{}", file: REVIEW})
    assert [field.label for field in form.fields] == ["Plot number 地块号"]
    assert (form.title, form.warnings, form.source) == ("Review the plans", (), Source.FORM_JS)


def test_a_form_may_stand_in_the_diagram() -> None:
    text = escape(REVIEW.decode())
    assert len(form_of(drawn(f"<officium:form>{text}</officium:form>")).fields) == 1
    embedded = drawn(
        '<zeebe:formDefinition formKey="camunda-forms:bpmn:form_1"/>',
        beside=f'<zeebe:userTaskForm id="form_1">{text}</zeebe:userTaskForm>',
    )
    assert len(form_of(embedded).fields) == 1


def test_a_start_event_may_ask_too() -> None:
    diagram = drawn(attributes='officium:form="review.form.json"', kind="startEvent")
    assert len(form_of(diagram, {"review.form.json": REVIEW}).fields) == 1


def test_a_step_that_names_no_form_has_none() -> None:
    assert forms.forms_of(drawn(), {"review.form": REVIEW}) == {}


def test_a_form_that_is_not_attached_keeps_the_diagram_out_of_force() -> None:
    diagram = drawn(attributes='officium:form="gone.form.json"')
    (finding,) = forms.findings(diagram, {})
    assert finding.rule.code == "form-missing"
    assert finding.rule.severity is Severity.BLOCKS
    assert (finding.element, finding.line) == ("review", diagram.elements["review"].line)
    assert finding.sentence("en") == (
        "“Review the plans” asks with the form gone.form.json, but gone.form.json is not there."
    )


@pytest.mark.parametrize(
    ("inside", "attributes"),
    [("", 'camunda:formKey="embedded:app:forms/review.html"'), ('<zeebe:formDefinition formId="Form_9"/>', "")],
)
def test_a_form_that_another_system_keeps_is_told_of_but_does_not_block(inside: str, attributes: str) -> None:
    form = form_of(drawn(inside, attributes))
    assert codes(form) == ["form-elsewhere"]
    assert form.warnings[0].rule.severity is Severity.ATTENTION
    assert forms.fill(form, {}, {}).values == {}


def test_an_attached_form_that_cannot_be_read_says_why_in_both_languages() -> None:
    form = form_of(drawn(attributes='officium:form="a.json"'), {"a.json": b'{"components": [}'})
    assert codes(form) == ["form-unreadable"]
    assert "it is not JSON" in form.warnings[0].sentence("en")
    assert "不是 JSON" in form.warnings[0].sentence("zh")


def test_names_with_braces_are_said_as_they_are() -> None:
    form = form_of(drawn(attributes='officium:form="{form.json"'))
    assert "{form.json is not there" in form.warnings[0].sentence("en")


# Camunda 7.


def form_data(*fields: str) -> Form:
    return form_of(drawn(f"<camunda:formData>{''.join(fields)}</camunda:formData>", 'camunda:formKey="A name"'))


def form_field(attributes: str, constraints: Mapping[str, str] | None = None, more: str = "") -> str:
    rules = "".join(
        f"<camunda:constraint name={quoteattr(name)} config={quoteattr(config)}/>"
        for name, config in (constraints or {}).items()
    )
    return f"<camunda:formField {attributes}>{more}<camunda:validation>{rules}</camunda:validation></camunda:formField>"


def test_camunda_form_data_is_read_with_its_constraints() -> None:
    form = form_data(
        form_field('id="n" label="Storeys" type="long" defaultValue="2"', {"required": "", "min": "1", "max": "40"}),
        form_field('id="t" label="Why" type="string"', {"minlength": "2", "maxlength": "30", "readonly": "true"}),
        form_field('id="d" type="date"', {"required": "false"}),
    )
    n, t, d = form.fields
    assert (n.kind, n.label, n.required, n.minimum, n.maximum) == (
        Kind.INTEGER,
        "Storeys",
        True,
        Decimal(1),
        Decimal(40),
    )
    assert (t.kind, t.min_length, t.max_length, t.readonly, t.required) == (Kind.TEXT, 2, 30, True, False)
    assert (d.kind, d.asked, d.required) == (Kind.DATE, "d", False)
    assert codes(form) == []
    assert forms.begun(form, {}).text("n") == "2"


def test_camunda_options_and_hints_are_read() -> None:
    help_text = '<camunda:properties><camunda:property id="help" value="All that apply"/><camunda:property id="enum_type" value="checkbox"/></camunda:properties>'
    values = '<camunda:value id="a" name="Plans"/><camunda:value id="b"/>'
    (field,) = form_data(form_field('id="e" type="enum"', more=help_text + values)).fields
    assert (field.kind, field.hint) == (Kind.SEVERAL, "All that apply")
    assert field.options == (Option("a", "Plans"), Option("b", "b"))


def test_a_required_question_may_be_answered_with_no() -> None:
    form = form_data(form_field('id="ok" type="boolean"', {"required": "true"}), form_field('id="sure" type="boolean"'))
    assert [field.kind for field in form.fields] == [Kind.RADIO, Kind.YES_NO]
    assert forms.fill(form, {"ok": ["false"]}, {}).values == {"ok": False, "sure": False}
    assert set(forms.fill(form, {}, {}).errors) == {"ok"}


def test_what_camunda_leaves_to_java_is_told_of() -> None:
    form = form_data(
        form_field('id="a" type="string"', {"validator": "com.example.Check", "max": "many"}),
        form_field('id="b" type="file"'),
        form_field('id="c" type="enum"'),
        form_field('id="d" type="colour"'),
        form_field('id="a" type="string"'),
        form_field('type="string"'),
    )
    assert sorted(codes(form)) == sorted(["form-rule-unread"] * 4 + ["form-component-unsupported", "form-key-twice"])
    kinds = {"a": Kind.TEXT, "b": Kind.FILE, "c": Kind.TEXT, "d": Kind.TEXT}
    assert {field.key: field.kind for field in form.fields} == kinds


def test_flowable_form_properties_are_read() -> None:
    form = form_of(
        drawn(
            '<flowable:formProperty id="name" name="Name" type="string" required="true"/>'
            '<flowable:formProperty id="ok" name="Do you agree?" type="boolean" required="true"/>'
            '<flowable:formProperty id="fee" type="double" writable="false"/>'
            '<flowable:formProperty id="secret" readable="false"/>'
            '<activiti:formProperty id="way" type="enum"><activiti:value id="post" name="By post"/></activiti:formProperty>'
        )
    )
    assert [(field.key, field.kind, field.required, field.readonly) for field in form.fields] == [
        ("name", Kind.TEXT, True, False),
        ("ok", Kind.RADIO, True, False),
        ("fee", Kind.NUMBER, False, True),
        ("way", Kind.RADIO, False, False),
    ]


# form-js.


def test_each_kind_of_form_js_has_its_kind() -> None:
    options: dict[str, Any] = {"values": [{"label": "Yes 是", "value": "y"}]}
    kinds: list[tuple[dict[str, Any], Kind]] = [
        ({"type": "textfield"}, Kind.TEXT),
        ({"type": "textarea"}, Kind.LONG_TEXT),
        ({"type": "number"}, Kind.NUMBER),
        ({"type": "number", "decimalDigits": 0}, Kind.INTEGER),
        ({"type": "checkbox"}, Kind.YES_NO),
        ({"type": "radio", **options}, Kind.RADIO),
        ({"type": "select", **options}, Kind.SELECT),
        ({"type": "checklist", **options}, Kind.SEVERAL),
        ({"type": "taglist", **options}, Kind.SEVERAL),
        ({"type": "datetime"}, Kind.DATE),
        ({"type": "datetime", "subtype": "time"}, Kind.TIME),
        ({"type": "datetime", "subtype": "datetime"}, Kind.MOMENT),
    ]
    form = components(*({"key": f"k{at}", **one} for at, (one, _) in enumerate(kinds)))
    assert [field.kind for field in form.fields] == [kind for _, kind in kinds]
    assert codes(form) == []


def test_form_js_rules_are_read_even_where_they_are_written_as_text() -> None:
    form = components(
        {
            "type": "number",
            "key": "n",
            "validate": {"min": "1", "max": 9, "required": True},
            "increment": "0.5",
            "decimalDigits": 2,
        },
        {
            "type": "textfield",
            "key": "t",
            "validate": {"minLength": "2", "maxLength": 5, "pattern": "^[\\u4e00-\\u9fa5]+$"},
        },
        {
            "type": "textfield",
            "key": "e",
            "validate": {"validationType": "email"},
            "appearance": {"suffixAdorner": "m"},
        },
    )
    n, t, e = form.fields
    assert (n.minimum, n.maximum, n.step, n.decimals, n.required) == (Decimal(1), Decimal(9), Decimal("0.5"), 2, True)
    assert (t.min_length, t.max_length) == (2, 5)
    assert (e.entry, e.suffix) == ("email", "m")
    filled = forms.fill(form, {"n": ["2"], "t": ["地块"], "e": ["clerk at office"]}, {})
    assert set(filled.errors) == {"e"}
    assert filled.errors["e"].say("en") == "Enter an email address for “e”, like name@example.org."
    assert set(forms.fill(form, {"n": ["2"], "t": ["plot"], "e": ["a@b.c"]}, {}).errors) == {"t"}


def test_groups_and_lists_give_their_fields_a_place() -> None:
    form = components(
        {"type": "group", "label": "Who", "path": "who", "components": [{"type": "textfield", "key": "name"}]},
        {
            "type": "dynamiclist",
            "path": "papers",
            "defaultRepetitions": 3,
            "components": [{"type": "textfield", "key": "name"}],
        },
    )
    group, rows = form.fields
    assert (group.kind, group.children[0].path, group.children[0].key) == (Kind.GROUP, ("who", "name"), "who.name")
    assert (rows.kind, rows.path, rows.repetitions, rows.children[0].path) == (Kind.ROWS, ("papers",), 3, ("name",))
    assert codes(form) == []


def test_the_layout_gives_the_width_and_fields_of_a_row_share_it() -> None:
    form = components(
        {"type": "textfield", "key": "a", "layout": {"row": "r", "columns": 4}},
        {"type": "textfield", "key": "b", "layout": {"row": "s", "columns": None}},
        {"type": "textfield", "key": "c", "layout": {"row": "s"}},
        {"type": "textfield", "key": "d"},
        {"type": "textarea", "key": "e"},
    )
    assert [field.width for field in form.fields] == [4, 8, 8, 8, 16]


def test_words_of_a_form_are_headings_and_paragraphs_of_plain_text() -> None:
    form = components(
        {"type": "text", "text": "# Invoice\n\nOf **{{who}}**, see [here](https://example.org).\n\n- one\n- two"}
    )
    assert [(field.kind, field.label) for field in form.fields] == [
        (Kind.HEADING, "Invoice"),
        (Kind.WORDS, "Of {{who}}, see here."),
        (Kind.WORDS, "• one"),
        (Kind.WORDS, "• two"),
    ]
    said = forms.for_case(form, {"who": "<b>Wang</b>"}).fields[1].label
    assert said == "Of <b>Wang</b>, see here."


@pytest.mark.parametrize(
    "kind", ["iframe", "html", "documentPreview", "javascript", "image", "table", "expression", "novelty"]
)
def test_what_is_not_shown_here_is_told_at_upload_and_left_out(kind: str) -> None:
    form = components({"type": kind, "key": "x", "label": "The {part}"}, {"type": "textfield", "key": "y"})
    assert [field.key for field in form.fields] == ["y"]
    assert [warning.rule.code for warning in form.warnings] == ["form-component-unsupported"]
    assert "The {part}" in form.warnings[0].sentence("zh")
    assert kind in form.warnings[0].sentence("en")


def test_buttons_and_spacers_are_left_out_without_a_word() -> None:
    form = components({"type": "button", "label": "Submit"}, {"type": "spacer"}, {"type": "separator"})
    assert [field.kind for field in form.fields] == [Kind.SEPARATOR]
    assert codes(form) == []


def test_rules_that_cannot_be_kept_are_told_of() -> None:
    form = components(
        {"type": "textfield", "key": "a", "validate": {"pattern": "(?=x)"}, "conditional": {"hide": "=((("}},
        {"type": "number", "key": "b", "validate": {"min": "=limit"}, "readonly": "=done"},
        {"type": "datetime", "key": "c", "disallowPassedDates": True},
        {"type": "select", "key": "d"},
    )
    assert codes(form) == ["form-rule-unread"] * 6
    assert form.fields[0].pattern is None
    assert form.fields[0].hide_when is None


@pytest.mark.parametrize(("one", "other"), [("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a.b.c", "a.b")])
def test_two_fields_that_would_keep_their_answer_in_one_place_block(one: str, other: str) -> None:
    form = components({"type": "textfield", "key": one}, {"type": "number", "key": other})
    assert codes(form) == ["form-key-twice"]
    assert form.warnings[0].rule.severity is Severity.BLOCKS
    assert [field.key for field in form.fields] == [one]


def test_the_same_key_in_two_lists_is_two_places() -> None:
    row = [{"type": "textfield", "key": "name"}]
    form = components(
        {"type": "dynamiclist", "path": "a", "components": row},
        {"type": "dynamiclist", "path": "b", "components": row},
        {"type": "textfield", "key": "name"},
        {"type": "textfield", "key": "c.name"},
        {"type": "textfield", "key": "c.other"},
    )
    assert codes(form) == []


# JSON Schema.


def test_properties_of_a_json_schema_are_fields() -> None:
    form = schema(
        {
            "name": {"type": "string", "title": "Name 姓名", "description": "As on the card", "maxLength": 9},
            "invoice.amount": {"type": "number", "minimum": 0},
            "storeys": {"type": ["integer", "null"]},
            "on": {"type": "string", "format": "date"},
            "why": {"type": "string"},
            "zone": {"enum": ["R1", "R2"]},
            "use": {"oneOf": [{"const": 1, "title": "Home"}, {"const": 2, "title": "Shop"}]},
            "papers": {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
            "fees": {"type": "array", "items": {"type": "object", "properties": {"sum": {"type": "number"}}}},
            "names": {"type": "array", "items": {"type": "string"}},
            "who": {"type": "object", "title": "Who", "properties": {"name": {"type": "string"}}},
            "sure": {"type": "boolean"},
        },
        ui={"why": {"ui:widget": "textarea", "ui:help": "In full"}, "ui:order": ["sure", "*"]},
        required=["name"],
        title="Application",
    )
    assert form.title == "Application"
    fields = {field.label: field for field in form.fields}
    assert form.fields[0].key == "sure"
    assert {label: field.kind for label, field in fields.items()} == {
        "sure": Kind.YES_NO,
        "Name 姓名": Kind.TEXT,
        "invoice.amount": Kind.NUMBER,
        "storeys": Kind.INTEGER,
        "on": Kind.DATE,
        "why": Kind.LONG_TEXT,
        "zone": Kind.RADIO,
        "use": Kind.RADIO,
        "papers": Kind.SEVERAL,
        "fees": Kind.ROWS,
        "names": Kind.ROWS,
        "Who": Kind.GROUP,
    }
    assert fields["why"].hint == "In full"
    typed = {
        "name": ["王芳"],
        "invoice.amount": ["1,200"],
        "names[0]": ["a"],
        "fees[0].sum": ["2"],
        "who.name": ["b"],
        "use": ["2"],
    }
    filled = forms.fill(form, typed, {})
    assert filled.errors == {}
    assert filled.values["invoice.amount"] == 1200
    assert (filled.values["names"], filled.values["fees"], filled.values["who"]) == (["a"], [{"sum": 2}], {"name": "b"})
    assert filled.values["use"] == 2


def test_the_schema_has_the_last_word_on_the_whole() -> None:
    form = schema(
        {
            "n": {"type": "number", "title": "Height", "exclusiveMinimum": 0},
            "l": {"type": "array", "title": "List", "items": {"type": "string"}, "uniqueItems": True},
        },
        anyOf=[{"required": ["n"]}, {"required": ["m"]}],
    )
    assert codes(form) == ["form-rule-unread"]
    assert forms.fill(form, {"n": ["0"]}, {}).errors["n"].say("en") == "“Height” must be more than 0."
    twice = forms.fill(form, {"n": ["1"], "l[0]": ["a"], "l[1]": ["a"]}, {})
    assert twice.errors["l"].say("zh") == "请检查“List”：表单不接受该答案（uniqueItems）。"
    assert "do not fit together (anyOf)" in forms.fill(form, {}, {}).errors[""].say("en")
    assert forms.fill(form, {"n": ["1"]}, {}).errors == {}


def test_the_draft_that_the_schema_names_is_the_one_that_counts() -> None:
    four = schema(
        {"n": {"type": "number", "minimum": 1, "exclusiveMinimum": True}},
        **{"$schema": "http://json-schema.org/draft-04/schema#"},
    )
    assert set(forms.fill(four, {"n": ["1"]}, {}).errors) == {"n"}
    with pytest.raises(forms.NotAForm):
        schema(
            {"n": {"type": "number", "exclusiveMinimum": True}},
            **{"$schema": "https://json-schema.org/draft/2020-12/schema"},
        )


def test_steps_of_a_schema_are_exact_too() -> None:
    form = schema({"n": {"type": "number", "multipleOf": 0.1}})
    assert forms.fill(form, {"n": ["0.3"]}, {}).errors == {}


def test_what_nobody_can_answer_is_not_demanded() -> None:
    form = schema(
        {
            "scan": {"type": "null"},
            "no": {"type": "string", "readOnly": True},
            "a": {"type": "string"},
        },
        required=["scan", "no", "a"],
    )
    assert codes(form) == ["form-component-unsupported"]
    assert forms.fill(form, {"a": ["x"]}, {}).errors == {}
    assert set(forms.fill(form, {}, {}).errors) == {"a"}


def test_references_within_a_schema_are_followed() -> None:
    form = schema(
        {"a": {"$ref": "#/definitions/money", "title": "Fee"}}, definitions={"money": {"type": "number", "minimum": 1}}
    )
    assert (form.fields[0].kind, form.fields[0].label, form.fields[0].minimum) == (Kind.NUMBER, "Fee", Decimal(1))
    assert "$ref" not in json.dumps(form.schema)


# Real diagrams.


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of diagrams at {CORPUS}")
def test_forms_of_real_offices_are_read() -> None:
    def of(name: str) -> Mapping[str, Form]:
        return forms.forms_of(read((CORPUS / name).read_bytes(), name), {})

    review = of("us-irb-drug-submission.bpmn")["Task_EnterIDSFeeStructure"]
    assert [(field.kind, field.required, len(field.options)) for field in review.fields] == [(Kind.RADIO, True, 2)]
    start = of("it-suap-two-offices.bpmn")["startevent1"]
    assert [field.key for field in start.fields] == ["entrepreneur", "document"]
    permit = of("nl-event-permit.bpmn")
    assert {code for form in permit.values() for code in codes(form)} == {"form-elsewhere"}
    for path in CORPUS.rglob("*.bpmn"):
        for form in of(str(path.relative_to(CORPUS))).values():
            codes(form)
            forms.fill(form, {}, {})


def test_a_schema_and_what_is_said_of_its_looks_may_stand_in_one_file() -> None:
    """As form editors for JSON Schema save it."""
    schema = {"type": "object", "properties": {"note": {"type": "string"}, "age": {"type": "integer"}}}
    looks = {"note": {"ui:widget": "textarea"}, "ui:order": ["age", "*"]}
    for key in ("uiSchema", "ui_schema", "uischema"):
        form = forms.form_from_json(json.dumps({"schema": schema, key: looks, "formData": {}}))
        assert [(one.key, one.kind) for one in form.fields] == [("age", Kind.INTEGER), ("note", Kind.LONG_TEXT)]
