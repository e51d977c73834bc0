"""One changed byte anywhere is found by both, and so is whatever a dishonest packer leaves out or puts in.

Method: a real package, changed byte by byte, or taken apart and listed anew under a signature.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.archive.errors import NoPackage
from common.archive.findings import Findings
from common.archive.rules.container import BadContainer, read_directory
from common.archive.verify import check_package
from common.config import read_config, write_config
from common.node.assembly import build_node
from common.node.verbs import commands
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.signing import KeyPair
from tests.archive.conftest import Packed, pack
from tests.archive.parts import SUITE, Tool, listed_again, parts_of, put_together
from tests.desk.three import COUNTY, PROFILES, ThreeNodes
from tests.proofs.test_claims import enter

Parts = dict[str, bytes]


def ours(data: bytes, root: str, folder: Path) -> list[str]:
    """Return what our own check finds; a file that is no package at all is one problem."""
    path = folder / "changed.zip"
    path.write_bytes(data)
    try:
        found: Findings = check_package(path, root, SUITE)
    except NoPackage as problem:
        return [str(problem)]
    return found.problems


@pytest.fixture(scope="module")
def key(packed: Packed) -> KeyPair:
    """The packing node's key: the strongest hand that could change a package."""
    close_database()
    node = build_node(read_config(packed.nodes / COUNTY, {}), PROFILES[COUNTY])
    pair = next(iter(node.keys.values()))
    close_database()
    return pair


def both(packed: Packed, parts: Parts, folder: Path, tool: Tool) -> tuple[str, str]:
    """Return what each of the two finds in a package of these parts."""
    data = put_together(parts)
    return "\n".join(ours(data, packed.root, folder)), "\n".join(tool(data, packed.root)[0])


def test_parts_put_together_again_are_the_package(packed: Packed) -> None:
    assert put_together(parts_of(packed.data)) == packed.data


def test_a_changed_bit_in_any_part_or_between_is_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool
) -> None:
    """Every byte outside the parts; in every part the first, the last and some between."""
    data, rng = packed.data, Random(5)
    inside: set[int] = set()
    chosen: set[int] = set()
    start = data.index(b"PK\1\2")
    for part in read_directory(data[start:], start):
        first = part.offset + 30 + len(part.name)
        places = range(first, first + part.size)
        inside.update(places)
        chosen |= {places[0], places[-1], *rng.sample(places, min(3, len(places)))}
    outside = set(range(len(data))) - inside
    chosen |= (
        set(rng.sample(sorted(outside), 150))
        | set(range(start, start + 60))
        | set(range(len(data) - 22, len(data)))
    )
    for place in sorted(chosen):
        changed = data[:place] + bytes((data[place] ^ 1 << place % 8,)) + data[place + 1 :]
        assert ours(changed, packed.root, tmp_path), place
        assert tool(changed, packed.root)[0], place


def test_a_changed_bit_under_right_checksums_is_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool
) -> None:
    """As whoever does not stumble over CRC-32 would change it."""
    parts, rng = parts_of(packed.data), Random(6)
    for name, data in parts.items():
        for place in {0, len(data) - 1, *rng.sample(range(len(data)), min(1, len(data)))}:
            changed = data[:place] + bytes((data[place] ^ 1 << place % 8,)) + data[place + 1 :]
            found = both(packed, {**parts, name: changed}, tmp_path, tool)
            assert all(found), (name, place)


def test_a_packer_who_changes_what_others_signed_is_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    """Listed anew under the packing node's signature; its own page for people is its own word."""
    parts, rng = parts_of(packed.data), Random(7)
    for name in [name for name in parts if not name.startswith(("manifest", "index"))]:
        data = parts[name]
        for place in {0, len(data) - 1, *rng.sample(range(len(data)), min(1, len(data)))}:
            changed = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
            found = both(packed, listed_again({**parts, name: changed}, key), tmp_path, tool)
            # The root statement is believed by its fingerprint, whoever signed it.
            assert all(found) or (name.startswith("trust/root-") and name.endswith(".sig")), (name, place)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_byte_may_become_any_other_and_is_found(
    packed: Packed, tmp_path: Path, tool: Tool, data: Any
) -> None:
    whole = packed.data
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    changed = whole[:place] + bytes((byte,)) + whole[place + 1 :]
    assert ours(changed, packed.root, tmp_path) and tool(changed, packed.root)[0]


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 1000, -1, -22])
def test_a_cut_file_is_no_package(packed: Packed, tmp_path: Path, tool: Tool, cut: int) -> None:
    data = packed.data[:cut]
    assert ours(data, packed.root, tmp_path) and tool(data, packed.root)[0]
    longer = packed.data + b"x"
    assert ours(longer, packed.root, tmp_path) and tool(longer, packed.root)[0]


def test_a_lost_part_is_named_by_both(packed: Packed, tmp_path: Path, tool: Tool) -> None:
    """Each part in turn; those of the manifest itself leave nothing to go by."""
    parts = parts_of(packed.data)
    for name in parts:
        rest = {one: data for one, data in parts.items() if one != name}
        found = both(packed, rest, tmp_path, tool)
        assert all(found) and (name.startswith("manifest") or all(name in said for said in found)), name


def test_a_part_put_in_is_named_by_both(packed: Packed, tmp_path: Path, tool: Tool) -> None:
    parts = parts_of(packed.data) | {"papers/" + "0" * 64 + ".jpg": b"not of this case"}
    assert all("0" * 64 in said for said in both(packed, parts, tmp_path, tool))


def test_a_dishonest_packer_cannot_leave_an_act_out(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    """Each frame in turn is taken out and the rest listed and signed anew."""
    parts = parts_of(packed.data)
    stems = sorted(name[:-5] for name in parts if name.startswith("frames/") and name.endswith(".json"))
    acts = canonical.loads(parts["manifest.json"])["acts"]
    assert len(stems) == len(acts) == 10
    for stem, act in list(zip(stems, acts, strict=True))[:-1]:
        body = canonical.loads(parts[f"{stem}.json"])["body"][0]
        gone = {f"{stem}.json", f"{stem}.sig", f"bodies/{body}.bin"}
        rest = {name: data for name, data in parts.items() if name not in gone}
        left = [one for one in acts if one != act]
        found = both(packed, listed_again(rest, key, acts=left), tmp_path, tool)
        assert all(act in said for said in found), stem
        found = both(packed, listed_again(rest, key), tmp_path, tool)
        assert act in found[0] and found[1], stem


def test_a_dishonest_packer_cannot_leave_a_paper_out_or_exchange_it(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    parts = parts_of(packed.data)
    for name in [name for name in parts if name.startswith("papers/")]:
        rest = {one: data for one, data in parts.items() if one != name}
        assert all(name[7:71] in said for said in both(packed, listed_again(rest, key), tmp_path, tool))
        other = listed_again({**parts, name: b"another paper"}, key)
        assert all(name[7:71] in said for said in both(packed, other, tmp_path, tool))


def test_a_dishonest_packer_cannot_claim_another_end(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    """That takes the fold: our own check finds it, the separate script does not know the rules."""
    parts = parts_of(packed.data)
    for changed in ({"state": "CLOSED"}, {"act": "0" * 32}):
        assert both(packed, listed_again(parts, key, **changed), tmp_path, tool)[0]
    for changed in ({"case": "511921126204-A9-00000"}, {"acts": ["0" * 32]}, {"network": "0" * 16}):
        assert all(both(packed, listed_again(parts, key, **changed), tmp_path, tool)), changed


def test_whoever_is_not_of_the_network_cannot_sign_a_manifest(
    packed: Packed, tmp_path: Path, tool: Tool
) -> None:
    stranger = SUITE.pair(b"\x03" * 64)
    parts = parts_of(packed.data)
    assert all(both(packed, listed_again(parts, stranger), tmp_path, tool))
    assert all(both(packed, listed_again(parts, stranger, key=stranger.id), tmp_path, tool))


@pytest.mark.parametrize("sort", ["root", "appointment", "entry", "epoch"])
def test_without_a_link_of_trust_nothing_is_believed(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair, sort: str
) -> None:
    parts = {n: data for n, data in parts_of(packed.data).items() if not n.startswith(f"trust/{sort}-")}
    assert all(both(packed, listed_again(parts, key), tmp_path, tool))


@pytest.mark.parametrize("sort", ["root", "appointment", "entry", "epoch", "receipt"])
def test_a_link_of_trust_that_another_signed_is_not_believed(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair, sort: str
) -> None:
    """The payload stays, the signature is the packing node's own."""
    parts = parts_of(packed.data)
    name = next(name for name in parts if name.startswith(f"trust/{sort}-") and name.endswith(".json"))
    fields = canonical.loads(parts[name])
    signer = SUITE.pair(b"\x04" * 64)
    signature = SUITE.sign(signer, f"application/vnd.liandong.{sort}.v1", parts[name])
    pairs = canonical.loads(parts[f"{name[:-5]}.sig"])
    forged = canonical.dumps([[pair[0], signature.hex()] for pair in pairs])
    found = both(packed, listed_again({**parts, f"{name[:-5]}.sig": forged}, key), tmp_path, tool)
    # The root statement is believed by its fingerprint, whoever signed it.
    assert all(found) or sort == "root", fields


def test_a_body_deleted_by_rule_is_told_apart_from_a_lost_one(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    parts = parts_of(packed.data)
    name = next(name for name in parts if name.startswith("bodies/"))
    rest = {one: data for one, data in parts.items() if one != name}
    assert all(
        name[7:71] in said or "body" in said for said in both(packed, listed_again(rest, key), tmp_path, tool)
    )
    for one in [part for part in parts if part.startswith("bodies/")]:
        left = {part: data for part, data in parts.items() if part != one}
        purged = put_together(listed_again(left, key, purged=[one[7:71]]))
        (tmp_path / "purged.zip").write_bytes(purged)
        found = check_package(tmp_path / "purged.zip", packed.root, SUITE)
        assert (found.problems, found.purged) == ([], 1)
        assert tool(purged, packed.root) == ([], 1)


def test_a_package_of_another_network_is_refused(
    packed: Packed, tmp_path: Path, tool: Tool, three: ThreeNodes
) -> None:
    close_database()
    (tmp_path / "other").mkdir()
    write_config(tmp_path / "other", {"address": COUNTY, "bind": "127.0.0.1:9998"})
    other = commands.init(read_config(tmp_path / "other", {}), PROFILES[COUNTY]).fingerprint()
    found = check_package(packed.path, other, SUITE)
    assert len(found.problems) == 1 and "另一个网络" in found.problems[0]
    assert "another network" in tool(packed.data, other)[0][0]


def test_an_act_beyond_the_cut_of_a_revoked_key_is_found(
    packed: Packed, tmp_path: Path, tool: Tool, three: ThreeNodes, key: KeyPair
) -> None:
    """The roster later says that the village's key was stolen; what the county held within the cut stands."""
    county = three.open(COUNTY)
    entry = county.proofs.trust.roster().entries["511921126204"]
    acts = canonical.loads(parts_of(packed.data)["manifest.json"])["acts"]
    for ids, is_good in ((acts, True), ([], False)):
        enter(county, "511921126204", revoked=[{"key": entry.keys[0].id, "cut": {}, "ids": ids}])
        data = pack(three, packed.case, tmp_path / "cut.zip").read_bytes()
        assert (not ours(data, packed.root, tmp_path)) is is_good
        assert (not tool(data, packed.root)[0]) is is_good


@given(st.binary(max_size=200))
def test_bytes_that_are_no_directory_are_refused(data: bytes) -> None:
    with pytest.raises(BadContainer):
        read_directory(data + b"PK\5\6" + bytes(18), 0 if data else 1)


def test_hex_in_capitals_is_another_file_and_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool
) -> None:
    """A flipped bit makes an A of an a: the same number to a reader of hex, not the same bytes."""
    parts = parts_of(packed.data)
    for name in [name for name in parts if name.startswith(("manifest", "trust/")) and name.endswith(".sig")]:
        capitals = parts[name].upper()
        if capitals != parts[name]:
            assert all(both(packed, {**parts, name: capitals}, tmp_path, tool)), name
