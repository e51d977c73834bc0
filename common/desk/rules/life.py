"""What a case's page says of its life beside the timeline: what moved its limits, money. Pure.

It tells what was signed and what is left of it today; it computes no date that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from common.casework.rules import facts as said
from common.casework.rules.event import CaseState
from common.casework.rules.facts import AFTER_REVIEW, Facts
from common.casework.rules.flow import UNDER_REVIEW
from common.casework.rules.labels import label
from common.casework.rules.timed import is_licence, pause_now
from common.catalogue.rules.codes import SPECIAL_NAMES
from common.catalogue.rules.item import ServiceItem
from common.days import local_date
from common.desk.rules.announced import (
    announced_words,
    letter_words,
    not_open_words,
    public,
    right_day_words,
    tried_said,
    tried_words,
    void_words,
)
from common.desk.rules.opinions import VERDICT_WORDS
from common.desk.rules.step_words import PROPOSALS, RATING_WORDS

STANDING_WORDS: Mapping[str, str] = {
    said.SUSPENDED: "中止执行", said.REVOKED: "已撤销", said.RESTORED: "恢复效力",
}  # fmt: skip
GROUND_WORDS: Mapping[str, str] = {
    "death": "申请人去世",
    "dissolution": "申请单位终止",
    "moot": "申请事项已无意义",
    "gap": "容缺材料逾期未补",
    "other": "其他",
}
RATED_AS = {code: words for words, code in RATING_WORDS.items()}
# A signed value of a field (its name, the value) as people write it.
Spoken = Callable[[str, str], str]


def limit_notes(state: CaseState, item: ServiceItem | None) -> list[str]:
    """Return what moved the limits: deemed acceptance, extension, pauses, a year without calendar."""
    facts, notes = state.facts, []
    if facts.deemed_on:
        notes.append(_deemed(facts.deemed_on, item))
    if facts.extended:
        longer = facts.extension_days
        said = item.extended_by(longer) if item else f"{facts.extension_days} 个工作日"
        days = f" {said}" if longer else ""
        notes.append(f"已延期一次{days}，不能再延。")
    for pause in facts.pauses:
        kind = SPECIAL_NAMES.get(pause.kind, pause.kind)
        last = f"{pause.until} 结束" if pause.until else f"预计 {pause.expected} 结束，时限暂停中"
        if not pause.until and pause_now(state) is None:
            last = f"原定 {pause.expected} 结束"
        notes.append(f"特别程序：{kind}（{pause.name}），{pause.since} 开始，{last}。")
    if facts.provisional and state.state in UNDER_REVIEW:
        notes.append("期限跨入的年份还没有公布放假安排，公布后重新计算。")
    return notes


def _deemed(day: str, item: ServiceItem | None) -> str:
    if is_licence(item):
        return f"受理部门没有在五个工作日内告知补正，依照行政许可法第三十二条，自 {day} 起视为受理。"
    return f"受理部门没有在五个工作日内告知补正，参照行政许可法第三十二条，自 {day} 起视为受理。"


def receipt_lines(state: CaseState) -> list[tuple[str, str]]:
    """Return the three receipts, which start different things: taking in, checking, the law's own clock."""
    facts = state.facts
    checked = [("初审站点收到", facts.checker_on or "还没有登记")] if "checker" in state.parties else []
    return [
        ("收件站点收到", local_date(state.filed_at).isoformat()),
        *checked,
        ("受理部门收到", facts.acceptor_on or facts.deemed_on or "还没有登记"),
        ("受理", facts.accepted_on),
    ]


def other_lines(state: CaseState) -> list[tuple[str, str]]:
    """Return what few cases have, in words: papers to come, money, originals, ground, rating and the like."""
    facts = state.facts
    rating = RATED_AS.get(facts.rating, "")
    return [
        ("主办部门", facts.department),
        ("办理方式", _filed_by(facts)),
        ("绿色通道", facts.green),
        ("补正期限", facts.answer_by if state.lacking else ""),
        ("容缺待补", _gap(facts)),
        ("缴费", _fee(facts)),
        ("原件", _originals(facts)),
        ("终止原因", GROUND_WORDS.get(facts.ground, facts.ground)),
        *(("没有送到", tried_words(one)) for one in facts.tries),
        ("公告送达", announced_words(state)),
        ("申请人评价", rating),
    ]


def _filed_by(facts: Facts) -> str:
    letter = facts.authority
    if not letter:
        return ""
    who = letter.get("agent", "") + (f"（委托人的{letter['relation']}）" if letter.get("relation") else "")
    return f"{who}代办，委托书 {letter.get('letter', '')}（到 {letter.get('until', '')}）"


def _gap(facts: Facts) -> str:
    if not facts.tolerated:
        return ""
    return f"{'、'.join(facts.tolerated.values())}（{facts.tolerance_due} 前补交，补齐前不能批准）"


def _fee(facts: Facts) -> str:
    if not facts.fee:
        return ""
    amount, basis = money(facts.fee.get("fen", 0)), facts.fee.get("basis", "")
    paid = f"已缴，票据 {facts.receipt.get('number', '')}" if facts.receipt else "还没有缴"
    return f"{amount}，{paid}（依据：{basis}）"


def _originals(facts: Facts) -> str:
    if facts.originals != AFTER_REVIEW:
        return ""
    return "已核对" if facts.originals_act else "审查通过后、制证前核对，还没有核对"


def money(fen: Any) -> str:
    """Return an amount in fen in words; what is no amount is shown as it is."""
    return f"{fen // 100:,}.{fen % 100:02d} 元" if type(fen) is int and fen >= 0 else str(fen)


def corrections(state: CaseState, reasons: Mapping[str, str], spoken: Spoken) -> list[dict[str, str]]:
    """Return what was put right, oldest first; `reasons` are the notes of acts."""
    return [
        {
            "label": one.label or one.field,
            "old": spoken(one.field, one.old),
            "new": spoken(one.field, one.new),
            "why": reasons.get(one.act, ""),
        }
        for one in state.facts.corrections
    ]


def standing_words(state: CaseState) -> str:
    """Return that the decision is suspended or revoked, and by which document; "" while it stands."""
    standing = state.facts.standing
    if not standing:
        return ""
    word = STANDING_WORDS.get(str(standing.get("word")), str(standing.get("word")))
    return f"决定{word}，依据：{standing.get('document', '')}。本件不重新打开，需要重办的另收新件并关联本件。"


def as_signed(field: str, text: str) -> str:
    """Return a value of a field as it was signed; see `Spoken`."""
    return text


def lines_of(data: Mapping[str, Any], spoken: Spoken = as_signed) -> Iterable[str]:
    """Yield what the data of one step or report say, in words, beside its note and the papers it lacks."""
    for key, say in _SPOKEN.items():
        value = data.get(key)
        words = (_corrected(value, spoken) if key == "correction" else say(value)) if value else ""
        if words:
            yield words


def _waived(value: Any) -> str:
    rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return f"核对后不需要的材料：{'、'.join(str(one.get('name', '')) for one in rows)}" if rows else ""


def _fees(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return f"应缴 {money(value.get('fen'))}，依据：{value.get('basis', '')}"


def _receipts(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return f"已缴 {money(value.get('fen'))}，票据：{value.get('number', '')}"


def _used_again(value: Any) -> str:
    said = value if isinstance(value, dict) else {}
    count = len(papers) if isinstance(papers := said.get("papers"), list) else 0
    agreed = f"经{whose}本人同意" if (whose := said.get("of", "")) else "经本人同意"
    return f"{agreed}，使用以前交过的材料 {count} 份" if count else f"{agreed}，使用以前的信息"


def _corrected(value: Any, spoken: Spoken = as_signed) -> str:
    rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    said = [
        (
            one.get("label"),
            *(spoken(str(one.get("field", "")), str(one.get(key) or "")) for key in ("old", "new")),
        )
        for one in rows
    ]
    return "；".join(f"{name}：{old or '（空）'} → {new}" for name, old, new in said)


def _marked(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return f"{STANDING_WORDS.get(str(value.get('word')), '')}，依据：{value.get('document', '')}"


def _special(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    kind = SPECIAL_NAMES.get(str(value.get("kind")), "")
    return f"特别程序：{kind}（{value.get('name', '')}），预计 {value.get('expected', '')} 结束"


def _texts(value: Any) -> str:
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)


_SPOKEN: Mapping[str, Any] = {
    "answer_by": lambda value: f"补正期限：{value}",
    "department": lambda value: f"部门：{value}",
    "departments": lambda value: f"部门：{_texts(value)}",
    "proposal": lambda value: {code: words for words, code in PROPOSALS.items()}.get(str(value), ""),
    "verdict": lambda value: f"意见：{VERDICT_WORDS.get(str(value), str(value))}",
    "special": _special,
    "fee": _fees,
    "receipt": _receipts,
    "correction": _corrected,
    "standing": _marked,
    "announced": public,
    "sought": lambda value: f"怎样找过：{value}",
    "not_open": not_open_words,
    "served_on": lambda value: f"送达日期：{value}",
    "served_time": lambda value: f"送达时刻：{value}",
    "delivered_on": lambda value: f"回执收件日期：{value}",
    "letter": letter_words,
    "letter_day": right_day_words,
    "letter_void": void_words,
    "tried": tried_said,
    "cause": lambda value: f"接管原因：{label(str(value))}",
    "extension_days": lambda value: f"延长 {value} 天",
    "ground": lambda value: f"原因：{GROUND_WORDS.get(str(value), str(value))}",
    "legal_due": lambda value: f"法定期限：{value}",
    "waived": _waived,
    "reuse": _used_again,
    "rating": lambda value: f"评价：{RATED_AS.get(value, value) if type(value) is int else value}",
}
