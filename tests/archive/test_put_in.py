"""What a dishonest packer puts in beside the papers of a case, and steps by a key nobody above knows yet."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from common.archive import here
from common.people.rules.roles import Actor, Role
from sync.protocol.signing import KeyPair
from tests.archive.conftest import Packed, report
from tests.archive.parts import Tool, listed_again, parts_of
from tests.archive.test_altered import both, key
from tests.desk.three import TOWN, VILLAGE, ThreeNodes

__all__ = ("key",)
FORGED = b"%PDF-1.4 a promise that nobody ever signed"


def test_a_paper_of_no_step_is_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    """The page inside is the packer's own word: it could show the paper as one of the case."""
    name = f"papers/{hashlib.sha256(FORGED).hexdigest()}.pdf"
    parts = listed_again({**parts_of(packed.data), name: FORGED}, key)
    assert all(name in said for said in both(packed, parts, tmp_path, tool))


@pytest.mark.parametrize("ending", ["aaa", "zzz"])
def test_a_second_content_under_a_papers_name_is_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair, ending: str
) -> None:
    parts = parts_of(packed.data)
    name = next(one for one in parts if one.startswith("papers/"))
    other = f"{name.partition('.')[0]}.{ending}"
    forged = listed_again({**parts, other: FORGED}, key)
    assert all(other in said for said in both(packed, forged, tmp_path, tool))


def test_steps_by_a_key_the_village_went_over_to_are_good_before_the_county_hears(
    three: ThreeNodes, tmp_path: Path, tool: Tool
) -> None:
    """The former key says so. Else the page that checks a case would say of an agent's own steps: altered."""
    village = three.open(VILLAGE)
    with village.unit():
        village.trust.rotate(b"\x05" * 64, "admin", "")
        village.trust.rotate(b"\x06" * 64, "admin", "")
    number = three.file()
    report(three, number, "withdraw", note="不办了")
    three.carry(VILLAGE, TOWN)
    for address in (VILLAGE, TOWN):
        node = three.open(address)
        with node.unit():
            actor = Actor("agent", "周代办", Role.AGENT, "")
            collected = here.collect_here(node.archive, number, actor, three.now())
        assert here.check_here(node.archive, collected).findings.problems == []
        path = tmp_path / f"{address}.zip"
        node.archive.write(collected, path)
        assert tool(path.read_bytes(), node.fingerprint()) == ([], 0)
