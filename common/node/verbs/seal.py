"""The verb `seal` of the command line: root, seals of organs, requests by stick, log, and a check."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import pki
from common.errors import LiandongError
from common.node.node import Node
from common.node.profile import COUNTY, TOWNSHIP, TierProfile
from common.node.refusals import check_user
from common.node.seal_process import serve_seals
from common.node.verbs.seal_check import look_at
from common.node.verbs.seal_lists import (
    hear_from_above,
    install_list,
    is_list,
    note,
    revoke_seal,
    show_seals,
    warn_of_others,
)
from common.seal.errors import BadSealFile, NotAtThisTier
from common.seal.rules.revoked import Reason

_FILE_BYTES_MAX = 20_000_000
_STEPS = (
    "init", "issue", "root", "request", "sign", "install", "revoke", "crl", "list", "log", "check", "serve",
)  # fmt: skip
_HELP = (
    "印章：init 建县级根 · issue 机关 制印 · root 输出根证书 · "
    "request 机关、sign 文件、install 文件 用U盘申请 · "
    "revoke 编号或机关 --reason 作废、crl 输出作废名单、install 名单 装入 · "
    "list 印章清单 · log 用印日志 · check PDF 验章 · serve 印章程序"
)
_TIERS = {
    "init": (COUNTY,), "issue": (COUNTY,), "sign": (COUNTY,), "revoke": (COUNTY,),
    "request": (TOWNSHIP,), "install": (TOWNSHIP, COUNTY),
}  # fmt: skip
_WHY = {COUNTY: "由县级办理，乡镇请用 seal request 申请", TOWNSHIP: "由乡镇办理，县级请用 seal issue"}
_REVOKING = "由县级作废，乡镇用 seal install 装入县级的名单"
_NEEDS = {
    "issue": "机关名称",
    "request": "机关名称",
    "sign": "申请文件",
    "install": "证书文件或作废名单",
    "check": "PDF 文件",
    "revoke": "印章编号或机关名称",
}


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
    made.add_argument("--reason", choices=[one.value for one in Reason], help="revoke：原因")
    made.add_argument("--since", default="", metavar="日期", help="revoke：从哪天起不能作准，如 2026-01-31")
    made.add_argument("--json", action="store_true", help="list、log、check：输出 JSON")


def _check(profile: TierProfile, options: argparse.Namespace) -> None:
    wanted = _TIERS.get(options.step, ())
    if wanted and profile.tier not in wanted:
        raise NotAtThisTier(why=_REVOKING if options.step == "revoke" else _WHY[wanted[0]])
    if options.step in _NEEDS and not options.what:
        raise SealVerbIncomplete(what=_NEEDS[options.step])
    if options.step == "revoke" and not options.reason:
        raise SealVerbIncomplete(
            what=" --reason 原因：stolen 被盗或泄露、ceased 机关撤销或合并、replaced 更换"
        )
    if options.step in ("request", "sign") and options.out is None:
        raise SealVerbIncomplete(what=" --out 写出的文件")


def _keys(data: Path) -> Any:
    # Loaded here: a village's command line does not carry certificates about.
    from common.seal.keys import FOLDER, SealKeys

    return SealKeys(data / FOLDER)


def _init(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    root = _keys(options.data).found(node.site_name(), node.me, node.clock.now_ms())
    note(node, "seal.root_made", {"serial": authority.serial_of(root)})
    print(f"已建立县级印章根证书，指纹：{pki.fingerprint(root)}")


def _issue(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    made = _keys(options.data).issue(options.what, node.me, node.clock.now_ms())
    note(node, "seal.issued", {"organ": options.what, "serial": authority.serial_of(made)})
    print(f"已制发印章：{options.what}，指纹：{pki.fingerprint(made)}")
    known = {item.department for item in node.catalogue.all_items()}
    if options.what not in known:
        print("注意：现行事项的主管部门里没有这个名称，请核对是否一字不差。", file=sys.stderr)


def _request(node: Node, options: argparse.Namespace) -> None:
    content, key_print = _keys(options.data).request(options.what, node.me)
    options.out.write_bytes(content)
    note(node, "seal.requested", {"organ": options.what})
    print(f"申请已写出：{options.out}\n钥匙指纹 {key_print}（请与县级屏幕上的核对）")


def _sign(node: Node, options: argparse.Namespace) -> None:

    content, wanted = _keys(options.data).sign(_read(options.what), node.clock.now_ms())
    options.out.write_bytes(content)
    note(node, "seal.signed", {"organ": wanted.organ, "address": wanted.address})
    key_print = pki.key_print(wanted.public_key)
    print(f"已签发：{wanted.organ}（{wanted.address}）\n钥匙指纹 {key_print}")
    print(f"请与申请单位核对后再交付 {options.out}")
    warn_of_others(_keys(options.data), wanted)


def _install(node: Node, options: argparse.Namespace) -> None:
    from common.seal import authority

    keys, content = _keys(options.data), _read(options.what)
    if is_list(content):
        install_list(node, keys, content)
        return
    if node.profile.tier != TOWNSHIP:
        raise NotAtThisTier(why="证书" + _WHY[TOWNSHIP])
    made = keys.install(content)
    note(node, "seal.installed", {"organ": authority.organ_of(made), "serial": authority.serial_of(made)})
    hear_from_above(node, keys)
    print(f"印章已启用：{authority.organ_of(made)}，根证书指纹：{pki.fingerprint(keys.root())}")


def _root(options: argparse.Namespace) -> int:
    print(_keys(options.data).root_file().decode(), end="")
    return 0


def _list(options: argparse.Namespace) -> int:
    return show_seals(options, _keys(options.data))


def _crl(options: argparse.Namespace) -> int:
    keys = _keys(options.data)
    print(keys.register.list_file(keys.root()).decode(), end="")
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
    return look_at(options, _keys(options.data), _read(options.what))


def _revoke(node: Node, options: argparse.Namespace) -> None:
    revoke_seal(node, _keys(options.data), options)


def _read(name: str) -> bytes:
    path = Path(name)
    if path.stat().st_size > _FILE_BYTES_MAX:
        raise BadSealFile(why="文件太大")
    return path.read_bytes()


_LOOKS = {"root": _root, "crl": _crl, "list": _list, "log": _log, "check": _look_at}
_CHANGES = {
    "init": _init, "issue": _issue, "request": _request, "sign": _sign, "install": _install,
    "revoke": _revoke,
}  # fmt: skip
