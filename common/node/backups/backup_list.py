"""The list of a backup: what it says of itself, written last, and signed where the node has a key.

A list of version 2 is signed by the key of the node's epoch. One of version 1 is not: older programs write
it, and a node on a computer without its key. Who has the disk in hands can make a version 1 of any list.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from common.config import CONFIG_FILE
from common.node.backups.backup_refusals import NoBackup
from common.node.refusals import why
from common.store.copies import DAMAGED, address_named, later_scripts, network_named, papers_named
from sync.adapters.file_steps import hash_of
from sync.durable import make_durable, put_file, read_plain
from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.signed import Statement, signed_as
from sync.protocol.signing import KeyPair, Suite

LIST_FILE = "backup.json"
# The settings until the list that names them is there: those beside it are of the former backup.
NEXT_SETTINGS = CONFIG_FILE + ".next"
SIGNED_AS = "backup"
UNSIGNED, SIGNED = 1, 2
# What a list of version 1 says; older programs read these of any.
FIRST = (
    "version", "address", "epoch", "made_at", "database", "sha256", "frames", "papers", "papers_missing",
)  # fmt: skip
# Beyond this no database keeps a number; who had the stick in hands wrote any.
_NO_TIME = 2**53


@dataclass(frozen=True, slots=True)
class Listed:
    """What a backup says of itself; the time in UTC milliseconds.

    `root` is the fingerprint of the network, `settings` the hash of the settings, "" for none; `files` names
    the file with the hashes of sheets and sealed papers. All from there on are "" in version 1.
    """

    version: int
    address: str
    epoch: str
    made_at: int
    database: str
    sha256: str
    frames: int
    papers: int
    papers_missing: int
    network: str = ""
    root: str = ""
    settings: str = ""
    files: str = ""
    files_sha256: str = ""
    key: str = ""
    signature: str = ""

    def statement(self) -> Statement:
        """Return what is signed, and the signature.

        Raises:
            NotCanonical: a value that nothing signed holds.
            ValueError: the signature is none.
        """
        said = {name: value for name, value in asdict(self).items() if name != "signature"}
        pair = (self.key, bytes.fromhex(self.signature))
        return Statement(SIGNED_AS, canonical.dumps({"v": 1, **said}), (pair,))


def signed_by(listed: Listed, pair: KeyPair, suite: Suite) -> Listed:
    """Return a list in version 2, signed by a key of the node."""
    whole = replace(listed, version=SIGNED, key=pair.id)
    signature = suite.sign(pair, signed_as(SIGNED_AS), whole.statement().payload)
    return replace(whole, signature=signature.hex())


def first_version(listed: Listed) -> Listed:
    """Return a list as it is without a signature: what else it would say nobody could believe."""
    return Listed(*(getattr(listed, name) for name in FIRST))


def written(listed: Listed) -> bytes:
    """Return a list as its file has it."""
    said = asdict(listed)
    names = FIRST if listed.version == UNSIGNED else tuple(said)
    return json.dumps({name: said[name] for name in names}, indent=1).encode()


def put_list(folder: Path, listed: Listed) -> None:
    """Write a list; from then on the backup is what it says.

    Raises:
        OSError: the disk failed; the former list stands.
    """
    put_file(folder / LIST_FILE, written(listed))


def settle_settings(folder: Path) -> None:
    """Let the settings that came with a list take their place, where there are any.

    Raises:
        OSError: the disk failed; they are found where they are.
    """
    with suppress(FileNotFoundError):
        os.replace(folder / NEXT_SETTINGS, folder / CONFIG_FILE)
        make_durable(folder)


def whose(folder: Path) -> tuple[str, int]:
    """Return whose backup a folder holds, whole or not, and of when; "" and 0 when that cannot be told."""
    try:
        said = json.loads(read_plain(folder / LIST_FILE))
    except (OSError, ValueError, RecursionError):
        return "", 0
    address, made_at = (said.get("address"), said.get("made_at")) if type(said) is dict else ("", 0)
    at = made_at if type(made_at) is int and 0 < made_at < _NO_TIME else 0
    return address if type(address) is str else "", at


def is_listed(path: Path) -> bool:
    """Say whether the list beside a file names it."""
    try:
        return path.name.encode() in read_plain(path.with_name(LIST_FILE))
    except (OSError, ValueError):
        return False


def read_said(folder: Path) -> Listed:
    """Return what the list of a backup says; nothing else there is looked at, and who signed it neither.

    Raises:
        NoBackup: there is none, or none that this program reads.
    """
    try:
        said = json.loads(read_plain(folder / LIST_FILE))
        version = said["version"]
        names = FIRST if version == UNSIGNED else tuple(field.name for field in fields(Listed))
        # Of a version to come nothing is known but that it is one.
        listed = Listed(**{name: said[name] for name in (names if version in (UNSIGNED, SIGNED) else FIRST)})
    except (FileNotFoundError, NotADirectoryError):
        raise NoBackup(folder=str(folder), what=f"没有清单 {LIST_FILE}") from None
    except OSError as problem:
        raise NoBackup(folder=str(folder), what=f"读不到清单 {LIST_FILE}（{why(problem)}）") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NoBackup(folder=str(folder), what=f"清单 {LIST_FILE} 读不懂") from None
    if not _is_sound(listed):
        raise NoBackup(folder=str(folder), what=f"清单 {LIST_FILE} 读不懂")
    if listed.version not in (UNSIGNED, SIGNED):
        raise NoBackup(folder=str(folder), what="它是别的版本的程序做的")
    return listed


def _is_sound(listed: Listed) -> bool:
    if any(type(getattr(listed, field.name)).__name__ != field.type for field in fields(Listed)):
        return False
    try:
        listed.statement()
    except (NotCanonical, ValueError):
        return False
    return 0 <= listed.made_at < _NO_TIME


def read_list(folder: Path) -> Listed:
    """Return what a backup says of itself, after seeing that its database is the one it names.

    Raises:
        NoBackup: it is not whole, of a later program, or its database is not that of the node.
    """
    listed = read_said(folder)
    path = folder / Path(listed.database).name
    if not path.is_file() or hash_of(path) != listed.sha256:
        raise NoBackup(folder=str(folder), what=f"数据库 {path.name} 缺失，或者与清单不符")
    if wrong := _wrong_in(path, listed):
        raise NoBackup(folder=str(folder), what=wrong)
    return listed


def _wrong_in(path: Path, listed: Listed) -> str:
    """Return why a database cannot take a node's place, "" for nothing: in its place nobody could tell."""
    try:
        if later_scripts(path):
            return "它是更新版本的程序做的"
        whose_it_is, *_ = address_named(path), network_named(path), papers_named(path)
    except DAMAGED:
        return f"数据库 {path.name} 读不懂"
    return "" if whose_it_is == listed.address else f"数据库 {path.name} 不是 {listed.address} 的"
