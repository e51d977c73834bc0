"""What takes a review and an approval is settled by nobody alone: not at the counter, not by a lying node."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import NotInstant, OwnCase, PapersLacking
from common.casework.rules.flow import Action, State
from common.casework.rules.recusal import is_namesake
from common.catalogue.rules.item import PaperSpec
from common.store.database import unit_of_work
from tests.casework.build import AGENT, COUNTY, TOWN, VILLAGE, a_filing, a_paper
from tests.casework.life.tools import CLERK, OURS, Shelf, staff


def test_a_case_whose_parts_are_all_at_the_counter_still_takes_two_people(life):
    case = life.file("direct", at=COUNTY, who=CLERK)
    announced = len(life.network.sites[COUNTY].outbox.acts)
    with pytest.raises(NotInstant):
        life.move(COUNTY, case, "settle", CLERK, result={"name": "结果"})
    assert life.agreed(case).state is State.RECEIVED
    assert len(life.network.sites[COUNTY].outbox.acts) == announced


def test_an_item_that_is_not_here_is_not_settled_on_trust(life):
    case = life.file("direct", at=COUNTY, who=CLERK)
    del life.shelf.items["direct"]
    with pytest.raises(NotInstant):
        life.move(COUNTY, case, "settle", CLERK, result={"name": "结果"})


def test_the_top_parks_what_a_township_settled_against_the_item(life):
    """The township says that its item is settled on the spot; the county has it as it was published."""
    county = life.shelf
    lying = Shelf({**county.items, "town": replace(county.items["town"], kind="instant")})
    town = life.network.sites[TOWN]
    town.casework.ctx = replace(town.casework.ctx, catalogue=lying)
    casework = life.at(TOWN)
    with unit_of_work():
        case = casework.settle(a_filing("town", place=TOWN), staff("CLERK", OURS), {}, life.now)
    life.network.run()
    assert life.state(case, TOWN).state is State.ISSUED
    assert life.state(case, COUNTY).state is State.RECEIVED
    parked = [(why.reason, why.waits_for) for _, why in life.network.sites[COUNTY].parked.values()]
    assert parked == [(NotInstant.code, "person")]


PHOTO = PaperSpec("photo", "照片", True, 1, 1, "")


def test_what_is_settled_at_once_accounts_for_papers_that_are_missing(life):
    """At the counter, and where it arrives from a node that says that the item asks for none."""
    strict = replace(life.shelf.items["instant"], papers=(PHOTO,))
    lenient = Shelf(dict(life.shelf.items))
    life.shelf.items["instant"] = strict
    casework = life.at(VILLAGE)
    for data in ({}, {"lacking_waived": 1}):
        with pytest.raises(PapersLacking), unit_of_work():
            casework.settle(a_filing("instant"), AGENT, data, life.now)
    with unit_of_work():
        good = casework.settle(a_filing("instant", papers=[a_paper("photo")]), AGENT, {}, life.now)
        said = {"lacking_waived": 1, "note": "照片由部门共享"}
        waived = casework.settle(a_filing("instant", overrule="另一户"), AGENT, said, life.now)
    life.network.run()
    assert {life.agreed(case).state for case in (good, waived)} == {State.ISSUED}
    assert life.said(VILLAGE, waived, "settle")[0]["waived"] == [{"key": "photo", "name": "照片"}]
    casework.ctx = replace(casework.ctx, catalogue=lenient)
    life.at(VILLAGE)
    with unit_of_work():
        lie = casework.settle(a_filing("instant", overrule="第三户"), AGENT, {}, life.now)
    life.network.run()
    assert life.state(lie, COUNTY).state is State.RECEIVED
    parked = [(why.reason, why.waits_for) for _, why in life.network.sites[COUNTY].parked.values()]
    assert parked == [(PapersLacking.code, "person")]


def test_who_has_the_applicants_name_says_who_they_are_before_they_decide(life):
    """People decide on their neighbours' requests, and on none of their own; what they say is signed."""
    case, own = life.accepted(), replace(staff("REVIEWER"), name="何秀 英")
    with pytest.raises(OwnCase):
        life.move(COUNTY, case, "review", own)
    life.move(COUNTY, case, "extend", staff("APPROVER"), note="情况复杂", extension_days=1)
    life.move(COUNTY, case, "review", own, not_the_applicant=1)
    (said,) = life.said(COUNTY, case, "review")
    assert said["not_the_applicant"] == 1 and life.agreed(case).state is State.REVIEWED
    casework = life.at(VILLAGE)
    with pytest.raises(OwnCase), unit_of_work():
        casework.settle(a_filing("instant"), replace(AGENT, name="何秀英"), {}, life.now)
    life.network.run()
    assert life.state(case).state is State.REVIEWED


@pytest.mark.parametrize(
    ("theirs", "staffs"),
    [
        ("阿依古丽·买买提", "阿依古丽•买买提"),
        ("阿依古丽·买买提", "阿依古丽．买买提"),
        ("Li Ming", "ＬＩ ming"),
    ],
)
def test_the_dot_in_a_name_makes_nobody_somebody_else(theirs, staffs):
    """Names are tidied where an applicant is entered, and not where an account is."""
    assert is_namesake({"name": theirs}, Action.REVIEW, staffs)
    assert is_namesake({"name": "示例公司", "representative": staffs}, Action.APPROVE, theirs)
    assert not is_namesake({"name": theirs, "representative": "·"}, Action.REVIEW, "")


LETTER = {"letter": "W1", "principal": "何秀英", "agent": "吴 小弟", "scope": "*"}
LETTER |= {"since": "2026-01-01", "until": "2027-01-01", "agent_id_type": "111", "agent_id": "1"}


@pytest.mark.parametrize(("kin", "is_asked"), [({"relation": "子女"}, True), ({}, False)])
def test_who_has_the_name_of_the_applicants_relative_says_who_they_are(life, kin, is_asked):
    """Nobody decides on what they asked for as somebody's agent; staff file for others as their work."""
    case = life.accepted(authority=LETTER | kin)
    reviewer = replace(staff("REVIEWER"), name="吴小弟")
    if is_asked:
        with pytest.raises(OwnCase):
            life.move(COUNTY, case, "review", reviewer)
    life.move(COUNTY, case, "review", reviewer, **({"not_the_applicant": 1} if is_asked else {}))
    assert life.agreed(case).state is State.REVIEWED
