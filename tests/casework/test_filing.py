"""Filing: who takes part, what is signed and stored, what is refused at the door."""

from __future__ import annotations

import json

import pytest

from common.casework import queues, records
from common.casework.context import Applicant, Filing
from common.casework.errors import (
    FilingIncomplete,
    ItemNotAvailable,
    LevelNotAllowed,
    NotInstant,
    NotYourStep,
    TooManyPapers,
)
from common.casework.filing import route_parties
from common.casework.queues import Wanted
from common.casework.rules import number
from common.casework.rules.flow import State
from common.store import audit
from common.store.database import UnitMisuse, database, unit_of_work
from sync.protocol.address import Tree
from tests.casework.build import (
    AGENT,
    APPROVER,
    CLERK,
    COUNTY,
    ITEMS,
    NOON,
    TOWN,
    TOWN_2,
    VILLAGE,
    VILLAGE_3,
    a_filing,
    a_paper,
    small_tree,
)


def counts() -> list[int]:
    """Rows in the tables that filing writes to."""
    tables = ("case_file", "case_event", "case_paper", "audit")
    return [database.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]


def test_a_case_is_signed_and_stored_in_one_unit(node):
    village = node(VILLAGE)
    with unit_of_work():
        case = village.file_case(a_filing(papers=(a_paper(),), remark="急"), AGENT, NOON)
    assert number.check(case) and case.startswith(f"{VILLAGE}-A1-")
    ((kind, body),) = village.ctx.outbox.bodies()
    assert kind == "case.filed"
    assert body["parties"] == {
        "origin": VILLAGE, "checker": TOWN, "acceptor": COUNTY, "competent": COUNTY, "hand_over": VILLAGE,
    }  # fmt: skip
    assert (body["to"], body["holder"], body["state"]) == ([COUNTY], TOWN, "RECEIVED")
    assert body["data"]["papers"] == [{"blob": 0, "key": "id_card", "name": "材料id_card", "pages": 1}]
    assert body["data"]["actor"]["login"] == "agent"
    assert (body["data"]["at"], body["data"]["remark"]) == (NOON, "急")
    state = village.case(case)
    assert (state.state, state.holder, state.papers) == (
        State.RECEIVED, TOWN, {"id_card": [a_paper().blob.hash]},
    )  # fmt: skip
    row = records.events_of(case)[0]
    assert json.loads(row.body) == body
    assert [entry.action for entry in audit.rows(case)] == ["case.file"]
    assert counts() == [1, 1, 1, 1]


def test_numbers_count_on(node):
    village = node(VILLAGE)
    with unit_of_work():
        found = [village.file_case(a_filing(overrule="另有一户"), AGENT, NOON) for _ in range(3)]
    assert [case.split("-")[1] for case in found] == ["A1", "A2", "A3"]


@pytest.mark.parametrize(
    ("item", "to", "holder"),
    [("checked", [COUNTY], TOWN), ("town", [COUNTY], TOWN), ("direct", [COUNTY], COUNTY)],
)
def test_a_case_goes_to_the_top_and_to_its_first_desk(node, item, to, holder):
    village = node(VILLAGE)
    with unit_of_work():
        case = village.file_case(a_filing(item), AGENT, NOON)
    assert village.ctx.outbox.bodies()[0][1]["to"] == to
    assert village.case(case).holder == holder


def test_a_case_filed_at_the_county_goes_down_to_where_it_is_fetched(node):
    county = node(COUNTY)
    with unit_of_work():
        county.file_case(a_filing("direct", hand_over=VILLAGE_3), CLERK, NOON)
    assert county.ctx.outbox.bodies()[0][1]["to"] == [VILLAGE_3]


@pytest.mark.parametrize(
    ("item", "me", "place", "parties"),
    [
        ("checked", VILLAGE, VILLAGE, {"checker": TOWN, "acceptor": COUNTY, "competent": COUNTY}),
        ("checked", TOWN_2, VILLAGE_3, {"checker": TOWN_2, "acceptor": COUNTY, "competent": COUNTY}),
        ("checked", COUNTY, VILLAGE_3, {"checker": TOWN_2, "acceptor": COUNTY, "competent": COUNTY}),
        ("checked", COUNTY, COUNTY, {"checker": COUNTY, "acceptor": COUNTY, "competent": COUNTY}),
        ("town", TOWN, VILLAGE_3, {"acceptor": TOWN, "competent": TOWN}),
        ("entrusted", VILLAGE, VILLAGE, {"acceptor": TOWN, "competent": COUNTY}),
        ("instant", VILLAGE, VILLAGE, {"acceptor": VILLAGE, "competent": VILLAGE}),
    ],
)
def test_the_parties_come_from_the_route(item, me, place, parties):
    assert route_parties(ITEMS[item], small_tree(), me, place) == {"origin": me, **parties}


def test_where_a_township_is_not_in_service_the_node_above_does_its_work():
    tree = Tree({COUNTY: "", VILLAGE: COUNTY})
    parties = route_parties(ITEMS["checked"], tree, VILLAGE, VILLAGE)
    assert parties["checker"] == COUNTY


def test_a_township_out_of_service_is_given_no_new_case_though_it_is_the_place_served():
    """The county's window files for somebody of that township; nobody works there any more."""
    tree = Tree({COUNTY: "", TOWN_2: COUNTY, VILLAGE_3: TOWN_2}, relieved=[TOWN_2])
    assert tree.is_relieved(TOWN_2) and not tree.is_relieved(VILLAGE_3)
    for place in (TOWN_2, VILLAGE_3):
        assert route_parties(ITEMS["checked"], tree, COUNTY, place)["checker"] == COUNTY


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"applicant": Applicant(" ", "111", "")}, {"name", "id_number"}),
        ({"applicant": Applicant("何秀英", "111", "511921194803072141")}, {"id_number"}),
        ({"form": {}}, {"income"}),
        ({"form": {"income": ""}, "place": "511"}, {"income", "place"}),
        ({"hand_over": "here"}, {"hand_over"}),
    ],
)
def test_all_problems_of_a_filing_are_told_at_once(node, changes, fields):
    village = node(VILLAGE)
    with pytest.raises(FilingIncomplete) as refused, unit_of_work():
        village.file_case(a_filing(**changes), AGENT, NOON)
    assert {problem.field for problem in refused.value.problems} == fields
    assert (counts(), village.ctx.outbox.acts) == ([0, 0, 0, 0], [])


@pytest.mark.parametrize(
    ("address", "filing", "actor", "error"),
    [
        (VILLAGE, a_filing("unknown"), AGENT, ItemNotAvailable),
        (TOWN, a_filing("entrusted"), CLERK, LevelNotAllowed),
        (COUNTY, a_filing("checked"), CLERK, LevelNotAllowed),
        (VILLAGE, a_filing(), APPROVER, NotYourStep),
        (VILLAGE, a_filing(papers=[a_paper("k", str(n)) for n in range(13)]), AGENT, TooManyPapers),
    ],
)
def test_what_may_not_be_filed_leaves_nothing(node, address, filing: Filing, actor, error):
    here = node(address)
    with pytest.raises(error), unit_of_work():
        here.file_case(filing, actor, NOON)
    assert (counts(), here.ctx.outbox.acts) == ([0, 0, 0, 0], [])


def test_a_foreign_paper_can_file_without_the_check_of_an_id_card(node):
    village = node(VILLAGE)
    with unit_of_work():
        village.file_case(a_filing(applicant=Applicant("Maria Ng", "414", "E1234567")), AGENT, NOON)
    assert counts()[0] == 1


def test_one_content_under_two_keys_travels_once(node):
    village = node(VILLAGE)
    papers = [a_paper("front"), a_paper("back"), a_paper("front")]
    with unit_of_work():
        case = village.file_case(a_filing(papers=papers), AGENT, NOON)
    assert len(village.ctx.outbox.acts[0].blobs) == 1
    assert [entry["blob"] for entry in village.ctx.outbox.bodies()[0][1]["data"]["papers"]] == [0, 0, 0]
    assert set(village.case(case).papers) == {"front", "back"}
    assert len(village.page(case).papers) == 2


def test_an_instant_case_is_filed_and_settled_at_once(node):
    village = node(VILLAGE)
    with unit_of_work():
        case = village.settle(a_filing("instant"), AGENT, {}, NOON)
    state = village.case(case)
    assert (state.state, state.result["name"]) == (State.ISSUED, "示例证明")
    assert [kind for kind, _ in village.ctx.outbox.bodies()] == ["case.filed", "case.moved"]


def test_only_an_instant_item_is_settled_at_once(node):
    village = node(VILLAGE)
    with pytest.raises(NotInstant), unit_of_work():
        village.settle(a_filing("direct"), AGENT, {}, NOON)
    assert counts()[0] == 0


def test_filing_needs_a_unit_of_work(node):
    with pytest.raises(UnitMisuse):
        node(VILLAGE).file_case(a_filing(), AGENT, NOON)


def test_a_list_shows_the_id_number_masked(node):
    village = node(VILLAGE)
    with unit_of_work():
        village.file_case(a_filing(), AGENT, NOON)
    (line,) = queues.newest(Wanted(origin=VILLAGE))
    assert line.id_number == "5119**********2148"
