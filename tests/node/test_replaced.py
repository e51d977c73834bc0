"""A broken PC is replaced on a day without a line to the county, and goes on with what others hold."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import read_config
from common.node.assembly import build_node
from common.node.cli import main
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.verbs import commands
from common.store import audit
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.protocol.canonical import dumps
from sync.protocol.enrolment import make_code
from sync.protocol.frame import BlobRef
from sync.protocol.spool import OWN, PARKED
from sync.protocol.trust import registrar
from town_node.profile import PROFILE as TOWN
from village_node.profile import PROFILE as VILLAGE

SITES = {"511921": COUNTY, "511921108": TOWN, "511921108203": VILLAGE}
COUNTY_AT, TOWN_AT, VILLAGE_AT = SITES


class Sites:
    """Three real nodes, one process: whoever is opened last has the database."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.acts: list[str] = []

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


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    """Three nodes of which the village's machine has just broken; the county is out of reach."""
    found = Sites(tmp_path)
    for address in SITES:
        found.make(address)
    found.enrol(TOWN_AT, COUNTY_AT)
    found.enrol(VILLAGE_AT, TOWN_AT)
    village = found.open(VILLAGE_AT)
    found.acts = [filed(village, 1), filed(village, 2, b"a paper")]
    found.carry(VILLAGE_AT, TOWN_AT)
    found.carry(TOWN_AT, COUNTY_AT)
    found.carry(COUNTY_AT, TOWN_AT)
    close_database()
    shutil.rmtree(tmp_path / VILLAGE_AT)
    found.make(VILLAGE_AT)
    found.enrol(VILLAGE_AT, TOWN_AT)
    yield found
    close_database()


def test_a_request_is_on_the_disk_before_it_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power may fail when the answer is under way: the same request again is no second computer's."""
    made, request = Sites(tmp_path), tmp_path / "request"
    made.make(VILLAGE_AT)
    village, code = made.open(VILLAGE_AT), make_code(1, bytes(14))
    pending, sync, synced = village.config.path("enrolment.json"), os.fsync, list[str]()

    def watched(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    def power_cut(*_: object) -> None:
        raise OSError(errno.EIO, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", power_cut)
        with pytest.raises(OSError, match="gone"):
            commands.enrol_request(village, code, request)
    assert not pending.exists() and not request.exists()
    with monkeypatch.context() as seen:
        seen.setattr(os, "fsync", watched)
        commands.enrol_request(village, code, request)
    # What it is asked with is kept before the request is, on whatever it leaves by.
    assert synced[:3] == ["enrolment.json.part", VILLAGE_AT, f"{request.name}.part"]
    first = request.read_bytes()
    commands.enrol_request(made.open(VILLAGE_AT), code, request)
    assert request.read_bytes() == first
    close_database()


def test_a_rotten_paper_is_asked_for_by_the_check_that_finds_it(tmp_path: Path, capsys) -> None:
    made = Sites(tmp_path)
    for address in (COUNTY_AT, TOWN_AT):
        made.make(address)
    made.enrol(TOWN_AT, COUNTY_AT)
    filed(made.open(TOWN_AT), 1, b"a paper")
    made.carry(TOWN_AT, COUNTY_AT)
    made.carry(COUNTY_AT, TOWN_AT)
    (file,) = [f for f in (tmp_path / COUNTY_AT / "papers").glob("*/*/*") if len(f.name) == 64]
    file.chmod(0o600)
    file.write_bytes(b"a pap\0r")
    words = ["verify", "--data", str(tmp_path / COUNTY_AT)]
    capsys.readouterr()
    assert main(COUNTY, words) == 1
    assert f"材料已损坏：{file.name[:16]}（已开始取回" in capsys.readouterr().out
    county = made.open(COUNTY_AT)
    assert "S127" in {note.code for note in county.notes(9)}
    assert audit.first_broken() is None
    assert main(COUNTY, words) == 0
    assert "1 份已经在取回" in capsys.readouterr().out
    made.carry(COUNTY_AT, TOWN_AT)
    made.carry(TOWN_AT, COUNTY_AT)
    assert file.read_bytes() == b"a paper" and main(COUNTY, words) == 0
    assert "在取回" not in capsys.readouterr().out
    close_database()


def confirm(county: Node) -> None:
    """A person at the county confirms the new key the township vouches for."""
    core = county.peer.core
    key, roster_key = core.roster.current_key(VILLAGE_AT, TOWN_AT), core.means.roster_key
    assert key is not None and roster_key is not None
    child = {"address": VILLAGE_AT, "parent": "", "name": "新站", "key": key.as_fields()}
    with county.unit():
        registrar.admit_child(core, roster_key, child, county.clock.now_ms())


def test_a_new_machine_under_an_old_address_gets_back_what_others_hold(sites: Sites) -> None:
    """Acts come by themselves; a paper of before comes when somebody asks for it, by its hash."""
    for _ in range(2):
        sites.carry(VILLAGE_AT, TOWN_AT)
        sites.carry(TOWN_AT, VILLAGE_AT)
    village = sites.open(VILLAGE_AT)
    identity = village.spool.identity()
    assert identity is not None and identity.epoch.startswith("2-")
    assert all(village.spool.act(act) for act in sites.acts)
    frame = village.spool.frame_of_act(sites.acts[1])
    assert frame is not None
    paper = frame.header.blobs[0].hash
    assert not village.blobs.has(paper)
    with village.unit():
        assert village.ask_back(paper, "agent", village.clock.now_ms())
    sites.carry(VILLAGE_AT, TOWN_AT)
    sites.carry(TOWN_AT, VILLAGE_AT)
    village = sites.open(VILLAGE_AT)
    assert village.blobs.read(paper, 0, 99) == b"a paper"
    assert commands.verify(village)["problems"] == []


def test_what_it_takes_in_goes_on_by_the_townships_word_until_the_county_confirms(sites: Sites) -> None:
    village = sites.open(VILLAGE_AT)
    later = filed(village, 3)
    assert state_of(village, later) == (OWN, "")
    sites.carry(VILLAGE_AT, TOWN_AT)
    sites.carry(TOWN_AT, COUNTY_AT)
    county = sites.open(COUNTY_AT)
    assert state_of(county, later) == (PARKED, f"roster:{VILLAGE_AT}")
    confirm(county)
    sites.carry(TOWN_AT, COUNTY_AT)
    # No kind of ours: it waits for a program that knows it, and for no person any more.
    assert state_of(sites.open(COUNTY_AT), later) == (PARKED, "version")
    sites.carry(COUNTY_AT, TOWN_AT)
    sites.carry(TOWN_AT, VILLAGE_AT)
    village = sites.open(VILLAGE_AT)
    with village.unit():
        assert village.peer.tick(later).stage > 0


def state_of(node: Node, act: str) -> tuple[str, str]:
    row = node.spool.act(act)
    assert row is not None
    return row.state, row.waits_for
