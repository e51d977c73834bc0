"""A package is checked at a node that knows more than its packer, or than its packer wants known.

Method: a village's key is stolen and revoked at the county. The thief packs the case with the entries of
before; away from every node that is found good, at the county it is not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from common.archive.findings import Findings
from common.archive.known import Known
from common.archive.verify import check_package
from common.node.cli import main
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.frame import SIGNED_AS
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.archive.conftest import Packed
from tests.archive.parts import SUITE, headers_of, listed_again, parts_of, put_together
from tests.archive.test_released import proved, rob
from tests.desk.three import COUNTY, PROFILES, VILLAGE, ThreeNodes, post

WHY, FORGED = "本人到场核实", "冒用"


def at_node(three: ThreeNodes, path: Path) -> Findings:
    """Return what the open node finds in a package."""
    node = three.node
    known = Known(node.proofs.trust.roster(), node.archive.core)
    return check_package(path, node.fingerprint(), SUITE, known)


def by_the_village(three: ThreeNodes, packed: Packed, folder: Path) -> Path:
    """Write what whoever has the village's key packs, with the entries of before its revocation."""
    key = next(iter(three.open(VILLAGE).keys.values()))
    path = folder / "stolen.zip"
    parts = listed_again(parts_of(packed.data), key, node=VILLAGE, key=key.id)
    path.write_bytes(put_together(parts))
    return path


def test_a_package_by_a_revoked_key_with_the_entries_of_before_is_not_proved_where_that_is_known(
    three: ThreeNodes, packed: Packed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = by_the_village(three, packed, tmp_path)
    assert check_package(path, packed.root, SUITE).problems == [], "nothing in it shows the theft"
    three.open(COUNTY)
    assert at_node(three, path).problems == []
    with three.node.unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "admin")
    assert any("清单由已作废的密钥签名" in one for one in at_node(three, path).problems)
    # By verb and page, too; the county's own package of before is as good as it was.
    assert main(PROFILES[COUNTY], ["verify-package", str(path), "--data", str(three.folder / COUNTY)]) == 1
    assert "清单由已作废的密钥签名" in capsys.readouterr().out
    client = three.client(COUNTY, "clerk")
    with open(path, "rb") as file:
        page = post(client, "/archive/verify", {"file": (file, "case.zip")}, "/archive/verify").text
    assert "核验没有通过" in page and "清单由已作废的密钥签名" in page
    assert at_node(three, packed.path).problems == []
    close_database()


def test_a_step_past_the_cut_counts_by_the_verdict_that_the_node_knows(
    three: ThreeNodes, packed: Packed
) -> None:
    """The package is from before the theft: nobody had decided on anything."""
    act = rob(three)
    assert any("由已作废的密钥签名" in one for one in at_node(three, packed.path).problems)
    with three.node.unit():
        three.node.trust.release([act], WHY, "admin")
    found = at_node(three, packed.path)
    assert found.problems == [] and [(one.act, one.reason) for one in found.released] == [(act, WHY)]
    with three.node.unit():
        three.node.trust.strike([act], FORGED, "admin")
    assert any("剔除" in one and FORGED in one for one in at_node(three, packed.path).problems)
    close_database()


def test_a_frame_that_a_thief_signs_for_a_place_within_the_cut_is_not_the_one_that_stands_there(
    three: ThreeNodes, packed: Packed, tmp_path: Path
) -> None:
    """No neighbour of it lies in the package, so nothing in that shows it."""
    parts = parts_of(packed.data)
    stem, header = next(
        (stem, one) for stem, one in headers_of(parts, "frames/").items() if one["src"] == VILLAGE
    )
    key = next(iter(three.open(VILLAGE).keys.values()))
    county = next(iter(three.open(COUNTY).keys.values()))
    with three.node.unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "admin")
    now = parts_of(proved(three, packed.case, tmp_path / "now.zip").read_bytes())
    data = canonical.dumps({**header, "wall": header["wall"] + 1})
    forged = {f"{stem}.json": data, f"{stem}.sig": SUITE.sign(key, SIGNED_AS, data)}
    path = tmp_path / "forged.zip"
    path.write_bytes(put_together(listed_again(now | forged, county)))
    assert any("另一份报文" in one for one in at_node(three, path).problems)
    close_database()
