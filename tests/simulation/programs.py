"""Versions of the program: which preset dictionaries a node can read, and which it writes with."""

from __future__ import annotations

from typing import NamedTuple

from sync.protocol.records import dictionary_name

OLD = b'"action":"forward","answers":[],"case":"511921","data":{"actor":{"department":"'
NEW = OLD + b'","login":"clerk","name":"","role":"CLERK"},"at":1790000000000,"note":"","papers":[]}'


class Program(NamedTuple):
    """What one version brings: dictionaries by name, and the name of the one it writes with."""

    dictionaries: dict[str, bytes]
    writes: str


def _with(*known: bytes) -> Program:
    names = {dictionary_name(text): text for text in known}
    return Program(names, dictionary_name(known[-1]) if known else "")


# Before there was any, with the first, with both, and after the first was dropped.
PROGRAMS = (_with(), _with(OLD), _with(OLD, NEW), _with(NEW))
