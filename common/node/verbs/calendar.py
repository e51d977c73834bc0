"""The verb `calendar` of the command line: shows the calendar at any tier, publishes it at the county."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.calendar.errors import CalendarError
from common.calendar.service import KnownYear
from common.errors import Problem
from common.node.node import Node
from common.node.profile import TierProfile

FILE_BYTES_MAX = 200_000


def add_calendar(verb: Any, node_of: Callable[[TierProfile, argparse.Namespace], Node]) -> None:
    """Add the verb to a command line; `node_of` puts the node together that the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        node = node_of(profile, options)
        if options.step == "show":
            _show(node, options.json)
            return
        if options.file is None:
            raise _refused("请写明日历文件：calendar publish 文件。")
        publish(node, options.file)

    made = verb("calendar", run, "工作日历：show 查看 · publish 发布（县级）")
    made.add_argument("step", choices=["show", "publish"])
    made.add_argument("file", nargs="?", type=Path, help="publish：日历文件（JSON，按年份）")
    made.add_argument("--json", action="store_true", help="show：输出 JSON")


def publish(node: Node, path: Path) -> None:
    """Publish the years in a file and say which were new.

    Raises:
        CalendarError: the file cannot be read as a calendar; nothing was published.
        OSError: it cannot be read at all.
    """
    content = path.read_bytes()[: FILE_BYTES_MAX + 1]
    if len(content) > FILE_BYTES_MAX:
        raise _refused(f"文件超过 {FILE_BYTES_MAX // 1000} KB，不是日历文件。")
    try:
        obj = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _refused("文件不是 JSON 格式，或不是 UTF-8 编码。") from None
    with node.unit():
        done = node.calendars.publish(obj, node.clock.now_ms())
    for year in done:
        print(f"已发布：{year.days.year}年 第 {year.version} 版")
    if not done:
        print("内容与已发布的日历相同，没有重复发布。")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of what is written twice one list of days would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused(f"“{twice[:50]}”写了两次。")
    return found


def _refused(sentence: str) -> CalendarError:
    return CalendarError(problems=[Problem("file", "日历文件", CalendarError.code, sentence)])


def _show(node: Node, as_json: bool) -> None:
    rows = [_row(year) for year in node.calendars.years()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        kind = "暂定" if row["provisional"] else "正式"
        origin = f"第 {row['version']} 版" if row["version"] else "随程序"
        print(f"{row['year']}  {kind}  {row['working_days']} 个工作日  {origin}  {row['source']}")


def _row(known: KnownYear) -> dict[str, Any]:
    days = known.days
    return {
        "year": days.year,
        "version": known.version,
        "provisional": days.provisional,
        "working_days": days.working_days(),
        "off": list(days.off),
        "work": list(days.work),
        "source": days.source,
    }
