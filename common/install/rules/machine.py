"""What was seen of the machine: facts alone, so that a plan is the same for the same facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

# Where the settings name the certificate that an installation has put there; its key beside it.
CERTIFICATE, CERTIFICATE_KEY = "tls/tls.pem", "tls/tls.key"


class Image(Enum):
    """What lies where the encrypted volume's file belongs."""

    ABSENT = "absent"
    LUKS = "luks"
    OTHER = "other"


class Port(Enum):
    """Whether the pages can be served at the address wanted."""

    FREE = "free"
    TAKEN = "taken"
    NOT_MINE = "not mine"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The key file of the volume.

    `stick` is the UUID of the file system it lies on, `inside` its path there; "" where there is none.
    """

    bytes: int
    is_open_to_others: bool = False
    is_on_data_disk: bool = False
    stick: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as it is now. Names of files are without their folders; units are given as their text.

    `is_mounted` says that the data folder is the encrypted volume, `is_other_mounted` that it is another one,
    `is_unlisted` that the program knows that no division has the code that was asked for.
    """

    program: str
    is_root: bool = True
    has_systemd: bool = True
    has_terminal: bool = True
    has_user: bool = False
    is_user_person: bool = False
    has_swap: bool = False
    is_program_safe: bool = True
    is_unlisted: bool = False
    tools: frozenset[str] = frozenset()
    room_bytes: int = 0
    image: Image = Image.ABSENT
    image_bytes: int = 0
    has_draft: bool = False
    has_mapping: bool = False
    is_mounted: bool = False
    is_other_mounted: bool = False
    key: KeyFile | None = None
    data_holds: frozenset[str] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)
    tls_holds: frozenset[str] = frozenset()
    tls_offered: frozenset[str] = frozenset()
    authority_holds: frozenset[str] = frozenset()
    node_unit: str = ""
    volume_unit: str = ""
    is_node_running: bool = False
    port: Port = Port.FREE

    @property
    def has_other_certificate(self) -> bool:
        """Whether the settings name a certificate that did not come by an installation: it is left alone."""
        return self.settings.get("tls_cert_file", "") not in ("", CERTIFICATE)
