"""The contract of spools: streams, frames, acts."""

from __future__ import annotations

import pytest

from sync.protocol.frame import StreamId, rebuild
from sync.protocol.spool import (
    APPLIED,
    OWN,
    PARKED,
    Placed,
)
from sync.protocol.streams import Stream
from tests.sync.made import (
    BESIDE,
    COUNTY,
    DOWN,
    ROOT,
    TOWN,
    UP,
    chain,
    make_frame,
    stream_upto,
    with_blobs,
)
from tests.sync.spool_store import FIRST, THIRD, Cut, Store, act, keep, row


class StreamContract:
    """Streams, frames and acts."""

    def test_a_stream_comes_back_as_put_and_gets_a_number(self, store: Store) -> None:
        stream = Stream(UP, 4, ROOT, 9, bytes(32), 7, 12, (8, 6))
        with store.unit():
            store.spool.put_stream(stream)
        assert stream.no > 0
        found = store.reopen().stream(UP)
        assert found == stream
        assert store.spool.stream(DOWN) is None

    def test_changes_count_only_after_the_put(self, store: Store) -> None:
        with store.unit():
            store.spool.put_stream(Stream(UP, 0, ROOT, 0, ROOT))
            found = store.spool.stream(UP)
            found.upto = 5
            assert store.spool.stream(UP).upto == 0
            store.spool.put_stream(found)
            found.upto = 6
        assert store.spool.stream(UP).upto == 5

    def test_a_put_of_a_known_stream_keeps_its_number(self, store: Store) -> None:
        with store.unit():
            for stream_id in (UP, DOWN, BESIDE):
                store.spool.put_stream(Stream(stream_id, 0, ROOT, 0, ROOT))
            again = Stream(DOWN, 0, ROOT, 3, bytes(32))
            store.spool.put_stream(again)
        assert again.no == store.spool.stream(DOWN).no
        assert [s.id for s in store.spool.streams()] == [UP, DOWN, BESIDE]
        assert len({s.no for s in store.spool.streams()}) == 3

    def test_a_failed_unit_forgets_new_streams_and_old_values_return(self, store: Store) -> None:
        with store.unit():
            store.spool.put_stream(Stream(UP, 0, ROOT, 1, bytes(32)))
        with pytest.raises(Cut), store.unit():
            store.spool.put_stream(Stream(UP, 0, ROOT, 2, ROOT))
            store.spool.put_stream(Stream(DOWN, 0, ROOT, 0, ROOT))
            raise Cut
        assert [(s.id, s.upto) for s in store.spool.streams()] == [(UP, 1)]
        frames = chain(BESIDE, 2)
        keep(store, *frames)
        assert store.spool.frames_after({BESIDE: 0, DOWN: 0}, 0, 9) == frames

    def test_frames_come_back_byte_for_byte(self, store: Store) -> None:
        plain, papers = chain(UP, 1)[0], with_blobs(make_frame(UP, 2, word="通江"), FIRST, THIRD)
        purged = make_frame(UP, 3)._replace(body=b"")
        placed = [plain, Placed(2, papers), Placed(3, purged)]
        keep(store, *placed)
        assert store.reopen().frames_after({UP: 0}, 0, 10) == placed

    def test_frames_after_takes_from_each_start_in_the_order_of_acceptance(self, store: Store) -> None:
        odd, even = chain(UP, 5, position=1, step=2), chain(DOWN, 5, position=2, step=2)
        other = chain(BESIDE, 3, position=21)
        keep(store, *odd, *even, *other)
        found = store.spool.frames_after({UP: 2, DOWN: 0}, 0, 100)
        assert found == sorted(odd[2:] + even)
        assert store.spool.frames_after({UP: 2, DOWN: 0}, found[2].position, 2) == found[3:5]
        assert store.spool.frames_after({UP: 5, DOWN: 5}, 0, 100) == []
        assert store.spool.frames_after({}, 0, 100) == []
        assert store.spool.frames_after({StreamId(TOWN, "1-x", COUNTY): 0}, 0, 100) == []

    def test_many_streams_page_by_page_give_each_frame_once(self, store: Store) -> None:
        streams = [StreamId(f"5119211082{n:02d}", UP.epoch, COUNTY) for n in range(1, 21)]
        frames = [p for n, s in enumerate(streams) for p in chain(s, 3, position=n + 1, step=20)]
        keep(store, *sorted(frames))
        starts = {s: n % 3 for n, s in enumerate(streams)}
        expected = sorted(p for p in frames if p.frame.header.seq > starts[p.frame.header.stream])
        found: list[Placed] = []
        while page := store.spool.frames_after(starts, found[-1].position if found else 0, 7):
            assert len(page) <= 7
            found += page
        assert found == expected

    def test_a_place_taken_twice_fails_the_unit_whole(self, store: Store) -> None:
        frames = chain(UP, 2)
        keep(store, *frames)
        with pytest.raises(store.refusal), store.unit():
            store.spool.want(act(1))
            store.spool.add_frames([Placed(7, make_frame(UP, 3)), Placed(8, make_frame(UP, 2, word="fork"))])
        assert store.spool.frames_after({UP: 0}, 0, 9) == frames
        assert store.spool.wants(9) == []
        keep(store, Placed(7, make_frame(UP, 3)))
        assert len(store.spool.frames_after({UP: 0}, 0, 9)) == 3

    def test_a_branch_that_lost_goes_with_its_gaps(self, store: Store) -> None:
        frames = chain(UP, 5)
        papers = with_blobs(make_frame(UP, 6), FIRST, THIRD)
        both = with_blobs(make_frame(UP, 3, word="x"), FIRST)
        keep(store, *frames, Placed(6, papers))
        stream = store.spool.stream(UP)
        assert stream is not None
        with store.unit():
            store.spool.add_gaps(stream, [(2, FIRST), (6, FIRST), (6, THIRD)])
            store.spool.add_loose(Placed(9, both))
        with pytest.raises(Cut), store.unit():
            assert store.spool.drop_frames(stream, 3) == [*frames[3:], Placed(6, papers)]
            raise Cut
        assert store.spool.frames_after({UP: 0}, 0, 9) == [*frames, Placed(6, papers)]
        assert store.spool.gaps(stream, 9) == sorted([(2, FIRST.hash), (6, FIRST.hash), (6, THIRD.hash)])
        with store.unit():
            assert store.spool.drop_frames(stream, 3) == [*frames[3:], Placed(6, papers)]
            assert store.spool.drop_frames(stream, 3) == []
        spool = store.reopen()
        assert spool.frames_after({UP: 0}, 0, 9) == frames[:3]
        assert spool.gaps(stream, 9) == [(2, FIRST.hash)]
        assert spool.missing_blob(THIRD.hash) is None and spool.missing_blob(FIRST.hash) == FIRST
        assert spool.places_of_act(frames[4].frame.act) == []
        with store.unit():
            store.spool.add_frames([Placed(11, make_frame(UP, 4, word="y"))])
        assert [p.frame.header.seq for p in store.spool.frames_after({UP: 0}, 0, 9)] == [1, 2, 3, 4]

    def test_a_frame_needs_its_stream_first(self, store: Store) -> None:
        with pytest.raises(LookupError), store.unit():
            store.spool.add_frames(chain(UP, 1))

    def test_hash_at_knows_base_places_and_nothing_else(self, store: Store) -> None:
        frames = chain(UP, 4)
        keep(store, *frames)
        stream = store.spool.stream(UP)
        assert store.spool.hash_at(stream, 0) == ROOT
        for placed in frames:
            assert store.spool.hash_at(stream, placed.frame.header.seq) == placed.frame.hash
        assert store.spool.hash_at(stream, 5) is None
        stream.base, stream.base_head = 2, frames[1].frame.hash
        assert store.spool.hash_at(stream, 2) == frames[1].frame.hash
        assert store.spool.hash_at(Stream(DOWN, 3, ROOT, 9, bytes(32)), 5) is None

    def test_a_loose_frame_is_kept_once_and_has_no_place(self, store: Store) -> None:
        frame = make_frame(UP, 7)
        with store.unit():
            store.spool.put_stream(Stream(UP, 0, ROOT, 0, ROOT))
            store.spool.add_loose(Placed(3, frame))
            store.spool.add_loose(Placed(4, frame))
        assert store.spool.frame_of_act(frame.act) == frame
        assert store.spool.places_of_act(frame.act) == []
        assert store.spool.frames_after({UP: 0}, 0, 9) == []
        assert store.spool.hash_at(store.spool.stream(UP), 7) is None
        keep(store, Placed(9, frame))
        assert store.spool.places_of_act(frame.act) == [(UP, 7)]

    def test_so_many_frames_of_one_act_are_kept_loose_and_none_twice(self, store: Store) -> None:
        made = [make_frame(UP, 7 + n) for n in range(3)]
        heads = [f.header._replace(body_hash=made[0].header.body_hash) for f in made]
        same = [rebuild(header, made[0].body, made[0].signature) for header in heads]
        with store.unit():
            store.spool.add_loose(Placed(3, same[0]))
            store.spool.add_loose(Placed(4, same[1]))
            for position, frame in enumerate([*same, *same], 5):
                store.spool.add_loose(Placed(position, frame), 2)
        assert list(store.spool.loose_frames(9)) == [same[1], same[0]]

    def test_an_act_has_every_place_it_was_given(self, store: Store) -> None:
        up = make_frame(UP, 1)
        to_town = UP._replace(dst=TOWN)
        header = up.header._replace(stream=to_town, seq=4)
        beside = rebuild(header, up.body, up.signature)
        keep(store, Placed(1, up), Placed(2, beside))
        assert store.spool.places_of_act(up.act) == [(UP, 1), (to_town, 4)]
        assert store.spool.frame_of_act(up.act) == up
        assert store.spool.frame_of_act(act(1)) is None
        assert store.spool.places_of_act("no id at all") == []

    def test_many_acts_are_asked_for_at_once(self, store: Store) -> None:
        frames = [placed.frame for placed in chain(UP, 3)]
        to_town = UP._replace(dst=TOWN)
        beside = rebuild(
            frames[1].header._replace(stream=to_town, seq=4), frames[1].body, frames[1].signature
        )
        keep(store, Placed(1, frames[0]), Placed(2, beside), Placed(3, frames[1]), Placed(4, frames[2]))
        asked = [frames[1].act, act(1), frames[0].act, frames[1].act]
        found = store.spool.places_of_acts(asked)
        assert found == {frames[0].act: [(UP, 1)], frames[1].act: [(to_town, 4), (UP, 2)]}
        assert store.spool.places_of_acts([]) == {}

    def test_a_failed_unit_forgets_frames(self, store: Store) -> None:
        frames = chain(UP, 3)
        keep(store, frames[0])
        with pytest.raises(Cut), store.unit():
            store.spool.add_frames(frames[1:])
            store.spool.add_loose(Placed(9, make_frame(DOWN, 1)))
            raise Cut
        assert store.spool.frames_after({UP: 0}, 0, 9) == frames[:1]
        assert store.spool.frame_of_act(frames[1].frame.act) is None
        assert store.spool.frame_of_act(make_frame(DOWN, 1).act) is None

    def test_a_savepoint_undoes_only_its_block(self, store: Store) -> None:
        """The application may give up a part of a unit in which this node had already spoken."""
        frames = chain(UP, 3)
        keep(store, frames[0])
        with store.unit():
            assert store.spool.stream(UP).upto == 1
            store.spool.want(act(1))
            with pytest.raises(Cut), store.savepoint():
                store.spool.put_stream(stream_upto(frames[:2]))
                store.spool.add_frames(frames[1:2])
                store.spool.put_stream(stream_upto(chain(DOWN, 1)))
                store.spool.add_frames(chain(DOWN, 1, position=8))
                raise Cut
            assert store.spool.stream(UP).upto == 1
            assert store.spool.stream(DOWN) is None
            store.spool.put_stream(stream_upto(chain(BESIDE, 1)))
            store.spool.add_frames(chain(BESIDE, 1, position=9))
            store.spool.put_stream(Stream(DOWN, 0, ROOT, 0, ROOT))
        assert store.spool.wants(5) == [act(1)]
        found = store.spool.frames_after({UP: 0, DOWN: 0, BESIDE: 0}, 0, 9)
        assert found == [frames[0], *chain(BESIDE, 1, position=9)]
        assert {s.id: s.upto for s in store.reopen().streams()} == {UP: 1, BESIDE: 1, DOWN: 0}


class ActContract:
    """What became of acts."""

    def test_known_acts_are_those_that_were_added(self, store: Store) -> None:
        with store.unit():
            store.spool.add_acts([row(act(n), OWN, position=n) for n in range(1, 1001)])
        asked = [act(n) for n in range(995, 1300)]
        assert store.spool.known_acts(asked) == {act(n) for n in range(995, 1001)}
        assert store.spool.known_acts([]) == set()
        assert store.spool.known_acts(["", "no id", act(1).upper() + "A"]) == set()
        assert store.spool.act(act(7)) == row(act(7), OWN, position=7)
        assert store.spool.act(act(5000)) is None

    def test_an_act_added_twice_fails_the_unit_whole(self, store: Store) -> None:
        with store.unit():
            store.spool.add_acts([row(act(1))])
        with pytest.raises(store.refusal), store.unit():
            store.spool.add_acts([row(act(2)), row(act(1), PARKED, "person")])
        assert store.spool.act(act(1)) == row(act(1))
        assert store.spool.act(act(2)) is None

    def test_parked_acts_are_found_by_what_they_wait_for_in_order(self, store: Store) -> None:
        waiting = [
            row(act(1), PARKED, "act:x", 9),
            row(act(2), PARKED, "case:c", 3),
            row(act(3), PARKED, "act:x", 5),
            row(act(4), PARKED, "person", 5),
        ]
        with store.unit():
            store.spool.add_acts([*waiting, row(act(5))])
        assert [r.id for r in store.spool.parked()] == [act(2), act(3), act(4), act(1)]
        assert store.spool.parked(["act:x"]) == [waiting[2], waiting[0]]
        both = store.spool.parked(iter(["case:c", "act:x", "act:none"]))
        assert both == [waiting[1], waiting[2], waiting[0]]
        assert store.spool.parked([]) == []

    def test_a_changed_act_leaves_and_joins_those_that_wait(self, store: Store) -> None:
        with store.unit():
            store.spool.add_acts([row(act(1)), row(act(2), PARKED, "act:x", 2)])
        with store.unit():
            store.spool.set_act(row(act(1), PARKED, "act:y"))
            store.spool.set_act(row(act(2), APPLIED, "", 2))
        assert store.spool.parked() == [row(act(1), PARKED, "act:y")]
        assert store.spool.parked(["act:x"]) == []
        with store.unit():
            store.spool.set_act(row(act(1), PARKED, "act:z"))
        assert store.spool.parked(["act:y", "act:z"]) == [row(act(1), PARKED, "act:z")]

    def test_an_unknown_act_cannot_be_changed(self, store: Store) -> None:
        with pytest.raises(LookupError), store.unit():
            store.spool.set_act(row(act(1)))

    def test_a_failed_unit_leaves_acts_as_they_were(self, store: Store) -> None:
        with store.unit():
            store.spool.add_acts([row(act(1), PARKED, "act:x")])
        with pytest.raises(Cut), store.unit():
            store.spool.set_act(row(act(1)))
            store.spool.add_acts([row(act(2), PARKED, "act:x", 2)])
            raise Cut
        assert store.spool.parked(["act:x"]) == [row(act(1), PARKED, "act:x")]
        assert store.spool.known_acts([act(2)]) == set()
