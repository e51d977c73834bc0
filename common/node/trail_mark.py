"""How far the trail of actions and the log of views had come, in a file beside the database.

Each row of them carries the hash of all before it, so what is changed or taken out shows; what is cut off at
the very end leaves the rest whole. The file is written after what it tells was committed, so it never leads.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.days import local_day
from common.errors import LiandongError
from common.journal.service import ViewLog
from common.store import audit
from sync.durable import put_file

if TYPE_CHECKING:
    from common.node.node import Node

FILE = "ends.json"
AUDIT, VIEWS = "audit trail cut off", "view log cut off"
# Whether anything is missing nobody can say then, and what is written over it would hide that.
UNREAD = "ends of the trails unread"
END_LOST = "node.end_lost"
# The database counts no further.
_POS_MAX = 2**63
log = logging.getLogger(__name__)


class NothingCutOff(LiandongError):
    """Nothing is missing at the end of the trails; nothing was changed."""

    code = "E517"
    status = 409
    sentence = "操作记录和查阅记录的末尾都在，没有要说明的；没有改动。"


def keep(node: Node) -> None:
    """Write down how far both have come, unless one is shorter than it was: that is to be told for ever."""
    if node.spool.identity() is not None and not cut_off(node):
        keep_anew(node)


def keep_anew(node: Node) -> None:
    """Write down how far both have come, whatever was before: this node was put back from an older copy.

    A failing disk is logged; what was written before stands, and says less than it could.
    """
    try:
        _write(node)
    except OSError:
        log.exception("how far the trails have come could not be kept now")


def accept(node: Node, why: str) -> list[tuple[str, int]]:
    """End the alarm that rows are missing at the end, as a person says why; return what it was, as `cut_off`.

    A disk that says it has written what it has not loses the last rows in a power cut, and this file may be
    ahead for ever. The word is a row of the trail itself: it says how far both had come and the hash there,
    `doctor` tells of it from then on, and whoever takes it out has cut off the end once more.

    Raises:
        NothingCutOff: nothing is missing; nothing was changed.
        OSError: the file cannot be written; the alarm stays.
    """
    cut = cut_off(node)
    if not cut:
        raise NothingCutOff
    said = _said(_path(node)) or {}
    told = {
        "lost": {name: said.get(name) for name, _upto in cut},
        "left": {AUDIT: audit.head()[0], VIEWS: ViewLog.head()[0]},
        "why": why,
    }
    with node.unit():
        audit.record("console", END_LOST, node.me, told, node.clock.now_ms())
    _write(node)
    return cut


def accepted(node: Node) -> tuple[str, str] | None:
    """Return of the newest such word the local day (YYYY-MM-DD) and why; None when there is none."""
    row = audit.newest(node.me, (END_LOST,), 2**62)
    return (local_day(row.at), str(json.loads(row.detail)["why"])) if row is not None else None


def _write(node: Node) -> None:
    said = {"incarnation": _incarnation(node), AUDIT: [*audit.head()], VIEWS: [*ViewLog.head()]}
    path = _path(node)
    # What lies on a bad spot of the disk cannot be read, and can be replaced.
    if _said(path) != said:
        put_file(path, json.dumps(said).encode())


def cut_off(node: Node) -> list[tuple[str, int]]:
    """Return which of both (AUDIT, VIEWS) is not any more what it was, with the place it had come to.

    Or UNREAD alone, with 0, where the file is there and says nothing that can be read.

    Not to be called in a reading: others write the file while one state of the database is held.
    """
    said = _said(_path(node))
    if said is None:
        return [(UNREAD, 0)]
    # One that was put back knows less, and has said so to all others.
    if not said or said["incarnation"] < _incarnation(node):
        return []
    looked = ((AUDIT, audit.chain_at), (VIEWS, ViewLog.chain_at))
    return [(name, said[name][0]) for name, chain_at in looked if chain_at(said[name][0]) != said[name][1]]


def _path(node: Node) -> Path:
    path: Path = node.config.path(FILE)
    return path


def _incarnation(node: Node) -> int:
    identity = node.spool.identity()
    return identity.incarnation if identity else 0


def _said(path: Path) -> dict[str, Any] | None:
    """Return what the file says, {} when it is not there; None when it cannot be read."""
    try:
        said = json.loads(path.read_text("utf-8"))
        ends = [said[name] for name in (AUDIT, VIEWS)]
        is_good = all(type(pos) is int and 0 <= pos < _POS_MAX and type(chain) is str for pos, chain in ends)
        return dict(said) if is_good and type(said["incarnation"]) is int else None
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as problem:
        log.warning("%s cannot be read: %s", path.name, type(problem).__name__)
        return None
