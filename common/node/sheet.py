"""The day's sheet: one hash over the heads of all streams, signed, kept in a file a day and printed on A4.

A printed sheet in a binder shows years later that the records of that day are still what they were. Nothing
is printed that is not kept: only a file can be looked at against the records, and the paper shows that it is
the same.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from common.days import local_date, local_minute
from common.errors import BadInput
from common.node.new_file import write_new
from sync.adapters.file_steps import make_folder
from sync.durable import put_file
from sync.protocol import canonical, signed
from sync.protocol.errors import NotCanonical
from sync.protocol.heads import HeadLine, compare, hash_of, heads, read_lines
from sync.protocol.signed import Statement

if TYPE_CHECKING:
    from common.node.node import Node
    from sync.protocol.core import Core

FOLDER = "audit"
SIGNED_AS = "heads"
# The verdict on a line of another node's sheet whose stream does not come by here, or no more.
AWAY = "away"
_SHEETS = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*.json"
# The sheet of a day; one that was printed has the minute and the beginning of its hash, too.
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9]{4}-[0-9a-f]{8})?")
_FILE_BYTES_MAX = 64_000_000
# The last moment that has a date here; what a sheet says of itself beside its lines.
_AT_MAX = 253_402_243_199_999
_TEXTS, _NUMBERS = ("network", "node", "day", "hash"), ("at", "streams", "acts")
log = logging.getLogger(__name__)


class NoSheet(BadInput):
    """A file is not a sheet of heads."""

    code = "E441"
    sentence = "这个文件不是存证页数据（{why}）。"


def make_sheet(node: Node, now_ms: int) -> dict[str, Any]:
    """Return the sheet of this moment: what was signed, signatures, lines under the hash. It only reads."""
    with node.heart.reading():
        core = node.peer.core
        lines = heads(core)
        fields = {
            "network": core.roster.network,
            "node": node.me,
            "day": local_date(now_ms).isoformat(),
            "at": now_ms,
            "streams": len(lines),
            "acts": sum(line.upto for line in lines),
            "hash": hash_of(lines),
        }
        statement = signed.make(SIGNED_AS, fields, (core.own_key(),), core.suite)
    return {
        "signed": statement.payload.decode(),
        "signatures": [[key, signature.hex()] for key, signature in statement.signatures],
        "lines": [list(line) for line in lines],
    }


def said(sheet: dict[str, Any]) -> dict[str, Any]:
    """Return what a sheet says of itself: network, node, day, moment, counts, hash."""
    fields: dict[str, Any] = canonical.loads(str(sheet["signed"]).encode())
    return fields


def keep_daily(node: Node, now_ms: int) -> Path | None:
    """Write the sheet of today unless there is one; return the new file. Durable before it has its name."""
    folder = node.config.path(FOLDER)
    path = folder / f"{local_date(now_ms)}.json"
    if path.exists():
        return None
    _put(path, make_sheet(node, now_ms))
    return path


def keep_printed(node: Node, now_ms: int) -> str:
    """Keep the sheet of this moment in a file of its own, to be printed; return its name without `.json`.

    It is durable then. No other sheet is replaced: the minute and the hash are in its name.

    Raises:
        NotEnrolled: this node has not joined.
        OSError: the disk failed; nothing is to be printed.
    """
    sheet = make_sheet(node, now_ms)
    name = _name_of(sheet)
    path = node.config.path(FOLDER) / f"{name}.json"
    if not path.exists():
        _put(path, sheet)
    return name


def write_sheet(sheet: dict[str, Any], to: Path) -> Path:
    """Write a sheet into a new file, or one that has its moment and hash as name in a folder; return which.

    Raises:
        RootKeyFileExists, NotAsWritten, OSError: as `write_new`; no file was changed.
    """
    path = to / f"{_name_of(sheet)}.json" if to.is_dir() else to
    write_new(path, _bytes_of(sheet))
    return path


def _name_of(sheet: dict[str, Any]) -> str:
    fields = said(sheet)
    day, minute = local_minute(fields["at"]).split()
    return f"{day}-{minute.replace(':', '')}-{fields['hash'][:8]}"


def _bytes_of(sheet: dict[str, Any]) -> bytes:
    return json.dumps(sheet, ensure_ascii=False).encode()


def kept_sheet(node: Node, name: str) -> dict[str, Any] | None:
    """Return the kept sheet of a name without `.json`, with its file below the data folder; None without one.

    Raises:
        NoSheet: it was changed.
    """
    path = node.config.path(FOLDER) / f"{name}.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    return {**read_sheet(path), "file": f"{FOLDER}/{path.name}"}


def _put(path: Path, sheet: dict[str, Any]) -> None:
    make_folder(path.parent)
    put_file(path, _bytes_of(sheet))


def _any(_name: str, _content: bytes) -> bool:
    return True


def copy_sheets(
    source: Path, target: Path, node: str = "", wanted: Callable[[str, bytes], bool] = _any
) -> int:
    """Copy the sheets of one folder that another one lacks, each durably; return how many. None is replaced.

    One that cannot be read is logged and left out: a damaged sheet must stop neither backup nor restoring.

    Args:
        node: whose sheets alone are taken, whole ones only; "" takes every sheet as it is.
        wanted: says of a name and what the file holds whether it is to be taken.

    Raises:
        OSError: the target cannot be written; the sheets copied before stand.
    """
    copied = 0
    for path in sorted(source.glob(_SHEETS)):
        if (target / path.name).exists():
            continue
        try:
            # A link on a stick names a file of the node, and who reads a pipe waits for good.
            is_file = S_ISREG(path.lstat().st_mode)
            is_wanted = is_file and (not node or read_sheet(path)["fields"].get("node") == node)
            content = path.read_bytes() if is_wanted else b""
        except (NoSheet, OSError) as problem:
            log.warning("the sheet %s is left out: %s", path.name, type(problem).__name__)
            continue
        if is_wanted and wanted(path.name, content):
            make_folder(target)
            put_file(target / path.name, content)
            copied += 1
    return copied


def read_sheet(path: Path) -> dict[str, Any]:
    """Return a sheet from its file, its lines fitting its hash.

    Raises:
        NoSheet: it is none, or was changed.
        OSError: it cannot be read.
    """
    if path.stat().st_size > _FILE_BYTES_MAX:
        raise NoSheet(why="太长")
    try:
        sheet = json.loads(path.read_text(encoding="utf-8"))
        lines, fields = read_lines(sheet["lines"]), said(sheet)
        signatures = [(str(key), bytes.fromhex(signature)) for key, signature in sheet["signatures"]]
        is_whole = (len(lines), hash_of(lines)) == (fields["streams"], fields["hash"])
        if not _is_said(fields):
            raise ValueError("fields")
    except (NotCanonical, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NoSheet(why="格式不对") from None
    if not is_whole:
        raise NoSheet(why="内容与页上的校验码不符")
    return {"fields": fields, "lines": lines, "signatures": signatures, "signed": sheet["signed"]}


def _is_said(fields: dict[str, Any]) -> bool:
    texts = all(type(fields.get(name)) is str for name in _TEXTS)
    return texts and all(type(fields.get(name)) is int and 0 <= fields[name] <= _AT_MAX for name in _NUMBERS)


def check_sheet(node: Node, path: Path) -> tuple[dict[str, Any], list[tuple[HeadLine, str]], bool]:
    """Compare a kept sheet with this node's records; return what it says, what `compare` finds, who signed.

    What another node's sheet has of a stream that does not come by here is AWAY, and no loss. The third value
    says whether a key of the node it names signed it.

    Raises:
        NoSheet, OSError.
    """
    sheet = read_sheet(path)
    statement = Statement(SIGNED_AS, str(sheet["signed"]).encode(), tuple(sheet["signatures"]))
    with node.heart.reading():
        core = node.peer.core
        keys = [core.roster.any_key(str(sheet["fields"]["node"]), key) for key, _ in sheet["signatures"]]
        is_signed = any(key is not None and statement.signed_by(key, core.suite) for key in keys)
        found = compare(core, sheet["lines"])
        if sheet["fields"]["node"] != core.me:
            found = [(line, AWAY if _is_away(core, line, why) else why) for line, why in found]
        return sheet["fields"], found, is_signed


def _is_away(core: Core, line: HeadLine, why: str) -> bool:
    return why in ("gone", "shorter") and not core.tree.holds(line.src, line.dst, core.me)
