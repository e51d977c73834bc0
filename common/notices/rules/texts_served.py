"""What the receipt of a hand-over says (送达回证): what was served, on whom, how and when; and what is served
because a decision has lost or regained its force. Pure.

Sources: 行政许可法 44; 民事诉讼法 (2023) on service, whose ways offices follow: what is left with somebody
who refuses to sign bears witness and reason (89), what is posted is served on the day of the post's own
receipt (91), as soon as that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from common.casework.rules.clocks.announced import counts_on
from common.casework.rules.event import CaseEvent
from common.casework.rules.facts import DEEMED, FAILED, MISSING, RESTORED, REVOKED, SUSPENDED
from common.casework.rules.handed import delivered_on, handed_at, served_minute
from common.casework.rules.services import collectable, service_of
from common.casework.rules.table import ENDED
from common.casework.rules.words import Party
from common.catalogue.rules.identity import mask_id_number
from common.notices.rules.moment import word_of
from common.notices.rules.notice import Text
from common.notices.rules.scene import DECIDING, Scene
from common.notices.rules.signing import POST, REFUSED, VISIT
from common.notices.rules.speaking import actor_words, day_words, on_words, result_facts, time_words

_STANDS = {SUSPENDED: "中止执行", REVOKED: "撤销", RESTORED: "恢复效力"}
_BECOMES = {
    SUSPENDED: "现中止执行，恢复时另行告知",
    REVOKED: "已被撤销，不再具有效力；领有证照或批文的，请交回领取结果的站点",
    RESTORED: "恢复效力，继续执行",
}
_PUBLIC = {MISSING: "下落不明", FAILED: "用其他方式无法送达"}
# What is made after the end of a case and served by itself.
_AFTERWARDS = ("correct_decision", "mark_decision")
_SMALL = "代领的，附委托书；拒绝签收的，由见证人签名并注明情况。"
_AT_A_DOOR = "＿＿＿＿＿＿＿＿＿＿（上门的地点）"
_TO_BE_FILLED_IN = "＿＿＿＿＿＿＿＿＿＿（回执到后照填）"
_RUNS = "申请行政复议、提起行政诉讼的期限，从送达日期的第二天起算。"
_DEEMED_BEFORE = "视为送达的文书，期限仍从视为送达之日的第二天起算，领取不改变送达日期。"
_POSTED = "邮寄的，以邮件回执上注明的收件日期为送达日期，回执附后。"


def handover(scene: Scene) -> Text:
    """送达回证: what, to whom, identity, how, when (许可法 44); signed by whoever took it."""
    data = scene.moment.data
    receiver = data["receiver"] if isinstance(data.get("receiver"), dict) else {}
    how = str(receiver.get("how", ""))
    # The day on which something is posted is not the day on which the limits for a remedy begin.
    is_posted, site = how == POST, scene.site(scene.moment.event.author)
    return Text(
        opening=(),
        facts=(
            ("送达文书", "、".join(_served(scene))),
            *result_facts(scene.state.result),
            ("领取人", str(receiver.get("name", ""))),
            ("领取人证件", mask_id_number(str(receiver.get("id_number", "")))),
            ("送达方式", how),
            ("与申请人关系", str(receiver.get("relation", ""))),
            ("授权文件", str(receiver.get("letter", ""))),
            ("公告送达", _counted_before(scene)),
            ("邮件单号", str(receiver.get("tracking", ""))),
            ("交邮时间" if is_posted else "送达时间", _when(data)),
            ("邮件收件日期", _came(data)),
            ("登记时间", time_words(data["at"]) if "served_on" in data else ""),
            ("交邮站点" if is_posted else "送达地点", _AT_A_DOOR if how == VISIT else site),
            ("送达人", actor_words(data["actor"])),
            ("签收情况", REFUSED if receiver.get("signed") == REFUSED else ""),
            ("备注", scene.note),
        ),
        small=(_POSTED if is_posted else _SMALL, _RUNS + (_DEEMED_BEFORE if _counted_before(scene) else "")),
    )


def _came(data: Mapping[str, Any]) -> str:
    """Return the day of the post's receipt, of what was posted a place for it; "" of what was not.

    That receipt is itself the proof of service (91) and lies with the paper: a second one of the kind that an
    applicant signs there is none, also where the day became known, or was put right, afterwards.
    """
    is_posted = isinstance(data.get("receiver"), dict) and data["receiver"].get("how") == POST
    return day_words(delivered_on(data)) or (_TO_BE_FILLED_IN if is_posted else "")


def _counted_before(scene: Scene) -> str:
    """Return that what is fetched now had counted as served before, and since when; "" else."""
    state = scene.state
    found = [service_of(state, act) for act in collectable(state)]
    days = sorted({one.on for one in found if one is not None and one.how == DEEMED})
    return f"已于{'、'.join(map(day_words, days))}视为送达，现补领" if days else ""


def _when(data: Mapping[str, Any]) -> str:
    """Return when it was handed over, as whoever did says; without a time where they say none."""
    at = handed_at(data)
    return time_words(at) if served_minute(data) else on_words(at)


def standing(scene: Scene) -> Text:
    """决定效力告知书: which decision, what became of it, by which document; that tells the remedies."""
    said = scene.moment.data["standing"]
    document, word = str(said["document"]), str(said["word"])
    return Text(
        opening=(f"{scene.decision_words()}，依据{document}，{_BECOMES.get(word, word)}。",),
        facts=(
            ("决定效力", _STANDS.get(word, word)),
            ("依据文书", document),
            ("标注日期", on_words(scene.moment.data["at"])),
        ),
        closing=(f"情况说明：{scene.note}", "对依据文书不服的，救济途径和期限以该文书载明的为准。"),
    )


def announcement(scene: Scene) -> Text:
    """送达公告: to whom, which papers, why, where they are fetched, from when they count as served."""
    said = scene.moment.data["announced"]
    until, state = counts_on(date.fromisoformat(said["on"])), scene.state
    site = scene.site(state.facts.collect_at or state.parties[Party.HAND_OVER])
    counted = frozenset(act for act in collectable(state) if service_of(state, act))
    papers = "、".join(_served(scene, counted))
    return Text(
        opening=(
            f"因{_PUBLIC.get(said['why'], '')}，参照《中华人民共和国民事诉讼法》第九十五条，"
            f"现向{scene.you}公告送达{papers}。",
            f"请自本公告发出之日起三十日内，持有效证件到{site}领取；逾期不领取的，"
            f"自公告发出之日起经过三十日（到{day_words(until.isoformat())}止）即视为送达。",
        ),
        facts=(
            ("公告文书", papers),
            ("公告原因", _PUBLIC.get(said["why"], "")),
            ("公告地点", said["where"]),
            ("公告日期", day_words(said["on"])),
        ),
        closing=("救济途径和期限见所送达的文书，从送达之日的第二天起算。",),
        to=str(state.applicant["name"]),
    )


def _served(scene: Scene, counted: frozenset[str] = frozenset()) -> list[str]:
    """Return the papers that end the case and what has put them right, as they call themselves.

    After the end it is what has been made since and not been handed over before; what nobody had fetched
    goes with it, or alone.

    Args:
        counted: acts to be left out: their papers count as served.
    """
    state = scene.state
    if state.state not in ENDED:
        corrections = [one for one in scene.moment.earlier if word_of(one) == "correct_decision"]
        return [scene.title_and_number(one) for one in (*_decision(scene), *corrections)]
    wanted = collectable(state) - counted | {one.act for one in state.facts.unserved}
    papers = [one for one in scene.moment.path if one.id in wanted and word_of(one) in _AFTERWARDS]
    decision = _decision(scene) if state.concluded in wanted else []
    return [scene.title_and_number(one) for one in (*decision, *papers)]


def _decision(scene: Scene) -> list[CaseEvent]:
    concluding = next((one for one in scene.moment.path if one.id == scene.state.concluded), None)
    is_given_up = concluding is not None and word_of(concluding) == "terminate"
    decision = concluding if is_given_up else scene.earlier(*DECIDING) or concluding
    return [decision] if decision is not None else []
