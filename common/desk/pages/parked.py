"""What the line page says of acts that cannot be applied yet: what, of which case, what each waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from common.casework import errors as case_errors
from common.casework import queues
from common.casework.rules import number
from common.casework.rules.shape import FILED
from common.desk.frames import body_of
from common.desk.pages import shown
from common.desk.rules.kinds import KINDS, called
from common.errors import LiandongError
from common.web.ports import current_node
from sync.protocol import errors as sync_errors
from sync.protocol.spool import ActRow

# What an act waits for (the part before the colon) → what that means, and what a person can do about it.
_WAITS = {
    "act": ("等待同一办件的前一步到达", "不用处理，前一步到达后自动办理。"),
    "case": ("等待这个办件的收件记录到达", "不用处理，收件记录到达后自动办理。"),
    "doc": ("等待事项目录更新", "不用处理，县级发布的目录到达后自动办理。"),
    "catalogue": ("等待事项目录更新", "不用处理，县级发布的目录到达后自动办理。"),
    "roster": ("等待县级确认发送站点的身份", "由县级管理员在“名册”页核实确认它的钥匙，其他站点不用处理。"),
    "version": ("等待本站程序升级", "请联系管理员升级本站程序。"),
    "cut": ("钥匙已作废，等县级放行或剔除", "由县级管理员在“名册”页放行或剔除，其他站点不用处理。"),
    "person": ("与流程不符，需要人工核对", "请联系县级管理员核对该站点的操作。"),
}
_SAYS_WHY = ("version", "person")
_SENTENCES = {
    kind.code: kind.sentence
    for module in (case_errors, sync_errors)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, (LiandongError, sync_errors.SyncError))
}
_NAME_MAX = 60
# Its key does not count, or not yet: of what it says only a number that has the form of one is said again.
_DOUBTED = ("cut", "roster")


def parked_row(row: ActRow) -> dict[str, Any]:
    """Return what is said of an act that cannot be applied yet."""
    waits = row.waits_for.partition(":")[0]
    what, advice = _WAITS.get(waits, _WAITS["person"])
    frame = current_node().spool.frame_of_act(row.id)
    body = body_of(frame) if frame is not None else {}
    return {
        "act": row.id[:12],
        "kind": called(row.kind, body) or KINDS.get(row.kind, row.kind),
        "from": shown.place_words(row.author),
        "code": row.reason,
        # The same code tells a person at a form to do it anew, and of an exchange that nothing was kept; what
        # comes by itself, or at a word of the county's, says so already.
        "why": _SENTENCES.get(row.reason, "") if waits in _SAYS_WHY else "",
        "waits": str(_(what)),
        "advice": str(_(advice)),
        **_case(row.kind, {} if waits in _DOUBTED else body, body.get("case")),
    }


def _case(kind: str, body: Mapping[str, Any], case: object) -> dict[str, str]:
    """Return which case an act is of: as it stands here, else what its filing says of it, "" for none."""
    said = dict.fromkeys(("case", "href", "item", "applicant"), "")
    if type(case) is not str or not number.check(case):
        return said
    said["case"] = case
    for line in queues.find(case, 1):
        if line.case == case:
            href = url_for("cases.show", number=case)
            return {**said, "href": href, "item": line.item_name, "applicant": line.applicant}
    return said | _filed(body) if kind == FILED else said


def _filed(body: Mapping[str, Any]) -> dict[str, str]:
    data, code = body.get("data"), body.get("item")
    applicant = data.get("applicant") if type(data) is dict else None
    name = applicant.get("name") if type(applicant) is dict else None
    item = current_node().catalogue.item(code) if type(code) is str else None
    return {"item": item.name if item else "", "applicant": name[:_NAME_MAX] if type(name) is str else ""}
