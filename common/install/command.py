"""The command line of an installation: `./deploy.sh install county|town|village --address A …`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from common.arguments import Arguments, is_cut
from common.errors import LiandongError
from common.install.executor import Executor, RealHands
from common.install.look import look
from common.install.rules import plan
from common.install.rules.asked import BIND, DATA, Asked, Passphrase, Tier, read_size
from common.install.rules.machine import Machine
from common.install.rules.refusals import machine_refused, words_refused
from common.install.rules.shown import shown
from sync.protocol.typed import plain

_REFUSED = 2
_OPEN_UMASK = 0o022


def main(arguments: Sequence[str], program: Path) -> int:
    """Install as told; return 0 when done, 2 when refused or stopped, with sentences on standard error."""
    options = _parser().parse_args(arguments)
    hands = RealHands(program)
    asked = _asked(options)
    try:
        if options.dry_run:
            return rehearse(asked, lambda: look(asked, program, hands))
        return install(asked, lambda: look(asked, program, hands), Executor(Path("/"), hands, _say))
    except LiandongError as problem:
        print(problem, file=sys.stderr)
    except OSError as problem:
        if is_cut(problem):
            raise
        print(f"{problem.strerror}：{problem.filename or ''}", file=sys.stderr)
    except KeyboardInterrupt:
        print("已中断；可以再执行一次。", file=sys.stderr)
    return _REFUSED


def install(asked: Asked, looked: Callable[[], Machine], executor: Executor) -> int:
    """Look, refuse or prepare the ground, look again, and set up the node; return the exit code."""
    # What root makes here the node's user has to read, whatever root's own habit.
    os.umask(_OPEN_UMASK)
    for steps in (plan.ground, plan.node):
        refused = list(words_refused(asked))
        machine = None if refused else looked()
        if machine is not None:
            refused = list(machine_refused(asked, machine))
        if refused or machine is None:
            _refuse(refused)
            return _REFUSED
        executor.carry_out(steps(asked, machine))
    return 0


def rehearse(asked: Asked, looked: Callable[[], Machine]) -> int:
    """Print all that stands against it, then the whole plan; change nothing. Return the exit code."""
    refused = list(words_refused(asked))
    machine = None if refused else looked()
    if machine is not None:
        refused = list(machine_refused(asked, machine))
    # First: below a plan of two screens nobody would look for it.
    _refuse(refused)
    if machine is not None:
        # Settings that cannot be read are among what is refused, and no plan follows from them.
        with suppress(ValueError):
            for step in (*plan.ground(asked, machine), *plan.node(asked, machine)):
                print(shown(step))
    print("（只是预演，什么也没有改动。）")
    return _REFUSED if refused else 0


def _refuse(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        print(f"✗ {sentence}", file=sys.stderr)


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _asked(options: argparse.Namespace) -> Asked:
    return Asked(
        Tier(options.tier),
        options.address,
        data=options.data,
        parent_url=options.parent_url,
        bind=options.bind,
        host=options.host,
        volume_bytes=options.encrypted,
        key=options.key,
        passphrase=Passphrase(options.passphrase),
        authority=options.authority,
        tls=options.tls,
        unlisted=options.unlisted,
    )


def _size(text: str) -> int:
    try:
        return read_size(plain(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text[:20]}”不是大小，请写成 40G") from None


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(prog="./deploy.sh install", description="把这台电脑装成一个站点；可以重复执行")
    parser.add_argument("tier", choices=[tier.value for tier in Tier], help="县级、乡镇、村级")
    parser.add_argument("--address", required=True, type=plain, help="本站的统计用区划代码")
    words = "代码是新设的，程序的区划表里还没有"
    parser.add_argument("--unlisted", action="store_const", const=1, default=0, help=words)
    parser.add_argument("--data", default=DATA, help=f"数据文件夹，默认 {DATA}")
    parser.add_argument("--parent-url", default="", help="上级站点网址")
    parser.add_argument("--bind", default="", help=f"监听的 地址:端口，默认 {BIND}；非本机地址要有证书")
    parser.add_argument("--host", default="", help="别人访问本站用的 IP 地址或域名，写进证书；默认同 --bind")
    parser.add_argument(
        "--encrypted", type=_size, default=0, metavar="SIZE", help="数据放在多大的加密卷里，如 40G"
    )
    parser.add_argument("--key", default="", metavar="FILE", help="加密卷的钥匙文件，在U盘上")
    parser.add_argument(
        "--no-passphrase",
        dest="passphrase",
        action="store_const",
        const=Passphrase.NONE.value,
        default=Passphrase.ASKED.value,
        help="加密卷不设备用口令：U盘丢了数据就打不开",
    )
    parser.add_argument("--authority", default="", metavar="DIR", help="县级：根证书的文件夹，没有就新建")
    parser.add_argument("--tls", default="", metavar="DIR", help="乡镇、村级：县里给的 ca.pem 和 tls.pem")
    parser.add_argument("--dry-run", action="store_true", help="只显示要做什么，不改动")
    return parser
