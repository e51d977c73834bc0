"""The demonstration's own check: sound records pass, and each way of being unsound is found and counted."""

from copy import deepcopy

import pytest

from common.node.demo.check import check
from common.node.demo.docket import Docket
from common.node.demo.errands import plan

COUNTY, TOWNSHIP, VILLAGE = "511921", "511921108", "511921108203"
NUMBER = "511921108203-A1-AAAAA"
PAPER = ("id_card", "a" * 64)
STEPS = ["accept", "review", "approve", "handed_over"]


@pytest.fixture
def docket():
    """One homestead case, handed over, with one paper."""
    errand = next(e for e in plan([VILLAGE], []) if e.item.code == "DEMO-511921-0101" and not e.later)
    found = Docket([errand])
    found.entries[0].number = NUMBER
    found.filed(found.entries[0])
    found.entries[0].steps += STEPS
    found.entries[0].papers.append(PAPER)
    return found


def records_of(docket):
    errand = docket.entries[0].errand
    words = ["file", *STEPS, "close"]
    acts = {f"act{n}": ["case.moved", word, TOWNSHIP, f"hash{n}"] for n, word in enumerate(words)}
    state = {
        "state": "CLOSED",
        "chain": list(acts),
        "item": errand.item.code,
        "applicant": {"id_number": errand.person.id_number},
        "invalid": {},
        "forks": [],
        "struck": [],
    }
    site = {
        "cases": {NUMBER: {"acts": acts, "state": state, "papers": [list(PAPER)]}},
        "rows": 1,
        "unlike": [],
        "named": [PAPER[1]],
        "whole": [PAPER[1]],
        "parked": 0,
        "aside": 0,
        "gaps": 0,
    }
    return {address: deepcopy(site) for address in (COUNTY, TOWNSHIP, VILLAGE)}


def verified_of(records):
    return {a: {"frames": 6, "statements": 3, "problems": [], "evidence": 0} for a in records}


def proof_of(docket, records, verified=None):
    return check(docket, records, verified or verified_of(records), COUNTY)


def test_sound_records_pass(docket):
    proof = proof_of(docket, records_of(docket))
    assert proof.is_sound
    tally = proof.tally
    assert (tally.filed, tally.at_county, tally.decided, tally.handed_over) == (1, 1, 1, 1)
    assert (tally.lost, tally.applied_twice, tally.parked) == (0, 0, 0)
    assert (tally.papers, tally.papers_intact) == (1, 1)
    assert proof.at_county == {NUMBER}


def lose_the_case(records):
    records[COUNTY]["cases"].clear()
    records[COUNTY]["rows"] = 0


def change_the_filing(records):
    records[COUNTY]["cases"][NUMBER]["acts"]["act0"][3] = "other"


def change_a_step(records):
    records[VILLAGE]["cases"][NUMBER]["acts"]["act2"][3] = "other"


def keep_other_bytes(records):
    records[TOWNSHIP]["unlike"].append("act1")


def file_it_again(records):
    case = records[COUNTY]["cases"][NUMBER]
    records[COUNTY]["cases"]["511921108203-A2-BBBBB"] = deepcopy(case)
    records[COUNTY]["rows"] = 2


def approve_it_again(records):
    for found in records.values():
        found["cases"][NUMBER]["acts"]["act9"] = ["case.moved", "approve", TOWNSHIP, "hash9"]


def damage_the_paper(records):
    records[COUNTY]["whole"].clear()


def forget_the_paper(records):
    records[COUNTY]["cases"][NUMBER]["papers"].clear()


def disagree(records):
    records[VILLAGE]["cases"][NUMBER]["state"]["holder"] = "elsewhere"


def stay_behind(records):
    for found in records.values():
        found["cases"][NUMBER]["state"]["state"] = "APPROVED"


def park(records):
    records[TOWNSHIP]["parked"] = 2


def hang(records):
    records[VILLAGE]["aside"] = 1


@pytest.mark.parametrize(
    ("spoil", "figures"),
    [
        (lose_the_case, {"lost": 1, "at_county": 0, "decided": 0, "handed_over": 0, "papers_intact": 0}),
        (change_the_filing, {"at_county": 0, "lost": 0}),
        (change_a_step, {"at_county": 1}),
        (keep_other_bytes, {}),
        (file_it_again, {"applied_twice": 1, "filed": 1}),
        (approve_it_again, {"applied_twice": 3}),
        (damage_the_paper, {"papers": 1, "papers_intact": 0}),
        (forget_the_paper, {"papers_intact": 0}),
        (disagree, {}),
        (stay_behind, {}),
        (park, {"parked": 2}),
        (hang, {"parked": 0}),
    ],
)
def test_what_is_wrong_is_found_and_counted(docket, spoil, figures):
    records = records_of(docket)
    spoil(records)
    proof = proof_of(docket, records)
    assert not proof.is_sound
    tally = proof.tally
    assert {name: getattr(tally, name) for name in figures} == figures


def test_a_bad_signature_and_contradicting_frames_are_found(docket):
    records = records_of(docket)
    for what in ({"problems": ["S101 frame: x 3"]}, {"evidence": 1}):
        verified = verified_of(records)
        verified[TOWNSHIP] |= what
        assert not proof_of(docket, records, verified).is_sound
