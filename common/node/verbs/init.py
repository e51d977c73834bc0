"""The verb `init` of the command line: it makes a node in an empty folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.config import CONFIG_FILE, NodeConfig, settings_text
from common.errors import LiandongError
from common.node.place import take_place
from common.node.practice import check_as_asked
from common.node.profile import COUNTY, TOWNSHIP, VILLAGE, TierProfile
from common.node.refusals import check_user
from common.node.serve import WrongTier
from common.node.verbs import commands
from common.places.listed import Listing, listing_of
from common.places.rules import level
from sync.durable import put_file

_FOR_EVER = "站点建好以后代码不能再改。"
# What comes next is told with its words alone: how `python` is called there whoever typed this knows.
_BELOW = (
    "下一步：向上级要登记单，用 enrol join --url 登记单上的网址 --code 登记单上的码 登记入网"
    "（没有线路的用 enrol request），再用 staff 加第一个账号，然后 serve 启动。"
)
_NEXT = {
    COUNTY: (
        "下一步：用 staff 加第一个管理员，把根钥匙移出本机保管（trust root export），"
        "用 serve 启动，再给下级发入网码（网页“下级站点”，或 enrol issue）。"
    ),
    TOWNSHIP: _BELOW,
    VILLAGE: _BELOW,
}


class NoSuchDivision(LiandongError):
    """The list that comes with the program has no division of this code. Nothing was made."""

    code = "E489"
    status = 400
    sentence = (
        "区划表里没有代码 {address}，请核对：站点建好以后代码不能再改。"
        "确是新设的、表里还没有的，加上 --unlisted 再执行一次。"
    )


_DATA = (
    "--data（新站点的数据放在哪个文件夹。写 --data data 就放在 {here}，"
    "以后在当前文件夹里执行命令不用再写 --data；放在别处的，以后每次都要写）"
)
_ROOT_OUT = "--root-out（根钥匙写到哪个文件夹，如U盘的：不写，就只有一把，留在本机）"

ConfigOf = Callable[[TierProfile, argparse.Namespace], NodeConfig]


def add_init(
    verb: Any,
    config_of: ConfigOf,
    needed: Callable[[argparse.Namespace, str, str], Any],
    division: Callable[[str], str],
) -> argparse.ArgumentParser:
    """Add the verb to a command line and return its parser.

    Args:
        config_of: reads the settings in the folder that the options name.
        needed: refuses where an option was left out.
        division: reads a division code as it was typed.
    """

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        # A site of a whole village must not come to lie wherever somebody happened to stand.
        needed(options, "data", _DATA.format(here=Path("data").absolute()))
        # One key in the county's own file would be founded in their place, and stay the root for good.
        if max(options.root_keys, options.root_threshold) > 1:
            needed(options, "root_out", _ROOT_OUT)
        _init(config_of, profile, options)

    made: argparse.ArgumentParser = verb("init", run, "建立本站")
    made.add_argument("--address", required=True, type=division, help="本站的统计用区划代码")
    made.add_argument("--bind", default="127.0.0.1:8600", help="监听地址")
    made.add_argument("--parent-url", default="", help="上级站点网址")
    made.add_argument("--name", default="", help="页眉上的站点名")
    made.add_argument("--unlisted", action="store_true", help="代码是新设的，程序的区划表里还没有")
    made.add_argument("--root-out", type=Path, help="县级：根钥匙写到这个文件夹，不留在本机")
    made.add_argument(
        "--root-keys", type=int, default=1, choices=range(1, 9), help="根钥匙几把，各由一人保管"
    )
    made.add_argument(
        "--root-threshold", type=int, default=0, choices=range(9), help="几把同签才有效，不写就是全部"
    )
    return made


def _init(config_of: ConfigOf, profile: TierProfile, options: argparse.Namespace) -> None:
    # Before anything is written: what a slip left behind would be in the way of the next try.
    if level(options.address) != profile.tier:
        raise WrongTier(address=options.address)
    if not (options.data / CONFIG_FILE).exists():
        _check_listed(options)
    roots = None
    if options.root_out is not None:
        roots = commands.Roots(options.root_out, options.root_keys, options.root_threshold)
    commands.check_roots(roots)
    check_user(options.data)
    settings = _settings(options)
    options.data.mkdir(parents=True, exist_ok=True)
    if (options.data / CONFIG_FILE).exists():
        there = config_of(profile, options)
        if there.address not in ("", options.address):
            raise commands.AlreadyMade(address=there.address)
        check_as_asked(there, options.practice)
    else:
        put_file(options.data / CONFIG_FILE, settings.encode())
    config = config_of(profile, options)
    # A database made while one is being put back would lie in its way, with a key that nobody knows.
    options.place = take_place(config)
    node = commands.init(config, profile, roots)
    print(f"已建立：{node.site_name()} {node.me}，数据在 {options.data.absolute()}")
    print(_NEXT[profile.tier])


def _check_listed(options: argparse.Namespace) -> None:
    listing = listing_of(options.address)
    if listing is Listing.UNLISTED and not options.unlisted:
        raise NoSuchDivision(address=options.address)
    if listing is Listing.NO_LIST:
        words = f"! 程序没有这个县的区划表，代码 {options.address} 核对不了，请自己核对：{_FOR_EVER}"
        print(words, file=sys.stderr)


def _settings(options: argparse.Namespace) -> str:
    asked = {
        "address": options.address,
        "bind": options.bind,
        "parent_url": options.parent_url,
        "site_name": options.name,
        "practice": options.practice,
    }
    return settings_text({name: value for name, value in asked.items() if value})
