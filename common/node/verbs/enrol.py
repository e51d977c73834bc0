"""The verb `enrol`, the same at every tier: codes and sheets for sites below, and how a node joins by one."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.config import CONFIG_FILE
from common.errors import LiandongError
from common.install.rules.settings import with_settings
from common.node.enrolling.enrolment_sheets import grouped, voided_by_sheets, write_sheets
from common.node.keyring.trust import BadUrl
from common.node.line import uplinks_of
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.refusals import NoWayUp
from common.node.verbs import commands
from common.setting_values import is_url
from sync.durable import put_file, read_plain
from sync.protocol.enrolment import ANSWER, REQUEST, kind_of

_REFUSED = 2
_SURE = "确认后请加上 --yes 再执行一次。"
_HELP = "入网：issue 发码 · sheets 成批发登记单 · join 联网登记 · request/answer/finish 用文件登记"
# What a step reads, and who writes that.
_FILES = {
    REQUEST: ("入网申请文件", "下级站点用 enrol request 写出的"),
    ANSWER: ("入网答复文件", "上级站点用 enrol answer 写出的"),
}

Needed = Callable[[argparse.Namespace, str, str], Any]


class NotThatFile(LiandongError):
    """A file is not what a step of the enrolment by files reads. Nothing was changed."""

    code = "E483"
    status = 400
    sentence = "{file} 不是{what}。--in 要的是{whence}那个文件，请核对后再执行一次。"


def add_enrol(
    verb: Any,
    node_of: Callable[[TierProfile, argparse.Namespace], Node],
    needed: Needed,
    division: Callable[[str], str],
) -> None:
    """Add the verb to a command line; `node_of`, `needed` and `division` read what the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> int:
        return _STEPS[options.step](node_of(profile, options), options, needed) or 0

    made = verb("enrol", run, _HELP)
    made.add_argument("step", choices=list(_STEPS))
    made.add_argument(
        "--address", type=division, default="", help="issue：给哪个下级站点；sheets：只给哪个乡镇"
    )
    made.add_argument("--name", default="", help="issue：站点名称")
    made.add_argument("--code", default="", help="join、request、finish：纸上的入网码")
    made.add_argument("--url", default="", help="join：上级站点网址，不写用设置里的")
    made.add_argument("--in", dest="source", type=Path, help="answer、finish：读入的文件")
    made.add_argument("--out", type=Path, help="request、answer、sheets：写出的文件")
    made.add_argument("--yes", action="store_true", help="issue、sheets：会让发过的码作废的，确认照发")


def _issue(node: Node, options: argparse.Namespace, needed: Needed) -> int:
    """Give out a code; where one that is still good loses its validity by that, without --yes only say so."""
    address = needed(options, "address", "--address")
    now_ms = node.clock.now_ms()
    is_void = any(row.address == address and row.is_good(now_ms) for row in node.enrolment.issued())
    if is_void and not options.yes:
        print("给这个站点发过码还没有用：再发一次，它手里的登记单就作废。")
        print(_SURE)
        return _REFUSED
    print(commands.enrol_issue(node, address, options.name))
    print(f"网络指纹 {grouped(node.fingerprint())}  上级 {node.me}", file=sys.stderr)
    if address in node.places:
        print(f"给 {node.place_name(address)} {address}", file=sys.stderr)
    else:
        print(f"! 区划表里没有 {address}，请核对；确是新设的，那里建站时加 --unlisted。", file=sys.stderr)
    if is_void:
        print("这个站点以前的登记单已作废，请收回或销毁。", file=sys.stderr)
    return 0


def _sheets(node: Node, options: argparse.Namespace, needed: Needed) -> int:
    """Write the sheets; where codes lose their validity by that, without --yes only say how many."""
    path = needed(options, "out", "--out")
    # Who prints meanwhile on the page is not to have that made void unasked.
    seen = node.enrolment.mark()
    voided = voided_by_sheets(node, options.address)
    if voided and not options.yes:
        print(f"其中 {voided} 个站点发过码还没有用：再发一次，它们手里的登记单就作废。")
        print(_SURE)
        return _REFUSED
    count = write_sheets(node, options.address, path, seen)
    print(f"已发入网码 {count} 个，登记单写在 {path}，每站一张 A4；打印后请删除这个文件。")
    if voided:
        print(f"其中 {voided} 个站点以前的登记单已作废，请收回或销毁。")
    return 0


def _join(node: Node, options: argparse.Namespace, needed: Needed) -> None:
    needed(options, "code", "--code")
    if not (options.url or node.config.parent_url):
        needed(options, "url", "--url")
    url = options.url or node.config.parent_url
    if not is_url(url):
        raise BadUrl
    commands.enrol_join(node, options.code, url)
    _say_joined(node)
    _keep_url(node, url)


def _request(node: Node, options: argparse.Namespace, needed: Needed) -> None:
    commands.enrol_request(node, needed(options, "code", "--code"), needed(options, "out", "--out"))
    print("完成。")


def _answer(node: Node, options: argparse.Namespace, needed: Needed) -> None:
    source, out = needed(options, "source", "--in"), needed(options, "out", "--out")
    _check_kind(source, REQUEST)
    commands.enrol_answer(node, source, out)
    print("完成。")


def _finish(node: Node, options: argparse.Namespace, needed: Needed) -> None:
    code, source = needed(options, "code", "--code"), needed(options, "source", "--in")
    _check_kind(source, ANSWER)
    commands.enrol_finish(node, code, source)
    _say_joined(node)
    if not _knows_a_way(node):
        print(f"! {NoWayUp.sentence}")


def _knows_a_way(node: Node) -> bool:
    return bool(uplinks_of(node.config, node.tree, node.url_of)())


def _keep_url(node: Node, url: str) -> None:
    """Keep in the settings the address that has just answered, where neither they nor the roster have one."""
    if node.config.parent_url not in ("", url):
        print(f"设置里的上级网址是 {node.config.parent_url}，没有改动；以后照那个联系。")
    if _knows_a_way(node):
        return
    path = node.config.data_dir / CONFIG_FILE
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        put_file(path, with_settings(before, [("parent_url", url)]).encode())
    except (OSError, UnicodeError):
        print(f'! 上级网址没有记住：{path} 写不了。请在里面写一行 parent_url = "{url}"。')
        return
    print(f"上级网址已记在 {path}：{url}。本站正在运行的，一两分钟内就照它联系，不用重新启动。")


def _say_joined(node: Node) -> None:
    print("完成。")
    print(f"网络指纹 {grouped(node.fingerprint())}，请与登记单逐组核对。")


def _check_kind(path: Path, wanted: str) -> None:
    try:
        kind = kind_of(read_plain(path))
    except OSError as fault:
        if fault.errno != errno.EFBIG:
            raise
        kind = ""
    if kind != wanted:
        what, whence = _FILES[wanted]
        raise NotThatFile(file=str(path), what=what, whence=whence)


_STEPS: dict[str, Callable[[Node, argparse.Namespace, Needed], int | None]] = {
    "issue": _issue,
    "sheets": _sheets,
    "join": _join,
    "request": _request,
    "answer": _answer,
    "finish": _finish,
}
