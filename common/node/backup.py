"""A copy of a node while it works, checked from end to end, and putting such a copy back.

A backup is a folder: the database as one moment had it, the papers by their
hash, the settings, and a list of what there is, written last. The node's keys
are not in it: whoever finds a backup can read it, but cannot sign with it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from common.config import CONFIG_FILE, NodeConfig
from common.errors import LiandongError
from common.node.assembly import DATABASE_FILE, PAPERS_FOLDER, build_node
from common.node.jobs import LOCK_FILE
from common.node.node import Node
from common.node.profile import TierProfile
from common.store import audit
from common.store.database import close_database, database, driver
from sync.adapters.blob_files import BlobFiles
from sync.adapters.checker import Checked, check
from sync.adapters.spool import SqlSpool
from sync.protocol.core import Core, Means
from sync.protocol.signing import RealSuite

LIST_FILE = "backup.json"
PUT_ASIDE = "before-restore-"
_VERSION = 1
_CHUNK = 1 << 20
_WITH_DATABASE = ("", "-wal", "-shm")


class BackupFailed(LiandongError):
    """The copy did not come out as it should; the list of a former backup there still stands."""

    code = "E431"
    status = 500
    sentence = "备份没有通过核对，不能使用：{what}。"


class NoBackup(LiandongError):
    """The folder holds no whole backup; nothing was changed."""

    code = "E432"
    status = 400
    sentence = "这个文件夹里没有完整的备份：{what}。"


class NodeRuns(LiandongError):
    """A running node cannot be put back; nothing was changed."""

    code = "E433"
    status = 409
    sentence = "本站正在运行，请先停止服务再恢复。"


class OtherNode(LiandongError):
    """The backup is of another node than the one in the folder; nothing was changed."""

    code = "E434"
    status = 409
    sentence = "备份是 {theirs} 的，这个文件夹里的站点是 {ours}。"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a backup says of itself; times in UTC milliseconds, sizes in bytes."""

    version: int
    address: str
    epoch: str
    made_at: int
    database: str
    sha256: str
    frames: int
    papers: int
    papers_missing: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of putting a backup back; `has_key` is 0 when this machine must be enrolled again."""

    address: str
    made_at: int
    epoch: str
    aside: str
    papers: int
    has_key: int


# --- making one
def back_up(node: Node, folder: Path) -> Listed:
    """Copy a node into `folder` while it works, check the copy, and return what is in it.

    Papers that an earlier backup there already holds are not copied again.

    Raises:
        BackupFailed: the copy is unsound; an earlier backup in the folder can still be used.
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = node.clock.now_ms()
    with node.unit():
        audit.record("", "node.backup", node.me, {}, now)
    name = f"node-{now}.sqlite3"
    # The database first: papers are only ever added, so none that it names is missed by being late.
    _copy_database(folder / name)
    target = BlobFiles(folder / PAPERS_FOLDER)
    _copy_papers(BlobFiles(node.config.path(PAPERS_FOLDER)), target, _papers_of(folder / name))
    checked, epoch = _checked(folder, name)
    if checked.problems:
        (folder / name).unlink()
        raise BackupFailed(what=checked.problems[0])
    settings = node.config.path(CONFIG_FILE)
    if settings.exists():
        _keep(folder / CONFIG_FILE, settings.read_bytes())
    listed = Listed(
        version=_VERSION,
        address=node.me,
        epoch=epoch,
        made_at=now,
        database=name,
        sha256=_hash(folder / name),
        frames=checked.frames,
        papers=checked.papers,
        papers_missing=checked.papers_missing,
    )
    _keep(folder / LIST_FILE, json.dumps(asdict(listed), indent=1).encode())
    for former in folder.glob("node-*.sqlite3"):
        if former.name != name:
            former.unlink()
    return listed


def _copy_database(path: Path) -> None:
    """Copy the open database as it is at one moment; others go on reading and writing it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.close(handle)
    with closing(driver.connect(str(path))) as target:
        database.connection().backup(target)
        # One file, and nothing beside it.
        target.execute("PRAGMA journal_mode = DELETE")
    _make_durable(path)


def _papers_of(path: Path) -> list[str]:
    with closing(driver.connect(f"file:{path}?mode=ro", uri=True)) as copied:
        return [row[0] for row in copied.execute("SELECT hash FROM sync_blob ORDER BY hash")]


def _copy_papers(source: BlobFiles, target: BlobFiles, names: list[str]) -> int:
    """Copy papers by name, those not there yet; return how many were copied."""
    copied = 0
    for name in names:
        if not target.has(name) and source.has(name):
            target.put(_pieces(source, name), "application/octet-stream")
            target.claim([name])
            copied += 1
    return copied


def _pieces(source: BlobFiles, name: str) -> Iterator[bytes]:
    offset = 0
    while data := source.read(name, offset, _CHUNK):
        yield data
        offset += len(data)


def _checked(folder: Path, name: str) -> tuple[Checked, str]:
    """Check a copied database and the papers beside it: structure, every chain, signature and hash."""
    copied = SqliteDatabase(str(folder / name))
    try:
        with closing(copied.execute_sql("PRAGMA integrity_check")) as rows:
            if rows.fetchone() != ("ok",):
                raise BackupFailed(what="database")
        spool = SqlSpool(copied)
        means = Means(spool, BlobFiles(folder / PAPERS_FOLDER), RealSuite(), secrets.token_bytes, {})
        with copied.atomic():
            spool.begin()
            core = Core(means)
            core.begin()
            return check(core), core.identity.epoch
    finally:
        copied.close()


# --- putting one back
def read_list(folder: Path) -> Listed:
    """Return what a backup says of itself, after seeing that its database is the one it names.

    Raises:
        NoBackup: it is not whole, or of a later program.
    """
    try:
        said = json.loads((folder / LIST_FILE).read_text("utf-8"))
        listed = Listed(**{field.name: said[field.name] for field in fields(Listed)})
    except (OSError, ValueError, KeyError, TypeError):
        raise NoBackup(what=LIST_FILE) from None
    path = folder / Path(listed.database).name
    if listed.version != _VERSION or not path.is_file() or _hash(path) != listed.sha256:
        raise NoBackup(what=listed.database)
    return listed


def put_back(config: NodeConfig, profile: TierProfile, folder: Path) -> Restored:
    """Put a backup in the place of a node that is switched off; what was there is put aside, not deleted.

    The node then knows that it is an older copy: it goes on in a new epoch and
    takes back from its neighbours what it had sent since. Its witness stays.

    Raises:
        NoBackup, OtherNode, NodeRuns: nothing was changed.
    """
    listed = read_list(folder)
    if config.address and config.address != listed.address:
        raise OtherNode(theirs=listed.address, ours=config.address)
    with _switched_off(config):
        close_database()
        aside = _put_aside(config)
        # Papers first: once the database is in its place all that it names is there.
        source, papers = BlobFiles(folder / PAPERS_FOLDER), BlobFiles(config.path(PAPERS_FOLDER))
        copied = _copy_papers(source, papers, _papers_of(folder / listed.database))
        _copy_file(folder / listed.database, config.path(DATABASE_FILE))
    return _wake(build_node(config, profile), listed, aside, copied)


def _wake(node: Node, listed: Listed, aside: str, copied: int) -> Restored:
    """Let the node that was put back begin anew, if its start has not made it do so."""
    now = node.clock.now_ms()
    has_key = len(node.keys)
    if not has_key:
        node.keys.add(secrets.token_bytes(64))
    with node.unit():
        identity = node.peer.core.identity
        if has_key and identity.epoch == listed.epoch:
            node.peer.begin_anew("restored", now)
        told: dict[str, Any] = {"made_at": listed.made_at, "epoch": identity.epoch}
        audit.record("", "node.restored", node.me, told, now)
        epoch = identity.epoch
    if has_key:
        node.heart.attest()
    return Restored(node.me, listed.made_at, epoch, aside, copied, int(bool(has_key)))


@contextmanager
def _switched_off(config: NodeConfig) -> Iterator[None]:
    """Hold what a running node holds.

    Raises:
        NodeRuns: it does.
    """
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with config.path(LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NodeRuns from None
        yield


def _put_aside(config: NodeConfig) -> str:
    """Move the database that is there into a folder beside it; return its name, "" when there was none."""
    there = [config.path(DATABASE_FILE + end) for end in _WITH_DATABASE]
    there = [path for path in there if path.exists()]
    if not there:
        return ""
    folder = config.path(PUT_ASIDE + secrets.token_hex(4))
    folder.mkdir(mode=0o700)
    for path in there:
        os.replace(path, folder / path.name)
    _make_durable(config.data_dir)
    return folder.name


def _copy_file(source: Path, target: Path) -> None:
    draft = target.with_suffix(".part")
    shutil.copyfile(source, draft)
    os.chmod(draft, 0o600)
    _make_durable(draft)
    os.replace(draft, target)
    _make_durable(target.parent)


def _keep(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(data)
    os.chmod(draft, 0o600)
    _make_durable(draft)
    os.replace(draft, path)
    _make_durable(path.parent)


def _make_durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
