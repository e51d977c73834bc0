"""What notices say from the acceptance on: procedures, decision, fee, reminders. Pure.

Sources: 行政许可法 38 (decision, reasons), 42 (extension), 45 (special procedures).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from common.casework.rules.flow import BEFORE_DECISION
from common.casework.rules.labels import label
from common.casework.rules.result_demands import owes_originals
from common.casework.rules.waiting import waits_for
from common.casework.rules.words import Party, Report
from common.catalogue.rules.codes import SPECIAL_NAMES
from common.days import is_date, local_day
from common.notices.rules.moment import word_of
from common.notices.rules.naming import department_name
from common.notices.rules.notice import Pair, Table, Text
from common.notices.rules.scene import DECIDING, Scene
from common.notices.rules.speaking import (
    actor_words,
    day_words,
    on_words,
    result_facts,
    time_words,
    value_words,
    yuan_words,
)

_GROUNDS = {
    "death": "申请人死亡",
    "dissolution": "申请单位终止",
    "moot": "申请事项已无办理必要",
    "gap": "容缺材料逾期没有补齐",
    "other": "其他法定情形",
}
_BLANK_DAY = "＿＿＿＿年＿＿月＿＿日"
_LICENCE = "01"


def special(scene: Scene) -> Text:
    """特别程序告知书: which procedure, how long it will take, that it does not count (许可法 45)."""
    said = scene.moment.data["special"]
    return Text(
        opening=(
            f"{scene.you}申请的“{scene.state.item_name}”，依法需要进行{said['name']}，现将所需时间书面告知。",
            *_noted(scene),
        ),
        facts=(
            ("程序种类", SPECIAL_NAMES.get(str(said["kind"]), str(said["kind"]))),
            ("程序名称", str(said["name"])),
            ("开始日期", on_words(scene.moment.data["at"])),
            ("预计结束日期", day_words(str(said["expected"]))),
            ("原决定期限", day_words(_due_before(scene))),
        ),
        closing=("上述程序所需时间不计入办理期限；结束后恢复计算，新的决定期限可凭办件编号向受理窗口查询。",),
    )


def extension(scene: Scene) -> Text:
    """延期通知书: who approved it, why, the new date (许可法 42); it happens once."""
    data, days = scene.moment.data, scene.state.facts.extension_days
    said = scene.item.extended_by(days) if scene.item else f"{days} 个工作日"
    longer = f"延长 {said}，" if days else ""
    return Text(
        opening=(
            f"{scene.you}申请的“{scene.state.item_name}”不能在原定期限内作出决定，经本机关负责人批准，"
            f"{longer}决定期限延至{scene.due_words(str(data['due']))}。",
            f"延期理由：{scene.note}",
        ),
        facts=(
            ("批准人", str(data["actor"].get("name", ""))),
            ("原决定期限", day_words(_due_before(scene))),
            ("延期后决定期限", scene.due_words(str(data["due"]))),
            ("延期后法定期限", scene.due_words(scene.state.facts.legal_due)),
        ),
        closing=("办理期限只能延长一次。",),
    )


def fee(scene: Scene) -> Text:
    """缴费通知书: how much, on which basis, where, and what waits for it."""
    asked = scene.moment.data["fee"]
    names = "、".join(one.name for one in scene.item.fees) if scene.item else ""
    reductions = [one.reduction for one in scene.item.fees if one.reduction] if scene.item else []
    return Text(
        opening=(
            f"{scene.you}申请的“{scene.state.item_name}”，按规定应当缴纳费用，请凭本通知缴费。",
            *_noted(scene),
        ),
        facts=(
            ("收费项目", names),
            ("应缴金额", yuan_words(int(asked["fen"]))),
            ("收费依据", str(asked["basis"])),
        ),
        closing=(
            "请到受理窗口或者按窗口告知的方式缴费，缴费后索取财政票据；没有缴清之前不发放证照或批文。",
            *(f"减免：{words}" for words in dict.fromkeys(reductions)),
        ),
    )


def approval(scene: Scene) -> Text:
    """准予决定书: what was decided, when it was due, what one receives (许可法 38, 44)."""
    is_licence = scene.item is not None and scene.item.type_code == _LICENCE
    decided = "准予行政许可" if is_licence else "准予办理"
    way = "当场审查" if scene.moment.word == "settle" else "审查"
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请，经{way}，"
            f"符合法定条件、标准，现决定{decided}。",
            *_noted(scene),
        ),
        facts=(
            *_terms(scene),
            *result_facts(scene.state.result),
            ("结果领取", scene.site(scene.state.facts.collect_at)),
        ),
        closing=(
            "证照或批文自决定之日起十个工作日内送达；当场办结的，随本决定书交付。",
            *_originals_to_bring(scene),
        ),
    )


def _originals_to_bring(scene: Scene) -> tuple[str, ...]:
    """Return that the originals are still to be looked at; nothing is made out before that."""
    if not owes_originals(scene.state):
        return ()
    return (f"请{scene.you}带上申请材料的原件到结果领取地点，核对后制发证照或批文。",)


def refusal(scene: Scene) -> Text:
    """不予批准决定书: reasons and remedies (许可法 38)."""
    is_licence = scene.item is not None and scene.item.type_code == _LICENCE
    decided = "不予行政许可" if is_licence else "不予批准"
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请，经审查，现决定{decided}。",
            f"理由：{scene.note}",
        ),
        facts=_terms(scene),
    )


def correction(scene: Scene) -> Text:
    """更正决定书: field, old, new, why; and which decision it belongs to."""
    rows = tuple(_corrected(scene, one) for one in scene.moment.data["correction"])
    return Text(
        opening=(f"经查，{scene.decision_words()}有误，现更正如下：",),
        tables=(Table("更正内容", ("更正项目", "原内容", "更正为"), rows),),
        closing=(f"更正理由：{scene.note}", "其余内容不变。本决定书与原决定书一并使用。"),
    )


def _corrected(scene: Scene, line: Mapping[str, str]) -> tuple[str, ...]:
    old, new = (value_words(line["field"], line[key], scene.item, scene.place) for key in ("old", "new"))
    return line["label"] or line["field"], old or "（空白）", new or "（空白）"


def termination(scene: Scene) -> Text:
    """终止办理通知书: on which ground, and why."""
    ground = str(scene.moment.data["ground"])
    why = _GROUNDS.get(ground, ground)
    decision = scene.earlier(*DECIDING)
    heirs = {"death": "近亲属", "dissolution": "权利义务承受人"}.get(ground, "")
    return Text(
        opening=(
            f"于{scene.filed_on}提出的“{scene.state.item_name}”申请，因{why}，终止办理。",
            f"情况说明：{scene.note}",
        ),
        facts=(
            ("终止原因", why),
            ("受理日期", day_words(scene.state.facts.accepted_on)),
            ("不再执行的决定", scene.title_and_number(decision) if decision else ""),
        ),
        closing=("已经交来的材料原件请到收件站点领回；符合条件的可以重新提出申请。",),
        to=f"{scene.state.applicant['name']}的{heirs}" if heirs else "",
    )


def withdrawal(scene: Scene) -> Text:
    """撤回申请确认书: who asked when, and that the case is over."""
    # One that was refused before, while the case was taken for ended, is not the one this step grants.
    granted = [one for one in scene.moment.answered if one.id in scene.moment.event.body["answers"]]
    asked = next((one for one in granted if word_of(one) == Report.WITHDRAW), None)
    facts: tuple[Pair, ...] = ()
    if asked is not None:
        data = asked.body["data"]
        facts = (
            ("要求撤回的时间", time_words(data["at"])),
            ("登记站点", scene.site(asked.author)),
            ("登记人", actor_words(data["actor"])),
            ("撤回说明", str(data.get("note", ""))),
        )
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请，在作出决定前要求撤回，现予确认。"
            "本件不再办理。",
        ),
        facts=facts,
        closing=("已经交来的材料原件请到收件站点领回；需要时可以重新提出申请。",),
    )


def reminder(scene: Scene) -> Text:
    """催办通知: which case, whose turn, due date, days over, by when to answer; for offices."""
    is_urging = scene.moment.word == "urge"
    tables = (_silent(scene),) if is_urging else ()
    asks = "联办部门没有在期限内答复，请立即办理并书面说明情况。" if is_urging else "请尽快办理并书面回复。"
    state = scene.state
    return Text(
        to="、".join(_named(scene)) if is_urging else _whose_turn(scene),
        opening=(f"下列办件{asks}", *_noted(scene)),
        facts=(
            ("现办到", label(state.state.value)),
            *_limits_running(scene),
            ("请回复于", _BLANK_DAY),
        ),
        tables=tables,
    )


def _whose_turn(scene: Scene) -> str:
    """Return the department that has the case in hand, else the site; of what waits elsewhere that site."""
    state = scene.state
    where = waits_for(state)[1]
    if where not in ("", state.holder):
        return scene.site(where)
    if state.holding is Party.CHECKER or not state.facts.department:
        return scene.site(state.holder)
    return _full(scene, state.facts.department)


def _silent(scene: Scene) -> Table:
    wanted = scene.moment.data.get("departments", ())
    rows = tuple(
        (_full(scene, asked.department), asked.matter or "—", day_words(asked.due))
        for asked in scene.state.facts.asked
        if asked.department in wanted
    )
    return Table("没有答复的部门", ("部门", "请其办理", "答复期限"), rows)


def _named(scene: Scene) -> list[str]:
    return [_full(scene, str(one)) for one in scene.moment.data.get("departments", ())]


def _full(scene: Scene, department: str) -> str:
    return department_name(department, scene.state.parties["competent"], scene.place)


def _limits_running(scene: Scene) -> tuple[Pair, ...]:
    """Return by when the decision is due, and by how much that is over; nothing once it is made.

    While a special procedure lasts the limit stands still (许可法 45): no day of it is held against anybody.
    """
    state = scene.state
    if state.state not in BEFORE_DECISION:
        return (("决定期限", ""), ("超过期限", ""), ("法定期限", ""))
    if state.facts.pause is not None:
        return (("决定期限", "特别程序期间不计算，结束后另定"), ("超过期限", ""), ("法定期限", ""))
    return (
        ("决定期限", day_words(state.due)),
        ("超过期限", _days_over(scene)),
        ("法定期限", day_words(state.facts.legal_due)),
    )


def _days_over(scene: Scene) -> str:
    due, today = scene.state.due, local_day(scene.moment.data["at"])
    if not is_date(due) or today <= due:
        return ""
    return f"{(date.fromisoformat(today) - date.fromisoformat(due)).days} 天（自然日）"


def _noted(scene: Scene) -> tuple[str, ...]:
    return (f"说明：{scene.note}",) if scene.note else ()


def _due_before(scene: Scene) -> str:
    dues = [step.body["data"]["due"] for step in scene.moment.earlier if "due" in step.body["data"]]
    return str(dues[-1]) if dues else ""


def _terms(scene: Scene) -> tuple[Pair, ...]:
    state = scene.state
    return (
        ("受理日期", day_words(state.facts.accepted_on)),
        ("承诺决定期限", day_words(state.due)),
        ("法定期限", day_words(state.facts.legal_due)),
    )
