"""The verb `seal` of the command line: root, seals of organs, requests by stick, log, and a check."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from common.errors import LiandongError
from common.node.node import Node
from common.node.profile import COUNTY, TOWNSHIP, TierProfile
from common.node.refusals import check_user
from common.node.seal_process import NoSealEngine, serve_seals
from common.seal.errors import BadPdf, BadSealFile, NotAtThisTier
from common.store import audit

_EXIT_UNSOUND = 1
_FILE_BYTES_MAX = 20_000_000
_STEPS = ("init", "issue", "root", "request", "sign", "install", "list", "log", "check", "serve")
_HELP = (
    "印章：init 建县级根 · issue 机关 制印 · root 输出根证书 · "
    "request 机关、sign 文件、install 文件 用U盘申请 · "
    "list 印章清单 · log 用印日志 · check PDF 验章 · serve 印章程序"
)
_TIERS = {"init": COUNTY, "issue": COUNTY, "sign": COUNTY, "request": TOWNSHIP, "install": TOWNSHIP}
_WHY = {COUNTY: "由县级办理，乡镇请用 seal request 申请", TOWNSHIP: "由乡镇办理，县级请用 seal issue"}
_NEEDS = {
    "issue": "机关名称",
    "request": "机关名称",
    "sign": "申请文件",
    "install": "证书文件",
    "check": "PDF 文件",
}


_LOGGED = {True: "yes", False: "no", None: "elsewhere"}
_UNLOGGED = (
    "可能有人在别处用过这枚印章的钥匙，也可能日志缺了后面几条（从备份恢复过）：请立即报告县管理员核实。"
)


class SealVerbIncomplete(LiandongError):
    """The step needs a name or a file that was not given."""

    code = "E418"
    status = 400
    sentence = "请写明{what}。"


def add_seal(verb: Any, node_of: Callable[[TierProfile, argparse.Namespace], Node]) -> None:
    """Add the verb to a command line; `node_of` puts the node together that the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> int:
        _check(profile, options)
        # A log or lock that root makes there stops the sealing.
        check_user(options.data)
        if options.step == "serve":
            return serve_seals(options.data, os.environ)
        if options.step in _LOOKS:
            return _LOOKS[options.step](options)
        _CHANGES[options.step](node_of(profile, options), options)
        return 0

    made = verb("seal", run, _HELP)
    made.add_argument("step", choices=_STEPS)
    made.add_argument("what", nargs="?", default="", help="机关名称，或者文件")
    made.add_argument("--out", type=Path, help="request、sign：写出的文件")
    made.add_argument("--json", action="store_true", help="list、log、check：输出 JSON")


def _check(profile: TierProfile, options: argparse.Namespace) -> None:
    wanted = _TIERS.get(options.step)
    if wanted is not None and profile.tier != wanted:
        raise NotAtThisTier(why=_WHY[wanted])
    if options.step in _NEEDS and not options.what:
        raise SealVerbIncomplete(what=_NEEDS[options.step])
    if options.step in ("request", "sign") and options.out is None:
        raise SealVerbIncomplete(what=" --out 写出的文件")


def _keys(data: Path) -> Any:
    # Loaded here: a village's command line does not carry certificates about.
    from common.seal.keys import FOLDER, SealKeys

    return SealKeys(data / FOLDER)


def _note(node: Node, action: str, detail: dict[str, str]) -> None:
    with node.unit():
        audit.record("", action, node.me, detail, node.clock.now_ms())


def _init(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    root = _keys(options.data).found(node.site_name(), node.me, node.clock.now_ms())
    _note(node, "seal.root_made", {"serial": authority.serial_of(root)})
    print(f"已建立县级印章根证书，指纹：{authority.fingerprint(root)}")


def _issue(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    made = _keys(options.data).issue(options.what, node.me, node.clock.now_ms())
    _note(node, "seal.issued", {"organ": options.what, "serial": authority.serial_of(made)})
    print(f"已制发印章：{options.what}，指纹：{authority.fingerprint(made)}")
    known = {item.department for item in node.catalogue.all_items()}
    if options.what not in known:
        print("注意：现行事项的主管部门里没有这个名称，请核对是否一字不差。", file=sys.stderr)


def _request(node: Node, options: argparse.Namespace) -> None:
    content, key_print = _keys(options.data).request(options.what, node.me)
    options.out.write_bytes(content)
    _note(node, "seal.requested", {"organ": options.what})
    print(f"申请已写出：{options.out}\n钥匙指纹 {key_print}（请与县级屏幕上的核对）")


def _sign(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    content, wanted = _keys(options.data).sign(_read(options.what), node.clock.now_ms())
    options.out.write_bytes(content)
    _note(node, "seal.signed", {"organ": wanted.organ, "address": wanted.address})
    key_print = authority.key_print(wanted.public_key)
    print(f"已签发：{wanted.organ}（{wanted.address}）\n钥匙指纹 {key_print}")
    print(f"请与申请单位核对后再交付 {options.out}")


def _install(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    made = _keys(options.data).install(_read(options.what))
    _note(node, "seal.installed", {"organ": authority.organ_of(made), "serial": authority.serial_of(made)})
    print(
        f"印章已启用：{authority.organ_of(made)}，根证书指纹：{authority.fingerprint(_keys(options.data).root())}"
    )


def _root(options: argparse.Namespace) -> int:
    print(_keys(options.data).root_file().decode(), end="")
    return 0


def _list(options: argparse.Namespace) -> int:
    from common.seal import authority

    rows = [
        {
            "organ": authority.organ_of(one),
            "serial": authority.serial_of(one),
            "until": authority.ends_on(one),
            "fingerprint": authority.fingerprint(one),
        }
        for one in _keys(options.data).organs()
    ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['organ']}  有效至 {row['until']}  {row['fingerprint']}")
    print(f"共 {len(rows)} 枚")
    return 0


def _log(options: argparse.Namespace) -> int:
    from common.seal.keys import FOLDER
    from common.seal.log import SealLog
    from common.web.words import local_time

    for one in SealLog(options.data / FOLDER).lines():
        if options.json:
            print(json.dumps(one, ensure_ascii=False))
        else:
            print(f"{one['pos']}  {local_time(one['at'])}  {one['organ']}  {one['case']}  {one['act']}")
    return 0


def _look_at(options: argparse.Namespace) -> int:
    try:
        from common.archive.heavy import is_heavy
        from common.seal.signer import before_seal, check_seal
    except ImportError:
        raise NoSealEngine from None
    pdf = _read(options.what)
    if is_heavy(pdf):
        raise BadPdf(sentence="文件展开后大得不正常，没有核验，请不要打开。")
    found = check_seal(pdf, _keys(options.data).root())
    is_logged = _is_logged(options.data, found.serial, before_seal(pdf)) if found.trusted else None
    if options.json:
        print(json.dumps({**asdict(found), "logged": _LOGGED[is_logged]}, ensure_ascii=False))
    elif not found.intact:
        print(f"✗ 文件被改动过，或者印章已损坏（自称：{found.organ}）")
    elif not found.trusted:
        print(f"✗ 文件没有改动，但印章不是本县根证书签发的（自称：{found.organ}）")
    elif is_logged is False:
        print(f"✗ {found.organ} 的印章，文件没有改动，但本站的用印日志里没有这一次\n  {_UNLOGGED}")
    else:
        print(f"✓ {found.organ} 的印章，文件没有改动\n  {found.reason}")
    return 0 if found.trusted and is_logged is not False else _EXIT_UNSOUND


def _is_logged(data: Path, serial: str, documents: frozenset[str]) -> bool | None:
    """Say whether this node set a seal of its own on a file; None of one that another node has."""
    from common.seal import authority
    from common.seal.keys import FOLDER
    from common.seal.log import SealLog

    is_own = any(authority.serial_of(one) == serial for one in _keys(data).organs())
    said = SealLog(data / FOLDER).has(serial, documents)
    return False if said is None and is_own else said


def _read(name: str) -> bytes:
    path = Path(name)
    if path.stat().st_size > _FILE_BYTES_MAX:
        raise BadSealFile(why="文件太大")
    return path.read_bytes()


_LOOKS = {"root": _root, "list": _list, "log": _log, "check": _look_at}
_CHANGES = {"init": _init, "issue": _issue, "request": _request, "sign": _sign, "install": _install}
