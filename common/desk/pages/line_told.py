"""What the line page says of this node's standing, of frames without a place yet, and of what was noted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from common.desk.pages import line_words, shown
from common.web.words import ago, local_date
from sync.protocol.entries import RELIEVED, RETIRED
from sync.protocol.spool import GAP, UNKNOWN_KEY

# Beyond it a person has to see what became of the frames before.
OLD_MS = 86_400_000
# Such a note says that an act waits: as long as it does, it stands among those that wait.
_WAITS = " parked for "


def standing_said(node: Any) -> str:
    """Return what the county has decided on this node as a whole, "" while it is in service."""
    status = node.standing_here()
    if status == RETIRED:
        return str(
            _(
                "县级已撤销本站，代码不再使用。请不要再收新件；手里的件和材料请打电话问县级管理员怎样移交。"
                "以前的记录都在，仍可查看。"
            )
        )
    if status == RELIEVED:
        return str(
            _("县级已停用本站：下级站点改由再上一级联系，在办的件可能已由县级接管。请打电话问县级管理员。")
        )
    return ""


def aside_said(node: Any, now_ms: int) -> list[dict[str, Any]]:
    """Return, for each author, the frames that wait for those before them or for their author's key."""
    words = {
        GAP: _("等前面的报文到达，到了自动办理"),
        UNKNOWN_KEY: _("等县级名册里有发送站点的钥匙，有了自动办理"),
    }
    return [
        {
            "from": shown.place_words(src),
            "count": count,
            "why": str(words[why]),
            "since": ago(since, now_ms),
            "is_old": now_ms - since > OLD_MS,
        }
        for why in words
        for src, count, since in node.aside(why)
    ]


def notes_said(notes: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the notes, newest first, those of one kind, day and node as one; what only waits is left out."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for note in notes:
        if _WAITS in note.detail and not note.detail.endswith(f"{_WAITS}person"):
            continue
        key = (note.code, note.address, local_date(note.at_ms))
        if key in found:
            found[key]["count"] += 1
            continue
        who = line_words.who(note.address)
        found[key] = {"at": note.at_ms, "code": note.code, "sentence": note.sentence, "who": who, "count": 1}
    return list(found.values())
