"""Versions of items by date: the newest that has come is in force, later ones wait, a withdrawal ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from common.catalogue.service import WOKEN, Catalogue, ItemUnknown
from common.store.database import unit_of_work
from tests.catalogue.sample import FIRST_CODE, a_first_item
from tests.catalogue.shelf import COUNTY, NOW, OLD_AGE, TODAY, TREE, Shelf, county, item, published


def test_a_version_waits_for_its_date_and_then_takes_over(file: Path) -> None:
    shelf = Shelf()
    published(shelf, item(), item(visits=1, effective_from="2026-10-01"))
    before, then = county(shelf, date(2026, 9, 30)), county(shelf, date(2026, 10, 1))
    assert (before.item(OLD_AGE).version, then.item(OLD_AGE).version) == (1, 2)
    assert [found.visits for found in before.all_items()] == [0]
    assert before.search("高龄")[0].version == 1 and before.version(OLD_AGE, 2).visits == 1
    assert [found.item.version for found in before.newest()] == [2]
    assert [found.item.effective_from for found in before.history(OLD_AGE)] == ["", "2026-10-01"]


def test_one_catalogue_notices_that_a_new_day_has_begun(file: Path) -> None:
    day = [date(2026, 9, 30)]
    published(Shelf(), item(), item(visits=1, effective_from="2026-10-01"))
    catalogue = Catalogue(Shelf(), COUNTY, lambda: TREE, today=lambda: day[0])
    assert catalogue.item(OLD_AGE).version == 1
    day[0] = date(2026, 10, 1)
    assert catalogue.item(OLD_AGE).version == 2


def test_a_new_item_with_a_date_cannot_be_filed_before_it(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, item(effective_from="2026-10-01"))
    assert catalogue.item(OLD_AGE) is None and catalogue.items_for("township") == []
    assert county(shelf, date(2027, 1, 1)).item(OLD_AGE).version == 1


def test_what_is_published_at_once_replaces_what_was_waiting(file: Path) -> None:
    shelf = Shelf()
    published(shelf, item(), item(visits=1, effective_from="2026-10-01"), item(visits=2))
    assert county(shelf).item(OLD_AGE).version == 3
    assert county(shelf, date(2026, 12, 1)).item(OLD_AGE).version == 3


def test_no_wrong_clock_keeps_an_item_from_being_filed(file: Path) -> None:
    """A village whose clock has fallen back years still has what was published without a date."""
    shelf = Shelf()
    published(shelf, item(), item(visits=1, effective_from="2026-10-01"))
    assert county(shelf, date(1970, 1, 1)).item(OLD_AGE).version == 1


def test_a_withdrawal_may_have_a_date_too_and_may_be_brought_forward(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, item(effective_from="2026-01-01"))
    with unit_of_work():
        catalogue.withdraw(OLD_AGE, NOW, "admin", "2026-12-31")
    assert catalogue.item(OLD_AGE).version == 1
    assert county(shelf, date(2026, 12, 31)).item(OLD_AGE) is None
    with unit_of_work():
        ended = catalogue.withdraw(OLD_AGE, NOW, "admin")
    assert (ended.version, ended.effective_from, catalogue.item(OLD_AGE)) == (3, "", None)
    assert catalogue.newest()[0].item.version == 3


def test_an_item_of_format_1_is_withdrawn_with_a_date(file: Path) -> None:
    catalogue = published(Shelf(), a_first_item())
    with unit_of_work():
        catalogue.withdraw(FIRST_CODE, NOW, "admin", "2026-12-31")
    assert catalogue.item(FIRST_CODE).version == 1


DAY = 86_400_000


def test_what_was_in_force_on_a_day_is_known_from_signed_documents(file: Path) -> None:
    """Version 1 at once on day 0; 2 at once on day 10; 3 on day 12, dated day 20; 4 ends it on day 30."""
    shelf = Shelf()
    catalogue = county(shelf)
    with unit_of_work():
        catalogue.publish(item(), NOW)
        catalogue.publish(item(visits=1), NOW + 10 * DAY)
        catalogue.publish(item(visits=2, effective_from="2026-10-11"), NOW + 12 * DAY)
        catalogue.withdraw(OLD_AGE, NOW + 30 * DAY)
    good = {
        day: [v for v in (1, 2, 3, 4, 5) if catalogue.was_in_force(OLD_AGE, v, date.fromordinal(day))]
        for day in (TODAY.toordinal() + passed for passed in (-1, 0, 9, 10, 11, 19, 20, 29, 30, 31))
    }
    assert list(good.values()) == [[], [1], [1], [1, 2], [2], [2], [3], [3], [3], []]


def test_an_end_set_for_a_day_is_not_undone_by_what_is_published_in_between(file: Path) -> None:
    """A new telephone number keeps no item alive; a version that begins on that day or later does."""
    shelf = Shelf()
    catalogue = published(shelf, item())
    with unit_of_work():
        catalogue.withdraw(OLD_AGE, NOW, "admin", "2026-12-31")
    published(shelf, item(visits=2))
    before, after = county(shelf, date(2026, 12, 30)), county(shelf, date(2026, 12, 31))
    assert before.item(OLD_AGE).version == 3
    assert after.item(OLD_AGE) is None and after.all_items() == []
    assert before.was_in_force(OLD_AGE, 3, date(2026, 12, 30))
    assert not before.was_in_force(OLD_AGE, 3, date(2026, 12, 31))
    with pytest.raises(ItemUnknown), unit_of_work():
        after.withdraw(OLD_AGE, NOW)
    published(shelf, item(visits=3, effective_from="2026-12-31"))
    again = county(shelf, date(2027, 1, 1))
    assert again.item(OLD_AGE).version == 4 and again.was_in_force(OLD_AGE, 4, date(2027, 1, 1))


def test_departments_that_were_ever_named_are_known(file: Path) -> None:
    shelf = Shelf()
    catalogue = published(shelf, item())
    named = {item()["route"]["department"], *(part["department"] for part in item()["joint"])}
    assert catalogue.departments() == named and len(named) > 1
    other = item()
    other["route"] = {**other["route"], "department": "县新设部门"}
    assert published(shelf, other).departments() == named | {"县新设部门"}
    with unit_of_work():
        assert WOKEN in catalogue.adopt(shelf.docs)


@pytest.mark.usefixtures("reading_anew")
def test_texts_that_two_items_share_are_kept_once(file: Path) -> None:
    shelf = Shelf()
    with unit_of_work():
        top = county(shelf)
        top.publish(item("DEMO-511921-9011", hours="周一至周五 9:00 到 17:00"), NOW)
        top.publish(item("DEMO-511921-9012", hours="周一至周五 9:00 到 17:00"), NOW)
    one, other = county(shelf).all_items()
    assert one.code != other.code and one.hours is other.hours
