"""The list of revoked seals goes down over the line: to whom, how often, and to a node that was put back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import CONFIG_FILE, read_config
from common.node.backups import backup, restore
from common.node.keyring.keyless import is_keyless
from common.node.seal_news import KEY, KIND
from common.node.verbs.seal_lists import hear_from_above, tell_below
from common.seal.errors import SealRevoked
from common.seal.keys import SealKeys
from common.seal.revoking import Order, revoke
from common.seal.rules.revoked import Reason
from common.store import audit
from common.store.database import close_database
from sync.protocol import canonical, signed
from sync.protocol.shelf import Draft
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, copy_of, profile_of
from tests.seal.stage import NOW_EARLIEST

ORGAN = "沙溪镇人民政府"
SLOT = f"{COUNTY}|{KIND}|{KEY}"


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Three nodes; the township has a seal that the county signed. No clock of before the seal is used."""
    made = copy_of(enrolled, tmp_path / "nodes")
    made.clock.set_wall(NOW_EARLIEST)
    made.open(COUNTY)
    county = keys_of(made)
    county.found("通江县政务服务中心", COUNTY, NOW_EARLIEST)
    made.open(TOWN)
    town = keys_of(made)
    town.install(county.sign(town.request(ORGAN, TOWN)[0], NOW_EARLIEST)[0])
    yield made
    close_database()


def keys_of(three: ThreeNodes) -> SealKeys:
    """Return the seals of the open node."""
    return SealKeys(three.node.config.path("seal"))


def put_out(three: ThreeNodes, what: str = ORGAN) -> None:
    """Revoke a seal at the county, as the verb does."""
    three.open(COUNTY)
    keys = keys_of(three)
    revoke(keys, Order(what, Reason.STOLEN), three.clock)
    tell_below(three.node, keys)


def is_revoked(three: ThreeNodes) -> int:
    """Say whether the township knows; it is open afterwards."""
    three.open(TOWN)
    try:
        keys_of(three).seal_of(ORGAN)
    except SealRevoked:
        return 1
    return 0


def test_a_township_knows_with_the_next_contact_and_a_village_lets_it_pass(three: ThreeNodes) -> None:
    put_out(three)
    assert not is_revoked(three)
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)
    assert [row.action for row in audit.rows(COUNTY)].count("seal.list_installed") == 1
    three.carry(TOWN, VILLAGE)
    three.open(VILLAGE)
    assert three.node.spool.held(signed.SHELF, SLOT) is not None
    assert not three.node.config.path("seal").exists()


def test_it_is_told_once_however_often_the_county_starts(three: ThreeNodes) -> None:
    three.open(COUNTY)
    assert three.node.spool.held(signed.SHELF, SLOT) is None
    put_out(three)
    for _ in range(2):
        three.open(COUNTY)
        held = three.node.spool.held(signed.SHELF, SLOT)
        assert held is not None and held.rank[0] == 1


def test_a_county_that_was_cut_off_before_it_told_tells_at_its_next_start(three: ThreeNodes) -> None:
    three.open(COUNTY)
    revoke(keys_of(three), Order(ORGAN, Reason.STOLEN), three.clock)
    assert three.node.spool.held(signed.SHELF, SLOT) is None
    three.open(TOWN)
    three.open(COUNTY)
    assert three.node.spool.held(signed.SHELF, SLOT) is not None
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)


def test_a_township_put_back_to_before_the_revocation_learns_of_it_with_the_first_contact(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """The whole machine from an image: database, seals and all. Nobody need come with a stick."""
    three.open(TOWN)
    folder = three.node.config.data_dir
    close_database()
    image = shutil.copytree(folder, tmp_path / "image")
    put_out(three)
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)
    three.open(COUNTY)
    shutil.rmtree(folder)
    shutil.copytree(image, folder)
    assert not is_revoked(three)
    three.carry(TOWN, COUNTY)
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)


def test_a_new_machine_that_gets_its_seal_later_has_the_list_with_it(three: ThreeNodes) -> None:
    """The list came while there was no root here; a file of the stolen seal was called good meanwhile."""
    three.open(TOWN)
    shutil.rmtree(three.node.config.path("seal"))
    put_out(three)
    three.carry(COUNTY, TOWN)
    keys = keys_of(three)
    request, _ = keys.request(ORGAN, TOWN)
    three.open(COUNTY)
    answer, _ = keys_of(three).sign(request, NOW_EARLIEST)
    three.open(TOWN)
    keys.install(answer)
    hear_from_above(three.node, keys)
    assert len(keys.register.list(keys.root()).revoked) == 1 and keys.seal_of(ORGAN)


def test_a_folder_of_seals_put_back_by_itself_knows_again_from_the_next_start(
    three: ThreeNodes, tmp_path: Path
) -> None:
    three.open(TOWN)
    folder = three.node.config.path("seal")
    image = shutil.copytree(folder, tmp_path / "image")
    put_out(three)
    three.carry(COUNTY, TOWN)
    three.open(COUNTY)
    shutil.rmtree(folder)
    shutil.copytree(image, folder)
    assert is_revoked(three)


def test_a_list_that_another_root_signed_and_what_is_none_is_not_taken(
    three: ThreeNodes, tmp_path: Path
) -> None:
    stranger = SealKeys(tmp_path / "seal")
    stranger.found("通江县政务服务中心", COUNTY, NOW_EARLIEST)
    stranger.issue(ORGAN, COUNTY, NOW_EARLIEST)
    revoke(stranger, Order(ORGAN, Reason.STOLEN), three.clock)
    wrong = stranger.register.list_file(stranger.root()).decode()
    odd = (canonical.dumps({"crl": wrong}), canonical.dumps({"x": 1}), b"\xff", canonical.dumps({"crl": 1}))
    for content in odd:
        three.open(COUNTY)
        with three.node.unit():
            three.node.peer.publish(Draft(KIND, KEY, 0, "", COUNTY, content, three.now()))
        three.carry(COUNTY, TOWN)
        assert {note.code for note in three.node.notes(9)} == {"E597"}
        assert not is_revoked(three) and not (three.node.config.path("seal") / "seals.crl").exists()
    # The county goes on as ever with the next list.
    put_out(three)
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)


def test_a_county_whose_folder_of_seals_was_put_back_hears_from_its_own_shelf(
    three: ThreeNodes, tmp_path: Path
) -> None:
    three.open(COUNTY)
    folder = three.node.config.path("seal")
    image = shutil.copytree(folder, tmp_path / "image")
    put_out(three)
    close_database()
    shutil.rmtree(folder)
    shutil.copytree(image, folder)
    three.open(COUNTY)
    assert len(keys_of(three).register.list(keys_of(three).root()).revoked) == 1


def test_a_county_put_back_as_a_whole_that_revokes_before_it_hears_anything_brings_no_seal_back(
    three: ThreeNodes, tmp_path: Path
) -> None:
    three.open(COUNTY)
    folder = three.node.config.data_dir
    keys_of(three).issue("县民政局", COUNTY, NOW_EARLIEST)
    close_database()
    image = shutil.copytree(folder, tmp_path / "image")
    put_out(three)
    three.carry(COUNTY, TOWN)
    close_database()
    shutil.rmtree(folder)
    shutil.copytree(image, folder)
    put_out(three, "县民政局")
    three.carry(TOWN, COUNTY)
    assert "E605" in [note.code for note in three.node.notes(9)], "the county is told what it lacks"
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)
    # It revokes that once more, and all know both.
    put_out(three)
    three.carry(COUNTY, TOWN)
    assert is_revoked(three)
    assert len(keys_of(three).register.list(keys_of(three).root()).revoked) == 2


def test_a_folder_that_cannot_be_written_stops_no_exchange(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_out(three)
    with monkeypatch.context() as full:

        def no_room(*_given: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr("common.seal.register.put_file", no_room)
        three.carry(COUNTY, TOWN)
    three.open(COUNTY)
    assert is_revoked(three), "the next start takes it"


def test_a_damaged_list_does_not_keep_the_county_from_starting(three: ThreeNodes) -> None:
    put_out(three)
    (keys_of(three).folder / "seals.crl").write_bytes(b"-----BEGIN X509 CRL-----")
    three.open(TOWN)
    three.open(COUNTY)
    # What is on the shelf is whole, and takes its place.
    assert keys_of(three).register.list(keys_of(three).root()).number == 1
    assert os.listdir(keys_of(three).folder)


def test_a_county_that_has_its_seals_back_before_its_keys_can_be_opened(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """On a new computer the folder of seals may be there first: `status` has to say what is missing."""
    node = three.open(COUNTY)
    backup.back_up(node, tmp_path / "kept")
    put_out(three)
    keys, folder = tmp_path / "keys.json", three.node.config.data_dir
    close_database()
    for path in folder.iterdir():
        if path.name == "keys.json":
            path.rename(keys)
        elif path.name not in ("seal", CONFIG_FILE):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    restore.put_back(read_config(folder, {}), profile_of(COUNTY), tmp_path / "kept")
    close_database()
    assert is_keyless(three.open(COUNTY))
    shutil.copy(keys, folder)
    restore.put_back(read_config(folder, {}), profile_of(COUNTY), tmp_path / "kept")
    close_database()
    three.open(COUNTY)
    three.open(TOWN)
    three.open(COUNTY)
    assert three.node.spool.held(signed.SHELF, SLOT) is not None
