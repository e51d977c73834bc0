"""A copy of a node while it works, checked from end to end.

A backup is a folder: the database as one moment had it, the papers by their
hash, the settings, and a list of what there is, written last. The node's keys
are not in it: whoever finds a backup can read it, but cannot sign with it.
"""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from common.config import CONFIG_FILE, NodeConfig
from common.days import local_day
from common.node import last_backup, lost_papers
from common.node.assembly import PAPERS_FOLDER
from common.node.backup_refusals import (
    BackupFailed,
    BackupHoldsMore,
    BackupRuns,
    BackupWithin,
    NoBackup,
    OthersBackup,
)
from common.node.node import Node
from common.node.paper_copies import copy_papers, is_whole
from common.node.place import opened_lock
from common.node.refusals import why
from common.node.room import papers_stay
from common.node.sheet import FOLDER as SHEETS_FOLDER
from common.node.sheet import copy_sheets
from common.node.told import problem_words
from common.notices.shelf import FOLDER as NOTICES_FOLDER
from common.notices.shelf import copy_sealed
from common.store import audit
from common.store.copies import (
    copy_open_database,
    holds_together,
    later_scripts,
    opened_alone,
    papers_named,
)
from common.store.sorts import odd_columns
from sync.adapters.blob_files import BlobFiles
from sync.adapters.file_steps import hash_of, make_folder
from sync.adapters.spool import SqlSpool
from sync.durable import make_durable, put_file, read_plain
from sync.protocol.checker import Checked, check
from sync.protocol.core import Core, Means
from sync.protocol.signing import RealSuite

LIST_FILE = "backup.json"
_LOCK_FILE = "backup.lock"
_VERSION = 1
# Beyond this no database keeps a number; who had the stick in hands wrote any.
_NO_TIME = 2**53


@dataclass(frozen=True, slots=True)
class Listed:
    """What a backup says of itself; the time in UTC milliseconds."""

    version: int
    address: str
    epoch: str
    made_at: int
    database: str
    sha256: str
    frames: int
    papers: int
    papers_missing: int


def back_up(node: Node, folder: Path) -> Listed:
    """Copy a node into `folder` while it works, check the copy, and return what is in it.

    Papers that an earlier backup there already holds whole are not copied again. One that is damaged at the
    node and there is left out, counted as missing, and asked for: all else is saved nevertheless.

    Raises:
        OthersBackup, BackupWithin: the folder holds another node's, or is this one's; nothing was changed.
        BackupHoldsMore: it holds one that may have what is not here; it stays, and administrators are told.
        BackupRuns: another is being made or put back; nothing was changed.
        BackupFailed: the copy is unsound; an earlier backup in the folder can still be used.
        OSError: the folder cannot be written; as after BackupFailed, the new copy is gone.
    """
    if folder.resolve().is_relative_to(node.config.data_dir.resolve()):
        raise BackupWithin
    theirs, made_at = _whose(folder)
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
    _clear_left_over(folder)
    try:
        listed, lost = _copied(node, path, now)
        put_file(folder / LIST_FILE, json.dumps(asdict(listed), indent=1).encode())
    except BaseException:
        # On a full disk a copy that nothing lists would take the room of the next. Listed it stays.
        if not _is_listed(path):
            for end in ("", "-journal"):
                path.with_name(path.name + end).unlink(missing_ok=True)
        raise
    for former in folder.glob("node-*.sqlite3"):
        if former != path:
            former.unlink()
    with node.unit():
        audit.record("", last_backup.MADE, node.me, {}, now)
    if lost:
        lost_papers.ask_back(node, lost)
    return listed


def _clear_left_over(folder: Path) -> None:
    """Take away what a backup that was killed has left beside a whole one: it has the room of the next."""
    listed = {path for path in folder.glob("node-*.sqlite3") if _is_listed(path)}
    for path in {*folder.glob("node-*.sqlite3*")} - listed if listed else ():
        path.unlink()


def _copied(node: Node, path: Path, now: int) -> tuple[Listed, list[str]]:
    """Copy all of a node but the list, the database to `path`; return also the papers that are lost."""
    source, target = BlobFiles(node.config.path(PAPERS_FOLDER)), BlobFiles(path.with_name(PAPERS_FOLDER))
    target.sweep()
    with papers_stay(node.config):
        # The database first: papers are only added now, so none that it names is missed by being late.
        copy_open_database(path)
        make_durable(path)
        copy_papers(source, target, [name for name in papers_named(path) if not target.has(name)])
    checked, epoch, lost = _looked_over(path, source, target)
    listed = _listed(node.me, now, path, checked, epoch)
    listed = replace(listed, papers_missing=listed.papers_missing + len(lost))
    # Nothing makes them anew: they were signed, or sealed, on their day.
    copy_sheets(node.config.path(SHEETS_FOLDER), path.with_name(SHEETS_FOLDER))
    copy_sealed(node.config.path(NOTICES_FOLDER), path.with_name(NOTICES_FOLDER))
    settings = node.config.path(CONFIG_FILE)
    if settings.exists():
        put_file(path.with_name(CONFIG_FILE), settings.read_bytes())
    return listed, lost


def _whose(folder: Path) -> tuple[str, int]:
    """Return whose backup a folder holds, whole or not, and of when; "" and 0 when that cannot be told."""
    try:
        said = json.loads(read_plain(folder / LIST_FILE))
    except (OSError, ValueError, RecursionError):
        return "", 0
    address, made_at = (said.get("address"), said.get("made_at")) if type(said) is dict else ("", 0)
    at = made_at if type(made_at) is int and 0 < made_at < _NO_TIME else 0
    return address if type(address) is str else "", at


def _is_listed(path: Path) -> bool:
    try:
        return path.name.encode() in read_plain(path.with_name(LIST_FILE))
    except (OSError, ValueError):
        return False


def _listed(address: str, now: int, path: Path, checked: Checked, epoch: str) -> Listed:
    return Listed(
        version=_VERSION,
        address=address,
        epoch=epoch,
        made_at=now,
        database=path.name,
        sha256=hash_of(path),
        frames=checked.frames,
        papers=checked.papers,
        papers_missing=checked.papers_missing + checked.papers_asked,
    )


def read_list(folder: Path) -> Listed:
    """Return what a backup says of itself, after seeing that its database is the one it names.

    Raises:
        NoBackup: it is not whole, or of a later program.
    """
    try:
        said = json.loads(read_plain(folder / LIST_FILE))
        listed = Listed(**{field.name: said[field.name] for field in fields(Listed)})
    except (FileNotFoundError, NotADirectoryError):
        raise NoBackup(folder=str(folder), what=f"没有清单 {LIST_FILE}") from None
    except OSError as problem:
        raise NoBackup(folder=str(folder), what=f"读不到清单 {LIST_FILE}（{why(problem)}）") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NoBackup(folder=str(folder), what=f"清单 {LIST_FILE} 读不懂") from None
    if any(type(getattr(listed, field.name)).__name__ != field.type for field in fields(Listed)):
        raise NoBackup(folder=str(folder), what=f"清单 {LIST_FILE} 读不懂")
    if not 0 <= listed.made_at < _NO_TIME:
        raise NoBackup(folder=str(folder), what=f"清单 {LIST_FILE} 读不懂")
    if listed.version != _VERSION:
        raise NoBackup(folder=str(folder), what="它是别的版本的程序做的")
    path = folder / Path(listed.database).name
    if not path.is_file() or hash_of(path) != listed.sha256:
        raise NoBackup(folder=str(folder), what=f"数据库 {path.name} 缺失，或者与清单不符")
    if later_scripts(path):
        raise NoBackup(folder=str(folder), what="它是更新版本的程序做的")
    return listed


def _looked_over(path: Path, source: BlobFiles, target: BlobFiles) -> tuple[Checked, str, list[str]]:
    """Check a copy; what rotted in it since an earlier backup is copied once more.

    Returns also the listed papers of which nobody here has a whole copy.

    Raises:
        BackupFailed: something else is wrong, or a paper that is whole here does not stay so there.
    """
    named = set(papers_named(path))
    checked, epoch = _checked(path, target)
    lost = [name for name in checked.lost if name in named]
    if lost:
        copy_papers(source, target, lost)
        checked, epoch = _checked(path, target)
        lost = [name for name in checked.lost if name in named]
    if any(is_whole(source, name) for name in lost):
        raise BackupFailed(what="材料写上去就不完整，请换一个U盘或磁盘")
    return checked, epoch, lost


def _checked(path: Path, papers: BlobFiles) -> tuple[Checked, str]:
    """Check a copied database and the papers beside it: structure, every chain, signature and hash.

    Raises:
        BackupFailed: something is wrong, but with a paper.
    """
    with opened_alone(path) as copied:
        spool = SqlSpool(copied)
        core = Core(Means(spool, papers, RealSuite(), secrets.token_bytes, {}))
        problem = "" if holds_together(copied) else "数据库文件已损坏"
        if not problem and (columns := odd_columns(copied)):
            problem = f"value of another sort: {columns[0]}"
        if not problem:
            with copied.atomic():
                spool.begin()
                core.begin()
                checked, epoch = check(core), core.identity.epoch
            problem = next(iter(checked.in_records), "")
    if problem:
        raise BackupFailed(what=problem_words(problem))
    return checked, epoch
