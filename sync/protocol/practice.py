"""Practice networks: for learning with invented people. Their very name tells them from real ones.

The name of a network stands in every exchange head, in every statement of trust, on slips and in packages, so
whoever reads one of them knows what it is. Codes of enrolment are keyed apart, too: neither kind of node can
let the other in, whoever mixes up two sheets.
"""

from __future__ import annotations

NAME_BYTES = 8
_MARK = "00000000"
REAL = b"liandong.enrolment.v1\0"
PRACTICE = b"liandong.enrolment.practice.v1\0"


def real_name(random: bytes) -> str:
    """Return the name of a new network: 16 hex digits of 8 random bytes, never that of a practice network."""
    name = random.hex()
    return name if not is_practice(name) else "1" + name[1:]


def practice_name(random: bytes) -> str:
    """Return the name of a new practice network, grown from 8 random bytes."""
    return _MARK + random.hex()[len(_MARK) :]


def is_practice(network: str) -> bool:
    """Say whether a network of this name is one for practice; "" (none yet) is not."""
    return network.startswith(_MARK)


def keyed_for(network: str) -> bytes:
    """Return what the keys behind the enrolment codes of a network are made under."""
    return PRACTICE if is_practice(network) else REAL
