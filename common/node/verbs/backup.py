"""The verbs `backup` and `restore`, the same at every tier."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from common.clock import SystemClock
from common.config import CONFIG_FILE, NodeConfig, read_config
from common.days import local_date
from common.errors import LiandongError
from common.keeping.rules import is_outlived, months_kept
from common.node.backups import backup_proof
from common.node.backups.backup import back_up
from common.node.backups.backup_list import NEXT_SETTINGS, Listed, read_list, read_said
from common.node.backups.backup_list import UNSIGNED as FIRST_VERSION
from common.node.backups.backup_origin import NAMED, UNCONFIRMED, UNSIGNED
from common.node.backups.backup_proof import Proof
from common.node.backups.backup_refusals import BackupWithin, NoBackup
from common.node.backups.restore import NodeRuns, OtherNode, Restored, check_kind, is_running, put_back
from common.node.keyring.keyless import STATE, next_step
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.refusals import check_user
from common.node.serve import WrongTier
from common.node.verbs.proofs import fingerprint
from common.places.rules import level
from common.store.database import DiskFull, refusal_of
from common.web.words import local_time
from sync.durable import put_file, read_plain

_EXIT_REFUSED = 2
_BEFORE = """将把 {address} 恢复到 {at} 的备份，数据放在 {data}：
  这之后只存在本站、还没有发到上级或其他站的内容会丢失，请先用纸质记录核对；
  已经发出去的内容，本站联网后会从上级和其他站自动取回；
  本站换用新的编号段，以前发出的编号不会重复；
  现在的数据库不删除，移到旁边的文件夹里。
{proof}{warning}
确认后请加上 --yes 再执行一次。"""
_TOO_OLD = """备份已满保存月数（{months} 个月）：其他站可能已按规则删去它缺少的内容，缺的部分补不回来。
请先找更新的备份，确实没有再用这一份。"""
_SAME_DISK = "! 备份和本站的数据在同一块磁盘上，磁盘坏了两样都没有了：请备份到另一块磁盘或U盘上。"
_ROOT_HELP = "登记单上的网络指纹（至少前 32 位）：备份不能证明是这个网络的，就不恢复"
_TOLD = {
    NAMED: "备份清单由本站的钥匙（编号 {key}）签名。",
    UNCONFIRMED: "! 备份清单由钥匙 {key} 签名，名册还没有确认这把钥匙：换了电脑还不能证明备份没有被改过。",
    UNSIGNED: "! 本站没有入网，或者这台电脑上没有它的钥匙，备份清单没有签名：以后不能证明备份没有被人改过。",
}
_OTHER_SETTINGS = f"{CONFIG_FILE} 与清单不符；请先用 init 建好站点的设置，再恢复"
_NO_AGE = "本机时间早于备份时间，无法判断备份是否已超过保存月数，请先核对本机时间。"


class NoRoomForBackup(LiandongError):
    """A disk had no room left for the copy; an earlier backup in the folder can still be used."""

    code = "E498"
    status = 500
    sentence = (
        "磁盘已满，备份没有做成，文件夹里以前的备份没有动：备份文件夹所在的磁盘还有 {there} MB，"
        "本站数据所在的磁盘还有 {here} MB。请换大些的磁盘或U盘，或者先清理再备份。"
    )


def add_backup(
    verb: Any,
    node_of: Callable[[TierProfile, argparse.Namespace], Node],
    config_of: Callable[[TierProfile, argparse.Namespace], NodeConfig],
) -> None:
    """Add the verbs to a command line; the two functions read what the options name."""

    def backup(profile: TierProfile, options: argparse.Namespace) -> int:
        return _backup(node_of(profile, options), options)

    def restore(profile: TierProfile, options: argparse.Namespace) -> int:
        return _restore(profile, config_of, options)

    made = verb("backup", backup, "备份本站（可在运行中进行），并逐项核对；钥匙不在备份里")
    made.add_argument("folder", type=Path, help="备份写到哪个文件夹")
    made.add_argument("--json", action="store_true", help="输出 JSON")
    made = verb("restore", restore, "用备份恢复本站（须先停止服务）")
    made.add_argument("folder", type=Path, help="备份所在的文件夹")
    made.add_argument("--yes", action="store_true", help="确认恢复；不写则只说明会发生什么")
    made.add_argument("--root", type=fingerprint, help=_ROOT_HELP)
    made.add_argument("--json", action="store_true", help="输出 JSON")


def _backup(node: Node, options: argparse.Namespace) -> int:
    try:
        done = back_up(node, options.folder)
    except Exception as problem:
        if not isinstance(refusal_of(problem), DiskFull):
            raise
        # Which of both it was the system does not say.
        there, here = (_free_mb(folder) for folder in (options.folder, options.data))
        raise NoRoomForBackup(there=there, here=here) from problem
    # What is to be proven is proven now, on the disk, as where nothing but the backup is known.
    how = backup_proof.prove(read_said(options.folder), options.folder, None).how
    if options.json:
        print(json.dumps({**asdict(done), "proof": how}))
        return 0
    print(f"已备份并核对：报文 {done.frames} 份，材料 {done.papers} 份，时间 {local_time(done.made_at)}。")
    if done.papers_missing:
        print(f"有 {done.papers_missing} 份材料不在本站或已损坏，没有备份。")
    print(_TOLD[how].format(key=done.key))
    if os.stat(options.folder).st_dev == os.stat(options.data).st_dev:
        print(_SAME_DISK)
    print("钥匙（keys.json）不在备份里，请另行妥善保管；备份内有办件人信息，请加锁存放。")
    return 0


def _free_mb(folder: Path) -> int:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free // 1_000_000


def _restore(
    profile: TierProfile,
    config_of: Callable[[TierProfile, argparse.Namespace], NodeConfig],
    options: argparse.Namespace,
) -> int:
    check_user(options.data)
    if options.folder.resolve() == options.data.resolve():
        raise BackupWithin
    listed = read_list(options.folder)
    # Before the settings of another tier come into a new folder, where they are in the way of the right ones.
    if level(listed.address) != profile.tier:
        raise WrongTier(address=listed.address)
    ours = config_of(profile, options).address if (options.data / CONFIG_FILE).exists() else ""
    if ours not in ("", listed.address):
        raise OtherNode(theirs=listed.address, ours=ours)
    if ours and is_running(config_of(profile, options)):
        raise NodeRuns
    if ours:
        check_kind(config_of(profile, options), options.folder, listed)
    proof = backup_proof.prove(listed, options.folder, options.data, options.root or "")
    settings = _settings(listed, options)
    warning = _warning(listed, options)
    if not options.yes:
        print(_foretold(listed, proof, warning, options))
        return _EXIT_REFUSED
    for line in (*(() if proof.is_sure else backup_proof.told(proof)), warning):
        if line:
            print(line, file=sys.stderr)
    _bring_settings(options.data, settings)
    done = put_back(config_of(profile, options), profile, options.folder, options.root or "")
    _tell(done, profile, options)
    return 0


def _tell(done: Restored, profile: TierProfile, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({**asdict(done), "restored": 1}))
        return
    print(
        f"已恢复：{done.address}，备份时间 {local_time(done.made_at)}，补回材料 {done.papers} 份，"
        f"数据在 {options.data.absolute()}。"
    )
    if done.papers_lacking:
        print(
            f"备份里有 {done.papers_lacking} 份材料缺失或已损坏，没有恢复；联网后自动取回，"
            "已按期移出的请打开办件点“取回”。"
        )
    if done.files_lacking:
        print(
            f"有 {done.files_lacking} 份存证页或盖章文书缺失，或者与备份清单不符，没有恢复；"
            "盖章文书请不要另印，先到别的备份里找。"
        )
    if done.aside:
        print(f"原来的数据库移到了 {done.aside}，确认无误后再删除。")
    if done.has_key:
        print("启动服务后会自动取回已发出的内容。")
    else:
        print(f"{STATE}。{next_step(profile.tier)}然后启动服务。")


def _foretold(listed: Listed, proof: Proof, warning: str, options: argparse.Namespace) -> str:
    """Return what a restore would do, for people or, with --json, for programs."""
    said = backup_proof.told(proof)
    if options.json:
        facts = {"address": listed.address, "made_at": listed.made_at, "restored": 0, "warning": warning}
        facts |= {"proof": proof.how, "key": proof.key, "root": proof.root, "told": "\n".join(said)}
        return json.dumps(facts, ensure_ascii=False)
    told = f"\n{warning}" if warning else ""
    at, data = local_time(listed.made_at), options.data.absolute()
    return _BEFORE.format(address=listed.address, at=at, data=data, proof="\n".join(said), warning=told)


def _warning(listed: Listed, options: argparse.Namespace) -> str:
    """Return what there is to say of the backup's age, "" for nothing."""
    has_own = (options.data / CONFIG_FILE).exists()
    months = months_kept(read_config(options.data if has_own else options.folder, os.environ).keep_months)
    made, today = local_date(listed.made_at), local_date(SystemClock().now_ms())
    if today < made:
        return _NO_AGE
    return _TOO_OLD.format(months=months) if is_outlived(made, today, months) else ""


def _settings(listed: Listed, options: argparse.Namespace) -> bytes:
    """Return the settings in a backup, for a new computer; where there are some they stay, and it is b"".

    Raises:
        NoBackup: they are not those that its list names: by them the node would believe whom it should not.
    """
    if (options.data / CONFIG_FILE).exists():
        return b""
    there = (options.folder / name for name in (CONFIG_FILE, NEXT_SETTINGS))
    texts = [read_plain(path) for path in there if path.exists()]
    if listed.version != FIRST_VERSION and texts:
        texts = [text for text in texts if hashlib.sha256(text).hexdigest() == listed.settings]
        if not texts:
            raise NoBackup(folder=str(options.folder), what=_OTHER_SETTINGS)
    return texts[0] if texts else b""


def _bring_settings(data: Path, text: bytes) -> None:
    if text:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_file(data / CONFIG_FILE, text)
