"""The way out to sync, and numbers that never repeat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from common.store import counters
from common.store.database import UnitMisuse, unit_of_work
from common.store.outbox import Outbox
from sync.protocol import canonical
from sync.protocol.errors import NotCanonical


class RecordingPeer:
    """A peer that only remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, bytes, tuple[str, ...], int]] = []

    def submit(self, kind: str, content: bytes, to: Sequence[str], blobs: Sequence[Any]) -> str:
        """Remember one act and return a made-up id."""
        self.given.append((kind, content, tuple(to), len(blobs)))
        return "ab" * 16


def test_an_act_is_announced_as_canonical_json_with_its_readers_named(store: Path) -> None:
    peer = RecordingPeer()
    with unit_of_work():
        act = Outbox(peer).announce("case.filed", {"case": "甲", "at": 5}, ("511921", "511921108"))
    assert act == "ab" * 16
    kind, content, to, blobs = peer.given[0]
    assert (kind, to, blobs) == ("case.filed", ("511921", "511921108"), 0)
    assert canonical.loads(content) == {"at": 5, "case": "甲", "to": ["511921", "511921108"]}


def test_nothing_is_announced_outside_a_unit(store: Path) -> None:
    peer = RecordingPeer()
    with pytest.raises(UnitMisuse):
        Outbox(peer).announce("case.filed", {}, ("511921",))
    assert peer.given == []


def test_a_body_that_cannot_be_signed_is_refused_before_the_peer_sees_it(store: Path) -> None:
    peer = RecordingPeer()
    with pytest.raises(NotCanonical), unit_of_work():
        Outbox(peer).announce("case.filed", {"fee": 1.5}, ("511921",))
    assert peer.given == []


def test_numbers_rise_by_one_and_each_name_has_its_own(store: Path) -> None:
    with unit_of_work():
        assert [counters.next_number("case") for _ in range(3)] == [1, 2, 3]
        assert counters.next_number("receipt") == 1
    assert counters.last_number("case") == 3
    assert counters.last_number("unknown") == 0


def test_a_number_of_an_undone_unit_is_given_again(store: Path) -> None:
    with pytest.raises(KeyError), unit_of_work():
        counters.next_number("case")
        raise KeyError
    with unit_of_work():
        assert counters.next_number("case") == 1


def test_no_number_without_a_unit(store: Path) -> None:
    with pytest.raises(UnitMisuse):
        counters.next_number("case")
