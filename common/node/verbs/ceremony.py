"""The steps `trust roster-key` and `trust root`: what is asked for, signed and taken up by files."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.errors import LiandongError
from common.node.keyring.ceremony import (
    Paper,
    RootKeyFileExists,
    check_number,
    read_paper,
    read_root_key,
    sign_paper,
    write_paper,
)
from common.node.keyring.keys import ROOT
from common.node.keyring.root_renewal import read_all, write_both
from common.node.new_file import write_new
from common.node.node import Node
from common.node.verbs.grave import REFUSED, SURE
from sync.protocol.signing import SEED_BYTES, RealSuite

_REQUEST, _FINISH, _SIGN, _EXPORT = "request", "finish", "sign", "export"
_NEW, _RENEW = "new", "renew"
_AT_ONCE = (
    "将用本机的根钥匙换一把名册钥匙：各站点的名册条目由新钥匙全部重新签名，随下次联系送到各站点，旧的不再有效。\n"
    f"最好选多数线路都通的一天。{SURE}"
)


class StepMissing(LiandongError):
    """The step has parts, and none that fits was named, or a file was not."""

    code = "E459"
    status = 400
    sentence = "请写明做哪一步和文件：{usage}。"


class SignedBefore(LiandongError):
    """Every key that was named has signed this appointment already; nothing was written."""

    code = "E474"
    status = 409
    sentence = "这把根钥匙已经签过这份任命书，不用再签，还缺 {lacking} 把；请交给下一位保管人。"


def add_files(made: argparse.ArgumentParser) -> None:
    """Add what these steps need to the options of the verb."""
    parts = ["", _REQUEST, _FINISH, _SIGN, _EXPORT, _NEW, _RENEW]
    made.add_argument(
        "part", nargs="?", default="", choices=parts, metavar="PART", help="roster-key、root 的哪一步"
    )
    made.add_argument("--in", dest="source", type=Path, help="finish、sign：读入的任命书")
    made.add_argument("--out", dest="target", type=Path, help="request、sign、export、new、renew：写出的文件")
    made.add_argument(
        "--new", action="append", default=[], type=Path, help="renew：新根钥匙的公开部分（.pub），可写多次"
    )
    made.add_argument("--threshold", type=int, default=0, help="renew：新根钥匙须签几把，不写就是全部")
    made.add_argument(
        "--number", type=int, default=0, help="request：第几次任命；同一次已签过另一份时，写更大的次数"
    )
    made.add_argument("--key", action="append", default=[], type=Path, help="sign：根钥匙文件，可写多次")


def roster_key_step(node: Node, options: argparse.Namespace) -> int:
    """Change the roster key: at once with the root key here and `--yes`, else ask for it and take it up.

    Raises:
        StepMissing, NoCeremonyFile, NotAllowedInRoster, RootKeyFileExists: nothing was changed.
    """
    if options.part == _REQUEST:
        _request(node, _file(options.target, "trust roster-key request --out 文件"), options.number)
        return 0
    if options.part == _FINISH:
        source = _file(options.source, "trust roster-key finish --in 文件")
        paper = read_paper(source.read_bytes(), RealSuite())
        with node.unit():
            key = node.trust.office.take(paper, "")
    elif options.part:
        raise StepMissing(usage="trust roster-key request 或 finish")
    elif node.keys.special(ROOT) is not None and not options.yes:
        print(_AT_ONCE)
        return REFUSED
    else:
        with node.unit():
            key = node.trust.office.rotate(secrets.token_bytes(SEED_BYTES), "")
    print(f"已换名册钥匙：{key}。请重新启动本站程序。")
    if options.part == _FINISH and paper.new is not None:
        print("根钥匙也已更换：以后只由新根钥匙任命。登记单上的网络指纹不变。")
    return 0


def _request(node: Node, target: Path, number: int) -> None:
    if target.exists():
        raise RootKeyFileExists
    with node.unit():
        paper = node.trust.office.ask(secrets.token_bytes(SEED_BYTES), "", number)
    write_new(target, write_paper(paper))
    _tell(paper)
    print("请抄下新名册钥匙的编号和第几次任命，签的人要对照：同一次任命只能签一份。")
    print("以前签过同一次的，加 --number 用更大的次数重新申请。签好以后执行 trust roster-key finish。")


def root_step(node_of: Callable[[], Node], options: argparse.Namespace) -> None:
    """Sign an appointment with root keys of files, or move the root key out of a node.

    Signing needs no node, so it is done on a machine that is on no net.

    Raises:
        StepMissing, NoCeremonyFile, NoRootKeyFile, OtherRootKey, RootKeyFileExists, NotAsWritten,
            NumberSigned, NotAllowedInRoster: nothing was changed.
    """
    if options.part == _NEW:
        _new_root(_file(options.target, "trust root new --out 文件"))
        return
    if options.part == _RENEW:
        _renew(node_of, options)
        return
    if options.part == _EXPORT:
        target, node = _file(options.target, "trust root export --out 文件"), node_of()
        with node.unit():
            key = node.trust.office.move_root_out(target, "")
        print(f"根钥匙 {key} 已写到 {target}，本机不再有。请抄两份，分两处锁好，再删除这个文件。")
        return
    if options.part != _SIGN:
        raise StepMissing(usage="trust root sign、export、new 或 renew")
    _sign(options)


def _sign(options: argparse.Namespace) -> None:
    source = _file(options.source, "trust root sign --in 任命书 --key 根钥匙 --out 文件")
    suite = RealSuite()
    paper = read_paper(source.read_bytes(), suite)
    if options.target is None:
        _tell(paper)
        print("还没有签。编号与申请时抄下的一致，再加 --key 根钥匙 --out 文件 来签。")
        return
    pairs = [read_root_key(path, suite) for path in options.key]
    if not pairs:
        raise StepMissing(usage="trust root sign 还缺 --key 根钥匙")
    if {pair.id for pair in pairs} <= {key for key, _ in paper.appointment.signatures}:
        raise SignedBefore(lacking=paper.lacking)
    for folder in {source.parent, options.target.parent}:
        check_number(paper, folder, suite)
    made = sign_paper(paper, pairs, suite)
    write_new(options.target, write_paper(made))
    _tell(made)
    print(f"已签，还缺 {made.lacking} 把根钥匙。" if made.lacking else "已签齐，请带回县级站点。")


def _new_root(target: Path) -> None:
    pair = RealSuite().pair(secrets.token_bytes(SEED_BYTES))
    public = write_both(target, pair)
    print(f"新根钥匙 {pair.id} 已写到 {target}，请抄下编号、锁好；交给县级的只是 {public}。")


def _renew(node_of: Callable[[], Node], options: argparse.Namespace) -> None:
    target = _file(options.target, "trust root renew --new 公开部分 --out 文件")
    if target.exists():
        raise RootKeyFileExists
    new, node = read_all(options.new, options.threshold), node_of()
    with node.unit():
        paper = node.trust.office.ask_renewal(secrets.token_bytes(SEED_BYTES), "", new, options.number)
    write_new(target, write_paper(paper))
    _tell(paper)
    print("请逐把核对新根钥匙的编号。原根钥匙和新根钥匙都要签（trust root sign）。")
    print("签齐以后执行 trust roster-key finish。")


def _file(path: Path | None, usage: str) -> Path:
    if path is None:
        raise StepMissing(usage=usage)
    return path


def _tell(paper: Paper) -> None:
    said: dict[str, Any] = paper.said()
    for name, value in said.items():
        print(f"{name}  {value}")
