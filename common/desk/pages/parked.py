"""What people are told of acts that cannot be applied yet: what, of which case, what each waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from common.casework import errors as case_errors
from common.casework import queues, waits_ended
from common.casework.rules import number
from common.casework.rules.shape import FILED
from common.casework.rules.taking_over import SILENT_DAYS
from common.desk.frames import body_of
from common.desk.pages import shown
from common.desk.rules.kinds import KINDS, called
from common.errors import LiandongError
from common.web.ports import current_node
from sync.protocol import errors as sync_errors
from sync.protocol.acts.quarantine import STRUCK_OUT
from sync.protocol.frame import Frame
from sync.protocol.incoming.left import LEFT
from sync.protocol.spool import PARKED, ActRow

_ACT = "act:"
# A thief makes as many that wait behind each other as it likes: so far each is followed.
_STEPS_MAX = 100
# So many filings that wait are looked at for who waits for them.
_FILINGS_MAX = 200
# So many that wait are looked at for the case whose page is shown, and so many are told of there.
_LOOKED_AT, _TOLD_MAX = 400, 3
# Nobody waits for these: of them it is said how many there are.
SETTLED = (LEFT, STRUCK_OUT)
# What an act waits for (the part before the colon, or why the one before it counts no more) → what that
# means, and what a person can do about it.
_WAITS = {
    "act": ("等待同一办件的前一步到达", "不用处理，前一步到达后自动办理。"),
    "case": ("等待这个办件的收件记录到达", "不用处理，收件记录到达后自动办理。"),
    "doc": ("等待事项目录更新", "不用处理，县级发布的目录到达后自动办理。"),
    "catalogue": ("等待事项目录更新", "不用处理，县级发布的目录到达后自动办理。"),
    "roster": ("等待县级确认发送站点的身份", "由县级管理员在“名册”页核实确认它的钥匙，其他站点不用处理。"),
    "version": ("等待本站程序升级", "请联系管理员升级本站程序。"),
    "cut": ("钥匙已作废，等县级放行或剔除", "由县级管理员在“名册”页放行或剔除，其他站点不用处理。"),
    "person": ("与流程不符，需要人工核对", "请联系县级管理员核对该站点的操作。"),
    "part": ("发送站点没有参与这个办件，等待把它列为领取地点", "不用处理，列入后自动办理。"),
    "filing": (
        "办件的收件记录已经到了，还不能办理",
        "不用处理，收件能办理了，这一份自动办理。",
    ),
    "struck": (
        "县级已剔除，跟在它后面的也不作数",
        "请打开办件，按现在的情况重新办理；剔除错了的，请县级管理员在“名册”页放行。",
    ),
    "left": (
        "发送站点已改由别的上级管理，不再送到本站",
        "请打开办件，按现在的情况办理；本站不再经手的，不用处理。",
    ),
}
# The same once it has lasted: somebody may have lost it for good, and no node can tell.
_LASTING = {
    "act": "请打电话给经办的站点，让它联一次线或者带U盘数据包来；确实没有站点还有前一步的，"
    "请按办件现在的情况重新办理，或者由县级接管、重新收件。",
    "case": "请打电话给收件的站点，让它联一次线或者带U盘数据包来；确实没有站点还有收件记录的，请重新收件。",
    "filing": "收件能办理了，这一份自动办理；收件已经不再等的，这一份也请不再等。",
    "part": "请打电话给发送站点核对；确实要在它那里领取的，请办理站点登记“改到别处领取”；"
    "报错了办件的，不用处理。",
    "doc": "请县级管理员核对有没有发布过它用的那一版；确实没有站点还有那一版的，请重新收件。",
    "catalogue": "请县级管理员核对事项目录里有没有它写的部门；没有的，请联系发送的站点。",
}
# Nothing that is on its way ends these; so many days are none of being on the way.
_NO_MORE = ("person", "struck", "left")
_NO_MORE_OF = {STRUCK_OUT: "struck", LEFT: "left"}
_DAY_MS = 86_400_000
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


def told_of(kept: Iterable[ActRow]) -> list[ActRow]:
    """Return those of the parked acts that are told of: nothing is settled of them, and people wait on."""
    waiting = [row for row in kept if row.reason not in SETTLED]
    ended = waits_ended.ended(waiting)
    return [row for row in waiting if row.id not in ended]


def waiting_in(case: str, now_ms: int) -> list[str]:
    """Return a sentence for each step or report of a case that is here and that no page of it shows yet.

    The first of them; that there are more is the last sentence. Whoever acts on the case as it is shown may
    do what is done already.
    """
    spool = current_node().spool
    looked_at = islice(told_of(spool.parked()), _LOOKED_AT)
    mine = [row for row in looked_at if _names(spool.frame_of_act(row.id), case)]
    rows = [parked_row(row, now_ms, {}) for row in mine[:_TOLD_MAX]]
    said = [
        _(
            "本件还有一份已经收到、还不能办理：%(site)s的“%(kind)s”，%(waits)s。%(advice)s",
            site=row["from"], kind=row["kind"], waits=row["waits"], advice=row["advice"],
        )
        for row in rows
    ]  # fmt: skip
    if len(mine) > len(rows):
        said.append(_("另有 %(n)s 份也是这样，见“线路和U盘”页。", n=len(mine) - len(rows)))
    return [str(words) for words in said]


def _names(frame: Frame | None, case: str) -> bool:
    return frame is not None and body_of(frame).get("case") == case


def filings_of(kept: Iterable[ActRow]) -> dict[str, ActRow]:
    """Return the filings among some parked acts, by the number of their case."""
    spool = current_node().spool
    first = islice((row for row in kept if row.kind == FILED), _FILINGS_MAX)
    found = ((row, frame) for row in first if (frame := spool.frame_of_act(row.id)) is not None)
    return {str(body_of(frame).get("case", "")): row for row, frame in found}


def parked_row(row: ActRow, now_ms: int, filings: Mapping[str, ActRow]) -> dict[str, Any]:
    """Return what is said of an act that cannot be applied yet; `filings`: see `filings_of`.

    `signed_at`: what its author's clock said, UTC ms, 0 where its frame is not here; `is_old`: that was long
    ago, or at no believable time. `may_end`: nothing that is on its way will end the wait, and of those
    listed that wait behind each other it is the first.
    """
    last = _last_of(row)
    frame = current_node().spool.frame_of_act(row.id)
    body = body_of(frame) if frame is not None else {}
    case = _case(row.kind, {} if _kind(row) in _DOUBTED else body, body.get("case"))
    why = _why(last, case, filings)
    what, advice = _WAITS.get(why, _WAITS["person"])
    signed_at = frame.header.clock.wall if frame is not None else 0
    # Clocks differ a little; what was signed more than a day from now tells nothing of how long it waits.
    is_old = frame is not None and not -_DAY_MS < now_ms - signed_at < SILENT_DAYS * _DAY_MS
    if is_old:
        advice = _LASTING.get(why, advice)
    return {
        "id": row.id,
        "act": row.id[:12],
        "kind": called(row.kind, body) or KINDS.get(row.kind, row.kind),
        "from": shown.place_words(row.author),
        "code": row.reason,
        # The same code tells a person at a form to do it anew, and of an exchange that nothing was kept; what
        # comes by itself, or at a word of the county's, says so already.
        "why": _SENTENCES.get(row.reason, "") if why in _SAYS_WHY and last is row else "",
        "waits": str(_(what) if last is row else _("等前一步：%(what)s", what=_(what))),
        "advice": str(_(advice)),
        "signed_at": signed_at,
        "is_old": is_old,
        "may_end": _is_first(row, last) and (why in _NO_MORE or (is_old and why in _LASTING)),
        **case,
    }


def _kind(row: ActRow) -> str:
    return row.waits_for.partition(":")[0]


def _why(last: ActRow, case: Mapping[str, str], filings: Mapping[str, ActRow]) -> str:
    """Return what the act at the end of a wait waits for, or why it counts no more; `case` as it is shown."""
    why = _NO_MORE_OF.get(last.reason) or _kind(last)
    if why != "case" or last.waits_for != f"case:{case['case']}":
        return why
    # Of a case that is here: whoever reports has no part in it, and what opens it is waited for by nobody.
    if case["href"]:
        return "part"
    filed = filings.get(case["case"])
    return why if filed is None else _NO_MORE_OF.get(filed.reason, "filing")


def _last_of(row: ActRow) -> ActRow:
    """Return the act at the end of a wait: itself, or the one behind which it waits, step by step."""
    spool, last = current_node().spool, row
    for _step in range(_STEPS_MAX):
        waited = last.waits_for.removeprefix(_ACT)
        # One that waits for its own body waits behind nobody.
        before = spool.act(waited) if waited not in (last.waits_for, last.id) else None
        if before is None or before.state != PARKED:
            break
        last = before
    return last


def _is_first(row: ActRow, last: ActRow) -> bool:
    # What is struck out or waited for no more is not listed itself.
    return last is row or (last.reason in (STRUCK_OUT, LEFT) and row.waits_for == f"{_ACT}{last.id}")


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
