"""What a signed act is called: its kind in words, and of a step of a case the step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.casework.rules.labels import LABELS
from common.casework.rules.shape import FILED, MOVED, REPORTED, STRUCK, TAKEN_OVER

KINDS = {
    FILED: "收件",
    MOVED: "办理步骤",
    REPORTED: "来件报告",
    STRUCK: "撤销重复办理",
    TAKEN_OVER: "上级接管",
    "people.roster": "人员名单",
    "people.disabled": "停用人员名单",
    "people.stand_in": "代岗安排",
    "people.reset": "重置密码",
    "people.views": "查阅摘要",
    "people.views_wanted": "调看查阅记录",
    "people.views_rows": "查阅记录",
    "node.outages": "停机和断线记录",
    "node.silences": "无联系记录",
}


def called(kind: str, body: Mapping[str, Any]) -> str:
    """Return what an act is called, by a word of ours; "" for a kind this program has no word for.

    Its author may be a thief: nothing that is written there is said again.
    """
    word = body.get("action") or body.get("report")
    return (LABELS.get(word, "") if type(word) is str else "") or KINDS.get(kind, "")
