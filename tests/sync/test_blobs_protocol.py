"""Papers over exchanges: they go on where they stopped, and only the true bytes count."""

from __future__ import annotations

import hashlib
import random

import pytest

from sync.protocol.frame import BlobRef
from sync.protocol.items import Piece, encode_piece
from sync.protocol.offer import Budget
from sync.protocol.pieces import PIECE_BYTES
from sync.protocol.receipts import MISSING_MAX
from sync.protocol.wants import WANTS_MAX
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle

PHOTO = random.Random(1).randbytes(100_000)


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def announced(sites: dict[str, Site], photo: bytes = PHOTO) -> BlobRef:
    """Let the village file with a paper and the town know of it, not have it."""
    ref = sites[VILLAGE].paper(photo)
    sites[VILLAGE].submit(b"{}", (COUNTY,), (ref,))
    sites[TOWN].take(sites[VILLAGE].out(TOWN, Budget(10_000)))
    return ref


def piece(ref: BlobRef, offset: int, data: bytes, size: int | None = None):
    return encode_piece(Piece(ref.hash, offset, size or ref.size, data))


def test_a_paper_goes_on_where_it_stopped(sites):
    _, town, village = sites.values()
    ref = announced(sites)
    sent = []
    for _ in range(9):
        village.take(town.out(VILLAGE))
        data = village.out(TOWN, Budget(30_000))
        sent.append(len(data))
        town.take(data)
        if town.blobs.has(ref.hash):
            break
    assert town.blobs.read(ref.hash, 0, ref.size) == PHOTO
    assert sum(sent) < 1.2 * len(PHOTO)


def test_the_same_paper_is_sent_once(sites):
    county, _, village = sites.values()
    ref = announced(sites)
    settle(sites)
    village.submit(b'{"again":1}', (COUNTY,), (ref,))
    data = village.out(TOWN)
    assert len(data) < 3_000
    sites[TOWN].take(data)
    settle(sites)
    assert county.stream(VILLAGE, COUNTY).papers == 2


def test_pieces_that_do_not_fit_change_nothing(sites):
    _, town, village = sites.values()
    ref = announced(sites)
    strange = BlobRef(hashlib.sha256(b"strange").hexdigest(), 7, "image/jpeg")
    for item in (
        piece(ref, 500, PHOTO[500:900]),
        piece(ref, 0, b""),
        piece(ref, 0, PHOTO[:100], size=ref.size + 1),
        piece(ref, 90_000, PHOTO[:15_000]),
        piece(ref, 0, PHOTO[:100], size=50),
        piece(strange, 0, b"strange"),
    ):
        incoming = town.take(village.say_items(town, item))
        assert (incoming.pieces, town.blobs.offset(ref.hash), town.blobs.has(strange.hash)) == (0, 0, False)


def test_wrong_bytes_are_dropped_and_the_true_ones_come(sites):
    _, town, village = sites.values()
    ref = announced(sites)
    wrong = bytes(len(PHOTO))
    items = [piece(ref, at, wrong[at : at + PIECE_BYTES]) for at in range(0, len(PHOTO), PIECE_BYTES)]
    town.codes()
    incoming = town.take(village.say_items(town, *items))
    assert incoming.refused == 1 and town.codes() == ["S114"]
    assert not town.blobs.has(ref.hash) and town.blobs.offset(ref.hash) == 0
    exchange(village, town)
    exchange(village, town)
    assert town.blobs.has(ref.hash)


def test_power_lost_between_the_paper_and_its_row(sites):
    """The file has its name, the row does not say so: the next piece of it, any, makes it count."""
    county, town, _ = sites.values()
    ref = announced(sites)
    town.blobs.put(iter((PHOTO,)), "image/jpeg")
    settle(sites)
    assert town.stream(VILLAGE, COUNTY).papers == 1
    assert county.blobs.has(ref.hash)


def test_power_lost_between_the_last_byte_and_the_look_at_the_whole(sites):
    _, town, _ = sites.values()
    ref = announced(sites)
    town.blobs.append(ref.hash, 0, PHOTO)
    town.blobs.flush()
    settle(sites, 4)
    assert town.blobs.has(ref.hash)
    assert town.stream(VILLAGE, COUNTY).papers == 1


def test_bytes_not_flushed_are_asked_for_again(sites):
    _, town, village = sites.values()
    ref = announced(sites)
    town.blobs.append(ref.hash, 0, PHOTO[:40_000])
    town.blobs.crash()
    assert town.blobs.offset(ref.hash) == 0
    exchange(village, town)
    exchange(village, town)
    assert town.blobs.has(ref.hash)


def test_receipts_say_which_papers_are_missing(sites):
    _, town, village = sites.values()
    ref = announced(sites)
    village.take(town.out(VILLAGE))
    held = village.spool.held("receipt", f"{village.stream(VILLAGE, COUNTY).id}|{TOWN}|hop")
    fields = held.statement.fields()
    assert (fields["upto"], fields["papers"], fields["missing"]) == (1, 0, [ref.hash])


def test_what_a_receipt_called_missing_is_asked_for_all_the_same(sites):
    """The town's receipt said it lacks both; then the second came, and no newer receipt can say so."""
    county, town, village = sites.values()
    lost, later = BlobRef("ab" * 32, 1000, "image/jpeg"), village.paper(PHOTO)
    village.submit(b"{}", (COUNTY,), (lost, later))
    town.take(village.out(TOWN, Budget(1)))
    exchange(town, county)
    settle(sites, 4)
    assert town.blobs.has(later.hash) and county.blobs.has(later.hash)
    assert county.stream(VILLAGE, COUNTY).papers == 0


def test_a_silent_villages_papers_do_not_keep_anothers_waiting():
    """One village's frames came and its papers did not; the town's own papers still reach the county."""
    sites = make_network()
    county, town, village = sites.values()
    for n in range(30):
        lost = [BlobRef(f"{n * 12 + k:064x}", 1000, "image/jpeg") for k in range(12)]
        village.submit(b'{"n":%d}' % n, (COUNTY,), lost)
    exchange(village, town)
    exchange(town, county)
    assert WANTS_MAX + MISSING_MAX < 30 * 12
    ref = town.paper(PHOTO)
    town.submit(b"{}", (COUNTY,), (ref,))
    for _ in range(4):
        exchange(town, county)
    assert county.blobs.has(ref.hash)


def damaged(site: Site, ref: BlobRef) -> None:
    """Change a byte of a paper a site holds, and start the site again."""
    site.blobs._whole[ref.hash] = b"?" + site.blobs._whole[ref.hash][1:]
    site.blobs.crash()
    site.restart()


def test_a_damaged_paper_is_not_sent_on_and_comes_back_from_who_has_it(sites):
    """The town's copy goes bad before the county has it: none of it leaves, the village gives it again."""
    county, town, village = sites.values()
    ref = announced(sites)
    for _ in range(3):
        exchange(village, town)
    assert town.blobs.has(ref.hash) and not county.blobs.has(ref.hash)
    damaged(town, ref)
    both = [exchange(town, county) for _ in range(3)]
    assert not any(came.refused or came.pieces for pair in both for came in pair)
    assert "S127" in {note.code for note in town.journal} | set(town.codes())
    assert not town.blobs.has(ref.hash) and county.blobs.offset(ref.hash) == 0
    before = town.spool.held("receipt", f"{town.stream(VILLAGE, COUNTY).id}|{TOWN}|hop")
    settle(sites, 4)
    assert town.blobs.read(ref.hash, 0, ref.size) == county.blobs.read(ref.hash, 0, ref.size) == PHOTO
    assert town.spool.loose_gaps(9) == [] and town.spool.blob(ref.hash) is not None
    after = town.spool.held("receipt", f"{town.stream(VILLAGE, COUNTY).id}|{TOWN}|hop")
    # What the receipt has said stays said.
    assert after.statement.fields()["papers"] >= before.statement.fields()["papers"] == 1


def test_what_nobody_else_has_is_said_once_and_stops_nothing(sites):
    """The only copy is bad: it is noted, wanted, and other papers go on."""
    county, town, village = sites.values()
    ref = announced(sites)
    other = village.paper(PHOTO[::-1])
    village.submit(b'{"n":2}', (COUNTY,), (other,))
    damaged(village, ref)
    settle(sites, 5)
    codes = [note.code for note in village.journal] + village.codes()
    assert codes.count("S127") == 1
    assert county.blobs.has(other.hash) and not town.blobs.has(ref.hash) and town.blobs.offset(ref.hash) == 0
    assert [blob for _, blob in village.spool.loose_gaps(9)] == [ref.hash]


def test_a_stick_leaves_a_damaged_paper_out_and_the_next_one_asks_for_it(sites):
    county, _, village = sites.values()
    ref = announced(sites)
    damaged(village, ref)
    stick = Budget(10**9, is_answered=False)
    assert county.take(village.out(COUNTY, stick)).pieces == 0
    assert not village.blobs.has(ref.hash)
    village.out(COUNTY, stick)
    assert "S127" in village.codes() and [blob for _, blob in village.spool.loose_gaps(9)] == [ref.hash]


def test_a_paper_that_is_whole_though_no_row_says_so_is_not_waited_for(sites):
    """The power went between file and row, and whoever could send a piece of it has lost it since."""
    county, town, village = sites.values()
    ref = announced(sites)
    town.blobs.put(iter((PHOTO,)), "image/jpeg")
    village.blobs.claim([ref.hash])
    assert village.blobs.evict(ref.hash) and town.spool.missing_blob(ref.hash) is not None
    town.out(VILLAGE, Budget(1_000_000, is_answered=False))
    assert town.stream(VILLAGE, COUNTY).papers == 0, "a stick moves nothing at who writes it"
    assert village.take(town.out(VILLAGE)).state.wanted_blobs == ()
    assert town.spool.missing_blob(ref.hash) is None and town.spool.blob(ref.hash) == ref
    settle(sites)
    assert county.blobs.has(ref.hash) and county.stream(VILLAGE, COUNTY).papers == 1


def test_a_file_that_is_not_what_was_announced_is_asked_for_all_the_same(sites):
    _, town, village = sites.values()
    ref = announced(sites)
    town.blobs.put(iter((PHOTO,)), "image/jpeg")
    with town.unit():
        town.spool.add_loose_gaps(town.application.ids[0], (ref._replace(size=ref.size + 1),))
    assert [blob for blob, _ in village.take(town.out(VILLAGE)).state.wanted_blobs] == [ref.hash]
    settle(sites, 2)
    assert town.spool.blob(ref.hash) == ref
