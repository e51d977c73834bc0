"""The contract of spools: the node itself, statements, neighbours, acts wanted."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.spool import (
    APPLIED,
    ActRow,
    Held,
    Identity,
    Neighbour,
    Part,
)
from tests.sync.made import (
    BESIDE,
    COUNTY,
    DOWN,
    ROOT,
    SUITE,
    TOWN,
    UP,
    VILLAGE,
    key_pair,
)
from tests.sync.spool_store import FIRST, THIRD, Cut, Store, act, held


class IdentityContract:
    """The node itself."""

    def test_a_new_spool_knows_no_identity(self, store: Store) -> None:
        assert store.spool.identity() is None

    def test_an_identity_is_found_again_as_it_was_put(self, store: Store) -> None:
        with store.unit():
            store.spool.put_identity(Identity(VILLAGE, "i-1", "f" * 64, 2, "1-ab", 7, 9))
        assert store.reopen().identity() == Identity(VILLAGE, "i-1", "f" * 64, 2, "1-ab", 7, 9)

    def test_stamp_and_position_are_written_as_they_stand_at_the_end(self, store: Store) -> None:
        """The object given out in a unit is counted on; nobody puts it again."""
        with store.unit():
            store.spool.put_identity(Identity(VILLAGE, "i", "f"))
        with store.unit():
            identity = store.spool.identity()
            identity.stamp += 5
            identity.position += 3
            assert store.spool.identity() is identity
        found = store.reopen().identity()
        assert (found.stamp, found.position) == (5, 3)

    def test_counting_after_the_put_counts_too(self, store: Store) -> None:
        with store.unit():
            identity = Identity(VILLAGE, "i", "f", epoch="1-ab")
            store.spool.put_identity(identity)
            identity.stamp = 4
        with store.unit():
            identity = store.spool.identity()
            identity.epoch = "2-cd"
            store.spool.put_identity(identity)
            identity.position = 8
        assert store.reopen().identity() == Identity(VILLAGE, "i", "f", 1, "2-cd", 4, 8)

    def test_other_fields_change_only_by_a_put(self, store: Store) -> None:
        with store.unit():
            store.spool.put_identity(Identity(VILLAGE, "i", "f", epoch="1-ab"))
        with store.unit():
            identity = store.spool.identity()
            identity.epoch, identity.stamp = "9-ff", 1
        assert store.reopen().identity() == Identity(VILLAGE, "i", "f", 1, "1-ab", 1, 0)

    def test_a_failed_unit_leaves_the_identity_alone(self, store: Store) -> None:
        with store.unit():
            store.spool.put_identity(Identity(VILLAGE, "i", "f", stamp=3))
        with pytest.raises(Cut), store.unit():
            store.spool.identity().stamp = 90
            store.spool.put_identity(Identity(TOWN, "j", "g", stamp=99))
            raise Cut
        assert store.spool.identity() == Identity(VILLAGE, "i", "f", stamp=3)
        with store.unit():
            assert store.spool.identity().stamp == 3

    def test_what_is_read_outside_a_unit_cannot_be_counted_on(self, store: Store) -> None:
        with store.unit():
            store.spool.put_identity(Identity(VILLAGE, "i", "f"))
        store.spool.identity().stamp = 50
        with store.unit():
            assert store.spool.identity().stamp == 0

    def test_nothing_is_written_outside_a_unit(self, store: Store) -> None:
        with pytest.raises(RuntimeError):
            store.spool.put_identity(Identity(VILLAGE, "i", "f"))
        with pytest.raises(RuntimeError):
            store.spool.want(act(1))
        assert store.spool.identity() is None
        assert store.spool.wants(5) == []


class HeldContract:
    """Signed statements."""

    def test_a_statement_comes_back_byte_for_byte(self, store: Store) -> None:
        statement = signed.make(
            signed.ROOT,
            {"network": "通江"},
            (key_pair("a"), key_pair("b")),
            SUITE,
        )
        kept = Held(signed.ROOT, "newest", (1, 0, 0), statement, b"\x00\xff content", 4)
        with store.unit():
            store.spool.put_held(kept)
        assert store.reopen().held(signed.ROOT, "newest") == kept

    def test_a_second_put_replaces(self, store: Store) -> None:
        with store.unit():
            store.spool.put_held(held("a", 1))
        with store.unit():
            store.spool.put_held(held("a", 5, content=b"new"))
        assert store.spool.held(signed.RECEIPT, "a") == held("a", 5, content=b"new")
        assert store.spool.all_held(signed.RECEIPT) == [held("a", 5, content=b"new")]

    def test_all_held_is_of_one_sort_by_stamp_and_above(self, store: Store) -> None:
        with store.unit():
            for key, stamp in (("c", 3), ("a", 9), ("b", 5)):
                store.spool.put_held(held(key, stamp))
            store.spool.put_held(held("d", 4, signed.ENTRY))
        with store.unit():
            store.spool.put_held(held("c", 10))
        assert [h.key for h in store.spool.all_held(signed.RECEIPT)] == ["b", "a", "c"]
        assert [h.key for h in store.spool.all_held(signed.RECEIPT, 5)] == ["a", "c"]
        assert store.spool.all_held(signed.RECEIPT, 10) == []
        assert store.spool.all_held(signed.SHELF) == []

    def test_dropped_is_forgotten_and_dropping_again_is_nothing(self, store: Store) -> None:
        with store.unit():
            store.spool.put_held(held("a", 1))
            store.spool.put_held(held("b", 2))
        with store.unit():
            store.spool.drop_held(signed.RECEIPT, "a")
            store.spool.drop_held(signed.RECEIPT, "a")
        assert store.spool.held(signed.RECEIPT, "a") is None
        assert store.spool.all_held(signed.RECEIPT) == [held("b", 2)]

    def test_a_failed_unit_puts_statements_back(self, store: Store) -> None:
        with store.unit():
            store.spool.put_held(held("a", 1))
            store.spool.put_held(held("b", 2))
        with pytest.raises(Cut), store.unit():
            store.spool.put_held(held("a", 7))
            store.spool.drop_held(signed.RECEIPT, "b")
            store.spool.put_held(held("c", 8))
            raise Cut
        assert store.spool.all_held(signed.RECEIPT) == [held("a", 1), held("b", 2)]


class NeighbourContract:
    """Other nodes, their vectors, and acts wanted."""

    def test_a_neighbour_comes_back_as_put(self, store: Store) -> None:
        wanted = ((FIRST.hash, 0), (THIRD.hash, 15_900))
        full = Neighbour(TOWN, "i", 1, 2, 3, 4, 5, 1, 1, 6, 1, 7, (act(1), act(2)), wanted, {4: 11, 2: 9})
        full.reads, full.wanted_docs = ("00ff", "case.v1"), ("ab" * 32, "cd" * 32)
        with store.unit():
            store.spool.put_neighbour(full)
            store.spool.put_neighbour(Neighbour(COUNTY))
        assert store.reopen().neighbour(TOWN) == full
        assert store.spool.neighbours() == [Neighbour(COUNTY), full]
        assert store.spool.neighbour(VILLAGE) is None

    def test_a_neighbour_changes_only_by_a_put(self, store: Store) -> None:
        with store.unit():
            store.spool.put_neighbour(Neighbour(TOWN, sent={1: 2}))
            found = store.spool.neighbour(TOWN)
            found.mine = 8
            found.sent[5] = 6
            assert store.spool.neighbour(TOWN) == Neighbour(TOWN, sent={1: 2})
            store.spool.put_neighbour(found)
            found.sent.clear()
        assert store.spool.neighbour(TOWN) == Neighbour(TOWN, mine=8, sent={1: 2, 5: 6})

    def test_a_vector_merges_and_forgets_what_is_named(self, store: Store) -> None:
        one, two, three = Part(0, 3, ROOT), Part(2, 9, bytes(32)), Part(0, 1, ROOT)
        with store.unit():
            store.spool.put_vector(TOWN, {UP: one, DOWN: one}, [])
            store.spool.put_vector(COUNTY, {UP: three}, [])
        with store.unit():
            store.spool.put_vector(TOWN, {DOWN: two}, [])
        assert store.reopen().vector(TOWN) == {UP: one, DOWN: two}
        with store.unit():
            store.spool.put_vector(TOWN, {BESIDE: three, DOWN: three}, [UP, DOWN])
        assert store.spool.vector(TOWN) == {BESIDE: three, DOWN: three}
        assert store.spool.vector(COUNTY) == {UP: three}
        assert store.spool.vector(VILLAGE) == {}

    def test_a_vector_read_is_a_copy(self, store: Store) -> None:
        with store.unit():
            store.spool.put_vector(TOWN, {UP: Part(0, 3, ROOT)}, [])
        store.spool.vector(TOWN).clear()
        assert store.spool.vector(TOWN) == {UP: Part(0, 3, ROOT)}

    def test_wants_are_kept_once_oldest_first(self, store: Store) -> None:
        with store.unit():
            for number in (5, 3, 9, 3):
                store.spool.want(act(number))
        with store.unit():
            store.spool.unwant([act(5), act(77)])
            store.spool.want(act(1))
        assert store.reopen().wants(10) == [act(3), act(9), act(1)]
        assert store.spool.wants(2) == [act(3), act(9)]
        with store.unit():
            store.spool.unwant(iter([act(3), act(9), act(1)]))
        assert store.spool.wants(10) == []

    def test_wants_are_told_by_who_is_behind_them(self, store: Store) -> None:
        """Without a word it is the author of the act itself, where that is known."""
        with store.unit():
            store.spool.add_acts([ActRow(act(4), "k", TOWN, APPLIED, "", "", 1)])
            for number in (1, 2, 3):
                store.spool.want(act(number), VILLAGE)
            store.spool.want(act(4))
            store.spool.want(act(5))
            store.spool.want(act(3), COUNTY)
            store.spool.want(act(3), COUNTY)
        spool = store.reopen()
        assert spool.wants_by_cause(9) == [[act(1), act(2), act(3)], [act(4)], [act(5)], [act(3)]]
        assert spool.wants_by_cause(4) == [[act(1)], [act(4)], [act(5)], [act(3)]]
        assert spool.wants(9) == [act(1), act(4), act(5), act(3), act(2)]
        assert spool.wants(2) == [act(1), act(4)]
        assert spool.wanted([act(3), act(9)]) == {act(3)} and spool.wanted([]) == set()
        with store.unit():
            store.spool.unwant([act(3)])
        assert store.spool.wants_by_cause(9) == [[act(1), act(2)], [act(4)], [act(5)]]

    def test_a_failed_unit_leaves_neighbours_and_wants(self, store: Store) -> None:
        with store.unit():
            store.spool.put_neighbour(Neighbour(TOWN, mine=1))
            store.spool.put_vector(TOWN, {UP: Part(0, 3, ROOT)}, [])
            store.spool.want(act(1))
        with pytest.raises(Cut), store.unit():
            store.spool.put_neighbour(Neighbour(TOWN, mine=2))
            store.spool.put_vector(TOWN, {DOWN: Part(0, 1, ROOT)}, [UP])
            store.spool.unwant([act(1)])
            store.spool.want(act(2))
            raise Cut
        assert store.spool.neighbours() == [Neighbour(TOWN, mine=1)]
        assert store.spool.vector(TOWN) == {UP: Part(0, 3, ROOT)}
        assert store.spool.wants(9) == [act(1)]
