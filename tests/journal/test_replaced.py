"""A computer is replaced: its log of views begins anew, and nobody is said to have rewritten one."""

from __future__ import annotations

import pytest

from common.days import local_day
from common.journal.rules import START, Digest, View, as_fields, head_after, rows_fields
from common.journal.service import GAP, REWRITTEN, ROWS, VIEWS, NoSuchDigest
from common.people.rules.roles import Role
from common.store.database import run
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes
from tests.journal.test_views import applied, look, report, tamper
from tests.people.test_barred import add


def day_of(three: ThreeNodes, times: int, login: str = "agent") -> None:
    """Let somebody look so often at the village, and the day end and be told of."""
    look(three, login, times=times)
    three.clock.advance(DAY_MS)
    report(three)


def replaced(three: ThreeNodes) -> None:
    """Go on at the village on a new computer: its log of views begins anew."""
    three.open(VILLAGE)
    tamper("DELETE FROM view_log")
    run("DELETE FROM view_digest")


def test_a_replaced_computer_begins_its_log_anew_and_nobody_is_accused(three: ThreeNodes) -> None:
    """Its rows are counted from one again; what the former one told of the same places is another matter."""
    three.open(VILLAGE)
    day_of(three, 5)
    three.carry(VILLAGE, TOWN)
    # The log of a new machine: a day's views, and another's.
    replaced(three)
    day_of(three, 3, "clerk")
    look(three, "clerk")
    three.clock.advance(DAY_MS)
    report(three)
    three.carry(VILLAGE, TOWN)
    days = three.node.views.days_below(VILLAGE)
    assert [(day.digest.first, day.fault, day.is_former) for day in days] == [
        (4, "", False),
        (1, GAP, False),
        (1, "", True),
    ]
    with three.node.unit():
        three.node.views.demand(VILLAGE, 3, "admin", three.now())
        three.node.views.demand(VILLAGE, 4, "admin", three.now())
    with pytest.raises(NoSuchDigest), three.node.unit():
        three.node.views.demand(VILLAGE, 5, "admin", three.now())
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    days = three.node.views.days_below(VILLAGE)
    assert [(len(day.views), day.fault) for day in days] == [(1, ""), (3, GAP), (0, "")]
    page = three.client(TOWN, "admin").get(f"/views/site/{VILLAGE}").text
    assert "重新从头记起" in page and "前后不连续" not in page and "取不到" in page


def test_rows_asked_for_of_a_log_that_began_anew_accuse_nobody(three: ThreeNodes) -> None:
    """Those above hear of the new log only with its first day; what they ask for until then is not in it."""
    three.open(VILLAGE)
    day_of(three, 5)
    three.carry(VILLAGE, TOWN)
    with three.node.unit():
        three.node.views.demand(VILLAGE, 5, "admin", three.now())
    replaced(three)
    look(three, "clerk", times=9)
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    (day,) = three.node.views.days_below(VILLAGE)
    assert (day.fault, day.views) == ("", ())


def test_rows_of_a_former_computer_are_no_rows_of_the_new_one(three: ThreeNodes) -> None:
    """They stand at the same places, and would name the wrong people for the new one's first days."""
    three.open(VILLAGE)
    day_of(three, 5)
    three.carry(VILLAGE, TOWN)
    with three.node.unit():
        three.node.views.demand(VILLAGE, 5, "admin", three.now())
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    replaced(three)
    day_of(three, 3, "clerk")
    three.carry(VILLAGE, TOWN)
    new, former = three.node.views.days_below(VILLAGE)
    assert [view.login for view in former.views] == ["agent"] * 5
    assert new.views == (), "nobody has asked for them yet"


def test_half_the_rows_of_a_new_log_beside_those_of_a_former_one_accuse_nobody(three: ThreeNodes) -> None:
    """A cut line brings the beginning alone; at the other places stands what the former computer sent."""
    three.open(TOWN)

    def told(days: int, login: str, first: int, upto: int) -> list[View]:
        at = three.now() + days * DAY_MS
        views = [View(pos, at, login, "case", "DEMO-1", "whole") for pos in range(first, upto + 1)]
        heads[upto] = head_after(heads[first - 1], views)
        digest = Digest(first, upto, local_day(at), ((login, len(views)),), heads[upto])
        assert applied(three, VIEWS, VILLAGE, as_fields(digest)) == []
        return views

    heads = {0: START}
    former = told(0, "former", 1, 120)
    for at in range(0, 120, 50):
        assert applied(three, ROWS, VILLAGE, rows_fields(former[at : at + 50])) == []
    told(1, "new", 1, 3)
    views = told(2, "new", 4, 120)
    for at in range(0, 117, 50):
        assert applied(three, ROWS, VILLAGE, rows_fields(views[at : at + 50])) == []
        newest = three.node.views.days_below(VILLAGE)[0]
        assert (newest.fault, len(newest.views)) == ("", min(at + 50, 117))
    forged = [views[0]._replace(at=views[0].at - DAY_MS)]
    assert applied(three, ROWS, VILLAGE, rows_fields(forged)) == []
    assert three.node.views.days_below(VILLAGE)[0].fault == REWRITTEN, "no row of a day is of another"


def test_days_before_a_copy_that_was_put_back_can_still_be_asked_for(three: ThreeNodes) -> None:
    """Their rows are in the copy; only what was told after it is gone."""
    three.open(VILLAGE)
    for _ in range(2):
        day_of(three, 3)
    three.carry(VILLAGE, TOWN)
    # The copy was made after the first day; since then somebody looked twice.
    three.open(VILLAGE)
    tamper("DELETE FROM view_log WHERE pos > 3")
    run("DELETE FROM view_digest WHERE upto > 3")
    day_of(three, 2, "clerk")
    three.carry(VILLAGE, TOWN)
    days = [(day.digest.upto, day.fault, day.is_former) for day in three.node.views.days_below(VILLAGE)]
    assert days == [(5, GAP, False), (6, "", True), (3, "", False)]
    with three.node.unit():
        three.node.views.demand(VILLAGE, 3, "admin", three.now())
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    assert [(len(day.views), day.fault) for day in three.node.views.days_below(VILLAGE)] == [
        (0, GAP),
        (0, ""),
        (3, ""),
    ]
    page = three.client(TOWN, "admin").get(f"/views/site/{VILLAGE}").text
    assert "从较早处接着记" in page and "前后不连续" not in page, "as a copy put back is no crime"
    assert "以前电脑上的" not in page, "the computer is the same"


def test_a_login_of_a_former_computer_is_nobody_s_of_the_new_one(three: ThreeNodes) -> None:
    """Accounts are made anew there, and who has a login now may not be who looked then."""
    three.open(VILLAGE)
    day_of(three, 5, "wu")
    run("DELETE FROM view_digest")
    tamper("DELETE FROM view_log")
    look(three, "wu", times=2)
    three.clock.advance(DAY_MS)
    add(three, "wu", "吴新人", Role.AGENT)
    with three.node.unit():
        three.node.staffing.report()
    three.carry(VILLAGE, TOWN)
    page = three.client(TOWN, "admin").get(f"/views/site/{VILLAGE}").text
    assert "吴新人（wu） 2 次" in page
    assert "吴新人（wu） 5 次" not in page and "wu 5 次" in page


def test_what_a_retired_site_told_can_still_be_looked_at(three: ThreeNodes) -> None:
    """Who looked at whose data there is asked long after the village was merged into another."""
    three.open(VILLAGE)
    day_of(three, 3)
    three.carry(VILLAGE, COUNTY)
    with three.node.unit():
        three.node.trust.retire(VILLAGE, ("admin", three.now()), "并入邻村")
    admin = three.client(COUNTY, "admin")
    page = admin.get("/views").text
    assert f'href="/views/site/{VILLAGE}"' in page and "站点已撤销" in page
    found = admin.get(f"/views/site/{VILLAGE}").text
    assert "2026-03-03" in found and "agent" in found
