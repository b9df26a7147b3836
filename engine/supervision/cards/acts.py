"""What is done with cards: a case is looked at and gets them, they are answered and lifted, the rules change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, insert, select

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.base.text import Name, Text
from engine.cases.acts.moving import CASE, Note, keep_note
from engine.cases.marks import mark
from engine.cases.rules import Mark
from engine.notices.acts import tell_post
from engine.notices.kept import on_office
from engine.organisation.reads import office, person_name, post_name
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names
from engine.supervision.cards import kept, rules
from engine.supervision.cards.firing import Fires, Firing, firing
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.line import line_above, reached
from engine.supervision.cards.looking import seen
from engine.supervision.cards.rules import Rule
from engine.supervision.cards.seen import AFTER_THE_END, Looked, next_change
from engine.supervision.cards.tables import card_tables
from engine.supervision.cards.words import because, summary, written_done

_MARKS: Final = {Kind.YELLOW: Mark.YELLOW_CARD, Kind.RED: Mark.RED_CARD, Kind.ESCALATION: Mark.SENT_UP}


def look_at_case(db: Connection, *, case_id: int) -> bool:
    """Gives every card whose rule holds now and has not fired on that occasion, and says when to look again.

    False where it was not due, and of a chain that is no case's. Nothing is given while the clock of the case stands;
    of escalations that are due together the lowest is, and the next on the working day after.
    """
    row = kept.case_row(db, case_id)
    at = clock.now()
    if not kept.is_due(db, case_id, at):
        return False
    table = kept.in_use(db)
    case = None if row is None else seen(db, [case_id], at).get(case_id)
    if case is None:  # a chain of the record that is no case's
        kept.look_next(db, case_id, None)
        return False
    fired = kept.given_in(db, case_id)
    over = case.ended_at is not None and at - case.ended_at > AFTER_THE_END
    turn = Firing(()) if case.rests or over else firing(table.on, case, fired, kept.sent_up(db, case_id), at)
    for fires in turn.now:
        _give(db, table.version, fires, at)
        fired |= {(fires.rule.key, fires.occasion)}
    after = None if case.ended_at is not None else next_change(table.on, case, fired, at)
    kept.look_next(db, case_id, after if turn.later is None or after is None else min(after, turn.later))
    return True


def _give(db: Connection, version: int, fires: Fires, at: datetime) -> None:
    rule, one = fires.rule, fires.one
    to = kept.addressed(db, one)
    above = line_above(db, to.post_id)
    superior = reached(above, max(rule.level, 1))
    number = one.step.number if one.step is not None else None
    facts = {name: one.facts[name] for name in sorted(rule.read().facts)}
    done = kept.done_so_far(db, one.case.case_id, number) if rule.kind is Kind.ESCALATION and number is not None else ()
    card_id = new_id()
    kept.add_card(
        db,
        {
            "id": card_id, "case_id": one.case.case_id, "task_number": number, "kind": int(rule.kind),
            "level": rule.level, "version": version, "post_id": to.post_id, "person_id": to.person_id,
            "department_id": to.department_id, "superior_id": superior, "given_at": at, "rule": rule.key,
            "occasion": fires.occasion, "facts": _facts(rule, facts, done),
        },
    )  # fmt: skip
    shown_at = kept.lead(one)
    if shown_at is not None:
        words = f"{rule.name.en}\n{rule.name.zh}"
        mark(db, case_id=one.case.case_id, number=shown_at, kind=_MARKS[rule.kind], at=at, person_id=None,
             department_id=to.department_id, words=words)  # fmt: skip
    _record(db, one.case.case_id, "give_card", None, to.post_id, {
        "card": card_id, "kind": rule.kind.name.lower(), "level": rule.level, "rule": rule.key, "version": version,
        "names": [rule.name.en, rule.name.zh], "post": [to.post.en, to.post.zh], "task": number,
        "department": [to.department.en, to.department.zh], "superior": superior, "because": _told(because(facts)),
    })  # fmt: skip
    _tell_given(db, rule, one, to, superior, summary(done, office(db).zone_info))


def _facts(rule: Rule, facts: dict[str, Any], done: Sequence[Any]) -> str:
    plain = {name: value if isinstance(value, bool | str) else float(value) for name, value in facts.items()}
    names = {"en": rule.name.en, "zh": rule.name.zh}
    return orjson.dumps({"facts": plain, "done": written_done(done), "rule": names}).decode()


def _told(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _tell_given(db: Connection, rule: Rule, one: Looked, to: kept.Addressed, superior: int | None, done: Text) -> None:
    """The post it went to and the one above; an escalation only the post it reached, with what was done so far."""
    facts: dict[str, Any] = {"department": to.department, "outcome": rule.name}
    if one.step is not None:
        name = element_names(db, one.step.edition_id).get(one.step.element, one.step.element)
        facts["task"] = Name(name, name)
    about = {"case_id": one.case.case_id, "task_number": one.step.number if one.step is not None else None}
    if rule.kind is Kind.ESCALATION:
        facts["why"] = done
        if superior is not None:
            tell_post(db, post_id=superior, kind="sent_up", facts=facts, procedure_id=one.case.procedure_id, **about)
        return
    told = "yellow_card" if rule.kind is Kind.YELLOW else "red_card"
    for post in dict.fromkeys(post for post in (to.post_id, superior) if post is not None):
        tell_post(db, post_id=post, kind=told, facts=facts, procedure_id=one.case.procedure_id, **about)


def _record(db: Connection, case_id: int, act: str, by: Actor | None, post: int | None, facts: dict[str, Any]) -> None:
    """On the chain of the case, also when it has ended: what is said of a case stands with it."""
    row = kept.case_row(db, case_id)
    if row is None:
        raise NotFound(what=CASE)
    keep_note(db, row, Note(act, by, post, facts))


def answer_card(db: Connection, *, by: Actor, card_id: int, words: str) -> None:
    """The explanation of the post it went to; of an escalation by the post it reached.

    Raises NotYoursToAnswer, CardAnswered, CardLifted, AnswerWordsMissing.
    """
    row, case = _locked(db, card_id)
    post = row.superior_id if row.kind == Kind.ESCALATION and row.superior_id is not None else row.post_id
    if not rules.may_answer(by, post, case.procedure_id):
        raise rules.NotYoursToAnswer(post=post_name(db, post))
    _must_stand(db, row)
    said = rules.fit_words(words, rules.AnswerWordsMissing)
    if (row.answered_by, row.answer) == (by.person_id, said):  # the same sent again
        return
    if row.answered_at is not None:
        raise rules.CardAnswered(person=person_name(db, row.answered_by), at=row.answered_at)
    at = clock.now()
    kept.change_card(db, row, answered_at=at, answered_by=by.person_id, answer=said)
    _record(db, row.case_id, "answer_card", by, post, {"card": row.id, "task": row.task_number, "note": said})
    if row.kind != Kind.ESCALATION and row.superior_id is not None:
        _tell(db, row, by, "card_answered", (row.superior_id,), said)


def lift_card(db: Connection, *, by: Actor, card_id: int, words: str) -> None:
    """By the supervision office, with a reason; nobody in their own matter.

    Raises NotAllowed, OwnCard, NotLifted, CardLifted, LiftReasonMissing.
    """
    rules.must_inspect(by)
    row, _case = _locked(db, card_id)
    if row.kind == Kind.ESCALATION:
        raise rules.NotLifted()
    rules.must_not_be_addressed(by, (row.post_id, row.superior_id), row.person_id)
    said = rules.fit_words(words, rules.LiftReasonMissing)
    if (row.lifted_by, row.lifted_why) == (by.person_id, said):  # the same sent again
        return
    _must_stand(db, row)
    kept.change_card(db, row, lifted_at=clock.now(), lifted_by=by.person_id, lifted_why=said)
    kept.take_mark_off(db, row, _MARKS[Kind(row.kind)])
    _record(db, row.case_id, "lift_card", by, None, {"card": row.id, "task": row.task_number, "reason": said})
    _tell(db, row, by, "card_lifted", (row.post_id, row.superior_id), said)


def _locked(db: Connection, card_id: int) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    """The case first, as every act on one does; then the card as it stands under that lock."""
    case = kept.case_row(db, kept.card_row(db, card_id).case_id)
    if case is None:
        raise NotFound(what=CASE)
    return kept.card_row(db, card_id), case


def _must_stand(db: Connection, row: Row[*tuple[Any, ...]]) -> None:
    if row.lifted_at is not None:
        raise rules.CardLifted(person=person_name(db, row.lifted_by), at=row.lifted_at)


def _tell(
    db: Connection, row: Row[*tuple[Any, ...]], by: Actor, kind: str, to: Sequence[int | None], words: str
) -> None:
    named = orjson.loads(row.facts)["rule"]
    facts = {"who": by.name, "outcome": Name(named["en"], named["zh"]), "why": words}
    for post in dict.fromkeys(post for post in to if post is not None):
        tell_post(
            db, post_id=post, kind=kind, facts=facts, case_id=row.case_id, task_number=row.task_number,
            except_for=by.person_id,
        )  # fmt: skip


def save_rules(db: Connection, *, by: Actor, table: Sequence[Rule], why: str, base: int) -> int:
    """A new version, by which every case is looked at from now on; cards keep the version that gave them.

    `base`: the version it was made from; the same sent again is the version there is. Raises NotAllowed, RowFaults, TooManyRules, WhyChanged, NothingChanged,
    SavedMeanwhile.
    """
    rules.must_inspect(by)
    before = kept.in_use(db)
    db.execute(
        select(card_tables.c.version)
        .where(card_tables.c.office_id == OFFICE, card_tables.c.version == before.version)
        .with_for_update()
    )
    before = kept.in_use(db)
    fitted, _always = rules.fit_table(table)
    if before.version != base:
        if before.version == base + 1 and fitted == before.rules and _saved_so(db, by, before.version, why):
            return before.version
        raise rules.SavedMeanwhile(version=before.version)
    if fitted == before.rules:
        raise rules.NothingChanged()
    said = rules.fit_words(why, rules.WhyChanged)
    version = before.version + 1
    db.execute(
        insert(card_tables).values(
            office_id=OFFICE, version=version, saved_at=clock.now(), saved_by=by.person_id, why=said,
            rules=rules.written(fitted), swept_to=0,
        )
    )  # fmt: skip
    on_office(db, by, "save_card_rules", {
        "version": version, "why": said, "rules": orjson.loads(rules.written(fitted)),
        "changed": [(one.after or one.before).key for one in rules.differences(before.rules, fitted)],  # type: ignore[union-attr]
    })  # fmt: skip
    return version


def _saved_so(db: Connection, by: Actor, version: int, why: str) -> bool:
    """By the same person, with the same words."""
    row = db.execute(
        select(card_tables.c.saved_by, card_tables.c.why).where(
            card_tables.c.office_id == OFFICE, card_tables.c.version == version
        )
    ).one()
    return (row.saved_by, row.why) == (by.person_id, rules.fit_words(why, rules.WhyChanged))
