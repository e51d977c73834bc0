"""A broken PC is replaced on a day without a line to the county, and goes on with what others hold."""

from __future__ import annotations

import shutil
from pathlib import Path

from common.config import read_config
from common.node import commands
from common.node.assembly import build_node
from common.node.cli import main
from common.node.node import Node
from common.node.profile import TierProfile
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.protocol import registrar
from sync.protocol.canonical import dumps
from sync.protocol.frame import BlobRef
from sync.protocol.spool import OWN, PARKED
from town_node.profile import PROFILE as TOWN
from village_node.profile import PROFILE as VILLAGE

SITES = {"511921": COUNTY, "511921108": TOWN, "511921108203": VILLAGE}
COUNTY_AT, TOWN_AT, VILLAGE_AT = SITES


class Sites:
    """Three real nodes, one process: whoever is opened last has the database."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def make(self, address: str, folder: str = "") -> None:
        words = ["init", "--address", address, "--data", str(self.base / (folder or address))]
        assert main(SITES[address], words) == 0

    def open(self, address: str) -> Node:
        profile: TierProfile = SITES[address]
        return build_node(read_config(self.base / address, {}), profile)

    def enrol(self, address: str, above: str) -> None:
        code = commands.enrol_issue(self.open(above), address, "新站")
        request, answer = self.base / "request", self.base / "answer"
        commands.enrol_request(self.open(address), code, request)
        commands.enrol_answer(self.open(above), request, answer)
        commands.enrol_finish(self.open(address), code, answer)

    def carry(self, one: str, other: str) -> None:
        """Carry a stick from one node to another."""
        done = commands.bundle_export(self.open(one), other, self.base)
        assert commands.bundle_import(self.open(other), Path(done["file"]))["complete"]


def filed(node: Node, n: int, paper: bytes = b"") -> str:
    refs: list[BlobRef] = []
    if paper:
        refs.append(node.blobs.put(iter([paper]), "image/jpeg"))
        node.blobs.claim([refs[0].hash])
    with node.unit():
        return node.heart.submit("note.test", dumps({"n": n, "to": [COUNTY_AT]}), (COUNTY_AT,), refs)


def test_a_new_machine_under_an_old_address_gets_back_what_others_hold(tmp_path: Path) -> None:
    sites = Sites(tmp_path)
    for address in SITES:
        sites.make(address)
    sites.enrol(TOWN_AT, COUNTY_AT)
    sites.enrol(VILLAGE_AT, TOWN_AT)
    village = sites.open(VILLAGE_AT)
    acts = [filed(village, 1), filed(village, 2, b"a paper")]
    sites.carry(VILLAGE_AT, TOWN_AT)
    sites.carry(TOWN_AT, COUNTY_AT)
    sites.carry(COUNTY_AT, TOWN_AT)
    close_database()
    shutil.rmtree(tmp_path / VILLAGE_AT)
    # The county is out of reach: the township alone lets the new machine in.
    sites.make(VILLAGE_AT)
    sites.enrol(VILLAGE_AT, TOWN_AT)
    sites.carry(VILLAGE_AT, TOWN_AT)
    sites.carry(TOWN_AT, VILLAGE_AT)
    village = sites.open(VILLAGE_AT)
    identity = village.spool.identity()
    assert identity is not None and identity.epoch.startswith("2-")
    for act in acts:
        assert village.spool.act(act), "what the township holds comes back"
    # Its own papers a node has to ask for; then they come as well.
    sites.carry(VILLAGE_AT, TOWN_AT)
    sites.carry(TOWN_AT, VILLAGE_AT)
    village = sites.open(VILLAGE_AT)
    frame = village.spool.frame_of_act(acts[1])
    assert frame is not None and village.blobs.read(frame.header.blobs[0].hash, 0, 99) == b"a paper"
    later = filed(village, 3)
    assert sites.open(VILLAGE_AT).spool.act(later).state == OWN
    sites.carry(VILLAGE_AT, TOWN_AT)
    sites.carry(TOWN_AT, COUNTY_AT)
    county = sites.open(COUNTY_AT)
    waiting = county.spool.act(later)
    assert waiting is not None and (waiting.state, waiting.waits_for) == (PARKED, f"roster:{VILLAGE_AT}")
    key = county.peer.core.roster.current_key(VILLAGE_AT, TOWN_AT)
    assert key is not None
    child = {"address": VILLAGE_AT, "parent": "", "name": "新站", "key": key.as_fields()}
    with county.unit():
        roster_key = county.peer.core.means.roster_key
        assert roster_key is not None
        registrar.admit_child(county.peer.core, roster_key, child, county.clock.now_ms())
    sites.carry(TOWN_AT, COUNTY_AT)
    county = sites.open(COUNTY_AT)
    # No kind of ours: it waits for a program that knows it, and for no person any more.
    assert county.spool.act(later).waits_for == "version"
    # Its own word of before came back too: what it receipts now counts above it.
    sites.carry(COUNTY_AT, TOWN_AT)
    sites.carry(TOWN_AT, VILLAGE_AT)
    village = sites.open(VILLAGE_AT)
    assert commands.verify(village)["problems"] == []
    with village.unit():
        assert village.peer.tick(later).stage > 0
