"""What lists, searches and counts are drawn from follows from the acts, whatever came, and is told where not.

Method: acts come in every order that two filings under one number allow; then rows are changed by hand.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from common.casework import ledger, queues, records
from common.casework.derived import Days, differing
from common.casework.rules.flow import Action
from common.casework.rules.sought import VERSION
from common.casework.service import Casework
from common.store.database import database, unit_of_work
from tests.casework.build import COUNTY, TOWN, VILLAGE, VILLAGE_3, a_paper, act_id, as_act
from tests.casework.life.tools import CLERK, Life
from tests.casework.nodes import acts_of, take
from tests.casework.story import Story

A = Action


def told_at(casework: Casework, *beside: str) -> list[str]:
    with unit_of_work():
        records.set_mark(records.TERMS, VERSION)
        records.set_mark(records.LISTS, ledger.VERSION)
        records.set_mark(records.CALENDAR, "2026")
    return list(differing(Days(casework.ctx.me, casework.ctx.calendar(), "2026"), beside))


def rows(sql: str) -> list[tuple[object, ...]]:
    return sorted(database.execute_sql(sql).fetchall())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_filings_under_one_number_lists_show_the_one_that_stands(node, order):
    """Also what never changes otherwise: whose it is, what is asked for, where and since when."""
    # Not at the top, which strikes one out by itself.
    story, town = Story(), node(TOWN)
    body = {**story.filed.body, "place": VILLAGE_3, "item_version": 1}
    data = body["data"]
    applicant = {**data["applicant"], "name": "赵六"}
    body["data"] = {**data, "applicant": applicant, "at": data["at"] - 86_400_000}
    again = replace(story.filed, id=act_id("again"), body=body)
    strike = story.strike(again.id)
    filed, second, struck = as_act(story.filed), as_act(again), as_act(strike)
    acts = (filed, second, struck)
    parked = [act for at in order for act in take(town, acts[at]).parked]
    take(town, *(act for act in acts if act.id in parked))
    seen = queues.newest()[0]
    name = data["applicant"]["name"]
    assert (seen.case, seen.applicant, seen.place) == (story.case, name, VILLAGE)
    assert {row[0] for row in rows("SELECT place FROM case_term")} == {VILLAGE}
    assert told_at(town) == []


def test_a_strike_marks_acts_of_its_own_case_alone(node):
    story, other, county = Story(), Story(counter=2), node(COUNTY)
    take(county, *acts_of(story), *acts_of(other))
    assert take(county, as_act(story.strike(other.filed.id))).parked == {}
    assert rows("SELECT struck FROM case_event") == [(0,), (0,), (0,)]
    assert told_at(county) == []


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("UPDATE case_file SET holder = '511921108203'", "case list differs: {0}"),
        ("UPDATE case_file SET due = '2029-01-01'", "case list differs: {0}"),
        ("UPDATE case_file SET alarm_on = '2031-01-01'", "case list differs: {0}"),
        ("UPDATE case_file SET applicant = '王五'", "case list differs: {0}"),
        ("UPDATE case_event SET struck = 1 WHERE pos = 2", "case list differs: {0}"),
        ("UPDATE case_event SET at = at - 1 WHERE pos = 1", "case list differs: {0}"),
        ("UPDATE case_event SET follows = '' WHERE pos = 2", "case list differs: {0}"),
        ("UPDATE case_event SET pos = 9 WHERE pos = 2", "case list differs: {0}"),
        ("DELETE FROM case_event", "case unreadable: {0}"),
        ("UPDATE case_event SET body = '{{}}'", "case unreadable: {0}"),
        ("DELETE FROM case_file", "case list differs: {0}"),
        ("DELETE FROM case_paper", "case papers differ: {0}"),
        ("UPDATE case_paper SET hash = REPLACE(hash, SUBSTR(hash, 1, 1), 'x')", "case papers differ: {0}"),
        ("DELETE FROM case_term WHERE term GLOB '[0-9]*'", "case search differs: {0}"),
        ("UPDATE case_term SET term = 'QQ' || term", "case search differs: {0}"),
        ("INSERT INTO case_term SELECT 'QQ' || term, filed_at, \"case\", item, place FROM case_term LIMIT 1",
         "case search differs: 1"),
        ("UPDATE case_heap SET count = 7 WHERE count > 0", "case counts differ"),
        ("DELETE FROM case_heap", "case counts differ"),
        ("UPDATE case_heap SET needs = x'00ff'", "case counts differ"),
        ("UPDATE case_heap SET count = 'many'", "case counts differ"),
        ("UPDATE case_file SET state = x'00ff'", "case list differs: {0}"),
        ("UPDATE case_file SET applicant = x'00ff'", "case search differs: {0}"),
        ("UPDATE case_file SET id_number = x'00ff'", "case search differs: {0}"),
    ],
)  # fmt: skip
def test_whatever_is_changed_by_hand_is_told(life: Life, sql: str, word: str) -> None:
    case = life.file("direct", papers=(a_paper(), a_paper("photo", "p")))
    life.move(COUNTY, case, A.ACCEPT, CLERK)
    county = life.at(COUNTY)
    assert told_at(county) == []
    with unit_of_work():
        assert database.execute_sql(sql.format(case)).rowcount > 0
    assert word.format(case) in "\n".join(told_at(county))


def test_of_a_case_that_is_not_as_it_was_signed_nothing_more_is_told(node):
    story, county = Story().go_to(A.FORWARD), node(COUNTY)
    take(county, *acts_of(story))
    with unit_of_work():
        database.execute_sql("UPDATE case_event SET body = '{}'")
    assert told_at(county, story.case) == []
