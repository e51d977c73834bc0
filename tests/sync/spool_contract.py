"""What every spool promises, written once and run on each of them.

A subclass gives the fixture `store`: `spool` to work with, `unit()` for one
unit of work, `savepoint()` for a block within it, `reopen()` for the spool as
the next process would find it, `refusal` for what a taken place raises.
"""

from __future__ import annotations

import pytest

from sync.protocol.frame import Wrap, rebuild
from sync.protocol.spool import EVIDENCE, GAP, UNKNOWN_KEY, Aside, Placed
from sync.protocol.streams import Stream
from tests.sync.made import (
    BESIDE,
    COUNTY,
    DOWN,
    ROOT,
    TOWN,
    UP,
    blob_ref,
    make_frame,
    with_blobs,
)
from tests.sync.spool_contract_frames import ActContract, StreamContract
from tests.sync.spool_contract_names import NamesContract
from tests.sync.spool_contract_state import HeldContract, IdentityContract, NeighbourContract
from tests.sync.spool_store import FIRST, SECOND, THIRD, Cut, Store


class AsideContract:
    """Frames without a place."""

    def test_aside_comes_back_by_reason_and_stream_by_seq(self, store: Store) -> None:
        late = [Aside(make_frame(UP, seq), GAP, 100 + seq) for seq in (9, 4, 6)]
        others = [
            Aside(with_blobs(make_frame(DOWN, 5), FIRST), GAP, 7),
            Aside(make_frame(UP, 2), UNKNOWN_KEY, 8),
        ]
        with store.unit():
            assert all(store.spool.put_aside(aside) for aside in [*late, *others])
        assert store.spool.asides(GAP, UP) == [late[1], late[2], late[0]]
        assert store.spool.asides(GAP) == [late[1], others[0], late[2], late[0]]
        assert store.spool.asides(UNKNOWN_KEY) == [others[1]]
        assert store.spool.asides(EVIDENCE) == []
        assert store.reopen().count_aside() == 5
        assert [store.spool.count_aside(why) for why in (GAP, UNKNOWN_KEY, EVIDENCE)] == [4, 1, 0]

    def test_aside_is_counted_by_whose_room_it_takes(self, store: Store) -> None:
        asides = [Aside(make_frame(UP, seq), GAP, 1, TOWN) for seq in (4, 6)]
        asides += [Aside(make_frame(UP, 9), GAP, 1, COUNTY), Aside(make_frame(UP, 2), UNKNOWN_KEY, 1, TOWN)]
        with store.unit():
            for aside in asides:
                store.spool.put_aside(aside)
        assert store.reopen().asides(GAP, UP) == asides[:3]
        assert [store.spool.count_aside(GAP, share) for share in (TOWN, COUNTY, "x", "")] == [2, 1, 0, 3]
        assert [store.spool.count_aside("", share) for share in (TOWN, COUNTY, "")] == [3, 1, 4]

    def test_of_what_is_aside_the_streams_and_the_bytes_are_known_without_a_look_at_it(
        self, store: Store
    ) -> None:
        wrapped = make_frame(UP, 4)._replace(wraps=(Wrap("ab" * 8, bytes(48)), Wrap("cd" * 8, bytes(64))))
        asides = [Aside(make_frame(UP, 6), GAP, 1, TOWN), Aside(wrapped, GAP, 1, COUNTY)]
        asides += [Aside(make_frame(DOWN, 5, word="x" * 999), GAP, 1, TOWN)]
        asides += [Aside(make_frame(BESIDE, 2), UNKNOWN_KEY, 1, TOWN)]
        with store.unit():
            for aside in asides:
                store.spool.put_aside(aside)
        spool = store.reopen()
        assert spool.streams_aside(GAP) == sorted([UP, DOWN])
        assert [spool.streams_aside(why) for why in (UNKNOWN_KEY, EVIDENCE)] == [[BESIDE], []]
        sizes = [len(one.frame.header_bytes) + len(one.frame.body) for one in asides]
        sizes[1] += 2 * (3 + 16) + 48 + 64
        assert [spool.weigh_aside(GAP, share) for share in (TOWN, COUNTY, "x", "")] == [
            sizes[0] + sizes[2],
            sizes[1],
            0,
            sum(sizes[:3]),
        ]
        with store.unit():
            store.spool.drop_aside(asides[2].frame)
        assert spool.streams_aside(GAP) == [UP] and spool.weigh_aside(GAP, TOWN) == sizes[0]

    def test_two_frames_for_one_place_are_both_evidence_but_one_only_once(self, store: Store) -> None:
        one, two = Aside(make_frame(UP, 3), EVIDENCE, 1), Aside(make_frame(UP, 3, word="fork"), EVIDENCE, 2)
        with store.unit():
            assert store.spool.put_aside(one)
            assert store.spool.put_aside(two)
            assert not store.spool.put_aside(one._replace(why=GAP))
        assert sorted(a.since for a in store.spool.asides(EVIDENCE, UP)) == [1, 2]
        assert store.spool.asides(GAP) == []

    def test_dropped_is_forgotten_and_may_come_again(self, store: Store) -> None:
        aside = Aside(make_frame(UP, 3), GAP, 1)
        with store.unit():
            store.spool.put_aside(aside)
            store.spool.drop_aside(aside.frame)
            store.spool.drop_aside(aside.frame)
            assert store.spool.count_aside() == 0
            assert store.spool.put_aside(aside._replace(why=EVIDENCE))
        assert store.spool.asides(GAP, UP) == []
        assert store.spool.asides(EVIDENCE, UP) == [aside._replace(why=EVIDENCE)]

    def test_a_failed_unit_leaves_what_was_aside(self, store: Store) -> None:
        old, new = Aside(make_frame(UP, 3), GAP, 1), Aside(make_frame(UP, 4), GAP, 1)
        with store.unit():
            store.spool.put_aside(old)
        with pytest.raises(Cut), store.unit():
            store.spool.drop_aside(old.frame)
            store.spool.put_aside(new)
            raise Cut
        assert store.spool.asides(GAP, UP) == [old]


class LooseContract:
    """Frames beside the streams."""

    def test_of_an_act_frames_are_kept_loose_for_each_stream(self, store: Store) -> None:
        made = [make_frame(UP, 7), make_frame(UP._replace(dst=TOWN), 3)]
        header = made[1].header._replace(body_hash=made[0].header.body_hash)
        both = [made[0], rebuild(header, made[0].body, made[0].signature)]
        assert not store.spool.is_loose(both[0])
        with store.unit():
            for position, frame in enumerate(both, 3):
                store.spool.add_loose(Placed(position, frame))
        assert [store.spool.is_loose(frame) for frame in (*both, make_frame(UP, 9))] == [True, True, False]
        with store.unit():
            store.spool.drop_bodies([both[0].act])
        assert store.spool.is_loose(both[0])


class PaperContract:
    """Papers held and missing."""

    def _two_streams(self, store: Store) -> tuple[Stream, Stream]:
        up, down = Stream(UP, 0, ROOT, 0, ROOT), Stream(DOWN, 0, ROOT, 0, ROOT)
        store.spool.put_stream(up)
        store.spool.put_stream(down)
        return up, down

    def test_gaps_are_given_by_place_up_to_the_limit(self, store: Store) -> None:
        with store.unit():
            up, down = self._two_streams(store)
            store.spool.add_gaps(up, [(5, FIRST), (2, SECOND)])
            store.spool.add_gaps(up, [(5, THIRD), (5, FIRST)])
        fives = sorted([(5, FIRST.hash), (5, THIRD.hash)])
        assert store.spool.gaps(up, 10) == [(2, SECOND.hash), *fives]
        assert store.spool.gaps(up, 2) == [(2, SECOND.hash), fives[0]]
        assert store.spool.gaps(down, 2) == []
        assert store.reopen().gap_streams() == [UP]
        assert store.spool.missing_blob(THIRD.hash) == THIRD
        assert store.spool.missing_blob(blob_ref(b"no").hash) is None

    def test_closing_a_gap_closes_it_wherever_the_paper_was_named(self, store: Store) -> None:
        with store.unit():
            up, down = self._two_streams(store)
            store.spool.add_gaps(down, [(1, FIRST)])
            store.spool.add_gaps(up, [(3, FIRST), (4, FIRST), (4, SECOND)])
            assert store.spool.gap_streams() == [UP, DOWN]
            assert store.spool.close_gap(FIRST.hash) == [UP, DOWN]
            assert store.spool.close_gap(FIRST.hash) == []
        assert store.spool.gaps(up, 9) == [(4, SECOND.hash)]
        assert store.spool.gap_streams() == [UP]
        assert store.spool.missing_blob(FIRST.hash) is None

    def test_a_missing_paper_is_as_large_as_the_largest_anyone_announced(self, store: Store) -> None:
        """An author may lie about a size; who tells the truth later must still be able to bring the paper."""
        with store.unit():
            up, down = self._two_streams(store)
            store.spool.add_gaps(up, [(1, FIRST._replace(size=2))])
            store.spool.add_gaps(down, [(1, FIRST._replace(size=9))])
        with pytest.raises(Cut), store.unit():
            store.spool.add_gaps(up, [(2, FIRST._replace(size=77))])
            raise Cut
        with store.unit():
            store.spool.add_gaps(up, [(3, FIRST)])
        assert store.spool.missing_blob(FIRST.hash) == FIRST._replace(size=9)

    def test_a_gap_closed_may_open_again(self, store: Store) -> None:
        with store.unit():
            up, _ = self._two_streams(store)
            store.spool.add_gaps(up, [(3, FIRST)])
            store.spool.close_gap(FIRST.hash)
            store.spool.add_gaps(up, [(8, FIRST)])
        assert store.spool.gaps(up, 9) == [(8, FIRST.hash)]
        assert store.spool.missing_blob(FIRST.hash) == FIRST

    def test_papers_held_are_known_by_hash(self, store: Store) -> None:
        with store.unit():
            for blob in (FIRST, SECOND, FIRST):
                store.spool.put_blob(blob)
        assert store.spool.have_blobs([FIRST.hash, SECOND.hash, THIRD.hash]) == {FIRST.hash, SECOND.hash}
        assert store.spool.have_blobs([]) == set()
        assert store.reopen().blob(SECOND.hash) == SECOND
        assert store.spool.blob(THIRD.hash) is None

    def test_a_failed_unit_leaves_gaps_and_papers(self, store: Store) -> None:
        with store.unit():
            up, down = self._two_streams(store)
            store.spool.add_gaps(up, [(1, FIRST), (2, SECOND)])
        with pytest.raises(Cut), store.unit():
            store.spool.put_blob(FIRST)
            store.spool.close_gap(FIRST.hash)
            store.spool.add_gaps(down, [(1, THIRD), (1, SECOND)])
            raise Cut
        assert store.spool.gaps(up, 9) == [(1, FIRST.hash), (2, SECOND.hash)]
        assert store.spool.gap_streams() == [UP]
        assert store.spool.blob(FIRST.hash) is None
        assert store.spool.missing_blob(THIRD.hash) is None
        with store.unit():
            assert store.spool.close_gap(SECOND.hash) == [UP]


class SpoolContract(
    IdentityContract,
    HeldContract,
    StreamContract,
    ActContract,
    AsideContract,
    LooseContract,
    PaperContract,
    NamesContract,
    NeighbourContract,
):
    """All of it."""
