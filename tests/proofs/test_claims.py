"""A slip printed in a blackout proves the filing at any node of its network, and nothing else passes for one.

Method: real nodes, keys and rosters; trust is changed as the county's roster key would change it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.config import read_config, write_config
from common.node.keyring.keys import ROSTER
from common.node.node import Node
from common.node.verbs import commands
from common.proofs.rules.claim import Claim
from common.proofs.rules.packing import pack
from common.proofs.rules.text import from_text, to_text
from common.proofs.rules.verdict import OnFile, Verdict
from common.proofs.service import PACKED_BYTES_MAX
from common.proofs.wire import CLAIM, Packed, from_bytes, hash_of, pack_slice, to_bytes
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY_PROFILE
from sync.protocol import signed
from sync.protocol.errors import NotEnrolled
from sync.protocol.trust import registrar
from tests.desk.three import COUNTY, ID_NUMBER, PROFILES, TOWN, VILLAGE, Role, ThreeNodes

Slip = tuple[str, str]


def enter(node: Node, address: str, **changed: Any) -> None:
    """Sign the next version of an address's entry at the county, with some fields changed."""
    roster_key = node.keys.special(ROSTER)
    assert roster_key is not None
    with node.unit():
        core = node.peer.core
        fields = core.roster.entries[address].statement.fields()
        fields = {name: fields[name] for name in fields if name not in ("v", "prev", "version")} | changed
        registrar.enter(core, roster_key, fields, node.clock.now_ms())


def packed_of(text: str) -> Packed:
    return from_bytes(from_text(text))


def resigned(node: Node, claim: Claim) -> str:
    """Return a claim as whoever has the node's key could sign it, without a roster slice."""
    packed = Packed(replace(claim, with_=""), b"", b"")
    key = next(reversed(list(node.keys.values())))
    signature = node.proofs.suite.sign(key, signed.signed_as(CLAIM), packed.payload)
    return to_text("", to_bytes(packed._replace(signature=signature)))


@pytest.mark.parametrize("address", [VILLAGE, TOWN, COUNTY])
def test_a_slip_of_a_blackout_proves_the_filing_everywhere(
    three: ThreeNodes, slip: Slip, address: str
) -> None:
    number, text = slip
    checked = three.open(address).proofs.check(text)
    assert (checked.verdict, checked.site) == (Verdict.VALID, "鹿角坪村")
    claim = checked.claim
    assert claim is not None
    assert (claim.number, claim.item, claim.stage, claim.kind) == (
        number,
        "DEMO-511921-0504",
        "RECEIVED",
        "slip",
    )
    assert (claim.name, claim.who, claim.tail) == ("最低生活保障审核确认", "王*英", ID_NUMBER[-4:])
    assert (claim.at, claim.filed, claim.node) == (three.now(), three.now(), VILLAGE)
    assert checked.on_file is (OnFile.AGREES if address == VILLAGE else OnFile.ABSENT)


def test_it_says_no_name_and_no_number_in_full(slip: Slip) -> None:
    data = from_text(slip[1])
    assert "王秀英".encode() not in data and ID_NUMBER.encode() not in data
    assert "王*英".encode() in data


def test_the_record_here_agrees_later_and_differs_from_a_lie(three: ThreeNodes, slip: Slip) -> None:
    number, text = slip
    three.carry(VILLAGE, TOWN)
    town = three.node
    assert town.proofs.check(text).on_file is OnFile.AGREES
    three.move(number, "forward", Role.CHECKER)
    after = town.proofs.check(town.proofs.claim("slip", town.casework.case(number), three.now()))
    assert (after.verdict, after.on_file, after.claim and after.claim.stage) == ("valid", "agrees", "CHECKED")
    lie = replace(packed_of(text).claim, stage="APPROVED")
    told = resigned(three.open(VILLAGE), lie)
    checked = three.open(TOWN).proofs.check(told)
    assert (checked.verdict, checked.on_file) == (Verdict.VALID, OnFile.DIFFERS)
    unknown = resigned(three.open(VILLAGE), replace(lie, act="0" * 32))
    assert three.open(TOWN).proofs.check(unknown).on_file is OnFile.NOT_YET


def test_one_byte_changed_anywhere_is_found(three: ThreeNodes, slip: Slip) -> None:
    """Every byte of the packed claim in turn, at the node that signed it and at one that does not know it."""
    data = from_text(slip[1])
    for address in (VILLAGE, COUNTY):
        node = three.open(address)
        assert node.proofs.check(to_text("", data)).verdict is Verdict.VALID
        for place in range(len(data)):
            altered = data[:place] + bytes((data[place] ^ 1 << place % 8,)) + data[place + 1 :]
            checked = node.proofs.check(to_text("", altered))
            assert checked.claim is None, place
            assert checked.verdict in (
                Verdict.ALTERED,
                Verdict.UNREADABLE,
                Verdict.OTHER_NETWORK,
                Verdict.UNKNOWN_SIGNER,
            )


def test_a_part_of_it_proves_nothing(three: ThreeNodes, slip: Slip) -> None:
    node = three.open(COUNTY)
    data = from_text(slip[1])
    whole = len(data) - len(packed_of(slip[1]).slice)
    for length in range(1, len(data)):
        checked = node.proofs.check(to_text("", data[:length]))
        # The roster slice may be left out: this node knows the village by itself.
        assert checked.verdict is (Verdict.VALID if length == whole else checked.verdict)
        assert length == whole or checked.claim is None, length


@pytest.mark.parametrize("text", ["", "王秀英", "https://zw.example/v#", "A" * 4000, "#" * 40, "A" * 100_000])
def test_garbage_is_unreadable(three: ThreeNodes, text: str) -> None:
    assert three.open(VILLAGE).proofs.check(text).verdict is Verdict.UNREADABLE


def test_another_network_is_told_apart(three: ThreeNodes, slip: Slip, tmp_path: Any) -> None:
    close_database()
    config = replace(three.open(COUNTY).config, data_dir=tmp_path / "other")
    close_database()
    other = commands.init(config, COUNTY_PROFILE)
    assert other.proofs.check(slip[1]).verdict is Verdict.OTHER_NETWORK


def test_a_village_that_knows_nobody_else_believes_the_slice(three: ThreeNodes, slip: Slip) -> None:
    """Its roster has the roster key but not the signer; without the slice it cannot tell, and says so."""
    node = three.open(COUNTY)
    roster = node.proofs.trust.roster()
    del roster.entries[VILLAGE]
    node.proofs.trust.roster = lambda: replace(roster, entries=dict(roster.entries))  # type: ignore[method-assign]
    assert node.proofs.check(slip[1]).verdict is Verdict.VALID
    packed = packed_of(slip[1])
    bare = to_text("", to_bytes(packed._replace(slice=b"")))
    assert node.proofs.check(bare).verdict is Verdict.UNKNOWN_SIGNER


def test_a_slice_signed_by_nobody_makes_no_signer(three: ThreeNodes, slip: Slip) -> None:
    """Somebody with a key of his own makes an entry for the village that names it."""
    county = three.open(COUNTY)
    forger = county.proofs.suite.pair(b"\x09" * 64)
    packed = packed_of(slip[1])
    roster = county.proofs.trust.roster()
    fields = dict(roster.entries[VILLAGE].statement.fields(), version=9)
    fields["keys"] = [{**forger.public.as_fields(), "from": 0, "until": 0}]
    del fields["v"]
    part = pack_slice([signed.make(signed.ENTRY, fields, (forger,), county.proofs.suite)])
    claim = replace(packed.claim, key=forger.id, with_=hash_of(part))
    forged = Packed(claim, b"", part)
    signature = county.proofs.suite.sign(forger, signed.signed_as(CLAIM), forged.payload)
    text = to_text("", to_bytes(forged._replace(signature=signature)))
    assert county.proofs.check(text).verdict is Verdict.UNKNOWN_SIGNER


def test_a_key_that_was_revoked_speaks_only_for_what_the_county_held(three: ThreeNodes, slip: Slip) -> None:
    claim = packed_of(slip[1]).claim
    county = three.open(COUNTY)
    enter(county, VILLAGE, revoked=[{"key": claim.key, "cut": {}, "ids": []}])
    assert county.proofs.check(slip[1]).verdict is Verdict.REVOKED
    enter(county, VILLAGE, revoked=[{"key": claim.key, "cut": {}, "ids": [claim.act]}])
    assert county.proofs.check(slip[1]).verdict is Verdict.WITHIN_CUT
    other = resigned(three.open(VILLAGE), replace(claim, act="f" * 32))
    assert three.open(COUNTY).proofs.check(other).verdict is Verdict.REVOKED


def test_a_former_key_stays_good_and_a_relieved_node_is_told(three: ThreeNodes, slip: Slip) -> None:
    county = three.open(COUNTY)
    entry = county.proofs.trust.roster().entries[VILLAGE].statement.fields()
    newer = county.proofs.suite.pair(b"\x07" * 64).public
    enter(county, VILLAGE, keys=[*entry["keys"], {**newer.as_fields(), "from": 1, "until": 0}])
    assert county.proofs.check(slip[1]).verdict is Verdict.VALID
    enter(county, VILLAGE, status="relieved")
    assert county.proofs.check(slip[1]).verdict is Verdict.RELIEVED


def test_a_vouched_node_is_told_apart_until_the_county_confirms_it(three: ThreeNodes) -> None:
    """A village enrolled at the township while the county is out of reach prints slips all the same."""
    address = "511921126201"
    close_database()
    folder = three.folder / address
    folder.mkdir()
    write_config(folder, {"address": address, "bind": "127.0.0.1:9999"})
    commands.init(read_config(folder, {}), PROFILES[VILLAGE])
    request, answer = three.folder / "request", three.folder / "answer"
    code = commands.enrol_issue(three.open(TOWN), address, "")
    commands.enrol_request(three.open(address), code, request)
    commands.enrol_answer(three.open(TOWN), request, answer)
    commands.enrol_finish(three.open(address), code, answer)
    three.carry(TOWN, address)
    number = three.file()
    text = three.node.proofs.claim("slip", three.node.casework.case(number), three.now())
    assert len(from_text(text)) <= PACKED_BYTES_MAX
    for place in (address, TOWN, VILLAGE, COUNTY):
        checked = three.open(place).proofs.check(text)
        assert (checked.verdict, checked.claim and checked.claim.number) == (Verdict.VOUCHED, number), place
    three.carry(TOWN, COUNTY)
    assert three.node.proofs.check(text).verdict is Verdict.VALID


def test_a_wrong_clock_is_told_and_decides_nothing(three: ThreeNodes, slip: Slip) -> None:
    number, _ = slip
    node = three.node
    state = node.casework.case(number)
    early = node.proofs.check(node.proofs.claim("slip", state, 0))
    late = node.proofs.check(node.proofs.claim("slip", state, three.now() + 10**10))
    assert (early.verdict, early.is_ahead) == (Verdict.VALID, False)
    assert (late.verdict, late.is_ahead) == (Verdict.VALID, True)


def test_what_is_new_in_the_roster_counts_at_the_next_check(three: ThreeNodes, slip: Slip) -> None:
    """The roster is kept between checks and brought up to date; a restart changes nothing."""
    county = three.open(COUNTY)
    assert county.proofs.check(slip[1]).verdict is Verdict.VALID
    enter(county, VILLAGE, status="retired")
    assert county.proofs.check(slip[1]).verdict is Verdict.RELIEVED
    assert three.open(COUNTY).proofs.check(slip[1]).verdict is Verdict.RELIEVED


@pytest.mark.parametrize(
    ("name", "id_number", "who", "tail"),
    [
        ("欧阳小明", ID_NUMBER, "欧**明", ID_NUMBER[-4:]),
        ("王", ID_NUMBER, "*", ID_NUMBER[-4:]),
        ("𬱖䶮", "H12345678", "𬱖*", ""),
        ("通江县示例农业专业合作社", "93511921MA00000000", "通**********社", "0000"),
        ("长" * 130, "511921650101001", "长" + "*" * 118 + "长", "1001"),
    ],
)
def test_any_applicant_fits_on_paper(
    three: ThreeNodes, slip: Slip, name: str, id_number: str, who: str, tail: str
) -> None:
    """Rare characters, firms, foreign and 15-digit papers, names of every length."""
    node = three.node
    state = node.casework.case(slip[0])
    other = replace(state, applicant={**state.applicant, "name": name, "id_number": id_number})
    checked = node.proofs.check(node.proofs.claim("acceptance", replace(other, item_name="项" * 90), 1))
    assert checked.verdict is Verdict.VALID and checked.claim is not None
    assert (checked.claim.who, checked.claim.tail) == (who, tail)
    assert checked.claim.name == "项" * 39 + "…" and checked.on_file is OnFile.DIFFERS


def test_a_slice_too_large_for_a_code_is_left_out(three: ThreeNodes, slip: Slip) -> None:
    """The county's entry lists what a key stolen long ago may still say; who knows it needs no slice."""
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    county = three.node
    small = county.proofs.claim("slip", county.casework.case(slip[0]), three.now())
    ids = [f"{number:032x}" for number in range(300)]
    enter(county, COUNTY, revoked=[{"key": "0" * 32, "cut": {}, "ids": ids}])
    text = county.proofs.claim("slip", county.casework.case(slip[0]), three.now())
    assert packed_of(small).slice and packed_of(text).slice == b""
    for address in (COUNTY, TOWN, VILLAGE):
        assert three.open(address).proofs.check(text).verdict is Verdict.VALID


def test_a_node_that_is_in_no_network_signs_nothing_and_knows_nobody(
    three: ThreeNodes, slip: Slip, tmp_path: Path
) -> None:
    state = three.node.casework.case(slip[0])
    close_database()
    write_config(tmp_path, {"address": VILLAGE, "bind": "127.0.0.1:9999"})
    node = commands.init(read_config(tmp_path, {}), PROFILES[VILLAGE])
    assert node.proofs.check(slip[1]).verdict is Verdict.UNKNOWN_SIGNER
    with pytest.raises(NotEnrolled):
        node.proofs.claim("slip", state, three.now())


@pytest.mark.parametrize("parent", [[], {}, 7, ["511921"], "x" * 500])
def test_a_slice_of_any_shape_is_refused_and_breaks_nothing(
    three: ThreeNodes, slip: Slip, parent: Any
) -> None:
    """Whoever writes the code of a paper decides what is in it; the page that checks is open to all."""
    packed = packed_of(slip[1])
    key = {"sign": "ab" * 32, "seal": "cd" * 32}
    forged = pack([["vouch", {"parent": parent, "child": parent, "key": key}, ["ab" * 64]]])
    checked = three.open(COUNTY).proofs.check(to_text("", to_bytes(packed._replace(slice=forged))))
    assert (checked.verdict, checked.claim) == (Verdict.ALTERED, None)
