"""The calendar at work: published at the top, taken into use below, noticed by all, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import peewee
import pytest
from playhouse.migrations import Runner

from common.calendar import records, service
from common.calendar.errors import CalendarError, NotCalendarPublisher, OfficialYearKept
from common.calendar.records import CalendarYear, YearRow
from common.calendar.rules.year import read_years
from common.calendar.service import KIND, Calendars
from common.casework.context import load_calendar
from common.store import audit
from common.store import migrate as migration
from common.store.database import UnitMisuse, close_database, database, open_database, run, unit_of_work
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.shelf import Draft, ShelfDoc
from sync.protocol.shelf import publish as sign_document
from sync.protocol.signing import RealSuite

COUNTY, TOWNSHIP, VILLAGE = "511921", "511921108", "511921108203"
TREE = Tree({COUNTY: "", TOWNSHIP: COUNTY, VILLAGE: TOWNSHIP})
NOW = 1_790_000_000_000
SUITE = RealSuite()
FIXED = ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"]
MONDAY = date(2027, 1, 4)


def year_2027(**parts: Any) -> dict[str, Any]:
    return {"2027": {"off": [*FIXED, "01-04"], "work": ["01-09"], "source": "示例通知"} | parts}


class Shelf:
    """A shelf of one author, with real signatures; `docs` is what neighbours would get."""

    def __init__(self, author: str = COUNTY) -> None:
        self.author = author
        self.key = SUITE.pair(b"\x07" * 64)
        self.docs: list[ShelfDoc] = []

    def publish(self, kind: str, key: str, content: bytes) -> ShelfDoc:
        version = 1 + sum(doc.key == key for doc in self.docs)
        draft = Draft(kind, key, version, "", self.author, content, NOW)
        self.docs.append(sign_document(draft, self.author, self.key, SUITE))
        return self.docs[-1]


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "node.sqlite"
    make_tables(path)
    yield path
    close_database()


def make_tables(path: Path) -> None:
    """The tables of a fresh node, by the real scripts in their order."""
    only = path.parent / "scripts"
    only.mkdir(exist_ok=True)
    for name in ("0002_store.py", "0012_calendar.py"):
        (only / name).write_text((migration.DIRECTORY / name).read_text(encoding="utf-8"), encoding="utf-8")
    Runner(open_database(path, busy_timeout_ms=200), str(only)).up()


def county(shelf: Shelf | None = None) -> Calendars:
    return Calendars(shelf or Shelf(), COUNTY, lambda: TREE)


def village(notes: list[tuple[str, str, str]] | None = None) -> Calendars:
    heard = notes if notes is not None else []
    return Calendars(Shelf(VILLAGE), VILLAGE, lambda: TREE, lambda *said: heard.append(said))


def published(shelf: Shelf, *objects: dict[str, Any]) -> Calendars:
    calendars = county(shelf)
    with unit_of_work():
        for obj in objects:
            calendars.publish(obj, NOW, "admin")
    return calendars


def elsewhere(path: Path) -> None:
    """Go on as another node: another database file."""
    close_database()
    make_tables(path.with_name("other.sqlite"))


def signed(content: Any, key: str = "2027", version: int = 1, author: str = COUNTY) -> ShelfDoc:
    data = content if isinstance(content, bytes) else canonical.dumps(content)
    return sign_document(
        Draft(KIND, key, version, "", author, data, NOW), author, SUITE.pair(b"\x07" * 64), SUITE
    )


def test_the_migrated_schema_is_what_the_table_says() -> None:
    columns = {row[1] for row in run("PRAGMA table_info(calendar_year)")}
    assert columns == {field.column_name for field in CalendarYear._meta.sorted_fields}
    assert [row[1] for row in run("PRAGMA index_list(calendar_year)") if row[2]] == [
        "calendar_year_year_version"
    ]
    with unit_of_work():
        records.add(records.YearRow(2027, 1, "{}", "aa", 5, "m"))
    with pytest.raises(peewee.IntegrityError), unit_of_work():
        records.add(records.YearRow(2027, 1, "{}", "bb", 6, "n"))


def test_the_script_can_be_taken_back(tmp_path: Path) -> None:
    runner = Runner(database.obj, str(tmp_path / "scripts"))
    runner.down()
    assert "calendar_year" not in database.get_tables()


def test_without_a_word_from_above_the_calendar_of_the_program_counts() -> None:
    calendars = village()
    assert calendars.current() == load_calendar()
    assert [(known.days.year, known.version) for known in calendars.years()] == [
        (2024, 0), (2025, 0), (2026, 0), (2027, 0),
    ]  # fmt: skip
    assert records.mark() == ""


def test_a_published_year_takes_the_place_of_that_year_alone() -> None:
    shelf = Shelf()
    calendars = published(shelf, year_2027())
    now, before = calendars.current(), load_calendar()
    assert before.is_working_day(MONDAY) and not now.is_working_day(MONDAY)
    assert now.is_working_day(date(2027, 1, 9))
    assert (now.years, now.drafts) == (frozenset({2024, 2025, 2026, 2027}), frozenset())
    assert now.worked(2026) == before.worked(2026)
    assert [(doc.kind, doc.key, doc.version, doc.audience) for doc in shelf.docs] == [
        (KIND, "2027", 1, COUNTY)
    ]
    row = audit.latest(1)[0]
    assert (row.actor, row.action, row.object) == ("admin", "calendar.publish", "2027")


def test_a_year_nobody_knew_is_added_and_another_version_corrects_it() -> None:
    shelf = Shelf()
    first = {"2028": year_2027(work=[])["2027"]}
    calendars = published(shelf, first, first, {"2028": first["2028"] | {"off": [*FIXED, "04-04"]}})
    assert [doc.version for doc in shelf.docs] == [1, 2]
    assert calendars.years()[-1].version == 2
    assert not calendars.current().is_working_day(date(2028, 4, 4))


def test_years_of_the_program_are_published_when_asked_and_only_once() -> None:
    """Another node's program may be older and not have them."""
    shelf, shipped = Shelf(), {"2026": village().years()[2].days.as_data()["2026"]}
    published(shelf, shipped, shipped)
    assert [(doc.key, doc.version) for doc in shelf.docs] == [("2026", 1)]


def test_only_the_top_publishes_and_only_in_a_unit() -> None:
    lower = Calendars(Shelf(TOWNSHIP), TOWNSHIP, lambda: TREE)
    with pytest.raises(NotCalendarPublisher), unit_of_work():
        lower.publish(year_2027(), NOW)
    for act in (lambda: county().publish(year_2027(), NOW), lambda: county().adopt([])):
        with pytest.raises(UnitMisuse):
            act()
    assert records.mark() == ""


def test_one_wrong_year_keeps_all_years_of_a_file_back() -> None:
    shelf = Shelf()
    with pytest.raises(CalendarError), unit_of_work():
        county(shelf).publish(year_2027() | {"2028": {"off": [], "work": [], "source": ""}}, NOW)
    with pytest.raises(OfficialYearKept) as caught, unit_of_work():
        county(shelf).publish(year_2027() | {"2026": year_2027(provisional=1, work=[])["2027"]}, NOW)
    assert "2026年" in str(caught.value)
    assert shelf.docs == [] and records.mark() == ""


def test_a_node_below_counts_by_what_came_and_says_what_it_wakes(file: Path) -> None:
    shelf = Shelf()
    published(shelf, year_2027(provisional=1), year_2027())
    elsewhere(file)
    calendars = village()
    assert calendars.current().is_working_day(MONDAY)
    with unit_of_work():
        # Newest first, as a stick may bring them, and one of them twice.
        woke = calendars.adopt([shelf.docs[1], shelf.docs[0], shelf.docs[1]])
    hashes = {f"doc:{doc.statement.hash}" for doc in shelf.docs}
    assert woke == {"doc:calendar.workdays/2027/1", "doc:calendar.workdays/2027/2"} | hashes
    assert calendars.years()[-1].version == 2
    assert calendars.current().years == frozenset({2024, 2025, 2026, 2027})
    assert run("SELECT COUNT(*), MAX(published_at) FROM calendar_year").fetchone() == (2, NOW)


def test_a_node_that_starts_again_counts_as_before(file: Path) -> None:
    published(Shelf(), year_2027())
    before = village().mark()
    close_database()
    open_database(file)
    assert not village().current().is_working_day(MONDAY)
    assert village().mark() == before != ""


def test_days_that_a_newer_program_brings_are_counted_by_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was published: what was signed by the old program's year has to be looked through again."""
    calendars, before = village(), village().mark()
    assert calendars.mark() == before
    brought = (*service.shipped_years()[:-1], *read_years(year_2027()))
    monkeypatch.setattr(service, "shipped_years", lambda: brought)
    after = village().mark()
    assert not village().current().is_working_day(MONDAY) and after != before
    published(Shelf(), year_2027())
    assert village().mark() == after


def test_bad_documents_are_noted_and_cost_the_good_one_nothing() -> None:
    good = signed(year_2027())
    docs = [
        signed(b"\xff{"),
        signed(b'{"2027": 1}'),
        signed({"2027": 1}),
        signed(year_2027(off=["13-01"])),
        signed(year_2027(), key="2028"),
        signed(year_2027() | {"2028": year_2027(work=[])["2027"]}),
        signed(year_2027(), author=TOWNSHIP),
        sign_document(
            Draft("catalogue.item", "2027", 1, "", COUNTY, b"{}", NOW),
            COUNTY,
            SUITE.pair(b"\x07" * 64),
            SUITE,
        ),
        good,
    ]
    notes: list[tuple[str, str, str]] = []
    calendars = village(notes)
    with unit_of_work():
        woke = calendars.adopt(docs)
    assert woke == {"doc:calendar.workdays/2027/1", f"doc:{good.statement.hash}"}
    assert [note[0] for note in notes] == ["E331"] * 6 + ["E332"]
    assert len(calendars.years()) == 4


def test_a_document_that_is_here_never_changes_what_is_here() -> None:
    calendars = village()
    with unit_of_work():
        calendars.adopt([signed(year_2027()), signed(year_2027(off=FIXED))])
    assert not calendars.current().is_working_day(MONDAY)


def test_another_process_is_noticed_at_once_and_an_undone_unit_leaves_no_trace() -> None:
    """Two calendars on one file stand for two processes; a unit is undone after it was read from."""
    ours, theirs = county(), county()
    with pytest.raises(ZeroDivisionError), unit_of_work():
        theirs.publish(year_2027(), NOW)
        assert not ours.current().is_working_day(MONDAY)
        raise ZeroDivisionError
    assert ours.current().is_working_day(MONDAY)
    with unit_of_work():
        theirs.publish(year_2027(work=["01-10"]), NOW)
    assert ours.current().is_working_day(date(2027, 1, 10))
    assert not ours.current().is_working_day(date(2027, 1, 9))


def test_asking_costs_one_small_query() -> None:
    calendars = published(Shelf(), year_2027())
    calendars.current()
    seen: list[str] = []
    database.connection().set_trace_callback(seen.append)
    assert calendars.current() is calendars.current()
    database.connection().set_trace_callback(None)
    assert len(seen) == 2 and all("SELECT mark" in statement for statement in seen)


def test_a_year_is_a_small_document() -> None:
    """It goes to every village over the thinnest line."""
    shelf = Shelf()
    published(shelf, village().years()[2].days.as_data())
    assert len(shelf.docs[0].content) < 700
    assert json.loads(shelf.docs[0].content)["2026"]["work"][0] == "01-04"


def test_a_year_this_program_reads_no_longer_stops_nothing() -> None:
    with unit_of_work():
        records.add(YearRow(2027, 1, '{"2027": {"off": []}}', "ab" * 32, NOW, "m1"))
        good = json.dumps({"2028": {**year_2027()["2027"], "work": []}})
        records.add(YearRow(2028, 1, good, "cd" * 32, NOW, "m2"))
    calendars = Calendars(Shelf(), VILLAGE, lambda: TREE)
    known = {year.days.year: year.version for year in calendars.years()}
    assert (known[2027], known[2028]) == (0, 1), "the year that came with the program counts instead"
    assert calendars.current().is_working_day(date(2027, 1, 5))
