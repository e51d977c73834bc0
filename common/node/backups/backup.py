"""A copy of a node while it works, checked from end to end.

A backup is a folder: the database as one moment had it, the papers by their
hash, the settings, and a list of what there is, signed, written last. The node's keys
are not in it: whoever finds a backup can read it, but cannot sign with it.
"""

from __future__ import annotations

import fcntl
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from common.config import CONFIG_FILE, NodeConfig
from common.days import local_day
from common.node.assembly import DATABASE_FILE, PAPERS_FOLDER
from common.node.backups import last_backup
from common.node.backups.backup_files import keep_files, made_files, own_files
from common.node.backups.backup_list import (
    NEXT_SETTINGS,
    UNSIGNED,
    Listed,
    first_version,
    is_listed,
    put_list,
    settle_settings,
    signed_by,
    whose,
)
from common.node.backups.backup_refusals import (
    BackupFailed,
    BackupHoldsMore,
    BackupRuns,
    BackupWithin,
    OthersBackup,
)
from common.node.backups.paper_copies import copy_papers, is_whole
from common.node.node import Node
from common.node.place import opened_lock
from common.node.verbs.told import problem_words
from common.node.watches import lost_papers
from common.node.watches.room import papers_stay
from common.store import audit
from common.store.copies import (
    copy_open_database,
    holds_together,
    opened_alone,
    papers_named,
)
from common.store.sorts import odd_columns
from sync.adapters.blob_files import BlobFiles
from sync.adapters.file_steps import hash_of, make_folder
from sync.adapters.spool import SqlSpool
from sync.durable import make_durable, put_file
from sync.protocol.checker import Checked, check
from sync.protocol.core import Core, Means
from sync.protocol.signing import RealSuite

_LOCK_FILE = "backup.lock"
_SUITE = RealSuite()


class _Origin(NamedTuple):
    """What a copied database says of whose it is, and which key speaks for it; "" for what is not there."""

    epoch: str
    network: str
    root: str
    key: str


def back_up(node: Node, folder: Path) -> Listed:
    """Copy a node into `folder` while it works, check the copy, and return what is in it.

    Papers that an earlier backup there already holds whole are not copied again. One that is damaged at the
    node and there is left out, counted as missing, and asked for: all else is saved nevertheless.

    Raises:
        OthersBackup: the folder holds another node's; nothing was changed.
        BackupWithin: it is where a node has its data, this one or another; nothing was changed.
        BackupHoldsMore: it holds one that may have what is not here; it stays, and administrators are told.
        BackupRuns: another is being made or put back; nothing was changed.
        BackupFailed: the copy is unsound; an earlier backup in the folder can still be used.
        OSError: the folder cannot be written; as after BackupFailed, the new copy is gone.
    """
    is_own = folder.resolve().is_relative_to(node.config.data_dir.resolve())
    if is_own or (folder / DATABASE_FILE).exists():
        raise BackupWithin
    theirs, made_at = whose(folder)
    if theirs not in ("", node.me):
        raise OthersBackup(theirs=theirs)
    with alone(node.config):
        # Each backup begins with a row that goes into it: who lacks that never had what it holds. That of an
        # older program is called by the other name.
        begun = (last_backup.BEGUN, last_backup.MADE)
        if made_at and not audit.has(node.me, begun, made_at):
            day = local_day(made_at)
            last_backup.keep_refused(node, day)
            raise BackupHoldsMore(day=day)
        return _backed_up(node, folder)


@contextmanager
def alone(config: NodeConfig) -> Iterator[None]:
    """Keep every backup of this node from being made or put back.

    Raises:
        BackupRuns: one is.
    """
    with opened_lock(config.path(_LOCK_FILE)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRuns from None
        yield


def _backed_up(node: Node, folder: Path) -> Listed:
    make_folder(folder.absolute())
    folder.mkdir(exist_ok=True)  # It raises where a file has that name.
    now = node.clock.now_ms()
    with node.unit():
        audit.record("", last_backup.BEGUN, node.me, {}, now)
    path = folder / f"node-{now}.sqlite3"
    # What a backup that was killed has left beside a whole one: it has the room of the next.
    if any(is_listed(one) for one in folder.glob("node-*.sqlite3")):
        _take_away(_of_one_backup(folder))
    before = _of_one_backup(folder)
    try:
        listed, lost = _copied(node, path, now)
        put_list(folder, listed)
        settle_settings(folder)
    except BaseException:
        # On a full disk a copy that nothing lists would take the room of the next. Listed it stays.
        _take_away(_of_one_backup(folder) - before)
        raise
    _take_away(_of_one_backup(folder))
    with node.unit():
        told = {"list": listed.statement().hash, "key": listed.key}
        audit.record("", last_backup.MADE, node.me, told, now)
    if lost:
        lost_papers.ask_back(node, lost)
    return listed


def _of_one_backup(folder: Path) -> set[Path]:
    """Return what each backup has of its own: the database with what SQLite lays beside it, the hashes."""
    return {*folder.glob("node-*.sqlite3*"), *made_files(folder)}


def _take_away(paths: set[Path]) -> None:
    """Take away those of some files that the list does not name."""
    for path in paths:
        if not is_listed(path):
            path.unlink(missing_ok=True)


def _copied(node: Node, path: Path, now: int) -> tuple[Listed, list[str]]:
    """Copy all of a node but the list, the database to `path`; return also the papers that are lost."""
    source, target = BlobFiles(node.config.path(PAPERS_FOLDER)), BlobFiles(path.with_name(PAPERS_FOLDER))
    target.sweep()
    with papers_stay(node.config):
        # The database first: papers are only added now, so none that it names is missed by being late.
        copy_open_database(path)
        make_durable(path)
        copy_papers(source, target, [name for name in papers_named(path) if not target.has(name)])
    checked, origin, lost = _looked_over(path, source, target)
    listed = _listed(node.me, now, path, checked, origin)
    listed = replace(listed, papers_missing=listed.papers_missing + len(lost))
    # Nothing makes them anew: they were signed, or sealed, on their day.
    former = own_files(path.parent, node.keys, _SUITE)
    files, files_hash = keep_files(node.config.data_dir, path.parent, now, former)
    listed = replace(listed, files=files, files_sha256=files_hash)
    settings = node.config.path(CONFIG_FILE)
    if settings.exists():
        text = settings.read_bytes()
        put_file(path.with_name(NEXT_SETTINGS), text)
        listed = replace(listed, settings=hashlib.sha256(text).hexdigest())
    pair = node.keys.get(origin.key)
    return signed_by(listed, pair, _SUITE) if pair is not None else first_version(listed), lost


def _listed(address: str, now: int, path: Path, checked: Checked, origin: _Origin) -> Listed:
    return Listed(
        version=UNSIGNED,
        address=address,
        epoch=origin.epoch,
        made_at=now,
        database=path.name,
        sha256=hash_of(path),
        frames=checked.frames,
        papers=checked.papers,
        papers_missing=checked.papers_missing + checked.papers_asked,
        network=origin.network,
        root=origin.root,
    )


def _looked_over(path: Path, source: BlobFiles, target: BlobFiles) -> tuple[Checked, _Origin, list[str]]:
    """Check a copy; what rotted in it since an earlier backup is copied once more.

    Returns also the listed papers of which nobody here has a whole copy.

    Raises:
        BackupFailed: something else is wrong, or a paper that is whole here does not stay so there.
    """
    named = set(papers_named(path))
    checked, origin = _checked(path, target)
    lost = [name for name in checked.lost if name in named]
    if lost:
        copy_papers(source, target, lost)
        checked, origin = _checked(path, target)
        lost = [name for name in checked.lost if name in named]
    if any(is_whole(source, name) for name in lost):
        raise BackupFailed(what="材料写上去就不完整，请换一个U盘或磁盘")
    return checked, origin, lost


def _checked(path: Path, papers: BlobFiles) -> tuple[Checked, _Origin]:
    """Check a copied database and the papers beside it: structure, every chain, signature and hash.

    Raises:
        BackupFailed: something is wrong, but with a paper.
    """
    with opened_alone(path) as copied:
        spool = SqlSpool(copied)
        core = Core(Means(spool, papers, _SUITE, secrets.token_bytes, {}))
        problem = "" if holds_together(copied) else "数据库文件已损坏"
        if not problem and (columns := odd_columns(copied)):
            problem = f"value of another sort: {columns[0]}"
        if not problem:
            with copied.atomic():
                spool.begin()
                core.begin()
                checked, origin = check(core), _origin(core)
            problem = next(iter(checked.in_records), "")
    if problem:
        raise BackupFailed(what=problem_words(problem))
    return checked, origin


def _origin(core: Core) -> _Origin:
    identity = core.identity
    record = core.epoch(identity.address, identity.epoch)
    key = record.key_id if record is not None else ""
    return _Origin(identity.epoch, core.roster.network, identity.fingerprint, key)
