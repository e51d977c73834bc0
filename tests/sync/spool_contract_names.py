"""The contract of spools: documents by their hash, who names which paper and act, papers of loose acts."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.frame import StreamId, Wrap, rebuild
from sync.protocol.spool import APPLIED, PARKED, Placed
from sync.protocol.streams import Stream
from tests.sync.made import (
    BESIDE,
    COUNTY,
    DOWN,
    EPOCH,
    ROOT,
    TOWN,
    UP,
    VILLAGE,
    chain,
    make_frame,
    make_statement,
)
from tests.sync.made import with_blobs as naming
from tests.sync.spool_store import FIRST, SECOND, THIRD, Cut, Store, act, keep, row

ONE, TWO = (make_statement(signed.SHELF, version=n) for n in (1, 2))


class DocContract:
    """Shelf documents of every version."""

    def test_a_document_is_found_by_the_hash_of_its_statement(self, store: Store) -> None:
        with store.unit():
            store.spool.add_doc(ONE, b"\x00\xff content")
            store.spool.add_doc(TWO, b"")
        found = store.reopen()
        assert found.doc(ONE.hash) == (ONE, b"\x00\xff content")
        assert found.doc(TWO.hash) == (TWO, b"")
        assert found.doc("ab" * 32) is None and found.known_docs([]) == set()
        assert found.known_docs([ONE.hash, "ab" * 32]) == {ONE.hash}
        assert found.doc_names() == sorted([ONE.hash, TWO.hash])

    def test_a_document_kept_again_stays_as_it_was_first(self, store: Store) -> None:
        other = ONE._replace(signatures=(("ab" * 16, bytes(64)),))
        with store.unit():
            store.spool.add_doc(ONE, b"content")
        with store.unit():
            store.spool.add_doc(other, b"content")
        assert store.spool.doc(ONE.hash) == (ONE, b"content")

    def test_documents_are_not_among_the_statements_that_are_offered(self, store: Store) -> None:
        with store.unit():
            store.spool.add_doc(ONE, b"content")
        assert store.spool.all_held(signed.SHELF) == []

    def test_a_failed_unit_keeps_no_document_and_drops_none(self, store: Store) -> None:
        with store.unit():
            store.spool.add_doc(TWO, b"content")
        with pytest.raises(Cut), store.unit():
            store.spool.add_doc(ONE, b"content")
            store.spool.drop_doc(TWO.hash)
            raise Cut
        assert store.spool.doc(ONE.hash) is None and store.spool.doc_names() == [TWO.hash]
        with store.unit():
            store.spool.drop_doc(TWO.hash)
        assert store.reopen().doc(TWO.hash) is None


class BodyContract:
    """Bodies that are emptied where their acts stand."""

    def test_a_body_is_emptied_at_every_place_and_nothing_else_changes(self, store: Store) -> None:
        first, second = chain(UP, 2)
        loose = Placed(7, first.frame)
        keep(store, first, second)
        with store.unit():
            store.spool.add_loose(loose)
            assert store.spool.drop_bodies([first.frame.act]) == 2 * len(first.frame.body)
        found = store.reopen()
        assert [len(p.frame.body) for p in found.frames_after({UP: 0}, 0, 9)] == [0, len(second.frame.body)]
        assert found.frame_of_act(first.frame.act) == first.frame._replace(body=b"")
        assert found.hash_at(found.stream(UP), 1) == first.frame.hash
        with store.unit():
            assert store.spool.drop_bodies(["ab" * 16]) == 0

    def test_a_body_is_put_back_wherever_it_lacks_with_wraps_if_it_brings_any(self, store: Store) -> None:
        first, second = chain(UP, 2)
        act, sealed = first.frame.act, (Wrap("ab" * 16, b"key"),)
        keep(store, first, second)
        with store.unit():
            assert store.spool.restore_body(first.frame._replace(wraps=sealed)) == 0, "nothing lacks"
            store.spool.add_loose(Placed(7, first.frame))
            store.spool.drop_bodies([act])
        with pytest.raises(Cut), store.unit():
            store.spool.restore_body(first.frame)
            raise Cut
        assert store.spool.frame_of_act(act).body == b""
        with store.unit():
            assert store.spool.restore_body(first.frame._replace(wraps=sealed)) == 2
        found = store.reopen()
        assert [p.frame for p in found.frames_after({UP: 0}, 0, 9)] == [
            first.frame._replace(wraps=sealed),
            second.frame,
        ]
        assert list(found.loose_frames(9)) == [first.frame._replace(wraps=sealed)]
        with store.unit():
            store.spool.drop_bodies([act])
            assert store.spool.restore_body(first.frame) == 2
        assert store.spool.frame_of_act(act) == first.frame._replace(wraps=sealed), "wraps here are kept"

    def test_every_loose_frame_of_an_act_is_emptied_and_made_whole(self, store: Store) -> None:
        frame = make_frame(UP, 7)
        beside = rebuild(frame.header._replace(seq=8), frame.body, frame.signature)
        with store.unit():
            for position, one in enumerate((frame, beside), 3):
                store.spool.add_loose(Placed(position, one), 2)
        with store.unit():
            assert store.spool.drop_bodies([frame.act]) == 2 * len(frame.body)
        assert [one.body for one in store.spool.loose_frames(9)] == [b"", b""]
        with store.unit():
            assert store.spool.restore_body(frame) == 2
        assert list(store.reopen().loose_frames(9)) == [beside, frame]

    def test_a_failed_unit_has_emptied_none_and_a_copy_with_its_body_is_the_one_found(
        self, store: Store
    ) -> None:
        first, second = chain(UP, 2)
        keep(store, first, second)
        with pytest.raises(Cut), store.unit():
            store.spool.drop_bodies([first.frame.act, second.frame.act])
            raise Cut
        assert store.spool.frame_of_act(first.frame.act) == first.frame
        with store.unit():
            store.spool.drop_bodies([first.frame.act])
            store.spool.add_loose(Placed(9, first.frame))
        assert store.reopen().frame_of_act(first.frame.act) == first.frame
        assert store.spool.places_of_act(first.frame.act) == [(UP, 1)]


class ParkedKeyContract:
    """What parked acts wait for."""

    def test_keys_waited_for_come_once_each_that_of_the_oldest_act_first(self, store: Store) -> None:
        rows = [
            row(act(1), PARKED, "doc:bb", 4),
            row(act(2), PARKED, "doc:aa", 9),
            row(act(3), PARKED, "doc:aa", 2),
            row(act(4), PARKED, "act:cc", 1),
            row(act(5), PARKED, "document", 1),
            row(act(6), APPLIED, "", 1),
        ]
        with store.unit():
            store.spool.add_acts(rows)
        assert store.reopen().parked_for("doc:", 9) == ["doc:aa", "doc:bb"]
        assert store.spool.parked_for("doc:", 1) == ["doc:aa"]
        assert store.spool.parked_for("doc:b", 9) == ["doc:bb"]
        assert store.spool.parked_for("case:", 9) == []
        with store.unit():
            store.spool.set_act(row(act(3), APPLIED, "", 2))
        assert store.spool.parked_for("doc:", 9) == ["doc:bb", "doc:aa"]
        with store.unit():
            store.spool.set_act(row(act(2), PARKED, "person", 9))
        assert store.spool.parked_for("doc:", 9) == ["doc:bb"]

    def test_of_each_whose_acts_wait_some_keys_come(self, store: Store) -> None:
        flood = [row(act(n), PARKED, f"doc:{n:02d}", n) for n in range(1, 30)]
        other = [row(act(100 + n), PARKED, f"doc:{n}", n)._replace(author=TOWN) for n in (40, 20, 41)]
        with store.unit():
            store.spool.add_acts([*other, *flood, row(act(200), PARKED, "act:x", 1)])
        found = [[f"doc:{n:02d}" for n in range(1, 8)], ["doc:20", "doc:40", "doc:41"]]
        assert store.reopen().parked_for_by_author("doc:", 10) == found
        found = [["doc:20"], [f"doc:{n}" for n in range(20, 30)]]
        assert store.spool.parked_for_by_author("doc:2", 99) == found
        assert store.spool.parked_for_by_author("case:", 10) == []


class NameContract:
    """Who names what."""

    def test_a_paper_is_on_the_ways_of_all_frames_that_name_it(self, store: Store) -> None:
        later = StreamId(VILLAGE, "2-00112233445566aa", COUNTY)
        keep(store, Placed(1, naming(make_frame(UP, 1), FIRST, SECOND)))
        keep(store, Placed(2, naming(make_frame(BESIDE, 1), SECOND)))
        keep(store, Placed(3, naming(make_frame(later, 1), FIRST)))
        with store.unit():
            store.spool.add_loose(Placed(4, naming(make_frame(DOWN, 7), SECOND)))
        found = store.reopen()
        assert found.ways_of_paper(FIRST.hash) == [(VILLAGE, COUNTY)]
        assert found.ways_of_paper(SECOND.hash) == [
            (COUNTY, VILLAGE),
            (VILLAGE, COUNTY),
            (BESIDE.src, COUNTY),
        ]
        assert found.ways_of_paper(THIRD.hash) == []

    def test_briefs_lead_to_acts_and_to_the_papers_they_name(self, store: Store) -> None:
        named, other = naming(make_frame(UP, 1), FIRST), naming(make_frame(UP, 2), SECOND)
        keep(store, Placed(1, named), Placed(2, other))
        with store.unit():
            store.spool.point_out(DOWN, [named.act, act(5)])
            store.spool.point_out(DOWN, [named.act])
            store.spool.point_out(StreamId(TOWN, EPOCH, VILLAGE), iter([named.act]))
            store.spool.point_out(BESIDE, [])
        found = store.reopen()
        both = [(COUNTY, VILLAGE), (TOWN, VILLAGE)]
        assert (found.briefs_of_act(named.act), found.briefs_of_paper(FIRST.hash)) == (both, both)
        assert found.briefs_of_act(act(5)) == [(COUNTY, VILLAGE)]
        assert (found.briefs_of_act(other.act), found.briefs_of_paper(SECOND.hash)) == ([], [])

    def test_a_failed_unit_names_nothing(self, store: Store) -> None:
        frame = naming(make_frame(UP, 1), FIRST)
        with pytest.raises(Cut), store.unit():
            store.spool.put_stream(Stream(UP, 0, ROOT, 0, ROOT))
            store.spool.add_frames([Placed(1, frame)])
            store.spool.add_loose(Placed(2, naming(make_frame(DOWN, 1), SECOND)))
            store.spool.point_out(DOWN, [frame.act])
            raise Cut
        spool = store.spool
        assert (spool.ways_of_paper(FIRST.hash), spool.ways_of_paper(SECOND.hash)) == ([], [])
        assert (spool.briefs_of_act(frame.act), spool.briefs_of_paper(FIRST.hash)) == ([], [])

    def test_loose_frames_come_newest_first_of_one_author_or_of_all(self, store: Store) -> None:
        keep(store, Placed(1, make_frame(UP, 1)))
        loose = [make_frame(DOWN, 1 + n, word=f"w{n}") for n in range(3)]
        with store.unit():
            for position, frame in enumerate([*loose, own := make_frame(UP, 7)], 10):
                store.spool.add_loose(Placed(position, frame))
                store.spool.add_acts([row(frame.act)._replace(author=frame.header.stream.src)])
        spool = store.reopen()
        assert list(spool.loose_frames(2)) == [own, loose[2]]
        assert list(spool.loose_frames(2, DOWN.src)) == [loose[2], loose[1]]
        assert list(spool.loose_frames(9, UP.src)) == [own] and list(spool.loose_frames(9, TOWN)) == []

    def test_what_is_written_while_loose_frames_are_read_changes_nothing_in_which_they_are(
        self, store: Store
    ) -> None:
        loose = [make_frame(DOWN, 1 + n, word=f"w{n}") for n in range(40)]
        with store.unit():
            for position, frame in enumerate(loose, 10):
                store.spool.add_loose(Placed(position, frame))
                store.spool.add_acts([row(frame.act)._replace(author=DOWN.src)])
        seen = []
        with store.unit():
            for n, frame in enumerate(store.spool.loose_frames(39, DOWN.src)):
                seen.append(frame)
                store.spool.set_act(row(frame.act, PARKED, "cut:x")._replace(author=TOWN))
                store.spool.add_loose(Placed(100 + n, make_frame(UP, 1 + n)))
        assert seen == loose[:0:-1]


class LoosePaperContract:
    """Papers that acts held loose miss."""

    def test_papers_of_loose_acts_are_missing_beside_all_streams(self, store: Store) -> None:
        with store.unit():
            store.spool.put_stream(Stream(UP, 0, ROOT, 0, ROOT))
            store.spool.add_loose_gaps(act(2), [SECOND, FIRST])
            store.spool.add_loose_gaps(act(1), [FIRST])
            store.spool.add_loose_gaps(act(2), [FIRST, THIRD])
            store.spool.add_loose_gaps(act(3), [])
        expected = [
            (act(2), SECOND.hash),
            (act(2), FIRST.hash),
            (act(1), FIRST.hash),
            (act(2), THIRD.hash),
        ]
        assert store.reopen().loose_gaps(9) == expected
        assert store.spool.loose_gaps(2) == expected[:2]
        assert store.spool.gap_streams() == []
        assert store.spool.missing_blob(FIRST.hash) == FIRST

    def test_a_paper_that_came_closes_loose_gaps_and_those_of_streams(self, store: Store) -> None:
        up = Stream(UP, 0, ROOT, 0, ROOT)
        with store.unit():
            store.spool.put_stream(up)
            store.spool.add_gaps(up, [(1, FIRST), (2, SECOND)])
            store.spool.add_loose_gaps(act(2), [FIRST._replace(size=99), THIRD])
        assert store.spool.missing_blob(FIRST.hash) == FIRST._replace(size=99)
        with store.unit():
            assert store.spool.close_gap(FIRST.hash) == [UP]
            assert store.spool.close_gap(THIRD.hash) == []
        assert store.spool.loose_gaps(9) == []
        assert store.spool.gaps(up, 9) == [(2, SECOND.hash)]
        assert [store.spool.missing_blob(b.hash) for b in (FIRST, SECOND, THIRD)] == [None, SECOND, None]

    def test_a_failed_unit_leaves_loose_gaps(self, store: Store) -> None:
        with store.unit():
            store.spool.add_loose_gaps(act(1), [FIRST])
        with pytest.raises(Cut), store.unit():
            store.spool.close_gap(FIRST.hash)
            store.spool.add_loose_gaps(act(2), [SECOND])
            raise Cut
        assert store.spool.loose_gaps(9) == [(act(1), FIRST.hash)]
        assert store.spool.missing_blob(FIRST.hash) == FIRST
        assert store.spool.missing_blob(SECOND.hash) is None


class NamesContract(DocContract, BodyContract, ParkedKeyContract, NameContract, LoosePaperContract):
    """All of it."""
