"""fold_30_events_ms: a case made anew from its thirty events; open_30_events_ms: from their stored text."""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import time
from typing import Any

from common.casework import ledger
from common.casework.ledger import opened, text_of
from common.casework.rules import number
from common.casework.rules.case import advance, begin, fold
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import FLOW_VERSION, Action, Party, Report, Role, step_for
from common.casework.rules.judge import answered_by, holder_after
from common.casework.rules.shape import FILED, MOVED, REPORTED

ROUNDS = 200
_COUNTY, _TOWN, _VILLAGE = "511921", "511921108", "511921108203"
_START, _HOUR = 1_772_424_000_000, 3_600_000
_PHOTO = [{"key": "photo", "name": "照片", "how": "原件"}]
_HELPS = "县自然资源局"
# A case that everything happens to. A report is followed by the step that answers it.
_LIFE: tuple[tuple[Action | Report, Role, dict[str, Any]], ...] = (
    (Action.SEND_BACK, Role.CHECKER, {"lacking": _PHOTO, "received_on": "2026-03-02"}),
    (Report.PAPERS_BROUGHT, Role.AGENT, {"note": "照片"}),
    (Action.RESUME, Role.CHECKER, {}),
    (Action.FORWARD, Role.CHECKER, {"note": "属实"}),
    (Action.ASK_PAPERS, Role.CLERK, {"lacking": _PHOTO, "answer_by": "2026-03-20"}),
    (Report.PAPERS_BROUGHT, Role.AGENT, {"note": "补来"}),
    (Action.TAKE_PAPERS, Role.CLERK, {}),
    (Action.ACCEPT, Role.CLERK, {
        "due": "2026-03-09", "legal_due": "2026-03-30",
        "asked": [{"department": _HELPS, "matter": "规划意见", "due": "2026-03-05", "deemed": 0}]}),
    (Report.REMIND, Role.AGENT, {"note": "急用"}),
    (Report.OPINION, Role.REVIEWER, {"verdict": "agree"}),
    (Action.RECORD, Role.NODE, {"note": "已记入办件。"}),
    (Action.BEGIN_SPECIAL, Role.REVIEWER, {
        "special": {"kind": "inspection", "name": "现场查看", "expected": "2026-03-12"}}),
    (Action.END_SPECIAL, Role.REVIEWER, {"note": "合格", "due": "2026-03-16", "legal_due": "2026-04-07"}),
    (Action.EXTEND, Role.APPROVER, {"note": "情况复杂", "due": "2026-03-30", "extension_days": 10}),
    (Action.CORRECT, Role.REVIEWER, {"note": "笔误", "correction": [
        {"field": "applicant.address", "label": "住址", "old": "示例村 1 组", "new": "示例村 2 组"}]}),
    (Action.ASK_FEE, Role.CLERK, {"fee": {"fen": 8_000, "basis": "示例收费文件"}}),
    (Report.PAID, Role.AGENT, {"receipt": {"fen": 8_000, "number": "票1"}}),
    (Action.RECORD, Role.NODE, {"note": "已记入办件。"}),
    (Action.REVIEW, Role.REVIEWER, {"note": "符合条件", "proposal": "approve"}),
    (Action.APPROVE, Role.APPROVER, {"result": {"name": "示例证", "number": "1", "valid_until": ""}}),
    (Action.ISSUE, Role.CLERK, {}),
    (Report.COLLECT_AT, Role.AGENT, {"place": _TOWN}),
    (Action.RECORD, Role.NODE, {"note": "已记入办件。"}),
    (Report.HANDED_OVER, Role.AGENT, {"receiver": {"name": "何秀英", "id_number": "x", "how": "当面"}}),
    (Action.CLOSE, Role.NODE, {"note": "结果已送达申请人。"}),
    (Report.RATED, Role.AGENT, {"rating": 1}),
    (Action.RECORD, Role.NODE, {"note": "已记入办件。"}),
    (Report.CALLED_BACK, Role.AGENT, {"note": "电话回访，满意"}),
    (Action.RECORD, Role.NODE, {"note": "已记入办件。"}),
)  # fmt: skip


def thirty_events() -> list[CaseEvent]:
    """Return the events of one case, from filing to calling back, thirty of them."""
    filed = _filing()
    events, state = [filed], begin(filed, apex=_COUNTY)
    for hours, (word, role, data) in enumerate(_LIFE, start=1):
        signed = {"actor": _actor(role), "at": _START + hours * _HOUR, "note": "", "papers": [], **data}
        if isinstance(word, Action):
            event = _moved(state, word, role, signed)
        else:
            event = _reported(state, word, signed)
        state = advance(state, event)
        events.append(event)
    return events


def measure(runs: int) -> list[dict[str, object]]:
    """Return the medians over `runs` times ROUNDS."""
    events = thirty_events()
    rows = [ledger.event_row(event, pos, text_of(event.body), (), 0) for pos, event in enumerate(events, 1)]
    metrics: list[dict[str, object]] = []
    for name, work in (
        ("fold_30_events_ms", lambda: fold(events, apex=_COUNTY)),
        ("open_30_events_ms", lambda: opened(rows)),
    ):
        times = []
        for _ in range(runs * ROUNDS):
            began = time.perf_counter()
            work()
            times.append(1_000 * (time.perf_counter() - began))
        print(f"{name}: p95 {sorted(times)[len(times) * 95 // 100]:.2f} ms", file=sys.stderr)
        metrics.append({"metric": name, "value": round(statistics.median(times), 3), "unit": "ms"})
    return metrics


_PARTIES = {
    "origin": _VILLAGE,
    "checker": _TOWN,
    "acceptor": _COUNTY,
    "competent": _COUNTY,
    "hand_over": _VILLAGE,
}
_APPLICANT = {
    "name": "何秀英",
    "id_type": "111",
    "id_number": "511921194803072148",
    "phone": "",
    "address": "示例村 1 组",
}


def _filing() -> CaseEvent:
    data = {
        "actor": _actor(Role.AGENT),
        "applicant": _APPLICANT,
        "at": _START,
        "form": {f"field_{n}": f"示例内容 {n}" for n in range(20)},
        "item_name": "示例事项",
        "papers": [],
        "remark": "",
    }
    step = {"action": "file", "answers": [], "flow": FLOW_VERSION, "follows": "", "holder": _TOWN}
    item = {"item": "EXAMPLE", "item_version": 1, "joint": [_HELPS]}
    where = {"apex": _COUNTY, "parties": _PARTIES, "place": _VILLAGE, "to": [_COUNTY]}
    body = {
        **step,
        **item,
        **where,
        "case": number.make(_VILLAGE, 1, 1, 7),
        "state": "RECEIVED",
        "data": data,
    }
    return _event(FILED, _VILLAGE, body)


def _moved(state: CaseState, action: Action, role: Role, data: dict[str, Any]) -> CaseEvent:
    step = step_for(state.state, action, state.holding, role)
    answers = [r.id for r in state.open_reports[-1:]] if action is Action.RECORD else answered_by(state, step)
    body = {
        "action": action.value,
        "answers": list(answers),
        "case": state.case,
        "data": data,
        "flow": FLOW_VERSION,
        "follows": state.last,
        "holder": holder_after(step, state.holding, state.holder, state.parties)[1],
        "state": step.next_state.value,
        "to": [_VILLAGE],
    }
    return _event(MOVED, state.holder, body)


def _reported(state: CaseState, what: Report, data: dict[str, Any]) -> CaseEvent:
    author = _COUNTY if what is Report.OPINION else state.parties[Party.ORIGIN]
    data = {**data, "seen": state.last}
    return _event(REPORTED, author, {"case": state.case, "data": data, "report": what.value, "to": [_COUNTY]})


def _actor(role: Role) -> dict[str, str]:
    department = _HELPS if role is Role.REVIEWER else "县住房和城乡建设局"
    return {"department": department, "login": role.lower(), "name": f"{role.lower()}某", "role": role.value}


def _event(kind: str, author: str, body: dict[str, Any]) -> CaseEvent:
    act = hashlib.sha256(json.dumps([kind, author, body], sort_keys=True).encode()).hexdigest()[:32]
    return CaseEvent(act, kind, author, body)
