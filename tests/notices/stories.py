"""Cases for the tests of notices: one story for each kind, written by the hand of the casework tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.casework.rules.case import begin
from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Action, Report, Role
from common.notices.rules.kinds import Kind
from tests.casework.build import COUNTY, NOON
from tests.casework.story import Story

A = Action
DAY_MS = 86_400_000
SUBSISTENCE = "DEMO-511921-0504"
RELIEF = "DEMO-511921-0501"
TOLERANCE = {
    "due": "2026-03-16",
    "papers": [{"key": "bank", "name": "银行卡复印件"}],
    "promise": "三月十六日前交来银行卡复印件",
}
PAPERS = [
    {"blob": 0, "key": "application", "name": "申请书", "pages": 2},
    {"blob": 1, "key": "id_card", "name": "居民身份证", "pages": 1},
    {"blob": 2, "key": "id_card", "name": "居民身份证", "pages": 1},
]
LACKING = [{"key": "pledge", "name": "诚信承诺书", "how": "缺配偶签名"}]
RECEIVER = {"name": "何大明", "id_number": "511921197001011234", "how": "代领"}


class CivilAffairs(Story):
    """A hand whose people belong to the county's civil affairs department."""

    def draft(self, action: Action, **changes: Any) -> CaseEvent:
        event = super().draft(action, **changes)
        event.body["data"]["actor"]["department"] = "县民政局"
        return event


def a_story(route: str = "checked", item: str = SUBSISTENCE, **data: Any) -> Story:
    """Return a case just filed, of a real item, with papers; `data` goes into the filing's."""
    story = CivilAffairs(route)
    body: dict[str, Any] = dict(story.filed.body)
    body |= {"item": item, "item_version": 1, "department": "县民政局", "window": "centre"}
    body["data"] = {
        **body["data"],
        "item_name": "最低生活保障金给付",
        "papers": PAPERS,
        **data,
    }
    blobs = tuple(f"{number:064x}" for number in range(len(body["data"]["papers"])))
    story.filed = CaseEvent(story.filed.id, story.filed.kind, story.filed.author, body, blobs)
    story.events[0] = story.filed
    story.state = begin(story.filed, apex=COUNTY)
    return story


def accepted(**data: Any) -> Story:
    """Return a case the county has accepted."""
    story = a_story(**data).go_to(A.FORWARD)
    story.move(A.ACCEPT, data={"due": "2026-03-16", "legal_due": "2026-03-30"})
    return story


def _promise() -> tuple[Story, CaseEvent]:
    story = a_story(tolerance=TOLERANCE)
    return story, story.filed


def _moved(*before: Action, last: Action, **data: Any) -> tuple[Story, CaseEvent]:
    story = a_story().go_to(*before)
    return story, story.move(last, data=data) if data else story.move(last)


def _then(last: Action, *before: Action, **data: Any) -> tuple[Story, CaseEvent]:
    story = accepted().go_to(*before)
    return story, story.move(last, data=data) if data else story.move(last)


def _tolerant() -> tuple[Story, CaseEvent]:
    story = accepted(tolerance=TOLERANCE)
    return story, story.events[-1]


def _acceptance() -> tuple[Story, CaseEvent]:
    story = accepted()
    return story, story.events[-1]


def _lapse() -> tuple[Story, CaseEvent]:
    story = a_story().go_to(A.FORWARD)
    story.move(A.ASK_PAPERS, data={"lacking": LACKING, "answer_by": "2026-03-20"})
    return story, story.move(A.LAPSE)


def _still() -> tuple[Story, CaseEvent]:
    story = a_story().go_to(A.FORWARD)
    story.move(A.ASK_PAPERS, data={"lacking": LACKING, "answer_by": "2026-03-20"})
    story.go_to(A.TAKE_PAPERS)
    return story, story.move(A.STILL_LACKING, data={"lacking": LACKING, "answer_by": "2026-03-25"})


def _papers_slip() -> tuple[Story, CaseEvent]:
    story = a_story().go_to(A.FORWARD)
    lacking = [*LACKING, {"key": "bank", "name": "银行卡复印件"}]
    story.move(A.ASK_PAPERS, data={"lacking": lacking, "answer_by": "2026-03-20"})
    event = story.report(Report.PAPERS_BROUGHT, papers=[])
    # The hand of the casework tests attaches no contents: the paper is put in, and the report read anew.
    papers = [{"blob": 0, "key": "pledge", "name": "诚信承诺书", "pages": 1}]
    body = {**event.body, "data": {**event.body["data"], "papers": papers}}
    story.events[-1] = CaseEvent(event.id, event.kind, event.author, body, ("a" * 64,))
    return story, story.events[-1]


def _withdrawal() -> tuple[Story, CaseEvent]:
    story = accepted()
    story.report(Report.WITHDRAW, note="不想办了")
    return story, story.move(A.GRANT_WITHDRAWAL)


def _handover() -> tuple[Story, CaseEvent]:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    return story, story.report(Report.HANDED_OVER, receiver=RECEIVER)


def _reminder() -> tuple[Story, CaseEvent]:
    story = accepted()
    return story, story.report(Report.REMIND, note="家里急用", at=NOON + 20 * DAY_MS)


def urging() -> tuple[Story, CaseEvent]:
    """Return a joint case and the word to a department that has let its day pass."""
    story = a_story().go_to(A.FORWARD)
    asked = [{"department": "协办部门", "matter": "审资格", "due": "2026-03-05", "deemed": 0}]
    story.move(A.ACCEPT, data={"due": "2026-03-16", "asked": asked})
    return story, story.move(A.URGE, data={"departments": ["协办部门"], "at": NOON + 9 * DAY_MS})


def deemed() -> tuple[Story, CaseEvent]:
    """Return a case that counts as accepted because its acceptor kept silent."""
    return _moved(A.FORWARD, last=A.DEEM_ACCEPT)


def settled() -> tuple[Story, CaseEvent]:
    """Return a case settled on the spot at its village."""
    story = a_story("instant")
    return story, story.move(A.SETTLE, role=Role.AGENT)


# Kind → (how its story goes, what must stand on the paper).
EACH: Mapping[Kind, tuple[Callable[[], tuple[Story, CaseEvent]], tuple[str, ...]]] = {
    Kind.PROMISE: (_promise, ("银行卡复印件", "2026年3月16日", "三月十六日前交来", "一式两份", "终止办理")),
    Kind.SENT_BACK: (
        lambda: _moved(last=A.SEND_BACK, lacking=LACKING),
        ("诚信承诺书", "缺配偶签名", "不是法律意义上的补正告知", "便民服务中心"),
    ),
    Kind.PAPERS_SLIP: (_papers_slip, ("诚信承诺书", "1 项", "还没有补来的材料：银行卡复印件", "不是受理")),
    Kind.SUPPLEMENT: (
        lambda: _moved(A.FORWARD, last=A.ASK_PAPERS, lacking=LACKING, answer_by="2026-03-20"),
        ("诚信承诺书", "缺配偶签名", "2026年3月20日", "一次", "不再办理", "第三十二条"),
    ),
    Kind.STILL_LACKING: (_still, ("诚信承诺书", "2026年3月25日", "不是新的补正告知", "《补正材料告知书》")),
    Kind.LAPSE: (_lapse, ("2026年3月20日", "《补正材料告知书》", "诚信承诺书", "六十日|60日")),
    Kind.ACCEPTANCE: (
        _acceptance,
        (
            "决定予以受理",
            "2026年3月2日",
            "2026年3月16日",
            "2026年3月30日",
            "申请书",
            "影像 2 份",
            "第四十二条",
        ),
    ),
    Kind.TOLERANT: (_tolerant, ("容缺受理", "银行卡复印件", "2026年3月16日", "一式两份", "终止办理")),
    Kind.NOT_ACCEPTED: (
        lambda: _moved(A.FORWARD, last=A.NOT_ACCEPT),
        ("不予受理", "理由：不符合受理条件", "第三十二条", "六十日|60日", "六个月|6个月"),
    ),
    Kind.RETURNED: (lambda: _moved(last=A.RETURN), ("理由：不属于本机关职权范围", "复核", "便民服务中心")),
    Kind.SPECIAL: (
        lambda: _then(A.BEGIN_SPECIAL),
        ("检验", "现场检验", "2026年4月1日", "不计入办理期限", "第四十五条"),
    ),
    Kind.EXTENSION: (
        lambda: _then(A.EXTEND),
        ("approver某", "情况复杂", "2026年3月16日", "2026年3月23日", "10 个工作日", "第四十二条"),
    ),
    Kind.FEE: (lambda: _then(A.ASK_FEE), ("80.00 元", "示例收费文件", "财政票据")),
    Kind.APPROVAL: (
        lambda: _then(A.APPROVE, A.REVIEW),
        ("决定准予", "示例证明", "2026年3月16日", "第三十八条", "六十日|60日"),
    ),
    Kind.REFUSAL: (
        lambda: _then(A.REFUSE, A.REVIEW),
        ("不予批准", "理由：收入超过标准", "第三十八条", "六十日|60日", "六个月|6个月"),
    ),
    Kind.CORRECTION: (
        lambda: _then(A.CORRECT_DECISION, A.REVIEW, A.APPROVE),
        ("年收入", "更正理由：笔误", "《准予决定书》", "一并使用"),
    ),
    Kind.STANDING: (
        lambda: _then(A.MARK_DECISION, A.REVIEW, A.APPROVE),
        ("《准予决定书》", "复议通知1号", "现中止执行", "以该文书载明的为准"),
    ),
    Kind.TERMINATION: (lambda: _then(A.TERMINATE), ("申请人死亡", "申请人去世", "终止办理")),
    Kind.WITHDRAWAL: (_withdrawal, ("要求撤回", "不想办了", "不再办理")),
    Kind.ANNOUNCEMENT: (
        lambda: _then(A.ANNOUNCE, A.REVIEW, A.REFUSE),
        (
            "《不予批准决定书》",
            "第九十五条",
            "下落不明",
            "公告栏",
            "2026年4月1日",
            "从送达之日的第二天起算",
        ),
    ),
    Kind.HANDOVER: (
        _handover,
        ("《准予决定书》", "示例证明", "何大明", "5119**********1234", "代领", "便民服务室", "agent某"),
    ),
    Kind.REMINDER: (_reminder, ("通江县民政局", "已受理", "超过期限", "6 天", "家里急用", "2026年3月16日")),
}


def decided(kind: Kind = Kind.APPROVAL) -> tuple[Story, CaseEvent]:
    """Return a case with the act that gives a notice of a kind."""
    return EACH[kind][0]()
