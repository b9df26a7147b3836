"""The desk's list: what is shown and why, narrowed, kept under a name, several at once, new work."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from sqlalchemy import delete, select, update

from engine.base import clock as base_clock
from engine.base.database import to_stored
from engine.cases import acts, arranged, narrowing
from engine.cases.asked.acts import send_copy
from engine.cases.marks import mark
from engine.cases.rules import Kind, Mark
from engine.cases.tables import hand_overs, tasks
from engine.cases.tables_of_desk import desk_filters
from engine.organisation import acts as organisation
from tests.builders import FROM_DAY
from tests.conftest import Clock
from tests.counting import counting
from tests.diagram_text import END, START, process, step, way
from tests.engine.cases.duties.offices import away
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force

ALONE = {"process:procedure": "clerk"}
TOGETHER = process(
    START + step("note", "Take note", 'officium:together="true"') + step("sign", "Sign it") + END
    + way("start", "note", "sign", "end")
)  # fmt: skip
NAMES = ("alpha", "beta", "gamma", "delta")
QUICK = process(
    START + step("quick", "Do it quickly", 'officium:standardTime="P1D"') + END + way("start", "quick", "end")
)


@pytest.fixture
def together(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return in_force(db, rooms.office, TOGETHER, owners=ALONE, prefix="TO")


@pytest.fixture
def case_ids(rooms: Rooms, together: int) -> list[int]:
    with rooms.database.writing() as db:
        return sorted(begun(db, rooms.office, together, matter=f"Matter {name}").case_id for name in NAMES)


def shown(page: str) -> list[str]:
    return re.findall(r'class="o-t" href="/tasks/(\d+)/\d+"', page)


def values(case_ids: list[int], number: int = 1) -> list[str]:
    return [f"{one}_{number}" for one in case_ids]


# why it lies there


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        (Mark.RETURNED, "the <plan> is missing", "returned by Review section: the &lt;plan&gt; is missing"),
        (Mark.URGED, "", "urged by Sun Wei"),
        (Mark.GIVEN, "you know the plot", "given to you by Sun Wei: you know the plot"),
        (Mark.ESCALATED, "", "hand-over not accepted in time"),
        (Mark.WITHDRAWN, "", "taken back by Sun Wei"),
    ],
)
def test_a_task_says_why_it_lies_there(rooms: Rooms, case_ids: list[int], kind: Mark, words: str, told: str) -> None:
    with rooms.database.writing() as db:
        mark(
            db, case_id=case_ids[0], number=1, kind=kind, at=to_moment(), person_id=rooms.office.persons["sun"],
            department_id=rooms.office.departments["review"], words=words,
        )  # fmt: skip
    li = rooms.visitor("li")
    with counting(rooms.database) as counted:
        page = li.get("/").text
    assert page.count(told) == 2, "once to read, once on hover"
    assert len([one for one in counted.statements if "FROM marks" in one and "SELECT marks" in one]) == 1
    assert len(counted.statements) <= 8


def to_moment() -> datetime:
    return base_clock.now()


def test_what_was_handed_over_and_not_answered_says_so(rooms: Rooms, case_ids: list[int]) -> None:
    with rooms.database.writing() as db:
        values = {column.name: None for column in hand_overs.c} | {
            "office_id": 1, "case_id": case_ids[0], "task_number": 1,
            "from_department_id": rooms.office.departments["review"],
            "to_department_id": rooms.office.departments["counter"], "sent_at": to_moment(), "answer_by": to_moment(),
        }  # fmt: skip
        db.execute(hand_overs.insert().values(values))
    li = rooms.visitor("li")
    assert "hand-over, to be accepted" in li.get("/").text
    with rooms.database.writing() as db:
        db.execute(update(hand_overs).values(accepted_at=to_moment()))
    assert "to be accepted" not in li.get("/").text


def test_what_is_asked_beside_the_diagram_is_named(rooms: Rooms, case_ids: list[int]) -> None:
    with rooms.database.writing() as db:
        db.execute(update(tasks).where(tasks.c.case_id == case_ids[0]).values(kind=Kind.OPINION, of_task=1))
    li = rooms.visitor("li")
    assert "Opinion on “Take note”" in li.get("/").text
    assert shown(li.get("/?kind=1").text) == [str(case_ids[0])]
    assert shown(li.get("/?kind=0").text) == [str(one) for one in case_ids[1:]]


# narrowing


def test_the_list_is_narrowed_in_every_way_there_is(rooms: Rooms, case_ids: list[int], clock: Clock) -> None:
    with rooms.database.writing() as db:
        quick = in_force(db, rooms.office, QUICK, owners=ALONE, prefix="QU")
        one = begun(db, rooms.office, quick, matter="A greenhouse 温室").case_id
        clock.advance(days=3)
        other = begun(db, rooms.office, quick, matter="A garage").case_id
        db.execute(
            update(tasks).where(tasks.c.case_id == other).values(from_department_id=rooms.office.departments["review"])
        )
    li = rooms.visitor("li")
    everything = {str(case) for case in [*case_ids, one, other]}
    found = {
        query: set(shown(li.get(f"/?{query}").text))
        for query in (
            "which=all", f"procedure={quick}", "late=1", "due=today", "due=week", "due=2026-03-04", "words=温室",
            "words=greenh", f"from={rooms.office.departments['review']}", f"post={rooms.office.posts['clerk']}",
            f"post={rooms.office.posts['reviewer']}", f"procedure={quick}&late=1&words=garage", "which=mine",
        )
    }  # fmt: skip
    assert found == {
        "which=all": everything,
        f"procedure={quick}": {str(one), str(other)},
        "late=1": {str(one)},
        "due=today": {str(one)},
        "due=week": {str(one), str(other)},
        "due=2026-03-04": {str(one)},
        "words=温室": {str(one)},
        "words=greenh": {str(one)},
        f"from={rooms.office.departments['review']}": {str(other)},
        f"post={rooms.office.posts['clerk']}": everything,
        f"post={rooms.office.posts['reviewer']}": set(),
        f"procedure={quick}&late=1&words=garage": set(),
        "which=mine": set(),
    }
    assert "Nothing fits the filter" in li.get("/?late=1&words=garage").text


@pytest.mark.parametrize(
    "query",
    ["procedure=x", f"procedure={10**30}", "kind=99", "due=never", "due=9999-12-31", "post=-1", "words=%00", "by=x",
     "late=", "from=%F0%9F%8F%A0", "words=" + "x" * 5000],
)  # fmt: skip
@pytest.mark.usefixtures("case_ids")
def test_a_filter_that_makes_no_sense_is_no_fault(rooms: Rooms, query: str) -> None:
    assert rooms.visitor("li").get(f"/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["procedure={0}&which=posts", "late=1", "words=matter", "by=day&due=2027-01-01"])
def test_the_pages_of_a_narrowed_list_hold_every_task_once(rooms: Rooms, clock: Clock, query: str) -> None:
    with rooms.database.writing() as db:
        quick = in_force(db, rooms.office, QUICK, owners=ALONE, prefix="QU")
        expected = {str(begun(db, rooms.office, quick, matter="A matter").case_id) for _ in range(60)}
    clock.advance(days=2)
    li, found = rooms.visitor("li"), []
    path = f"/?{query.format(quick)}"
    for _ in range(10):
        page = li.get(path).text
        found += shown(page)
        following = re.search(r'href="(/\?[^"]*after=[^"]+)"', page)
        if following is None:
            break
        path = unescape(following[1])
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_the_next_one_is_taken_of_what_the_filter_shows(rooms: Rooms, case_ids: list[int]) -> None:
    with rooms.database.writing() as db:
        quick = in_force(db, rooms.office, QUICK, owners=ALONE, prefix="QU")
        one = begun(db, rooms.office, quick).case_id
    li = rooms.visitor("li")
    taken = li.post("/next", {"words": "matter gam"}).headers["Location"]
    assert taken == f"/tasks/{case_ids[2]}/1"
    assert li.post("/next").headers["Location"] == f"/tasks/{one}/1"
    assert li.post("/next", {"words": "nothing such"}).headers["Location"] == "/?words=nothing+such"


def test_the_next_one_passes_over_what_one_must_not_do(rooms: Rooms, clock: Clock) -> None:
    apart = process(
        START + step("one", "Propose") + "<task/>".replace("<task/>", "")
        + '<userTask id="two" name="Agree" officium:standardTime="P1D"><extensionElements>'
        '<officium:separation from="one" by="person"/></extensionElements></userTask>'
        + END + way("start", "one", "two", "end")
    )  # fmt: skip
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, apart, owners=ALONE, prefix="AP")
        first, second = sorted(begun(db, rooms.office, procedure_id).case_id for _ in range(2))
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=first, number=1, submitted={})
        acts.complete_task(db, by=rooms.office.actor(db, "chen"), case_id=second, number=1, submitted={})
    assert rooms.visitor("li").post("/next").headers["Location"] == f"/tasks/{second}/2"
    assert rooms.visitor("li").post("/next").status_code == 403, "nothing else is left: the rule is told"


# groups


def test_the_list_is_grouped_as_one_likes(rooms: Rooms, case_ids: list[int], clock: Clock) -> None:
    with rooms.database.writing() as db:
        quick = in_force(db, rooms.office, QUICK, owners=ALONE, prefix="QU")
        begun(db, rooms.office, quick)
    li = rooms.visitor("li")

    def groups(query: str) -> list[str]:
        rows = re.findall(r'class="o-group[^>]*>(.*?)</tr>', li.get(f"/?{query}").text, re.DOTALL)
        return [" ".join(re.sub("<[^>]+>", "", row).split()) for row in rows]

    assert groups("by=urgency") == ["Tomorrow · 1", "Without a date · 4"]
    assert groups("by=procedure") == ["Procedure QU · 1", "Procedure TO · 4"]
    assert groups("by=day") == ["Tue 3 Mar · 1", "Without a date · 4"]


# saved filters


def test_a_filter_is_kept_renamed_opened_with_and_deleted(rooms: Rooms, case_ids: list[int]) -> None:
    li = rooms.visitor("li")
    asked = {"words": "matter gam", "by": "procedure", "which": "posts"}
    saved = li.post("/desk/filters", {**asked, "name": "My  <second>"})
    assert saved.status_code == 303
    page = li.get(saved.headers["Location"]).text
    assert "My &lt;second&gt;" in page
    assert shown(page) == [str(case_ids[2])]
    with rooms.database.reading() as db:
        (kept,) = arranged.arranged(db, actor=rooms.office.actor(db, "li")).filters
    assert (kept.name, dict(kept.asked), kept.is_default) == ("My <second>", asked, False)
    assert "My &lt;second&gt;" in li.get("/").text
    assert len(shown(li.get("/").text)) == 4
    assert li.post(f"/desk/filters/{kept.id}/rename", {**asked, "name": "Two"}).status_code == 303
    assert li.post(f"/desk/filters/{kept.id}/default", asked).status_code == 303
    assert shown(li.get("/").text) == [str(case_ids[2])], "the desk opens with it"
    assert len(shown(li.get("/?which=all").text)) == 4
    assert li.post(f"/desk/filters/{kept.id}/everything", asked).status_code == 303
    assert len(shown(li.get("/").text)) == 4
    assert li.post(f"/desk/filters/{kept.id}/delete").status_code == 303
    assert "Two" not in li.get("/").text


@pytest.mark.parametrize("deed", ["rename", "default", "delete"])
def test_nobody_touches_somebody_elses_filter(rooms: Rooms, deed: str) -> None:
    with rooms.database.writing() as db:
        kept = arranged.save_filter(db, by=rooms.office.actor(db, "chen"), name="Mine", asked={"late": "1"})
    li = rooms.visitor("li")
    assert "Mine</a>" not in li.get("/").text
    assert li.post(f"/desk/filters/{kept}/{deed}", {"name": "Hers"}).status_code == 404
    with rooms.database.reading() as db:
        (one,) = arranged.arranged(db, actor=rooms.office.actor(db, "chen")).filters
    assert (one.name, one.is_default) == ("Mine", False)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_filter_needs_a_name(rooms: Rooms, name: str) -> None:
    answer = rooms.visitor("li").post("/desk/filters", {"late": "1", "name": name})
    assert answer.status_code == 422
    assert "needs a name" in answer.text


def test_two_filters_of_one_name_are_refused_and_so_are_too_many(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    for number in range(arranged.MOST_FILTERS):
        assert li.post("/desk/filters", {"late": "1", "name": f"F{number}"}).status_code == 303
    with rooms.database.writing() as db:
        db.execute(delete(desk_filters).where(desk_filters.c.name == "F7"))
    assert "already" in li.post("/desk/filters", {"late": "1", "name": "F3"}).text
    assert li.post("/desk/filters", {"late": "1", "name": "F7"}).status_code == 303
    assert li.post("/desk/filters", {"late": "1", "name": "One more"}).status_code == 422


# watched


def test_watched_cases_are_followed_wherever_their_tasks_lie(rooms: Rooms, case_ids: list[int]) -> None:
    sun = rooms.visitor("zhou")
    assert "Watched" not in sun.get("/").text
    assert "Watch this case" in sun.get(f"/cases/{case_ids[1]}").text
    assert sun.post(f"/desk/watched/{case_ids[1]}/watch").status_code == 303
    assert sun.post(f"/desk/watched/{case_ids[1]}/watch").status_code == 303
    page = sun.get("/?which=watched").text
    assert shown(page) == [str(case_ids[1])]
    assert re.search(r"Watched<b>1</b>", page)
    with rooms.database.writing() as db:
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=case_ids[1], number=1)
    assert "Li Ming" in sun.get("/?which=watched").text
    assert sun.post(f"/desk/watched/{case_ids[1]}/unwatch").status_code == 303
    assert shown(sun.get("/?which=watched").text) == []


def test_what_one_may_not_see_cannot_be_watched_nor_stays_watched(rooms: Rooms, case_ids: list[int]) -> None:
    wang = rooms.visitor("wang")
    assert wang.post(f"/desk/watched/{case_ids[0]}/watch").status_code == 404
    chen = rooms.visitor("chen")
    assert chen.post(f"/desk/watched/{case_ids[0]}/watch").status_code == 303
    with rooms.database.writing() as db:
        from engine.organisation.tables import holdings  # noqa: PLC0415

        db.execute(delete(holdings).where(holdings.c.person_id == rooms.office.persons["chen"]))
    page = chen.get("/?which=watched").text
    assert shown(page) == []
    assert re.search(r"Watched<b>0</b>", page)


# several at once


def test_several_are_claimed_released_and_completed_at_once(rooms: Rooms, case_ids: list[int]) -> None:
    li = rooms.visitor("li")
    page = li.get("/").text
    assert 'value="complete"' in page
    chosen = {"task": values(case_ids[:3])}
    for does, told in (("claim", "3 tasks are yours now."), ("release", "3 tasks are free again."),
                       ("watch", "You watch 3 cases more."), ("complete", "3 tasks have been completed.")):  # fmt: skip
        answer = li.post("/desk/together", {**chosen, "do": does})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert told in li.get("/").text
    with rooms.database.reading() as db:
        closed = set(db.scalars(select(tasks.c.case_id).where(tasks.c.closed_at.is_not(None))))
    assert closed == set(case_ids[:3])


def test_what_is_refused_to_one_is_told_and_keeps_none_of_the_others(rooms: Rooms, case_ids: list[int]) -> None:
    with rooms.database.writing() as db:
        acts.claim(db, by=rooms.office.actor(db, "chen"), case_id=case_ids[1], number=1)
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=case_ids[2], number=1, submitted={})
    li = rooms.visitor("li")
    chosen = [*values(case_ids[:3]), f"{case_ids[2]}_2", "7_1", "x", f"{case_ids[3]}_1"]
    answer = li.post("/desk/together", {"task": chosen, "do": "complete"})
    assert answer.status_code == 200
    assert "2 tasks have been completed." in answer.text
    assert "claimed by Chen Yan" in answer.text
    assert "“Take note” was completed by Li Ming" in answer.text
    assert "“Sign it” is completed one at a time" in answer.text
    with rooms.database.reading() as db:
        closed = set(db.execute(select(tasks.c.case_id, tasks.c.number).where(tasks.c.closed_at.is_not(None))))
        events = db.execute(select(tasks.c.changes).where(tasks.c.case_id == case_ids[1])).scalar_one()
    assert closed == {(case_ids[0], 1), (case_ids[2], 1), (case_ids[3], 1)}
    assert events == 2, "nothing is left of what was refused"


def test_nothing_chosen_does_nothing(rooms: Rooms, case_ids: list[int]) -> None:
    li = rooms.visitor("li")
    for sent in ({"do": "claim"}, {"task": values(case_ids)}, {"task": values(case_ids), "do": "delete"}):
        assert li.post("/desk/together", {**sent, "back": "/?late=1"}).headers["Location"] == "/?late=1"
    assert li.post("/desk/together", {"do": "claim", "back": "//elsewhere"}).headers["Location"] == "/"
    assert li.client.post("/desk/together", data={"do": "claim", "task": values(case_ids)}).status_code == 400


def test_a_task_of_a_case_one_may_not_see_is_not_even_named(rooms: Rooms, case_ids: list[int]) -> None:
    answer = rooms.visitor("wang").post("/desk/together", {"task": values(case_ids[:1]), "do": "claim"})
    assert "Take note" not in answer.text
    assert "not done" in answer.text


# new work


def tabs(**shown: str) -> dict[str, str]:
    return {f"/?which={which}": number for which, number in shown.items()}


def test_new_work_of_whoever_i_stand_in_for_and_copies_are_told_too(rooms: Rooms, together: int, clock: Clock) -> None:
    office = rooms.office
    with rooms.database.writing() as db:
        away(db, office, "li", "wang")
    wang, since = rooms.visitor("wang"), to_stored(clock.now())
    clock.advance(minutes=1)
    with rooms.database.writing() as db:
        case_id = begun(db, office, together, by="chen").case_id
        send_copy(
            db, by=office.actor(db, "chen"), case_id=case_id, number=1, whom=[f"person:{office.persons['wang']}"],
            words="For you",
        )  # fmt: skip
    with counting(rooms.database) as counted:
        found = wang.get(f"/desk/news?since={since}&copies=1").get_json()
    assert len(counted.statements) <= 3, "who it is, and two more"
    assert found["fresh"] == 1
    assert found["counts"] == {**tabs(mine="0", posts="0", all="0", deputised="1"), "/copies": "1"}
    page = wang.get("/").text
    assert all(f'href="{address}"' in page for address in found["counts"])
    assert "copies=1" in page


def test_a_list_that_leaves_out_cases_with_the_words_says_so(
    rooms: Rooms, case_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    li = rooms.visitor("li")
    assert "carry these words" not in li.get("/?words=matter").text
    monkeypatch.setattr(narrowing, "MOST_BY_WORDS", 1)
    page = li.get("/?words=matter").text
    assert "More than 1 open cases carry these words" in page
    assert "carry these words" not in li.get("/").text


def test_new_work_is_told_with_what_there_is_now(rooms: Rooms, together: int, clock: Clock) -> None:
    li = rooms.visitor("li")
    since = to_stored(clock.now())
    with counting(rooms.database) as counted:
        first = li.get(f"/desk/news?since={since}")
    assert first.get_json() == {"fresh": 0, "words": "", "counts": tabs(mine="0", posts="0", all="0")}
    assert len(counted.statements) <= 2
    seal = first.headers["ETag"]
    assert li.get(f"/desk/news?since={since}", headers={"If-None-Match": seal}).status_code == 304
    clock.advance(minutes=1)
    with rooms.database.writing() as db:
        started = [begun(db, rooms.office, together).case_id for _ in range(3)]
    told = li.get(f"/desk/news?since={since}", headers={"If-None-Match": seal})
    assert told.get_json()["words"] == "3 new tasks"
    assert told.get_json()["counts"] == tabs(mine="0", posts="3", all="3")
    with rooms.database.writing() as db:
        acts.claim(db, by=rooms.office.actor(db, "chen"), case_id=started[0], number=1)
    assert li.get(f"/desk/news?since={since}").get_json()["fresh"] == 2
    assert li.get(f"/desk/news?since={to_stored(clock.now())}").get_json()["fresh"] == 0
    assert rooms.visitor().get(f"/desk/news?since={since}").status_code == 303
    assert li.get("/desk/news?since=x").status_code == 200


def test_asking_for_news_keeps_nobody_signed_in(rooms: Rooms, clock: Clock) -> None:
    li = rooms.visitor("li")
    clock.advance(minutes=20)
    with counting(rooms.database) as counted:
        li.get("/desk/news?since=1")
    assert counted.commits == 0
    assert not [one for one in counted.statements if "UPDATE" in one]


@pytest.mark.parametrize("login", ["li", "sun", "zhou"])
def test_the_whole_of_it_keeps_to_eight_statements(rooms: Rooms, case_ids: list[int], login: str) -> None:
    """Marks, watched cases, saved filters, a second post: as much as there can be."""
    with rooms.database.writing() as db:
        by = rooms.office.actor(db, login)
        organisation.give_post(
            db, by=None, person_id=by.person_id, post_id=rooms.office.posts["reviewer"], from_day=FROM_DAY
        )
        arranged.save_filter(db, by=by, name="Late", asked={"late": "1"})
        mark(db, case_id=case_ids[0], number=1, kind=Mark.URGED, at=to_moment(), person_id=by.person_id)
        if login != "sun":
            arranged.watch(db, by=by, case_id=case_ids[0])
    visitor = rooms.visitor(login)
    for path in ("/", "/?panel=1", "/?late=1", "/?which=watched", "/?by=procedure&kind=0"):
        visitor.get(path)
        with counting(rooms.database) as counted:
            assert visitor.get(path).status_code == 200
        assert len(counted.statements) <= 8, "\n".join(
            [path, *(" ".join(one.split())[:110] for one in counted.statements)]
        )


def test_both_languages(rooms: Rooms, case_ids: list[int]) -> None:
    li = rooms.visitor("li")
    li.post("/language", {"language": "zh"})
    page = li.get("/?late=1").text
    for words in ("筛选", "仅逾期", "没有符合筛选的任务"):
        assert words in page
