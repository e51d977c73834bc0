"""Migration 0014: a node of before keeps its cases, shows them, and watches over their days from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from peewee import IntegrityError, SqliteDatabase
from playhouse.migrations import Migration

from common.casework import ledger
from common.casework.context import load_calendar
from common.casework.records import CaseEventRow, CaseFile
from common.casework.rules.flow import State
from common.casework.service import Casework
from common.store import migrate as migration
from common.store.database import close_database, database, open_database, unit_of_work
from tests.casework.build import CLERK, COUNTY, NOON
from tests.casework.nodes import FakeOutbox, make_context
from tests.casework.story import Action, Story

A = Action
DAY = 86_400_000
BEFORE = ("0002_store", "0006_casework")
NEW_FILE = ("department", "green", "alarm_on")


def run_scripts(db: SqliteDatabase, *names: str) -> None:
    for script in Migration.load_directory(str(migration.DIRECTORY)):
        if script.name in names or (
            not names and "case" in script.name and script.name > "0014_casework_life"
        ):
            script.load().up(None, db)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """A database as it was before, open and empty."""
    db = open_database(tmp_path / "old.sqlite", busy_timeout_ms=200)
    run_scripts(db, *BEFORE)
    yield db
    close_database()


def put_in(db: SqliteDatabase, *stories: Story) -> None:
    """Write cases as the program of before wrote them."""
    for story in stories:
        row = ledger.file_row(story.state, NOON, load_calendar())._asdict()
        _insert(db, "case_file", {key: value for key, value in row.items() if key not in NEW_FILE})
        for pos, event in enumerate(story.events, start=1):
            text = ledger.text_of(event.body)
            written = ledger.event_row(event, pos, text, (), 0)._asdict()
            del written["here_at"]
            _insert(db, "case_event", written)


def _insert(db: SqliteDatabase, table: str, row: dict[str, object]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    db.execute_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def test_what_was_there_is_there_and_the_new_columns_are_empty(old):
    story = Story().go_to(A.FORWARD, A.ACCEPT)
    put_in(old, story)
    before = old.execute_sql("SELECT * FROM case_file").fetchall()
    run_scripts(old, "0014_casework_life")
    after = old.execute_sql("SELECT * FROM case_file").fetchall()
    assert [row[: len(before[0])] for row in after] == before
    assert [row[len(before[0]) :] for row in after] == [("", 0, "")]


def test_an_act_of_before_came_when_it_was_made(old):
    story = Story().go_to(A.FORWARD)
    put_in(old, story)
    run_scripts(old, "0014_casework_life")
    run_scripts(old)
    assert [(row.at, row.here_at) for row in CaseEventRow.select().order_by(CaseEventRow.pos)] == [
        (event.body["data"]["at"],) * 2 for event in story.events
    ]
    assert ledger.load(story.case).arrived_at() == story.state.changed_at


def test_a_department_is_asked_once_about_a_case(old):
    run_scripts(old, "0014_casework_life")
    for expected in (1, None):
        try:
            old.execute_sql("INSERT INTO case_asked VALUES ('协办部门', 'x', '2026-03-05')")
            assert expected == 1
        except IntegrityError:
            assert expected is None
    assert old.execute_sql("SELECT COUNT(*) FROM case_asked").fetchone() == (1,)


def test_the_script_leaves_an_empty_node_empty_and_makes_the_indexes(old):
    run_scripts(old, "0014_casework_life")
    assert old.execute_sql("SELECT COUNT(*) FROM case_file").fetchone() == (0,)
    assert {"case_file_alarm", "case_asked_case"} <= {
        index.name for table in ("case_file", "case_asked") for index in old.get_indexes(table)
    }


def test_the_first_look_for_a_calendar_finds_the_days_of_cases_of_before(old):
    """Their alarm is empty; the job that runs at the first start writes it, and the next one deems."""
    story = Story("direct")
    put_in(old, story)
    run_scripts(old, "0014_casework_life")
    run_scripts(old)
    county = Casework(make_context(COUNTY, FakeOutbox(COUNTY)))
    later = NOON + 8 * DAY
    with unit_of_work():
        county.do_timed_duties(("", ""), later, 50)
    assert county.case(story.case).state is State.RECEIVED
    with unit_of_work():
        county.recompute_dues("", later, 50)
    assert CaseFile.get_by_id(story.case).alarm_on == "2026-03-09"
    with unit_of_work():
        county.do_timed_duties(("", ""), later, 50)
    state = county.case(story.case)
    assert (state.state, state.facts.accepted_on) == (State.ACCEPTED, "2026-03-02")


def test_the_heaps_of_before_are_counted_and_kept_from_then_on(old):
    put_in(old, Story("direct"), Story("direct", counter=2), Story("direct", counter=3).go_to(A.ACCEPT))
    run_scripts(old, "0014_casework_life")
    run_scripts(old)
    county = Casework(make_context(COUNTY, FakeOutbox(COUNTY)))
    with unit_of_work():
        county.move_case(Story("direct").case, "return", CLERK, {"note": "不归我们"}, NOON)
    for state, count in (("RECEIVED", 1), ("RETURNED", 1), ("ACCEPTED", 1)):
        found = old.execute_sql("SELECT SUM(count) FROM case_heap WHERE state = ?", (state,)).fetchone()
        assert found == (count,)


def test_a_case_of_before_goes_on_under_the_table_of_now(old):
    """Its filing names no department and no window: its facts are empty, its next steps are open."""
    story = Story("direct").go_to(A.ACCEPT)
    put_in(old, story)
    run_scripts(old, "0014_casework_life")
    run_scripts(old)
    state = ledger.load(story.case).state
    assert (state.facts.department, state.facts.window, state.facts.joint) == ("", "", ())
    assert {field.name for field in fields(state.facts)} >= {"acceptor_on", "noticed", "asked"}
    assert database.obj is old
