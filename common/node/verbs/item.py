"""The verb `items` of the command line: the service items in force at a node, at any tier."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from common.catalogue.rules.codes import INTAKE_NAMES, KIND_NAMES, SEAT_NAMES
from common.catalogue.rules.item import ServiceItem, parse_item
from common.catalogue.service import shipped_items
from common.node.assembly import DATABASE_FILE
from common.node.node import Node
from common.node.profile import TierProfile

_NO_NODE = "这个文件夹里没有站点，下面是随程序提供的事项目录。"


def add_items(verb: Any, node_of: Callable[[TierProfile, argparse.Namespace], Node]) -> None:
    """Add the verb to a command line; `node_of` puts the node together that the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        if (options.data / DATABASE_FILE).exists():
            found: Sequence[ServiceItem] = node_of(profile, options).catalogue.all_items()
        else:
            print(_NO_NODE, file=sys.stderr)
            found = [parse_item(obj) for obj in shipped_items()]
        if options.json:
            print(json.dumps([_facts(item) for item in found], ensure_ascii=False))
        else:
            _show(found)

    made = verb("items", run, "现行事项目录")
    made.add_argument("--json", action="store_true", help="输出 JSON")


def _show(items: Sequence[ServiceItem]) -> None:
    for item in items:
        route = item.route
        intake = "、".join(INTAKE_NAMES[level] for level in route.intake_levels)
        way = f"{intake}收件 {SEAT_NAMES[route.competent]}决定"
        print(f"{item.code}  第 {item.version} 版  {KIND_NAMES[item.kind]}  {item.name}  {way}")
    print(f"共 {len(items)} 项")


def _facts(item: ServiceItem) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "kind": item.kind,
        "intake_levels": list(item.route.intake_levels),
        "decided_at": item.route.competent,
        "version": item.version,
    }
