"""The verb `practice` of a county's command line: a small county on one PC to learn on, people invented."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from common.config import read_config, write_config
from common.errors import LiandongError
from common.node.assembly import build_node
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.verbs import commands
from common.people.rules.roles import ROLE_NAMES, Role
from common.places.listed import read_places
from common.store.database import close_database

_PORT = 8700
_SITES = (
    ("511921", "county_node", "县政务服务中心"),
    ("511921126", "town_node", "乡便民服务中心"),
    ("511921126200", "village_node", "村便民服务室"),
)
_PORT_MAX = 65_535
_FILES = "first"


class FolderInUse(LiandongError):
    """The folder for a practice county has something in it."""

    code = "E448"
    status = 409
    sentence = "文件夹 {folder} 不是空的，演练县请另用一个空文件夹。"


def add_practice(verb: Any, needed: Callable[[argparse.Namespace, str, str], Any]) -> None:
    """Add the verb to a command line; `needed` returns an option that must be given."""

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        # Left beside the program it would be in the way of a real node, and of whoever looks for one.
        needed(options, "data", "--data（演练县放在哪个空文件夹，如 /srv/practice）")
        _practice(profile, options)

    made = verb("practice", run, "在一台电脑上建一个演练小县（县、乡、村各一站，人员都是编的）")
    made.add_argument("--port", type=_port, default=_PORT, help="第一个站的端口，后两站用接着的端口")
    made.set_defaults(data=None)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _PORT_MAX - len(_SITES) + 1:
        raise argparse.ArgumentTypeError(f"{text[:20]} 不能用作端口")
    return int(text)


def _practice(profile: TierProfile, options: argparse.Namespace) -> None:
    folder: Path = options.data
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(folder=str(folder))
    make_county(folder, options.port)
    print("\n".join(_told(folder, options.port)))


def make_county(folder: Path, port: int) -> None:
    """Make a county, a township and a village for practice in an empty folder, enrolled and staffed.

    Nothing needs a line: requests, answers and the first bundles go through files, as on a stick.
    """
    for place, (address, _, _) in enumerate(_SITES):
        above = f"http://127.0.0.1:{port + place - 1}" if place else ""
        _make_site(folder / address, address, f"127.0.0.1:{port + place}", above)
    (folder / _FILES).mkdir()
    for (above, _, _), (below, _, _) in pairwise(_SITES):
        _enrol(folder, above, below)
    _enter_urls(folder, port)
    for (above, _, _), (below, _, _) in pairwise(_SITES):
        _carry(folder, above, below)


def _enter_urls(folder: Path, port: int) -> None:
    """Enter in the roster where the upper two answer: whoever practises to relieve the township needs it."""
    top = _SITES[0][0]
    with _opened(folder, top) as county, county.unit():
        for place, (address, _, _) in enumerate(_SITES[:-1]):
            county.trust.set_url(address, f"http://127.0.0.1:{port + place}", ("", county.clock.now_ms()))


def _make_site(folder: Path, address: str, bind: str, above: str) -> None:
    from common.node.demo.founding import add_staff, bare_profile

    folder.mkdir(parents=True)
    settings: dict[str, str | int] = {"address": address, "bind": bind, "practice": 1}
    write_config(folder, {**settings, "parent_url": above} if above else settings)
    try:
        add_staff(commands.init(read_config(folder, {}), bare_profile(address)))
    finally:
        close_database()


@contextmanager
def _opened(folder: Path, address: str) -> Iterator[Node]:
    """Open one of the sites; only one is open at a time."""
    from common.node.demo.founding import bare_profile

    try:
        yield build_node(read_config(folder / address, {}), bare_profile(address))
    finally:
        close_database()


def _enrol(folder: Path, above: str, below: str) -> None:
    request, answer = (folder / _FILES / f"{below}.{kind}" for kind in ("request", "answer"))
    with _opened(folder, above) as parent:
        code = commands.enrol_issue(parent, below, "")
    with _opened(folder, below) as child:
        commands.enrol_request(child, code, request)
    with _opened(folder, above) as parent:
        commands.enrol_answer(parent, request, answer)
    with _opened(folder, below) as child:
        commands.enrol_finish(child, code, answer)


def _carry(folder: Path, above: str, below: str) -> None:
    """Bring the catalogue down, so that the first case can be filed before the first exchange."""
    with _opened(folder, above) as parent:
        bundle = Path(commands.bundle_export(parent, below, folder / _FILES)["file"])
    with _opened(folder, below) as child:
        commands.bundle_import(child, bundle)


def _told(folder: Path, port: int) -> Iterator[str]:
    from common.node.demo.accounts import PASSWORD, accounts_of

    places = read_places(_SITES[0][0])
    yield f"演练小县已建好：{folder}。每个站点开一个窗口启动："
    for address, package, _ in _SITES:
        yield f"  {sys.executable} -m {package} serve --data {folder / address} --practice"
    yield f"然后在浏览器里打开（密码都是 {PASSWORD}，人名都是编的）："
    for place, (address, _, title) in enumerate(_SITES):
        name = places[address].name if address in places else address
        yield f"  {name} {title}（{address}）　http://127.0.0.1:{port + place}"
        for one in accounts_of(address):
            posts = "、".join(ROLE_NAMES[role] for role in Role if role in one.roles)
            yield f"    {one.login:10}{one.name}（{posts}）"
    yield "不用了就停下三个站点，删掉整个文件夹；它和正式站点没有任何往来。"
