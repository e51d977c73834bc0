"""The verb `days` of the command line: a person says that this node's date is right."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from common.casework import days
from common.node.node import Node
from common.node.profile import TierProfile


def add_days(verb: Any, node_of: Callable[[TierProfile, argparse.Namespace], Node]) -> None:
    """Add the verb to a command line; `node_of` puts the node together that the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        node = node_of(profile, options)
        with node.unit():
            day = days.confirm(node.clock.now_ms(), "console")
            node.keeping.forget_marks()
        print(f"已确认今天是 {day}，涉及法定日期的自动办理将继续。")

    made = verb("days", run, "日期：confirm 确认本站日期无误（停机很久或调过时间以后）")
    made.add_argument("step", choices=["confirm"])
