"""Putting a backup in the place of a node: it knows that it was put back, and goes on in a new epoch."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from common.config import BadConfig, NodeConfig
from common.errors import LiandongError
from common.node import trail_mark
from common.node.assembly import DATABASE_FILE, PAPERS_FOLDER, build_node
from common.node.backups import last_backup
from common.node.backups.backup import alone
from common.node.backups.backup_files import put_back_files
from common.node.backups.backup_list import Listed, read_list
from common.node.backups.backup_proof import Proof, prove
from common.node.backups.backup_refusals import NoBackup
from common.node.backups.paper_copies import copy_papers
from common.node.jobs import LOCK_FILE
from common.node.keyring.keyless import is_keyless
from common.node.node import Node
from common.node.place import SERVE_LOCK, opened_lock
from common.node.practice import check_network
from common.node.profile import TierProfile
from common.node.watches import lost_papers
from common.store import audit
from common.store.copies import fold_log, network_named, opened_alone, papers_named
from common.store.database import close_database
from common.store.sorts import odd_columns
from sync.adapters.blob_files import BlobFiles
from sync.adapters.file_steps import hash_of
from sync.adapters.spool_values import READ_ALWAYS
from sync.durable import make_durable
from sync.protocol.signing import SEED_BYTES

PUT_ASIDE = "before-restore-"
_FOLDER_MODE = 0o700
# The database last: its log beside another database, or beside none, would be read as that one's.
_WITH_DATABASE = ("-wal", "-shm", "")
# Nobody leads: whoever has stopped the service need not be told to do so.
_AT_WORK = "本站还有命令在执行（如备份、核对），或者还有进程没有停下来：请等它做完再恢复；没有改动。"
log = logging.getLogger(__name__)


class NodeRuns(LiandongError):
    """A running node cannot be put back; nothing was changed."""

    code = "E433"
    status = 409
    sentence = "本站正在运行，请先停止服务（如 sudo systemctl stop liandong）再恢复；没有改动。"


class OtherNode(LiandongError):
    """The backup is of another node than the one in the folder; nothing was changed."""

    code = "E434"
    status = 409
    sentence = "备份是 {theirs} 的，这个文件夹里的站点是 {ours}。"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of putting a backup back; `has_key` is 0 when this machine must be enrolled again.

    `papers` came from the backup, `papers_lacking` are neither there nor here, or damaged; `files_lacking`
    are sheets and sealed papers that are not there as the list names them. `proof` is as in `backup_proof`.
    """

    address: str
    made_at: int
    epoch: str
    aside: str
    papers: int
    has_key: int
    papers_lacking: int
    files_lacking: int
    proof: str


class _Came(NamedTuple):
    """What was put back: list and proof, the folder of what was there, papers, sheets and sealed papers."""

    listed: Listed
    proof: Proof
    aside: str
    copied: int
    lacking: list[str]
    files_lacking: int


def put_back(config: NodeConfig, profile: TierProfile, folder: Path, root: str = "") -> Restored:
    """Put a backup in the place of a node that is switched off; what was there is put aside, not deleted.

    The node then knows that it is an older copy: it goes on in a new epoch and
    takes back from its neighbours what it had sent since. Its witness stays.

    Args:
        root: the fingerprint of the network that it has to be of, or its beginning; "" where nobody gave any.

    Raises:
        NoBackup, BackupAltered, BackupUnproven, OtherNode, OtherKindOfNetwork: nothing was changed.
        BadConfig, KeyFileFault, NodeRuns, BackupRuns: nothing was changed either.
        OSError, DiskFull: so it is too, but that papers of the backup may be here now.
    """
    listed = _own_list(config, folder)
    proof = prove(listed, folder, config.data_dir, root)
    # One made meanwhile into this folder would take the database away that is being read.
    with switched_off(config), alone(config):
        close_database()
        # All that takes room comes before what is there is touched, and papers before the database: once
        # that is in its place all that it names is there.
        source, papers = BlobFiles(folder / PAPERS_FOLDER), BlobFiles(config.path(PAPERS_FOLDER))
        names = papers_named(folder / listed.database)
        copied = copy_papers(source, papers, names)
        lacking = [name for name in names if not papers.has(name)]
        draft = _drafted(folder / listed.database, config.path(DATABASE_FILE))
        if hash_of(draft) != listed.sha256:
            # Read once more, a worn stick may say something else.
            draft.unlink()
            raise NoBackup(folder=str(folder), what=f"数据库 {listed.database} 两次读出来不一样")
        _check_values(draft, folder)
        aside = _put_aside(config)
        os.replace(draft, config.path(DATABASE_FILE))
        make_durable(config.data_dir)
        files_lacking = put_back_files(folder, config.data_dir, listed)
        came = _Came(listed, proof, aside, copied, lacking, files_lacking)
        # Still locked: a service that starts now must find the node in its new epoch.
        return _wake(build_node(config, profile), came)


def _own_list(config: NodeConfig, folder: Path) -> Listed:
    listed = read_list(folder)
    if not config.address:
        raise BadConfig(name="address", why=f"没有写，备份是 {listed.address} 的")
    if config.address != listed.address:
        raise OtherNode(theirs=listed.address, ours=config.address)
    check_kind(config, folder, listed)
    return listed


def _check_values(draft: Path, folder: Path) -> None:
    """See that the node will start from the copy: in its place it could not wake, nor know that it is older.

    What is odd in other tables is told of when somebody comes to it, and keeps nobody from all else.
    """
    try:
        with opened_alone(draft) as copied:
            if columns := odd_columns(copied, READ_ALWAYS):
                odd = "、".join(columns)
                raise NoBackup(folder=str(folder), what=f"数据库里有本程序没有写过的值（{odd}）")
    except BaseException:
        draft.unlink()
        raise


def check_kind(config: NodeConfig, folder: Path, listed: Listed) -> None:
    """See that practice and real nodes take no backup from each other; it only reads.

    Raises:
        OtherKindOfNetwork.
    """
    check_network(config, network_named(folder / listed.database))


def _wake(node: Node, came: _Came) -> Restored:
    """Let the node that was put back begin anew, if its start has not made it do so."""
    listed, proof = came.listed, came.proof
    now = node.clock.now_ms()
    has_keys = len(node.keys) > 0
    if not has_keys:
        node.keys.add(secrets.token_bytes(SEED_BYTES))
    with node.unit():
        identity = node.peer.core.identity
        if has_keys and identity.epoch == listed.epoch:
            node.peer.begin_anew("restored", now)
        node.outages.begin_anew()
        node.silences.begin_anew()
        told: dict[str, Any] = {"made_at": listed.made_at, "epoch": identity.epoch}
        told |= {"list": listed.statement().hash, "proof": proof.how, "key": proof.key}
        # Known now it needs no look later: a county may found another network in years to come.
        told["root"] = "" if proof.is_root_known else proof.root
        audit.record("", last_backup.PUT_BACK, node.me, told, now)
        epoch = identity.epoch
    # What says, on `status` and the line page, that this is an older copy.
    node.journal(node.peer.take_notes())
    if has_keys:
        node.heart.attest()
    trail_mark.keep_anew(node)
    lost_papers.ask_back(node, came.lacking)
    return Restored(
        address=node.me,
        made_at=listed.made_at,
        epoch=epoch,
        aside=came.aside,
        papers=came.copied,
        # Where `init` came first, as by `install`, there is a key, but not that of the node.
        has_key=int(has_keys and not is_keyless(node)),
        papers_lacking=len(came.lacking),
        files_lacking=came.files_lacking,
        proof=proof.how,
    )


def is_running(config: NodeConfig) -> bool:
    """Say whether a node runs in its folder, by the lock that it holds; nothing is made there."""
    try:
        with config.path(LOCK_FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def switched_off(config: NodeConfig) -> Iterator[None]:
    """Hold what a running node holds.

    Raises:
        NodeRuns: it does.
    """
    config.data_dir.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    # As where a node is made: somebody may have made the folder, for all to read; else `doctor` tells.
    with suppress(PermissionError):
        os.chmod(config.data_dir, _FOLDER_MODE)
    # Who serves without the lead holds the second alone, and whoever starts to serve from now on is refused.
    with opened_lock(config.path(LOCK_FILE)) as lead, opened_lock(config.path(SERVE_LOCK)) as serving:
        for file, sentence in ((lead, NodeRuns.sentence), (serving, _AT_WORK)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise NodeRuns(sentence=sentence) from None
        yield


def _put_aside(config: NodeConfig) -> str:
    """Move the database that is there into a folder beside it; return its name, "" when there was none."""
    there = [config.path(DATABASE_FILE + end) for end in _WITH_DATABASE]
    there = [path for path in there if path.exists()]
    if not there:
        return ""
    if config.path(DATABASE_FILE).exists():
        # A power cut between two of the moves then parts the database from no log that it needs.
        fold_log(config.path(DATABASE_FILE))
    folder = config.path(PUT_ASIDE + secrets.token_hex(4))
    folder.mkdir(mode=_FOLDER_MODE)
    for path in [path for path in there if path.exists()]:
        # Each is where it belongs before the next one goes.
        os.replace(path, folder / path.name)
        make_durable(folder)
        make_durable(config.data_dir)
    return folder.name


def _drafted(source: Path, target: Path) -> Path:
    """Return a durable copy beside `target`; on a full disk nothing of it stays."""
    draft = target.with_suffix(".part")
    try:
        shutil.copyfile(source, draft)
        os.chmod(draft, 0o600)
        make_durable(draft)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
