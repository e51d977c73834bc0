"""A hand that writes the signed events of one case, so that a test says only what happens."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.casework.rules import number
from common.casework.rules.case import advance, begin
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import FLOW_VERSION, MAKING, UNDER_REVIEW, step_for
from common.casework.rules.judge import answered_by, holder_after
from common.casework.rules.shape import FILED, MOVED, REPORTED, STRUCK
from common.casework.rules.words import Action, Party, Report, Role
from tests.casework.build import (
    COUNTY,
    ID_NUMBER,
    NOON,
    TOWN,
    VILLAGE,
    act_id,
    signed_actor,
    small_tree,
)

PARTIES = {
    "checked": {"origin": VILLAGE, "checker": TOWN, "acceptor": COUNTY, "competent": COUNTY},
    "town": {"origin": VILLAGE, "acceptor": TOWN, "competent": TOWN},
    "entrusted": {"origin": VILLAGE, "acceptor": TOWN, "competent": COUNTY},
    "direct": {"origin": VILLAGE, "acceptor": COUNTY, "competent": COUNTY},
    "instant": {"origin": VILLAGE, "acceptor": VILLAGE, "competent": VILLAGE},
}

LACKING = [{"key": "photo", "name": "照片", "how": "原件"}]
CORRECTION = [{"field": "income", "label": "年收入", "old": "1", "new": "2"}]

# What a step must carry, so that a test of something else need not say it.
USUAL: Mapping[Action, Mapping[str, Any]] = {
    Action.SEND_BACK: {"lacking": LACKING},
    Action.ASK_PAPERS: {"lacking": LACKING, "answer_by": "2026-03-20"},
    Action.STILL_LACKING: {"lacking": LACKING, "answer_by": "2026-03-25"},
    Action.LAPSE: {"note": "期限已过，没有补来材料", "at": NOON + 40 * 86_400_000},
    Action.RETURN: {"note": "不属于本机关职权范围"},
    Action.NOT_ACCEPT: {"note": "不符合受理条件"},
    Action.REFUSE: {"note": "收入超过标准"},
    Action.REFUSE_WITHDRAWAL: {"note": "已有结论"},
    Action.ACCEPT: {"due": "2026-03-09"},
    Action.APPROVE: {"result": {"name": "示例证明", "number": "1", "valid_until": ""}},
    Action.SETTLE: {"result": {"name": "示例证明", "number": "1", "valid_until": ""}},
    Action.TRANSFER: {"department": "另一部门", "note": "不归本部门管"},
    Action.REVIEW: {"proposal": "approve"},
    Action.RECONSIDER: {"note": "意见不清楚"},
    Action.BEGIN_SPECIAL: {"special": {"kind": "inspection", "name": "现场检验", "expected": "2026-04-01"}},
    Action.END_SPECIAL: {"note": "检验合格", "due": "2026-03-20"},
    Action.EXTEND: {"note": "情况复杂", "due": "2026-03-23", "extension_days": 10},
    Action.RECORD_ABSENCE: {"department": "协办部门", "note": "没有到场"},
    Action.ASK_FEE: {"fee": {"fen": 8_000, "basis": "示例收费文件"}},
    Action.TAKE_FEE: {"receipt": {"fen": 8_000, "number": "票1"}},
    Action.EXPEDITE: {"note": "急需住院"},
    Action.CORRECT: {"note": "填错", "correction": CORRECTION},
    Action.CORRECT_DECISION: {"note": "笔误", "correction": CORRECTION},
    Action.MARK_DECISION: {"note": "复议", "standing": {"word": "suspended", "document": "复议通知1号"}},
    Action.TERMINATE: {"note": "申请人去世", "ground": "death"},
    Action.CLOSE_UNCOLLECTED: {"note": "多次通知无人领取"},
    Action.ANNOUNCE: {
        "note": "两次上门、一次邮寄都没有送到",
        "announced": {"on": "2026-03-02", "where": "县政务服务中心公告栏", "why": "missing"},
        "sought": "电话停机，问过村委会",
    },
    Action.DEEM_SERVED: {"note": "公告期满", "served_on": "2026-04-01", "at": NOON + 31 * 86_400_000},
    Action.KEEP_UNSERVED: {"note": "多次通知无人领取"},
    Action.CORRECT_LETTER_DAY: {
        "note": "看错了回执",
        "letter_day": {"record": "r", "tracking": "EMS1", "was": "2026-03-02", "on": "2026-03-02"},
    },
    Action.VOID_RECEIPT: {
        "note": "是别的件的回执",
        "letter_void": {"record": "r", "tracking": "EMS1", "was": "2026-03-02"},
    },
    Action.DEEM_ACCEPT: {"due": "2026-03-09", "legal_date": "2026-03-02", "accepted_on": "2026-03-02"},
    Action.DEEM_OPINION: {"departments": ["协办部门"], "note": "没有答复"},
    Action.URGE: {"departments": ["协办部门"], "note": "没有答复"},
    Action.DUE_CHANGED: {"due": "2026-03-10", "note": "日历有变化"},
}
# What a report must say.
SAID: Mapping[Report, Mapping[str, Any]] = {
    Report.OPINION: {"verdict": "agree"},
    Report.PAID: {"receipt": {"fen": 8_000, "number": "票1"}},
    Report.COLLECT_AT: {"place": TOWN},
    Report.RATED: {"rating": 1},
    Report.LETTER_CAME: {"letter": {"tracking": "EMS1", "on": "2026-03-02"}},
    Report.NOT_SERVED: {"tried": {"how": "上门送达", "why": "absent", "on": "2026-03-02"}},
}
_ROLE = {
    Action.FORWARD: Role.CHECKER,
    Action.SEND_BACK: Role.CHECKER,
    Action.RESUME: Role.CHECKER,
    Action.REVIEW: Role.REVIEWER,
    Action.APPROVE: Role.APPROVER,
    Action.REFUSE: Role.APPROVER,
    Action.RECONSIDER: Role.APPROVER,
    Action.BEGIN_SPECIAL: Role.REVIEWER,
    Action.END_SPECIAL: Role.REVIEWER,
    Action.EXTEND: Role.APPROVER,
    Action.RECORD_ABSENCE: Role.LEAD,
    Action.CORRECT_DECISION: Role.APPROVER,
    Action.MARK_DECISION: Role.APPROVER,
    Action.GRANT_WITHDRAWAL: Role.NODE,
    Action.RECORD: Role.NODE,
    Action.DEEM_ACCEPT: Role.NODE,
    Action.DEEM_OPINION: Role.NODE,
    Action.URGE: Role.NODE,
    Action.DUE_CHANGED: Role.NODE,
    Action.REVIVE: Role.NODE,
    Action.REFUSE_WITHDRAWAL: Role.NODE,
    Action.CLOSE: Role.NODE,
    Action.RECORD_SERVICE: Role.NODE,
    Action.DEEM_SERVED: Role.NODE,
    Action.NOTE: Role.NODE,
}


def role_for(action: Action, state: CaseState) -> Role:
    """Return the role that takes this step in this case."""
    by_whoever_checks = (Action.RETURN, Action.TERMINATE, Action.CORRECT, Action.EXPEDITE)
    if action in by_whoever_checks and state.holding is Party.CHECKER:
        return Role.CHECKER
    if action is Action.TERMINATE and state.state in (*UNDER_REVIEW, *MAKING):
        return Role.APPROVER
    return _ROLE.get(action, Role.CLERK)


@dataclass
class Story:
    """Writes the events of one case; `events` are in the order they were made, `state` is where they lead."""

    route: str = "checked"
    counter: int = 1
    hand_over: str = VILLAGE
    events: list[CaseEvent] = field(default_factory=list)
    clock: int = NOON

    def __post_init__(self) -> None:
        parties = {**PARTIES[self.route], "hand_over": self.hand_over}
        holder = parties.get("checker", parties["acceptor"])
        self.case = number.make(VILLAGE, 1, self.counter, 7 * self.counter % (1 << 20))
        body = {
            "action": "file",
            "answers": [],
            "apex": COUNTY,
            "case": self.case,
            "flow": FLOW_VERSION,
            "follows": "",
            "holder": holder,
            "item": self.route,
            "item_version": 1,
            "parties": parties,
            "place": VILLAGE,
            "state": "RECEIVED",
            "to": list(small_tree().cover(VILLAGE, parties.values())),
            "data": {
                "actor": signed_actor(Role.AGENT),
                "applicant": {
                    "name": "何秀英",
                    "id_type": "111",
                    "id_number": ID_NUMBER,
                    "phone": "",
                    "address": "",
                },
                "at": self.tick(),
                "form": {"income": 1},
                "item_name": f"事项{self.route}",
                "papers": [],
                "remark": "",
            },
        }
        self.state = begin(self._event(FILED, VILLAGE, body), apex=COUNTY)
        self.filed = self.events[0]

    def tick(self) -> int:
        """Let a minute pass."""
        self.clock += 60_000
        return self.clock

    def _event(self, kind: str, author: str, body: dict[str, Any]) -> CaseEvent:
        event = CaseEvent(act_id(kind, author, sorted(body.items(), key=str)), kind, author, body)
        self.events.append(event)
        return event

    def branch(self) -> Story:
        """Return a second hand that goes on from here without the first one seeing it."""
        twin = copy.copy(self)
        twin.events = list(self.events)
        twin.clock += 7
        return twin

    def draft(self, action: Action, **changes: Any) -> CaseEvent:
        """Return the event of a step from here, without taking it; `changes` go into the body."""
        state = self.state
        role = changes.pop("role", role_for(action, state))
        step = step_for(state.state, action, state.holding, Role(role))
        data = {
            "actor": signed_actor(Role(role)),
            "note": "",
            "at": self.tick(),
            **USUAL.get(action, {}),
            **changes.pop("data", {}),
        }
        parties = {**state.parties, **changes.get("parties_added", {})}
        author = changes.pop("author", state.holder)
        body = {
            "action": action.value,
            "answers": list(answered_by(state, step)),
            "case": self.case,
            "flow": FLOW_VERSION,
            "follows": state.last,
            "holder": holder_after(step, state.holding, state.holder, parties)[1],
            "state": step.next_state.value,
            "to": list(small_tree().cover(author, parties.values())),
            "data": data,
            **changes,
        }
        event = self._event(MOVED, author, body)
        self.events.pop()
        return event

    def move(self, *actions: Action, **changes: Any) -> CaseEvent:
        """Take steps one after the other; return the event of the last."""
        event = self.filed
        for action in actions:
            event = self.draft(action, **changes)
            self.events.append(event)
            self.state = advance(self.state, event)
        return event

    def report(self, what: Report, author: str = VILLAGE, **data: Any) -> CaseEvent:
        """Send a report; `data` goes into its data."""
        body = {
            "case": self.case,
            "report": what.value,
            "to": list(small_tree().cover(author, self.state.parties.values())),
            "data": {
                "actor": signed_actor(Role.AGENT),
                "at": self.tick(),
                "note": "",
                "papers": [],
                "seen": self.state.last,
                **SAID.get(what, {}),
                **data,
            },
        }
        event = self._event(REPORTED, author, body)
        self.state = advance(self.state, event)
        return event

    def strike(self, *ids: str, author: str = COUNTY) -> CaseEvent:
        """Return the apex's strike of some acts, without applying it."""
        body = {"case": self.case, "ids": list(ids), "reason": "重复", "to": [VILLAGE], "data": {"at": NOON}}
        event = self._event(STRUCK, author, body)
        self.events.pop()
        return event

    def go_to(self, *actions: Action) -> Story:
        """Take steps, bringing papers where a step answers them; return the story."""
        for action in actions:
            if action in (Action.RESUME, Action.TAKE_PAPERS):
                self.report(Report.PAPERS_BROUGHT)
            if action is Action.CLOSE:
                self.report(Report.HANDED_OVER)
            if action in (Action.GRANT_WITHDRAWAL, Action.REFUSE_WITHDRAWAL):
                self.report(Report.WITHDRAW)
            self.move(action)
        return self
