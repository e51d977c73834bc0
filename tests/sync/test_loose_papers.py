"""Papers of acts that came loose: asked for beside all streams, given to who may have the act alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.bundle_file import export, import_file
from sync.adapters.memory_spool import MemorySpool
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol.exchange import Opener, read_head
from sync.protocol.frame import BlobRef
from sync.protocol.items import Piece, decode_want_blobs, encode_piece, encode_want_blobs
from sync.protocol.offer import Budget
from sync.protocol.records import PIECE, WANT_BLOBS, Item, unpack_record
from sync.protocol.stock.blobs import LOOSE_WANTS_MAX
from sync.protocol.wants import WANTS_MAX
from tests.sync.file_spool import files_in
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
)
from tests.sync.wire import Wire

PHOTO = random.Random(1).randbytes(100_000)
ALL = (COUNTY, TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE)
HALF = 2**31


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path: Path) -> Callable[[], Any]:
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


@pytest.fixture
def sites(spool) -> dict[str, Site]:
    return make_network(ALL, spool=spool)


def brief(county: Site, address: str, *acts: str) -> None:
    """Let the county point acts out to an address."""
    ids = ",".join(f'"{act}"' for act in acts).encode()
    county.submit(b'{"ids":[%s]}' % ids, (address,), kind="sync.brief")


def filed(sites: dict[str, Site], photo: bytes = PHOTO) -> tuple[str, BlobRef]:
    """Let the village file with a paper, and act and paper reach the county."""
    ref = sites[VILLAGE].paper(photo)
    act = sites[VILLAGE].submit(b"{}", (COUNTY,), (ref,))
    settle(sites, 6)
    assert sites[COUNTY].blobs.has(ref.hash)
    return act, ref


def items_of(data: bytes, receiver: Site, kind: int) -> list[Item]:
    """The items of one kind in an exchange."""
    head, used = read_head(data)
    plains = Opener(head, receiver.key, receiver.means.suite).feed(data[used:])
    return [item for plain in plains for item in unpack_record(plain, b"") if item.kind == kind]


def asked(data: bytes, receiver: Site) -> list[str]:
    return [blob for item in items_of(data, receiver, WANT_BLOBS) for blob, _ in decode_want_blobs(item)]


def test_a_hand_over_place_off_the_authors_line_gets_act_and_papers(sites):
    county, other_town, other = sites[COUNTY], sites[OTHER_TOWN], sites[OTHER_VILLAGE]
    act, ref = filed(sites)
    assert not other_town.blobs.has(ref.hash)
    brief(county, OTHER_VILLAGE, act)
    settle(sites, 8)
    for site in (other_town, other):
        assert site.application.ids == [act]
        assert site.blobs.read(ref.hash, 0, ref.size) == PHOTO
        assert site.spool.loose_gaps(9) == [] and site.spool.blob(ref.hash) == ref
        assert (VILLAGE, COUNTY) not in site.upto()
    receipts = [h for h in other.spool.all_held("receipt") if h.key.startswith(VILLAGE)]
    assert receipts == []
    assert asked(other.out(OTHER_TOWN), other_town) == asked(other_town.out(COUNTY), county) == []


def test_they_go_on_where_the_line_was_cut_and_after_a_restart(sites):
    county, other_town = sites[COUNTY], sites[OTHER_TOWN]
    act, ref = filed(sites)
    brief(county, OTHER_VILLAGE, act)
    exchange(other_town, county)
    exchange(other_town, county)
    assert other_town.application.ids == [act]
    sent = 0
    for n in range(9):
        county.take(other_town.out(COUNTY))
        data = county.out(OTHER_TOWN, Budget(30_000))
        sent += len(data)
        other_town.take(data[: len(data) * 9 // 10] if n % 2 else data)
        other_town.restart()
        if other_town.blobs.has(ref.hash):
            break
    assert other_town.blobs.read(ref.hash, 0, ref.size) == PHOTO
    assert sent < 2 * len(PHOTO)


def test_by_stick_papers_come_with_the_act_and_what_was_cut_off_is_asked_for(sites, tmp_path):
    county, other = sites[COUNTY], sites[OTHER_VILLAGE]
    act, ref = filed(sites)
    brief(county, OTHER_VILLAGE, act)
    folder = tmp_path / "stick"
    folder.mkdir()

    def carry(source: Site, target: Site, share: float = 1.0) -> None:
        path = export(source.engine(), target.address, folder).path
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        import_file(target.engine(), path)

    carry(county, other)
    carry(other, county)
    carry(county, other, 0.5)
    assert other.application.ids == [act]
    held = other.blobs.offset(ref.hash)
    assert 0 < held < ref.size
    carry(other, county)
    assert county.peer.neighbour(OTHER_VILLAGE).wanted_blobs == ((ref.hash, held),)
    carry(county, other)
    assert other.blobs.has(ref.hash) and other.spool.loose_gaps(9) == []


def test_a_paper_held_already_is_not_asked_for(sites):
    county, other_town, other = sites[COUNTY], sites[OTHER_TOWN], sites[OTHER_VILLAGE]
    act, _ = filed(sites)
    for site in (other, other_town):
        site.paper(PHOTO)
    brief(county, OTHER_VILLAGE, act)
    settle(sites, 4)
    assert other.application.ids == [act]
    assert other.spool.loose_gaps(9) == other_town.spool.loose_gaps(9) == []


def test_a_paper_scanned_here_meanwhile_ends_the_wait(sites):
    county, other_town = sites[COUNTY], sites[OTHER_TOWN]
    act, ref = filed(sites)
    brief(county, OTHER_VILLAGE, act)
    exchange(other_town, county)
    exchange(other_town, county)
    assert other_town.spool.loose_gaps(9) == [(act, ref.hash)]
    other_town.paper(PHOTO)
    assert other_town.spool.loose_gaps(9) == []
    assert asked(other_town.out(COUNTY), county) == []


def pieces_for(giver: Site, thief: Site, *blobs: str) -> list[Item]:
    """What a giver sends, on the line and on a stick, to a neighbour that asks for papers by their hash."""
    giver.take(thief.say_items(giver, hello(), encode_want_blobs((blob, 0) for blob in blobs), STATE_ENDS))
    assert [blob for blob, _ in giver.peer.neighbour(thief.address).wanted_blobs] == list(blobs)
    line, stick = giver.out(thief.address), giver.out(thief.address, Budget(10**9, is_answered=False))
    return items_of(line, thief, PIECE) + items_of(stick, thief, PIECE)


def test_who_may_not_have_the_act_gets_no_byte_of_its_papers(sites):
    """Another township and its village know the hash, and ask everyone they may exchange with."""
    county, other_town, other = sites[COUNTY], sites[OTHER_TOWN], sites[OTHER_VILLAGE]
    _, ref = filed(sites)
    for thief in (other_town, other):
        assert pieces_for(county, thief, ref.hash) == []
        assert county.peer.waits_for(thief.address) == 0
    assert pieces_for(county, sites[TOWN], ref.hash) != []


def test_who_has_it_loose_gives_it_to_nobody_that_was_not_pointed_to_it():
    """The township was briefed for itself alone: its village asks for act and paper, and gets neither."""
    sites = make_network(ALL)
    county, other_town, other = sites[COUNTY], sites[OTHER_TOWN], sites[OTHER_VILLAGE]
    act, ref = filed(sites)
    brief(county, OTHER_TOWN, act)
    settle(sites, 6)
    assert other_town.blobs.has(ref.hash)
    with other.unit():
        other.spool.want(act)
    settle(sites, 2)
    assert other.application.ids == []
    assert pieces_for(other_town, other, ref.hash) == []
    assert pieces_for(county, other, ref.hash) == []


def test_a_paper_of_no_act_is_nobodys(sites):
    """Scanned for a case that is still being typed: not even the node above is given it."""
    village, town = sites[VILLAGE], sites[TOWN]
    ref = village.paper(PHOTO)
    assert pieces_for(village, town, ref.hash) == []


def test_who_may_not_have_the_act_is_not_even_told_what_is_missing():
    """The township lacks a paper its other village was not pointed to: it asks the county alone."""
    sites = make_network(ALL)
    county, other_town, other = sites[COUNTY], sites[OTHER_TOWN], sites[OTHER_VILLAGE]
    act, ref = filed(sites)
    brief(county, OTHER_TOWN, act)
    exchange(other_town, county)
    exchange(other_town, county)
    assert other_town.spool.loose_gaps(9) == [(act, ref.hash)]
    assert asked(other_town.out(COUNTY), county) == [ref.hash]
    assert asked(other_town.out(OTHER_VILLAGE), other) == []


def test_papers_of_loose_acts_and_of_streams_leave_each_other_room():
    """More is missing of both than one list holds, and nobody has any of it but one of each."""
    sites = make_network(ALL)
    county, other_town = sites[COUNTY], sites[OTHER_TOWN]
    act, ref = filed(sites)
    acts = []
    for n in range(12):
        lost = [BlobRef(f"{n * 12 + k + 1:064x}", 1000, "image/jpeg") for k in range(12)]
        acts.append(sites[VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,), lost))
        lost = [BlobRef(f"{10_000 + n * 12 + k:064x}", 1000, "image/jpeg") for k in range(12)]
        sites[OTHER_VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,), lost)
    exchange(sites[OTHER_VILLAGE], other_town)
    exchange(sites[VILLAGE], county)
    brief(county, OTHER_VILLAGE, *acts, act)
    exchange(other_town, county)
    exchange(other_town, county)
    assert len(other_town.spool.loose_gaps(999)) == 145 > 2 * WANTS_MAX
    seen: set[str] = set()
    for _ in range(6):
        names = asked(other_town.out(COUNTY), county)
        assert len(names) == WANTS_MAX
        assert sum(int(name, 16) >= 10_000 and name != ref.hash for name in names) <= LOOSE_WANTS_MAX
        seen |= set(names)
    assert len(seen) > 144
    settle(sites, 6)
    assert other_town.blobs.has(ref.hash)


def test_papers_nobody_has_leave_the_line_at_rest():
    sites = make_network(ALL)
    county, other_town = sites[COUNTY], sites[OTHER_TOWN]
    acts = []
    for n in range(12):
        lost = [BlobRef(f"{n * 12 + k + 1:064x}", 1000, "image/jpeg") for k in range(12)]
        acts.append(sites[VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,), lost))
    settle(sites, 4)
    brief(county, OTHER_VILLAGE, *acts)
    settle(sites, 6)
    for child, parent in ((other_town, COUNTY), (sites[OTHER_VILLAGE], OTHER_TOWN)):
        uplinks = (Uplink(parent, parent),)
        runner = Runner(child.engine(), Wire(sites), lambda u=uplinks: u, Pace(60_000, 90_000), lambda: HALF)
        runner.step()
        assert [runner.step() for _ in range(6)] == [60_000] * 6


def test_wrong_bytes_for_a_loose_paper_are_dropped(sites):
    county, other_town = sites[COUNTY], sites[OTHER_TOWN]
    act, ref = filed(sites, PHOTO[:5_000])
    brief(county, OTHER_VILLAGE, act)
    exchange(other_town, county)
    exchange(other_town, county)
    other_town.codes()
    incoming = other_town.take(
        county.say_items(other_town, encode_piece(Piece(ref.hash, 0, ref.size, bytes(ref.size))))
    )
    assert incoming.refused == 1 and other_town.codes() == ["S114"]
    assert other_town.spool.loose_gaps(9) == [(act, ref.hash)]
    settle(sites, 3)
    assert other_town.blobs.read(ref.hash, 0, ref.size) == PHOTO[:5_000]
