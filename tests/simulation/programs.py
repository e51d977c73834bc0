"""Versions of the program: which preset dictionaries a node knows, and whether it knows differences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sync.protocol import absorb, state_out
from sync.protocol.offer import Plan
from sync.protocol.peer import Peer
from sync.protocol.records import dictionary_name

OLD = b'"action":"forward","answers":[],"case":"511921","data":{"actor":{"department":"'
NEW = OLD + b'","login":"clerk","name":"","role":"CLERK"},"at":1790000000000,"note":"","papers":[]}'


class Program(NamedTuple):
    """What one version brings: dictionaries by name, the name of the one it writes with, its kind of peer."""

    dictionaries: dict[str, bytes]
    writes: str
    peer: type[Peer]


class OlderPeer(Peer):
    """A peer from before there were differences: it makes none, says nothing of them, passes them over."""

    def plan(self, *args: Any) -> Plan:
        """Plan as the older program did."""
        with _without_differences():
            return super().plan(*args)

    def absorb(self, *args: Any) -> None:
        """Take in as the older program did."""
        with _without_differences():
            super().absorb(*args)


_OLDER: Any = (
    lambda neighbour: "",
    lambda core, neighbour, held: None,
    lambda core, state, delta: None,
)


@contextmanager
def _without_differences() -> Iterator[None]:
    # By hand: `unittest.mock` takes as long as a tenth of an exchange.
    now = state_out.word_for, state_out.difference, absorb.take_delta
    try:
        state_out.word_for, state_out.difference, absorb.take_delta = _OLDER
        yield
    finally:
        state_out.word_for, state_out.difference, absorb.take_delta = now


def _with(*known: bytes, peer: type[Peer] = Peer) -> Program:
    names = {dictionary_name(text): text for text in known}
    return Program(names, dictionary_name(known[-1]) if known else "", peer)


# Before there was any dictionary, with the first, with both, and after the first was dropped.
PROGRAMS = (_with(peer=OlderPeer), _with(OLD, peer=OlderPeer), _with(OLD, NEW), _with(NEW))
