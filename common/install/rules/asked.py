"""What an installation was asked for, and names that follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

USER = "liandong"
NODE_UNIT, VOLUME_UNIT = "liandong.service", "liandong-volume.service"
UNITS = "/etc/systemd/system"
MAPPER = "liandong"
DATA = "/var/lib/liandong"
BIND = "127.0.0.1:8600"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANY = ("0.0.0.0", "[::]")
_UNITS = {"": 1, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Tier(Enum):
    """The three kinds of node, as typed."""

    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"

    @property
    def package(self) -> str:
        """The program of the tier."""
        return f"{self.value}_node"


class Passphrase(Enum):
    """Whether the volume opens by a passphrase besides the key file."""

    ASKED = "asked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line, not yet checked; "" and 0 stand for what was not said.

    `unlisted` is 1 where the code is meant though no list has it yet.
    """

    tier: Tier
    address: str
    data: str = DATA
    parent_url: str = ""
    bind: str = ""
    host: str = ""
    volume_bytes: int = 0
    key: str = ""
    passphrase: Passphrase = Passphrase.ASKED
    authority: str = ""
    tls: str = ""
    unlisted: int = 0

    @property
    def image(self) -> str:
        """The file that holds the encrypted volume."""
        return f"{self.data}.img"

    @property
    def draft(self) -> str:
        """Where that file is made; it has its name only when it is whole."""
        return f"{self.data}.img.part"

    @property
    def tls_folder(self) -> str:
        """Where certificate, key and authority of the pages lie."""
        return f"{self.data}/tls"


def read_size(text: str) -> int:
    """Return the bytes of `40G`, `500M`, `2T` or a plain number.

    Raises:
        ValueError: it is nothing of that kind.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,14})([MGT]?)", text, re.ASCII)
    if not match:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]


def split_bind(bind: str) -> tuple[str, int]:
    """Return host and port of `host:port`.

    Raises:
        ValueError: it is nothing of that kind.
    """
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", bind, re.ASCII)
    if not match or not 0 < int(match[2]) < 65_536:
        raise ValueError(bind)
    return match[1], int(match[2])
