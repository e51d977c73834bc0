"""What pages read: queues in order, counts, search, one case in full."""

from __future__ import annotations

import pytest

from common.casework import lists, queues, records
from common.casework.context import Tick
from common.casework.late import count_past
from common.casework.messages import apply
from common.casework.queues import Past, Wanted
from common.casework.records import FileRow
from common.casework.rules.flow import Action, Report
from common.casework.search import Sought, search
from common.store.database import database, unit_of_work
from tests.casework.build import COUNTY, ID_NUMBER, NOON, TOWN, VILLAGE, as_act
from tests.casework.story import Story

A = Action


class Ticks:
    """A sync layer that has brought the filing to the township and nothing else anywhere."""

    def __init__(self, act: str) -> None:
        self.act = act

    def place_of(self, act: str) -> Tick:
        return Tick.TOWNSHIP if act == self.act else Tick.SAVED


def take(casework, *stories: Story) -> None:
    with unit_of_work():
        for story in stories:
            assert apply(casework.ctx, [as_act(event) for event in story.events], NOON).parked == {}


@pytest.fixture
def county(node):
    """The county with eight cases, each further on than the one before."""
    casework = node(COUNTY)
    ways = [
        (), (A.FORWARD,), (A.FORWARD, A.ASK_PAPERS), (A.FORWARD, A.ACCEPT), (A.FORWARD, A.ACCEPT, A.REVIEW),
        (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE), (A.RETURN, A.CLOSE),
        (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE),
    ]  # fmt: skip
    stories = [
        Story(counter=n, clock=NOON + n * 3_600_000).go_to(*way) for n, way in enumerate(ways, start=1)
    ]
    take(casework, *stories)
    casework.stories = stories
    return casework


def counts(address):
    """How many cases wait at a node, by work."""
    return {work: heap.count for work, heap in queues.heaps(address).items()}


def test_what_is_to_be_accepted_is_late_by_when_it_came_not_by_when_it_was_filed(county):
    (line,) = queues.waiting(Wanted(waits_at=COUNTY, works=("acceptance",)))
    assert queues.heaps(COUNTY)["acceptance"].due == line.alarm_on == "2026-03-09"

    def late(day):
        past = Past(day, line.filed_at + 1, line.filed_at + 1)
        return queues.waiting(Wanted(waits_at=COUNTY, works=("acceptance",), past=past))

    assert late("2026-03-09") == [] and late("2026-03-10") == [line]


def test_what_is_late_is_counted_up_to_a_number_without_reading_it_whole(county):
    """Of four cases all past their day, urgent or not, of one department or of everybody."""
    works = ("acceptance", "examine", "approval", "make_out")
    past = Past("2027-01-01", NOON + 400 * 86_400_000, NOON + 400 * 86_400_000)
    wanted = Wanted(waits_at=COUNTY, works=works, past=past)
    found = queues.waiting(wanted)
    assert len(found) == 4
    assert [count_past(wanted, past.filed_at, most) for most in (2, 4, 9)] == [2, 4, 4]
    # What was filed later cannot be late yet, and is not looked at.
    assert count_past(wanted, found[2].filed_at, 9) == 2
    own = Wanted(waits_at=COUNTY, works=works, department="别的部门", past=past)
    assert count_past(own, past.filed_at, 9) == len(queues.waiting(own))


def test_each_case_waits_in_one_queue(county):
    assert counts(TOWN) == {"check": 1}
    assert counts(COUNTY) == {"acceptance": 1, "examine": 1, "approval": 1, "make_out": 1}
    assert counts(VILLAGE) == {"wait_papers": 1, "hand_out": 1}
    assert sum(queues.by_state().values()) == 8


def test_a_queue_is_read_page_by_page_the_oldest_first(county):
    whole = queues.waiting(Wanted(waits_at=COUNTY))
    assert [line.needs for line in whole] == ["acceptance", "examine", "approval", "make_out"]
    first = queues.waiting(Wanted(waits_at=COUNTY), limit=2)
    rest = queues.waiting(Wanted(waits_at=COUNTY), limit=3, after=first[-1].place_in_queue)
    assert first + rest == whole
    some = queues.waiting(Wanted(waits_at=COUNTY, works=("examine", "approval")))
    assert [line.needs for line in some] == ["examine", "approval"]
    assert queues.waiting(Wanted(waits_at=COUNTY, works=("check",))) == []


def test_a_queue_is_found_by_its_index(county):
    plan = database.execute_sql(
        "EXPLAIN QUERY PLAN SELECT * FROM case_file WHERE waits_at = ? AND needs = ? "
        'AND (filed_at, "case") > (0, \'\') ORDER BY filed_at, "case" LIMIT 50',
        (COUNTY, "examine"),
    ).fetchall()
    assert "case_file_work" in str(plan)


def test_lists_show_words_in_chinese(county):
    (line,) = queues.waiting(Wanted(waits_at=COUNTY, works=("examine",)))
    assert (line.state_label, line.needs, line.due) == ("已受理", "examine", "2026-03-09")


def test_cases_are_found_by_number_name_or_id_number(county):
    story = county.stories[0]
    assert [line.case for line in queues.find(f" {story.case.lower()} ")] == [story.case]
    assert len(queues.find("何秀英")) == len(queues.find(ID_NUMBER.lower())) == 8
    assert queues.find("何秀") == []


def test_the_newest_come_first(county):
    numbers = [line.case for line in queues.newest()]
    assert numbers == [story.case for story in reversed(county.stories)]
    assert [line.case for line in queues.newest(Wanted(origin=VILLAGE), 3)] == numbers[:3]
    assert queues.newest(Wanted(origin=TOWN)) == []
    second = queues.newest()[1]
    assert [line.case for line in queues.newest(before=(second.filed_at, second.case))] == numbers[2:]


def test_a_page_tells_the_whole_case(node):
    town = node(TOWN)
    story = Story()
    story.report(Report.REMIND, note="快点")
    story.go_to(A.SEND_BACK)
    story.report(Report.PAPERS_BROUGHT)
    take(town, story)
    page = lists.case_page(story.case, Ticks(story.filed.id))
    assert (page.state, page.tick, page.is_decided) == (story.state, Tick.TOWNSHIP, False)
    assert (page.form, page.remark) == ({"income": 1}, "")
    shown = [(e.label, e.standing, e.author, e.tick) for e in page.timeline]
    assert shown == [
        ("收件", "stands", VILLAGE, Tick.TOWNSHIP),
        ("催办", "answered", VILLAGE, Tick.SAVED),
        ("退补", "stands", TOWN, Tick.SAVED),
        ("补来材料", "open", VILLAGE, Tick.SAVED),
    ]
    assert page.timeline[1].note == "快点"
    assert page.timeline[2].data["lacking"][0]["name"] == "照片"


@pytest.mark.parametrize(
    ("way", "decided"), [((), False), ((A.FORWARD, A.ACCEPT), False), ((A.RETURN,), True)]
)
def test_progress_says_how_far_and_whether_there_is_an_answer(node, way, decided):
    town = node(TOWN)
    story = Story().go_to(*way)
    take(town, story)
    progress = town.progress(story.case)
    assert (progress.tick, progress.is_decided) == (Tick.SAVED, decided)


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT hash FROM case_paper p WHERE p.hash = 'x' LIMIT 1", "case_paper_hash"),
        (
            "SELECT \"case\" FROM case_file WHERE applicant = 'x' ORDER BY filed_at DESC LIMIT 50",
            "case_file_by_name",
        ),
        ("SELECT \"case\" FROM case_file WHERE id_number = 'x'", "case_file_id_number"),
    ],
)
def test_what_people_look_for_is_found_without_reading_all_cases(store, sql, index):
    """A county takes in a hundred thousand cases a month."""
    plan = " ".join(str(row[3]) for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}").fetchall())
    assert index in plan and "SCAN" not in plan


def test_the_ten_days_to_hand_a_result_over_begin_once(node):
    """许可法 44: what is paid, noted or put right meanwhile gives nobody ten days more."""
    county, day = node(COUNTY), 86_400_000
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE)
    approved_at = story.state.changed_at
    story.clock += day
    story.move(A.ASK_FEE)
    story.move(A.TAKE_FEE)
    take(county, story)
    assert queues.find(story.case)[0].updated_at == approved_at < story.state.changed_at
    late = Story(counter=2).go_to(A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)
    issued_at = late.state.changed_at
    late.clock += day
    late.report(Report.RATED)
    late.move(A.CORRECT_DECISION)
    take(county, late)
    page = county.page(late.case)
    assert queues.find(late.case)[0].updated_at == page.changed_at == issued_at < late.state.changed_at
    open_case = Story(counter=3).go_to(A.FORWARD, A.ACCEPT, A.EXPEDITE)
    take(county, open_case)
    assert queues.find(open_case.case)[0].updated_at == open_case.state.changed_at


def test_the_light_of_a_heap_is_that_of_the_case_due_first_however_late_it_came(county, monkeypatch):
    monkeypatch.setattr(queues, "_LOOKED_AT", 1)
    late = Story(counter=77, clock=NOON + 90 * 3_600_000).go_to(A.FORWARD)
    late.move(A.ACCEPT, data={"due": "2026-03-06"})
    take(county, late)
    assert queues.heaps(COUNTY)["examine"].due == "2026-03-06"
    department = queues.find(late.case)[0].department
    assert queues.heaps(COUNTY, department or "示例部门")["examine"].due == "2026-03-06"


@pytest.mark.parametrize(
    ("entered", "typed"),
    [
        ("阿依古丽·买买提", "阿依古丽•买买提"),
        ("阿依古丽•买买提", "阿依古丽·买"),
        ("阿依古丽．买买提", "阿依古丽买买提"),
        ("阿依古丽·买买提", "阿依古丽 · 买买提"),
        ("张 三", "张三"),
        ("张三", "张　三"),
        ("Alexander Hamilton", "ALEXANDER HAMILTON"),
        ("Alexander Hamilton", "Ａlexander"),
        ("Jean-Luc O'Brien", "jean luc o’b"),
        ("通江县青峪镇青龙石村农民专业合作社联合社", "tjxqyzqlscnmzyhzslhs"),
    ],
)
def test_a_name_is_found_however_its_points_blanks_and_capitals_are_typed(entered, typed, node):
    casework = node(COUNTY)
    story = Story()
    take(casework, story)
    row = queues.find(story.case)[0]
    with unit_of_work():
        records.update_files([FileRow(*row._replace(applicant=entered, id_number=ID_NUMBER))])
    assert [line.case for line in search(Sought(typed))] == [story.case]
    assert search(Sought(typed, state="CLOSED")) == [] == search(Sought(f"{typed[:2]}不是"))


def test_all_cases_of_a_person_are_found_however_each_was_entered(node):
    """By the dot of today and that of before, and by the number of the new card and of the old one."""
    casework, old = node(COUNTY), ID_NUMBER[:6] + ID_NUMBER[8:17]
    entered = (("阿依古丽·买买提", ID_NUMBER), ("阿依古丽•买买提", old))
    cases = set()
    for counter, (name, number) in enumerate(entered, 1):
        story = Story(counter=counter)
        take(casework, story)
        row = queues.find(story.case)[0]
        with unit_of_work():
            records.update_files([FileRow(*row._replace(applicant=name, id_number=number))])
        cases.add(story.case)
    for typed in ("阿依古丽·买买提", "阿依古丽•买", ID_NUMBER, old):
        assert {line.case for line in search(Sought(typed))} == cases, typed
