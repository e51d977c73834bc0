"""Packages of a village that only its township knows, and what a stolen township key cannot do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from common.archive.verify import check_package
from common.config import read_config, write_config
from common.node.cli import main
from common.node.proving import verify_prefix
from common.node.verbs import commands
from common.store.database import close_database
from sync.protocol import canonical, signed
from tests.archive.conftest import Packed, pack, report
from tests.archive.parts import (
    SUITE,
    Tool,
    headers_of,
    listed_again,
    parts_of,
    put_together,
    signed_anew,
    with_revoked,
)
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

NEW = "511921126201"


@pytest.fixture
def withdrawn(three: ThreeNodes) -> str:
    """A case of a village enrolled while the county was out of reach, withdrawn and ended at the township."""
    close_database()
    folder = three.folder / NEW
    folder.mkdir()
    write_config(folder, {"address": NEW, "bind": "127.0.0.1:9999"})
    commands.init(read_config(folder, {}), PROFILES[VILLAGE])
    request, answer = three.folder / "request", three.folder / "answer"
    code = commands.enrol_issue(three.open(TOWN), NEW, "")
    commands.enrol_request(three.open(NEW), code, request)
    commands.enrol_answer(three.open(TOWN), request, answer)
    commands.enrol_finish(three.open(NEW), code, answer)
    three.carry(TOWN, NEW)
    case = three.file(papers=1)
    report(three, case, "withdraw", note="不办了")
    three.carry(NEW, TOWN)
    return case


def test_a_package_says_that_a_signer_is_only_vouched_for(
    packed: Packed,
    three: ThreeNodes,
    withdrawn: str,
    tmp_path: Path,
    tool: Tool,
) -> None:
    path = pack(three, withdrawn, tmp_path / "v.zip")
    parts = parts_of(path.read_bytes())
    assert len([name for name in parts if name.startswith("trust/vouch-")]) == 2
    found = check_package(path, packed.root, SUITE)
    assert (found.problems, found.vouched, found.state) == ([], 2, "WITHDRAWN")
    assert tool(path.read_bytes(), packed.root) == ([], 0)


def test_without_its_vouch_the_village_is_nobody(
    packed: Packed, three: ThreeNodes, withdrawn: str, tmp_path: Path, tool: Tool
) -> None:
    path = pack(three, withdrawn, tmp_path / "v.zip")
    key = three.node.archive.core.own_key()
    parts = {n: d for n, d in parts_of(path.read_bytes()).items() if not n.startswith("trust/vouch-")}
    path.write_bytes(put_together(listed_again(parts, key)))
    assert check_package(path, packed.root, SUITE).problems
    assert tool(path.read_bytes(), packed.root)[0]


@pytest.mark.parametrize("how", ["revoked", "relieved", "over the head of the township"])
def test_who_may_not_vouch_any_more_lets_nobody_in(
    packed: Packed, three: ThreeNodes, withdrawn: str, tmp_path: Path, tool: Tool, how: str
) -> None:
    """All that the village signed hangs on the vouch, so both readers refuse that too."""
    path = pack(three, withdrawn, tmp_path / "v.zip")
    parts = parts_of(path.read_bytes())
    county = three.open(COUNTY)
    with county.unit():
        own, roster_key = county.archive.core.own_key(), county.archive.core.means.roster_key
    assert roster_key is not None
    if how == "revoked":
        parts = with_revoked(parts, TOWN, roster_key)
    elif how == "relieved":
        entries = headers_of(parts, "trust/entry-").items()
        stem = next(stem for stem, fields in entries if fields["address"] == TOWN)
        parts = signed_anew(parts, stem, roster_key, version=9, status="relieved")
    else:
        for stem in headers_of(parts, "trust/vouch-"):
            parts = signed_anew(parts, stem, own, parent=COUNTY)
    data = put_together(listed_again(parts, own, node=COUNTY, key=own.id))
    path.write_bytes(data)
    ours, theirs = check_package(path, packed.root, SUITE).problems, tool(data, packed.root)[0]
    assert any(one.startswith("vouch") for one in ours) and any("by no parent" in one for one in theirs)
    assert any("frames/" in one for one in ours) and any("unsigned: frames/" in one for one in theirs)


def test_a_township_cannot_vouch_for_a_key_beside_a_confirmed_one(
    packed: Packed, three: ThreeNodes, tmp_path: Path, tool: Tool
) -> None:
    """Its stolen key signs a vouch for a key of the thief, and a frame of the village under it."""
    town = three.open(TOWN)
    path = pack(three, packed.case, tmp_path / "t.zip")
    with town.unit():
        key = town.archive.core.own_key()
    parts = parts_of(path.read_bytes())
    thief = SUITE.pair(b"\x0b" * 64)
    epoch_name = next(
        n
        for n in parts
        if n.startswith("trust/epoch-") and n.endswith(".json") and VILLAGE.encode() in parts[n]
    )
    fields = {k: v for k, v in canonical.loads(parts[epoch_name]).items() if k != "v"} | {"key": thief.id}
    epoch = signed.make(signed.EPOCH, fields, (thief,), SUITE)
    vouched = {"parent": TOWN, "child": VILLAGE, "name": "某村", "epoch": epoch.hash, "at": 1}
    vouch = signed.make(signed.VOUCH, {**vouched, "key": thief.public.as_fields()}, (key,), SUITE)
    del parts[epoch_name], parts[epoch_name[:-5] + ".sig"]
    for statement in (epoch, vouch):
        stem = f"trust/{statement.sort}-{statement.hash[:32]}"
        parts[f"{stem}.json"] = statement.payload
        parts[f"{stem}.sig"] = canonical.dumps([[one, s.hex()] for one, s in statement.signatures])
    for stem in [n[:-5] for n in parts if n.startswith("frames/") and n.endswith(".json")]:
        if canonical.loads(parts[f"{stem}.json"])["src"] == VILLAGE:
            parts[f"{stem}.sig"] = SUITE.sign(
                thief, "application/vnd.liandong.frame.v1", parts[f"{stem}.json"]
            )
    path.write_bytes(put_together(listed_again(parts, key)))
    assert any("签名不符" in one for one in check_package(path, packed.root, SUITE).problems)
    assert any("signature" in one for one in tool(path.read_bytes(), packed.root)[0])


def test_stored_notices_are_part_of_the_package(
    packed: Packed, three: ThreeNodes, tmp_path: Path, tool: Tool
) -> None:
    node = three.open(TOWN)
    archive = replace(
        node.archive, notices=lambda case: {"notices/decision.pdf": b"%PDF-1.7 " + case.encode()}
    )
    node.archives = lambda: archive
    path = pack(three, packed.case, tmp_path / "n.zip")
    assert parts_of(path.read_bytes())["notices/decision.pdf"].endswith(packed.case.encode())
    assert check_package(path, packed.root, SUITE).problems == []
    assert tool(path.read_bytes(), packed.root) == ([], 0)


def test_the_verb_tells_of_a_vouched_signer(
    three: ThreeNodes, withdrawn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, target = ["--data", str(three.folder / TOWN)], str(tmp_path / "v.zip")
    assert main(PROFILES[TOWN], ["package", withdrawn, "--to", target, *data]) == 0
    assert main(PROFILES[TOWN], ["verify-package", target, *data]) == 0
    assert "担保" in capsys.readouterr().out


def test_the_address_on_paper_is_https_where_the_node_has_a_certificate(tmp_path: Path) -> None:
    config = read_config(tmp_path, {})
    assert verify_prefix(config) == "http://127.0.0.1:8600"
    assert verify_prefix(replace(config, tls_cert_file="cert.pem")) == "https://127.0.0.1:8600"
