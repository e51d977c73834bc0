"""The log of views: chained, told upward by the day, and whatever is done to it shows."""

from __future__ import annotations

from typing import Any

import pytest

from common.journal import records
from common.journal.rules import START, Digest, Fields, What, as_fields, chained, read_digest, read_rows
from common.journal.service import GAP, REWRITTEN, ROWS, VIEWS, WANTED, NoSuchDigest, NotADesk
from common.node.verbs import commands
from common.store.database import Base, run
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.frame import Act
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes


def look(three: ThreeNodes, login: str = "agent", times: int = 1, name: str = "DEMO-1") -> None:
    """Look at a case at the open node."""
    with three.node.unit():
        for _ in range(times):
            three.node.views.record(login, (What.CASE, name, Fields.WHOLE), three.now())


def report(three: ThreeNodes) -> int:
    with three.node.unit():
        return len(three.node.views.report(three.now()))


def applied(three: ThreeNodes, kind: str, author: str, body: Any) -> list[str]:
    """Hand one act to the open node; return why it was put aside."""
    act = Act("cd" * 16, kind, author, canonical.dumps(body), (), "", 0)
    with three.node.unit():
        return [why.reason for why in three.node.staffing.apply([act]).parked.values()]


def tamper(sql: str) -> None:
    """Do what somebody with the file in hand does."""
    run("DROP TRIGGER IF EXISTS view_log_is_never_changed")
    run("DROP TRIGGER IF EXISTS view_log_is_never_shortened")
    run(sql)


def test_rows_say_who_looked_at_which_case_and_nothing_of_what_was_seen(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    look(three)
    (view,) = three.node.views.newest(5)
    assert view == (1, three.now(), "agent", "case", "DEMO-1", "whole")
    assert three.node.views.of("DEMO-1", 5) == [view]
    assert three.node.views.problems() == []


@pytest.mark.parametrize("sql", ["UPDATE view_log SET login = 'x'", "DELETE FROM view_log"])
def test_the_database_itself_refuses_to_change_a_row(three: ThreeNodes, sql: str) -> None:
    three.open(VILLAGE)
    look(three)
    with pytest.raises(Exception, match="never"):
        run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE view_log SET login = 'somebody' WHERE pos = 2",
        "UPDATE view_log SET at = at + 1 WHERE pos = 3",
        "DELETE FROM view_log WHERE pos = 2",
        "DELETE FROM view_log WHERE pos = 1",
        "UPDATE view_log SET pos = 9 WHERE pos = 3",
        "UPDATE view_log SET chain = 'x' WHERE pos = 3",
    ],
)
def test_what_is_done_to_a_row_shows(three: ThreeNodes, sql: str) -> None:
    three.open(VILLAGE)
    look(three, times=3)
    tamper(sql)
    assert three.node.views.problems()
    assert any("view log" in problem for problem in commands.verify(three.node)["problems"])


def test_rows_cut_off_or_a_chain_forged_whole_show_in_the_digest(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    look(three, times=3)
    three.clock.advance(DAY_MS)
    assert report(three) == 1 and three.node.views.problems() == []
    tamper("DELETE FROM view_log WHERE pos = 3")
    assert len(three.node.views.problems()) == 1
    rows = three.node.views.newest(9)[::-1]
    before = START
    forged = rows[0]._replace(login="nobody")
    before = chained(before, forged)
    tamper(f"UPDATE view_log SET login = 'nobody', chain = '{before}' WHERE pos = 1")
    tamper("DELETE FROM view_log WHERE pos = 2")
    assert three.node.views.problems() == ["view log differs from the digest of 2026-03-03"]


def test_a_day_is_told_once_when_it_is_over(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    look(three, times=2)
    look(three, "admin")
    assert report(three) == 0, "today goes on"
    three.clock.advance(DAY_MS)
    look(three)
    assert (report(three), report(three)) == (1, 0)
    three.clock.advance(2 * DAY_MS)
    assert report(three) == 1
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    for address in (TOWN, COUNTY):
        three.open(address)
        newest, first = three.node.views.days_below(VILLAGE)
        assert (first.digest.day, first.digest.count, first.fault) == ("2026-03-03", 3, "")
        assert first.digest.by == (("agent", 2), ("admin", 1)) and first.views == ()
        assert (newest.digest.day, newest.digest.first, newest.fault) == ("2026-03-04", 4, "")


def test_what_was_seen_before_the_node_had_a_network_leaves_no_gap(three: ThreeNodes) -> None:
    """Nobody is accused of cutting a log that only began before there was anybody to tell."""
    three.open(VILLAGE)
    views, tree = three.node.views, three.node.views._tree
    look(three, times=2)
    three.clock.advance(DAY_MS)
    views._tree = lambda: Tree({})
    assert report(three) == 0
    views._tree = tree
    assert report(three) == 1
    three.carry(VILLAGE, TOWN)
    (day,) = three.node.views.days_below(VILLAGE)
    assert (day.digest.first, day.digest.count, day.fault) == (1, 2, "")


def test_a_wrong_clock_gives_a_wrong_day_and_never_a_gap(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    for wall in (4_080_000_000_000, 60_000, 1_772_500_000_000):
        three.clock.set_wall(wall)
        look(three)
    three.clock.set_wall(1_772_500_000_000 + DAY_MS)
    assert report(three) == 3
    three.carry(VILLAGE, TOWN)
    assert [day.fault for day in three.node.views.days_below(VILLAGE)] == ["", "", ""]


def test_rows_come_on_demand_and_are_compared_with_what_was_told(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    look(three, times=120)
    three.clock.advance(DAY_MS)
    report(three)
    three.carry(VILLAGE, TOWN)
    with three.node.unit():
        three.node.views.demand(VILLAGE, 120, "admin", three.now())
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    (day,) = three.node.views.days_below(VILLAGE)
    assert (len(day.views), day.fault) == (120, "")
    assert day.views[0][2:] == ("agent", "case", "DEMO-1", "whole")
    assert not three.node.spool.parked()


def test_a_log_rewritten_after_it_was_told_shows_above(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    look(three, times=3)
    three.clock.advance(DAY_MS)
    report(three)
    three.carry(VILLAGE, TOWN)
    three.open(VILLAGE)
    tamper("UPDATE view_log SET login = 'nobody' WHERE pos = 2")
    three.open(TOWN)
    with three.node.unit():
        three.node.views.demand(VILLAGE, 3, "admin", three.now())
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    (day,) = three.node.views.days_below(VILLAGE)
    assert day.fault == REWRITTEN


def test_a_digest_that_does_not_follow_the_last_is_marked(three: ThreeNodes) -> None:
    three.open(TOWN)
    for first, upto in ((1, 3), (5, 6), (7, 7), (2, 9)):
        digest = Digest(first, upto, "2026-03-03", (("agent", 1),), "ab" * 32)
        assert applied(three, VIEWS, VILLAGE, as_fields(digest)) == []
    assert [(d.digest.upto, d.fault) for d in three.node.views.days_below(VILLAGE)] == [
        (9, GAP),
        (7, ""),
        (6, GAP),
        (3, ""),
    ]


GOOD = as_fields(Digest(1, 3, "2026-03-03", (("agent", 3),), "ab" * 32))


@pytest.mark.parametrize(
    "change",
    [
        {"first": 0},
        {"first": 4},
        {"count": 2},
        {"day": 7},
        {"day": "x" * 65},
        {"head": "ab"},
        {"by": "agent"},
        {"by": [["agent", 4]]},
        {"by": [["agent", 0]]},
        {"by": [["agent"]]},
        {"by": [["a", 1]] * 201},
        {"upto": "3"},
    ],
)
def test_a_malformed_digest_waits_for_a_person(three: ThreeNodes, change: dict[str, Any]) -> None:
    assert read_digest(GOOD).count == 3
    three.open(TOWN)
    assert applied(three, VIEWS, VILLAGE, {**GOOD, **change}) == ["E215"]
    assert three.node.views.days_below(VILLAGE) == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"first": 1, "rows": []},
        {"first": 0, "rows": [[1, "a", "case", "X", "whole"]]},
        {"first": 1, "rows": [[1, "a", "case", "X"]]},
        {"first": 1, "rows": [[-1, "a", "case", "X", "whole"]]},
        {"first": 1, "rows": [[1, "a", "case", 5, "whole"]]},
        {"first": 1, "rows": [[1, "a", "case", "X", "whole"]] * 51},
    ],
)
def test_malformed_rows_wait_for_a_person(three: ThreeNodes, body: Any) -> None:
    three.open(TOWN)
    assert applied(three, ROWS, VILLAGE, body) == ["E215"]
    assert len(read_rows({"first": 1, "rows": [[1, "a", "case", "X", "whole"]]})) == 1


def test_nobody_tells_or_asks_who_may_not(three: ThreeNodes) -> None:
    three.open(TOWN)
    assert applied(three, VIEWS, COUNTY, GOOD) == ["E216"]
    # What it told itself and gets back after a loss is for those above.
    assert applied(three, VIEWS, TOWN, GOOD) == []
    assert applied(three, ROWS, "511921108203", {"first": 1, "rows": [[1, "a", "case", "X", "w"]]}) == [
        "E216"
    ]
    for author in (VILLAGE, TOWN, "511921108203"):
        assert applied(three, WANTED, author, {"node": TOWN, "first": 1, "upto": 3}) == ["E216"]
    assert applied(three, WANTED, COUNTY, {"node": TOWN, "first": 0, "upto": 3}) == ["E215"]
    with pytest.raises(NotADesk), three.node.unit():
        three.node.views.demand(COUNTY, 3, "admin", three.now())
    with pytest.raises(NoSuchDigest), three.node.unit():
        three.node.views.demand(VILLAGE, 3, "admin", three.now())


def test_a_demand_passes_through_to_the_node_it_is_for(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    look(three, times=2)
    three.clock.advance(DAY_MS)
    report(three)
    three.carry(VILLAGE, COUNTY)
    with three.node.unit():
        three.node.views.demand(VILLAGE, 2, "admin", three.now())
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, COUNTY)
    assert [len(day.views) for day in three.node.views.days_below(VILLAGE)] == [2]


@pytest.mark.parametrize("table", ["view_log", "view_digest", "view_below"])
def test_the_migrated_schema_is_what_the_tables_say(three: ThreeNodes, table: str) -> None:
    three.open(VILLAGE)
    models: list[type[Base]] = [records.ViewLogRow, records.ViewDigest, records.ViewBelow]
    model = next(one for one in models if one._meta.table_name == table)
    columns = {row[1] for row in run(f"PRAGMA table_info({table})")}
    assert columns == {field.column_name for field in model._meta.sorted_fields}
