"""The register of a hall and the list of the late go by who stands below it now, not by codes alone."""

from __future__ import annotations

import pytest

from common.desk.register import BELOW, lines
from common.node.heart import Heart
from common.people.rules.roles import Role
from common.store.database import run
from sync.protocol.address import Tree
from tests.desk.test_decision_pages import person
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes

ELSEWHERE = "511921108203"
LATE = "/queue?view=overdue"


def _stand(monkeypatch: pytest.MonkeyPatch, village: str, parent: str) -> None:
    tree = Tree({COUNTY: "", TOWN: "", "511921108": "", village: parent})
    monkeypatch.setattr(Heart, "tree", lambda heart: tree)


def _lies_at(three: ThreeNodes, case: str, village: str) -> None:
    """Let a late case be one that this village took in and still has."""
    with three.node.unit():
        run(
            "UPDATE case_file SET origin = ?, holder = ?, waits_at = ?, alarm_on = '2026-01-05' "
            'WHERE "case" = ?',
            (village, village, village, case),
        )


def test_a_village_of_another_code_that_stands_below_a_township_is_on_its_lists(
    three: ThreeNodes, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(TOWN)
    watch = person(three, "watch", Role.SUPERVISOR, "")
    _lies_at(three, received, ELSEWHERE)
    for parent, is_here in (("511921108", False), (TOWN, True)):
        _stand(monkeypatch, ELSEWHERE, parent)
        assert (received in watch.get("/register?scope=below").text) is is_here
        assert (received in watch.get(LATE).text) is is_here
        assert ('href="/queue?view=overdue"' in watch.get("/").text) is is_here


def test_what_lies_late_at_a_village_that_has_moved_away_is_no_longer_on_the_list_but_in_the_register(
    three: ThreeNodes, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of its steps comes here any more: each would stay late for ever."""
    three.open(TOWN)
    watch = person(three, "watch", Role.SUPERVISOR, "")
    _lies_at(three, received, VILLAGE)
    for parent, is_here in ((TOWN, True), (COUNTY, False)):
        _stand(monkeypatch, VILLAGE, parent)
        assert received in watch.get("/register?scope=below").text
        assert (received in watch.get(LATE).text) is is_here


def test_of_a_township_that_has_come_only_those_villages_count_that_stand_below_too(
    three: ThreeNodes, received: str
) -> None:
    """Each site that has come is named: by the code of the township its villages came twice, or in vain."""
    three.open(TOWN)
    _lies_at(three, received, VILLAGE)
    for came, times in (((TOWN,), 0), ((TOWN, VILLAGE), 1)):
        found = lines("5120", 0, 2**62, BELOW, came)
        assert [line.number for line in found].count(received) == times
