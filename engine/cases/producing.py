"""What a document of a case is made from: the template of the edition, and what the case knows, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.base import clock
from engine.base.frozen import frozen
from engine.base.text import Language, Name, Text, day_in_full
from engine.cases import rules
from engine.cases.drafts import draft
from engine.cases.papers import issued_so_far
from engine.cases.reads import CasePage, TaskPage, task
from engine.diagram import forms
from engine.diagram.notice import NOTICE, NotANotice, read
from engine.organisation.reads import office
from engine.organisation.rules import Actor
from engine.papers.documents import Lacking, Made, NotMade, made, title_of
from engine.procedures.editions import contents, made_at
from engine.procedures.reads import element_forms
from engine.procedures.runnable import runnable

_BOTH: Final = re.compile(r"([^\u2e80-\uffff]*[A-Za-z)][^\u2e80-\uffff]*)\s([\u2e80-\uffff].*)", re.DOTALL)
_PLAIN: Final = forms.Field("", forms.Kind.TEXT)


@frozen
class Offer:
    """A document that can be made at a step."""

    template: str
    title: Text

    @property
    def is_pdf(self) -> bool:
        return self.template.lower().endswith(NOTICE)


@frozen
class Prepared:
    """Everything that making it needs; nothing of it is asked of the database again."""

    offer: Offer
    content: bytes
    facts: Mapping[str, Any]
    language: Language
    issued: int
    number: str

    @property
    def title(self) -> str:
        return in_language(self.offer.title.say(self.language), self.language)


def offered(db: Connection, page: TaskPage) -> tuple[Offer, ...]:
    """What the step says is to be made at it, as far as the edition carries the templates."""
    if page.line.kind is not None:
        return ()
    held = contents(db, page.edition_id).attachments
    return tuple(
        Offer(path, _in_both(title_of(path, held[path]))) for path in made_at(db, page.edition_id, page.line.element)
    )


def _in_both(title: Text) -> Text:
    """A designer may have called it in both languages at once."""
    return Name(in_language(title.say("en"), "en"), in_language(title.say("zh"), "zh"))


def prepared(db: Connection, *, actor: Actor, case_id: int, number: int, template: str, language: str) -> Prepared:
    """Raises NotFound, NothingToProduce."""
    page = task(db, actor=actor, case_id=case_id, number=number)
    offer = next((one for one in offered(db, page) if one.template == template), None)
    if offer is None:
        raise rules.NothingToProduce(template=template[:80])
    content = contents(db, page.edition_id).attachments[template]
    spoken: Language = "zh" if language == "zh" else "en"
    issued = issued_so_far(db, case_id) + 1
    bears = f"{page.case.number}-{_mark(template, content)}{issued}"
    answers = {**_answers(db, page.case, spoken), **_typed(db, page, actor, spoken)}
    facts = {**answers, **_facts(db, page, actor, spoken, bears)}
    return Prepared(offer, content, facts, spoken, issued, bears)


def _typed(db: Connection, page: TaskPage, actor: Actor, language: Language) -> dict[str, Any]:
    """What the person has typed at this very step and not sent yet: a notice is made before the step is done."""
    sheet = draft(db, actor=actor, case_id=page.case.case_id, number=page.line.number)
    if page.form is None or sheet is None:
        return {}
    values = forms.fill(page.form, sheet.typed, page.case.answers).values
    fields = {one.path: one for one in forms.every_field(page.form.fields)}
    said = {key: _in_words(fields.get((key,)), value, language) for key, value in values.items()}
    return {key: words for key, words in said.items() if words not in (None, "")}


def _mark(template: str, content: bytes) -> str:
    if not template.lower().endswith(NOTICE):
        return "D"
    try:
        return read(content, template).mark or "D"
    except NotANotice:
        return "D"


def produced(one: Prepared) -> tuple[Made, str]:
    """The document and the name of its file. Needs no database. Raises DocumentLacks, DocumentFails."""
    try:
        document = made(one.offer.template, one.content, one.facts, one.language)
    except Lacking as lacking:
        names = ", ".join(lacking.names)
        raise rules.DocumentLacks(template=one.title, missing=names) from None
    except NotMade as fault:
        raise rules.DocumentFails(template=one.title, why=fault.why) from None
    return document, f"{one.number} {one.title}.{document.kind}"


def _facts(db: Connection, page: TaskPage, actor: Actor, language: Language, bears: str) -> dict[str, Any]:
    """What the case and the office are called: they stand over answers of the same name."""
    case, here = page.case, office(db)
    post = next((held for held in actor.posts if held.post_id == page.line.post_id), None)
    return {
        "office": here.name.say(language),
        "department": page.line.department.say(language),
        "post": page.line.post.say(language) if post is None else Name(post.name_en, post.name_zh).say(language),
        "person": (actor.name_zh if language == "zh" else actor.name_en) or actor.name_en,
        "applicant": case.applicant,
        "matter": case.matter,
        "number": case.number,
        "document_number": bears,
        "procedure": in_language(case.procedure, language),
        "step": in_language(page.line.name, language),
        "today": _day(clock.now(), here.zone_info, language),
        "received_on": _day(case.started_at, here.zone_info, language),
        **({"due_on": _day(page.line.due_at, here.zone_info, language)} if page.line.due_at else {}),
        "opinions": _opinions(case, language),
    }


def _answers(db: Connection, case: CasePage, language: Language) -> dict[str, Any]:
    by_element = element_forms(db, case.edition_id)
    start = runnable(db, case.edition_id).start_form
    found: dict[str, Any] = {}
    for entry in case.record:
        answers = entry.facts.get("answers")
        if not answers:
            continue
        form = start if entry.act == "start_case" else by_element.get(entry.facts.get("element", ""))
        fields = {one.path: one for one in forms.every_field(form.fields)} if form is not None else {}
        for key, value in answers.items():
            words = _in_words(fields.get((key,)), value, language)
            if words is None or words == "":
                found.pop(key, None)  # taken back
            else:
                found[key] = words
    return found


def _in_words(field: forms.Field | None, value: Any, language: Language) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict) and "sha256" not in value[0]:
        return [_in_words(None, row, language) for row in value]
    if field is not None and value is not None:
        return _answer(field, value, language)
    if isinstance(value, dict):
        return {name: _in_words(None, each, language) for name, each in value.items()}
    return None if value is None else _PLAIN.said(value, language)


def _answer(field: forms.Field, value: Any, language: Language) -> str:
    if field.options or isinstance(value, bool):
        values = value if isinstance(value, list) else [value]
        labels = (in_language(_label(field, one, language), language) for one in values)
        return ("、" if language == "zh" else ", ").join(labels)
    return field.said(value, language)


def _label(field: forms.Field, value: Any, language: Language) -> str:
    return next((option.label for option in field.options if option.value == value), _PLAIN.said(value, language))


def in_language(words: str, language: Language) -> str:
    """A designer's label that says it in English and then in Chinese, in one of them."""
    found = _BOTH.fullmatch(words)
    if found is None:
        return words
    return (found[2] if language == "zh" else found[1]).strip()


def _opinions(case: CasePage, language: Language) -> list[str]:
    return list(_given(case, language))


def _given(case: CasePage, language: Language) -> Iterator[str]:
    for entry in case.record:
        words = entry.facts.get("words") or entry.facts.get("note")
        if entry.act in ("give_opinion", "sign", "countersign") and isinstance(words, str) and words:
            who = entry.person.say(language) if entry.person else ""
            yield f"{who}：{words}" if language == "zh" else f"{who}: {words}"


def _day(at: datetime, zone: ZoneInfo, language: Language) -> str:
    return day_in_full(at.astimezone(zone).date(), language)
