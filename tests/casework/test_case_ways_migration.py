"""Migrations 0025, 0036: cases of before stay as they are; lists give what a look at every row gives."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from peewee import SqliteDatabase

from common.casework import held, queues
from common.casework.late import count_overdue, overdue
from common.casework.queues import Wanted
from common.casework.records import FileRow
from common.casework.rules.flow import ENDED, TO_HAND_OVER, State
from common.casework.search import Sought, search
from common.store.database import close_database, open_database
from tests.casework.test_terms_migration import run_scripts

BEFORE = ("0002_store", "0006_casework", "0014_casework_life", "0016_case_marks", "0024_case_terms")
COUNTY, TOWNS = "511921", ("511921108", "511921112")
TODAY = "2026-03-15"
INDEXES = {"by_place", "by_state_place", "open", "watched", "promised", "unserved"}


def rows() -> list[FileRow]:
    """Return cases of all kinds, several filed in the same moment."""
    chance = random.Random(25)
    states = [state.value for state in State]
    days = ["", *(f"2026-03-{day:02d}" for day in range(1, 29))]
    found = []
    for n in range(900):
        town, state = chance.choice(TOWNS), chance.choice(states)
        holder, needs = chance.choice((COUNTY, town)), chance.choice(("examine", "approval", "check", ""))
        place, day, alarm = f"{town}{200 + n % 3}", chance.choice(days), chance.choice(days)
        row = FileRow(
            f"{place}-A{n}-00000", f"I{n % 4}", "事项", 1, state, holder, holder, needs, place, place,
            "王秀英", "1", n // 4 + 1, n, day, COUNTY, f"a{n}", f"a{n}", "", 0, alarm,
        )  # fmt: skip
        found.append(row)
    return found


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[FileRow]]:
    """Put the cases of before into a database, and bring it up to date."""
    db: SqliteDatabase = open_database(tmp_path_factory.mktemp("ways") / "old.sqlite", busy_timeout_ms=200)
    db.execute_sql("PRAGMA synchronous = OFF")
    run_scripts(db, *BEFORE)
    marks = ", ".join("?" for _ in FileRow._fields)
    with db.atomic():
        for row in rows():
            db.execute_sql(f"INSERT INTO case_file VALUES ({marks})", row)
    before = db.execute_sql("SELECT * FROM case_file").fetchall()
    run_scripts(db, "0025_case_ways", "0036_few_of_many")
    assert db.execute_sql("SELECT * FROM case_file").fetchall() == before
    assert {f"case_file_{name}" for name in INDEXES} <= {index.name for index in db.get_indexes("case_file")}
    yield rows()
    close_database()


def test_the_newest_below_a_place_come_page_by_page_each_once(cases: list[FileRow]) -> None:
    for place, state in ((COUNTY, ""), (TOWNS[0], ""), (f"{TOWNS[1]}201", ""), (TOWNS[0], "RECEIVED")):
        fitting = [row for row in cases if row.place.startswith(place) and state in ("", row.state)]
        expected = sorted(fitting, key=lambda row: (row.filed_at, row.case), reverse=True)
        seen: list[str] = []
        mark: tuple[int, str] = (2**62, "")
        while page := queues.newest(Wanted(place=place, state=state), 7, mark):
            seen += [line.case for line in page]
            mark = (page[-1].filed_at, page[-1].case)
        assert seen == [row.case for row in expected] and seen
        if state:
            assert {line.case for line in search(Sought(place=place, state=state), 500)} == set(seen)


def test_the_late_ones_are_those_past_either_day(cases: list[FileRow]) -> None:
    for address in (COUNTY, *TOWNS):
        late = [
            (row.due or row.alarm_on, row.filed_at)
            for row in cases
            if row.holder.startswith(address)
            and (
                (row.needs in ("examine", "approval") and "" < row.due < TODAY)
                or ("" < row.alarm_on < TODAY and row.state not in (*ENDED, *TO_HAND_OVER))
            )
        ]
        for limit in (10, 1_000):
            found = overdue(address, TODAY, limit)
            assert [(line.due or line.alarm_on, line.filed_at) for line in found] == sorted(late)[:limit]
            assert count_overdue(address, TODAY) == len(late)
            assert len({line.case for line in found}) == len(found) > 0


def test_open_cases_of_others_and_those_left_unanswered(cases: list[FileRow]) -> None:
    still = [row for row in cases if row.state not in ENDED]
    assert [(heap.holder, heap.cases) for heap in held.holders(COUNTY)] == [
        (town, sum(row.holder == town for row in still)) for town in TOWNS
    ]
    page = held.held_by(TOWNS[0], limit=50)
    everything = page + held.held_by(TOWNS[0], page[-1], 1_000)
    # Of those that have ended: where something made since is still to be served.
    shown = [row for row in cases if row.holder == TOWNS[0] and (row.state not in ENDED or row.needs)]
    assert everything == sorted((row.filed_at, row.case) for row in shown)
    silent = [
        (row.alarm_on, row.filed_at)
        for row in still
        if row.holder != COUNTY and "" < row.alarm_on < TODAY
        if row.state in ("RECEIVED", "CHECKED") and row.item not in ("I1", "I2")
    ]
    day_of = {row.case: (row.alarm_on, row.filed_at) for row in cases}
    for limit in (3, 200):
        found = held.left_unanswered(COUNTY, TODAY, {"I1", "I2"}, limit)
        assert [day_of[case] for case in found] == sorted(silent)[:limit] and found
    assert len(held.left_unanswered(COUNTY, TODAY, ())) > len(silent) > 3
