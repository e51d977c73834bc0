"""The verb `init` of the command line: it makes a node in an empty folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.config import CONFIG_FILE, NodeConfig, settings_text
from common.node import commands
from common.node.practice import check_as_asked
from common.node.profile import TierProfile
from common.node.serve import WrongTier
from common.places.rules import level
from sync.durable import put_file

ConfigOf = Callable[[TierProfile, argparse.Namespace], NodeConfig]


def add_init(verb: Any, config_of: ConfigOf, division: Callable[[str], str]) -> argparse.ArgumentParser:
    """Add the verb to a command line and return its parser.

    Args:
        config_of: reads the settings in the folder that the options name.
        division: reads a division code as it was typed.
    """

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        _init(config_of, profile, options)

    made: argparse.ArgumentParser = verb("init", run, "建立本站")
    made.add_argument("--address", required=True, type=division, help="本站的统计用区划代码")
    made.add_argument("--bind", default="127.0.0.1:8600", help="监听地址")
    made.add_argument("--parent-url", default="", help="上级站点网址")
    made.add_argument("--name", default="", help="页眉上的站点名")
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
    roots = None
    if options.root_out is not None:
        roots = commands.Roots(options.root_out, options.root_keys, options.root_threshold)
    commands.check_roots(roots)
    settings = _settings(options)
    options.data.mkdir(parents=True, exist_ok=True)
    if (options.data / CONFIG_FILE).exists():
        there = config_of(profile, options)
        if there.address not in ("", options.address):
            raise commands.AlreadyMade(address=there.address)
        check_as_asked(there, options.practice)
    else:
        put_file(options.data / CONFIG_FILE, settings.encode())
    node = commands.init(config_of(profile, options), profile, roots)
    print(f"已建立：{node.site_name()} {node.me}")


def _settings(options: argparse.Namespace) -> str:
    asked = {
        "address": options.address,
        "bind": options.bind,
        "parent_url": options.parent_url,
        "site_name": options.name,
        "practice": options.practice,
    }
    return settings_text({name: value for name, value in asked.items() if value})
