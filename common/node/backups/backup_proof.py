"""By what a backup is known to be the node's own: its signed list, and whose key that is.

Where the node's keys lie they say it alone. On another computer the roster in the backup names the key; it
hangs from the root of a network, and whether that is the true one the database that is there knows, or people
compare its fingerprint with the enrolment sheet. Once the node has joined again `doctor` holds both against
what it has heard since (`backup_origin`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from common.node.assembly import DATABASE_FILE
from common.node.backups.backup_list import UNSIGNED as FIRST_VERSION
from common.node.backups.backup_list import Listed
from common.node.backups.backup_origin import NAMED, OWN, UNCONFIRMED, UNPROVEN, UNSIGNED, reason_of
from common.node.backups.backup_refusals import BackupAltered, BackupUnproven, NoBackup
from common.node.keyring.keys import FILE as KEYS_FILE
from common.node.keyring.keys import KeyFile
from common.people.rules.challenge import grouped
from common.store.copies import DAMAGED, opened_to_read
from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.spool import SqlSpool
from sync.protocol.core import Core, Means
from sync.protocol.errors import SyncError
from sync.protocol.paging import UNREADABLE
from sync.protocol.signing import PublicKey, RealSuite

_FAULTS = (*DAMAGED, *UNREADABLE, SyncError)
_SUITE = RealSuite()
_T = TypeVar("_T")

_UNSIGNED = "! 备份清单没有签名（以前版本的程序做的，或者做的时候还没有入网、电脑上没有本站的钥匙）"
_UNCONFIRMED = "! 签名的钥匙（编号 {key}）备份里的名册没有确认"
# Who gave the root is told what else there is to do.
_NO_PROOF = (
    "文件夹 {folder} 里的备份没有可以核对的签名，不能证明它是 --root 写的网络的：没有恢复，没有改动。"
    "请换另一份备份；只有这一份的，去掉 --root 再执行，恢复以后核对帐号和设置。"
)
_NOT_THAT_ROOT = (
    "文件夹 {folder} 里的备份属于另一个网络，不是 --root 写的那个：没有恢复，没有改动。"
    "请再核对登记单上的网络指纹，对不上的，换另一份备份。"
)
_LOOK = "：不能证明这份备份没有被人改过，恢复以后请核对帐号和设置。"
_REVOKED = "! 签名的钥匙（编号 {key}）已经作废，可能在别人手里：" + _LOOK.removeprefix("：")
_GOOD = "备份清单由本站的钥匙（编号 {key}）签名，核对无误。"
_COMPARE = (
    "备份清单由钥匙 {key} 签名，备份里的名册说它是本站的。这台电脑上没有可以核对名册的，请逐组核对：\n"
    "  网络指纹 {root}\n"
    "  与登记单上的一致才能恢复；也可以加上 --root 和登记单上的指纹，由程序核对。"
)


class Proof(NamedTuple):
    """How a backup is proven; `is_root_known` 1 where its network is the one known here or named.

    `revoked` is why its key was revoked where that puts it into wrong hands, as far as is known here.
    """

    how: str
    key: str = ""
    root: str = ""
    is_root_known: int = 0
    revoked: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether people have nothing to look at."""
        return self.how not in UNPROVEN and bool(self.is_root_known) and not self.revoked


class _Here(NamedTuple):
    """What the database that is there knows: root, and why the key was revoked; "" for nothing."""

    root: str = ""
    revoked: str = ""


def prove(listed: Listed, folder: Path, data: Path | None, root: str = "") -> Proof:
    """Return by what a backup is proven, its database being the one it lists; it only reads.

    Args:
        data: the folder of the node, there or not yet; None for how it is on any other computer.
        root: the fingerprint of the network as a person gives it, at least its beginning; "" for none.

    Raises:
        BackupAltered: the signature does not fit.
        BackupUnproven: of another network than is known or given, or not proven at all where one is given.
        NoBackup: what is needed to know its key cannot be read.
        KeyFileFault: the keys of this node cannot be read.
    """
    proof = _proof(listed, folder, data, root)
    if root and proof.how in UNPROVEN:
        raise BackupUnproven(_NO_PROOF, folder=str(folder))
    if root and not listed.root.startswith(root):
        raise BackupUnproven(_NOT_THAT_ROOT, folder=str(folder))
    return proof._replace(is_root_known=1) if root else proof


def _proof(listed: Listed, folder: Path, data: Path | None, root: str) -> Proof:
    if listed.version == FIRST_VERSION:
        return Proof(UNSIGNED)
    here, pair = _Here(), None
    if data is not None:
        keys = KeyFile(data / KEYS_FILE, _SUITE)
        here, pair = (
            _asked(data / DATABASE_FILE, lambda core: _here(core, keys, listed), here),
            keys.get(listed.key),
        )
    statement = listed.statement()
    if pair is not None:
        if not statement.signed_by(pair.public, _SUITE):
            raise BackupAltered(folder=str(folder))
        return Proof(OWN, listed.key, listed.root, 1, here.revoked)
    if not root and here.root not in ("", listed.root):
        raise BackupUnproven(folder=str(folder))
    found = _asked(folder / Path(listed.database).name, lambda core: _named(core, listed), None)
    if found is None:
        raise NoBackup(folder=str(folder), what=f"数据库 {listed.database} 读不懂")
    key, is_named, revoked = found
    if key is not None and not statement.signed_by(key, _SUITE):
        raise BackupAltered(folder=str(folder))
    how, is_known = NAMED if is_named else UNCONFIRMED, int(here.root == listed.root)
    return Proof(how, listed.key, listed.root, is_known, here.revoked or revoked)


def _named(core: Core, listed: Listed) -> tuple[PublicKey | None, bool, str]:
    """Return the key as the roster in a backup has it, whether it names it for good, and why it revoked it.

    Every entry of that roster is held against the root that the node goes by, and that one is the list's.
    """
    roster, address, key_id = core.roster, listed.address, listed.key
    confirmed = roster.key(address, key_id) or roster.rotated_key(address, key_id)
    # As in packages: a parent's word counts while the roster knows none of the address.
    key = confirmed or roster.vouched_key(address, key_id)
    is_named = key is not None and (confirmed is not None or address not in roster.entries)
    whose = (core.identity.address, core.identity.fingerprint, roster.network)
    is_of_it = whose == (address, listed.root, listed.network)
    return key, is_named and is_of_it, reason_of(core, address, key_id)


def _here(core: Core, keys: KeyFile, listed: Listed) -> _Here:
    if core.identity.address != listed.address:
        return _Here()
    record = core.epoch(core.me, core.identity.epoch)
    # Where this computer has never joined, the root came from a backup as this one: that vouches for nothing.
    root = core.identity.fingerprint if record is not None and record.key_id in keys else ""
    return _Here(root, reason_of(core, listed.address, listed.key))


@contextmanager
def _opened(path: Path) -> Iterator[Core]:
    with opened_to_read(path) as copied:
        yield Core(Means(SqlSpool(copied), MemoryBlobs(), _SUITE, bytes, {}))


def _asked(path: Path, ask: Callable[[Core], _T], otherwise: _T) -> _T:
    """Return what a database that may be damaged, or not be there, says."""
    if not path.is_file():
        return otherwise
    try:
        with _opened(path) as core:
            return ask(core)
    except _FAULTS:
        return otherwise


def told(proof: Proof) -> list[str]:
    """Return what people are told of it before a backup is put back."""
    if proof.how in UNPROVEN:
        return [(_UNSIGNED if proof.how == UNSIGNED else _UNCONFIRMED.format(key=proof.key)) + _LOOK]
    good = _GOOD if proof.is_root_known else _COMPARE
    lines = [good.format(key=proof.key, root=grouped(proof.root))]
    return [*lines, _REVOKED.format(key=proof.key)] if proof.revoked else lines
