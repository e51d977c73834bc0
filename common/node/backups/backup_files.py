"""Sheets and sealed papers of a backup by their hashes, in a file of their own that the signed list names.

Nobody makes anew what is signed on its day, and the shelf gives a sealed paper out as the decision: one that
somebody laid into the backup comes back to no node.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from stat import S_ISREG

from common.node.backups.backup_list import UNSIGNED, Listed, read_said
from common.node.backups.backup_refusals import NoBackup
from common.node.sheet import FOLDER as SHEETS_FOLDER
from common.node.sheet import copy_sheets
from common.notices.shelf import FOLDER as NOTICES_FOLDER
from common.notices.shelf import copy_sealed
from sync.adapters.file_steps import hash_of
from sync.durable import put_file, read_plain
from sync.protocol.signing import KeyPair, Suite

_NAMES = "files-*.json"
_BYTES_MAX = 1 << 28
_FOLDERS = {SHEETS_FOLDER: "[0-9]*.json", NOTICES_FOLDER: "[0-9a-f]*.sealed.pdf"}
Hashes = Mapping[str, str]
log = logging.getLogger(__name__)


def made_files(folder: Path) -> list[Path]:
    """Return such files of a backup, those that a backup which was killed has left too."""
    return sorted(folder.glob(_NAMES))


def keep_files(source: Path, folder: Path, made_at: int, former: Hashes) -> tuple[str, str]:
    """Copy sheets and sealed papers into a backup; return name and hash of the file that lists them.

    Both are "" where there are none. The hash is that of what is here, or that of the list before; what lies
    in the backup and has another is copied once more.

    Raises:
        OSError: the folder cannot be written.
    """
    copy_sheets(source / SHEETS_FOLDER, folder / SHEETS_FOLDER)
    copy_sealed(source / NOTICES_FOLDER, folder / NOTICES_FOLDER)
    there = _names_in(folder)
    found = {name: _hash(source / name) for name in there & _names_in(source) - former.keys()}
    # What is here no more stays listed: it may be in the backup alone.
    found |= {name: former[name] for name in there & former.keys()}
    found = {name: value for name, value in found.items() if value}
    if not found:
        return "", ""
    for name, value in found.items():
        if _hash(folder / name) != value:
            _copy_anew(source / name, folder / name, value)
    text = json.dumps(found, indent=0, sort_keys=True).encode()
    path = folder / f"files-{made_at}.json"
    put_file(path, text)
    return path.name, hashlib.sha256(text).hexdigest()


def _copy_anew(source: Path, target: Path, value: str) -> None:
    """Put a file over one that rotted in the backup, where it is whole here."""
    content = source.read_bytes() if _hash(source) == value else b""
    if content:
        put_file(target, content)


def own_files(folder: Path, keys: Mapping[str, KeyPair], suite: Suite) -> Hashes:
    """Return what the backup in a folder lists of both, nothing where no key of this node has signed it."""
    try:
        listed = read_said(folder)
    except NoBackup:
        return {}
    pair = keys.get(listed.key)
    is_own = pair is not None and listed.statement().signed_by(pair.public, suite)
    return _listed_in(folder, listed) if is_own else {}


def put_back_files(folder: Path, target: Path, listed: Listed) -> int:
    """Put back what is lacking; return how many are in the backup, or ought to be, and are not here then.

    A failure is logged: the node must not stay asleep for it.
    """
    hashes = _listed_in(folder, listed)

    def wanted(kind: str) -> Callable[[str, bytes], bool]:
        if listed.version == UNSIGNED:
            return lambda _name, _content: True
        return lambda name, content: hashes.get(f"{kind}/{name}") == hashlib.sha256(content).hexdigest()

    try:
        copy_sheets(folder / SHEETS_FOLDER, target / SHEETS_FOLDER, listed.address, wanted(SHEETS_FOLDER))
        copy_sealed(folder / NOTICES_FOLDER, target / NOTICES_FOLDER, wanted(NOTICES_FOLDER))
    except OSError as problem:
        log.warning("not all sheets and sealed papers were put back: errno %s", problem.errno)
    return len((_names_in(folder) | hashes.keys()) - _names_in(target))


def _names_in(folder: Path) -> set[str]:
    """Return the plain files of both folders, as the list names them."""
    return {
        f"{kind}/{path.name}"
        for kind, names in _FOLDERS.items()
        for path in (folder / kind).glob(names)
        if S_ISREG(path.lstat().st_mode)
    }


def _hash(path: Path) -> str:
    """Return the hash of a file, "" where the disk does not read it: that stops no backup."""
    try:
        return hash_of(path)
    except OSError as problem:
        log.warning("%s is not listed: errno %s", path.name, problem.errno)
        return ""


def _listed_in(folder: Path, listed: Listed) -> Hashes:
    if not listed.files:
        return {}
    try:
        text = read_plain(folder / Path(listed.files).name, _BYTES_MAX)
        if hashlib.sha256(text).hexdigest() == listed.files_sha256:
            return {str(name): str(value) for name, value in json.loads(text).items()}
    except (OSError, ValueError, AttributeError, RecursionError) as problem:
        log.warning("the list of sheets and sealed papers cannot be read: %s", type(problem).__name__)
    return {}
