"""That a notice says what is so to whoever reads it: amounts, what is still owed, who asked and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.rules.case import fold
from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Report
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.notices.rules.moment import moment_of
from common.notices.rules.notice import Notice
from common.notices.rules.scene import Scene
from common.notices.rules.writing import write
from tests.casework.build import COUNTY, NOON
from tests.casework.story import Story
from tests.notices.stories import DAY_MS, LACKING, RECEIVER, SUBSISTENCE, TOLERANCE, A, a_story, accepted
from tests.notices.test_texts import ITEMS, place


def notice_of(story: Story, event: CaseEvent, item: ServiceItem | None = None) -> Notice:
    return write(Scene(moment_of(story.events, event.id), item, place))


def _field(key: str, label: str, kind: str) -> FieldSpec:
    return FieldSpec(key, label, kind, False, (), None, None, 60, "")


@pytest.mark.parametrize(
    ("kind", "old", "new", "printed"),
    [
        ("money_fen", "1200000", "1350050", ("12,000.00 元", "13,500.50 元")),
        ("yesno", "0", "1", ("否", "是")),
        ("date", "2026-03-01", "2026-04-01", ("2026年3月1日", "2026年4月1日")),
        ("place", "511921108203", "511921108", ("沙溪镇龙转坪村", "沙溪镇")),
        ("text", "1200000", "1350050", ("1200000", "1350050")),
        ("money_fen", "", "abc", ("（空白）", "abc")),
        ("place", "no place", "", ("no place", "（空白）")),
    ],
)
def test_a_correction_prints_values_as_people_write_them(
    kind: str, old: str, new: str, printed: tuple[str, str]
) -> None:
    """An income of 13,500 yuan stood on the paper as 1350050, a hundred times as much."""
    item = replace(ITEMS[SUBSISTENCE], fields=(_field("income", "年收入", kind),))
    story = accepted().go_to(A.REVIEW, A.APPROVE)
    line = {"field": "form.income", "label": "年收入", "old": old, "new": new}
    event = story.move(A.CORRECT_DECISION, data={"correction": [line], "note": "笔误"})
    (row,) = notice_of(story, event, item).text.tables[0].rows
    assert row == ("年收入", *printed)


def _brought(story: Story, key: str, name: str, **data: object) -> CaseEvent:
    event = story.report(Report.PAPERS_BROUGHT, papers=[], note="补来", **data)
    papers = [{"blob": 0, "key": key, "name": name, "pages": 1}]
    body = {**event.body, "data": {**event.body["data"], "papers": papers}}
    story.events[-1] = CaseEvent(event.id, event.kind, event.author, body, ("a" * 64,))
    story.state = fold(story.events, apex=COUNTY)
    return story.events[-1]


def test_a_slip_asks_for_nothing_that_was_brought_the_day_before() -> None:
    """Papers come one after the other; until the holder answers, an earlier slip's still stood as missing."""
    story = a_story().go_to(A.FORWARD)
    lacking = [*LACKING, {"key": "bank", "name": "银行卡复印件"}, {"key": "map", "name": "位置图"}]
    story.move(A.ASK_PAPERS, data={"lacking": lacking, "answer_by": "2026-03-20"})
    first = _brought(story, "pledge", "诚信承诺书")
    second = _brought(story, "bank", "银行卡复印件")
    assert "还没有补来的材料：银行卡复印件、位置图" in notice_of(story, first).words
    assert "还没有补来的材料：位置图" in notice_of(story, second).words


def test_a_withdrawal_names_the_wish_that_was_granted() -> None:
    """One that was refused while the case counted as lapsed is another day's, perhaps another person's."""
    story = a_story().go_to(A.FORWARD)
    story.move(A.ASK_PAPERS, data={"lacking": LACKING, "answer_by": "2026-04-20"})
    story.move(A.LAPSE, data={"note": "逾期", "at": story.clock + 60 * 86_400_000})
    story.report(Report.WITHDRAW, note="第一次说不办了")
    story.move(A.REFUSE_WITHDRAWAL)
    _brought(story, "pledge", "诚信承诺书")
    story.move(A.REVIVE)
    story.report(Report.WITHDRAW, note="第二次说不办了")
    words = notice_of(story, story.move(A.GRANT_WITHDRAWAL)).words
    assert "第二次说不办了" in words and "第一次说不办了" not in words


def _receipt(delivered_on: str = "", **receiver: str) -> dict[str, str]:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    said = {"delivered_on": delivered_on} if delivered_on else {}
    whole = {"receiver": {**RECEIVER, **receiver}, "note": "不认可；见证人张三", **said}
    event = story.report(Report.HANDED_OVER, **whole)
    notice = notice_of(story, event)
    return {**dict(notice.text.facts), "small": notice.text.small[0]}


def test_the_day_of_posting_is_not_called_the_day_of_service() -> None:
    """The applicant's sixty days begin when the letter is there, not when the village posted it."""
    said = _receipt(how="邮寄", tracking="EMS1")
    assert "送达时间" not in said and said["交邮时间"].startswith("2026年3月2日")
    assert said["交邮站点"] == "沙溪镇龙转坪村便民服务室" and "收件日期为送达日期" in said["small"]
    assert "回执到后照填" in said["邮件收件日期"] and not _receipt(how="当面")["邮件收件日期"]
    came = _receipt(how="邮寄", tracking="EMS1", delivered_on="2026-03-02")
    assert came["邮件收件日期"] == "2026年3月2日"


def test_what_was_taken_to_somebodys_home_was_not_handed_over_at_the_office() -> None:
    said = _receipt(how="上门送达")
    assert "便民服务室" not in said["送达地点"] and said["送达时间"].startswith("2026年3月2日")
    assert _receipt()["送达地点"] == "沙溪镇龙转坪村便民服务室"


def test_a_receipt_that_was_refused_says_so() -> None:
    said = _receipt(how="上门送达", signed="拒绝签收，见证人已签名")
    assert said["签收情况"] == "拒绝签收，见证人已签名" and said["备注"] == "不认可；见证人张三"
    assert _receipt(how="上门送达", signed="纸上签名，已拍照")["签收情况"] == ""


def test_the_last_day_to_bring_papers_is_a_day_on_which_they_may_be_brought() -> None:
    """Who read "before the 20th" stayed at home on the 20th, on which the papers were still in time."""
    story = a_story().go_to(A.FORWARD)
    event = story.move(A.ASK_PAPERS, data={"lacking": LACKING, "answer_by": "2026-03-20"})
    assert "请于2026年3月20日（含当日）前" in notice_of(story, event).words
    tolerant = accepted(tolerance=TOLERANCE)
    for act in (tolerant.filed, tolerant.events[-1]):
        assert "2026年3月16日（含当日）前补齐" in notice_of(tolerant, act).words


def _reminded(story: Story) -> tuple[str, dict[str, str]]:
    event = story.report(Report.REMIND, note="急用", at=NOON + 60 * DAY_MS)
    text = notice_of(story, event).text
    return text.to, dict(text.facts)


def test_a_reminder_goes_to_whoever_has_to_do_something() -> None:
    """What lies at the village to be handed over was asked of the department that had decided long ago."""
    decided = accepted().go_to(A.REVIEW, A.APPROVE)
    assert _reminded(decided)[0] == "通江县民政局"
    decided.go_to(A.ISSUE)
    assert _reminded(decided)[0] == "沙溪镇龙转坪村便民服务室"
    asked = a_story().go_to(A.FORWARD)
    asked.move(A.ASK_PAPERS, data={"lacking": LACKING, "answer_by": "2026-03-20"})
    assert _reminded(asked)[0] == "沙溪镇龙转坪村便民服务室"


def test_a_reminder_counts_no_days_over_a_limit_that_was_kept_or_stands_still() -> None:
    """A decision made in time, or a hearing that does not count, was held against an office as days over."""
    assert _reminded(accepted())[1]["超过期限"].startswith("46 天")
    decided = _reminded(accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE))[1]
    assert decided["超过期限"] == decided["决定期限"] == decided["法定期限"] == ""
    paused = _reminded(accepted().go_to(A.BEGIN_SPECIAL))[1]
    assert paused["超过期限"] == paused["法定期限"] == "" and "不计算" in paused["决定期限"]


def _ended(*last: A) -> Story:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    story.report(Report.HANDED_OVER, receiver=RECEIVER)
    story.go_to(A.CLOSE, *last)
    return story


def test_the_receipt_of_what_was_made_after_the_end_names_that_and_nothing_handed_over_before() -> None:
    story = _ended(A.ARCHIVE)
    first, mark = story.move(A.CORRECT_DECISION), story.move(A.MARK_DECISION)
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    served = dict(notice_of(story, event).text.facts)["送达文书"]
    titles = [f"{notice_of(story, one).title}》（{notice_of(story, one).number}）" for one in (first, mark)]
    assert served == "、".join(f"《{title}" for title in titles)
    story.move(A.RECORD_SERVICE)
    later = story.move(A.CORRECT_DECISION)
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    served = dict(notice_of(story, event).text.facts)["送达文书"]
    assert served == f"《更正决定书》（{notice_of(story, later).number}）"


def test_a_decision_that_nobody_had_fetched_is_handed_over_with_what_puts_it_right() -> None:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE_UNCOLLECTED)
    story.move(A.CORRECT_DECISION)
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    served = dict(notice_of(story, event).text.facts)["送达文书"]
    assert "《准予决定书》" in served and "《更正决定书》" in served
    story.move(A.RECORD_SERVICE)
    story.move(A.CORRECT_DECISION)
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    served = dict(notice_of(story, event).text.facts)["送达文书"]
    assert "《准予决定书》" not in served, "it went with the first"


def test_a_revoked_decision_that_nobody_had_fetched_is_not_handed_over_with_the_word_of_that() -> None:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE_UNCOLLECTED)
    story.move(A.MARK_DECISION, data={"standing": {"word": "revoked", "document": "判决书7号"}})
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    served = dict(notice_of(story, event).text.facts)["送达文书"]
    assert "《准予决定书》" not in served and "《决定效力告知书》" in served


def test_a_refusal_to_accept_that_nobody_had_fetched_is_handed_over_with_what_puts_it_right() -> None:
    story = a_story().go_to(A.FORWARD, A.NOT_ACCEPT, A.CLOSE_UNCOLLECTED)
    story.move(A.CORRECT_DECISION)
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    served = dict(notice_of(story, event).text.facts)["送达文书"]
    assert "《不予受理决定书》" in served and "《更正决定书》" in served


@pytest.mark.parametrize(("word", "said"), [("revoked", "已被撤销"), ("restored", "恢复效力")])
def test_a_mark_says_what_becomes_of_the_decision(word: str, said: str) -> None:
    story = _ended()
    event = story.move(A.MARK_DECISION, data={"standing": {"word": word, "document": "判决书7号"}})
    notice = notice_of(story, event)
    assert notice.title == "决定效力告知书" and said in notice.words and "判决书7号" in notice.words


def test_an_announcement_names_papers_place_and_day_and_shows_no_number_in_full() -> None:
    story = _ended(A.ARCHIVE)
    late = story.move(A.CORRECT_DECISION)
    notice = notice_of(story, story.move(A.ANNOUNCE))
    assert f"《更正决定书》（{notice_of(story, late).number}）" in notice.words
    assert "《准予决定书》" not in notice.words, "that was handed over"
    assert "便民服务室领取" in notice.words and "到2026年4月1日止" in notice.words
    assert notice.remedies == "" and "从送达之日的第二天起算" in notice.words
    assert (notice.text.to, notice.foot) == ("何秀英", "public"), "nobody signs for what is put up"


def test_the_receipt_says_when_it_was_handed_over_and_when_that_was_written_down() -> None:
    """The agent registers in the evening, or next week, what was handed over at the door."""
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    said = {"served_on": "2026-03-05", "served_time": "15:30"}
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER, at=NOON + 10 * DAY_MS, **said)
    facts = dict(notice_of(story, event).text.facts)
    assert (facts["送达时间"], facts["登记时间"]) == ("2026年3月5日15时30分", "2026年3月12日12时00分")
    assert "从送达日期的第二天起算" in notice_of(story, event).words
    plain = story.report(Report.HANDED_OVER, receiver=RECEIVER, at=NOON + 10 * DAY_MS, served_on="2026-03-05")
    assert dict(notice_of(story, plain).text.facts)["送达时间"] == "2026年3月5日"
    old = story.report(Report.HANDED_OVER, receiver=RECEIVER, at=NOON + 10 * DAY_MS)
    facts = dict(notice_of(story, old).text.facts)
    assert (facts["送达时间"], facts["登记时间"]) == ("2026年3月12日12时00分", "")


def _counted() -> Story:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    story.move(A.ANNOUNCE, A.DEEM_SERVED)
    return story


def test_who_fetches_what_counted_as_served_signs_a_receipt_that_moves_no_day() -> None:
    story = _counted()
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER, at=NOON + 60 * DAY_MS)
    notice = notice_of(story, event)
    facts = dict(notice.text.facts)
    assert "《准予决定书》" in facts["送达文书"] and facts["公告送达"] == "已于2026年4月1日视为送达，现补领"
    assert "领取不改变送达日期" in notice.words and facts["送达时间"].startswith("2026年5月1日")
    story.move(A.NOTE, answers=[event.id])
    story.move(A.CORRECT_DECISION)
    later = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    facts = dict(notice_of(story, later).text.facts)
    assert "《准予决定书》" not in facts["送达文书"] and facts["公告送达"] == ""


def test_what_counts_as_served_is_not_announced_again_and_is_fetched_with_what_came_since() -> None:
    story = _counted()
    story.move(A.CORRECT_DECISION, data={"at": NOON + 40 * DAY_MS})
    said = {"on": "2026-04-12", "where": "公告栏", "why": "missing"}
    event = story.move(A.ANNOUNCE, data={"at": NOON + 41 * DAY_MS, "announced": said})
    paper = dict(notice_of(story, event).text.facts)["公告文书"]
    assert "《更正决定书》" in paper and "《准予决定书》" not in paper
    event = story.report(Report.HANDED_OVER, receiver=RECEIVER)
    papers = dict(notice_of(story, event).text.facts)["送达文书"]
    assert "《更正决定书》" in papers and "《准予决定书》" in papers
