"""The verb `bundle`: what is carried on a stick, written and read at the console."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.errors import LiandongError
from common.node.keyring.keyless import not_enrolled
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.verbs import commands, told
from sync.adapters.bundle_file import SUFFIX
from sync.protocol.offer import introduce_next

_EXIT_UNSOUND = 1
_LISTED = 3
_TO = "--to（县级上面没有站点，请写明导给哪个乡镇或村）"
_FILE = f"PATH（要读入的数据包文件，扩展名 {SUFFIX}，写在 import 后面）"
_FOLDER = "PATH（数据包写到哪个文件夹，如U盘的，写在 export 后面；当前文件夹写一个点）"
_PATH_HELP = f"import：读入的数据包文件（{SUFFIX}）；export：写到哪个文件夹，当前文件夹写一个点"


class FolderForFile(LiandongError):
    """A folder was given where a bundle is read; nothing was taken in."""

    code = "E487"
    status = 400
    sentence = "{path} 是文件夹，要写的是里面一个数据包的文件名（扩展名 {suffix}）：{found}。"


class FileForFolder(LiandongError):
    """A file was given where a bundle is to be written; nothing was written."""

    code = "E488"
    status = 400
    sentence = "{path} 是文件，导出要写的是一个文件夹（如U盘的）；数据包的名字由本站起。"


def add_bundle(
    verb: Any,
    node_of: Callable[[TierProfile, argparse.Namespace], Node],
    needed: Callable[[argparse.Namespace, str, str], Any],
    division: Callable[[str], str],
) -> argparse.ArgumentParser:
    """Add the verb to a command line; `node_of`, `needed` and `division` read what the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> int:
        given = [path for path in (options.path, options.folder, options.file) if path is not None]
        if len(given) > 1:
            made.error("PATH、--folder、--file 只写一个")
        options.path = given[0] if given else None
        step = _export if options.way == "export" else _import
        return step(node_of(profile, options), options, needed)

    made: argparse.ArgumentParser = verb("bundle", run, "U盘数据包：export 导出 · import 导入")
    made.add_argument("way", choices=["export", "import"])
    made.add_argument("path", nargs="?", type=Path, metavar="PATH", help=_PATH_HELP)
    made.add_argument("--folder", type=Path, help="export：写到哪个文件夹，同 PATH")
    made.add_argument("--file", type=Path, help="import：读入的数据包，同 PATH")
    made.add_argument("--to", type=division, default="", help="export：给哪个站点，不写就是上级")
    return made


def _export(node: Node, options: argparse.Namespace, needed: Callable[..., Any]) -> int:
    if options.path is not None and options.path.is_file():
        raise FileForFolder(path=str(options.path))
    if not node.has_joined():
        raise not_enrolled(node)
    target = options.to or node.tree().parent(node.me) or needed(options, "to", _TO)
    # Nobody carries what lies where they happened to stand, as a rule in the folder of the program.
    folder = needed(options, "path", _FOLDER)
    introduce_next(node.peer.core, target)
    done = commands.bundle_export(node, target, folder)
    _show(done, told.export_lines(done, node.place_name), options)
    return 0


def _import(node: Node, options: argparse.Namespace, needed: Callable[..., Any]) -> int:
    path = needed(options, "path", _FILE)
    if path.is_dir():
        raise FolderForFile(path=str(path), suffix=SUFFIX, found=_bundles_in(path))
    done = commands.bundle_import(node, path)
    lines = told.import_lines(done, node.place_name)
    _show(done, lines if done["sender"] else [f"文件　{path}", *lines], options)
    return 0 if done["complete"] else _EXIT_UNSOUND


def _bundles_in(folder: Path) -> str:
    found = sorted(path.name for path in folder.iterdir() if path.suffix == SUFFIX)
    more = " 等" if len(found) > _LISTED else ""
    return f"里面有 {'、'.join(found[:_LISTED])}{more}" if found else "这个文件夹里一个也没有"


def _show(facts: dict[str, Any], lines: list[str], options: argparse.Namespace) -> None:
    print(json.dumps(facts, ensure_ascii=False) if options.json else "\n".join(lines))
