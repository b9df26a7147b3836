"""Scenarios belong to an edition: kept and dropped by acts, carried on, played again, told where they differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, select, update

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.diagram import trial
from engine.diagram.trial import Beginning, Move, Scenario, ScenarioStep
from engine.procedures import acts, exchange, rules, scenarios, trials
from engine.procedures.package import unpacked
from engine.procedures.tables import editions
from engine.procedures.trials import Sent
from engine.records.tables import entries
from tests.builders import SmallOffice
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE

RECEIVE = ScenarioStep(
    Move.COMPLETE, "receive", {"plot": "12"}, {"complete": ("complete_to_split",)}, then=("fire", "plans")
)
GOOD = Scenario("Received 收件", Beginning(), (RECEIVE,), False)


@pytest.fixture
def draft(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        by = office.actor(db, "he")
        procedure = acts.open_procedure(db, by=by, name="P", prefix="BP", department_id=office.departments["review"])
        return acts.deposit(
            db, by=by, procedure_id=procedure, file="a.bpmn", source=TWO_DEPARTMENTS, attachments=TWO_DEPARTMENTS_BESIDE
        )


def keep(db: Connection, office: SmallOffice, edition: int, scenario: Scenario = GOOD, key: str | None = None) -> str:
    return acts.keep_scenario(db, by=office.actor(db, "he"), edition_id=edition, scenario=scenario, key=key)


def recorded(db: Connection, act: str) -> list[dict[str, Any]]:
    rows = db.execute(select(entries.c.facts).where(entries.c.act == act).order_by(entries.c.number))
    return [orjson.loads(row.facts) for row in rows]


def test_a_scenario_is_kept_played_and_recorded(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        assert keep(db, office, draft) == "received"
        found = scenarios.results(db, draft)
        (line,) = found.lines
        assert (line.key, line.name, line.steps, line.as_expected) == ("received", "Received 收件", 1, True)
        assert found.coverage is not None
        assert found.coverage.passed_steps == {"start", "receive", "complete", "split"}
        (facts,) = recorded(db, "keep_scenario")
        assert (facts["edition"], facts["scenario"], facts["replaced"]) == (1, "received", False)


def test_names_make_keys_of_their_own_and_a_file_takes_the_place_of_its_namesake(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        assert [keep(db, office, draft) for _ in range(3)] == ["received", "received_2", "received_3"]
        assert keep(db, office, draft, Scenario("只有中文", Beginning(), (), False)) == "scenario"
        assert keep(db, office, draft, Scenario("Anew", Beginning(), (), False), key="Received!") == "received"
        assert scenarios.scenarios(db, draft)["received"].name == "Anew"
        assert recorded(db, "keep_scenario")[-1]["replaced"] is True


def test_a_trial_becomes_a_scenario_that_goes_as_it_went(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        one = trials.begin_trial(db, by=by, edition_id=draft)
        for element, sent in (
            ("receive", Sent({"plot": ["7"], "area": ["2"]}, {"complete": ["complete_to_split"]})),
            ("plans", Sent()),
            ("fire", Sent()),
            ("decide", Sent({"grant": ["true"]})),
            ("issue", Sent()),
        ):
            page = trials.trial_page(db, by=by, trial_id=one)
            assert page.standing is not None
            token = next(each.wait.token for each in page.standing.waiting if each.wait.element == element)
            trials.move(db, by=by, trial_id=one, token=token, sent=sent, at=page.moves, receipt=None)
        scenario = trials.as_scenario(trials.trial_page(db, by=by, trial_id=one), "Granted")
        assert scenario.ended
        assert scenario.way is not None
        assert scenario.way[-1] == "end"
        key = keep(db, office, draft, scenario)
        assert trial.read(scenarios.scenario_file(db, draft, key)) == scenario
        assert scenarios.results(db, draft).failing == ()
        again = trials.begin_from(db, by=by, edition_id=draft, scenario=scenario)
        opened = trials.trial_page(db, by=by, trial_id=again)
        assert opened.standing is not None
        assert opened.standing.ended
        assert not opened.changed


def test_the_next_edition_has_them_too_and_tells_where_they_go_otherwise(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        keep(db, office, draft)
        procedure = db.scalar(select(editions.c.procedure_id).where(editions.c.id == draft))
        assert procedure is not None
        without = TWO_DEPARTMENTS.replace(
            b'<sequenceFlow id="split_to_fire" sourceRef="split" targetRef="fire">', b"<!--"
        ).replace(b'<sequenceFlow id="fire_to_join"', b'--><sequenceFlow id="fire_to_join"')
        assert b"<!--" in without
        following = acts.deposit(
            db, by=by, procedure_id=procedure, file="b.bpmn",
            source=TWO_DEPARTMENTS.replace(b'targetRef="fire"', b'targetRef="decide"'), attachments={},
        )  # fmt: skip
        (line,) = scenarios.results(db, following).lines
        assert [one.said.en for one in line.result.differences] == [  # type: ignore[union-attr]
            "expected to wait at “Review fire safety”, “Review the plans”, waits at “Decide”, “Review the plans”"
        ]
        assert scenarios.results(db, draft).failing == ()
        acts.drop_scenario(db, by=by, edition_id=following, key="received")
        assert scenarios.results(db, following).lines == ()
        assert len(scenarios.results(db, draft).lines) == 1
        assert recorded(db, "drop_scenario") == [{"edition": 2, "scenario": "received"}]


def test_results_are_kept_until_something_they_depend_on_changes(
    database: Database, office: SmallOffice, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []
    original = trial.play

    def counted(ground: Any, scenario: Scenario) -> Any:
        played.append(scenario.name)
        return original(ground, scenario)

    monkeypatch.setattr(trial, "play", counted)
    unique = Scenario(f"Kept {database.engine.url}", Beginning(), (RECEIVE,), False)
    with database.writing() as db:
        keep(db, office, draft, unique)
        for _ in range(3):
            scenarios.results(db, draft)
        assert len(played) == 1
        db.execute(update(editions).where(editions.c.id == draft).values(source=TWO_DEPARTMENTS + b"<!-- new -->"))
        scenarios.results(db, draft)
        assert len(played) == 2


def test_only_designers_keep_and_drop_them(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        keep(db, office, draft)
        clerk = office.actor(db, "li")
        with pytest.raises(NotAllowed):
            acts.keep_scenario(db, by=clerk, edition_id=draft, scenario=GOOD)
        with pytest.raises(NotAllowed):
            acts.drop_scenario(db, by=clerk, edition_id=draft, key="received")


def test_what_is_missing_or_too_much_is_refused(
    database: Database, office: SmallOffice, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        with pytest.raises(rules.ScenarioNameMissing):
            keep(db, office, draft, Scenario("  ", Beginning(), (), False))
        with pytest.raises(NotFound):
            acts.drop_scenario(db, by=by, edition_id=draft, key="none")
        with pytest.raises(NotFound):
            acts.keep_scenario(db, by=by, edition_id=999, scenario=GOOD)
        monkeypatch.setattr(scenarios, "MOST", 1)
        keep(db, office, draft)
        with pytest.raises(rules.TooManyScenarios):
            keep(db, office, draft)
        keep(db, office, draft, GOOD, key="received")


def test_an_edition_of_no_use_keeps_its_scenarios_as_they_are(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        keep(db, office, draft)
        acts.withdraw(db, by=by, edition_id=draft)
        with pytest.raises(rules.EditionOfNoUse):
            keep(db, office, draft)
        with pytest.raises(rules.EditionOfNoUse):
            acts.drop_scenario(db, by=by, edition_id=draft, key="received")
        assert len(scenarios.results(db, draft).lines) == 1


def test_an_edition_that_cannot_run_lists_them_without_a_result(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        keep(db, office, draft)
        broken = TWO_DEPARTMENTS.replace(
            b'<userTask id="fire"', b'<callActivity calledElement="gone" id="fire"'
        ).replace(b'name="Review fire safety" ></userTask>', b'name="Review fire safety" ></callActivity>')
        assert broken != TWO_DEPARTMENTS
        db.execute(update(editions).where(editions.c.id == draft).values(source=broken))
        found = scenarios.results(db, draft)
        assert found.cannot is not None
        assert [one.result for one in found.lines] == [None]


def test_a_package_takes_them_to_another_procedure(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        keep(db, office, draft)
        packed = exchange.whole(db, draft)
        package = unpacked(packed.content, packed.name)
        taken = acts.take_in(
            db, by=by, package=replace(package, prefix="OT", name="Other"), department_id=office.departments["review"]
        )
        assert scenarios.texts(db, taken) == scenarios.texts(db, draft)
        assert scenarios.results(db, taken).failing == ()
        bad = replace(package, prefix="BA", name="Bad", scenarios={"bad": "name = "})
        with pytest.raises(trial.NotAScenario):
            acts.take_in(db, by=by, package=bad, department_id=office.departments["review"])
