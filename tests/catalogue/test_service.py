"""The catalogue at work: published once, taken into use below, noticed by every process, never changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playhouse.migrations import Migration

from common.catalogue import records
from common.catalogue.messages import adopt
from common.catalogue.records import ItemVersion
from common.catalogue.rules.initials import initials
from common.catalogue.rules.item import CatalogueError, ServiceItem, read_stored
from common.catalogue.service import Catalogue, ItemUnknown, NotPublisher, ShelfOutOfStep, shipped_items
from common.store import migrate as migration
from common.store.database import UnitMisuse, close_database, database, open_database, run, unit_of_work
from sync.protocol.shelf import Draft
from sync.protocol.shelf import publish as sign_document
from tests.catalogue.sample import FIRST_CODE, a_first_item, an_item
from tests.catalogue.shelf import (
    COUNTY,
    NOW,
    OLD_AGE,
    SUITE,
    TODAY,
    TOWNSHIP,
    TREE,
    Shelf,
    county,
    item,
    on_another_file,
    published,
    village,
)


def test_the_migrated_schema_is_what_the_table_says(file: Path) -> None:
    """Columns, and the index that keeps a version from coming twice."""
    columns = {row[1] for row in run("PRAGMA table_info(item_version)")}
    assert columns == {field.column_name for field in ItemVersion._meta.sorted_fields}
    unique = [row[1] for row in run("PRAGMA index_list(item_version)") if row[2]]
    assert unique == ["item_version_code_version"]


def test_old_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    """A row of format 1 as an earlier program left it, migrated: it is in force at once."""
    db = open_database(tmp_path / "old.sqlite", busy_timeout_ms=200)
    scripts = {s.name: s.load() for s in Migration.load_directory(str(migration.DIRECTORY))}
    scripts["0004_catalogue"].up(None, db)
    text = json.dumps(a_first_item(version=4), ensure_ascii=False)
    with unit_of_work():
        run("INSERT INTO item_version VALUES (9, ?, 4, ?, 'aa', 5, 0, 'bb')", (FIRST_CODE, text))
    scripts["0013_item_dates"].up(None, db)
    assert records.one(FIRST_CODE, 4) == (FIRST_CODE, 4, text, "aa", 5, 0, "bb", "")
    assert county().item(FIRST_CODE).name == county().version(FIRST_CODE, 4).name == "老年人优待证登记"
    close_database()


def test_a_stored_version_that_cannot_be_read_any_more_costs_the_others_nothing(file: Path) -> None:
    catalogue = published(Shelf(), item(), an_item())
    with unit_of_work():
        run("UPDATE item_version SET text = '{}', mark = 'x' WHERE code = ?", (OLD_AGE,))
    again = county()
    assert [found.name for found in again.all_items()] == [an_item()["name"]]
    assert again.item(OLD_AGE) is None and again.version(OLD_AGE, 1) is None and again.history(OLD_AGE) == []
    assert catalogue.statement_of(OLD_AGE, 7) == ""
    with pytest.raises(ShelfOutOfStep), unit_of_work():
        # The next version is counted on from what is stored, readable or not; this new shelf begins at one.
        again.publish(item(visits=1), NOW)


def test_every_shipped_item_is_published_and_found_again(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, *shipped_items())
    assert [found.code for found in catalogue.all_items()] == [obj["code"] for obj in shipped_items()]
    assert len(catalogue.all_items()) == len(shelf.docs) >= 5
    assert {found.version for found in catalogue.all_items()} == {1}
    assert {row[0] for row in run("SELECT published_at FROM item_version")} == {NOW}


def test_what_says_nothing_new_is_not_published_again(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, item(), item(version=77), item(visits=3), item(visits=3))
    assert [doc.version for doc in shelf.docs] == [1, 2]
    assert catalogue.item(OLD_AGE).visits == 3
    assert catalogue.item(OLD_AGE).version == 2
    assert catalogue.version(OLD_AGE, 1).visits == 0
    assert catalogue.version(OLD_AGE, 3) is None


def test_only_the_top_publishes(file: Path) -> None:
    shelf = Shelf(TOWNSHIP)
    catalogue = Catalogue(shelf, TOWNSHIP, lambda: TREE)
    with pytest.raises(NotPublisher), unit_of_work():
        catalogue.publish(item(), NOW)
    assert shelf.docs == [] and catalogue.all_items() == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"kind": "sometimes", "visits": -1}, "kind"),
        ({"code": "A|B"}, "|"),
        ({"more": {"share": 0.5}}, "more"),
    ],
)
def test_a_bad_item_is_refused_and_nothing_is_published(file: Path, parts: dict[str, Any], said: str) -> None:
    shelf = Shelf()
    with pytest.raises(CatalogueError) as caught:
        published(shelf, item() | parts)
    assert said in caught.value.sentence
    assert shelf.docs == [] and records.mark() == ""


def test_the_shelf_gives_the_number_and_one_that_is_behind_stops_the_publication(file: Path) -> None:
    shelf = Shelf()
    shelf.publish("catalogue.item", OLD_AGE, b"{}")
    assert published(shelf, item()).item(OLD_AGE).version == 2
    behind = Shelf()
    with pytest.raises(ShelfOutOfStep):
        published(behind, item(visits=1))
    assert county().item(OLD_AGE).visits == 0 and behind.docs == []


def test_publishing_and_adopting_need_a_unit_of_work(file: Path) -> None:
    with pytest.raises(UnitMisuse):
        county().publish(item(), NOW)
    with pytest.raises(UnitMisuse):
        village().adopt([])


def test_a_withdrawn_item_is_not_in_force_but_its_cases_still_find_it(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, item())
    with unit_of_work():
        catalogue.withdraw(OLD_AGE, NOW, "admin")
    assert catalogue.item(OLD_AGE) is None
    assert catalogue.all_items() == [] and catalogue.search("高龄") == []
    assert not catalogue.was_in_force(OLD_AGE, 2, TODAY)
    assert catalogue.version(OLD_AGE, 1).name == catalogue.version(OLD_AGE, 2).name == "高龄津贴申领"
    with pytest.raises(ItemUnknown), unit_of_work():
        catalogue.withdraw(OLD_AGE, NOW)
    with unit_of_work():
        catalogue.publish(item(), NOW)
    assert catalogue.item(OLD_AGE).version == 3


def test_a_node_below_takes_documents_into_use_and_says_what_they_wake(file: Path) -> None:
    shelf = Shelf()
    published(shelf, item(), item(visits=3))
    on_another_file(file)
    catalogue = village()
    with unit_of_work():
        # Newest first, as a stick may bring them.
        woke = adopt(catalogue, [shelf.docs[1], shelf.docs[0], shelf.docs[1]])
    assert woke == {"catalogue"} | {f"doc:catalogue.item/{OLD_AGE}/{version}" for version in (1, 2)} | {
        f"doc:{doc.statement.hash}" for doc in shelf.docs
    }
    assert catalogue.item(OLD_AGE).version == 2 and catalogue.version(OLD_AGE, 1).visits == 0
    assert [catalogue.statement_of(OLD_AGE, version) for version in (1, 2, 3)] == [
        *(doc.statement.hash for doc in shelf.docs),
        "",
    ]
    assert run("SELECT COUNT(*), MAX(published_at) FROM item_version").fetchone() == (2, NOW)


def test_bad_documents_are_noted_and_cost_the_good_one_nothing(file: Path) -> None:
    """Real documents: not JSON, no item, another key, a later version, another author, another kind."""
    good, lower = Shelf(), Shelf(TOWNSHIP)
    content = json.dumps(item(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    later = content.replace(b'"version":1', b'"version":9')
    docs = [
        good.publish("catalogue.item", "A", b"\xff{"),
        good.publish("catalogue.item", "B", b'{"code":"B"}'),
        good.publish("catalogue.item", "C", content),
        good.publish("calendar", OLD_AGE, content),
        lower.publish("catalogue.item", OLD_AGE, content),
        sign_document(Draft("catalogue.item", OLD_AGE, 1, "", COUNTY, content, NOW), COUNTY, good.key, SUITE),
        sign_document(Draft("catalogue.item", OLD_AGE, 8, "", COUNTY, later, NOW), COUNTY, good.key, SUITE),
    ]
    notes: list[tuple[str, str, str]] = []
    catalogue = village(notes)
    with unit_of_work():
        assert f"doc:catalogue.item/{OLD_AGE}/1" in catalogue.adopt(docs)
    assert [note[0] for note in notes] == ["E301", "E301", "E304", "E302", "E304"]
    assert [found.code for found in catalogue.all_items()] == [OLD_AGE]


def test_a_document_that_is_here_already_never_changes_what_is_here(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, item())
    with unit_of_work():
        catalogue.adopt(
            [
                replace(
                    shelf.docs[0], content=shelf.docs[0].content.replace(b"2 \xe5\x85\x83", b"9 \xe5\x85\x83")
                )
            ]
        )
    assert catalogue.item(OLD_AGE).fees[0].standard == "每平方米 2 元（示例）"


def test_another_process_is_noticed_at_once_and_an_undone_unit_leaves_no_trace(file: Path) -> None:
    """Two catalogues on one file stand for two processes; a unit is undone after it was read from."""
    ours, theirs = county(Shelf()), county(Shelf())
    with unit_of_work():
        ours.publish(item(), NOW)
    assert theirs.item(OLD_AGE).version == 1
    with pytest.raises(ZeroDivisionError), unit_of_work():
        Catalogue(_counting_from(1), COUNTY, lambda: TREE).publish(item(visits=1), NOW)
        assert ours.item(OLD_AGE).visits == 1
        raise ZeroDivisionError
    assert ours.item(OLD_AGE).visits == 0
    with unit_of_work():
        theirs._shelf = _counting_from(1)
        theirs.publish(item(visits=2), NOW)
    assert (ours.item(OLD_AGE).version, ours.item(OLD_AGE).visits) == (2, 2)


def _counting_from(held: int) -> Shelf:
    shelf = Shelf()
    for _ in range(held):
        shelf.publish("catalogue.item", OLD_AGE, b"{}")
    return shelf


def test_an_item_is_read_with_one_small_query(file: Path) -> None:
    """Every filing asks: the statements a read makes are counted."""
    catalogue = published(Shelf(), *shipped_items())
    catalogue.item(OLD_AGE)
    seen: list[str] = []
    database.connection().set_trace_callback(seen.append)
    for _ in range(3):
        catalogue.item(OLD_AGE)
        catalogue.version(OLD_AGE, 1)
    database.connection().set_trace_callback(None)
    assert len(seen) == 6 and all("SELECT mark" in statement for statement in seen)


def test_each_version_is_parsed_once_however_often_it_is_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filing asks all the time: 64 items are parsed at the first read, one more when one is published."""
    parsed: list[str] = []

    def counted(obj: dict[str, Any]) -> ServiceItem:
        parsed.append(obj["code"])
        return read_stored(obj)

    monkeypatch.setattr("common.catalogue.snapshot.read_stored", counted)
    published(Shelf(), *shipped_items())
    catalogue = county(_counting_from(0))
    for _ in range(50):
        assert catalogue.items_for("village") and catalogue.item(OLD_AGE) and catalogue.version(OLD_AGE, 1)
        assert catalogue.statement_of(OLD_AGE, 1)
    assert len(parsed) == len(shipped_items())
    with unit_of_work():
        catalogue.publish(item(code="DEMO-511921-9999"), NOW)
    assert catalogue.item("DEMO-511921-9999") and len(catalogue.all_items()) == len(shipped_items()) + 1
    assert len(parsed) == len(shipped_items()) + 1


def test_items_are_listed_for_the_level_that_takes_them_in(file: Path) -> None:
    catalogue = published(Shelf(), *shipped_items())
    for level in ("village", "township", "county"):
        wanted = [obj["code"] for obj in shipped_items() if level in obj["route"]["intake_levels"]]
        assert [found.code for found in catalogue.items_for(level)] == wanted
    assert 0 < len(catalogue.items_for("village")) < len(catalogue.all_items())


def test_items_are_found_by_name_initials_and_department(file: Path) -> None:
    catalogue = published(Shelf(), item(), an_item(), a_first_item())
    everything = catalogue.all_items()
    assert {found.code for found in catalogue.search(" ")} == {found.code for found in everything}
    assert [found.code for found in catalogue.search("高龄")] == [OLD_AGE]
    assert catalogue.search("GLJT")[0].code == catalogue.search("gl")[0].code == OLD_AGE
    assert {found.code for found in catalogue.search("民政局")} == {OLD_AGE, FIRST_CODE}
    assert catalogue.search(OLD_AGE.lower())[0].code == OLD_AGE
    assert catalogue.search("没有这个") == []


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("高龄津贴申领", "gljtsl"),
        ("低保 A1", "dba1"),
        ("农村宅基地", "nczjd"),
        ("〇😀", ""),
        ("犇堃珺玥", "bkjy"),
        ("啊座", "az"),
    ],
)
def test_initials_are_those_of_common_characters(text: str, letters: str) -> None:
    assert initials(text) == letters
