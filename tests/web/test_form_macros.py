"""Forms as they are drawn on a page: everything tied to its label, nothing of a stranger's run as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html

from engine.base.text import Language
from engine.diagram import forms
from engine.diagram.forms import Field, Filled, Form, Kind, Option, Source

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
HOSTILE = """"><script>alert('{{7*7}}')</script>&amp;' onfocus="x" {"""
macros: Any = (
    Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    .get_template("macros/form.html")
    .module
)

KINDS = [kind for kind in Kind if kind not in (Kind.ROWS, Kind.GROUP)]


def of_every_kind(**facts: Any) -> tuple[Field, ...]:
    options = (Option("a", facts.get("label", "A")), Option(HOSTILE, "B"), Option(3, "C"))
    return tuple(Field(kind.value, kind, path=(kind.value,), **{"options": options, **facts}) for kind in KINDS)


def everything(**facts: Any) -> Form:
    """Every kind at the top, in a group, in rows and in rows of rows."""
    inner = Field("inner", Kind.ROWS, path=("inner",), children=of_every_kind(**facts), **facts)
    return Form(
        "All",
        (
            *of_every_kind(**facts),
            Field("#1", Kind.GROUP, children=(Field("in group", Kind.TEXT, path=("g",), **facts),), **facts),
            Field("rows", Kind.ROWS, path=("rows",), children=(*of_every_kind(**facts), inner), **facts),
            Field("dates", Kind.ROWS, path=("dates",), children=(Field("", Kind.DATE),), **facts),
        ),
        Source.FORM_JS,
    )


def page(form: Form, filled: Filled, language: Language = "en", *, hide: bool = False) -> Any:
    drawn = macros.summary(filled.errors, language) + macros.fields(form, filled, language, hide=hide)
    return html.document_fromstring(f"<html><body><form>{drawn}</form></body></html>")


def sent_by(tree: Any) -> dict[str, list[str]]:
    """What a browser without a script would send from this page."""
    sent: dict[str, list[str]] = {}
    for one in tree.xpath("//input | //select | //textarea"):
        if one.tag == "select":
            values = one.xpath("./option[@selected]/@value") or one.xpath("./option[1]/@value")
        elif one.tag == "textarea":
            values = [(one.text or "").removeprefix("\n").replace("\n", "\r\n")]
        elif one.get("type") in ("checkbox", "radio"):
            values = [one.get("value")] if one.get("checked") is not None else []
        else:
            values = [one.get("value")]
        if values:
            sent.setdefault(one.get("name"), []).extend(str(value) for value in values)
    return sent


def faulty() -> tuple[Form, Filled]:
    form = everything(label="Label 标签", hint="A hint", required=True)
    typed: dict[str, Sequence[str]] = {
        "rows[]": ["0", "2"],
        "rows[0].inner[]": ["0"],
        "dates[]": ["0"],
        "dates[0]": ["x"],
    }
    for kind in KINDS:
        for place in ("", "rows[0].", "rows[2].", "rows[0].inner[0]."):
            typed[f"{place}{kind.value}"] = ["?"]
    return form, forms.fill(form, typed, {})


def test_every_id_is_there_once_and_every_reference_leads_somewhere() -> None:
    form, filled = faulty()
    tree = page(form, filled)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not [one for one in ids if any(letter.isspace() for letter in one)]
    assert set(tree.xpath("//label/@for")) <= set(ids)
    assert {one for names in tree.xpath("//@aria-describedby | //@aria-labelledby") for one in names.split()} <= set(
        ids
    )
    assert {link.removeprefix("#") for link in tree.xpath("//a/@href")} <= set(ids)
    assert len(tree.xpath("//*[@id='o-summary']//a")) == len(filled.errors) > 30


def test_every_control_has_a_label_of_its_own_and_every_choice_a_legend() -> None:
    tree = page(*faulty())
    labelled = set(tree.xpath("//label/@for"))
    for one in tree.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert one.get("id") in labelled
    for fieldset in tree.xpath("//fieldset"):
        assert fieldset[0].tag == "legend"
        assert fieldset[0].text_content().strip()
    for radio in tree.xpath("//input[@type='radio']"):
        assert next(radio.iterancestors("fieldset"), None) is not None


def test_each_fault_stands_at_its_field_and_is_read_out_with_it() -> None:
    form, filled = faulty()
    tree = page(form, filled)
    for name, fault in filled.errors.items():
        link = next(one for one in tree.xpath("//*[@id='o-summary']//a") if one.text == fault.say("en"))
        target = tree.get_element_by_id(link.get("href").removeprefix("#"))
        described = target if target.get("aria-describedby") else next(target.iterancestors("fieldset"))
        said = [tree.get_element_by_id(one).text_content() for one in described.get("aria-describedby").split()]
        assert any(fault.say("en") in one for one in said), name
        assert "A hint" in said or name.startswith("dates")


def test_without_faults_there_is_no_summary_and_nothing_is_marked() -> None:
    drawn = macros.fields(everything(), Filled(), "en")
    assert macros.summary({}, "en") == ""
    assert "o-error" not in drawn
    assert "aria-invalid" not in drawn


def test_a_fault_of_the_whole_form_stands_in_the_summary_without_a_link() -> None:
    form = forms.form_from_json(
        json.dumps({"type": "object", "properties": {"a": {"type": "string"}}, "minProperties": 1})
    )
    tree = page(form, forms.fill(form, {}, {}), "zh")
    (item,) = tree.xpath("//*[@id='o-summary']//li")
    assert "minProperties" in item.text_content()
    assert not item.xpath(".//a")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_of_a_stranger_becomes_markup(language: Language) -> None:
    form = everything(label=HOSTILE, hint=HOSTILE, prefix=HOSTILE, suffix=HOSTILE, pattern="^x$", default=HOSTILE)
    form = Form(
        HOSTILE,
        (*form.fields, Field(HOSTILE, Kind.RADIO, HOSTILE, path=(HOSTILE,), options=(Option(HOSTILE, HOSTILE),))),
        form.source,
    )
    typed = {f"{place}{kind.value}": [HOSTILE] for kind in KINDS for place in ("", "rows[1].")} | {HOSTILE: ["y"]}
    filled = forms.fill(form, typed, {})
    assert HOSTILE in filled.errors
    readonly = everything(label=HOSTILE, readonly=True)
    values = {kind.value: HOSTILE for kind in KINDS} | {"rows": [{"text": HOSTILE}]}
    for drawn in (
        macros.summary(filled.errors, language),
        macros.fields(form, filled, language),
        macros.fields(readonly, Filled(typed=typed), language),
        macros.shown(form, values, language),
    ):
        tree: Any = html.document_fromstring(f"<html><body>{drawn}</body></html>")
        assert not tree.xpath("//script | //@style | //@onfocus | //@onclick | //style")
        assert HOSTILE in tree.text_content() or HOSTILE in tree.xpath("//@value")
        assert "<script" not in drawn


def test_what_was_typed_is_shown_again_and_sent_again_the_same() -> None:
    form = everything(label="L")
    typed = {
        "text": ['<b> & "q"'],
        "long text": ["\n\nlines\n and  spaces"],
        "number": ["1,200"],
        "date": ["2026-02-30"],
        "time": ["14:05"],
        "date and time": ["2026-11-21T09:30"],
        "yes/no": ["true"],
        "radio": ["3"],
        "select": [HOSTILE],
        "several": ["a", HOSTILE],
        "in group": ["x"],
        "rows[]": ["0", "4"],
        "rows[0].text": ["in a row"],
        "rows[4].inner[]": ["1"],
        "rows[4].inner[1].several": ["3"],
        "dates[]": ["0"],
        "dates[0]": ["2026-11-21"],
    }
    first = forms.fill(form, typed, {})
    again = forms.fill(form, sent_by(page(form, first)), {})
    assert again.values == first.values
    assert set(again.errors) == set(first.errors) == {"date"}
    assert again.text("date") == "2026-02-30"
    assert again.rows("rows") == (0, 4)


def test_a_wrong_date_is_shown_in_a_field_that_can_show_it() -> None:
    form = Form("", (Field("d", Kind.DATE, path=("d",)), Field("e", Kind.DATE, path=("e",))), Source.FORM_JS)
    tree = page(form, forms.fill(form, {"d": ["31 June"], "e": ["1/6/2026"]}, {}))
    assert [(one.get("type"), one.get("value")) for one in tree.xpath("//input")] == [
        ("text", "31 June"),
        ("date", "2026-06-01"),
    ]


def test_only_what_is_optional_is_marked_and_a_choice_can_be_taken_back() -> None:
    tree = page(everything(label="L"), Filled())
    assert tree.xpath("//label[@for='f-text']//*[@class='o-optional']/text()") == ["(optional)"]
    assert tree.xpath("//input[@name='radio' and @value='']")
    tree = page(everything(label="L", required=True), Filled(), "zh")
    assert not tree.xpath("//*[@class='o-optional']")
    assert not tree.xpath("//input[@name='radio' and @value='']")


def test_numbers_bring_up_the_keyboard_of_numbers() -> None:
    tree = page(everything(), Filled())
    assert tree.xpath("//input[@name='number']/@inputmode") == ["decimal"]
    assert tree.xpath("//input[@name='integer']/@inputmode") == ["numeric"]
    assert not tree.xpath("//input[@type='number']")


def test_the_return_key_never_removes_a_row() -> None:
    tree = page(everything(), Filled(typed={"rows[]": ["0"]}))
    first = tree.xpath("//button")[0]
    assert first.get("name") is None
    assert first.get("tabindex") == "-1"
    wishes = [button.get("value") for button in tree.xpath("//button[@name='o-rows']")]
    assert wishes == ["add rows[0].inner", "drop rows[0]", "add rows", "add dates"]


def test_a_button_adds_the_row_it_says() -> None:
    form = everything()
    sent = sent_by(page(form, Filled(typed={"rows[]": ["0"]})))
    more = forms.rearranged(form, {**sent, "o-rows": ["add rows[0].inner"]})
    assert more is not None
    assert more.rows("rows[0].inner") == (0,)


def test_without_a_script_what_a_condition_hides_is_shown_and_with_one_it_is_not() -> None:
    fields = (Field("no", Kind.YES_NO, path=("no",)), Field("why", Kind.TEXT, path=("why",), hide_when="no"))
    form = Form("", fields, Source.FORM_JS)
    filled = forms.fill(form, {"no": ["true"]}, {})
    assert page(form, filled).xpath("//input[@name='why']")
    assert not page(form, filled, hide=True).xpath("//input[@name='why']")


def test_what_may_only_be_read_is_text() -> None:
    form = everything(label="L", readonly=True)
    tree = page(form, Filled(typed={"radio": ["3"], "yes/no": ["true"], "text": ["known"]}))
    assert not tree.xpath("//input[not(@type='hidden')] | //select | //textarea")
    assert {"C", "Yes", "known"} <= set(tree.xpath("//dd/text()"))


def test_answers_are_shown_in_words_and_what_was_hidden_is_left_out() -> None:
    form = everything(label="L")
    values: Mapping[str, Any] = {
        "yes/no": False,
        "several": ["a", 3],
        "text": None,
        "date and time": "2026-11-21T09:30:00",
        "rows": [{"radio": 3, "inner": []}, {"text": "second"}],
        "dates": ["2026-11-21"],
    }
    tree: Any = html.fromstring(f"<div>{macros.shown(form, values, 'zh')}</div>")
    top = [answer.text_content().strip() for answer in tree.xpath("./dl/dd")]
    assert top[:4] == ["未填写", "2026年11月21日 09:30", "否", "L、C"]
    assert [row.text_content().split() for row in tree.xpath("./dl/dd/ol/li")] == [
        ["L", "C", "L", "未填写"],
        ["L", "second"],
        ["2026年11月21日"],
    ]
    for definitions in tree.xpath("//dl"):
        assert {one.tag for one in definitions} <= {"dt", "dd"}
