"""The fields by which a person says what a step or a report must carry: one entry a demand. Pure.

Each entry names its fields, what stands in them at first, and how what was typed becomes signed data. A new
demand of the flow table needs an entry here and no new page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.casework.rules.flow import Demand, Report
from common.casework.rules.provided import HEARING, has_procedures
from common.catalogue.rules.codes import SPECIAL_NAMES
from common.catalogue.rules.form import check_fields
from common.desk.rules import service_fields
from common.desk.rules.around import Around
from common.desk.rules.asked import Asked, field_of
from common.desk.rules.correcting import correctable, corrected_line
from common.desk.rules.step_words import (
    ANNOUNCED_WORDS,
    DOOR_WORDS,
    GROUND_WORDS,
    OPINION_WORDS,
    PROPOSALS,
    RATING_WORDS,
    SPECIAL_WORDS,
    STANDING_WORDS,
)
from common.errors import Problem


def _answer_by(around: Around) -> Asked:
    hint = "申请人补交材料的最后一天，遇放假顺延；不填按 15 个工作日"
    return Asked((field_of("answer_by", "补正期限", "date", required=False, hint=hint),))


def _special(around: Around) -> Asked:
    listed = around.item.special[0] if around.item and around.item.special else None
    only = () if has_procedures(around.item) else (SPECIAL_NAMES[HEARING],)
    hint = "本事项没有规定特别程序，只有听证的时间可以不计入" if only else ""
    fields = (
        field_of("special_kind", "程序种类", "choice", choices=only or SPECIAL_WORDS, hint=hint),
        field_of("special_name", "程序名称"),
        field_of("special_expected", "预计结束日期", "date", hint="所需时间书面告知申请人，不计入办理时限"),
    )
    values = {"special_kind": SPECIAL_NAMES[listed.kind], "special_name": listed.name} if listed else {}
    return Asked(fields, values)


def _later(around: Around) -> Asked:
    days = around.item.extension_days if around.item else 0
    hint = "只能延期一次；新的到期日由系统按工作日历计算"
    said = around.item.extended_by(days) if around.item else "工作日"
    hint += f"，本事项最多 {said}" if days else ""
    label = "延长（工作日）" if said.endswith("工作日") else "延长（天）"
    first = {"extension_days": str(days)} if days else {}
    return Asked((field_of("extension_days", label, "number", minimum=1, hint=hint),), first)


def _department(around: Around) -> Asked:
    return Asked((field_of("department", "部门", "choice", choices=around.departments),))


def _fee(around: Around) -> Asked:
    fees = around.item.fees if around.item else ()
    amount = sum(fee.fen for fee in fees)
    basis = "；".join(fee.basis for fee in fees)
    values = {"fee_fen": yuan(amount) if amount else "", "fee_basis": basis[:300]}
    fields = (
        field_of("fee_fen", "应缴金额", "money_fen", minimum=1),
        field_of("fee_basis", "收费依据", max_length=300),
    )
    return Asked(fields, values)


def _receipt(around: Around) -> Asked:
    fen = around.state.facts.fee.get("fen", 0)
    fields = (
        field_of(
            "receipt_fen", "实收金额", "money_fen", minimum=1, hint=f"应缴 {yuan(fen)} 元，须与缴费通知一致"
        ),
        field_of("receipt_number", "票据号码", max_length=60),
    )
    return Asked(fields, {"receipt_fen": yuan(fen) if fen else ""})


def _correction(around: Around) -> Asked:
    fields = (
        field_of("correct_field", "更正哪一项", "choice", choices=tuple(correctable(around))),
        field_of("correct_new", "更正为", hint="原内容由系统从办件中取，一并记录"),
    )
    return Asked(fields)


def _standing(around: Around) -> Asked:
    fields = (
        field_of("standing_word", "效力", "choice", choices=STANDING_WORDS),
        field_of("standing_document", "依据文书", hint="如复议决定书、判决书的文号"),
    )
    return Asked(fields)


def _ground(around: Around) -> Asked:
    return Asked((field_of("ground", "终止原因", "choice", choices=GROUND_WORDS),))


def _proposal(around: Around) -> Asked:
    """What the review proposes goes to the approver."""
    return Asked((field_of("proposal", "审查建议", "choice", choices=PROPOSALS),))


_FAILED_HINT = "选“其他方式无法送达”的，上门、邮寄都要登记过“没有送到”；当面拒收的不能公告，请留置送达"


def _announced(around: Around) -> Asked:
    fields = (
        field_of("announced_why", "公告原因", "choice", choices=ANNOUNCED_WORDS, hint=_FAILED_HINT),
        *service_fields.before_announcing(around),
        field_of("announced_where", "在哪里公告", hint="如某某公告栏、报纸、政府网站，写全名"),
        field_of("announced_on", "公告日期", "date", hint="公告发出的那天；从第二天起算满三十日视为送达"),
    )
    return Asked(fields)


FOR_DEMANDS: Mapping[Demand, Callable[[Around], Asked]] = {
    Demand.ANSWER_BY: _answer_by,
    Demand.SPECIAL: _special,
    Demand.LATER_DUE: _later,
    Demand.DEPARTMENT: _department,
    Demand.FEE: _fee,
    Demand.RECEIPT: _receipt,
    Demand.CORRECTION: _correction,
    Demand.STANDING: _standing,
    Demand.GROUND: _ground,
    Demand.ANNOUNCED: _announced,
    Demand.PROPOSAL: _proposal,
    Demand.LETTER_DAY: service_fields.right_day,
    Demand.LETTER_VOID: service_fields.void_receipt,
}


def fields_of_step(demands: Sequence[Demand], around: Around) -> Asked:
    """Return all fields a step asks for beside its lists, its result and its note."""
    found = [FOR_DEMANDS[demand](around) for demand in demands if demand in FOR_DEMANDS]
    return _joined(found)


def fields_of_report(what: Report, around: Around) -> Asked:
    """Return all fields a report asks for beside its papers and its note."""
    if what is Report.OPINION:
        words = OPINION_WORDS if around.state.facts.accepted_on else DOOR_WORDS
        return Asked((field_of("verdict", "本部门意见", "choice", choices=words),))
    if what in service_fields.FOR_REPORTS:
        return service_fields.FOR_REPORTS[what](around)
    if what is Report.PAID:
        return _receipt(around)
    if what is Report.COLLECT_AT:
        return Asked((field_of("place", "新的领取地点", "choice", choices=tuple(around.places.values())),))
    if what is Report.RATED:
        return Asked((field_of("rating", "满意程度", "choice", choices=tuple(RATING_WORDS)),))
    return Asked(())


# What the free text of a report is called, where it must not stay empty.
NOTE_LABELS: Mapping[Report, str] = {Report.ORIGINALS_SEEN: "核对情况", Report.CALLED_BACK: "回访情况"}


def _joined(parts: Sequence[Asked]) -> Asked:
    fields = tuple(spec for part in parts for spec in part.fields)
    return Asked(fields, {key: value for part in parts for key, value in part.values.items()})


def read_step(asked: Asked, typed: Mapping[str, str], around: Around) -> tuple[dict[str, Any], list[Problem]]:
    """Return what a step carries by its fields, as it is signed, and all that was typed wrongly."""
    checked = check_fields(asked.fields, typed)
    values = checked.values
    data: dict[str, Any] = {key: values[key] for key in _AS_THEY_ARE if key in values}
    if "proposal" in values:
        data["proposal"] = PROPOSALS[str(values["proposal"])]
    if "ground" in values:
        data["ground"] = GROUND_WORDS[str(values["ground"])]
    if "special_kind" in values:
        data["special"] = {
            "expected": values.get("special_expected", ""),
            "kind": SPECIAL_WORDS[str(values["special_kind"])],
            "name": values.get("special_name", ""),
        }
    if "fee_fen" in values:
        data["fee"] = {"basis": values.get("fee_basis", ""), "fen": values["fee_fen"]}
    if "receipt_fen" in values:
        data["receipt"] = {"fen": values["receipt_fen"], "number": values.get("receipt_number", "")}
    if "announced_why" in values:
        data["announced"] = {
            "on": values.get("announced_on", ""),
            "where": values.get("announced_where", ""),
            "why": ANNOUNCED_WORDS[str(values["announced_why"])],
        }
        data |= service_fields.read_before_announcing(values, str(data["announced"]["why"]))
    if "letter_record" in values:
        data |= service_fields.read_right_day(values, around)
    if "void_record" in values:
        data |= service_fields.read_void(values, around)
    if "standing_word" in values:
        word = STANDING_WORDS[str(values["standing_word"])]
        data["standing"] = {"document": values.get("standing_document", ""), "word": word}
    if "correct_field" in values:
        new = str(values.get("correct_new", ""))
        line, wrong = corrected_line(str(values["correct_field"]), new, around)
        data["correction"] = [line]
        return data, [*checked.problems, *wrong]
    return data, checked.problems


_AS_THEY_ARE = ("answer_by", "extension_days", "department")


def read_report(
    asked: Asked, typed: Mapping[str, str], around: Around
) -> tuple[dict[str, Any], list[Problem]]:
    """Return what a report carries by its fields, as it is signed, and all that was typed wrongly."""
    checked = check_fields(asked.fields, typed)
    values, data = checked.values, dict[str, Any]()
    if "verdict" in values:
        data["verdict"] = {**OPINION_WORDS, **DOOR_WORDS}[str(values["verdict"])]
    if "receipt_fen" in values:
        data["receipt"] = {"fen": values["receipt_fen"], "number": values.get("receipt_number", "")}
    if "place" in values:
        data["place"] = next(a for a, name in around.places.items() if name == values["place"])
    data |= service_fields.read(values, around)
    if "rating" in values:
        data["rating"] = RATING_WORDS[str(values["rating"])]
    return data, checked.problems


def yuan(fen: int) -> str:
    """Return an amount as one types it."""
    return f"{fen // 100}.{fen % 100:02d}" if fen % 100 else str(fen // 100)
