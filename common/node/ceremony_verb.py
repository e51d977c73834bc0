"""The steps `trust roster-key` and `trust root`: what is asked for, signed and taken up by files."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.errors import LiandongError
from common.node.ceremony import (
    Paper,
    RootKeyFileExists,
    check_number,
    read_paper,
    read_root_key,
    sign_paper,
    write_new,
    write_paper,
)
from common.node.node import Node
from sync.protocol.signing import RealSuite

_SEED_BYTES = 64
_REQUEST, _FINISH, _SIGN, _EXPORT = "request", "finish", "sign", "export"


class StepMissing(LiandongError):
    """The step has parts, and none that fits was named, or a file was not."""

    code = "E459"
    status = 400
    sentence = "请写明做哪一步和文件：{usage}。"


def add_files(made: argparse.ArgumentParser) -> None:
    """Add what these steps need to the options of the verb."""
    parts = ["", _REQUEST, _FINISH, _SIGN, _EXPORT]
    made.add_argument(
        "part", nargs="?", default="", choices=parts, metavar="PART", help="roster-key、root 的哪一步"
    )
    made.add_argument("--in", dest="source", type=Path, help="finish、sign：读入的任命书")
    made.add_argument("--out", dest="target", type=Path, help="request、sign、export：写出的文件")
    made.add_argument(
        "--number", type=int, default=0, help="request：第几次任命；同一次已签过另一份时，写更大的次数"
    )
    made.add_argument("--key", action="append", default=[], type=Path, help="sign：根钥匙文件，可写多次")


def roster_key_step(node: Node, options: argparse.Namespace) -> None:
    """Change the roster key: at once with the root key here, else ask for it and take it up.

    Raises:
        StepMissing, NoCeremonyFile, NotAllowedInRoster, RootKeyFileExists: nothing was changed.
    """
    if options.part == _REQUEST:
        _request(node, _file(options.target, "trust roster-key request --out 文件"), options.number)
        return
    if options.part == _FINISH:
        paper = read_paper(_file(options.source, "trust roster-key finish --in 文件").read_bytes())
        with node.unit():
            key = node.trust.office.take(paper, "")
    elif options.part:
        raise StepMissing(usage="trust roster-key request 或 finish")
    else:
        with node.unit():
            key = node.trust.office.rotate(secrets.token_bytes(_SEED_BYTES), "")
    print(f"已换名册钥匙：{key}。请重新启动本站程序。")


def _request(node: Node, target: Path, number: int) -> None:
    if target.exists():
        raise RootKeyFileExists
    with node.unit():
        paper = node.trust.office.ask(secrets.token_bytes(_SEED_BYTES), "", number)
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
    if options.part == _EXPORT:
        target, node = _file(options.target, "trust root export --out 文件"), node_of()
        with node.unit():
            key = node.trust.office.move_root_out(target, "")
        print(f"根钥匙 {key} 已写到 {target}，本机不再有。请抄两份，分两处锁好，再删除这个文件。")
        return
    if options.part != _SIGN:
        raise StepMissing(usage="trust root sign 或 export")
    source = _file(options.source, "trust root sign --in 任命书 --key 根钥匙 --out 文件")
    paper = read_paper(source.read_bytes())
    if options.target is None:
        _tell(paper)
        print("还没有签。编号与申请时抄下的一致，再加 --key 根钥匙 --out 文件 来签。")
        return
    suite = RealSuite()
    pairs = [read_root_key(path, suite) for path in options.key]
    if not pairs:
        raise StepMissing(usage="trust root sign 还缺 --key 根钥匙")
    for folder in {source.parent, options.target.parent}:
        check_number(paper, folder, suite)
    made = sign_paper(paper, pairs, suite)
    write_new(options.target, write_paper(made))
    _tell(made)
    lacking = made.needed - len(made.signers)
    print(f"已签，还缺 {lacking} 把根钥匙。" if lacking > 0 else "已签齐，请带回县级站点。")


def _file(path: Path | None, usage: str) -> Path:
    if path is None:
        raise StepMissing(usage=usage)
    return path


def _tell(paper: Paper) -> None:
    said: dict[str, Any] = paper.said()
    for name, value in said.items():
        print(f"{name}  {value}")
